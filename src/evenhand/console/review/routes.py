"""The addresses of the review console, all below `/review/`."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from evenhand.console.review.account import AccountPages
from evenhand.console.review.accounts import AccountsPages
from evenhand.console.review.audit import AuditPages
from evenhand.console.review.cases import CasePages
from evenhand.console.review.errors import ErrorPages
from evenhand.console.review.golden import GoldenPages
from evenhand.console.review.numbers import NumberPages
from evenhand.console.review.session import SECOND_STEP, Doorkeeper
from evenhand.console.review.sign_in import SignInPages
from evenhand.console.review.undo import UndoPages
from evenhand.console.views import make_templates
from evenhand.review.accounts import Accounts
from evenhand.review.casework import Casework
from evenhand.review.passwords import Passwords
from evenhand.review.sign_in import SignIn
from evenhand.review.undo import Undo
from evenhand.service.service import Service


def review_routes(
    service: Service, *, second_step: str, golden_every: int, passwords: Passwords | None = None
) -> list[BaseRoute]:
    """Return the routes of the review console: `/review` leads to `/review/`, below which everything is.

    Args:
        service: Has the store, and the server's address as clients see it.
        second_step: For whom signing in takes an authenticator, one of `SECOND_STEP`.
        golden_every: One case in so many is a golden one; 0: none is.
        passwords: Holds passwords against hashes; by default at the usual cost.
    """
    store = service.store
    doorkeeper = Doorkeeper(store.sessions, public_url=service.public_url, second_step=SECOND_STEP[second_step])
    templates = make_templates()
    passwords = passwords or Passwords()
    sign_in = SignIn(store.reviewers, passwords)
    entrance = SignInPages(doorkeeper, sign_in, templates)
    account = AccountPages(doorkeeper, sign_in, store.reviewers, templates)
    accounts = AccountsPages(doorkeeper, Accounts(store.reviewers, passwords), store.reviewers, templates)
    undo = UndoPages(doorkeeper, Undo(store), templates)
    golden = GoldenPages(doorkeeper, store, templates)
    number_pages = NumberPages(doorkeeper, store, templates)
    audit = AuditPages(doorkeeper, store.audit, templates)
    cases = CasePages(doorkeeper, Casework(store, golden_every=golden_every), templates, service.moderation.policy_of)

    routes = [
        Route("/", cases.queues, methods=["GET"]),
        Route("/next", cases.next, methods=["POST"]),
        Route("/cases/{id}", cases.show, methods=["GET"]),
        Route("/cases/{id}/pictures/{image:int}/{frame:int}", cases.picture, methods=["GET"]),
        Route("/cases/{id}/ruling", cases.rule, methods=["POST"]),
        Route("/cases/{id}/message", cases.write, methods=["POST"]),
        Route("/cases/{id}/skip", cases.skip, methods=["POST"]),
        Route("/cases/{id}/release", cases.release, methods=["POST"]),
        Route("/sign-in", entrance.ask, methods=["GET"]),
        Route("/sign-in", entrance.enter, methods=["POST"]),
        Route("/sign-out", entrance.leave, methods=["POST"]),
        Route("/undo", undo.ask, methods=["GET"]),
        Route("/undo/preview", undo.preview, methods=["POST"]),
        Route("/undo/carry-out", undo.carry_out, methods=["POST"]),
        Route("/golden", golden.show, methods=["GET"]),
        Route("/golden/retire", golden.retire, methods=["POST"]),
        Route("/numbers", number_pages.show, methods=["GET"]),
        Route("/numbers/{name}.csv", number_pages.csv, methods=["GET"]),
        Route("/transparency", number_pages.transparency, methods=["GET"]),
        Route("/audit", audit.show, methods=["GET"]),
        Route("/audit/verify", audit.verify, methods=["POST"]),
        Route("/account", account.show, methods=["GET"]),
        Route("/account/password", account.change_password, methods=["POST"]),
        Route("/account/authenticator", account.set_authenticator, methods=["POST"]),
        Route("/account/preferences", account.set_preferences, methods=["POST"]),
        Route("/accounts", accounts.show, methods=["GET"]),
        Route("/accounts/create", accounts.create, methods=["POST"]),
        Route("/accounts/change", accounts.change, methods=["POST"]),
        Route("/accounts/reset", accounts.reset, methods=["POST"]),
    ]
    return [
        Route("/review", _to_the_beginning, methods=["GET"]),
        Mount("/review", ErrorPages(Router(routes, redirect_slashes=False), templates)),
    ]


async def _to_the_beginning(_: Request) -> Response:
    return RedirectResponse("review/", HTTPStatus.SEE_OTHER)
