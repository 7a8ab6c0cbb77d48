import json

import click
import pytest

from evenhand.audit.answers import Answer, Sentence
from evenhand.audit.measures import Estimate
from evenhand.audit.variations import Line, Table
from evenhand.cli.audit_variations import ask_and_report

ROWS = [
    Sentence(f"{scene}{group}", "tone", f"scene {scene}", group, "tone", "en", "allow", "a scene")
    for scene in range(3)
    for group in ("a", "b")
]
LINES = (
    Line("sexual: a", 3, {"score shift": Estimate(0.25, 0.2, 0.3)}, is_otherwise=True),
    Line("sexual: b", 3, {"score shift": Estimate(-0.25, -0.3, -0.2)}),
)
TABLES = (Table("Score shift by label", "variation", "scenes", "number", LINES),)


class Target:
    """Answers all, or all but those of one group."""

    name, version, about, texts_per_request = "made-up", "1", {}, 0

    def __init__(self, failing=""):
        self.failing, self.asked, self.is_closed = failing, [], False

    def ask(self, sentences):
        self.asked += sentences
        for row in sentences:
            failed = row.group == self.failing
            yield [Answer(row.id, None, None, "detector.failed") if failed else Answer(row.id, 0.1, "allow")]

    def close(self):
        self.is_closed = True


@pytest.fixture
def audit(run, tmp_path):
    def ask(target, *, as_json=False):
        @click.command
        def command():
            ask_and_report(
                target,
                ROWS,
                matter="pictures",
                tell=lambda answers, said: (TABLES, (f"{len(said)} of {len(answers)} were asked.",)),
                out=tmp_path / "out",
                as_json=as_json,
            )

        return run(command)

    return ask


def test_what_stands_out_is_printed_and_everything_is_in_the_report(audit, tmp_path):
    target = Target()
    ended = audit(target)
    assert ended.exit_code == 0, ended.output
    assert "1 of 2 stand out beyond chance" in ended.stdout
    assert "sexual: a (3 scenes): score shift 0.2500 (0.2000 to 0.3000)" in ended.stdout
    assert "sexual: b" not in ended.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [line["name"] for line in report["tables"][0]["lines"]] == ["sexual: a", "sexual: b"]
    assert "6 of 6 were asked." in report["limits"]
    assert target.is_closed


def test_what_failed_is_told_and_asked_about_again(audit):
    ended = audit(Target(failing="b"))
    assert "3 pictures have no answer; run again to ask about them" in ended.stdout
    assert "3 of 6 pictures failed" in ended.stdout
    again = Target()
    found = json.loads(audit(again, as_json=True).stdout)
    assert {row.group for row in again.asked} == {"b"}
    assert found["measures"]["failures"] == {}
    assert found["families"][0]["allowed"] == 6


def test_where_nothing_stands_out_the_largest_are_printed(audit, monkeypatch):
    plain = tuple(Line(f"line {place}", 3, {"score shift": Estimate(place / 100, 0, 1)}) for place in range(5))
    monkeypatch.setattr(f"{__name__}.TABLES", (Table("Score shift by label", "variation", "scenes", "number", plain),))
    printed = audit(Target()).stdout
    assert "0 of 5 stand out beyond chance; the largest:" in printed
    assert [f"line {place} " in printed for place in range(5)] == [False, False, True, True, True]
