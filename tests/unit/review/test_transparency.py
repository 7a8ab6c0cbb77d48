from datetime import timedelta

import pytest
from sqlalchemy import create_engine, insert

from evenhand.core.decision import Action
from evenhand.core.share import Share
from evenhand.review.transparency import ByCategory, transparency
from evenhand.store.cases import Claimant
from evenhand.store.numbers import Period
from evenhand.store.review_tables import appeals
from evenhand.store.rulings import NewRuling
from rule_hits import appeal, hit
from samples import NOON, keep, record

EVER = Period(NOON - timedelta(days=99), NOON + timedelta(days=99))


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'evenhand.sqlite'}"


def test_an_empty_store_has_nothing_to_tell(store):
    found = transparency(store, EVER)
    assert found.decisions == dict.fromkeys(Action, 0)
    assert {found.automated, found.automated_blocks, found.wrong_blocks, found.overturned} == {Share(0, 0)}
    assert (found.categories, found.rulings, found.reasons, found.appeals) == ((), {}, {}, {})


def test_it_tells_who_decided_what_and_how_often_it_was_wrong(store, url):
    keep(store, *(record() for _ in range(5)))
    keep(store, hit("spam"), hit("spam", "hate"))
    blocked = keep(store, hit("spam", action=Action.BLOCK), hit(None, action=Action.BLOCK))
    for _ in range(2):
        case = store.cases.claim(Claimant(1), queue="default", now=NOON)
        store.rulings.rule(case.id, 1, NewRuling(Action.BLOCK, "spam"), NOON)
    store.rulings.undo(blocked[:1], None, "", NOON)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(appeals), appeal("app_1", blocked[0], "reversed"))
    engine.dispose()
    found = transparency(store, EVER)
    assert found.decisions == {Action.ALLOW: 5, Action.REVIEW: 2, Action.BLOCK: 2}
    assert found.automated == Share(6, 9)
    assert found.automated_blocks == Share(1, 2)
    assert found.wrong_blocks == Share(1, 1)
    assert found.categories == (ByCategory("hate", 1, 0), ByCategory("on_failure", 0, 1), ByCategory("spam", 2, 1))
    assert found.rulings == {Action.BLOCK: 2, Action.ALLOW: 1}
    assert found.reasons == {"spam": 2, "misread": 1}
    assert found.overturned == Share(1, 1)
    assert found.appeals == {"reversed": 1}


def test_only_the_period_counts(store):
    keep(store, hit("spam"))
    assert transparency(store, Period(EVER.since, NOON)).decisions[Action.REVIEW] == 0
    assert transparency(store, Period(NOON, EVER.until)).decisions[Action.REVIEW] == 1
