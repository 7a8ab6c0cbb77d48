"""The home page in a real browser: with and without JavaScript, by keyboard, in the dark, on a narrow screen."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from chromium import axe_says, chromium
from clips import tone, write
from drawings import encoded, landscape, note

pytestmark = pytest.mark.browser

INSULT = "😀👨‍👩‍👧 you are an idiot, שלום"


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


class Tab:
    """A tab of its own that remembers what the page complained about and asked for."""

    def __init__(self, browser, server, **options) -> None:
        self.server = server
        self.runs_scripts = options.get("java_script_enabled", True)
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[Any] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self.note)

    def note(self, request):
        self.requests.append(request)

    def open(self, path="/"):
        """Open a page, and wait until its script has taken the form over: sent before that, it is a plain form."""
        self.page.goto(self.server.url + path)
        if self.runs_scripts:
            self.page.wait_for_selector("form[data-htmx-powered]")
        return self

    def screen(self, text, key=None):
        self.page.fill("#key", key or self.server.key)
        self.page.fill("#text", text)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#outcome section")
        return self

    def expect(self, selector):
        """Return what waits for an element; the page forbids eval, so that a condition cannot be a string."""
        return pytest.importorskip("playwright.sync_api").expect(self.page.locator(selector))

    def text(self, selector):
        return self.page.text_content(selector).strip()


@pytest.fixture
def make_tab(browser, server) -> Iterator:
    tabs = []

    def make(**options):
        tabs.append(Tab(browser, server, **options))
        return tabs[-1]

    yield make
    for tab in tabs:
        tab.context.close()


@pytest.fixture
def tab(make_tab):
    return make_tab()


def test_the_page_loads_without_complaints_and_asks_nobody_else(tab, server):
    tab.open().screen(INSULT)
    tab.page.click("details summary")
    assert tab.complaints == []
    assert {request.url.removeprefix(server.url).split("/")[1] for request in tab.requests} == {"", "static", "try"}


def test_the_key_goes_from_the_address_into_the_field_and_to_no_server(tab, server):
    tab.open(f"/#key={server.key}")
    assert tab.page.input_value("#key") == server.key
    assert tab.page.url == f"{server.url}/"
    assert tab.page.evaluate("document.activeElement.id") == "text"
    tab.screen(INSULT)
    assert tab.text("#action") in {"review", "block"}
    assert not [request.url for request in tab.requests if server.key in f"{request.url} {request.all_headers()}"]


def test_a_link_with_a_key_works_in_a_page_that_is_already_open(tab, server):
    tab.open()
    tab.page.evaluate("key => { location.hash = 'key=' + key }", server.key)
    tab.expect("#key").not_to_have_value("")
    assert tab.page.url == f"{server.url}/"


def test_nothing_is_left_in_the_browser(tab):
    tab.open().screen(INSULT)
    assert tab.context.cookies() == []
    assert tab.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_decision_and_the_evidence_are_shown_in_place(tab):
    tab.open().screen(INSULT)
    assert "harassment" in tab.text("#rules")
    marked = tab.page.locator("#shown mark").all_text_contents()
    assert "idiot" in "".join(marked)
    shown = tab.page.evaluate(
        "(() => { const copy = document.getElementById('shown').cloneNode(true);"
        " copy.querySelectorAll('sup').forEach(number => number.remove()); return copy.textContent })()"
    )
    assert shown == INSULT
    places = tab.page.locator("#marks > li").all_text_contents()
    for mark, place in zip(marked, places, strict=True):
        first, last = (int(word) for word in place.split() if word.isdigit())
        assert INSULT[first - 1 : last] == mark


def test_ctrl_enter_sends_the_form_and_the_outcome_is_announced(tab, server):
    tab.open(f"/#key={server.key}")
    tab.page.keyboard.type("you idiot")
    tab.page.keyboard.press("Control+Enter")
    tab.page.wait_for_selector("#decision")
    # The outcome is announced a moment after it is there.
    tab.page.locator("#announcement", has_text=tab.text("#decision")).wait_for(state="attached")
    assert tab.text("#announcement") == tab.text("#decision")
    assert tab.page.evaluate("document.activeElement.id") == "text"


def test_the_whole_page_can_be_used_by_keyboard(tab, server):
    tab.open()
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type(server.key)
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("you idiot")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.id") == "images"
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.id") == "clip"
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector("#decision")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    assert tab.page.locator("details[open]").count() == 1


def test_a_second_text_replaces_the_first_outcome(tab):
    tab.open().screen("you idiot")
    with tab.page.expect_response("**/try"):
        tab.screen("The library opens at nine.")
    tab.expect("#action").to_have_text("allow")
    assert tab.page.locator("#decision").count() == 1


def test_a_wrong_key_is_said_in_the_page(tab):
    tab.open().screen("you idiot", key="eh_wrong")
    assert "unknown or revoked" in tab.text("#refusal")
    assert tab.text("#announcement") == tab.text("#refusal")


def test_a_server_that_cannot_be_reached_is_said_in_the_page(tab):
    tab.open()
    tab.page.route("**/try", lambda route: route.abort())
    tab.screen("you idiot")
    assert tab.text("#announcement") == "No decision"


def test_an_answer_that_is_no_page_is_not_shown_as_one(tab):
    tab.open()
    tab.page.route("**/try", lambda route: route.fulfill(status=502, content_type="application/json", body="{}"))
    tab.screen("you idiot")
    assert tab.text("#outcome").startswith("No decision")


def test_the_page_works_without_javascript(make_tab):
    tab = make_tab(java_script_enabled=False)
    tab.open().screen("you idiot\nindeed")
    assert tab.page.url.endswith("/try")
    assert tab.text("#action") in {"review", "block"}
    assert tab.page.input_value("#text") == "you idiot\nindeed"
    assert tab.page.input_value("#key") == ""
    assert not tab.page.is_visible("#shortcut")


@pytest.mark.parametrize("uses_javascript", [True, False])
def test_html_and_direction_overrides_in_a_text_stay_harmless(make_tab, uses_javascript):
    tab = make_tab(java_script_enabled=uses_javascript)
    text = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\u202e\u2067 you idiot \0"
    tab.open().screen(text)
    assert tab.page.title() == "evenhand: try a text, an image or a clip"
    assert tab.page.locator("#outcome script, #outcome img").count() == 0
    assert "U+202E" in tab.page.locator("#shown .sign").all_text_contents()
    assert "\u202e" not in tab.page.inner_text("#outcome")
    assert tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(make_tab, scheme, width):
    tab = make_tab(color_scheme=scheme, viewport={"width": width, "height": 800})
    tab.open()
    assert axe_says(tab.page) == ""
    tab.screen(f"{INSULT} {'verylongword' * 40} \u202e")
    tab.page.click("details summary")
    assert axe_says(tab.page) == ""
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
    tab.page.fill("#key", "eh_wrong")
    tab.page.click("button[type=submit]")
    tab.page.wait_for_selector("#refusal")
    assert axe_says(tab.page) == ""


RUDE = {"name": "a.png", "mimeType": "image/png", "buffer": encoded(note("you are an idiot"))}


def screen_image(tab, *files, wait="figure button:not([hidden])"):
    tab.page.fill("#key", tab.server.key)
    tab.page.set_input_files("#images", list(files))
    tab.page.click("button[type=submit]")
    tab.page.wait_for_selector(wait)
    return tab


def test_a_picture_is_drawn_blurred_until_asked_with_boxes_over_it(tab):
    screen_image(tab.open(), RUDE)
    figure = tab.page.locator("figure")
    assert "blur" in figure.locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter")
    drawn = "canvas => canvas.width > 600 && canvas.getContext('2d').getImageData(1, 1, 1, 1).data[0] === 255"
    assert figure.locator("canvas").evaluate(drawn)
    figure.locator("button").click()
    assert figure.locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter") == "none"
    assert figure.locator("button").get_attribute("aria-pressed") == "true"
    figure.locator("button").click()
    assert "blur" in figure.locator("canvas").evaluate("canvas => getComputedStyle(canvas).filter")
    frame, box = figure.locator(".frame").bounding_box(), figure.locator("rect").first.bounding_box()
    assert frame["y"] < box["y"] < frame["y"] + frame["height"] / 2, "the words stand in the upper half"
    assert "harassment" in tab.text("#rules")
    assert tab.complaints == []


def drop(tab, *files):
    tab.page.evaluate(
        """files => {
            const dropped = new DataTransfer();
            for (const [name, type] of files) dropped.items.add(new File([name], name, {type}));
            document.getElementById("try").dispatchEvent(
                new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
        }""",
        files,
    )
    return [
        tab.page.evaluate("name => Array.from(document.getElementById(name).files, file => file.name)", name)
        for name in ("images", "clip")
    ]


def test_dropped_files_are_sorted_into_images_and_clip(tab):
    tab.open()
    picture, other, film, sound = ("a.png", "image/png"), ("b.tif", ""), ("c.mkv", ""), ("d.ogg", "audio/ogg")
    assert drop(tab, picture, film, other) == [["a.png", "b.tif"], ["c.mkv"]]
    assert drop(tab, sound) == [[], ["d.ogg"]]
    assert drop(tab, picture) == [["a.png"], []]


def test_a_picture_that_the_browser_cannot_draw_is_told(tab):
    tiff = {"name": "a.tif", "mimeType": "image/tiff", "buffer": encoded(note("you are an idiot"), "TIFF")}
    screen_image(tab.open(), tiff, wait="text=This browser cannot draw it.")
    assert not tab.page.is_visible("figure button")
    assert "harassment" in tab.text("#rules")


def test_a_picture_is_screened_without_javascript(make_tab):
    tab = screen_image(make_tab(java_script_enabled=False).open(), RUDE, wait="#action")
    assert tab.text("#action") in {"review", "block"}
    assert not tab.page.is_visible("figure button")


def test_axe_finds_nothing_on_a_page_with_pictures(make_tab):
    tab = screen_image(make_tab(viewport={"width": 320, "height": 800}).open(), RUDE, RUDE)
    assert axe_says(tab.page) == ""
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 320


def clip_of(path, *pictures, seconds=2, rate=5):
    """Write a clip that shows each picture for some seconds, and return its path."""
    shown = [np.asarray(picture.convert("RGB").resize((640, 480))) for picture in pictures]
    return write(path, [picture for picture in shown for _ in range(seconds * rate)], rate=rate)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "a.webm"
    return clip_of(path, landscape(), note("you are an idiot"), landscape())


def send_clip(tab, file, *, wait="#decision"):
    tab.page.fill("#key", tab.server.key)
    tab.page.set_input_files("#clip", file)
    tab.page.click("#try button[type=submit]")
    tab.page.wait_for_selector(wait, timeout=90_000)
    return tab


def test_a_clip_is_played_blurred_and_without_sound_until_asked(tab, film):
    send_clip(tab.open(), film, wait=".playable video")
    video = tab.page.locator("video")
    assert "blur" in video.evaluate("video => getComputedStyle(video).filter")
    assert video.evaluate("video => [video.muted, video.paused, video.controls, video.videoWidth]") == [
        True,
        True,
        False,
        640,
    ]
    tab.page.click("text=Play")
    video.evaluate("video => new Promise(done => { video.ontimeupdate = () => video.currentTime > 0 && done() })")
    assert video.evaluate("video => video.muted")
    tab.page.click("text=Pause")
    tab.page.click("text=Show clip")
    assert video.evaluate("video => [getComputedStyle(video).filter, video.controls]") == ["none", True]
    assert tab.page.get_attribute("text=Show clip", "aria-pressed") == "true"
    tab.page.click("text=Show clip")
    assert "blur" in video.evaluate("video => getComputedStyle(video).filter")
    assert not video.evaluate("video => video.controls")
    assert tab.complaints == []


def test_the_timeline_leads_to_what_was_found(tab, film):
    send_clip(tab.open(), film, wait=".playable video")
    assert "harassment" in tab.text("#rules")
    first = tab.page.locator("#spans > li").first
    assert "picture: harassment" in first.text_content()
    button = first.locator("button")
    begin = float(button.get_attribute("data-seek"))
    assert 2 <= begin < 3
    assert button.text_content().startswith("0:02 to 0:0")
    colour = "element => getComputedStyle(element).color"
    assert button.evaluate(colour) == first.evaluate(colour), "axe says nothing of a text of the colour of its ground"
    button.click()
    assert playing_at(tab) == pytest.approx(begin, abs=0.01)
    tab.page.evaluate("document.querySelector('video').currentTime = 0")
    bar, span = tab.page.locator(".row svg").first.bounding_box(), tab.page.locator(".row rect").first
    assert (span.bounding_box()["x"] - bar["x"]) / bar["width"] == pytest.approx(begin / 6, abs=0.05)
    span.click()
    assert playing_at(tab) == pytest.approx(begin, abs=0.01)


def playing_at(tab):
    return tab.page.evaluate("document.querySelector('video').currentTime")


def test_a_clip_asks_for_itself_and_the_key_is_in_no_address(tab, film, server):
    send_clip(tab.open(), film)
    tab.page.locator("#announcement", has_text=tab.text("#decision")).wait_for(state="attached")
    asked = {
        request.url.removeprefix(server.url).split("/")[1] for request in tab.requests if "blob" not in request.url
    }
    assert asked == {"", "static", "try", "job"}
    assert not [request.url for request in tab.requests if server.key in f"{request.url} {request.all_headers()}"]
    assert tab.complaints == []


def test_a_clip_is_screened_without_javascript(make_tab, film):
    tab = make_tab(java_script_enabled=False)
    send_clip(tab.open(), film, wait="#look-again")
    for _ in range(90):
        assert key_is_nowhere(tab)
        tab.page.fill("#key-again", tab.server.key)
        tab.page.click("#look-again")
        if tab.page.locator("#decision").count():
            break
        tab.page.wait_for_timeout(500)
    assert tab.page.url.endswith("/job")
    assert tab.text("#action") in {"review", "block"}
    assert "0:02 to 0:0" in tab.text("#spans")
    assert tab.page.locator("#spans button, video").count() == 0
    assert not tab.page.is_visible(".acts")


def key_is_nowhere(tab):
    return tab.server.key not in tab.page.content() + tab.page.url


def test_a_clip_that_the_browser_cannot_play_is_told_and_its_timeline_is_there(tab, tmp_path):
    film = clip_of(tmp_path / "a.avi", note("you are an idiot"))
    send_clip(tab.open(), film, wait="text=This browser cannot play it.")
    assert "0:00 to 0:02" in tab.text("#spans")
    assert tab.page.locator("#spans button, video").count() == 0
    assert not tab.page.is_visible(".acts")


def test_a_sound_is_not_played_until_asked(tab, tmp_path):
    send_clip(tab.open(), write(tmp_path / "a.wav", sound=tone(2)), wait=".playable .acts")
    sound = tab.page.locator("audio")
    assert not sound.is_visible()
    assert tab.page.locator(".acts button >> visible=true").all_inner_texts() == ["Show player"]
    tab.page.click("text=Show player")
    assert sound.is_visible()
    assert sound.evaluate("sound => [sound.paused, sound.muted, sound.controls]") == [True, False, True]
    assert "Nothing in the clip stands out." in tab.text("#outcome")


def test_a_clip_beside_a_text_is_refused_in_the_page(tab, film):
    tab.open().page.fill("#text", "and a text")
    send_clip(tab, film, wait="#refusal")
    assert "form.clip_alone" in tab.text("#outcome")


def test_what_is_no_clip_fails_in_words(tab):
    send_clip(tab.open(), {"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"no clip"}, wait="#refusal")
    assert "clip.format" in tab.text("#outcome")
    assert tab.page.locator("#look").count() == 0


def test_a_server_that_is_silent_for_a_while_is_asked_again(tab, film):
    tab.open().page.route("**/job", lambda route: route.abort())
    send_clip(tab, film, wait="text=The server does not answer.")
    assert tab.page.locator(".job .progress").count() == 1
    tab.page.unroute("**/job")
    tab.page.wait_for_selector("#decision", timeout=90_000)


def test_what_is_sent_next_is_not_overwritten_by_a_clip_before_it(tab, film):
    held = []

    def hold(route):
        held.append(route)

    tab.open().page.route("**/job", hold)
    send_clip(tab, film, wait=".job")
    tab.page.wait_for_timeout(1_500)
    tab.page.set_input_files("#clip", [])
    tab.page.fill("#text", "The library opens at nine.")
    tab.page.click("#try button[type=submit]")
    tab.page.wait_for_selector("#action")
    assert held
    for route in held:
        route.continue_()
    tab.page.wait_for_timeout(500)
    assert (tab.text("#action"), tab.page.locator(".job").count()) == ("allow", 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_page_with_a_clip(make_tab, film, scheme):
    tab = make_tab(color_scheme=scheme, viewport={"width": 320, "height": 800})
    tab.open().page.route("**/job", lambda route: route.abort())
    send_clip(tab, film, wait="text=The server does not answer.")
    assert axe_says(tab.page) == ""
    tab.page.unroute("**/job")
    tab.page.wait_for_selector(".playable video", timeout=90_000)
    assert axe_says(tab.page) == ""
    tab.page.click("text=Show clip")
    assert axe_says(tab.page) == ""
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 320
