"""The pages without a socket, with a detector, a policy and a desk of the test's own."""

import asyncio
import re

import httpx
import pytest
from starlette.routing import Router

from databases import store_in
from evenhand.console.form import FormLimits
from evenhand.console.views import console_routes
from evenhand.core.access import Scope
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.jobs.desk import JobDesk
from evenhand.jobs.spool import Spool
from evenhand.policy.policy import Policy, Rule
from evenhand.service.access import Gate
from evenhand.service.moderate import Moderation
from evenhand.service.queue import BatchQueue
from evenhand.service.service import Service
from fakes.detectors import ScriptedDetector

#: Bytes of a form beside its clip, and of the clip.
MOST_BYTES, MOST_CLIP_BYTES = 100_000, 400_000
POLICY = Policy("test", "", Action.REVIEW, (Rule(Label.HARASSMENT, Action.REVIEW, 0.5),))


class Pages:
    """The pages with everything behind them."""

    def __init__(self, folder, *, seconds=5.0, has_desk=True):
        self.store = store_in(folder)
        self.engine = Engine([ScriptedDetector()])
        self.spool = Spool(folder / "clips", max_bytes=MOST_CLIP_BYTES)
        moderation = Moderation(self.engine, [POLICY], store=self.store)
        self.service = Service(
            moderation=moderation,
            queue=BatchQueue(moderation, capacity=10),
            gate=Gate(self.store, cache_seconds=0),
            store=self.store,
            max_items=4,
        )
        self.desk = JobDesk(self.store, self.spool, ["test"], most_open=2) if has_desk else None
        self.app = Router(console_routes(self.service, self.desk, FormLimits(MOST_BYTES, seconds)))
        self.key = self.make_key()

    def make_key(self, name="page", scope=Scope.SCREEN, per_minute=1000):
        return self.store.keys.create(name=name, scopes=frozenset({scope}), requests_per_minute=per_minute)[1]

    def post(self, path, data=None, *, key=None, htmx=False, **options):
        data = {"key": self.key if key is None else key} | (data or {})

        async def ask():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://evenhand") as client:
                headers = {"hx-request": "true"} if htmx else {}
                return await client.post(path, data=data, headers=headers, **options)

        return asyncio.run(ask())

    def send_clip(self, clip=b"\x00" * 300_000, data=None, *, others=(), **options):
        """Post a clip as the form does, by default one that is larger than any other form may be."""
        files = [*others, ("clip", ("clip.webm", clip, "video/webm"))]
        return self.post("/try", {"text": ""} | (data or {}), files=files, **options)

    @property
    def clips(self):
        return list(self.spool.folder.iterdir()) if self.spool.folder.exists() else []

    def close(self):
        self.engine.close()
        self.store.close()


@pytest.fixture
def make_pages(tmp_path):
    opened = []

    def make(**options):
        opened.append(Pages(tmp_path, **options))
        return opened[-1]

    yield make
    for pages in opened:
        pages.close()


@pytest.fixture
def pages(make_pages):
    return make_pages()


@pytest.fixture
def code_in():
    """Return the code of the refusal in an answer."""

    def code_in(answer):
        found = re.search(r"Code: <code>([a-z_.]+)</code>", answer.text)
        return found and found[1]

    return code_in
