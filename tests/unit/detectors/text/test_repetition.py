import pytest
from hypothesis import given
from hypothesis import strategies as st

from companions import assert_more_never_lowers, assert_sound, names, score, signs, texts_of
from effort import MOST_STEPS, lines_run, patterns_of, steps
from evenhand.content.text import Text
from evenhand.core.taxonomy import Label
from evenhand.detectors.text import repetition
from evenhand.detectors.text.repetition import SIGNS, RepetitionDetector, is_gibberish

DETECTOR = RepetitionDetector()
LINE = "Come and see what we have"
BLOCK = "one may read here twelve words that somebody has copied from elsewhere today"
FRAGMENTS = (
    "buy now " * 6,
    "no " * 12,
    "a b " * 20,
    f"{LINE}\n" * 3,
    BLOCK,
    "!" * 30,
    "o" * 100,
    "\U0001f525" * 20,
    "\U0001f44d\U0001f3fd" * 20,
    "dfkjghsdkfjhg",
    "asdfghjkl",
    "no",
    "buy",
    "\n",
)


@pytest.mark.parametrize(
    ("text", "sign", "stretch"),
    [
        ("well, " + "no " * 12 + "way", "words", ("no " * 12).strip()),
        ("Buy now, " * 6, "words", ("Buy now, " * 6).strip(", ")),
        ("say " + "BUY now! " * 20, "word_flood", ("BUY now! " * 20).strip(" !")),
        (f"{LINE}\n" * 3, "lines", LINE),
        (f"{LINE}\nyes\n{LINE.upper()}  \n" * 3, "line_flood", LINE.upper() + "  "),
        (f"{BLOCK} a b {BLOCK} c {BLOCK}", "block", " ".join(BLOCK.split()[:12])),
        ("N" + "o" * 40, "run", "o" * 40),
        ("!" * 100, "run_flood", "!" * 100),
        ("so \U0001f525 " + "\U0001f600" * 16, "emoji", "\U0001f525 " + "\U0001f600" * 16),
        ("\U0001f44d\U0001f3fd" * 40, "emoji_flood", "\U0001f44d\U0001f3fd" * 40),
        ("it is dfkjghsdkfjhg, is it", "gibberish", "dfkjghsdkfjhg"),
    ],
)
def test_a_sign_is_found_where_it_stands(text, sign, stretch):
    assert (sign, stretch) in signs(DETECTOR, text)


@pytest.mark.parametrize(
    "text",
    [
        "no no no no no no, ha ha ha ha ha ha!!!!!!!!",
        "Goooooooooooooal \U0001f600\U0001f600\U0001f600\U0001f600\U0001f600",
        "very, very, very good. " * 2,
        "yes\n" * 3 + "Thank you!\n" * 5,
        "| - | - |\n" * 10 + "=" * 80 + "\n" + "-" * 80 + "." * 60,
        "\u597d" * 20,
        f"{BLOCK}. {BLOCK}.",
        "the cat of the king of the house of the cat of the king",
    ],
)
def test_enthusiasm_and_layout_are_no_sign(text):
    assert signs(DETECTOR, text) == set()


@pytest.mark.parametrize(
    "word", ["dfkjghsdkfjhg", "skdjfhskdjfh", "asdfghjkl", "qwertyuiop", "fghfghfghfgh", "XCVBNMXCVBNM", "jklsdfjklsdf"]
)
def test_keys_struck_at_random_are_gibberish(word):
    assert is_gibberish(word)


@pytest.mark.parametrize(
    "word",
    [
        "Rechtsschutzversicherung",
        "Angstschweiss",
        "Szczebrzeszyn",
        "Krishnamurthy",
        "Llanfairpwllgwyngyll",
        "wikipedia",
        "strengthlessness",
        "hahahahaha",
        "mwahahahaha",
        "kkkkjkjkkkkkk",
        "ajsjskajjsajja",
        "pipipopopo",
        "helloooooo",
        "wowwwwwwwwwwwwwwww",
        "haggadahs",
        "abcdefghijkl",
        "JavaScript",
        "dQwXwgWcQxz",
        "Knightsbridge",
        "Schwarzschild",
        "onomatopoeia",
        "Vrchlabsko",
    ],
)
def test_words_names_and_codes_are_not_gibberish(word):
    assert not is_gibberish(word)


@pytest.mark.parametrize(
    "text",
    ["https://x.net/dfkjghsdkfjhg", "dfkjghsdkfjhg@x.net", "dfkjghsdkfjhg.py", "dfkjghsdkfjhg_x", "$dfkjghsdkfjhg"],
)
def test_addresses_and_names_in_code_are_not_judged(text):
    assert signs(DETECTOR, text) == set()


def test_a_stretch_of_the_same_word_is_not_also_one_of_the_same_two_words():
    assert [item.source for item in DETECTOR.detect([Text("no " * 20)])[0][0].evidence] == ["repetition:words"]


def test_a_flood_grows_with_its_length():
    scores = [score(DETECTOR, "!" * length, Label.SPAM) for length in (29, 30, 100, 200, 400)]
    assert scores[0] == 0
    assert scores == sorted(set(scores))
    assert scores[2] < 0.5 < scores[3]


@given(st.text())
def test_any_text_is_borne(text):
    assert_sound(DETECTOR, text)


@given(texts_of(FRAGMENTS))
def test_repetition_among_anything_is_borne(text):
    assert_sound(DETECTOR, text)


@given(texts_of(FRAGMENTS), texts_of(FRAGMENTS) | st.text())
def test_another_line_never_lowers_a_score(text, more):
    assert_more_never_lowers(DETECTOR, text, more)


@pytest.mark.parametrize(("name", "pattern"), patterns_of(repetition).items())
def test_a_pattern_takes_a_limited_number_of_steps(name, pattern):
    assert steps(pattern) <= MOST_STEPS


@pytest.mark.parametrize(
    "part", ["a", "a ", "a b ", f"{LINE}\n", f"{BLOCK} ", "!", "\U0001f525", "\n", "dfkjghsdkfjhg "]
)
def test_twice_as_much_hostile_text_takes_no_more_than_twice_the_lines(part):
    few, many = (lines_run(DETECTOR.detect, [Text(part * count)]) for count in (300, 600))
    assert many <= 2.1 * few + 100


def test_every_sign_has_a_meaning_and_declared_labels():
    assert all(sign.meaning.endswith(".") and sign.scores.keys() <= DETECTOR.labels for sign in SIGNS.values())


def test_a_flood_is_not_hidden_by_harmless_text():
    assert names(DETECTOR, "The weather is fine today. " + "buy now " * 25 + f" {BLOCK}") == {"word_flood"}
