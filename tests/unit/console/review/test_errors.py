import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router

from evenhand.console.review.errors import ErrorPages
from evenhand.console.views import make_templates
from evenhand.core.case import Role
from evenhand.core.errors import InputError, OverloadError, StoreError


def answer_to(error, *, path="/review/cases/1", headers=None, has_begun=False):
    async def fail(request):
        raise error

    async def fail_late(scope, receive, send):
        await PlainTextResponse("half of it")(scope, receive, send)
        raise error

    routes = [Mount("/cases", fail_late)] if has_begun else [Route("/cases/{id}", fail)]
    app = Router([Mount("/review", ErrorPages(Router(routes), make_templates()))])

    async def ask():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://evenhand") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("a.code", "What is <wrong>."), 400),
        (StoreError("store.busy", "The database is busy.", remedy="Try again."), 503),
    ],
)
def test_an_error_is_a_page(code_in, error, status):
    answer = answer_to(error)
    assert (answer.status_code, code_in(answer)) == (status, error.code)
    assert "<html" in answer.text
    assert "<wrong>" not in answer.text
    assert 'href="../../static/page.css"' in answer.text
    assert error.remedy in answer.text


def test_for_htmx_an_error_is_a_part_of_a_page(code_in):
    answer = answer_to(InputError("a.code", "Wrong."), headers={"hx-request": "true"})
    assert code_in(answer) == "a.code"
    assert "<html" not in answer.text


def test_whoever_comes_too_soon_is_told_when_to_come_back():
    answer = answer_to(OverloadError(retry_after=2.4))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_an_error_that_nobody_expects_is_a_page_that_says_nothing_of_it(code_in):
    answer = answer_to(RuntimeError("a secret"))
    assert (answer.status_code, code_in(answer)) == (500, "internal")
    assert "a secret" not in answer.text


@pytest.mark.parametrize("error", [RuntimeError("a secret"), InputError("a.code", "Wrong.")])
def test_an_answer_that_has_begun_is_not_begun_again(error):
    assert answer_to(error, has_begun=True).text == "half of it"


def test_an_error_that_nobody_expects_is_raised_on_for_the_log():
    async def fail(scope, receive, send):
        raise RuntimeError

    async def ask():
        transport = httpx.ASGITransport(app=ErrorPages(fail, make_templates()))
        async with httpx.AsyncClient(transport=transport, base_url="http://evenhand") as client:
            await client.get("/review/")

    with pytest.raises(RuntimeError):
        asyncio.run(ask())


def test_whoever_is_signed_in_stays_so_on_the_page_of_an_error(console, code_in):
    ada = console.person("ada", Role.REVIEWER)
    answer = console.get("accounts", ada)
    assert code_in(answer) == "role.not_allowed"
    assert "ada, reviewer" in answer.text


def test_a_method_that_an_address_does_not_take_is_a_page(console, code_in):
    answer = console.get("accounts/create")
    assert (answer.status_code, code_in(answer)) == (405, "route.method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_htmx_loads_the_page_anew_where_the_session_ended(console):
    answer = console.get("account", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"], answer.text) == (401, "true", "")
    ada = console.person("ada", Role.ADMIN, has_authenticator=False)
    answer = console.get("accounts", ada, headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"]) == (403, "true")
