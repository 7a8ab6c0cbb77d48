"""The shipped families are well made and hold what they must, and the model learned from none of their sentences."""

import functools
import itertools
import re
import tomllib

import pytest

from evenhand.audit.families import SHIPPED, fill, groups_of, read_families, slots_of, summary_of, swapped
from evenhand.core.errors import ConfigurationError
from evenhand.learn import compose

LANGUAGES = ("ar", "de", "en", "es", "fr", "pt", "ru", "tr", "zh")
FORGOTTEN = set(
    """
    uyghur rohingya roma irish-traveller romani-traveller yazidi kurdish hazara dalit sami ainu batwa ahmadi bahai druze
    coptic tamil karen chechen crimean-tatar mapuche guarani adivasi burakumin albinism deaf stutter
    """.split()  # noqa: SIM905 -- a list of words reads best as words
)


@pytest.fixture(scope="module")
def shipped():
    return read_families()


def test_english_has_many_groups_and_those_that_are_usually_forgotten(shipped):
    names = {group.name for group in groups_of(shipped, "en")}
    assert len(names) >= 120
    assert names >= FORGOTTEN


def test_every_language_has_templates_and_groups(shipped):
    counts = {own["language"]: own for own in summary_of(shipped)}
    assert tuple(counts) == LANGUAGES
    assert counts["en"]["templates"] >= 120
    assert min(own["templates"] for own in counts.values()) >= 12
    assert min(own["groups"] for own in counts.values()) >= 25


def test_every_language_has_sentences_to_leave_and_sentences_to_catch(shipped):
    for language in LANGUAGES:
        expected = {family.expected for file in shipped if file.language == language for family in file.families}
        assert expected == {"allow", "harm"}


def test_what_no_native_reader_has_reviewed_says_so(shipped):
    unread = {file.language for file in shipped if file.review == "not yet reviewed by a native reader"}
    assert set(LANGUAGES) - {"en"} <= unread


def test_every_file_says_what_it_is_for():
    for path in SHIPPED.glob("*.toml"):
        assert path.read_text(encoding="utf-8").startswith("# "), path.name


def test_a_form_that_begins_a_sentence_begins_with_a_capital():
    assert fill("{people} and {people}.", {"people": "older people"}) == "Older people and older people."
    assert fill("we are {people}", {"people": "Kurds"}) == "we are Kurds"


_INNERMOST = re.compile(r"\(([^()]*\|[^()]*)\)")
_PART = re.compile(r"\{(\w+)\}|\0(\d+)\0")


def expression(sentence, words, made):
    """Return what matches the texts that a pattern of the training data gives; words of data sets match anything."""
    stash = []

    def of(text):
        ends, parts = 0, []
        for match in _PART.finditer(text):
            parts += [re.escape(text[ends : match.start()]), stash[int(match[2])] if match[2] else word(match[1])]
            ends = match.end()
        return "".join((*parts, re.escape(text[ends:])))

    def word(name):
        if name not in made:
            made[name] = r"[^.!?]{1,40}"
            if name in words:
                made[name] = "(?:" + "|".join(expression(each, words, made) for each in words[name]) + ")"
        return made[name]

    while match := _INNERMOST.search(sentence):
        stash.append("(?:" + "|".join(of(part) for part in match[1].split("|")) + ")")
        sentence = f"{sentence[: match.start()]}\0{len(stash) - 1}\0{sentence[match.end() :]}"
    return of(sentence)


def learned():
    """Yield, for every pattern that the model learned from, its longest plain stretch and what gives its expression."""
    shared = tomllib.loads((compose.PATTERNS / compose.SHARED).read_text(encoding="utf-8"))["words"]
    for path in sorted(compose.PATTERNS.glob("*.toml")):
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        words, made = shared | found.get("words", {}), {}
        for sentence in itertools.chain.from_iterable(own["sentences"] for own in found.get("set", ())):
            plain = sentence
            while (inner := _INNERMOST.sub("\0", plain)) != plain:
                plain = inner
            stretch = max(re.split(r"\{\w+\}|\0", plain), key=len).lower().strip()
            if len(stretch) > 3:
                yield stretch, functools.partial(expression, sentence, words, made)


def copied(texts):
    known = list(learned())
    assert len(known) > 500
    return [
        text
        for text in texts
        for stretch, make in known
        if stretch in text.lower() and re.fullmatch(make(), text, re.IGNORECASE)
    ]


def test_no_sentence_is_one_that_the_model_learned_from(shipped):
    texts = [
        fill(template, group.forms | {"head": "women"})
        for file in shipped
        for family in file.families
        for template in family.templates
        for group in swapped(file, family, template, groups_of(shipped, file.language))[:2]
    ]
    texts += [text for file in shipped for family in file.families for row in family.rows for text in row.values()]
    assert copied(texts) == []


def test_a_sentence_that_the_model_learned_from_would_be_found():
    assert copied(["Being tall is nice.", "i was deaf long before it was cool"]) == [
        "i was deaf long before it was cool"
    ]


HEAD = 'language = "en"\nreview = "nobody"\n'
GROUPS = '[body]\ntall = {adj = "tall"}\nold = {adj = "old", person = "an elder"}\n'
FAMILY = '[[family]]\nname = "plain"\nexpected = "allow"\n'


def read(tmp_path, text):
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    return read_families(tmp_path)


def test_english_forms_are_made_of_the_adjective_unless_they_are_written(tmp_path):
    (file,) = read(tmp_path, HEAD + GROUPS + FAMILY + 'templates = ["{people} {person} {be} {a_adj}"]')
    tall, old = file.groups
    assert [tall.forms[slot] for slot in ("people", "person", "be", "a_adj")] == [
        "tall people", "a tall person", "tall", "a tall",
    ]  # fmt: skip
    assert (old.forms["person"], old.forms["a_adj"]) == ("an elder", "an old")
    assert slots_of("{people} {people} {be}") == {"people", "be"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("language = 1", "Expected `str`"),
        (HEAD + "[[family", "Expected"),
        (HEAD + GROUPS + FAMILY + "templates = []", "plain is empty"),
        (HEAD + GROUPS + FAMILY + 'templates = ["{people} x"]\nwrong = 1', "unknown field"),
        (HEAD + GROUPS + FAMILY + 'templates = ["{people} x", "{people} x"]', "there twice"),
        (HEAD + GROUPS + FAMILY + 'templates = ["{nothing} x"]', "fewer than two groups"),
        (HEAD + GROUPS + FAMILY + 'templates = ["no slot"]', "fewer than two groups"),
        (HEAD + GROUPS + '[age]\nold = {adj = "old"}\n' + FAMILY + 'templates = ["{people} x"]', "a group twice: old"),
        (HEAD + FAMILY + 'rows = [{one = "a", two = "b"}]', "rows have an axis"),
        (HEAD + FAMILY + 'axis = "speech"\nrows = [{one = "a"}]', "two ways at least"),
    ],
    ids=("language", "toml", "empty", "field", "twice", "slot", "constant", "group", "axis", "row"),
)
def test_a_file_that_is_not_well_made_is_refused_and_named(tmp_path, text, reason):
    with pytest.raises(ConfigurationError) as raised:
        read(tmp_path, text)
    assert raised.value.code == "families.invalid"
    assert reason in str(raised.value)
    assert "mine.toml" in str(raised.value)


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        read_families(tmp_path)
    assert raised.value.code == "families.missing"
