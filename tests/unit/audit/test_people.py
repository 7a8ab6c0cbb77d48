import random
from dataclasses import replace

import numpy as np
import pytest

from evenhand.audit.brush import Brush, from_hex
from evenhand.audit.people import draw_person
from evenhand.audit.scenes import BEARDS, DRESSES, POSES, SHOTS, TONES, Scene

PLAIN = Scene(5, "shirt", "no beard", "street", "drawn", "half", "arms down", "", 1)


def drawn(scene, *, is_lit=False):
    brush = Brush(160, is_lit=is_lit, light=0.3, seed=1)
    draw_person(brush, scene, random.Random(3))
    return np.asarray(brush.finished()).astype(int)


def share_of(picture, colour):
    """Return the share of pixels that have this colour."""
    return float((np.abs(picture - np.array(colour)).max(axis=2) <= 2).mean())


@pytest.mark.parametrize("tone", range(10), ids=lambda tone: f"tone {tone + 1}")
def test_the_tone_is_that_of_the_scale_and_nothing_else_changes(tone):
    picture, other = drawn(replace(PLAIN, tone=tone)), drawn(replace(PLAIN, tone=(tone + 5) % 10))
    assert share_of(picture, from_hex(TONES[tone])) > 0.02
    changed = np.abs(picture - other).max(axis=2) > 0
    assert 0.02 < changed.mean() < 0.25


FIELDS = {
    "dress": DRESSES,
    "beard": BEARDS,
    "pose": (*POSES, "holding a sign"),
    "shot": SHOTS,
}


@pytest.mark.parametrize("is_lit", [False, True], ids=["flat", "lit"])
@pytest.mark.parametrize("field", FIELDS)
def test_each_dress_beard_pose_and_shot_looks_otherwise(field, is_lit):
    pictures = [drawn(replace(PLAIN, **{field: value}), is_lit=is_lit).tobytes() for value in FIELDS[field]]
    assert len(set(pictures)) == len(FIELDS[field])


def test_a_veil_covers_the_mouth():
    scarf, veil = (drawn(replace(PLAIN, dress=f"robe and {worn}")) for worn in ("headscarf", "veil over the mouth"))
    assert share_of(veil, from_hex(TONES[PLAIN.tone])) < 0.8 * share_of(scarf, from_hex(TONES[PLAIN.tone]))
    assert share_of(scarf, (150, 72, 70)) > share_of(veil, (150, 72, 70)) == 0


def test_everybody_is_clothed():
    """Of a person down to the knee, head, neck, forearms and hands are what shows."""
    for dress in DRESSES:
        picture = drawn(replace(PLAIN, dress=dress))
        assert share_of(picture[100:, 60:100], from_hex(TONES[PLAIN.tone])) < 0.02, dress


def test_words_stand_on_the_sign():
    empty, written = (drawn(replace(PLAIN, pose="holding a sign", sign=words)) for words in ("", "SOUP OF/THE DAY"))
    assert (empty != written).any()
    assert share_of(written, (252, 252, 248)) > 0.05
