"""The templates of cases, numbers, audit and undo show documented fields, and all of them."""

import dataclasses
import html

import pytest

from contexts import leaves, named
from evenhand.console.contexts import Answer, Box, Mark, Piece, Refusal, RuleLine, Segment
from evenhand.console.review.case_contexts import (
    CASE_CONTEXTS,
    CasePage,
    CasePicture,
    MessageLine,
    QueueLine,
    QueuesPage,
    Reason,
    RulingLine,
    SpokenLine,
    TodayLine,
)
from evenhand.console.review.contexts import Frame
from evenhand.console.review.number_contexts import (
    NUMBER_CONTEXTS,
    Bar,
    Line,
    NumbersPage,
    NumberTable,
    TransparencyPage,
)
from evenhand.console.review.record_contexts import (
    RECORD_CONTEXTS,
    AuditLine,
    AuditPage,
    FaultLine,
    GoldenAnswerLine,
    GoldenLine,
    GoldenPage,
    UndoPage,
    UndoPreview,
)
from evenhand.console.views import make_templates

CONTEXTS = (*CASE_CONTEXTS, *NUMBER_CONTEXTS, *RECORD_CONTEXTS)
FIELDS = {(context, field.name): field for context in CONTEXTS for field in dataclasses.fields(context)}


FRAME = named(Frame, root="<root>/", links=())
TODAY = named(TodayLine, cases=7_001, severe=7_002)
MARKED = named(
    Segment, number=7_003, first=7_004, last=7_005, marks=(named(Mark),), pieces=(named(Piece), Piece("<plain>", ""))
)
ANSWER = named(
    Answer,
    rules=(named(RuleLine, cause=""),),
    failures=(),
    segments=(MARKED,),
    listed=(MARKED,),
    unlisted=0,
    unmarked=0,
    pictures=(),
    clip=None,
    scores=(),
    low_scores=(),
    not_looked_for=("<unlooked>",),
    languages=("<language>",),
    notices=("<notice>",),
    detectors=(),
)
CHOICES = (named(Reason, is_chosen=False),)
CASE = named(
    CasePage,
    frame=FRAME,
    answer=ANSWER,
    is_folded=False,
    is_gone=False,
    context=("<context>",),
    shots=(named(CasePicture, number=7_006, boxes=(named(Box, number=7_007, mark=named(Mark)),)),),
    transcript=(named(SpokenLine),),
    is_appeal=True,
    messages=(named(MessageLine),),
    history=(named(RulingLine),),
    same_text=7_008,
    same_author=7_009,
    allow_reasons=CHOICES,
    block_reasons=CHOICES,
    may_lead=True,
    today=TODAY,
)
TABLES = (named(NumberTable, columns=("<column>",), rows=(("<cell>",),)),)
PAGES = {
    "pages/review_queues.html": named(
        QueuesPage,
        frame=FRAME,
        queues=(named(QueueLine, cases=7_010, claimed=7_011),),
        may_rule=True,
        today=TODAY,
    ),
    "pages/review_case.html": CASE,
    "pages/review_numbers.html": named(
        NumbersPage,
        frame=FRAME,
        days=7_012,
        choices=(7_013,),
        most=7_014,
        bars=(named(Bar),),
        lines=(named(Line),),
        tables=TABLES,
    ),
    "pages/review_transparency.html": named(
        TransparencyPage, frame=FRAME, tables=(dataclasses.replace(TABLES[0], address=""),)
    ),
    "pages/review_audit.html": named(
        AuditPage,
        frame=FRAME,
        lines=(named(AuditLine, sequence=7_015),),
        faults=(named(FaultLine, first=7_016, last=7_017),),
    ),
    "pages/review_undo.html": named(
        UndoPage,
        frame=FRAME,
        refusal=named(Refusal),
        preview=named(UndoPreview, reviewed=7_018, blocked=7_019, examples=("<example>",)),
    ),
    "pages/review_golden.html": named(
        GoldenPage,
        frame=FRAME,
        refusal=named(Refusal),
        lines=(named(GoldenLine, answers=(named(GoldenAnswerLine, is_right=False),), agreed=7_020),),
    ),
}


def render(name, page):
    return make_templates().get_template(name).render(page=page)


@pytest.mark.parametrize(("context", "name"), FIELDS)
def test_every_field_has_help(context, name):
    assert FIELDS[context, name].metadata["help"].endswith(".")


def test_every_context_is_frozen():
    assert all(context.__dataclass_params__.frozen for context in CONTEXTS)


@pytest.mark.parametrize("name", PAGES)
def test_every_documented_field_is_shown_and_escaped(name):
    rendered = render(name, PAGES[name])
    shown = html.unescape(rendered)
    # The home page shows these; a case says the same elsewhere.
    left_out = {"<Answer.meaning>", "<Answer.action>"} if name != "pages/review_case.html" else set()
    assert [value for value in leaves(PAGES[name]) if value not in shown and value not in left_out] == []
    assert [value for value in leaves(PAGES[name]) if value.startswith("<") and value in rendered] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("is_folded", True), ("is_gone", True), ("is_appeal", False), ("may_lead", False), ("lease", ""), ("cover", "")],
)
def test_what_is_there_or_not_makes_a_difference(name, value):
    page = dataclasses.replace(CASE, **{name: value})
    assert render("pages/review_case.html", page) != render("pages/review_case.html", CASE)


def test_who_does_not_have_a_case_gets_no_form():
    shown = render("pages/review_case.html", dataclasses.replace(CASE, lease=""))
    assert 'id="ruling"' not in shown
    assert "You look at it; you do not have it." in shown
