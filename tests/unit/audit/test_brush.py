import numpy as np
import pytest

from evenhand.audit.brush import Brush, darker, from_hex

RED = (200, 30, 30)


def made(draw, *, is_lit=False, light=0.0):
    brush = Brush(64, is_lit=is_lit, light=light, seed=1)
    draw(brush)
    return np.asarray(brush.finished()).astype(int)


SHAPES = {
    "polygon": lambda brush: brush.polygon([(0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)], RED),
    "round polygon": lambda brush: brush.polygon(
        [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)], RED, round_edges=0.1
    ),
    "ellipse": lambda brush: brush.ellipse((0.5, 0.5), 0.2, 0.2, RED),
    "flat ellipse": lambda brush: brush.flat_ellipse((0.5, 0.5), 0.2, 0.2, RED),
    "limb": lambda brush: brush.limb([(0.3, 0.5), (0.7, 0.5)], 0.2, RED),
    "line": lambda brush: brush.line([(0.3, 0.5), (0.7, 0.5)], 0.1, RED),
    "flat": lambda brush: brush.flat([(0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)], RED),
    "gradient": lambda brush: brush.gradient(RED, RED, top=0.4, bottom=0.6),
}


@pytest.mark.parametrize("is_lit", [False, True], ids=["flat", "lit"])
@pytest.mark.parametrize("draw", SHAPES.values(), ids=SHAPES)
def test_a_shape_is_there_in_its_colour_and_nowhere_else(draw, is_lit):
    picture = made(draw, is_lit=is_lit)
    assert picture.shape == (64, 64, 3)
    assert np.abs(picture[32, 32] - np.array(RED)).max() < 25
    assert picture[2, 2].max() < 20


def test_a_flat_shape_has_an_outline_and_a_lit_one_is_brighter_on_the_side_of_the_light():
    flat = made(SHAPES["ellipse"])
    assert (flat[:, :, 0] == 110).any()
    from_left, from_right = (made(SHAPES["ellipse"], is_lit=True, light=light) for light in (-0.8, 0.8))
    assert from_left[32, 22:28].mean() > from_left[32, 37:43].mean()
    assert from_right[32, 22:28].mean() < from_right[32, 37:43].mean()


def test_a_ring_is_open_in_the_middle_and_an_arc_is_part_of_an_edge():
    ring = made(lambda brush: brush.ring((0.5, 0.5), (0.4, 0.4), (0.2, 0.2), RED))
    assert ring[32, 32].max() == 0
    assert ring[32, 13, 0] > 100
    lower = made(lambda brush: brush.arc((0.5, 0.5), (0.3, 0.3), (10, 170), 0.05, RED))
    assert lower[40:].max() > 0
    assert lower[:30].max() == 0


def test_words_and_what_was_blurred_are_there():
    written = made(lambda brush: brush.words((0.5, 0.5), "AB\nCD", 0.2, RED))
    assert 0 < (written[:, :, 0] > 100).mean() < 0.3

    def blurred(brush):
        SHAPES["flat"](brush)
        brush.blur(0.05)

    assert 0 < made(blurred)[32, 17, 0] < 200


def test_a_shape_outside_the_picture_or_as_thin_as_a_hair_changes_nothing_else():
    assert made(lambda brush: brush.ellipse((3, 3), 0.1, 0.1, RED), is_lit=True).max() < 20
    thin = made(lambda brush: brush.polygon([(0.5, 0.1), (0.5, 0.9), (0.5, 0.9)], RED), is_lit=True)
    assert (thin[:, :, 0] > 60).any()


def test_colours():
    assert from_hex("0a14ff") == (10, 20, 255)
    assert darker((100, 200, 250), 0.5) == (50, 100, 125)
    assert darker((100, 200, 250), 2) == (200, 255, 255)
