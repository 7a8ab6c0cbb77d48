import base64

import pytest

from evenhand.api.images import image_from_base64, image_from_url
from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError

DATA = bytes(range(256))
CODED = base64.b64encode(DATA).decode()


def refusal(call, *values, **options):
    with pytest.raises(InputError) as caught:
        call(*values, field="images[0]", **options)
    assert caught.value.field == "images[0]"
    assert caught.value.remedy
    return caught.value.code


def test_base64_is_decoded():
    assert image_from_base64(CODED, field="x") == ImageFile(DATA)


@pytest.mark.parametrize("data", ["a", "äöü", "\ud800"])
def test_what_is_no_base64_is_refused(data):
    assert refusal(image_from_base64, data) == "image.base64"


@pytest.mark.parametrize(
    ("url", "media_type"),
    [
        (f"data:image/png;base64,{CODED}", "image/png"),
        (f"DATA:IMAGE/JPEG;base64,{CODED}", "image/jpeg"),
        (f"data:;base64,{CODED}", ""),
        (f"data:image/svg+xml;charset=utf-8;base64,{CODED}", "image/svg+xml"),
    ],
)
def test_a_data_url_is_decoded_with_what_it_says_of_itself(url, media_type):
    assert image_from_url(url, field="x", fetch=None) == ImageFile(DATA, media_type)


@pytest.mark.parametrize(
    "url", ["data:image/png,abc", "data:image/png;base64", "data:", "data:image/png;base64;x," + CODED]
)
def test_a_data_url_without_base64_is_refused(url):
    assert refusal(image_from_url, url, fetch=None) == "image.data_url"


def test_a_data_url_with_bad_base64_is_refused():
    assert refusal(image_from_url, "data:image/png;base64,!", fetch=None) == "image.base64"


def test_an_address_is_refused_unless_the_operator_has_them_fetched():
    assert refusal(image_from_url, "https://example.com/a.png", fetch=None) == "image.url_refused"
    fetched = image_from_url(
        "https://example.com/a.png", field="f", fetch=lambda url, *, field: ImageFile(url.encode(), field)
    )
    assert fetched == ImageFile(b"https://example.com/a.png", "f")
