import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evenhand.core.facts import AuthorHistory, Facts, ListHits
from evenhand.core.taxonomy import Label
from evenhand.policy.at_once import known_at_once
from evenhand.policy.conditions import VARIABLES, Activation, Condition, _compiled

FACTS = Facts(
    characters=12,
    languages=("en",),
    image_count=2,
    metadata={"board": "market", "reports": 3, "share": 0.5, "is_new": True},
    author=AuthorHistory(decisions_30d=9, reviewed_30d=4, blocked_30d=2, first_seen_days=40),
    lists={"scams": ListHits(2)},
    door="native",
)
NUMBERS = ("0.0", "0.25", "0.5", "1.0", "-1.0", "1e999")
SCORES = st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1)
LABELS = ("hate", "spam", "violence")


def whole(condition, activation):
    """Return what the library says of the whole condition; none where it gives no answer."""
    found = _compiled(condition.expression)[0].eval(activation._reading(condition)).plain_value()
    return found if isinstance(found, bool) else None


scores_read = st.sampled_from([f"scores.{label}" for label in LABELS] + [f'scores["{label}"]' for label in LABELS])
signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
compared = st.builds("{} {} {}".format, scores_read, signs, st.sampled_from(NUMBERS)) | st.builds(
    "{} {} {}".format, st.sampled_from(NUMBERS), signs, scores_read
)
numbers_read = st.sampled_from(
    [name for name in VARIABLES if VARIABLES[name] == "int"]
    + ["lists.scams.hits", 'lists["scams"].hits', "lists.missing.hits", "metadata.reports", 'metadata["share"]']
    + ["metadata.board", "metadata.is_new", "metadata.missing"]
)
whole_numbers = st.sampled_from(["-1", "0", "2", "3", "9", "12", "9223372036854775807", "-9223372036854775808"])
texts_read = st.sampled_from(["content.kind", "door", "metadata.board", "metadata.reports", 'metadata["missing"]'])
texts = st.sampled_from(['"text"', '"native"', "'market'", '""', '"3"'])
of_facts = (
    st.builds("{} {} {}".format, numbers_read, signs, whole_numbers)
    | st.builds("{} {} {}".format, whole_numbers, signs, numbers_read)
    | st.builds("{} {} {}".format, st.sampled_from(["metadata.share", "metadata.reports"]), signs, st.just("0.5"))
    | st.builds("{} {} {}".format, texts_read, signs, texts)
    | st.builds("{} {} {}".format, texts, signs, texts_read)
)
#: What cannot be told at once, and what gives no answer at all.
others = st.sampled_from(
    [
        "content.characters * 2 > 5",
        'door in ["api", "native"]',
        "true",
        'metadata.missing == "x"',
        "1 / 0 == 1",
        'metadata.board.matches("[")',
        "scores.hate > scores.spam",
        "scores.hate * 2.0 > 0.5",
        "has(scores.hate) == has(scores.spam)",
        "has(scores.hate)",
        "scores.exists(label, scores[label] > 0.6)",
        "content.languages.exists(scores, scores.size() > 1)",
        "detectors.exists(id, detectors[id] > 0.5)",
        "(scores.hate > 0.5 ? 1 : 2) > 1",
        "scores.hate in [0.5, 0.0]",
        "(scores.hate > 0.5) == true",
        "1.0 < 2.0",
    ]
)
expressions = st.recursive(
    compared | of_facts | others,
    lambda inner: (
        st.builds("!({})".format, inner)
        | st.builds("({}) && ({})".format, inner, inner)
        | st.builds("({}) || ({})".format, inner, inner)
    ),
    max_leaves=6,
)


@given(expressions, st.dictionaries(st.sampled_from(list(map(Label, LABELS))), SCORES))
@example("1 / 0 == 1 && scores.hate > 0.5", {})
@example("scores.hate <= 0.5 || 1 / 0 == 1", {})
def test_what_is_told_at_once_is_what_the_whole_evaluation_tells(expression, scores):
    condition, activation = Condition(expression), Activation(FACTS, scores, {"text.one": 0.7})
    expected = whole(condition, activation)
    known = known_at_once(condition.tree)
    if known and (said := known(scores, FACTS)) is not None:
        assert said is expected
    if expected is None:
        with pytest.raises(LookupError):
            condition.holds(activation)
    else:
        assert condition.holds(activation) is expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("scores.spam > 0.5", True),
        ('0.5 >= scores["spam"]', False),
        ("scores.hate == 0.0", True),
        ("!(scores.spam > 0.5)", False),
        ("scores.spam > 0.5 && scores.hate < 0.5", True),
        ("scores.hate > 0.5 && door == 'x'", False),
        ("door == 'x' && scores.hate > 0.5", False),
        ("scores.spam > 0.5 || door == 'x'", True),
        ("scores.spam > 0.5 && door == 'x'", False),
        ("scores.spam > 0.5 && door.size() == 1", None),
        ("scores.hate > 0.5 || !(scores.spam > 0.5 && door.size() == 1)", None),
        ("author.decisions_30d < 10 && 3 < author.reviewed_30d && 2 == author.blocked_30d", True),
        ("author.first_seen_days >= 41 || content.image_count != 2", False),
        ("content.kind == 'text' && 'native' == door && content.characters > -1", True),
        ("metadata.board == 'market' && metadata['reports'] > 2 && metadata.share < 0.6", True),
        ("lists.scams.hits > 2", False),
        ("lists['scams'].hits == 2", True),
        ("lists.missing.hits > 2", None),
        ("metadata.missing == 'x'", None),
        ("metadata.board > 1", None),
        ("metadata.is_new != 1", None),
        ("metadata.reports > 2.5", None),
    ],
)
def test_it_tells_what_it_can(expression, said):
    known = known_at_once(Condition(expression).tree)
    assert known is not None
    assert known({Label.SPAM: 0.7}, FACTS) is said


@pytest.mark.parametrize(
    "expression",
    [
        "door.size() == 1",
        "!(door.size() == 1)",
        "door.size() == 1 || content.characters * 2 > 2",
        "content.languages == ['en']",
        "content.characters == content.image_count",
        "lists.scams.misses > 0",
        "lists.scams['hits'] > 0",
        "metadata.board.below == 1",
        "metadata.board.below.hits == 1",
        "metadata.is_new == true",
        "(door == 'x') == (door == 'y')",
        "scores.hate > scores.spam",
        "scores.other > 0.5",
        "scores[door] > 0.5",
        "metadata[door] == 1",
        "scores.hate * 2.0 > 0.5",
        "detectors.hate > 0.5",
    ],
)
def test_it_leaves_open_what_only_the_library_tells(expression):
    assert known_at_once(Condition(expression).tree) is None
