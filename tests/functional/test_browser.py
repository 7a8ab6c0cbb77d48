"""The home page in a real browser: with and without JavaScript, by keyboard, in the dark, on a narrow screen."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from drawings import encoded, note

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
INSULT = "😀👨‍👩‍👧 you are an idiot, שלום"


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield opened
        opened.close()


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
    tab.page.wait_for_function("document.getElementById('key').value !== ''")
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
    tab.page.wait_for_function("document.getElementById('action').textContent === 'allow'")
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
    assert tab.page.title() == "evenhand: try a text or an image"
    assert tab.page.locator("#outcome script, #outcome img").count() == 0
    assert "U+202E" in tab.page.locator("#shown .sign").all_text_contents()
    assert "\u202e" not in tab.page.inner_text("#outcome")
    assert tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(make_tab, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    tab = make_tab(color_scheme=scheme, viewport={"width": width, "height": 800})
    tab.open()
    assert axe.run(tab.page).generate_snapshot() == ""
    tab.screen(f"{INSULT} {'verylongword' * 40} \u202e")
    tab.page.click("details summary")
    assert axe.run(tab.page).generate_snapshot() == ""
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
    tab.page.fill("#key", "eh_wrong")
    tab.page.click("button[type=submit]")
    tab.page.wait_for_selector("#refusal")
    assert axe.run(tab.page).generate_snapshot() == ""


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


def test_a_picture_can_be_dropped(tab):
    tab.open()
    tab.page.evaluate(
        """bytes => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "a.png", {type: "image/png"}));
            document.getElementById("try").dispatchEvent(
                new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
        }""",
        list(RUDE["buffer"]),
    )
    assert tab.page.evaluate("document.getElementById('images').files.length") == 1


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
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    tab = screen_image(make_tab(viewport={"width": 320, "height": 800}).open(), RUDE, RUDE)
    assert axe.run(tab.page).generate_snapshot() == ""
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 320
