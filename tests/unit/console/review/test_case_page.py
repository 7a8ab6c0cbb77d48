import dataclasses
from datetime import timedelta

import pytest

from evenhand.console.review.case_page import case_page, cover, today_line, waiting
from evenhand.console.review.session import Visitor
from evenhand.core.case import Case, CaseKind, CaseStatus, Role, Ruling
from evenhand.core.decision import Action, ImageFacts
from evenhand.core.reviewer import Preferences, Reviewer
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy
from evenhand.review.casework import CaseFile, Today
from evenhand.store.records import StoredContent, StoredImage
from samples import NOON, to_review

ANN = Reviewer(1, "ann", Role.REVIEWER)
LEA = Reviewer(2, "lea", Role.LEAD)
NOTHING = Today(0, 0, has_enough=False, needs_break=False)


def page_of(*labels, reviewer=ANN, kind=CaseKind.REVIEW, severity=0, content=True, may_rule=True, **more):
    made = to_review(*labels)
    decision = dataclasses.replace(made.decision, images=(ImageFacts("JPEG", 640, 480, 2),) * 2)
    case = Case("case_1", NOON, decision.id, kind, CaseStatus.OPEN, "default", severity, leased_until=NOON)
    images = (StoredImage(0, 0, b""), StoredImage(0, 1, b""), StoredImage(1, 0, b""))
    stored = StoredContent(decision.id, NOON, "review", "words", (), images) if content else None
    file = CaseFile(case, decision, stored, more.pop("rulings", []), [], [], may_rule, **more)
    policy = Policy("default", "", Action.REVIEW, ())
    return case_page(Visitor(reviewer, "token", "../"), file, NOTHING, policy_for=lambda _: policy)


def test_the_first_reason_to_block_is_what_the_decision_is_about():
    reasons = page_of(Label.SCAM, Label.HATE).block_reasons
    assert [reason.value for reason in reasons[:2]] == ["scam", "hate"]
    assert [reason.is_chosen for reason in reasons[:2]] == [True, False]
    assert len({reason.value for reason in reasons}) == len(reasons) == 18


def test_no_reason_is_a_perspective_attribute():
    assert not {reason.value for reason in page_of(Label.ATTRIBUTE_INSULT).block_reasons} & {"INSULT", "TOXICITY"}


def test_a_golden_case_looks_like_any_other():
    assert page_of(kind=CaseKind.GOLDEN).kind == page_of().kind


@pytest.mark.parametrize(("severity", "folded"), [(1, False), (2, True), (3, True)])
def test_severe_text_is_folded_unless_the_reviewer_does_not_want_it(severity, folded):
    assert page_of(severity=severity).is_folded is folded
    brave = dataclasses.replace(ANN, preferences=Preferences(fold_severe_text=False))
    assert page_of(severity=severity, reviewer=brave).is_folded is False


def test_each_copy_of_a_picture_is_said_to_be_of_its_image():
    assert [(shot.address, shot.caption) for shot in page_of().shots] == [
        ("case_1/pictures/0/0", "Image 1: JPEG, 640 by 480 pixels, 2 frames"),
        ("case_1/pictures/0/1", "Image 1: JPEG, 640 by 480 pixels, 2 frames"),
        ("case_1/pictures/1/0", "Image 2: JPEG, 640 by 480 pixels, 2 frames"),
    ]


def test_content_that_is_gone_is_said_to_be_and_cannot_be_golden():
    page = page_of(content=False, reviewer=LEA)
    assert (page.is_gone, page.shots, page.may_lead) == (True, (), False)
    assert page_of(reviewer=LEA).may_lead is True
    assert page_of().may_lead is False


def test_who_does_not_have_the_case_has_no_lease():
    assert page_of(may_rule=False).lease == ""
    assert page_of().lease == "12:00 UTC"


def test_rulings_name_nobody():
    first = Ruling("rul_1", NOON, "c", "d", 7, "review", Action.BLOCK, "hate", "note", Action.REVIEW, 3)
    undone = dataclasses.replace(first, reviewer_id=None, kind="undo")
    lines = page_of(rulings=[first, undone]).history
    assert [line.who for line in lines] == ["reviewer 7", "the operator"]
    assert lines[1].kind == "an earlier decision was undone"


@pytest.mark.parametrize(
    ("preferences", "classes"),
    [
        (Preferences(), "blurred grey"),
        (Preferences(blur_pictures=False), "grey"),
        (Preferences(blur_pictures=False, grey_pictures=False), ""),
    ],
)
def test_pictures_are_covered_as_the_reviewer_wants(preferences, classes):
    assert cover(preferences) == classes


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=1, minutes=59), "1 hour"),
        (timedelta(days=12, hours=5), "12 days"),
        (timedelta(seconds=-5), "under a minute"),
    ],
)
def test_how_long_something_waits_is_said_in_its_largest_unit(time, words):
    assert waiting(time) == words


def test_a_day_that_was_enough_says_so():
    line = today_line(Today(9, 3, has_enough=True, needs_break=True))
    assert "no more of them today" in line.limit
    assert "break" in line.pause
    assert (today_line(NOTHING).limit, today_line(NOTHING).pause) == ("", "")
