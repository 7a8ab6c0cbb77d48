from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from evenhand.core.case import LEASE, SKIP_LASTS, CaseKind, CaseStatus
from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.core.taxonomy import Label
from evenhand.store.cases import Claimant, QueueCount
from samples import NOON, keep, record, to_review

ANN, BEN = Claimant(1), Claimant(2)


def claimed(store, who=ANN, queue="default", now=NOON):
    case = store.cases.claim(who, queue=queue, now=now)
    return case.decision_id if case else None


def test_only_what_is_to_be_reviewed_becomes_a_case(store):
    reviewed, *_ = keep(store, to_review(), record(action=Action.ALLOW), record(action=Action.BLOCK))
    assert [claimed(store), claimed(store, BEN)] == [reviewed, None]


def test_a_case_says_what_it_is_about(store):
    (decision_id,) = keep(store, to_review(Label.HATE, body="some words", author_id="u1", queue="hard"))
    case = store.cases.claim(ANN, queue="hard", now=NOON)
    assert store.cases.get(case.id) == case == store.cases.held_by(1, NOON)
    assert (case.decision_id, case.kind, case.status) == (decision_id, CaseKind.REVIEW, CaseStatus.OPEN)
    assert (case.queue, case.severity, case.author_id, len(case.content_sha256)) == ("hard", 1, "u1", 64)
    assert (case.claimed_by, case.leased_until) == (1, NOON + LEASE)


def test_there_is_no_case_with_another_id(store):
    with pytest.raises(NotFoundError) as caught:
        store.cases.get("case_0")
    assert caught.value.code == "case.not_found"


def test_the_most_urgent_then_the_gravest_then_the_oldest_comes_first(store):
    old, grave, urgent, new = keep(
        store, to_review(), to_review(Label.VIOLENCE_GRAPHIC), to_review(priority=1), to_review(Label.SPAM)
    )
    given = [claimed(store, Claimant(number)) for number in range(4)]
    assert given[:2] == [urgent, grave]
    assert set(given[2:]) == {old, new}


def test_queues_are_apart(store):
    keep(store, to_review(queue="spam"))
    assert claimed(store) is None
    assert claimed(store, queue="spam")


def test_nobody_gets_a_case_that_somebody_has_until_the_lease_is_over(store):
    (decision_id,) = keep(store, to_review())
    assert claimed(store, ANN) == decision_id
    assert claimed(store, BEN, now=NOON + LEASE) is None
    assert claimed(store, BEN, now=NOON + LEASE + timedelta(seconds=1)) == decision_id
    assert store.cases.held_by(1, NOON + LEASE) is None


def test_a_clock_that_jumps_back_does_not_free_a_case(store):
    keep(store, to_review())
    claimed(store, ANN)
    assert claimed(store, BEN, now=NOON - timedelta(days=1)) is None


def test_a_case_that_was_put_back_can_be_had_again(store):
    (decision_id,) = keep(store, to_review())
    case = store.cases.claim(ANN, queue="default", now=NOON)
    assert store.cases.release(case.id, 2) is False
    assert store.cases.release(case.id, 1) is True
    assert claimed(store, BEN) == decision_id


def test_a_case_that_was_passed_by_is_for_others_and_later_again_for_the_same(store):
    (decision_id,) = keep(store, to_review())
    for start in (NOON, NOON + SKIP_LASTS + timedelta(seconds=1)):
        case = store.cases.claim(ANN, queue="default", now=start)
        assert store.cases.skip(case.id, 1, start) is True
        assert claimed(store, ANN, now=start) is None
    assert store.cases.skip(case.id, 1, NOON) is False
    assert claimed(store, BEN) == decision_id


def test_who_had_enough_for_today_gets_nothing_hard(store):
    hard, easy = keep(store, to_review(Label.VIOLENCE_GRAPHIC), to_review(Label.SPAM))
    tired = Claimant(1, hardest=1)
    assert claimed(store, tired) == easy
    assert claimed(store, Claimant(2)) == hard


def test_one_case_can_be_asked_for_by_whoever_may_have_it(store):
    keep(store, to_review())
    case = store.cases.claim(ANN, queue="default", now=NOON)
    assert store.cases.claim_one(BEN, case.id, now=NOON) is None
    store.cases.release(case.id, 1)
    assert store.cases.claim_one(BEN, case.id, now=NOON).id == case.id


def test_every_view_is_in_the_audit_and_counted(store):
    keep(store, to_review(Label.VIOLENCE_GRAPHIC), to_review(Label.SPAM))
    first, second = (store.cases.claim(ANN, queue="default", now=NOON) for _ in range(2))
    views = [row for row in store.audit.list() if row.act == "case.viewed"]
    assert [(row.actor, row.subject) for row in views] == [("reviewer:1", first.id), ("reviewer:1", second.id)]
    assert views[0].details == {"decision": first.decision_id, "severity": 3}
    assert store.exposures.of_day(1, NOON.date()) == {3: 1, 0: 1}
    keep(store, to_review(Label.SPAM))
    claimed(store)
    assert store.exposures.of_day(1, NOON.date()) == {3: 1, 0: 2}
    assert store.exposures.of_day(2, NOON.date()) == {}


def test_queues_say_how_much_waits(store):
    later = NOON + timedelta(hours=1)
    keep(store, to_review(at=later), to_review(), to_review(queue="spam"))
    claimed(store)
    assert store.cases.queues() == [QueueCount("default", 2, 1, NOON), QueueCount("spam", 1, 0, NOON)]


def test_cases_with_the_same_text_or_author_are_found(store):
    keep(
        store,
        to_review(body="same", author_id="u1", priority=1),
        to_review(body="same", author_id="u2"),
        to_review(body="other", author_id="u1"),
        to_review(),
    )
    first = store.cases.claim(ANN, queue="default", now=NOON)
    texts, authors = store.cases.like(first, limit=10)
    assert [case.author_id for case in texts] == ["u2"]
    assert [store.contents.get(case.decision_id).body for case in authors] == ["other"]


def test_a_case_without_text_or_author_is_like_no_other(store):
    keep(store, to_review(body=" "), to_review(body=" "))
    case = store.cases.claim(ANN, queue="default", now=NOON)
    assert store.cases.like(case, limit=10) == ([], [])


def test_two_reviewers_never_hold_the_same_case(store):
    ids = keep(store, *(to_review(Label.HATE) for _ in range(40)))
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda number: claimed(store, Claimant(number)), range(60)))
    counts = Counter(given)
    assert counts.pop(None) == 20
    assert counts == Counter(ids)
