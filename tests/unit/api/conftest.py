"""The dialects behind a guard, without a socket, with detectors and a policy of the test's own."""

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.routing import Router

from databases import store_in
from evenhand.api.native.router import native_dialect
from evenhand.api.openai.router import openai_dialect
from evenhand.api.perspective.router import perspective_dialect
from evenhand.core.access import Scope
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.jobs.desk import JobDesk
from evenhand.policy.policy import Policy, Rule
from evenhand.server.guard import Guard
from evenhand.server.metrics import Metrics
from evenhand.service.access import Gate
from evenhand.service.moderate import Moderation
from evenhand.service.queue import BatchQueue
from evenhand.service.service import Service

UPLOADS = {"/v1/jobs": (1_000_000, 5)}
RULES = (Rule(Label.HARASSMENT, Action.REVIEW, 0.5), Rule(Label.HARASSMENT, Action.BLOCK, 0.9))


@dataclass
class Doors:
    """All dialects with everything behind them."""

    app: object
    store: object
    engine: Engine
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, *scopes):
        name = "+".join(scopes)
        if name not in self.keys:
            made = self.store.keys.create(name=name, scopes=frozenset(map(Scope, scopes)), requests_per_minute=1000)
            self.keys[name] = made[1]
        return self.keys[name]

    def send(self, method, path, *, key="", **options):
        headers = {"Authorization": f"Bearer {key or self.key('screen')}"} if key != "none" else {}

        async def ask():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://evenhand") as client:
                return await client.request(method, path, headers=headers, **options)

        return asyncio.run(ask())

    def post(self, path, body, **options):
        return self.send("POST", path, json=body, **options)

    def get(self, path, **options):
        return self.send("GET", path, **options)


@pytest.fixture
def make_doors(tmp_path):
    opened = []

    def make(*detectors, on_failure=Action.REVIEW, max_items=4, public_url="", clips=None):
        store = store_in(tmp_path)
        engine = Engine(detectors)
        opened.append((store, engine))
        moderation = Moderation(engine, [Policy("test", "", on_failure, RULES)], store=store)
        service = Service(
            moderation=moderation,
            queue=BatchQueue(moderation, capacity=10),
            gate=Gate(store, cache_seconds=0),
            store=store,
            max_items=max_items,
            public_url=public_url,
        )
        desk = JobDesk(store, clips, ["test"], most_open=2) if clips else None
        dialects = (
            native_dialect(service, metrics=lambda: b"page", desk=desk),
            openai_dialect(service),
            perspective_dialect(service),
        )
        router = Router([route for dialect in dialects for route in dialect.routes], redirect_slashes=False)
        guard = Guard(router, dialects, Metrics(), max_body_bytes=100_000, body_timeout_seconds=5, uploads=UPLOADS)
        return Doors(guard, store, engine)

    yield make
    for store, engine in opened:
        engine.close()
        store.close()
