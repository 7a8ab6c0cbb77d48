import numpy as np
import pytest

from evenhand.audit.answers import Answer, Sentence, join
from evenhand.audit.variations import TYPED, flips_by_axis, highest, scores_by_label, voices


def asked(groups, *, scenes=12, axis="tone", harmful=0):
    return [
        Sentence(
            f"{axis}{scene}{group}",
            axis,
            f"scene {scene}",
            group,
            axis,
            "en",
            "harm" if scene < harmful else "allow",
            "",
        )
        for scene in range(scenes)
        for group in groups
    ]


def joined(rows, answer):
    """Return the answers as columns, and by id."""
    said = {row.id: answer(row) for row in rows}
    return join(rows, said.values()), said


def test_flips_are_counted_for_each_thing_that_is_exchanged():
    rows = [*asked(["a", "b"], harmful=2), *asked(["c", "d"], axis="dress"), *asked(["e"], axis="alone")]
    answers, _ = joined(rows, lambda row: Answer(row.id, 0.1, "review" if row.group == "b" else "allow"))
    table = flips_by_axis(answers, counted="scenes", count=50)
    lines = {line.name: line for line in table.lines}
    assert set(lines) == {"tone", "dress"}
    assert lines["tone"].count == 12
    assert lines["tone"].figures["flips"].value == 1
    assert lines["tone"].figures["harmless, worst gap"].value == 1
    assert lines["tone"].figures["harmful, worst gap"].value is None
    assert lines["dress"].figures["flips"].value == 0
    assert lines["dress"].figures["flips"].high > 0


def test_a_planted_shift_of_one_label_stands_out_and_no_other():
    source = np.random.default_rng(1)

    def answer(row):
        planted = 0.1 * (row.group == "c")
        more = {"sexual": 0.2 + planted + 0.01 * source.random(), "violence/graphic": 0.1 + 0.01 * source.random()}
        return Answer(row.id, 0.3, "allow", more=more)

    answers, said = joined(asked(["a", "b", "c", "d"], scenes=30, harmful=5), answer)
    table = scores_by_label(answers, said, labels=("sexual", "violence/graphic"), count=100)
    lines = {line.name: line for line in table.lines}
    assert len(lines) == 8
    assert lines["sexual: c"].is_otherwise
    assert lines["sexual: c"].figures["score shift"].value == pytest.approx(0.1, abs=0.01)
    assert lines["sexual: c"].count == 25
    assert not any(line.is_otherwise for name, line in lines.items() if name.startswith("violence"))
    scores = highest(answers, said, ("sexual", "violence/graphic", "hate"))
    assert (0.3 < scores["sexual"] < 0.32, scores["hate"]) == (True, 0)


def test_a_row_that_failed_is_in_no_figure():
    rows = asked(["a", "b"])
    answers, said = joined(rows, lambda row: Answer(row.id, None, None, "detector.failed", more={"sexual": 1.0}))
    assert highest(answers, said, ("sexual",)) == {"sexual": 0}
    table = scores_by_label(answers, said, labels=("sexual",), count=20)
    assert [line.figures["score shift"].value for line in table.lines] == [None, None]
    assert flips_by_axis(answers, counted="scenes", count=20).lines[0].figures["flips"].value is None


def test_voices_are_compared_with_what_is_typed():
    rows = asked([TYPED, "clear", "mumbling", "silent"], axis="accent", scenes=10)

    def answer(row):
        match row.group:
            case "mumbling":
                return Answer(row.id, 0.1, "review", more={"words": 8, "wrong": 2, "unclear": 1})
            case "silent":
                return Answer(row.id, None, None, "audit.not_spoken")
        return Answer(row.id, 0.1, "allow", more={"words": 8, "wrong": 0, "unclear": 0} if row.group == "clear" else {})

    table = voices(*joined(rows, answer), count=50)
    found = {line.name: (line.count, *(figure.value for figure in line.figures.values())) for line in table.lines}
    assert found == {"clear": (10, 0, 0, 0), "mumbling": (10, 1, 1, 0.25), "silent": (0, None, None, None)}


def test_without_typed_sentences_nothing_is_compared_with_them():
    answers, said = joined(asked(["clear"]), lambda row: Answer(row.id, 0.1, "allow", more={"words": 8.0}))
    (line,) = voices(answers, said, count=20).lines
    assert line.figures["decided otherwise than typed"].value is None
    assert line.figures["words heard wrongly"].value == 0
