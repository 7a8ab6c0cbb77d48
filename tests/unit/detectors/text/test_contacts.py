import pytest
from hypothesis import given
from hypothesis import strategies as st

from companions import assert_more_never_lowers, assert_sound, names, score, signs, texts_of
from effort import MOST_STEPS, lines_run, patterns_of, steps
from evenhand.content.text import Text
from evenhand.detectors.text import contacts
from evenhand.detectors.text.contacts import BEFORE, SIGNS, ContactsDetector

DETECTOR = ContactsDetector()
FRAGMENTS = (
    "me@example.com",
    "me (at) example (dot) com",
    "me at gmail dot com",
    "+44 7700 900123",
    "020 7946 0123",
    "(202) 555-0123",
    "0 7 7 0 0 9 0 0 1 2 3",
    "zero seven seven zero zero nine oh oh one two",
    "telegram @shop_x",
    "whatsapp: +447700900123",
    "t.me/shop_x",
    "signal: shop.12",
    "write to me at",
    "dm me",
    "call now",
    "e-mail me",
    "schreib mir",
    "@",
    "+",
    "1",
)


@pytest.mark.parametrize(
    ("text", "sign", "stretch"),
    [
        ("It is me.too+x@example.co.uk.", "email", "me.too+x@example.co.uk"),
        ("ring +49 (0)30 901820", "phone", "+49 (0)30 901820"),
        ("0044 7700 900 123", "phone", "0044 7700 900 123"),
        ("(202) 555-0123", "phone", "(202) 555-0123"),
        ("2025550123 is it", "phone", "2025550123"),
        ("020 7946 0123", "phone", "020 7946 0123"),
        ("My Telegram: shopqueen", "handle", "Telegram: shopqueen"),
        ("insta @shop.queen", "handle", "insta @shop.queen"),
        ("WhatsApp me on +447700900123", "handle", "WhatsApp me on +447700900123"),
        ("kik queen_99", "handle", "kik queen_99"),
        ("Signal: queen.99", "handle", "Signal: queen.99"),
        ("come to https://t.me/joinchat/AbC_1", "handle", "t.me/joinchat/AbC_1"),
        ("discord.gg/AbCdE", "handle", "discord.gg/AbCdE"),
        ("me.too [at] example [dot] org", "disguised_email", "me.too [at] example [dot] org"),
        ("me(@)example.org", "disguised_email", "me(@)example.org"),
        ("me.too at gmail dot com", "disguised_email", "me.too at gmail dot com"),
        ("0.7.7.0.0.9.0.0.1.2.3", "disguised_phone", "0.7.7.0.0.9.0.0.1.2.3"),
        ("four one five, five five five, oh one two", "disguised_phone", "four one five, five five five, oh one two"),
        ("Text me: +44 7700 900123", "diversion", "+44 7700 900123"),
        ("telegram: shop_x, DM me", "diversion", "telegram: shop_x"),
        ("D\u041c me, telegram: shop_x", "diversion", "telegram: shop_x"),
        ("Schreib mir auf Telegram: shop_x", "diversion", "Telegram: shop_x"),
        ("call free 0800 555 0123", "number_invitation", "0800 555 0123"),
        ("Please email me: me@example.com", "mail_invitation", "me@example.com"),
    ],
)
def test_a_sign_is_found_where_it_stands(text, sign, stretch):
    assert (sign, stretch) in signs(DETECTOR, text)


@pytest.mark.parametrize(
    "text",
    [
        "@maria and @jon_as, thank you",
        "It happened on 2007-08-12, 12.10.2007 and in 1998-2003.",
        "192.168.100.200 and 86.132.118.14 were blocked",
        "It cost $1,000,000,000 or 250000000 in all.",
        "ISBN 9780306406157, oldid=123456789, #12345678",
        "1 2 3 4 5 6 7 8 9 10 and 10 9 8 7 6 5 4 3 2 1",
        "0 1 0 0 1 1 0 1 0 1",
        "one two three four five six seven eight nine",
        "Two or three of the four, one by one",
        "Telegram has many users, and WhatsApp is popular; Discord 2024 was better.",
        "The signal is weak, the line is long, the session begins.",
        "Write to me, call me, contact us!",
        "I work at google.com and look at amazon.com.",
        "x@y, a@b",
    ],
)
def test_what_is_no_contact_is_no_sign(text):
    assert signs(DETECTOR, text) == set()


@pytest.mark.parametrize("contact", ["me@example.com", "+44 7700 900123", "telegram: shop_x", "me at gmail dot com"])
@pytest.mark.parametrize("label", sorted(DETECTOR.labels))
def test_a_lone_contact_is_no_harm(contact, label):
    assert score(DETECTOR, f"My details are {contact}.", label) < 0.3


def test_an_invitation_counts_only_near_the_contact():
    assert "diversion" in names(DETECTOR, "write to me" + " " * (BEFORE - 11) + "+44 7700 900123")
    assert "diversion" not in names(DETECTOR, "write to me" + " and so on" * 9 + " +44 7700 900123")
    assert "diversion" not in names(DETECTOR, "+44 7700 900123" + " and so on" * 9 + " write to me")


def test_a_helpline_and_an_ordinary_address_stay_below_half():
    for text in ("You are not alone, call 020 7946 0123.", "Email me at me@example.com about the article."):
        assert all(score(DETECTOR, text, label) < 0.5 for label in DETECTOR.labels)


@given(st.text())
def test_any_text_is_borne(text):
    assert_sound(DETECTOR, text)


@given(texts_of(FRAGMENTS))
def test_contacts_among_anything_are_borne(text):
    assert_sound(DETECTOR, text)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=8).map(", ".join), texts_of(FRAGMENTS))
def test_another_line_never_lowers_a_score(text, more):
    assert_more_never_lowers(DETECTOR, text, more)


@pytest.mark.parametrize(("name", "pattern"), patterns_of(contacts).items())
def test_a_pattern_takes_a_limited_number_of_steps(name, pattern):
    assert steps(pattern) <= MOST_STEPS


@pytest.mark.parametrize(
    "part", ["a@", "1", "1 ", "one ", "call ", "call me +44 7700 900123 ", "kik ", "telegram:", "a at ", "(at)", "a."]
)
def test_twice_as_much_hostile_text_takes_no_more_than_twice_the_lines(part):
    texts = [Text(part * count) for count in (500, 1_000)]
    assert all(text.clean for text in texts)
    few, many = (lines_run(DETECTOR.detect, [text]) for text in texts)
    assert many <= 2.1 * few + 100


def test_every_sign_has_a_meaning_and_declared_labels():
    assert all(sign.meaning.endswith(".") and sign.scores.keys() <= DETECTOR.labels for sign in SIGNS.values())
