"""Draw a person of a scene: made of circles and lines, like nobody in particular, and always clothed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evenhand.audit.brush import Brush, Colour, Point, darker, from_hex
from evenhand.audit.scenes import TONES, Pose, Scene, is_covering

#: Height of the head and where its top is, in sides of the picture.
_SHOTS: Final = {"portrait": (0.40, 0.13), "half": (0.235, 0.10), "full": (0.118, 0.08)}
_CLOTHS: Final = (
    "2f4b7c",
    "7c2f4b",
    "3f6b4a",
    "a8763e",
    "5b5b6e",
    "8c8c94",
    "b04a3a",
    "3e7f8c",
    "d8d2c4",
    "4a3f6b",
    "c7a84f",
    "28323c",
)
_HAIRS: Final = ("1b1512", "2e1f17", "4a3222", "6b4a2e", "8f8a84", "141414")
_WORK: Final = from_hex("f2a51d")
_PALE: Final = from_hex("e9edf0")
_PORCELAIN: Final = from_hex("f0f0ec")
_EYE: Final = from_hex("2a1c14")

#: Shoulder, elbow and hand of the right arm, in heads; the left one hangs down, or mirrors it where both hold a sign.
_ARMS: Final[Mapping[Pose, Sequence[Point]]] = {
    "arms down": ((0.86, 1.6), (1.0, 2.6), (0.98, 3.55)),
    "waving": ((0.86, 1.6), (1.35, 2.1), (1.3, 0.95)),
    "holding a cup": ((0.86, 1.6), (1.02, 2.6), (0.42, 2.25)),
    "holding a sign": ((0.86, 1.6), (1.2, 2.5), (1.18, 2.75)),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Where a person stands, and in which colours.

    Args:
        brush: Draws.
        left: The middle of the person, in sides of the picture.
        top: The top of the head.
        head: The height of the head.
        scene: What the person is like.
        skin: Colour.
        cloth: Colour of most clothes.
        other: Colour of what is worn on the head, and of details.
        hair: Colour of hair and beard.
    """

    brush: Brush
    left: float
    top: float
    head: float
    scene: Scene
    skin: Colour
    cloth: Colour
    other: Colour
    hair: Colour

    def at(self, x: float, y: float) -> Point:
        """Return a place that is given in heads, to the right of the middle and down from the top of the head."""
        return self.left + x * self.head, self.top + y * self.head

    def all_at(self, *points: Point, mirrored: bool = False) -> list[Point]:
        """Return several places; mirrored, they go on to the other side, back to the first."""
        places = [self.at(x, y) for x, y in points]
        return places + [self.at(-x, y) for x, y in reversed(points)] if mirrored else places

    def wears(self, *names: str) -> bool:
        """Whether the dress has one of these in its name."""
        return any(name in self.scene.dress for name in names)

    @property
    def is_covered(self) -> bool:
        """Whether cloth lies around the head."""
        return is_covering(self.scene.dress)


def draw_person(brush: Brush, scene: Scene, source: random.Random) -> None:
    """Draw the person of `scene`; `source` gives the place and the colours, always the same number of times."""
    head, top = _SHOTS[scene.shot]
    left = source.uniform(0.42, 0.58)
    cloth, other = (from_hex(colour) for colour in source.sample(_CLOTHS, 2))
    hair = from_hex(source.choice(_HAIRS))
    if scene.dress == "work clothes":
        cloth = _WORK
    person = Person(brush, left, top, head, scene, from_hex(TONES[scene.tone]), cloth, other, hair)
    _behind(person)
    _legs(person)
    _body(person)
    _head(person)
    _beard(person)
    _on_head(person)
    _arms(person)


def _behind(person: Person) -> None:
    """Draw what of the hair, a scarf or a hood is behind the neck."""
    if person.is_covered:
        person.brush.polygon(
            person.all_at((0.42, 0.5), (0.6, 1.5), mirrored=True), person.other, round_edges=0.1 * person.head
        )
    elif person.wears("hood"):
        person.brush.ellipse(person.at(0, 0.6), 0.58 * person.head, 0.72 * person.head, darker(person.cloth, 0.75))
    else:
        person.brush.ellipse(person.at(0, 0.42), 0.44 * person.head, 0.48 * person.head, person.hair)


def _legs(person: Person) -> None:
    if person.wears("robe"):
        return
    trousers = darker(person.cloth, 0.9) if person.wears("suit") else from_hex("39465a")
    for side in (-1, 1):
        person.brush.limb(
            person.all_at((side * 0.3, 3.8), (side * 0.34, 5.4), (side * 0.36, 7.0)), 0.5 * person.head, trousers
        )
        person.brush.limb(person.all_at((side * 0.36, 7.15), (side * 0.55, 7.2)), 0.2 * person.head, from_hex("2a2422"))


def _body(person: Person) -> None:
    brush, head = person.brush, person.head
    if person.wears("robe"):
        robe = ((0.25, 1.2), (0.9, 1.42), (0.95, 2.4), (0.85, 3.6), (1.15, 7.05))
        brush.polygon(person.all_at(*robe, mirrored=True), person.cloth, round_edges=0.12 * head)
        for x in (-0.35, 0.3):
            brush.line(person.all_at((x, 3.4), (x * 1.5, 6.9)), 0.03 * head, darker(person.cloth, 0.75))
    else:
        trunk = ((0.25, 1.2), (0.88, 1.42), (0.8, 2.6), (0.66, 3.9))
        brush.polygon(person.all_at(*trunk, mirrored=True), person.cloth, round_edges=0.12 * head)
    brush.limb(person.all_at((0, 0.85), (0, 1.2)), 0.4 * head, darker(person.skin, 0.88))
    _front(person)


def _front(person: Person) -> None:
    """Draw what is on the chest: tie and lapels, stripes, a hood's edge, or a collar."""
    brush, head = person.brush, person.head
    if person.wears("suit"):
        brush.polygon(person.all_at((0.22, 1.2), (0, 2.5), (-0.22, 1.2)), _PALE)
        brush.polygon(person.all_at((0.07, 1.3), (0.1, 2.2), (0, 2.45), (-0.1, 2.2), (-0.07, 1.3)), person.other)
        for side in (-1, 1):
            lapel = ((side * 0.24, 1.18), (side * 0.5, 1.7), (0, 2.6))
            brush.polygon(person.all_at(*lapel), darker(person.cloth, 0.8))
    elif person.wears("work clothes"):
        for y in (2.2, 3.0):
            brush.flat(person.all_at((0.8, y), (0.76, y + 0.22), mirrored=True), _PALE)
    elif person.wears("hood"):
        brush.polygon(
            person.all_at((0.62, 1.15), (0.3, 1.62), mirrored=True), darker(person.cloth, 0.8), round_edges=0.06 * head
        )
    else:
        brush.arc(person.at(0, 1.2), (0.3 * head, 0.22 * head), (10, 170), 0.05 * head, darker(person.cloth, 0.7))


def _head(person: Person) -> None:
    brush, head, skin = person.brush, person.head, person.skin
    dark = darker(skin, 0.72)
    if not person.is_covered:
        for side in (-1, 1):
            brush.ellipse(person.at(side * 0.385, 0.55), 0.07 * head, 0.11 * head, darker(skin, 0.92))
    brush.ellipse(person.at(0, 0.53), 0.375 * head, 0.48 * head, skin)
    for side in (-1, 1):
        brush.flat_ellipse(person.at(side * 0.15, 0.5), 0.065 * head, 0.036 * head, (250, 250, 246))
        brush.flat_ellipse(person.at(side * 0.15, 0.5), 0.034 * head, 0.036 * head, _EYE)
        brush.arc(
            person.at(side * 0.15, 0.5), (0.072 * head, 0.045 * head), (185, 355), 0.016 * head, darker(_EYE, 0.8)
        )
        brush.arc(person.at(side * 0.155, 0.46), (0.1 * head, 0.07 * head), (200, 340), 0.03 * head, person.hair)
    brush.line(person.all_at((0.0, 0.5), (-0.055, 0.66), (0.02, 0.68)), 0.02 * head, dark)
    brush.arc(person.at(0, 0.74), (0.13 * head, 0.075 * head), (15, 165), 0.032 * head, (150, 72, 70))


def _beard(person: Person) -> None:
    brush, head, beard = person.brush, person.head, person.scene.beard
    if beard == "no beard":
        return
    if beard != "moustache":
        reach = 1.42 if beard == "long beard" else 1.06
        middle = 0.3 if beard == "long beard" else 0.26
        outer = ((0.375, 0.56), (0.35, 0.84), (middle * 0.8, reach - 0.06), (0.0, reach))
        inner = ((0.0, 0.86), (0.17, 0.84), (0.2, 0.72), (0.3, 0.66))
        right = [*outer, *inner]
        brush.polygon(person.all_at(*right), person.hair)
        brush.polygon(person.all_at(*[(-x, y) for x, y in right]), person.hair)
    brush.limb(person.all_at((-0.16, 0.745), (0.0, 0.715), (0.16, 0.745)), 0.055 * head, person.hair)


def _on_head(person: Person) -> None:
    """Draw what is on the head: hair, or what covers it."""
    brush, head = person.brush, person.head
    if person.is_covered:
        _scarf(person)
    elif person.wears("turban"):
        _turban(person)
    elif person.wears("hat"):
        brush.polygon(person.all_at((0.3, -0.12), (0.38, 0.24), mirrored=True), person.other, round_edges=0.06 * head)
        brush.ellipse(person.at(0, 0.26), 0.62 * head, 0.09 * head, darker(person.other, 0.9))
        brush.flat(person.all_at((0.37, 0.13), (0.38, 0.2), mirrored=True), darker(person.other, 0.5))
    else:
        crown = ((0.0, 0.0), (0.2, 0.03), (0.35, 0.18), (0.41, 0.42), (0.34, 0.36), (0.22, 0.26), (0.0, 0.22))
        brush.polygon(person.all_at(*crown, mirrored=True), person.hair)
        if person.wears("skullcap"):
            cap = ((0.0, -0.05), (0.17, -0.02), (0.27, 0.07), (0.3, 0.15), (0.0, 0.1))
            brush.polygon(person.all_at(*cap, mirrored=True), person.other)
        if person.wears("hood"):
            brush.arc(person.at(0, 0.6), (0.52 * head, 0.68 * head), (170, 370), 0.16 * head, person.cloth)


def _scarf(person: Person) -> None:
    brush, head = person.brush, person.head
    # A band around the face, and cloth over neck and shoulders.
    brush.ring(person.at(0, 0.54), (0.5 * head, 0.62 * head), (0.335 * head, 0.43 * head), person.other)
    front = ((0.0, 1.0), (0.3, 0.94), (0.46, 0.8), (0.62, 1.3), (0.5, 1.62), (0.0, 1.85))
    brush.polygon(person.all_at(*front, mirrored=True), person.other)
    for x, y in ((-0.25, 1.25), (0.05, 1.35), (0.3, 1.3)):
        brush.line(person.all_at((x, y - 0.15), (x + 0.12, y + 0.2)), 0.02 * head, darker(person.other, 0.75))
    if person.wears("veil"):
        cloth = ((0.0, 0.585), (0.36, 0.57), (0.37, 0.9), (0.28, 1.3), (0.0, 1.42))
        brush.polygon(person.all_at(*cloth, mirrored=True), darker(person.other, 0.82))


def _turban(person: Person) -> None:
    brush, head = person.brush, person.head
    wraps: Sequence[tuple[float, float, float]] = (
        (0.0, 0.3, 1.0),
        (0.02, 0.2, 0.92),
        (-0.02, 0.1, 0.84),
        (0.0, 0.02, 0.7),
    )
    brush.ellipse(person.at(0, 0.06), 0.46 * head, 0.3 * head, person.other)
    for place, (x, y, width) in enumerate(wraps):
        lean = 0.07 if place % 2 else -0.07
        brush.limb(
            person.all_at((x - 0.4 * width, y + lean), (x, y - 0.06), (x + 0.4 * width, y - lean)),
            0.15 * head,
            darker(person.other, 1.0 - 0.07 * (place % 2)),
        )


def _arms(person: Person) -> None:
    scene = person.scene
    if scene.pose == "holding a sign":
        _sign(person)
    _arm(person, _ARMS[scene.pose])
    _arm(person, [(-x, y) for x, y in _ARMS[scene.pose if scene.pose == "holding a sign" else "arms down"]])
    if scene.pose == "holding a cup":
        person.brush.polygon(person.all_at((0.22, 1.95), (0.6, 1.95), (0.55, 2.4), (0.27, 2.4)), _PORCELAIN)
        person.brush.limb(person.all_at((0.3, 2.3), (0.5, 2.32)), 0.16 * person.head, person.skin)


def _arm(person: Person, places: Sequence[Point]) -> None:
    """Draw an arm from shoulder to hand. Shirts have short sleeves, everything else long ones."""
    brush, head = person.brush, person.head
    shoulder, elbow, hand = places
    brush.ellipse(person.at(*hand), 0.15 * head, 0.17 * head, person.skin)
    if person.scene.dress.startswith("shirt") and not person.is_covered:
        middle = ((shoulder[0] + elbow[0]) / 2, (shoulder[1] + elbow[1]) / 2)
        brush.limb(person.all_at(middle, elbow, hand), 0.25 * head, person.skin)
        brush.limb(person.all_at(shoulder, middle), 0.36 * head, person.cloth)
    else:
        brush.limb(person.all_at(shoulder, elbow, hand), 0.36 * head, person.cloth)
        brush.ellipse(person.at(*hand), 0.15 * head, 0.15 * head, person.skin)


def _sign(person: Person) -> None:
    person.brush.flat(person.all_at((1.16, 1.95), (1.16, 3.45), mirrored=True), (60, 60, 60))
    person.brush.flat(person.all_at((1.13, 1.98), (1.13, 3.42), mirrored=True), (252, 252, 248))
    person.brush.words(person.at(0, 2.7), person.scene.sign.replace("/", "\n"), 0.25 * person.head, (18, 18, 18))
