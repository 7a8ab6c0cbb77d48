"""A small labelled file with scorers of it."""

import pytest

from evenhand.learn.comparison.labelled import Columns, read_labelled
from evenhand.scorers.scored import ANY, Answer, Scored


@pytest.fixture
def labelled(tmp_path):
    """Forty rows in two groups, one of which is wrongly flagged more often, and two that cannot be read."""
    lines = ["text,hate,spam,group"]
    for number in range(40):
        group = "tall" if number % 2 else "short"
        lines.append(f"<b>row|{number}</b>,{int(number % 4 < 2)},{(number % 5 == 0 and 1) or ''},{group}")
    lines += [",1,1,", "x,perhaps,1,"]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_labelled(path, Columns())


@pytest.fixture
def scorers(labelled):
    """A good scorer of hate that is unfair, one with a missing answer, and one of any harm alone."""
    good, faulty, other = [], [], []
    for number in range(len(labelled.rows)):
        is_hate = number % 4 < 2
        score = 0.9 if is_hate else 0.6 if number % 2 and number % 8 == 3 else number / 400
        good.append(Answer({"hate": score, "spam": 0.1}))
        faulty.append(Answer({}, "endpoint.rejected") if number == 7 else Answer({"hate": 0.3}))
        other.append(Answer({ANY: 0.7 if is_hate else 0.2}))
    return [
        Scored("good", {"version": "1"}, good),
        Scored("faulty (openai)", {"url": "http://x"}, faulty),
        Scored("other", {}, other),
    ]
