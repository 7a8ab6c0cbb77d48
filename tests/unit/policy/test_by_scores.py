import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evenhand.core.facts import Facts
from evenhand.core.taxonomy import Label
from evenhand.policy.by_scores import known_by_scores
from evenhand.policy.conditions import Activation, Condition, _compiled

FACTS = Facts(characters=12, languages=("en",), metadata={"board": "market"}, door="native")
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
#: What scores alone do not tell, and what gives no answer at all.
others = st.sampled_from(
    [
        "content.characters > 5",
        'door == "api"',
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
    compared | others,
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
def test_scores_alone_say_what_the_whole_evaluation_says(expression, scores):
    condition, activation = Condition(expression), Activation(FACTS, scores, {"text.one": 0.7})
    expected = whole(condition, activation)
    known = known_by_scores(condition.tree)
    if known and (said := known(scores)) is not None:
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
        ("scores.spam > 0.5 && door == 'x'", None),
        ("scores.hate > 0.5 || !(scores.spam > 0.5 && door == 'x')", None),
    ],
)
def test_it_tells_where_scores_decide(expression, said):
    known = known_by_scores(Condition(expression).tree)
    assert known is not None
    assert known({Label.SPAM: 0.7}) is said


@pytest.mark.parametrize(
    "expression",
    [
        "door == 'x'",
        "!(door == 'x')",
        "door == 'x' || content.characters > 2",
        "scores.hate > scores.spam",
        "scores.other > 0.5",
        "scores[door] > 0.5",
        "scores.hate * 2.0 > 0.5",
        "detectors.hate > 0.5",
        "metadata.hate > 0.5",
    ],
)
def test_it_leaves_open_what_scores_do_not_tell(expression):
    assert known_by_scores(Condition(expression).tree) is None
