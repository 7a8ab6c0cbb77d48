"""A moderator's whole day in a real browser, by keyboard alone where the issue of it is speed."""

import re

import httpx
import pyotp
import pytest

from chromium import axe_says, chromium
from drawings import encoded, landscape
from evenhand.core.case import Role
from evenhand.core.decision import Action, ImageFacts
from evenhand.core.taxonomy import Label
from evenhand.review.accounts import Accounts
from evenhand.store.records import StoredImage
from live import live_server
from samples import keep, replace, to_review

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
WORDS = "you are a horrible person and everybody should know"


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("day"), golden_every="5") as running:
        accounts = Accounts(running.store.reviewers)
        for name in ("ann", "ben", "light", "dark"):
            accounts.create(name, Role.REVIEWER, password=PASSWORD)
        accounts.create("lea", Role.LEAD, password=PASSWORD)
        yield running


class Desk:
    """Somebody's tab, signed in."""

    def __init__(self, browser, server, name, **options):
        self.server, self.name = server, name
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("console", self.note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{server.url}/review/")

    def note(self, message):
        # What else chromium says there are proposals.
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def sign_in(self, secret=""):
        self.type("[name=name]", self.name)
        self.type("[name=password]", PASSWORD)
        if secret:
            self.type("[name=code]", pyotp.TOTP(secret).now())
        self.press("Enter", then="**/review/**")
        return self

    def type(self, selector, words):
        self.page.focus(selector)
        self.page.keyboard.type(words)

    def press(self, *keys, then=""):
        """Press keys one after the other; the last one leads to another page where `then` says which."""
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        if not then:
            self.page.keyboard.press(keys[-1])
            return
        with self.page.expect_navigation(url=then):
            self.page.keyboard.press(keys[-1])

    @property
    def case(self):
        return re.search(r"case_[0-9a-f]+", self.page.url)[0]

    def text(self):
        return self.page.inner_text("main")


def fill(server, queue="default"):
    """Open twenty cases in a queue, and return what they are about; the first two come first."""
    picture = encoded(landscape(), "JPEG")
    records = [
        to_review(Label.HARASSMENT, body=f"{WORDS} {number}", author_id=f"u{number}", queue=queue)
        for number in range(18)
    ]
    gory = to_review(Label.VIOLENCE_GRAPHIC, body="gory words", priority=1, queue=queue)
    facts = (ImageFacts("JPEG", 640, 480, 1),)
    gory = replace(gory, decision=replace(gory.decision, images=facts), images=(StoredImage(0, 0, picture),))
    doubtful = to_review(Label.HATE, body="doubtful words", priority=2, queue=queue)
    return keep(server.store, gory, doubtful, *records)


def set_up_authenticator(desk):
    """A lead needs an authenticator, and gets nowhere without one."""
    form = desk.page.locator("form:has([name=secret])")
    if not form.is_visible():
        desk.page.click("text=Set up an authenticator")
    secret = form.locator("[name=secret]").get_attribute("value")
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    form.locator("button").click()
    desk.page.wait_for_url("**after=authenticator")


def rule_on_twenty(desk):
    """Rule by keyboard alone, and return the cases: the second one is passed on to another reviewer."""
    seen = []
    for number in range(20):
        seen.append(desk.case)
        if number == 1:
            assert "doubtful words" in desk.text()
            desk.press("u", "r", "ArrowDown", "Escape", "Enter", then="**/cases/**")
        else:
            desk.press(*("ab"[number % 2]), "2", "Enter", then="**/review/**")
    return seen


def take_back(desk, decision_id):
    desk.page.goto(f"{desk.server.url}/review/undo")
    desk.page.fill("#decision", decision_id)
    desk.page.click("text=Show what would be taken back")
    assert "1 that block" in desk.text()
    desk.page.click("text=Take them back")
    desk.page.wait_for_url("**undone=1")


def retire(desk):
    """Retire the golden case, and have axe look at the pages that only leads have."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        desk.page.set_viewport_size({"width": width, "height": 800})
        desk.page.emulate_media(color_scheme=scheme)
        for path in ("undo", "numbers", "transparency", "audit", "golden"):
            desk.page.goto(f"{desk.server.url}/review/{path}")
            assert axe_says(desk.page) == "", (path, scheme)
            assert desk.page.evaluate("document.documentElement.scrollWidth") == width, path
    assert "of 1 ruled so" in desk.text()
    desk.page.click("text=Retire")
    desk.page.wait_for_url("**/golden?after=retired")


def test_a_moderators_day(browser, server):
    known, *_ = keep(server.store, to_review(Label.HATE, body="words that everybody knows"))
    lea = Desk(browser, server, "lea").sign_in()
    set_up_authenticator(lea)

    # She makes a golden case.
    lea.page.goto(f"{server.url}/review/")
    lea.press("n", then="**/cases/**")
    lea.page.check("[name=golden]")
    lea.page.locator("h1").click()
    lea.press("b", "Enter", then="**/review/**")
    assert server.store.rulings.stands(known) is Action.BLOCK

    # Ann rules on twenty cases.
    gory, doubtful, *others = fill(server)
    ann = Desk(browser, server, "ann").sign_in()
    ann.press("n", then="**/cases/**")
    assert ann.page.locator("details.folded").get_attribute("open") is None
    blur = "image => getComputedStyle(image).filter"
    assert "blur" in ann.page.locator(".shot img").evaluate(blur)
    ann.press("v")
    assert ann.page.locator("details.folded").get_attribute("open") is not None
    assert len(set(rule_on_twenty(ann))) == 20
    assert ann.complaints == []
    assert server.store.rulings.count_by(1) == 20
    assert server.store.rulings.stands(gory) is Action.ALLOW
    assert server.store.rulings.stands(doubtful) is Action.REVIEW

    # One of them was the golden one; her ruling is compared with Lea's, and changes nothing.
    golden = [ruling for ruling in server.store.rulings.of_decision(known) if ruling.kind == "golden"]
    assert [ruling.reviewer_id for ruling in golden] == [1]
    assert server.store.rulings.stands(known) is Action.BLOCK

    # Ben gives the second opinion.
    ben = Desk(browser, server, "ben").sign_in()
    ben.press("n", then="**/cases/**")
    assert "second opinion" in ben.text()
    ben.press("b", "Enter", then="**/review/**")
    assert server.store.rulings.stands(doubtful) is Action.BLOCK

    # The author of another one appeals, with the API alone; Ben, who did not rule on it, answers.
    blocked = next(decision for decision in others if server.store.rulings.stands(decision) is Action.BLOCK)
    sent = {"text": "I was quoting what he said to me."}
    opened = httpx.post(f"{server.url}/v1/decisions/{blocked}/appeals", headers=server.headers, json=sent).json()
    ben.page.goto(f"{server.url}/review/")
    ben.press("n", then="**/cases/**")
    assert "I was quoting" in ben.text()
    ben.press("a", "2", "t")
    ben.page.keyboard.type("You are right, it stays.")
    ben.press("Escape", "Enter", then="**/review/**")
    assert server.store.rulings.stands(blocked) is Action.ALLOW
    told = httpx.get(f"{server.url}/v1/appeals/{opened['id']}", headers={"Authorization": f"Bearer {opened['token']}"})
    assert (told.json()["status"], told.json()["outcome"]) == ("reversed", "You are right, it stays.")

    # Lea takes one back, and verifies the audit.
    take_back(lea, doubtful)
    assert server.store.rulings.stands(doubtful) is Action.REVIEW
    lea.page.goto(f"{server.url}/review/audit")
    lea.page.click("text=Verify all of it")
    assert "none is missing" in lea.text()

    retire(lea)
    assert server.store.golden.list(limit=1) == []
    assert lea.complaints + ben.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(browser, server, scheme):
    gory, *_ = fill(server, scheme)
    # At 200 % a window of 780 shows as much as one of 390.
    ann = Desk(browser, server, scheme, color_scheme=scheme, viewport={"width": 390, "height": 800})
    assert axe_says(ann.page) == ""
    ann.sign_in()
    for path in ("./", "account"):
        ann.page.goto(f"{server.url}/review/{path}")
        assert axe_says(ann.page) == "", path
        assert ann.page.evaluate("document.documentElement.scrollWidth") == 390, path
    ann.page.goto(f"{server.url}/review/")
    ann.page.click(f"[aria-label='Take the next case of {scheme}']")
    ann.page.wait_for_url("**/cases/**")
    for act in ("", "v"):
        if act:
            ann.press(act)
        assert axe_says(ann.page) == ""
        assert ann.page.evaluate("document.documentElement.scrollWidth") == 390
    assert server.store.cases.get(ann.case).decision_id == gory
