"""Signing in to the review console of a real server, in a real browser."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pyotp
import pytest

from chromium import axe_says, chromium
from evenhand.core.case import Role
from evenhand.review.accounts import Accounts
from evenhand.review.passwords import AT_ONCE
from live import live_server

PASSWORD = "three words in a row"


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("console")) as running:
        Accounts(running.store.reviewers).create("ada", Role.ADMIN, password=PASSWORD)
        yield running


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


def overflow(page):
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.browser
@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 1280, "height": 900}},
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
        {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2, "java_script_enabled": False},
    ],
    ids=["wide", "narrow and dark", "without JavaScript"],
)
def test_an_admin_signs_in_sets_up_an_authenticator_and_makes_an_account(browser, console, tmp_path, options):
    name = f"admin{options['viewport']['width']}"
    Accounts(console.store.reviewers).create(name, Role.ADMIN, password=PASSWORD)
    context = browser.new_context(**options)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def look(what):
        page.screenshot(path=tmp_path / f"{name}-{what}.png", full_page=True)
        if options.get("java_script_enabled", True):
            assert axe_says(page) == ""
            assert overflow(page) == 0

    page.goto(f"{console.url}/review")
    assert page.url.endswith("/review/sign-in")
    look("sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/account")
    look("account")
    secret = page.locator("code.secret").text_content().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.fill("#proof", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account?after=authenticator")
    look("set-up")
    page.click("text=Accounts")
    page.wait_for_url("**/review/accounts")
    page.fill("#name", f"eve{name}")
    page.click("text=Create")
    assert len(page.locator("code.secret").text_content()) == 20
    page.locator("summary").last.click()
    look("accounts")
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in?after=signed-out")
    page.fill("#name", name)
    page.fill("#password", "a wrong password")
    page.click("button")
    assert "Wrong name, password or code" in page.text_content("main")
    look("refused")
    context.close()
    # The one complaint is the browser's own about the status of the refusal.
    assert [text for text in complaints if "401" not in text] == []


def test_a_flood_of_sign_ins_does_not_stop_the_server(console):
    def enter(_):
        answer = httpx.post(
            f"{console.url}/review/sign-in", data={"name": "nobody", "password": PASSWORD, "code": ""}, timeout=60
        )
        return answer.status_code, answer.headers.get("retry-after")

    with ThreadPoolExecutor(12) as pool:
        answers = pool.map(enter, range(24))
        body = {"input": {"text": "good morning"}}
        screened = httpx.post(f"{console.url}/v1/screen", json=body, headers=console.headers, timeout=60)
        found = list(answers)
    assert screened.status_code != 503
    assert {status for status, _ in found} <= {401, 503}
    assert {wait for status, wait in found if status == 503} == {"1"}
    assert sum(status == 401 for status, _ in found) >= AT_ONCE


def test_an_error_below_the_console_is_a_page_and_elsewhere_is_not(console):
    assert httpx.get(f"{console.url}/review/nothing").headers["content-type"].startswith("text/html")
    assert httpx.get(f"{console.url}/v1/nothing").headers["content-type"] == "application/json"
    answer = httpx.post(f"{console.url}/review/account/preferences", content=b"x" * 20_000_000, timeout=60)
    assert answer.status_code == 303
    assert re.search("sign-in", answer.headers["location"])
