import pytest

from evenhand.audit.answers import Answer
from evenhand.audit.kept import NAME, KeptAnswers
from evenhand.core.errors import ConfigurationError

GOOD = Answer("a", 0.25, "allow")
BAD = Answer("b", None, None, "endpoint.unavailable")


def kept(folder, version="1"):
    return KeptAnswers(folder, target="acme", about={"version": version})


def test_answers_are_there_again_and_failures_count_as_unanswered(tmp_path):
    kept(tmp_path / "run").add([GOOD, BAD])
    again = kept(tmp_path / "run")
    assert (again.answer("a"), again.answer("b"), again.answer("c")) == (GOOD, BAD, None)
    assert [again.is_answered(name) for name in "abc"] == [True, False, False]
    assert len(again) == 1


def test_a_later_answer_counts(tmp_path):
    own = kept(tmp_path)
    own.add([BAD])
    own.add([Answer("b", 0.5, "review")])
    assert kept(tmp_path).is_answered("b")
    assert len(own) == 1


def test_a_line_that_was_cut_is_dropped_and_the_file_goes_on(tmp_path):
    kept(tmp_path).add([GOOD])
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes() + b'{"sentence_id": "x", "sc')
    own = kept(tmp_path)
    assert len(own) == 1
    own.add([BAD])
    assert kept(tmp_path).answer("b") == BAD


def test_a_file_whose_first_line_was_cut_begins_anew(tmp_path):
    (tmp_path / NAME).write_bytes(b'{"target": "ac')
    assert len(kept(tmp_path)) == 0
    assert len(kept(tmp_path)) == 0


def test_answers_of_another_version_are_never_mixed(tmp_path):
    kept(tmp_path).add([GOOD])
    with pytest.raises(ConfigurationError) as raised:
        kept(tmp_path, version="2")
    assert raised.value.code == "audit.other_target"


def test_a_file_that_cannot_be_read_or_written_is_refused(tmp_path):
    own = kept(tmp_path)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes() + b"nonsense\n")
    with pytest.raises(ConfigurationError) as raised:
        kept(tmp_path)
    assert raised.value.code == "audit.unusable"
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError):
        kept(tmp_path)
    with pytest.raises(ConfigurationError):
        own.add([GOOD])
