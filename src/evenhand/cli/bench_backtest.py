"""The backtest benchmark: how many stored decisions a second are judged again, beside the plain way to do it."""

import itertools
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from evenhand.bulk.backtest import PAGE, Difference, backtest
from evenhand.bulk.outcomes import outcome_of
from evenhand.core.decision import Decision
from evenhand.core.facts import AuthorHistory, Facts
from evenhand.core.ids import new_id
from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.evaluate import evaluate
from evenhand.policy.load import DEFAULT_POLICY_FILE, parse_policy
from evenhand.policy.policy import Policy
from evenhand.service.replay import again
from evenhand.store.records import DecisionRecord, StoredPolicy
from evenhand.store.store import Store, open_store

#: Decisions that are kept at once.
_BATCH: Final = 500
#: Decisions that the plain way judges.
_PLAIN: Final = 10_000
#: Share of the contents that have something to find, and signals that a content has, as the detectors of texts give.
_HARMFUL: Final = 0.1
_SIGNALS: Final = 25
#: What makes a policy one that has more than thresholds: scores, and facts of which one is asked of every content.
_ON_SCORES: Final = """
rules:
- {id: two-kinds, when: 'scores.spam > 0.5 && scores.hate > 0.5', action: review}
"""
_ON_FACTS: Final = f"""{_ON_SCORES}
- {{id: new-author, when: 'scores.spam > 0.3 && author.decisions_30d < 3', action: review, queue: new}}
- {{id: short, when: 'content.kind == "text" && content.characters < 4', action: review, priority: 8}}
"""
_SEED: Final = 20261126
_EVIDENCE: Final = (Evidence(4, 7, 0.41710773110389, "model"), Evidence(19, 24, 0.15055051445961, "model"))


def bench_backtest(*, decisions: int, processes: int | None = None) -> dict[str, Any]:
    """Return the figures of a backtest over so many made-up decisions in a temporary SQLite database.

    Args:
        decisions: How many, 1 or more.
        processes: How many judge at once; by default as many as there are cores.
    """
    before = DEFAULT_POLICY_FILE.read_text(encoding="utf-8")
    after = before.replace("harassment: {review: 0.65}", "harassment: {review: 0.55, block: 0.95}")
    policies = parse_policy(before), parse_policy(after)
    # Decisions keep the facts that their own policy reads.
    own = parse_policy(before + _ON_FACTS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evenhand.sqlite"
        url = f"sqlite:///{path}"
        store = open_store(url)
        fill_seconds = _seconds(lambda: _fill(store, decisions, own))
        plain = _Plain(store, policies)
        plain_seconds = _seconds(plain.judge)
        store.close()
        runs = [
            _timing(f"thresholds, {count} processes", url, (before, after), count)
            for count in (processes or os.cpu_count() or 1, 1)
        ]
        runs += [
            _timing(name, url, (before, after + rules), processes)
            for name, rules in (("conditions on scores", _ON_SCORES), ("conditions on facts", _ON_FACTS))
        ]
        megabytes = path.stat().st_size / 1e6
    return {
        "decisions": decisions,
        "megabytes": round(megabytes),
        "fill_seconds": round(fill_seconds, 1),
        "timings": [*runs, _row("the plain way", plain.difference.decisions, plain_seconds)],
    }


def _timing(name: str, url: str, policies: tuple[str, str], processes: int | None) -> dict[str, Any]:
    """Return how long a backtest took, with the start of its processes."""
    begin = time.perf_counter()
    difference = backtest(url, *policies, processes=processes)
    return _row(name, difference.decisions, time.perf_counter() - begin)


def _row(name: str, decisions: int, seconds: float) -> dict[str, Any]:
    return {
        "name": name,
        "decisions": decisions,
        "seconds": round(seconds, 2),
        "per_second": round(decisions / seconds),
    }


class _Plain:
    """The plain way: every decision is decoded whole, and both policies are asked, one after another."""

    def __init__(self, store: Store, policies: tuple[Policy, Policy]) -> None:
        self._store = store
        self._policies = policies
        self.difference = Difference()

    def judge(self) -> None:
        after, before_policy, after_policy = "", *self._policies
        decoder = msgspec.json.Decoder(Decision)
        while self.difference.decisions < _PLAIN:
            page = self._store.signal_sets.page(after=after, until="dec_g", limit=PAGE)
            for name, document in page:
                decision = decoder.decode(document)
                outcomes = (outcome_of(again(decision, policy)) for policy in (before_policy, after_policy))
                self.difference.take(name, *outcomes)
            if len(page) < PAGE:
                return
            after = page[-1][0]


def _seconds(work: Any) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _fill(store: Store, count: int, policy: Policy) -> None:
    version = policy.version
    store.policies.keep([StoredPolicy(version.version, version.name, datetime.now(UTC), policy.source)])
    made = _decisions(count, policy)
    while batch := list(itertools.islice(made, _BATCH)):
        store.decisions.record([DecisionRecord(decision, "", "bench") for decision in batch])


def _decisions(count: int, policy: Policy) -> Iterator[Decision]:
    """Yield made-up decisions with as many signals as texts have, most of them harmless."""
    chance = random.Random(_SEED)  # noqa: S311 -- made-up scores are no secrets
    labels = [label for label in Label for _ in range(2)][: 2 * _SIGNALS : 2]
    versions = {f"text.{name}": "1+0123456789ab" for name in ("toxicity", "lexicon", "links", "contacts", "bulk_mail")}
    for _ in range(count):
        scores = {label: chance.random() ** 12 for label in labels}
        if chance.random() < _HARMFUL:
            scores[chance.choice(labels)] = chance.uniform(0.5, 1)
        signals = tuple(
            Signal("text.toxicity", "1+0123456789ab", label, score, _EVIDENCE if score > 1 / 2 else ())
            for label, score in sorted(scores.items(), key=lambda pair: -pair[1])
        )
        facts = Facts(
            characters=chance.randrange(1, 200),
            languages=("en",),
            author=AuthorHistory(decisions_30d=chance.randrange(50)),
        )
        yield Decision(
            id=new_id("dec"),
            content_id="",
            created_at=datetime.now(UTC),
            verdict=evaluate(signals, policy, covered=labels, facts=facts),
            signals=signals,
            failures=(),
            policy=policy.version,
            detectors=versions,
            languages=("en",),
            facts=facts,
        )
