import json

import pytest

from evenhand.bulk.backtest import Difference, Moved
from evenhand.bulk.file_backtest import FileDifference, GroupMoved, backtest_file, texts_of
from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.policy.load import parse_policy
from evenhand.service.screener import Screener

BEFORE = parse_policy("name: mine\nthresholds:\n  harassment: {block: 0.6}\n")
AFTER = parse_policy("name: mine\nthresholds:\n  profanity: {review: 0.1}\n")
INSULT = "you are an idiot"
CURSE = "what a shitty day"


@pytest.fixture(scope="module")
def screener():
    with Screener(detectors=["text.lexicon"]) as made:
        yield made


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.jsonl"
    rows = [{"text": INSULT, "group": "a"}, {"text": "good", "group": "a"}, {"text": CURSE, "group": "b"}]
    lines = [json.dumps(row) for row in rows * 100]
    path.write_text("\n".join([*lines, "no row", '{"text": ""}', '{"text": "fine"}']), encoding="utf-8")
    return path


def test_texts_are_screened_once_and_judged_by_both(source, screener):
    advanced = []
    found = backtest_file(source, screener.engine, BEFORE, AFTER, advance=advanced.append)
    assert found == FileDifference(
        Difference(
            decisions=301,
            unreadable=2,
            moves={
                (Action.BLOCK, Action.ALLOW): 100,
                (Action.ALLOW, Action.ALLOW): 101,
                (Action.ALLOW, Action.REVIEW): 100,
            },
            categories={"harassment": Moved(milder=100), "profanity": Moved(stricter=100)},
            examples={
                (Action.BLOCK, Action.ALLOW): ["285", "288", "291", "294", "297"],
                (Action.ALLOW, Action.REVIEW): ["287", "290", "293", "296", "299"],
            },
        )
    )
    assert advanced == [256, 47]


def test_groups_are_those_of_the_files_own_column(source, screener):
    found = backtest_file(source, screener.engine, BEFORE, AFTER, group_field="group")
    assert found.groups == {
        "a": GroupMoved(milder=100, texts=200),
        "b": GroupMoved(stricter=100, texts=100),
        "": GroupMoved(texts=1),
    }


def test_conditions_read_the_facts_of_each_text(source, screener):
    after = parse_policy(
        "name: mine\nthresholds: {}\nrules:\n- {id: short, when: 'content.characters < 5', action: block}\n"
    )
    found = backtest_file(source, screener.engine, BEFORE, after).difference
    assert (found.decisions, found.unanswered, found.unreadable) == (301, 0, 2)
    assert found.moves == {
        (Action.BLOCK, Action.ALLOW): 100,
        (Action.ALLOW, Action.BLOCK): 101,
        (Action.ALLOW, Action.ALLOW): 100,
    }


def test_texts_are_found_by_their_rows(source):
    assert texts_of(source, [0, 2, 300]) == {0: INSULT, 2: CURSE}
    assert texts_of(source, []) == {}


def test_a_file_that_cannot_be_read_is_refused(tmp_path, screener):
    with pytest.raises(ConfigurationError) as caught:
        backtest_file(tmp_path / "in.txt", screener.engine, BEFORE, AFTER)
    assert caught.value.code == "file.format"
