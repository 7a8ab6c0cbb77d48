"""Broken image files of every format: each becomes a picture or an error with a code, and the decoder goes on.

`tools/fuzz_images.py` does the same with as many files as one likes.
"""

import random
import secrets
from collections import Counter

from evenhand.content.decoding import Decoder
from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError
from mutations import mutated, samples

FILES = 400


def outcome_of(decoder, data):
    try:
        image = decoder.decode(ImageFile(data))
    except InputError as error:
        return error.code
    assert all(frame.pixels.size for frame in image.frames)
    return "decoded"


def test_broken_files_become_pictures_or_errors_with_a_code():
    seed = secrets.randbelow(2**32)
    with Decoder(seconds=60) as decoder:
        outcomes = Counter(outcome_of(decoder, mutated(random.Random(f"{seed}:{n}"))) for n in range(FILES))
        assert outcomes.total() == FILES, f"seed {seed}"
        assert outcomes["decoded"], f"seed {seed}"
        assert outcomes["image.truncated"], f"seed {seed}"
        assert decoder.decode(ImageFile(samples()["PNG"])).width == 48
