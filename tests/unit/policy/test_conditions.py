import contextlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.facts import AuthorHistory, Facts, ListHits
from evenhand.core.taxonomy import Label
from evenhand.policy.conditions import (
    MAX_CHARACTERS,
    VARIABLES,
    Activation,
    Condition,
    ConditionError,
    matcher,
    never_holds,
)
from evenhand.policy.refusals import check_conduct

FACTS = Facts(
    kind="text",
    characters=12,
    languages=("en", "fa"),
    image_count=2,
    metadata={"board": "market", "reports": 3, "share": 0.5, "is_new": True},
    author=AuthorHistory(decisions_30d=9, reviewed_30d=4, blocked_30d=2, first_seen_days=40),
    lists={"scams": ListHits(2)},
    door="native",
)
SCORES = {Label.HATE: 0.7}
ACTIVATION = Activation(FACTS, SCORES, {"text.links": 0.4})

HOLDS = [
    'scores["hate"] > 0.5',
    "scores.hate == 0.7 && scores.spam == 0.0",
    "scores.exists(label, scores[label] > 0.6)",
    'detectors["text.links"] > 0.3',
    'content.kind == "text"',
    "content.characters == 12 && content.image_count == 2",
    '"fa" in content.languages && size(content.languages) == 2',
    "content.languages.all(each, each.size() == 2)",
    'metadata.board == "market" && metadata["reports"] > 2 && metadata.share < 0.6 && metadata.is_new',
    "metadata.reports > 2.5 && int(metadata.share) == 0 && double(metadata.reports) == 3.0",
    '"board" in metadata && has(metadata.board) && !has(metadata.other)',
    'metadata.board in ["market", "news"] && metadata.board.matches("^m.*t$")',
    'metadata.board.startsWith("ma") && metadata.board.endsWith("et") && metadata.board.contains("ark")',
    "author.decisions_30d == 9 && author.reviewed_30d == 4 && author.blocked_30d == 2 && author.first_seen_days == 40",
    'lists.scams.hits == 2 && lists["scams"].hits + 1 > 2',
    'door == "native" || metadata.missing > 1',
    "(scores.hate > 0.9 ? content.characters : 1) * 2 - 1 == 1 && -1 < 7 % 4 / 2",
]


@pytest.mark.parametrize("expression", HOLDS)
def test_it_reads_scores_and_facts(expression):
    condition = Condition(expression)
    condition.check()
    assert condition.holds(ACTIVATION)
    assert not Condition(f"!({expression})").holds(ACTIVATION)


@pytest.mark.parametrize(
    "expression",
    [
        'metadata.missing == "x"',
        'metadata["missing"] > 1',
        "metadata.board > 1",
        "metadata.reports.size() > 1",
        "metadata.board.below == 1",
        "lists.other.hits > 0",
        "lists.scams.misses > 0",
        'detectors["text.other"] > 0.5',
        "1 / 0 == 1",
        "int(metadata.board) == 1",
        'metadata.board.matches("[")',
    ],
)
def test_a_condition_without_an_answer_is_no_answer(expression):
    with pytest.raises(LookupError):
        Condition(expression).holds(ACTIVATION)


def test_what_is_too_large_for_the_language_gives_no_answer():
    activation = Activation(Facts(metadata={"n": 1}), {}, {})
    assert Condition("metadata.n == 1").holds(activation)
    loop = ".all(x, ".join(["[1,2,3,4,5,6,7,8,9,10]"] * 6) + ".all(x, x > 0" + ")" * 6
    with pytest.raises(LookupError):
        Condition(loop).holds(activation)


REFUSED = {
    "empty": ("", 0),
    "half": ("scores.hate >", 13),
    "assignment": ("scores.hate = 1.0", 12),
    "unknown variable": ("scoers.hate > 0.5", 0),
    "unknown fact": ("author.blokked_30d > 1", 0),
    "unknown function": ('door.constains("x")', 5),
    "unknown label": ("scores.harassmen > 0.5", 6),
    "unknown label in brackets": ('scores["hat"] > 0.5', 7),
    "whole number": ("scores.hate > 1", 12),
    "second line": ("scores.hate > 0.5 &&\n  nothing", 23),
    "not a question": ("door", 0),
    "text put together": ('"a" + door == "b"', 4),
    "metadata put together": ("metadata.a + metadata.b == door", 11),
    "order of texts": ('door < "x"', 5),
    "bytes": ("b'a' == b'a'", 0),
    "other function": ("string(1) == door", 6),
    "time": ('timestamp("2020-01-01T00:00:00Z") == timestamp("2020-01-01T00:00:00Z")', 9),
    "loop over metadata": ("metadata.exists(k, k == door)", 15),
    "chosen key": ("metadata[door] == 1", 8),
    "chosen score": ("scores[door] > 0.5 && lists[door].hits > 1", 27),
    "metadata in a list": ("[metadata].size() > 1", 0),
    "size of metadata": ("size(metadata) > 1", 4),
    "pattern from outside": ("metadata.x.matches(door)", 18),
    "loop in a loop": ("content.languages.all(a, content.languages.all(b, a == b))", 46),
    "nested too deeply": ("(" * 100 + "true" + ")" * 100, 0),
    "too long": ("true || " * 300 + "true", 0),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_condition_is_pointed_at(case):
    expression, position = REFUSED[case]
    with pytest.raises(ConditionError) as caught:
        Condition(expression).check()
    assert (caught.value.position, caught.value.code) == (position, "policy.invalid")
    assert caught.value.message
    assert caught.value.remedy


def test_it_says_what_was_meant():
    with pytest.raises(ConditionError) as caught:
        Condition("author.blokked_30d > 1").check()
    assert caught.value.remedy == "Did you mean `author.blocked_30d`?"
    with pytest.raises(ConditionError) as caught:
        Condition("zzz > 1").check()
    assert caught.value.remedy.startswith("A condition reads: scores, ")
    with pytest.raises(ConditionError) as caught:
        Condition("scores.zzz > 0.1").check()
    assert caught.value.remedy == "See `evenhand taxonomy`."


def test_the_longest_condition_is_accepted():
    Condition("true".ljust(MAX_CHARACTERS)).check()
    with pytest.raises(ConditionError, match="2001 characters"):
        Condition("true".ljust(MAX_CHARACTERS + 1)).check()


def test_it_says_what_it_reads():
    reads = Condition(
        'scores.hate > 0.5 && detectors["text.links"] > 0.1 && metadata.a == "x" && "b" in metadata && lists.c.hits > 0'
    ).reads
    assert reads.roots == {"scores", "detectors", "metadata", "lists"}
    assert (reads.labels, reads.detectors, reads.metadata) == ({"hate"}, {"text.links"}, {"a", "b"})
    assert [name for name, _ in reads.lists] == ["c"]


SIGNS = """.hate ["hate"] .x 'a' 1 0.5 ( ) [ ] { } : ? == > && || ! + - in has( size( .exists( .map( x , \\x61 " true"""
PIECES = st.sampled_from([*VARIABLES, *SIGNS.split(), "\n", "\0"])
written = st.text(max_size=40) | st.builds(str.join, st.sampled_from(["", " "]), st.lists(PIECES, max_size=12))


def problem_of(condition):
    try:
        condition.check()
        check_conduct(condition)
    except ConditionError as error:
        return error
    return None


@given(written)
def test_whatever_is_written_is_a_condition_or_refused_at_a_place_in_it(expression):
    condition = Condition(expression)
    if problem := problem_of(condition):
        assert 0 <= problem.position <= max(len(expression), 1)
        return
    with contextlib.suppress(LookupError):
        assert condition.holds(ACTIVATION) in {True, False}


def test_a_pattern_never_takes_long():
    slow = Activation(Facts(metadata={"x": "a" * 20_000 + "b"}), {}, {})
    assert not Condition('metadata.x.matches("(a+)+$")').holds(slow)


def test_several_threads_may_ask():
    condition, wrong = Condition('metadata.board == "market" && scores.hate > 0.5'), []

    def ask():
        wrong.extend(1 for _ in range(500) if not condition.holds(Activation(FACTS, SCORES, {})))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("expression", "never"),
    [
        ("scores.hate > 1.0", True),
        ("scores.hate >= 1.5", True),
        ('scores["hate"] > 1.0 && door == "x"', True),
        ("scores.hate > 1.0 || scores.spam > 2.0", True),
        ("scores.hate > 1.0 || scores.spam > 0.5", False),
        ("scores.hate >= 1.0", False),
        ("scores.hate * 2.0 > 1.5", False),
        ("content.characters > 2", False),
        ("metadata.n > 2.0", False),
        ("scores.hate > scores.spam", False),
    ],
)
def test_a_score_above_one_is_never_reached(expression, never):
    condition = Condition(expression)
    condition.check()
    assert never_holds(condition) is never


def test_a_pattern_is_looked_for_as_conditions_do():
    assert [matcher("^a.c$")(word) for word in ("abc", "abcd")] == [True, False]
    with pytest.raises(ConditionError):
        matcher("(")
