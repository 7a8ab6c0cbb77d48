import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companions import assert_more_never_lowers, assert_sound, names, score, signs, texts_of
from effort import MOST_STEPS, lines_run, patterns_of, steps
from evenhand.content.text import Text
from evenhand.core.taxonomy import Label
from evenhand.detectors.findings import join
from evenhand.detectors.text import bulk_mail
from evenhand.detectors.text.bulk_mail import SIGNS, BulkMailDetector

DETECTOR = BulkMailDetector()
FRAGMENTS = (
    "Dear customer,",
    "act now",
    "absolutely free",
    "click here",
    "unsubscribe",
    "T&Cs apply",
    "text WIN to 80888",
    "call now 09061701461",
    "you have won a prize",
    "next of kin",
    "verify your account",
    "work from home",
    "$1,000,000",
    "BUY ALL OF IT NOW",
    "!!!",
    "fr\u200bee",
    "<font color=white>",
    "$",
    "free",
)


@pytest.mark.parametrize(
    ("text", "sign", "stretch"),
    [
        ("yes\nBUY ALL OF IT RIGHT NOW\nno", "shouting", "BUY ALL OF IT RIGHT NOW"),
        ("now!!!! yes", "exclamation", "!!!!"),
        ("Dear Valued customers", "address", "Dear Valued"),
        ("only \u00a35.99 each", "money", "\u00a35.99"),
        ("for 500 euros each", "money", "500 euros"),
        ("The OFFER ENDS TODAY.", "urgency", "OFFER ENDS TODAY"),
        ("get it \uff41\uff42\uff53\uff4f\uff4c\uff55\uff54\uff45\uff4c\uff59 FREE", "free",
         "\uff41\uff42\uff53\uff4f\uff4c\uff55\uff54\uff45\uff4c\uff59 FREE"),
        ("so Cl\u0456ck h\u0435re for it", "call_to_action", "Cl\u0456ck h\u0435re"),
        ("To opt-out go", "unsubscribe", "opt-out"),
        ("only 18+ here", "small_print", "18+"),
        ("at 150p/msg only", "small_print", "150p/msg"),
        ("cost \u00a31.50 per msg", "small_print", "1.50 per msg"),
        ("Txt WIN to 80888 today", "short_number", "Txt WIN to 80888"),
        ("ring now 0800 555 0123", "number_to_call", "ring now 0800 555 0123"),
        ("claim your reward", "prize", "claim your"),
        ("I am the next of kin", "inheritance", "next of kin"),
        ("Please verify your account.", "credentials", "verify your account"),
        ("earn easy money", "earnings", "earn easy money"),
        ("free vi\u200bagra", "invisible", "i\u200ba"),
        ("<span style='display:none'>", "hidden_html", "display:none"),
        ("vi<!-- x -->agra", "hidden_html", "<!-- x -->"),
    ],
)  # fmt: skip
def test_a_sign_is_found_where_it_stands(text, sign, stretch):
    assert (sign, stretch) in signs(DETECTOR, text)


@pytest.mark.parametrize(
    "text",
    [
        "I won the match, and the offer of peace still stands.",
        "Call me when you get home. I'm free on Sunday.",
        "WHO and UNESCO said so. OK!!",
        "My account of the war is in this book.",
        "The terms of the treaty, p. 150, are clear.",
        "\u0646\u200c\u0645 \U0001f468\u200d\U0001f469",
        "It is 18:30, 5 of us, e.g. me.",
    ],
)
def test_ordinary_talk_has_no_sign(text):
    assert signs(DETECTOR, text) == set()


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("label", sorted(DETECTOR.labels))
def test_a_lone_sign_is_no_spam_however_often(sign, label):
    assert join([sign], SIGNS, label) < 0.4


def test_three_signs_pass_one_half_unless_they_are_of_the_weakest():
    weakest = {"shouting", "exclamation", "money"}
    for found in itertools.combinations(SIGNS, 3):
        if not weakest & set(found):
            assert join(found, SIGNS, Label.SPAM) > 0.5
    assert join(weakest, SIGNS, Label.SPAM) < 0.5


def test_the_same_sign_again_adds_nothing():
    assert score(DETECTOR, "click here", Label.SPAM) == score(DETECTOR, "click here " * 9, Label.SPAM)


def test_talk_about_spam_stays_below_half():
    for text in (
        "He kept writing 'you have won', what a fool!!!",
        "Is 'verify your account' a scam? It is in CAPITALS.",
    ):
        assert names(DETECTOR, text)
        assert all(score(DETECTOR, text, label) < 0.5 for label in DETECTOR.labels)


@given(st.text())
def test_any_text_is_borne(text):
    assert_sound(DETECTOR, text)


@given(texts_of(FRAGMENTS))
def test_signs_among_anything_are_borne(text):
    assert_sound(DETECTOR, text)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=8).map(", ".join), texts_of(FRAGMENTS))
def test_another_line_never_lowers_a_score(text, more):
    assert_more_never_lowers(DETECTOR, text, more)


@pytest.mark.parametrize(("name", "pattern"), patterns_of(bulk_mail).items())
def test_a_pattern_takes_a_limited_number_of_steps(name, pattern):
    assert steps(pattern) <= MOST_STEPS


@pytest.mark.parametrize("part", ["A", "A\n", "!", "$", "1", "call ", "text a ", "<img ", "<!--", "\u200b", "free "])
def test_twice_as_much_hostile_text_takes_no_more_than_twice_the_lines(part):
    texts = [Text(part * count) for count in (1_000, 2_000)]
    assert all(text.clean is not None for text in texts)
    few, many = (lines_run(DETECTOR.detect, [text]) for text in texts)
    assert many <= 2.1 * few + 100


@pytest.mark.parametrize("sign", bulk_mail._PHRASES)
@given(st.data())
def test_every_phrase_has_what_is_looked_for_first(sign, data):
    # Hypothesis knows no possessive quantifiers and no atomic groups; without them a pattern matches the same and more.
    phrase = data.draw(st.sampled_from(bulk_mail._PHRASES[sign])).replace("}+", "}").replace("(?>", "(?:")
    text = data.draw(st.from_regex(rf"\A(?:{phrase})\Z"))
    assert any(needle in text for needle in bulk_mail._NEEDLES[sign])


def test_every_sign_has_a_meaning_and_declared_labels():
    assert all(sign.meaning.endswith(".") and sign.scores.keys() <= DETECTOR.labels for sign in SIGNS.values())
