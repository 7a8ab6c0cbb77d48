"""Templates show documented fields, all of them, and nothing else."""

import dataclasses
import html
from pathlib import Path

import pytest
from jinja2 import UndefinedError, meta, nodes

from contexts import named
from evenhand.console import views
from evenhand.console.contexts import (
    CONTEXTS,
    Answer,
    Box,
    ClipView,
    DetectorLine,
    FailureLine,
    HomePage,
    JobView,
    Look,
    Mark,
    Picture,
    Piece,
    Refusal,
    RuleLine,
    ScoreRow,
    Segment,
    SpanLine,
    SpanRow,
)
from evenhand.console.review.case_contexts import CASE_CONTEXTS
from evenhand.console.review.contexts import REVIEW_CONTEXTS
from evenhand.console.review.number_contexts import NUMBER_CONTEXTS
from evenhand.console.review.record_contexts import RECORD_CONTEXTS

FOLDER = Path(views.__file__).parent / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
#: What the templates of the review console show beside.
REVIEWED = {
    field.name
    for context in (*REVIEW_CONTEXTS, *CASE_CONTEXTS, *NUMBER_CONTEXTS, *RECORD_CONTEXTS)
    for field in dataclasses.fields(context)
}
FIELDS = {(context, field.name): field for context in CONTEXTS for field in dataclasses.fields(context)}


def tree(name):
    return views.make_templates().parse((FOLDER / name).read_text())


def filled_page(**more):
    marked = named(
        Segment, number=7001, first=7002, last=7003, marks=(named(Mark),), pieces=(named(Piece), Piece("<plain>", ""))
    )
    answer = named(
        Answer,
        rules=(named(RuleLine, cause=""), RuleLine("<failed>", "", "", "", "", "<cause>")),
        failures=(named(FailureLine),),
        segments=(marked,),
        listed=(marked,),
        unlisted=7004,
        unmarked=7005,
        pictures=(named(Picture, number=7008, boxes=(named(Box, number=7009, mark=named(Mark)),)),),
        clip=named(
            ClipView,
            rows=(named(SpanRow, spans=(named(SpanLine),)),),
            spans=(named(SpanLine),),
            more_spans=(named(SpanLine, label="<more>"),),
        ),
        scores=(named(ScoreRow, value=0.7006),),
        low_scores=(named(ScoreRow, value=0.7007, label="<low>"),),
        not_looked_for=("<unlooked>",),
        languages=("<language>",),
        notices=("<notice>",),
        detectors=(named(DetectorLine),),
    )
    return named(HomePage, **({"answer": answer, "refusal": None, "job": None, "look": None} | more))


def leaves(value):
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    elif value is not None and value != "":
        yield str(value)


def render(page, name="pages/home.html"):
    return views.make_templates().get_template(name).render(page=page)


@pytest.mark.parametrize(("context", "name"), FIELDS)
def test_every_field_has_help(context, name):
    assert FIELDS[context, name].metadata["help"].endswith(".")


def test_every_context_is_frozen():
    assert all(context.__dataclass_params__.frozen for context in CONTEXTS)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_reads_only_documented_fields(name):
    documented = {field for _, field in FIELDS} | REVIEWED
    assert {node.attr for node in tree(name).find_all(nodes.Getattr)} <= documented
    assert meta.find_undeclared_variables(tree(name)) <= {"page"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_switches_escaping_off_nowhere(name):
    assert "safe" not in {node.name for node in tree(name).find_all(nodes.Filter)}
    assert not list(tree(name).find_all(nodes.ScopedEvalContextModifier))


def test_every_documented_field_is_shown_and_escaped():
    shown = html.unescape(rendered := render(page := filled_page()))
    assert [value for value in leaves(page) if value not in shown] == []
    assert "<HomePage.text>" not in rendered


def test_a_refusal_is_shown_whole():
    page = filled_page(answer=None, refusal=named(Refusal))
    assert [value for value in leaves(page) if value not in html.unescape(render(page))] == []


@pytest.mark.parametrize("given", [{"pause": ""}, {"key_hint": ""}])
def test_a_job_is_shown_whole(given):
    page = filled_page(answer=None, job=named(JobView), look=named(Look, **given))
    assert [value for value in leaves(page) if value not in html.unescape(render(page))] == []


def test_a_job_of_which_nothing_could_be_said_can_be_asked_for_again():
    page = filled_page(answer=None, refusal=named(Refusal), look=named(Look, pause=""))
    assert [value for value in leaves(page) if value not in html.unescape(render(page))] == []


def test_the_outcome_alone_is_a_part_of_the_page():
    page = filled_page()
    assert render(page, "components/outcome.html").strip() in render(page)


def test_an_unknown_name_is_an_error_and_not_a_blank():
    with pytest.raises(UndefinedError):
        views.make_templates().from_string("{{ page.nothing }}").render(page=filled_page())
