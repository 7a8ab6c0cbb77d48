"""What pictures bring together, and what addresses may not be fetched, through a whole server."""

import base64

import httpx
import pytest

from drawings import code, encoded, note, on
from live import live_server

OFFER = "SUMMER SALE 50% OFF\nbuy now, limited offer\ncall +44 20 7946 0000"
LINK = "https://bit.ly/3xYzAbC"


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, headers=server.headers, trust_env=False, timeout=60) as opened:
        yield opened


def advert(words, *, link=""):
    drawn = note(words, width=900, height=600)
    return encoded(on(drawn, code(link, scale=8), 550, 280) if link else drawn)


def scores(client, data):
    return client.post("/v1/screen", files={"images": ("a.png", data)}).json()["scores"]


def test_words_a_code_and_contact_details_together_are_more_of_an_advert_than_each(client):
    together = scores(client, advert(OFFER, link=LINK))
    words, code = scores(client, advert(OFFER)), scores(client, advert("", link=LINK))
    assert together["advertising"] >= max(words["advertising"], code["advertising"], 0.5)
    assert code["spam"] > 0, "a shortened link in a code is a link"


def test_a_code_points_back_at_its_place(client):
    answer = client.post("/v1/screen", files={"images": ("a.png", advert("", link=LINK))}).json()
    regions = [region for signal in answer["signals"] for region in signal["regions"] if region["source"] == "code"]
    left, top, width, height = regions[0]["box"]
    assert 0.55 < left < left + width < 1
    assert 0.4 < top < top + height < 1


@pytest.fixture(scope="module")
def fetching(tmp_path_factory):
    with (
        live_server(
            tmp_path_factory.mktemp("fetching"), image_urls="fetch", detectors="text.lexicon,image.codes"
        ) as server,
        httpx.Client(base_url=server.url, headers=server.headers, trust_env=False, timeout=60) as opened,
    ):
        yield opened


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/a.png", "url.private_address"),
        ("http://[::1]/a.png", "url.private_address"),
        ("http://169.254.169.254/latest/meta-data", "url.private_address"),
        ("http://localhost/a.png", "url.private_address"),
        ("http://10.0.0.1:8080/a.png", "url.port"),
        ("ftp://example.com/a.png", "url.scheme"),
        ("file:///etc/passwd", "url.scheme"),
        ("http://user:pass@example.com/a.png", "url.credentials"),
    ],
)
def test_where_addresses_are_fetched_only_public_ones_are(fetching, url, code):
    answer = fetching.post("/v1/screen", json={"images": [{"url": url}]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert answer.json()["error"]["field"] == "images[0].url"


def test_a_data_url_needs_no_fetching(fetching):
    url = f"data:image/png;base64,{base64.b64encode(encoded(note('hello'))).decode()}"
    assert fetching.post("/v1/screen", json={"images": [{"url": url}]}).json()["action"] == "allow"


def test_a_wrong_choice_in_the_settings_is_refused_at_the_start(tmp_path):
    from evenhand.core.errors import ConfigurationError

    with pytest.raises(ConfigurationError) as caught, live_server(tmp_path, image_urls="yes", detectors="text.lexicon"):
        raise AssertionError
    assert (caught.value.code, caught.value.field) == ("setting.invalid", "image_urls")


def test_a_server_without_detectors_of_images_refuses_them(tmp_path):
    with live_server(tmp_path, detectors="text.lexicon") as server, httpx.Client(trust_env=False) as client:
        files = {"images": ("a.png", encoded(note("hello")))}
        answer = client.post(f"{server.url}/v1/screen", files=files, headers=server.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "image.not_supported")
