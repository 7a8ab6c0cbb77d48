from datetime import timedelta

import pytest

from databases import store_in
from evenhand.core.case import CaseKind, Role
from evenhand.core.decision import Action
from evenhand.core.errors import InputError, NotFoundError, ScopeError
from evenhand.core.reviewer import Preferences, Reviewer
from evenhand.core.taxonomy import Label
from evenhand.review.casework import MAX_NOTE, Casework, Today, check_ruling
from evenhand.store.records import StoredImage
from evenhand.store.rulings import NewRuling
from samples import NOON, keep, record, to_review

ANN = Reviewer(1, "ann", Role.REVIEWER)
BEN = Reviewer(2, "ben", Role.REVIEWER)
LEA = Reviewer(3, "lea", Role.LEAD)
AUDRA = Reviewer(4, "audra", Role.AUDITOR)
BLOCK = NewRuling(Action.BLOCK, "harassment")


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def casework(store):
    return Casework(store)


def test_who_has_a_case_gets_no_second_one(store, casework):
    keep(store, to_review(), to_review())
    first = casework.next(ANN, "default", NOON)
    assert casework.next(ANN, "default", NOON).id == first.id == casework.held(ANN, NOON).id
    assert store.exposures.of_day(1, NOON.date()) == {0: 1}, "it was shown once"
    casework.rule(ANN, first.id, BLOCK, NOON)
    assert casework.next(ANN, "default", NOON).id != first.id


def test_a_case_can_be_passed_by_or_put_back(store, casework):
    keep(store, to_review())
    case = casework.next(ANN, "default", NOON)
    assert casework.release(ANN, case.id) is True
    assert casework.next(ANN, "default", NOON).id == case.id
    assert casework.skip(ANN, case.id, NOON) is True
    assert casework.next(ANN, "default", NOON) is None
    assert casework.queues()[0].cases == 1


@pytest.mark.parametrize("act", ["next", "rule"])
def test_an_auditor_rules_on_nothing(casework, act):
    with pytest.raises(ScopeError) as caught:
        casework.next(AUDRA, "default", NOON) if act == "next" else casework.rule(AUDRA, "case_0", BLOCK, NOON)
    assert caught.value.code == "role.not_allowed"


def test_the_file_holds_all_about_the_case(store, casework):
    (decision_id, *_) = keep(
        store, to_review(body="words", author_id="u1", priority=1), to_review(body="words", author_id="u2")
    )
    file = casework.file(ANN, casework.next(ANN, "default", NOON).id, NOON)
    assert (file.decision.id, file.content.body, file.may_rule) == (decision_id, "words", True)
    assert (len(file.same_text), file.same_author, file.rulings) == (1, [], [])


def test_content_that_is_gone_does_not_hide_the_case(store, casework):
    keep(store, to_review())
    assert casework.file(ANN, casework.next(ANN, "default", NOON).id, NOON).content is None


def test_only_those_who_may_look_at_a_case_that_another_has_and_the_audit_says_so(store, casework):
    keep(store, to_review())
    case = casework.next(ANN, "default", NOON)
    with pytest.raises(ScopeError):
        casework.file(BEN, case.id, NOON)
    for looker in (LEA, AUDRA):
        assert casework.file(looker, case.id, NOON).may_rule is False
    views = [row.actor for row in store.audit.list() if row.act == "case.viewed"]
    assert views == ["reviewer:1", "reviewer:3", "reviewer:4"]


def test_pictures_are_for_who_has_the_case_or_may_look_at_it(store, casework):
    import dataclasses

    made = dataclasses.replace(to_review(body="with a picture"), images=(StoredImage(0, 0, b"jpeg"),))
    keep(store, made)
    case = casework.next(ANN, "default", NOON)
    assert casework.picture(ANN, case.id, 0, 0) == casework.picture(LEA, case.id, 0, 0) == b"jpeg"
    with pytest.raises(ScopeError):
        casework.picture(BEN, case.id, 0, 0)
    with pytest.raises(NotFoundError) as caught:
        casework.picture(ANN, case.id, 0, 1)
    assert caught.value.code == "picture.not_found"


def test_a_case_without_content_has_no_picture(store, casework):
    keep(store, to_review())
    with pytest.raises(NotFoundError):
        casework.picture(ANN, casework.next(ANN, "default", NOON).id, 0, 0)


@pytest.mark.parametrize(
    ("ruling", "code"),
    [
        (NewRuling(Action.BLOCK, "quoted"), "ruling.reason"),
        (NewRuling(Action.ALLOW, ""), "ruling.reason"),
        (NewRuling(Action.REVIEW, ""), "ruling.incomplete"),
        (NewRuling(Action.ALLOW, "quoted", "n" * (MAX_NOTE + 1)), "ruling.note"),
    ],
)
def test_a_ruling_that_does_not_say_why_is_refused(ruling, code):
    with pytest.raises(InputError) as caught:
        check_ruling(ruling)
    assert caught.value.code == code
    assert caught.value.remedy


def test_what_says_why_is_not_refused():
    check_ruling(NewRuling(Action.ALLOW, "quoted", "n" * MAX_NOTE))
    check_ruling(NewRuling(Action.REVIEW, "", refer=CaseKind.ESCALATION))


def test_who_had_their_share_of_hard_cases_gets_easy_ones_until_tomorrow(store, casework):
    tired = Reviewer(5, "tom", Role.REVIEWER, severe_per_day=1)
    hard = [to_review(Label.VIOLENCE_GRAPHIC) for _ in range(2)]
    keep(store, *hard, to_review(Label.SPAM))
    casework.rule(tired, casework.next(tired, "default", NOON).id, BLOCK, NOON)
    assert casework.today(tired, NOON) == Today(1, 1, has_enough=True, needs_break=False)
    assert casework.next(tired, "default", NOON).severity == 0
    tomorrow = NOON + timedelta(days=1)
    assert casework.next(tired, "default", tomorrow).severity == 3


def test_a_break_is_proposed_as_often_as_was_asked_for(store, casework):
    ann = Reviewer(1, "ann", Role.REVIEWER, preferences=Preferences(break_after=2))
    keep(store, *(to_review() for _ in range(3)))
    due = [casework.today(ann, NOON).needs_break]
    for _ in range(3):
        casework.rule(ann, casework.next(ann, "default", NOON).id, BLOCK, NOON)
        due.append(casework.today(ann, NOON).needs_break)
    assert due == [False, False, True, False]


def test_one_case_in_so_many_is_a_golden_one_that_does_not_say_so(store):
    casework = Casework(store, golden_every=2)
    (known,) = keep(store, to_review(body="known"))
    casework.rule(LEA, casework.next(LEA, "default", NOON).id, BLOCK, NOON, is_golden=True)
    ids = keep(store, *(to_review(body="new") for _ in range(3)))
    given = []
    for _ in range(4):
        case = casework.next(ANN, "default", NOON)
        given.append(case.decision_id)
        assert casework.file(ANN, case.id, NOON).rulings == []
        casework.rule(ANN, case.id, BLOCK, NOON)
    assert given[1] == known
    assert sorted([given[0], *given[2:]]) == sorted(ids)


def test_only_leads_say_what_is_golden_and_of_what_is_kept(store, casework):
    (decision_id,) = keep(store, to_review())
    case = casework.next(ANN, "default", NOON)
    with pytest.raises(ScopeError):
        casework.rule(ANN, case.id, BLOCK, NOON, is_golden=True)
    casework.release(ANN, case.id)
    case = casework.next(LEA, "default", NOON)
    with pytest.raises(NotFoundError):
        casework.rule(LEA, case.id, BLOCK, NOON, is_golden=True)
    assert store.rulings.of_decision(decision_id) == []


def test_escalations_are_for_leads(store, casework):
    keep(store, to_review())
    case = casework.next(ANN, "default", NOON)
    casework.rule(ANN, case.id, NewRuling(Action.REVIEW, "", refer=CaseKind.ESCALATION), NOON)
    assert casework.next(BEN, "default", NOON) is None
    assert casework.next(LEA, "default", NOON).kind is CaseKind.ESCALATION


@pytest.fixture
def appealed(store, casework):
    """Return a blocked decision, the appeal against it, and Ben's case of it."""
    (decision_id,) = keep(store, record(action=Action.BLOCK, body="words"))
    appeal, _ = store.appeals.open(decision_id, "I quoted it.", NOON, key_id="k" * 12)
    return decision_id, appeal, casework.next(BEN, "default", NOON)


def test_an_appeal_ends_with_words_for_the_author(store, casework, appealed):
    decision_id, appeal, case = appealed
    assert case.kind is CaseKind.APPEAL
    casework.write(BEN, case.id, "Where is it from?", NOON)
    messages = casework.file(BEN, case.id, NOON).appeal.messages
    assert [(message.sender.value, message.body) for message in messages] == [
        ("author", "I quoted it."),
        ("reviewer", "Where is it from?"),
    ]
    ruling = NewRuling(Action.ALLOW, "quoted", outcome="You are right.")
    casework.rule(BEN, case.id, ruling, NOON)
    closed = store.appeals.get(appeal.id)
    assert (closed.status.value, closed.outcome) == ("reversed", "You are right.")
    assert store.rulings.stands(decision_id) is Action.ALLOW
    assert store.audit.verify().faults == ()


def test_an_appeal_that_changes_nothing_is_upheld(store, casework, appealed):
    _, appeal, case = appealed
    casework.rule(BEN, case.id, NewRuling(Action.BLOCK, "hate", outcome="It attacks people."), NOON)
    assert store.appeals.get(appeal.id).status.value == "upheld"


@pytest.mark.parametrize(
    ("ruling", "code"),
    [
        (NewRuling(Action.ALLOW, "quoted"), "text.empty"),
        (NewRuling(Action.ALLOW, "quoted", outcome="w" * 5_001), "text.too_long"),
        (NewRuling(Action.ALLOW, "quoted", outcome="Yes.", refer=CaseKind.ESCALATION), "ruling.appeal"),
    ],
)
def test_an_author_is_never_left_without_an_answer(store, casework, appealed, ruling, code):
    _, appeal, case = appealed
    with pytest.raises(InputError) as caught:
        casework.rule(BEN, case.id, ruling, NOON)
    assert caught.value.code == code
    assert store.appeals.get(appeal.id).status.value == "open"


def test_only_who_has_the_appeal_writes_to_the_author(casework, appealed):
    _, _, case = appealed
    with pytest.raises(InputError) as caught:
        casework.write(ANN, case.id, "Hello.", NOON)
    assert caught.value.code == "case.not_yours"


def test_a_case_that_is_no_appeal_has_no_author_to_write_to(store, casework):
    keep(store, to_review())
    case = casework.next(ANN, "default", NOON)
    with pytest.raises(NotFoundError) as caught:
        casework.write(ANN, case.id, "Hello.", NOON)
    assert caught.value.code == "appeal.not_found"


def test_who_ruled_does_not_answer_the_appeal_against_it(store, casework):
    (decision_id,) = keep(store, to_review(body="words"))
    casework.rule(ANN, casework.next(ANN, "default", NOON).id, BLOCK, NOON)
    store.appeals.open(decision_id, "Why?", NOON, key_id="k" * 12)
    assert casework.next(ANN, "default", NOON) is None
    assert casework.next(BEN, "default", NOON).kind is CaseKind.APPEAL


def test_what_was_blocked_at_once_has_no_case(store, casework):
    keep(store, record(action=Action.BLOCK))
    assert casework.next(ANN, "default", NOON) is None
