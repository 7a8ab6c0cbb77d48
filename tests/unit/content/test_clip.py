"""What a stretch of a clip is."""

import dataclasses

import numpy as np
import pytest

from evenhand.content.clip import SOUND_RATE, Still, Stretch
from evenhand.content.image import Frame


def still(seconds, *, is_chosen):
    return Still(Frame(np.zeros((4, 6, 3), np.uint8), round(1000 * seconds)), seconds, is_chosen)


def stretch(*stills):
    return Stretch(
        begin=30,
        end=60,
        stills=stills,
        sound=np.zeros(40 * SOUND_RATE, np.int16),
        sound_begin=30,
        is_last=False,
        is_partial=False,
    )


def test_chosen_stills_are_those_that_were_chosen_in_order():
    first, second, third = still(30, is_chosen=True), still(31, is_chosen=False), still(32.5, is_chosen=True)
    assert stretch(first, second, third).chosen == (first, third)
    assert stretch(second).chosen == ()


def test_a_stretch_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        stretch().begin = 0


def test_the_number_of_a_frame_is_its_time_in_milliseconds():
    assert still(32.5, is_chosen=True).frame.number == 32_500
