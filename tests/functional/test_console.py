"""The home page over HTTP: read as HTML, its form sent as a browser without JavaScript would."""

import re
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx
import numpy as np
import pytest

from clips import write
from drawings import encoded, landscape, note
from evenhand.core.errors import NotFoundError

VOID = {"meta", "link", "input", "br", "hr"}
INSULT = "you are an idiot"


class Page(HTMLParser):
    """What the tests want to know of a page: its elements with their attributes and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.open: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.elements.append((tag, names))
        if tag not in VOID:
            self.open.append((tag, names.get("id") or ""))

    def handle_endtag(self, tag):
        opened, _ = self.open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_data(self, data):
        if any(tag == "sup" for tag, _ in self.open):
            return  # the numbers of evidence are no part of the text around them
        for _, name in self.open:
            self.texts[name] = self.texts.get(name, "") + data

    def text(self, name):
        return " ".join(self.texts.get(name, "").split())

    def all(self, tag):
        return [attributes for found, attributes in self.elements if found == tag]


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as opened:
        yield opened


@pytest.fixture
def send(client, server):
    def send(text=INSULT, *, key=server.key, **headers):
        return client.post("/try", data={"key": key, "text": text}, headers=headers)

    return send


def test_the_page_asks_for_key_text_images_and_a_clip(client):
    answer = client.get("/")
    page = Page(answer.text)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert {"key", "text", "images", "clip"} == {
        attributes["name"] for tag in ("input", "textarea") for attributes in page.all(tag)
    }
    assert {attributes["for"] for attributes in page.all("label")} == {"key", "text", "images", "clip"}
    assert page.all("form")[0]["method"] == "post"
    assert page.text("outcome") == ""


def test_the_page_says_that_nothing_is_stored_and_links_the_description_of_the_api(client):
    answer = client.get("/")
    assert "Nothing of it is stored" in answer.text
    assert (
        client.get(urljoin("/", Page(answer.text).all("a")[0]["href"]))
        .headers["content-type"]
        .startswith("application/json")
    )


def test_nothing_on_the_page_needs_more_than_the_content_security_policy_allows(client, send):
    assert client.get("/").headers["content-security-policy"].startswith("default-src 'self'; media-src blob:; ")
    assert "media-src" not in client.get("/openapi.json").headers["content-security-policy"]
    for page in (Page(client.get("/").text), Page(send().text)):
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
        assert not [tag for tag, attributes in page.elements if "style" in attributes or tag == "style"]
        assert all(attributes["src"].startswith("static/") for attributes in page.all("script"))
        assert all(attributes["href"].startswith("static/") for attributes in page.all("link"))


def test_static_files_are_served_and_may_be_kept(client):
    page = Page(client.get("/").text)
    addresses = [attributes["src"] for attributes in page.all("script")]
    addresses += [attributes["href"] for attributes in page.all("link")]
    assert len(addresses) == 5
    for address in addresses:
        answer = client.get(f"/{address}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        again = client.get(f"/{address}", headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")
        assert "data:" not in answer.text or not address.endswith(".css"), "the pages refuse such pictures"


@pytest.mark.parametrize(
    "path", ["%2e%2e/views.py", "..%2fviews.py", "vendor/%2e%2e/%2e%2e/views.py", "nothing.css", ""]
)
def test_only_static_files_are_served(client, path):
    assert client.get(f"/static/{path}").status_code in {404, 405}


def test_without_javascript_the_form_gives_the_whole_page(send):
    answer = send()
    page = Page(answer.text)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert page.all("html")
    assert page.text("action") in {"review", "block"}
    assert re.search(r"harassment 0\.\d\d ≥ 0\.65, from text\.\w+", page.text("rules"))
    assert page.text("text") == INSULT


def test_with_htmx_the_form_gives_the_outcome_alone(send):
    answer = send(**{"hx-request": "true"})
    assert answer.headers["vary"] == "hx-request"
    assert not Page(answer.text).all("html")
    assert not Page(answer.text).all("textarea")
    assert Page(answer.text).text("decision").startswith(("review", "block"))


def test_a_harmless_text_is_allowed(send):
    page = Page(send("The library opens at nine.").text)
    assert page.text("action") == "allow"
    assert page.text("shown") == "The library opens at nine."


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</textarea></div></section><h1>x</h1>",
        "{{ 7 * 7 }}{% raw %}",
        "&lt;b&gt;",
    ],
)
def test_a_text_is_shown_as_it_is_and_never_read_as_html(send, text):
    page = Page(send(text).text)
    assert page.texts["shown"] == text
    assert page.texts["text"].strip("\n") == text
    assert len(page.all("h1")) == 1
    assert not page.all("img")
    assert len(page.all("script")) == 2


@pytest.mark.parametrize(
    "text",
    ["a\0b", "\u202eabc\u2066", "😀" * 5_000, "a" + "\u0301" * 5_000, "\u200b" * 5_000 + "a", "\r\n\ta", "ש" * 900],
)
def test_an_odd_text_is_answered(send, text):
    assert send(text).status_code == 200


def test_signs_stand_for_what_cannot_be_seen(send):
    page = Page(send("a\0 \u202e \u200b b").text)
    assert page.texts["shown"] == "a␀ U+202E U+200B b"


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("", 400, "text.empty"), (" \n", 400, "text.empty"), ("a" * 20_481, 413, "text.too_long")],
)
def test_a_text_that_cannot_be_taken_is_refused_in_the_page(send, text, status, code):
    answer = send(text)
    assert answer.status_code == status
    assert f"<code>{code}</code>" in answer.text
    assert Page(answer.text).text("refusal").startswith("No decision: The text")


@pytest.mark.parametrize("key", ["eh_wrong", "\0", "ключ", "a" * 10_000])
def test_a_wrong_key_is_refused_in_the_page_and_not_repeated(send, key):
    answer = send(key=key)
    assert answer.status_code == 401
    assert "The API key is unknown or revoked." in Page(answer.text).text("refusal")
    assert f">{key}<" not in answer.text
    assert "value=" not in answer.text


def test_a_missing_key_is_refused_with_the_way_to_make_one(client):
    answer = client.post("/try", data={"text": "a"})
    assert answer.status_code == 401
    assert "evenhand keys create" in answer.text


def test_a_good_key_is_repeated_nowhere(send, server):
    answer = send()
    assert server.key not in answer.text + str(answer.headers)


def test_space_around_the_key_does_no_harm(send, server):
    assert send(key=f" {server.key}\n").status_code == 200


def test_a_key_without_the_scope_is_refused(send, server):
    from evenhand.core.access import Scope

    _, key = server.store.keys.create(name="reviewer", scopes=frozenset({Scope.REVIEW}), requests_per_minute=10)
    assert send(key=key).status_code == 403


def test_a_key_that_used_up_its_allowance_is_told_when_to_come_back(send, server):
    from evenhand.core.access import Scope

    _, key = server.store.keys.create(name="slow", scopes=frozenset({Scope.SCREEN}), requests_per_minute=1)
    assert send(key=key).status_code == 200
    answer = send(key=key)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_what_is_no_form_is_refused_in_the_page(client):
    answer = client.post("/try", json={"text": "a"})
    assert (answer.status_code, Page(answer.text).text("refusal")) == (400, "No decision: This is not a form.")


def test_a_body_over_the_limit_is_refused_in_the_page(client):
    answer = client.post("/try", data={"text": "a" * 17_000_000})
    assert answer.status_code == 413
    assert "body.too_large" in answer.text


def test_a_form_without_a_clip_is_held_to_the_limit_for_bodies_however_it_is_sent(client):
    files = [("images", (f"{number}.png", bytes(9_000_000), "image/png")) for number in range(2)]
    answer = client.post("/try", files=files)
    assert answer.status_code == 413
    assert "body.too_large" in answer.text


@pytest.mark.parametrize("path", ["/try", "/job"])
def test_the_addresses_of_the_forms_lead_back_to_the_page(client, path):
    answer = client.get(path)
    assert (answer.status_code, urljoin(path, answer.headers["location"])) == (303, "/")


def test_the_decision_is_kept_without_the_text(send, server):
    from evenhand.core.errors import NotFoundError

    page = Page(send().text)
    decision_id = re.search(r"dec_[0-9a-f]{32}", "".join(page.texts.values()))[0]
    stored = server.store.decisions.get(decision_id)
    assert (str(stored.decision.action), stored.door) == (page.text("action"), "home_page")
    with pytest.raises(NotFoundError):
        server.store.contents.get(decision_id)


@pytest.fixture
def send_images(client, server):
    def send(*files, text="", **headers):
        sent = [("images", (f"{number}.png", data, "image/png")) for number, data in enumerate(files)]
        return client.post("/try", data={"key": server.key, "text": text}, files=sent, headers=headers)

    return send


def test_an_image_is_screened_and_its_boxes_are_shown_but_not_the_image(send_images):
    answer = send_images(encoded(note("you are an idiot")))
    page = Page(answer.text)
    assert page.text("action") in {"review", "block"}
    assert len(page.all("canvas")) == 1
    assert page.all("rect")
    assert all(box["x"].endswith("%") and box["height"].endswith("%") for box in page.all("rect"))
    assert "Image 1: PNG, 640 by 360 pixels" in " ".join(answer.text.split())
    assert "data:" not in answer.text
    assert page.text("evidence") == "", "there is no text to show evidence in"


def test_text_and_images_are_screened_together(send_images):
    answer = send_images(encoded(landscape()), encoded(landscape()), text=INSULT)
    page = Page(answer.text)
    assert len(page.all("canvas")) == 2
    assert page.text("evidence") == "Evidence"


def test_an_image_that_cannot_be_taken_is_refused_in_the_page(send_images):
    answer = send_images(b"no picture", text="hello")
    assert answer.status_code == 400
    assert "image.format" in answer.text
    assert ">hello</textarea>" in answer.text.replace("\n", "")


def test_an_image_is_not_kept(send_images, server):
    answer = send_images(encoded(note("you are an idiot")))
    decision_id = re.search(r"dec_[0-9a-f]{32}", answer.text)[0]
    with pytest.raises(NotFoundError):
        server.store.contents.get(decision_id)


def test_a_clip_is_screened_as_a_job_and_nothing_of_it_is_kept(client, server, tmp_path):
    film = write(tmp_path / "a.mp4", [np.asarray(note("you are an idiot").convert("RGB"))] * 10)
    answer = client.post("/try", data={"key": server.key}, files={"clip": ("a.mp4", film.read_bytes(), "video/mp4")})
    form = Page(answer.text)
    assert form.text("job").startswith("The clip")
    job_id = next(attributes["value"] for attributes in form.all("input") if attributes["name"] == "job")
    for _ in range(300):
        answer = client.post("/job", data={"key": server.key, "job": job_id})
        if 'id="job"' not in answer.text:
            break
        time.sleep(0.2)
    page = Page(answer.text)
    assert page.text("action") in {"review", "block"}
    assert "picture: harassment" in page.text("spans")
    assert all(span["x"].endswith("%") and span["width"].endswith("%") for span in page.all("rect"))
    decision_id = re.search(r"dec_[0-9a-f]{32}", answer.text)[0]
    assert server.store.decisions.get(decision_id).door == "home_page"
    with pytest.raises(NotFoundError):
        server.store.contents.get(decision_id)
    assert not Path(server.store.jobs.get(job_id).path).exists()
