"""The review console without a socket, with accounts of the test's own."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from starlette.routing import Router

from evenhand.console.review.routes import review_routes
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.policy.policy import Policy, Rule
from evenhand.review.accounts import Accounts
from evenhand.service.access import Gate
from evenhand.service.moderate import Moderation
from evenhand.service.queue import BatchQueue
from evenhand.service.service import Service
from evenhand.store.store import open_store
from fakes.detectors import ScriptedDetector
from fakes.hashing import quick_passwords

PASSWORD = "three words in a row"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
POLICY = Policy("test", "", Action.REVIEW, (Rule(Label.HARASSMENT, Action.REVIEW, 0.5),))


@dataclass(frozen=True)
class Person:
    """Somebody with a session."""

    id: int
    name: str
    token: str
    csrf: str


class Console:
    """The console with everything behind it."""

    def __init__(self, folder, empty, *, public_url="", second_step="leads"):
        shutil.copy(empty, folder / "evenhand.sqlite")
        self.store = open_store(f"sqlite:///{folder / 'evenhand.sqlite'}")
        self.passwords = quick_passwords()
        self.engine = Engine([ScriptedDetector()])
        moderation = Moderation(self.engine, [POLICY], store=self.store)
        self.service = Service(
            moderation=moderation,
            queue=BatchQueue(moderation, capacity=10),
            gate=Gate(self.store, cache_seconds=0),
            store=self.store,
            max_items=4,
            public_url=public_url,
        )
        self.routes = review_routes(self.service, second_step=second_step, golden_every=0, passwords=self.passwords)
        self.app = Router(self.routes, redirect_slashes=False)

    def person(self, name, role, *, has_authenticator=True):
        """Make an account and begin a session."""
        reviewer, _ = Accounts(self.store.reviewers, self.passwords).create(name, role, password=PASSWORD)
        if has_authenticator:
            self.store.reviewers.set_authenticator(reviewer.id, SECRET, 0, actor=reviewer.actor)
        return self.enter(name)

    def enter(self, name):
        """Begin a session of an account."""
        found, now = self.store.reviewers.credentials(name), datetime.now(UTC)
        token = self.store.reviewers.sign_in(found, now, step=None, new_hash="", instead_of="")
        return Person(found.reviewer.id, name, token, self.store.sessions.find(token, now).csrf_token)

    def ask(
        self, method, path, person=None, *, headers=None, base="http://evenhand", cookie="evenhand", whole="", **options
    ):
        """Ask for `path` below `/review/`, as `person`."""
        headers = dict(headers or {})
        if person:
            headers["cookie"] = f"{cookie}={person.token}"

        async def ask():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, whole or f"/review/{path}", headers=headers, **options)

        return asyncio.run(ask())

    def get(self, path, person=None, **options):
        return self.ask("GET", path, person, **options)

    def post(self, path, person=None, data=None, **options):
        """Send a form with the token of the session, unless `data` has another."""
        return self.ask("POST", path, person, data=({"csrf": person.csrf} if person else {}) | (data or {}), **options)

    def close(self):
        self.engine.close()
        self.store.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A database with tables, to copy."""
    path = tmp_path_factory.mktemp("empty") / "evenhand.sqlite"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def make_console(tmp_path, empty):
    opened = []

    def make(**options):
        opened.append(Console(tmp_path, empty, **options))
        return opened[-1]

    yield make
    for console in opened:
        console.close()


@pytest.fixture
def console(make_console):
    return make_console()


@pytest.fixture
def code_in():
    """Return the code of the refusal in an answer."""

    def code_in(answer):
        found = re.search(r"Code: <code>([a-z_.]+)</code>", answer.text)
        return found and found[1]

    return code_in
