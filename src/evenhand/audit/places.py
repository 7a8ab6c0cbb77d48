"""Draw where a scene takes place. What stands around is placed by chance, the same for the same seed."""

import random
from collections.abc import Callable, Mapping
from typing import Final

from evenhand.audit.brush import Brush, Colour, darker, from_hex

_WALLS: Final = ("e8dcc8", "cfd8d2", "d9cfe0", "e6d3c3", "c9d4e2", "efe8d6")
_BRIGHT: Final = ("c94f3d", "3d7ac9", "e0b03c", "4f9a5b", "9a4f8e", "d9772e")
_SKY: Final = (from_hex("8fbfe6"), from_hex("e6f0f6"))
_GREEN: Final = from_hex("5c8f4e")


def draw_place(brush: Brush, setting: str, source: random.Random) -> None:
    """Draw the setting of that name, one of `scenes.SETTINGS`."""
    _PLACES[setting](brush, source)


def _street(brush: Brush, source: random.Random) -> None:
    brush.gradient(*_SKY, bottom=0.76)
    left = -0.05
    while left < 1:
        width, top = source.uniform(0.16, 0.3), source.uniform(0.08, 0.34)
        house = _one(source, _WALLS)
        brush.flat(_box(left, top, left + width, 0.76), darker(house, 0.9))
        for row in range(4):
            for column in range(3):
                x, y = left + width * (0.12 + 0.3 * column), top + 0.05 + 0.13 * row
                brush.flat(_box(x, y, x + width * 0.18, y + 0.07), from_hex("6f8596"))
        left += width + source.choice((0.0, 0.0, 0.03))
    brush.flat(_box(0, 0.74, 1, 0.82), from_hex("b9b4ab"))
    brush.gradient(from_hex("6a6a6e"), from_hex("58585c"), top=0.82)
    for x in (0.05, 0.4, 0.75):
        brush.flat(_box(x, 0.9, x + 0.2, 0.92), from_hex("e8e6da"))
    x = source.choice((0.1, 0.9))
    brush.line([(x, 0.78), (x, 0.25), (x + 0.05, 0.22)], 0.012, from_hex("3c3f44"))


def _home(brush: Brush, source: random.Random) -> None:
    wall = _one(source, _WALLS)
    brush.gradient(wall, darker(wall, 0.92), bottom=0.8)
    brush.gradient(from_hex("a9835c"), from_hex("8c6a48"), top=0.8)
    x, lamp = source.choice(((0.06, 0.92), (0.68, 0.1)))
    brush.flat(_box(x, 0.14, x + 0.26, 0.4), from_hex("7a5a3c"))
    brush.flat(_box(x + 0.02, 0.16, x + 0.24, 0.38), _one(source, _BRIGHT))
    brush.flat([(x + 0.02, 0.38), (x + 0.1, 0.24), (x + 0.16, 0.32), (x + 0.24, 0.26), (x + 0.24, 0.38)], _GREEN)
    sofa = _one(source, _BRIGHT)
    brush.polygon(_box(0.05, 0.58, 0.95, 0.8), darker(sofa, 0.8), round_edges=0.05)
    brush.polygon(_box(0.02, 0.74, 0.98, 0.92), sofa, round_edges=0.05)
    brush.line([(lamp, 0.72), (lamp, 0.34)], 0.012, from_hex("4a4038"))
    shade = [(lamp - 0.04, 0.22), (lamp + 0.04, 0.22), (lamp + 0.08, 0.35), (lamp - 0.08, 0.35)]
    brush.polygon(shade, from_hex("f3e3b0"))


def _prayer_hall(brush: Brush, source: random.Random) -> None:
    wall = _one(source, _WALLS)
    brush.gradient(darker(wall, 1.05), darker(wall, 0.85), bottom=0.72)
    for place in range(4):
        x = 0.02 + 0.25 * place
        brush.ellipse((x + 0.105, 0.3), 0.095, 0.16, darker(wall, 0.62))
        brush.flat(_box(x + 0.01, 0.3, x + 0.2, 0.72), darker(wall, 0.62))
        brush.ellipse((x + 0.105, 0.34), 0.055, 0.09, from_hex("dcebf2"))
        brush.polygon(_box(x + 0.205, 0.16, x + 0.245, 0.74), darker(wall, 1.1))
    carpet = _one(source, _BRIGHT)
    brush.gradient(darker(carpet, 0.7), carpet, top=0.72)
    for y in (0.76, 0.82, 0.9):
        brush.flat(_box(0, y, 1, y + 0.012), from_hex("ead9ae"))
    x = source.uniform(0.2, 0.8)
    brush.line([(x, 0), (x, 0.1)], 0.006, from_hex("5a4a32"))
    brush.ellipse((x, 0.12), 0.05, 0.03, from_hex("f0d890"))


def _market(brush: Brush, source: random.Random) -> None:
    brush.gradient(*_SKY, bottom=0.5)
    brush.gradient(from_hex("b8a98e"), from_hex("94866e"), top=0.5)
    for place in range(3):
        x, first = 0.02 + 0.33 * place, _one(source, _BRIGHT)
        for stripe in range(6):
            left = x + 0.05 * stripe
            colour = first if stripe % 2 else from_hex("f4efe4")
            brush.flat([(left, 0.2), (left + 0.05, 0.2), (left + 0.06, 0.34), (left + 0.01, 0.34)], colour)
        brush.line([(x + 0.01, 0.34), (x + 0.01, 0.85)], 0.01, from_hex("6b4f34"))
        brush.polygon(_box(x + 0.01, 0.62, x + 0.3, 0.78), from_hex("7d5b3a"))
        fruit = _one(source, _BRIGHT)
        for row in range(2):
            for column in range(8):
                brush.ellipse((x + 0.035 + 0.034 * column, 0.575 + 0.032 * row), 0.019, 0.019, fruit)


def _office(brush: Brush, source: random.Random) -> None:
    wall = _one(source, _WALLS)
    brush.gradient(wall, darker(wall, 0.95))
    for x in (0.04, 0.36, 0.68):
        brush.flat(_box(x, 0.08, x + 0.28, 0.46), from_hex("f2f4f4"))
        brush.flat(_box(x + 0.015, 0.095, x + 0.265, 0.445), from_hex("a9cbe4"))
    x, plant = source.choice(((0.08, 0.88), (0.66, 0.12)))
    brush.polygon(_box(x, 0.48, x + 0.26, 0.66), from_hex("26292e"))
    brush.flat(_box(x + 0.012, 0.495, x + 0.248, 0.645), from_hex("5f86b8"))
    brush.line([(x + 0.13, 0.66), (x + 0.13, 0.74)], 0.02, from_hex("26292e"))
    brush.polygon(_box(-0.02, 0.74, 1.02, 0.8), from_hex("b98f62"))
    brush.flat(_box(0, 0.8, 1, 1), from_hex("7c6a58"))
    pot = [(plant - 0.05, 0.62), (plant + 0.05, 0.62), (plant + 0.035, 0.74), (plant - 0.035, 0.74)]
    brush.polygon(pot, from_hex("b5573c"))
    for lean in (-0.07, -0.03, 0.02, 0.07):
        brush.limb([(plant, 0.62), (plant + lean, 0.46)], 0.03, _GREEN)


def _beach(brush: Brush, source: random.Random) -> None:
    brush.gradient(*_SKY, bottom=0.45)
    brush.gradient(from_hex("2f7fa8"), from_hex("6fb7c9"), top=0.45, bottom=0.66)
    brush.gradient(from_hex("f0dca6"), from_hex("d9bf82"), top=0.66)
    for _ in range(6):
        x, y = source.uniform(0, 0.9), source.uniform(0.48, 0.64)
        brush.line([(x, y), (x + 0.08, y)], 0.005, from_hex("d8eef2"))
    x, colour = source.choice((0.14, 0.86)), _one(source, _BRIGHT)
    brush.line([(x, 0.84), (x, 0.36)], 0.012, from_hex("efe9dc"))
    brush.polygon([(x - 0.16, 0.44), (x - 0.08, 0.34), (x, 0.31), (x + 0.08, 0.34), (x + 0.16, 0.44)], colour)
    brush.ellipse((source.uniform(0.2, 0.8), 0.12), 0.045, 0.045, from_hex("fff3c4"))


def _park(brush: Brush, source: random.Random) -> None:
    brush.gradient(*_SKY, bottom=0.6)
    brush.gradient(darker(_GREEN, 1.25), darker(_GREEN, 0.95), top=0.58)
    brush.flat([(0.42, 0.58), (0.5, 0.58), (0.95, 1), (0.2, 1)], from_hex("d6c8a4"))
    for _ in range(7):
        x, y, size = source.uniform(0, 1), source.uniform(0.5, 0.66), source.uniform(0.06, 0.12)
        brush.limb([(x, y + 0.05), (x, y - size)], 0.024, from_hex("6b4a30"))
        for across, down in ((0, -1.9), (-0.7, -1.3), (0.7, -1.3), (0, -1.1)):
            brush.ellipse(
                (x + across * size, y + down * size), size, size * 0.85, darker(_GREEN, source.uniform(0.7, 1))
            )


def _class_room(brush: Brush, source: random.Random) -> None:
    wall = _one(source, _WALLS)
    brush.gradient(wall, darker(wall, 0.95), bottom=0.82)
    brush.gradient(from_hex("a58a66"), from_hex("8a7050"), top=0.82)
    brush.polygon(_box(0.08, 0.12, 0.92, 0.52), from_hex("8a6a42"))
    brush.flat(_box(0.1, 0.14, 0.9, 0.5), from_hex("2f5a48"))
    for place in range(5):
        x, y = 0.14 + 0.15 * place, source.uniform(0.2, 0.42)
        if source.random() < 0.5:  # noqa: PLR2004 -- a coin
            brush.line([(x, y), (x + 0.05, y - 0.07), (x + 0.1, y), (x, y)], 0.005, from_hex("dfe8e2"))
        else:
            brush.arc((x + 0.04, y), (0.04, 0.04), (0, 360), 0.005, from_hex("dfe8e2"))
    for x in (0.02, 0.72):
        brush.polygon(_box(x, 0.72, x + 0.26, 0.77), from_hex("c99f68"))
        brush.line([(x + 0.03, 0.77), (x + 0.03, 0.98)], 0.012, from_hex("5a5a5e"))
        brush.line([(x + 0.23, 0.77), (x + 0.23, 0.98)], 0.012, from_hex("5a5a5e"))


def _box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _one(source: random.Random, colours: tuple[str, ...]) -> Colour:
    return from_hex(source.choice(colours))


_PLACES: Final[Mapping[str, Callable[[Brush, random.Random], None]]] = {
    "street": _street,
    "home": _home,
    "prayer hall": _prayer_hall,
    "market": _market,
    "office": _office,
    "beach": _beach,
    "park": _park,
    "class room": _class_room,
}
