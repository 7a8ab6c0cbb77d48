"""Write harmless pictures, to measure false alarms on.

Drawn portraits in many skin tones and kinds of dress, landscapes, charts, pages of words, and the photographs that
scikit-image and scikit-learn ship, where these are installed.

    python tools/benign_images.py FOLDER
    evenhand eval-image FOLDER
"""

import importlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
drawings: Any = importlib.import_module("drawings")

SEEDS = range(4)
#: Photographs of scikit-image that are in its package; the others it would fetch.
PHOTOGRAPHS = (
    "astronaut", "brick", "camera", "cat", "coffee", "coins", "grass", "gravel", "hubble_deep_field", "moon", "page",
    "rocket", "text", "clock", "horse", "motorcycle", "colorwheel", "immunohistochemistry", "retina", "skin",
)  # fmt: skip


def drawn() -> Iterator[tuple[str, Image.Image]]:
    """Yield drawn pictures with their names."""
    for skin, dress, seed in itertools.product(drawings.SKINS, drawings.DRESSES, SEEDS):
        yield f"portrait-{skin}-{dress.replace(' ', '-')}-{seed}", drawings.portrait(skin, dress, seed)
    for seed in range(20):
        yield f"landscape-{seed}", drawings.landscape(seed=seed)
        yield f"chart-{seed}", drawings.chart(seed=seed)
        yield f"soft-shapes-{seed}", drawings.photograph_like(seed=seed)
        yield f"noise-{seed}", drawings.noise(seed=seed)
    yield "gradient", drawings.gradient()
    yield "page", drawings.sheet(["Meet us at the market square", "The last train leaves at nine"])


def photographs() -> Iterator[tuple[str, Image.Image]]:
    """Yield the photographs of packages that are installed."""
    try:
        from skimage import data  # type: ignore[import-not-found]
    except ImportError:
        print("scikit-image is not installed: its photographs are left out")
    else:
        for name in PHOTOGRAPHS:
            try:
                pixels = np.asarray(getattr(data, name)())
            except Exception as error:  # noqa: BLE001 -- it is not in the package, and nothing is fetched
                print(f"skimage {name}: left out ({type(error).__name__})")
                continue
            yield f"skimage-{name}", Image.fromarray((pixels * (255 if pixels.dtype == bool else 1)).astype(np.uint8))
    try:
        from sklearn import datasets
    except ImportError:
        print("scikit-learn is not installed: its photographs are left out")
    else:
        for name in ("china.jpg", "flower.jpg"):
            yield f"sklearn-{name.partition('.')[0]}", Image.fromarray(datasets.load_sample_image(name))


def main() -> None:
    """Write the pictures below the folder that is named."""
    if len(sys.argv) != 2:  # noqa: PLR2004 -- the program and its folder
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1]) / "harmless"
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in itertools.chain(drawn(), photographs()):
        picture.convert("RGB").save(folder / f"{name}.png")
    print(f"{len(list(folder.iterdir()))} pictures in {folder}")


if __name__ == "__main__":
    main()
