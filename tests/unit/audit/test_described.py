import json

import pytest

from evenhand.audit.described import read_described, values_at
from evenhand.core.errors import ConfigurationError

BODY = '[body]\ntext = "{text}"\n'
SCORE = 'url = "http://127.0.0.1:1/x"\nscore = "scores.*"\n'


@pytest.fixture
def described(tmp_path):
    def described(text, **environment):
        path = tmp_path / "acme.toml"
        path.write_text(text, encoding="utf-8")
        return read_described(path, environment)

    return described


def answer(found, value):
    (said,) = found.dialect.read(json.dumps(value).encode())
    return dict(said.scores), said.action


def test_the_text_goes_where_it_is_wanted_whatever_is_in_it(described):
    body = '[body]\nmodel = 3\ndocuments = [{content = "<{text}>", tags = ["a"]}]\n'
    found = described(SCORE + body)
    assert found.dialect.body(['say "{x}"'], ()) == {
        "model": 3, "documents": [{"content": '<say "{x}">', "tags": ["a"]}],
    }  # fmt: skip
    assert found.dialect.texts == 1


def test_headers_come_from_the_environment_and_are_not_shown(described):
    head = SCORE + 'method = "PUT"\nquery = "v=2"\n[headers]\nAuthorization = "Bearer ${ACME_KEY}"\n'
    dialect = described(head + BODY, ACME_KEY="secret").dialect
    assert (dialect.headers, dialect.method, dialect.query) == ({"Authorization": "Bearer secret"}, "PUT", "v=2")
    assert "secret" not in repr(dialect)


def test_the_highest_score_counts_and_is_divided(described):
    found = described(SCORE + "highest = 100\n" + BODY)
    assert answer(found, {"scores": {"a": 25, "b": 75.0, "c": None, "d": True}}) == ({"any": 0.75}, "")


def test_actions_are_read_as_words_or_as_yes_and_no(described):
    words = 'url = "http://x"\naction = "verdict"\nblock = ["REJECT"]\nreview = ["HOLD"]\nallow = ["OK"]\n'
    found = described(words + BODY)
    said = [answer(found, {"verdict": word})[1] for word in ("REJECT", "HOLD", "OK", True, False)]
    assert said == ["block", "review", "allow", "review", "allow"]


def test_the_strictest_of_several_actions_counts(described):
    found = described('url = "http://x"\naction = "all.*"\n' + BODY)
    assert answer(found, {"all": [False, True]})[1] == "review"


@pytest.mark.parametrize("value", [{}, {"verdict": "MAYBE"}, {"verdict": None}, {"verdict": 1}, []])
def test_a_word_that_is_not_known_is_no_answer(described, value):
    found = described('url = "http://x"\naction = "verdict"\nallow = ["OK"]\n' + BODY)
    with pytest.raises(ValueError):
        answer(found, value)


@pytest.mark.parametrize("value", [{}, {"scores": {}}, {"scores": {"a": "0.1"}}, 3])
def test_an_answer_without_a_number_is_no_answer(described, value):
    found = described(SCORE + BODY)
    with pytest.raises(ValueError):
        answer(found, value)


@pytest.mark.parametrize(
    ("path", "found"),
    [("a.*.x", [1, 2]), ("a.1.x", [2]), ("a.7.x", []), ("a.b", []), ("c", [None]), ("d.e", []), ("c.x", [])],
)
def test_paths_lead_through_objects_and_lists(path, found):
    assert values_at({"a": [{"x": 1}, {"x": 2}], "c": None}, path) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("url = [", "Invalid value"),
        (SCORE, "body"),
        (SCORE + "wrong = 1\n" + BODY, "unknown field"),
        (SCORE + '[body]\ntext = ["x", 1]\n', "no {text}"),
        ('url = "http://x"\n' + BODY, "neither `score` nor `action`"),
        (SCORE + "highest = 0\n" + BODY, "`highest`"),
        (SCORE + "threshold = 1.5\n" + BODY, "`threshold`"),
        (SCORE + '[headers]\nKey = "${MISSING}"\n' + BODY, "no MISSING"),
        (SCORE + '[headers]\nKey = "a\\nb"\n' + BODY, "a header"),
    ],
    ids=("toml", "body", "field", "text", "path", "highest", "threshold", "environment", "header"),
)
def test_a_description_that_is_not_whole_is_refused(described, text, reason):
    with pytest.raises(ConfigurationError) as raised:
        described(text)
    assert raised.value.code == "described.invalid"
    assert reason in str(raised.value)


def test_an_address_with_a_key_in_it_and_a_missing_file_are_refused(described, tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        described(SCORE.replace("127.0.0.1:1", "me:key@host") + BODY)
    assert raised.value.code == "endpoint.url"
    with pytest.raises(ConfigurationError) as raised:
        read_described(tmp_path / "none.toml")
    assert raised.value.code == "file.unreadable"
