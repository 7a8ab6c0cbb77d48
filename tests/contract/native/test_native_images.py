"""Images through the native door: in JSON, as a form with files, and what is refused."""

import base64

import httpx
import pytest

from drawings import data_url, encoded, landscape, note

PNG = encoded(note("you are an idiot"))
JPEG = encoded(landscape(), "JPEG")


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, headers=server.headers, trust_env=False, timeout=60) as opened:
        yield opened


def coded(data):
    return base64.b64encode(data).decode()


def refusal(answer):
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["field"]


def test_an_image_gets_a_decision_with_a_box_for_its_words(client):
    answer = client.post("/v1/screen", json={"images": [{"data": coded(PNG)}], "id": "post-1"}).json()
    assert answer["action"] == "review"
    assert answer["images"] == [{"format": "PNG", "width": 640, "height": 360, "frames": 1}]
    rude = next(signal for signal in answer["signals"] if signal["label"] == "harassment")
    (region, *_) = rude["regions"]
    left, top, width, height = region["box"]
    assert region["source"] == "words"
    assert 0 < left < left + width < 1
    assert 0 < top < top + height < 0.5
    assert "idiot" in rude["reason"]


def test_many_images_in_one_item_and_many_items(client):
    items = [
        {"images": [{"data": coded(JPEG)}, {"url": data_url(PNG)}]},
        {"text": "Good morning", "images": [{"data": coded(JPEG)}]},
        {"text": "Good morning"},
    ]
    answers = client.post("/v1/screen", json={"items": items}).json()["decisions"]
    assert [answer["action"] for answer in answers] == ["review", "allow", "allow"]
    assert [len(answer["images"]) for answer in answers] == [2, 1, 0]
    assert "image.safety" in answers[1]["detectors"]
    assert "image.safety" not in answers[2]["detectors"]


def test_a_form_with_files_is_the_same(client):
    files = [("images", ("a.jpg", JPEG, "image/jpeg")), ("images", ("b.png", PNG, "image/png"))]
    data = {"text": "Good morning", "id": "post-2", "context": ["one", "two"], "store_content": "false"}
    answer = client.post("/v1/screen", data=data, files=files).json()
    assert (answer["action"], answer["content_id"], len(answer["images"])) == ("review", "post-2", 2)


def test_a_form_needs_no_text_beside_a_file_and_no_file_beside_a_text(client):
    assert client.post("/v1/screen", files={"images": ("a.jpg", JPEG)}).json()["action"] == "allow"
    assert client.post("/v1/screen", files={"text": (None, "you are an idiot")}).json()["action"] == "review"


def test_a_decision_on_an_image_is_read_again_without_the_words_in_it(client):
    made = client.post("/v1/screen", json={"images": [{"data": coded(PNG)}]}).json()
    kept = client.get(f"/v1/decisions/{made['id']}").json()
    assert kept["images"] == made["images"]
    assert [signal["regions"] for signal in kept["signals"]] == [signal["regions"] for signal in made["signals"]]
    assert "idiot" not in str(kept)


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"images": [{"data": "!"}]}, 400, "image.base64", "images[0].data"),
        ({"images": [{"data": ""}]}, 400, "image.source", "images[0]"),
        ({"images": [{"data": coded(JPEG), "url": "x"}]}, 400, "image.source", "images[0]"),
        ({"images": [{"data": coded(JPEG)}, {"data": coded(b"<svg/>")}]}, 400, "image.format", "images[1]"),
        ({"images": [{"data": coded(JPEG[:-900])}]}, 400, "image.truncated", "images[0]"),
        ({"images": [{"url": "http://127.0.0.1/a.png"}]}, 400, "image.url_refused", "images[0].url"),
        ({"images": [{"path": "/etc/passwd"}]}, 400, "field.unknown", "images[0].path"),
        ({"images": []}, 400, "field.missing", "text"),
        ({"text": " ", "images": []}, 400, "text.empty", "text"),
        ({"images": [{"data": coded(JPEG)}] * 9}, 413, "images.too_many", "images[8]"),
        ({"items": [{"text": "a"}, {"images": [{"data": coded(b"x")}]}]}, 400, "image.format", "items[1].images[0]"),
    ],
)
def test_a_bad_image_is_refused_by_its_place(client, body, status, code, field):
    assert refusal(client.post("/v1/screen", json=body)) == (status, code, field)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"files": {"images": ("a.png", b"")}}, "image.empty"),
        ({"files": {"images": ("a.png", JPEG, "image/png")}}, "image.type_mismatch"),
        ({"files": {"picture": ("a.png", JPEG)}}, "field.unknown"),
        ({"data": {"txt": "a"}, "files": {"images": ("a.jpg", JPEG)}}, "field.unknown"),
        ({"data": {"store_content": "maybe"}, "files": {"images": ("a.jpg", JPEG)}}, "field.invalid"),
        ({"content": b"no form", "headers": {"content-type": "multipart/form-data"}}, "form.invalid"),
    ],
)
def test_a_bad_form_is_refused(client, options, code):
    answer = client.post("/v1/screen", **options)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
