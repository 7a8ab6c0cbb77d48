import random

import numpy as np
import pytest

from evenhand.audit.brush import Brush
from evenhand.audit.places import draw_place
from evenhand.audit.scenes import SETTINGS


def drawn(setting, seed=1):
    brush = Brush(96, is_lit=False, light=0.0, seed=1)
    draw_place(brush, setting, random.Random(seed))
    return np.asarray(brush.finished())


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_place_fills_the_picture_and_is_the_same_for_the_same_seed(setting):
    picture = drawn(setting)
    assert (drawn(setting) == picture).all()
    assert (drawn(setting, seed=2) != picture).any()
    assert (picture.max(axis=2) == 0).mean() == 0
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_places_look_otherwise():
    assert len({drawn(setting).tobytes() for setting in SETTINGS}) == len(SETTINGS)
