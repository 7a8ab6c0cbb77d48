import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.core.errors import ConfigurationError
from evenhand.detectors.encoder import VOCABULARY as VOCABULARY_FILE
from evenhand.detectors.text.toxicity import MODEL
from evenhand.detectors.wordpiece import LONGEST_WORD, PICTURES, WordPiece

VOCABULARY = ["[UNK]", "[CLS]", "[SEP]", "play", "##ing", "##s", "a", "##a", "!", "\u4e2d", "_", "é", "pig"]
CUTTER = WordPiece(VOCABULARY)


def cut(text):
    pieces = CUTTER.pieces(text)
    return [
        (VOCABULARY[number], text[begin:end])
        for number, begin, end in zip(pieces.ids, pieces.begins, pieces.ends, strict=True)
    ]


def test_the_longest_known_piece_comes_first():
    assert cut("playing plays") == [("play", "play"), ("##ing", "ing"), ("play", "play"), ("##s", "s")]


def test_signs_and_characters_of_scripts_without_spaces_stand_alone():
    assert cut("a!! a_a 中中") == [
        ("a", "a"),
        ("!", "!"),
        ("!", "!"),
        ("a", "a"),
        ("_", "_"),
        ("a", "a"),
        ("\u4e2d", "中"),
        ("\u4e2d", "中"),
    ]


@pytest.mark.parametrize("word", ["played", "xyz", "a" * (LONGEST_WORD + 1)])
def test_a_word_that_cannot_be_made_of_pieces_is_unknown_as_a_whole(word):
    assert cut(f"a {word}") == [("a", "a"), ("[UNK]", word)]


def test_a_picture_stands_for_its_word_where_the_vocabulary_has_it():
    assert cut("\U0001f416 play \U0001f52a") == [("pig", "\U0001f416"), ("play", "play"), ("[UNK]", "\U0001f52a")]


def test_every_picture_is_a_single_character_with_a_word_that_the_model_knows():
    words = set((MODEL / VOCABULARY_FILE).read_text(encoding="utf-8").splitlines())
    assert all(len(picture) == 1 for picture in PICTURES)
    assert set(PICTURES.values()) - words == set()


@given(st.text(max_size=200))
def test_pieces_follow_each_other_inside_the_text(text):
    pieces = CUTTER.pieces(text)
    at = 0
    for begin, end in zip(pieces.begins, pieces.ends, strict=True):
        assert at <= begin < end <= len(text)
        assert not text[at:begin].strip() or not any(letter.isalnum() for letter in text[at:begin])
        at = end
    assert len(pieces.ids) == len(pieces.begins)


def test_a_vocabulary_is_read_from_a_file(tmp_path):
    (tmp_path / "vocabulary.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    cutter = WordPiece.load(tmp_path / "vocabulary.txt")
    assert (cutter.begin, cutter.end) == (1, 2)
    assert cutter.pieces("play").ids == (3,)


@pytest.mark.parametrize(("content", "code"), [(None, "missing"), (b"play\na", "damaged"), (b"\xff\xfe", "damaged")])
def test_a_file_that_is_no_vocabulary_is_named_with_the_remedy(tmp_path, content, code):
    path = tmp_path / "vocabulary.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        WordPiece.load(path)
    assert raised.value.code == f"model.{code}"
    assert str(path) in str(raised.value)
    assert raised.value.remedy
