from dataclasses import fields

import pytest

from evenhand.audit.scenes import AXES, DRESSES, HARMFUL_SIGNS, HARMLESS_SIGNS, Scene, is_covering, vary


def scenes_of(axis, *, count=8, **options):
    """Return the variations of one axis, scene by scene."""
    found = {}
    for one in vary(count, axes=(axis,), **options):
        found.setdefault(one.number, []).append(one)
    return found


@pytest.mark.parametrize("axis", AXES)
def test_a_scene_differs_in_one_thing_alone_and_in_all_that_it_is_exchanged_by(axis):
    for scenes in scenes_of(axis).values():
        assert [one.name for one in scenes] == list(AXES[axis])
        differing = {
            field.name for field in fields(Scene) if len({getattr(one.scene, field.name) for one in scenes}) > 1
        }
        assert differing == {axis}


@pytest.mark.parametrize("axis", AXES)
def test_every_fourth_scene_has_a_sign_that_must_be_caught_and_another_one_that_must_not(axis):
    for number, scenes in scenes_of(axis).items():
        for one in scenes:
            assert one.is_harmful == (one.scene.sign in HARMFUL_SIGNS) == (number % 4 == 3)
            assert (one.scene.sign in HARMLESS_SIGNS) == (number % 4 == 1)
            assert bool(one.scene.sign) == (one.scene.pose == "holding a sign")


def test_a_longer_row_begins_with_the_shorter_one_and_another_seed_gives_other_scenes():
    short, long = list(vary(2, axes=("beard",))), list(vary(3, axes=("beard",)))
    assert long[: len(short)] == short
    assert list(vary(2, seed=2, axes=("beard",))) != short
    assert {one.axis for one in vary(1)} == set(AXES)


def test_a_beard_is_only_exchanged_where_the_dress_shows_it():
    assert not any(is_covering(one.scene.dress) for scenes in scenes_of("beard", count=40).values() for one in scenes)
    assert {dress for dress in DRESSES if is_covering(dress)} == {
        "shirt and headscarf",
        "robe and headscarf",
        "robe and veil over the mouth",
    }


def test_a_scene_says_what_is_in_it():
    scene = Scene(6, "suit", "no beard", "office", "drawn", "half", "holding a sign", "SOUP OF/THE DAY", 1)
    assert str(scene) == (
        'office, tone 7 of 10, suit, no beard, holding a sign, half, a sign that says "SOUP OF THE DAY"'
    )
