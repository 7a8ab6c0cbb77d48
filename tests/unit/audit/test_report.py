import json
from datetime import UTC, datetime

import jsonschema_rs
import pytest

from audited import audited
from evenhand.audit.measures import Estimate
from evenhand.audit.report import (
    SCHEMA_FILE,
    make_report,
    percent,
    points,
    read_report,
    report_schema,
    schema_text,
    summary_line,
    write_report,
)
from evenhand.audit.variations import Line, Table
from evenhand.core.errors import InputError

MADE = datetime(2026, 11, 26, 12, tzinfo=UTC)
KINDS = {
    "biased": {},
    "even": {"bias": 0, "failed": ()},
    "without scores": {"has_scores": False},
    "small": {"harmless": 3, "harmful": 2, "failed": ()},
    "all failed": {"harmless": 3, "harmful": 2, "failed": {f"s{place}" for place in range(600)}},
    "harmless alone": {"harmless": 12, "harmful": 0},
    "harmful alone": {"harmless": 0, "harmful": 12},
}


def report_of(**kind):
    return make_report(audited(**kind), target="made-up", version="2", made=MADE, count=50)


@pytest.fixture(scope="module")
def report():
    return report_of()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_report_has_the_published_form_and_is_read_back(kind):
    report = report_of(**kind)
    text = write_report(report)
    jsonschema_rs.validator_for(report_schema()).validate(json.loads(text))
    assert read_report(text) == report


def test_the_published_schema_is_that_of_the_code():
    """`python -c "from evenhand.audit.report import *; SCHEMA_FILE.write_text(schema_text())"` writes it anew."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_the_schema_refuses_another_action(report):
    broken = json.loads(write_report(report))
    broken["cases"][0]["action"] = "delete"
    assert not jsonschema_rs.validator_for(report_schema()).is_valid(broken)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda content: "[]", None),
        (lambda content: "{", None),
        (lambda content: json.dumps(content | {"form": "another 1"}), "form"),
        (lambda content: json.dumps(content | {"outcomes": content["outcomes"] | {"ids": []}}), "outcomes"),
    ],
    ids=["a list", "no JSON", "another form", "uneven columns"],
)
def test_what_is_no_report_is_refused(report, change, field):
    with pytest.raises(InputError) as refused:
        read_report(change(json.loads(write_report(report))))
    assert (refused.value.code, refused.value.field) == ("audit.report", field)


def test_the_worst_cases_are_those_of_the_planted_group_gravest_first(report):
    flagged = [case for case in report.cases if case.kind == "flagged"]
    assert {case.group for case in flagged} == {"green"}
    assert [case.action for case in flagged] == sorted(case.action for case in flagged)
    assert all(case.usual == "allow" for case in flagged)
    missed = [case for case in report.cases if case.kind == "missed"]
    assert missed
    assert any(case.action == "allow" for case in missed)
    assert max(len(flagged), len(missed)) <= 25


def test_limits_say_what_failed_and_what_was_not_measured(report):
    assert report.limits[0].startswith("2 of 600 sentences (0.3%) were not answered (endpoint.unavailable: 2).")
    assert not report_of(failed=()).limits[0].startswith("2 of")
    assert any("no scores" in limit for limit in report_of(has_scores=False).limits)


def test_the_line_for_a_readme(report):
    line = summary_line(report)
    assert line.startswith("Even-handedness audit of made-up 2, 2026-11-26: flips ")
    assert "1 of 10 groups treated otherwise" in line
    assert "2 of 600 sentences failed" in line
    assert "\n" not in line


def test_figures_in_words():
    assert percent(Estimate(0.0042, 0.0031, 0.0055)) == "0.42 % (0.31 to 0.55)"
    assert points(Estimate(0.012, -0.001, 0.024)) == "1.20 points (-0.10 to 2.40)"
    assert percent(Estimate()) == "not measured"


def test_a_report_on_pictures_says_so_and_is_read_back():
    line = Line("tone", 12, {"flips": Estimate(0.1, 0.0, 0.2)})
    tables = (Table("Flips by what is exchanged", "exchanged", "scenes", "share", (line,)),)
    given = {"target": "made-up", "version": "2", "made": MADE, "count": 50}
    report = make_report(audited(), **given, matter="pictures", tables=tables, limits=("The pictures are drawn.",))
    text = write_report(report)
    jsonschema_rs.validator_for(report_schema()).validate(json.loads(text))
    assert read_report(text) == report
    assert report.limits[-1] == "The pictures are drawn."
    assert "of 600 pictures (0.3%) were not answered" in report.limits[0]
    assert "variations treated otherwise; 2 of 600 pictures failed." in summary_line(report)


def test_a_report_from_before_there_were_pictures_is_one_on_sentences(report):
    older = json.loads(write_report(report))
    del older["matter"], older["tables"]
    assert read_report(json.dumps(older)) == report
