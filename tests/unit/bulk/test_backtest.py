import dataclasses
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from evenhand.bulk import backtest as module
from evenhand.bulk.backtest import MOST_EXAMPLES, Difference, Moved, backtest
from evenhand.bulk.outcomes import Outcome, outcome_of
from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError, StoreError
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.evaluate import evaluate
from evenhand.policy.load import parse_policy
from evenhand.service.replay import again
from evenhand.store.records import DecisionRecord, StoredPolicy
from evenhand.store.store import open_store
from samples import decision

BEFORE = "name: mine\nthresholds:\n  spam: {review: 0.5}\n  hate: {review: 0.8}\n"
AFTER = "name: mine\nthresholds:\n  spam: {review: 0.3, block: 0.9}\n  hate: {block: 0.9}\n"


def made(place):
    """Return one of many decisions, all different."""
    signals = (
        Signal("text.one", "1", Label.SPAM, (place * 7 % 40) / 40),
        Signal("text.one", "1", Label.HATE, (place * 13 % 40) / 40),
    )
    verdict = evaluate(signals, parse_policy(BEFORE))
    return dataclasses.replace(decision(id=f"dec_{place:032x}"), verdict=verdict, signals=signals)


@pytest.fixture
def url(tmp_path):
    address = f"sqlite:///{tmp_path / 'evenhand.sqlite'}"
    store = open_store(address)
    store.decisions.record([DecisionRecord(made(place), "", "test") for place in range(130)])
    store.close()
    return address


@pytest.fixture
def expected():
    """The same the plain way: one after another, whole."""
    total = Difference()
    for place in range(130):
        each = made(place)
        total.take(each.id, outcome_of(each.verdict), outcome_of(again(each, parse_policy(AFTER))))
    return total


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(module, "PART", 25)
    monkeypatch.setattr(module, "PAGE", 10)


def test_parts_in_one_process_give_what_the_plain_way_gives(url, expected):
    advanced = []
    found = backtest(url, BEFORE, AFTER, processes=1, advance=advanced.append)
    assert found == expected
    assert advanced == [25] * 5 + [5]
    assert found.changed == sum(count for (old, new), count in found.moves.items() if old != new) > 0


def test_parts_in_two_processes_give_the_same(url, expected):
    assert backtest(url, BEFORE, AFTER, processes=2) == expected


def test_a_policy_against_itself_changes_nothing(url):
    found = backtest(url, BEFORE, BEFORE, processes=1)
    assert (found.decisions, found.changed, found.others, found.categories, found.examples) == (130, 0, 0, {}, {})
    assert found.reviews()[0] == found.reviews()[1] > 0


def test_only_what_is_new_enough_is_judged(url):
    since = made(0).created_at
    assert backtest(url, BEFORE, AFTER, since=since, processes=1).decisions == 130
    later = since.replace(year=since.year + 1)
    assert backtest(url, BEFORE, AFTER, since=later) == Difference()


@pytest.mark.parametrize("processes", [1, 2])
def test_what_cannot_be_read_is_counted_and_judged_by_nobody(url, processes):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE decisions SET document = '{' WHERE id < :id"), {"id": f"dec_{3:032x}"})
    engine.dispose()
    found = backtest(url, BEFORE, AFTER, processes=processes)
    assert (found.decisions, found.unreadable) == (127, 3)


def test_an_error_of_the_database_comes_through_from_a_process(url, monkeypatch):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE decisions RENAME COLUMN document TO away"))
    engine.dispose()
    for processes in (1, 2):
        with pytest.raises(StoreError) as caught:
            backtest(url, BEFORE, AFTER, processes=processes)
        assert (caught.value.code, bool(caught.value.remedy)) == ("store.unavailable", True)


def test_what_is_no_policy_is_refused(url):
    with pytest.raises(ConfigurationError) as caught:
        backtest(url, BEFORE, "name: mine\n")
    assert caught.value.field.startswith("after:")


WITH_FACTS = "name: with\nthresholds: {}\nrules:\n- {id: r, when: 'content.characters > 5', action: block}\n"


@pytest.mark.parametrize("source", [WITH_FACTS, BEFORE, "no policy any more", None])
def test_conditions_are_asked_where_the_stored_policy_read_the_same(url, source):
    store = open_store(url)
    decided_by = made(0).policy
    if source is not None:
        store.policies.keep([StoredPolicy(decided_by.version, decided_by.name, made(0).created_at, source)])
    store.close()
    found = backtest(url, BEFORE, WITH_FACTS, processes=1)
    if source == WITH_FACTS:
        assert (found.decisions, found.unanswered) == (130, 0)
    else:
        assert found == Difference(unanswered=130)


ALLOW, REVIEW, BLOCK = (Outcome(action) for action in Action)
SPAM = ("spam", "spam.review", Action.REVIEW)
HATE = ("hate", "hate.block", Action.BLOCK)


def test_categories_are_those_that_speak_in_only_one_of_both():
    total = Difference()
    total.take("dec_1", Outcome(Action.REVIEW, frozenset({SPAM})), Outcome(Action.BLOCK, frozenset({SPAM, HATE})))
    total.take("dec_2", Outcome(Action.REVIEW, frozenset({SPAM})), ALLOW)
    assert total.categories == {"hate": Moved(stricter=1), "spam": Moved(milder=1)}
    assert total.moves == {(Action.REVIEW, Action.BLOCK): 1, (Action.REVIEW, Action.ALLOW): 1}
    assert total.reviews() == (2, 0)


@pytest.mark.parametrize(
    "after",
    [Outcome(Action.REVIEW), Outcome(Action.REVIEW, frozenset({SPAM}), "urgent"), Outcome(Action.REVIEW, priority=1)],
    ids=["rules", "queue", "priority"],
)
def test_the_same_action_for_other_reasons_is_counted_apart(after):
    total = Difference()
    total.take("dec_1", Outcome(Action.REVIEW, frozenset({SPAM})), after)
    assert (total.others, total.changed, total.categories) == (1, 0, {})


@pytest.mark.parametrize("which", [0, 1])
def test_what_a_condition_could_not_answer_is_in_no_other_count(which):
    total = Difference()
    outcomes = [ALLOW, ALLOW]
    outcomes[which] = Outcome(Action.REVIEW, is_answered=False)
    total.take("dec_1", *outcomes)
    assert total == Difference(unanswered=1)


@given(st.lists(st.tuples(st.sampled_from([ALLOW, REVIEW, BLOCK]), st.sampled_from([ALLOW, REVIEW, BLOCK]))), st.data())
def test_parts_together_are_the_whole(outcomes, data):
    cut = data.draw(st.integers(0, len(outcomes)))
    whole, first, second = Difference(), Difference(), Difference()
    for place, pair in enumerate(outcomes):
        whole.take(str(place), *pair)
        (first if place < cut else second).take(str(place), *pair)
    first.add(second)
    assert first == whole
    assert all(len(names) <= MOST_EXAMPLES for names in whole.examples.values())
    assert whole.moves == Counter((before.action, after.action) for before, after in outcomes)


def test_a_process_answers_with_what_it_found_or_with_the_error_as_plain_data(url, monkeypatch):
    monkeypatch.setattr(module, "_arguments", ())
    monkeypatch.setattr(module, "_work", None)
    module._begin(url, BEFORE, AFTER, None)
    whole = ("", f"dec_{129:032x}")
    assert module._read(module._judge(whole)) == backtest(url, BEFORE, AFTER, processes=1)
    module._work.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE decisions RENAME COLUMN document TO away"))
    engine.dispose()
    with pytest.raises(StoreError) as caught:
        module._read(module._judge(whole))
    module._work.close()
    assert caught.value.code == "store.unavailable"
