import pytest

from evenhand.core.case import Role
from evenhand.core.errors import InputError
from evenhand.core.reviewer import Preferences, Reviewer, Session, reviewer_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("ada", "ada"),
        ("  Ada ", "ada"),
        ("ADA.L@example.org", "ada.l@example.org"),
        ("ａｄａ", "ada"),
        ("Жанна", "жанна"),
        ("Straße", "strasse"),
        ("a" * 64, "a" * 64),
    ],
)
def test_a_name_is_the_same_however_it_was_typed(given, name):
    assert reviewer_name(given) == name


@pytest.mark.parametrize(
    "given", ["", " ", "a" * 65, ".ada", "ada b", "a\0", "a\nb", "<b>", "a/b", "\ud800", "a\u202eb"]
)
def test_what_cannot_be_a_name_is_refused(given):
    with pytest.raises(InputError) as caught:
        reviewer_name(given)
    assert (caught.value.code, caught.value.field) == ("reviewer.name", "name")


def test_whoever_has_chosen_nothing_is_spared():
    preferences = Reviewer(1, "ada", Role.REVIEWER).preferences
    assert preferences == Preferences(
        blur_pictures=True, grey_pictures=True, mute_sound=True, fold_severe_text=True, break_after=0
    )


@pytest.mark.parametrize(
    "kept", [{"blur_pictures": "no"}, {"break_after": True}, {"blur_pictures": 0}, {"unknown": 1}, {}]
)
def test_preferences_that_are_not_understood_are_as_by_default(kept):
    assert Preferences.read(kept) == Preferences()


def test_preferences_are_read_as_they_were_kept():
    kept = {"blur_pictures": False, "break_after": 20}
    assert Preferences.read(kept) == Preferences(blur_pictures=False, break_after=20)


def test_a_reviewer_acts_under_their_id():
    assert Reviewer(7, "ada", Role.LEAD).actor == "reviewer:7"


def test_the_token_of_a_session_is_not_printed():
    assert "secret" not in repr(Session(Reviewer(1, "ada", Role.LEAD), "secret"))
