import pytest
from hypothesis import given
from hypothesis import strategies as st

from companions import assert_more_never_lowers, assert_sound, names, score, signs, texts_of
from effort import MOST_STEPS, lines_run, patterns_of, steps
from evenhand.content.text import Text
from evenhand.core.taxonomy import Label
from evenhand.detectors.text import links
from evenhand.detectors.text.links import MANY, SIGNS, LinksDetector, links_in

DETECTOR = LinksDetector()
FRAGMENTS = (
    "http://a.example/x",
    "https://p\u0430ypal.com",
    "xn--pypal-4ve.com",
    "http://xn--99999999999.com",
    "http://xn--\u00e9.com/",
    "bit.ly/1",
    "https://a.com@b.com/",
    "[www.a.com](http://b.net/)",
    '<a href="http://b.net">www.a.com</a>',
    "shop dot com",
    "shop [.] com",
    "http://8.8.8.8/",
    "http://999.1.1.1/",
    "http://h/a.pdf.exe?x=1",
    "http://",
    "@",
    ".",
)


@pytest.mark.parametrize(
    ("text", "sign", "stretch"),
    [
        ("go to https://g\u043e\u043egle.com/a now", "homograph", "https://g\u043e\u043egle.com/a"),
        ("(www.p\u0430ypal.com)", "homograph", "www.p\u0430ypal.com"),
        ("\u0440\u0430\u0443.com is it", "look_alike", "\u0440\u0430\u0443.com"),
        ("see http://xn--pypal-4ve.com, please", "homograph", "http://xn--pypal-4ve.com"),
        ("[bank.example.com](https://x.net/a) it", "other_target", "[bank.example.com](https://x.net/a"),
        (
            '<a class="b" href="https://x.net/a">https://bank.com</a>',
            "other_target",
            '<a class="b" href="https://x.net/a">https://bank.com</a',
        ),
        ("http://bank.com@x.net/", "false_host", "http://bank.com@x.net/"),
        ("see:https://bank.com@x.net/", "false_host", "see:https://bank.com@x.net/"),
        ("http://me:secret@x.net/", "password", "http://me:secret@x.net/"),
        ("https://www.bank.com.x-y.net/login", "nested_domain", "https://www.bank.com.x-y.net/login"),
        ("http://3232235777/x", "hidden_ip", "http://3232235777/x"),
        ("http://8.8.8.8:8080/x.", "ip_address", "http://8.8.8.8:8080/x"),
        ("http://x.net/bill.PDF.exe", "double_extension", "http://x.net/bill.PDF.exe"),
        ("http://x.net/setup.exe?a=1", "executable", "http://x.net/setup.exe?a=1"),
        ("look: https://bit.ly/3x!", "shortener", "https://bit.ly/3x"),
        ("bit\u3002ly/3x", "shortener", "bit\u3002ly/3x"),
        ("at cheapshop dot com today", "disguised", "cheapshop dot com"),
        ("cheapshop[.]com", "disguised", "cheapshop[.]com"),
        ("hxxps://x.net/a", "disguised", "hxxps://x.net/a"),
    ],
)
def test_a_sign_is_found_where_it_stands(text, sign, stretch):
    assert (sign, stretch) in signs(DETECTOR, text)


@pytest.mark.parametrize(
    "text",
    [
        "https://en.wikipedia.org/wiki/Amazon_(company)",
        "It is on www.bbc.co.uk, and on news.bbc.co.uk too.",
        "Mail me@example.com or see ftp://ftp.example.com/pub",
        "git clone https://token@github.com/a/b and git@github.com:a/b.git",
        "[Amazon.com](https://en.wikipedia.org/wiki/Amazon.com) began in 1994.",
        "[the docs](https://docs.example/) and [bbc.co.uk](https://www.bbc.co.uk/news)",
        '<a href="http://shop.example.com">example.com</a>',
        '<a name="x">example.com</a>',
        "http://192.168.0.1/admin and http://127.0.0.1:8000 and http://256.1.1.1/",
        "https://www.nytimes.com.proxy.library.edu/x and https://example.com.au/",
        "\u043f\u0440\u0430\u0432\u0434\u0430.\u0440\u0444 and https://www.m\u00fcller.de and http://\u65e5\u672cjp.com",
        "http://xn--mller-kva.de/ is on the same page as http://xn--/",
        "Mr.Smith left.In the end he ran main.py, e.g. twice.",
        "the dot com bubble, this dot com company",
        "bit.ly is a company.",
        "git clone https://jane.doe@git.example/x.git",
        "http://www.example.com.s3.amazonaws.com/index.html",
        "https://x.net/page.html#exe and https://x.net/exe",
    ],
)
def test_an_ordinary_link_is_no_sign(text):
    assert signs(DETECTOR, text) == set()


def test_links_are_many_from_the_fifth_different_one_on():
    several = [f"https://example.com/{number}" for number in range(MANY)]
    assert names(DETECTOR, " ".join(several[:-1])) == set()
    assert signs(DETECTOR, " ".join(several)) == {("many", several[-1])}


def test_however_many_ordinary_links_stay_below_half():
    text = " ".join(f"https://example.com/{number}" for number in range(200))
    assert 0 < score(DETECTOR, text, Label.SPAM) < 0.5


def test_the_same_link_counts_from_the_third_time_on_but_a_bare_name_never():
    assert names(DETECTOR, "https://example.com/a " * 2) == set()
    assert names(DETECTOR, "https://example.com/a " * 3) == {"repeated"}
    assert names(DETECTOR, "example.com " * 9) == set()


def test_a_link_is_taken_apart():
    (link,) = links_in("see HTTPS://user@Example.COM:8080/Path?q#f.")
    assert (link.scheme, link.user, link.host, link.path) == ("https", "user", "example.com", "/Path?q#f")
    assert (link.begin, link.end) == (4, 42)


@given(st.text())
def test_any_text_is_borne(text):
    assert_sound(DETECTOR, text)


@given(texts_of(FRAGMENTS))
def test_links_among_anything_are_borne(text):
    assert_sound(DETECTOR, text)


@given(texts_of(FRAGMENTS), texts_of(FRAGMENTS) | st.text())
def test_another_line_never_lowers_a_score(text, more):
    assert_more_never_lowers(DETECTOR, text, more)


@pytest.mark.parametrize(("name", "pattern"), patterns_of(links).items())
def test_a_pattern_takes_a_limited_number_of_steps(name, pattern):
    assert steps(pattern) <= MOST_STEPS


@pytest.mark.parametrize("part", ["[", "[a](http://", "<a ", "a.", "http://", "x@", "a-", " dot ", "bit.ly/1 "])
def test_twice_as_much_hostile_text_takes_no_more_than_twice_the_lines(part):
    few, many = (lines_run(DETECTOR.detect, [Text(part * count)]) for count in (1_000, 2_000))
    assert many <= 2.1 * few + 100


def test_every_sign_has_a_meaning_and_declared_labels():
    assert all(sign.meaning.endswith(".") and sign.scores.keys() <= DETECTOR.labels for sign in SIGNS.values())
