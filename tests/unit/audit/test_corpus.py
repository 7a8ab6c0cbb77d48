import pytest

from evenhand.audit.corpus import NOBODY, read_corpus
from evenhand.core.errors import ConfigurationError


@pytest.fixture
def corpus(tmp_path):
    def corpus(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_corpus(path)

    return corpus


def test_lines_are_harmless_texts_each_once(corpus):
    found = corpus("mine.txt", "Good morning\n\n  Tea is ready \nGood morning\n")
    assert [one.text for one in found] == ["Good morning", "Tea is ready"]
    assert {(one.family, one.group, one.axis, one.expected, one.language) for one in found} == {
        ("corpus mine", NOBODY, NOBODY, "allow", "und")
    }
    assert len({one.id for one in found}) == len({one.template for one in found}) == 2


def test_json_lines_may_name_the_language(corpus):
    (found,) = corpus("mine.jsonl", '{"text": "Guten Morgen", "language": "de", "more": 1}\n')
    assert (found.text, found.language) == ("Guten Morgen", "de")


@pytest.mark.parametrize(
    ("name", "text", "code", "reason"),
    [
        ("a.txt", "\n \n", "corpus.invalid", "no text"),
        ("a.jsonl", '{"text": "a"}\n{"txt": "b"}\n', "corpus.invalid", "line 2"),
        ("a.jsonl", "{\n", "corpus.invalid", "line 1"),
        ("a.txt", b"\xff\xfe\xfa", "file.unreadable", "UTF-8"),
    ],
    ids=["empty", "field", "json", "encoding"],
)
def test_what_cannot_be_read_is_named(corpus, name, text, code, reason):
    with pytest.raises(ConfigurationError) as raised:
        corpus(name, text)
    assert raised.value.code == code
    assert reason in str(raised.value)
