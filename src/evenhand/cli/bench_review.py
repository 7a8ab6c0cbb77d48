"""The review benchmark: how soon a reviewer has the next case after a ruling, in a full database and an empty one."""

import http.client
import random
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urljoin

import numpy as np

from evenhand.core.case import Role
from evenhand.core.decision import Action, Decision, RuleHit, Verdict
from evenhand.core.errors import InputError
from evenhand.core.ids import new_id
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.load import load_policy
from evenhand.settings import read_settings
from evenhand.store.records import DecisionRecord
from evenhand.store.store import Store, open_store

#: Decisions that are kept at once, and authors and queues that they are of.
_BATCH: Final = 500
_AUTHORS: Final = 20_000
_QUEUES: Final = ("default", "urgent", "slow")
_LABELS: Final = tuple(label for label in Label if not label.is_attribute)
_NAME: Final = "bench"
_SEED: Final = 20261126


def bench_review(*, decisions: int, cases: int, rulings: int, database_url: str = "") -> dict[str, Any]:
    """Return how long the next case takes after a ruling, over HTTP, with what is stored and without.

    Args:
        decisions: How many are stored.
        cases: How many of them wait for a ruling.
        rulings: How many are made.
        database_url: An empty database; by default a temporary SQLite one.

    Raises:
        InputError: `bench.database`: it is not empty.
    """
    with tempfile.TemporaryDirectory() as folder:
        full = _measured(database_url or f"sqlite:///{folder}/full.sqlite", decisions, cases, rulings)
        empty = _measured(f"sqlite:///{folder}/empty.sqlite", rulings + 10, rulings + 10, rulings)
    return {"full": full, "empty": empty, "ratio": round(full["p95_ms"] / empty["p95_ms"], 2)}


def _measured(url: str, decisions: int, cases: int, rulings: int) -> dict[str, Any]:
    with closing(open_store(url)) as store:
        if store.audit.newest(1):
            raise InputError(
                "bench.database", "The database is not empty.", field="database_url", remedy="Give an empty one."
            )
        begin = time.perf_counter()
        for batch in _batches(decisions, cases):
            store.decisions.record(batch)
        fill_seconds = time.perf_counter() - begin
        with _serving(url, store) as (host, port, password), closing(_Browser(host, port)) as browser:
            milliseconds = sorted(_rule(browser, password, rulings))
    return {
        "database": url.partition(":")[0],
        "decisions": decisions,
        "cases": cases,
        "rulings": len(milliseconds),
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 1),
        "p95_ms": round(float(np.percentile(milliseconds, 95)), 1),
        "most_ms": round(milliseconds[-1], 1),
        "fill_seconds": round(fill_seconds, 1),
    }


def _batches(decisions: int, cases: int) -> Iterator[list[DecisionRecord]]:
    chance = random.Random(_SEED)  # noqa: S311 -- nothing secret
    begin = datetime.now(UTC) - timedelta(days=30)
    policy = load_policy().version
    # The cases lie evenly among the others.
    to_review = {number * decisions // cases for number in range(cases)}
    batch = []
    for number in range(decisions):
        at = begin + timedelta(days=30 * number / decisions)
        action = Action.REVIEW if number in to_review else Action.ALLOW
        batch.append(_record(chance, at, action, policy))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _record(chance: random.Random, at: datetime, action: Action, policy: Any) -> DecisionRecord:
    signals = tuple(
        Signal("text.toxicity", "3", label, round(chance.random() ** 4, 6)) for label in chance.sample(_LABELS, 12)
    )
    label = chance.choice(_LABELS)
    rules = (RuleHit(f"{label}.review", action, label, "text.toxicity", 0.9, 0.5),) if action is Action.REVIEW else ()
    scores = {signal.label: signal.score for signal in signals}
    verdict = Verdict(action, rules, scores, is_degraded=False, queue=chance.choice(_QUEUES))
    words = " ".join(f"word{chance.randrange(5_000)}" for _ in range(40))
    return DecisionRecord(
        Decision(new_id("dec"), "", at, verdict, signals, (), policy, {"text.toxicity": "3"}),
        key_id="",
        door="bench",
        body=words if action is Action.REVIEW else None,
        author_id=f"author-{chance.randrange(_AUTHORS)}",
    )


@contextmanager
def _serving(url: str, store: Store) -> Iterator[tuple[str, int, str]]:
    """Serve a store that is there already; yield host, port and the password of an account to review with."""
    import uvicorn

    from evenhand.review.accounts import Accounts
    from evenhand.server.app import build_app

    _, password = Accounts(store.reviewers).create(_NAME, Role.REVIEWER)
    settings = read_settings({}, {"database_url": url, "decision_retention_days": "0", "content_retention_days": "0"})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(build_app(settings, store), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield *listener.getsockname(), password
        finally:
            server.should_exit = True
            thread.join()


class _Browser:
    """Follows redirects and carries the cookie, like a browser without a script."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = http.client.HTTPConnection(host, port)
        self._cookie = ""
        self.path = ""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, method: str, path: str, **fields: str) -> str:
        """Return the page at which a request ends."""
        headers = {"cookie": self._cookie, "content-type": "application/x-www-form-urlencoded"}
        self._connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        self._cookie = (answer.headers.get("set-cookie") or self._cookie).partition(";")[0]
        if answer.status == http.client.SEE_OTHER:
            return self.ask("GET", urljoin(path, answer.headers["location"]))
        if answer.status != http.client.OK:
            raise InputError("bench.refused", f"{method} {path} was answered with {answer.status}.")
        self.path = path.partition("?")[0]
        return text


def _rule(browser: _Browser, password: str, rulings: int) -> Iterator[float]:
    """Rule again and again, and yield how many milliseconds each next case took, the ruling with it."""
    page = browser.ask("POST", "/review/sign-in", name=_NAME, password=password)
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": csrf, "queue": _QUEUES[0]}
    browser.ask("POST", "/review/next", **fields)
    for number in range(rulings):
        if not browser.path.startswith("/review/cases/"):  # that queue is empty
            fields["queue"] = _QUEUES[number % len(_QUEUES)]
            browser.ask("POST", "/review/next", **fields)
            continue
        begin = time.perf_counter()
        browser.ask("POST", f"{browser.path}/ruling", action="block", reason_block="harassment", **fields)
        yield 1_000 * (time.perf_counter() - begin)
