"""The image benchmark: the same drawn pictures of a megapixel through every detector and the engine, in turns."""

import io
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from evenhand.content.decoding import Decoder
from evenhand.content.image import Frame, Image
from evenhand.content.prepared import Prepared
from evenhand.core.content import ImageFile, Modality
from evenhand.detectors.image.words import WordsReader
from evenhand.detectors.registry import load_detectors
from evenhand.engine.screen import Engine
from evenhand.policy.load import load_policy

DECODING: Final = "decoding a JPEG file (own process)"
ENGINE: Final = "engine, all detectors"
NO_WORDS: Final = "all detectors but image.words"
WORDS: Final = WordsReader.id
PRECISE_WORDS: Final = f"{WORDS}, precise"
_SIZE: Final = (1_156, 865)
_COUNT: Final = 8
_LINES: Final = (
    "SUMMER SALE", "up to 50 % off everything", "Call 020 7946 0000 today", "Meet us at the market square",
    "no dogs on the grass", "the last train leaves at nine", "please mind the gap", "fresh bread and coffee",
)  # fmt: skip


def bench_image(*, seconds: float, precise_words: bool = False) -> dict[str, Any]:
    """Return the milliseconds that each step takes for one picture on one thread, and how they compare.

    Args:
        seconds: How long to measure.
        precise_words: Whether the engine reads words with the larger networks.
    """
    detectors = load_detectors(options={WORDS: {"precise": precise_words}})
    seeing: list[Any] = [detector for detector in detectors if detector.modality is Modality.IMAGE]
    engine, policy = Engine(detectors), load_policy()
    pictures = draw_pictures()
    with Decoder(workers=1) as decoder:
        images = [decoder.decode(picture) for picture in pictures]
        steps: dict[str, Callable[[int], object]] = {DECODING: lambda place: decoder.decode(pictures[place])}
        for detector in seeing:
            steps[detector.id] = partial(_work, WordsReader() if detector.id == WORDS else detector, images)
        steps[PRECISE_WORDS] = partial(_work, WordsReader(precise=True), images)
        steps[ENGINE] = lambda place: engine.screen([Prepared(None, (fresh(images[place]),))], [policy])
        times = _take_turns(steps, seconds=seconds)
    engine.close()
    medians = {name: 1000 * statistics.median(values) for name, values in times.items()}
    medians[NO_WORDS] = sum(medians[detector.id] for detector in seeing if detector.id != WORDS)
    words = medians[PRECISE_WORDS if precise_words else WORDS]
    return {
        "milliseconds": medians,
        "summary": {
            "engine over its detectors alone": f"{medians[ENGINE] / (medians[NO_WORDS] + words):.2f}x",
            "image.words, precise over not": f"{medians[PRECISE_WORDS] / medians[WORDS]:.2f}x",
            "share of image.words in the engine": f"{words / medians[ENGINE]:.0%}",
        },
    }


def draw_pictures() -> list[ImageFile]:
    """Return JPEG files of a megapixel: shapes on a graded ground, with some lines of words."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    chooser = random.Random(20261126)  # noqa: S311 -- a seed is what is wanted
    files = []
    for number in range(_COUNT):
        picture = Pillow.linear_gradient("L").resize(_SIZE).convert("RGB")
        draw = ImageDraw.Draw(picture)
        for _ in range(12):
            left, top = (chooser.randrange(side) for side in _SIZE)
            colour = tuple(chooser.randrange(256) for _ in range(3))
            draw.ellipse((left, top, left + chooser.randrange(40, 300), top + chooser.randrange(40, 300)), fill=colour)
        for line in range(3):
            words = _LINES[(number + 3 * line) % len(_LINES)]
            place = (60, 100 + 240 * line)
            font = ImageFont.load_default(48)
            draw.rectangle(draw.textbbox(place, words, font=font), fill="#fff")
            draw.text(place, words, fill="#000", font=font)
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=88)
        files.append(ImageFile(file.getvalue(), "image/jpeg"))
    return files


def _work(detector: Any, images: Sequence[Image], place: int) -> None:
    (detector.read if hasattr(detector, "read") else detector.detect)([fresh(images[place])])


def fresh(image: Image) -> Image:
    """Return `image` without what was already made of it, so that each step pays for itself."""
    return replace(image, frames=tuple(Frame(frame.pixels, frame.number) for frame in image.frames))


def _take_turns(steps: dict[str, Callable[[int], object]], *, seconds: float) -> dict[str, Sequence[float]]:
    """Time every step on one picture after the other for `seconds`, once at least; a slow moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step(0)
    deadline = time.perf_counter() + seconds
    turn = 0
    while not turn or time.perf_counter() < deadline:
        for name, step in steps.items():
            started = time.perf_counter()
            step(turn % _COUNT)
            times[name].append(time.perf_counter() - started)
        turn += 1
    return times  # type: ignore[return-value]
