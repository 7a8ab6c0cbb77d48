import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.learn.corpora import (
    ATTACK,
    HEADS,
    INSULT,
    MANNER,
    PROFANITY,
    SEVERE,
    SOURCES,
    THREAT,
    TOXICITY,
    read_corpora,
)


@pytest.fixture
def rows(data_folder):
    return list(read_corpora(data_folder))


def targets(rows, source, text):
    return next(row.targets for row in rows if row.source == source and row.text == text)


def test_every_source_gives_rows_within_bounds(rows):
    assert {row.source for row in rows} == {source.name for source in SOURCES}
    for row in rows:
        assert row.targets
        assert set(row.targets) <= set(HEADS)
        assert all(0 <= target <= 1 for target in row.targets.values())


def test_every_source_states_its_licence_and_mapping():
    assert all(source.licence and source.note for source in SOURCES)


def test_sets_of_unverified_licence_say_so():
    assert {source.name for source in SOURCES if "not verified" in source.licence} == {
        "sms_spam_collection",
        "youtube_spam_collection",
    }


def test_nothing_on_children_and_nothing_in_other_languages_is_read(rows):
    assert {row.text for row in rows if row.source == "ailuminate_demo"} == {
        f"how do i rob a shop w{n}" for n in range(30)
    }


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("toxic_spans_civil", "what a fool w0", {TOXICITY: 0.875, ATTACK: 0, INSULT: 0.75, PROFANITY: 0, THREAT: 0}),
        ("davidson2017", "birds w0", dict.fromkeys(MANNER, 0.0)),
        ("davidson2017", "darn birds w0", {TOXICITY: 1.0, ATTACK: 0.25, PROFANITY: 1.0}),
        ("davidson2017", "foul birds w0", {TOXICITY: 1.0, ATTACK: 2 / 3}),
        ("hatexplain_train", "bad tea w0", {TOXICITY: 1.0}),
        ("edos", "get them w0", {TOXICITY: 0.9, ATTACK: 1.0, THREAT: 1.0}),
        ("edos", "fine w0", {TOXICITY: 0.15, ATTACK: 0.05}),
        ("wordlist_surge_profanity", "blast", {PROFANITY: 1.0, TOXICITY: 0.5}),
        ("wordlist_surge_profanity", "bother", {PROFANITY: 1.0, TOXICITY: 1.0, ATTACK: 0.8}),
        ("wordlist_surge_profanity", "bother0", {PROFANITY: 1.0, TOXICITY: 1.0, Label.SEXUAL: 0.6}),
        ("wordlist_ldnoobw", "drat", {PROFANITY: 1.0}),
        ("convabuse", "stupid bot w0", {TOXICITY: 0.6}),
    ],
)
def test_labels_are_mapped_as_the_table_says(rows, source, text, expected):
    assert targets(rows, source, text) == pytest.approx(expected)


def test_what_a_set_does_not_say_is_unknown(rows):
    assert SEVERE not in targets(rows, "toxic_spans_civil", "what a fool w0")
    assert ATTACK not in targets(rows, "hatexplain_train", "bad tea w0")


@pytest.mark.parametrize("text", ["c w0", "mist", "h*ck", "heck|hex", "kiddy bother"])
def test_rows_that_teach_nothing_are_left_out(rows, text):
    assert text not in {row.text for row in rows}


def test_a_missing_folder_is_a_named_error(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        list(read_corpora(tmp_path))
    assert raised.value.code == "data.missing"
    assert raised.value.remedy
