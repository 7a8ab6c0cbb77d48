"""The official client sends image parts: one result over text and pictures, with the input types of each category."""

import openai
import pytest
from openai import OpenAI

from drawings import data_url, encoded, landscape, note

pytestmark = pytest.mark.client

RUDE_PICTURE = data_url(encoded(note("you are an idiot")))
HARMLESS_PICTURE = data_url(encoded(landscape(), "JPEG"), "image/jpeg")


@pytest.fixture
def client(server):
    with OpenAI(base_url=f"{server.url}/v1", api_key=server.key, max_retries=0) as made:
        yield made


def parts(*given):
    return [
        {"type": "image_url", "image_url": {"url": part}}
        if part.startswith(("data:", "http", "file:"))
        else {"type": "text", "text": part}
        for part in given
    ]


def types(result, category):
    return result.category_applied_input_types.model_dump(by_alias=True)[category]


def test_a_harmless_picture_is_not_flagged_and_was_looked_at(client):
    (result,) = client.moderations.create(input=parts(HARMLESS_PICTURE)).results
    assert not result.flagged
    assert types(result, "sexual") == types(result, "harassment") == ["image"]


def test_rude_words_in_a_picture_are_flagged(client):
    (result,) = client.moderations.create(input=parts(RUDE_PICTURE)).results
    assert result.categories.harassment


def test_text_and_pictures_are_one_content_and_the_worst_of_them_counts(client):
    (result,) = client.moderations.create(input=parts("Good morning", HARMLESS_PICTURE, RUDE_PICTURE)).results
    assert result.categories.harassment
    assert types(result, "harassment") == ["text", "image"]


def test_a_text_alone_was_looked_at_as_text(client):
    (result,) = client.moderations.create(input=parts("Good morning")).results
    assert types(result, "harassment") == ["text"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (data_url(b""), "image_empty"),
        (data_url(b"GIF89a"), "image_type_mismatch"),
        (data_url(b"no picture"), "image_format"),
        ("data:image/png,plain", "image_data_url"),
        ("https://example.com/a.png", "image_url_refused"),
        ("file:///etc/passwd", "image_url_refused"),
    ],
)
def test_what_is_no_picture_is_refused_by_the_place_of_its_part(client, url, code):
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(input=parts("Good morning", url))
    assert caught.value.code == code
    assert caught.value.param.startswith("input[1]")


def test_too_many_pictures_are_refused(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(input=parts(*[HARMLESS_PICTURE] * 9))
    assert caught.value.code == "images_too_many"
