import dataclasses
from datetime import timedelta

import pytest

from evenhand.core.decision import Action, RuleHit
from evenhand.core.errors import StoreError
from evenhand.core.taxonomy import Label
from evenhand.store import shadow as module
from evenhand.store.records import ShadowDifference, ShadowVerdict
from samples import NOON, record

HIT = RuleHit("spam.block", Action.BLOCK, Label.SPAM, "text.links", 0.99, 0.9)
SHADOW = ShadowVerdict("0123456789ab", Action.BLOCK, (HIT,))


def shadowed(*shadows, **options):
    return dataclasses.replace(record(**options), shadows=shadows)


def test_nothing_is_written_where_nothing_differs(store):
    store.decisions.record([record()])
    assert store.shadow_verdicts.versions() == []
    assert list(store.shadow_verdicts.differences("0123456789ab")) == []


def test_what_differs_comes_back_beside_what_was_done(store):
    live = RuleHit("on_failure", Action.REVIEW)
    made = shadowed(SHADOW, action=Action.REVIEW)
    verdict = dataclasses.replace(made.decision.verdict, rules=(live,))
    made = dataclasses.replace(made, decision=dataclasses.replace(made.decision, verdict=verdict))
    store.decisions.record([made, record()])
    assert list(store.shadow_verdicts.differences(SHADOW.version)) == [
        ShadowDifference(made.decision.id, NOON, Action.REVIEW, (live,), Action.BLOCK, (HIT,))
    ]


def test_policies_in_the_shadow_are_kept_apart(store):
    other = ShadowVerdict("ba9876543210", Action.ALLOW, ())
    store.decisions.record([shadowed(SHADOW, other), shadowed(other)])
    assert store.shadow_verdicts.versions() == [SHADOW.version, other.version]
    assert [each.action for each in store.shadow_verdicts.differences(other.version)] == [Action.ALLOW] * 2


def test_pages_follow_each_other(store, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 2)
    made = [shadowed(SHADOW) for _ in range(5)]
    store.decisions.record(made)
    found = [each.decision_id for each in store.shadow_verdicts.differences(SHADOW.version)]
    assert found == sorted(each.decision.id for each in made)


def test_decisions_are_counted_from_a_time_on(store):
    store.decisions.record([shadowed(at=NOON + timedelta(hours=hour)) for hour in range(4)])
    assert store.shadow_verdicts.judged(NOON + timedelta(hours=1)) == 3


def test_a_decision_takes_its_shadow_verdicts_with_it(store):
    store.decisions.record([shadowed(SHADOW)])
    store.enforce_retention(NOON + timedelta(days=9), content_days=None, decision_days=1, feedback_days=None)
    assert store.shadow_verdicts.versions() == []


def test_a_decision_is_kept_with_its_shadow_verdict_or_not_at_all(store, engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE shadow_verdicts RENAME TO away")
    with pytest.raises(StoreError):
        store.decisions.record([record(), shadowed(SHADOW)])
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one() == 0
