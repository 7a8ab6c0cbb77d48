import numpy as np
import pytest

from evenhand.content.pdq import LEAST_QUALITY, Pdq, pdq, variants

#: What pdqhash 0.2.8, the reference in C++, says of `discs(width, height, seed)`.
REFERENCE = [
    ((64, 64, 1), 100, "6fb5229d902211666590df98ef78986710ef01dab5809a3161a565bfb67a6f65"),
    ((128, 128, 2), 61, "92c060ff5a4de8902d2ddfc084b7db1f52d2930f2b4a82f5b6e97648364766cc"),
    ((640, 480, 3), 82, "0ca31db8f9f873ffa30d228932249a7c7aeda197289302469b443e6dcb6764d5"),
    ((333, 77, 4), 100, "293d046e4038211cbfdd7fbecc679e5f31000882f67bef6783db11b808c6ee45"),
    ((1200, 800, 5), 100, "21ec0679b672b493633366719ec6378330730676c0ced3e9f213dc07cc07ff48"),
    ((70, 900, 6), 100, "3bd6a5cdc93a4b716e0f9566f153a5c1b5161e566c5ba528c1626a4b1d24b51e"),
]
TURNS = [
    lambda pixels: pixels,
    np.rot90,
    lambda pixels: np.rot90(pixels, 2),
    lambda pixels: np.rot90(pixels, 3),
    lambda pixels: pixels[::-1],
    lambda pixels: pixels[:, ::-1],
    lambda pixels: pixels.transpose(1, 0, 2),
    lambda pixels: np.rot90(pixels, 2).transpose(1, 0, 2),
]


def discs(width, height, seed):
    """Discs of many colours on a slope, made of whole numbers only, so that they are the same everywhere."""

    def chosen(most):
        nonlocal seed
        seed = (seed * 1_103_515_245 + 12_345) % 2**31
        return (seed >> 8) % most

    rows, columns = np.mgrid[:height, :width]
    pixels = np.stack(
        [rows * 200 // height, columns * 200 // width, (rows + columns) * 100 // (height + width)], axis=2
    )
    for _ in range(14):
        distances = (rows - chosen(height)) ** 2 + (columns - chosen(width)) ** 2
        pixels[distances < (2 + chosen(min(width, height) // 3)) ** 2] = [chosen(256) for _ in range(3)]
    return pixels.astype(np.uint8)


def apart(first, second):
    return (int.from_bytes(first, "big") ^ int.from_bytes(second, "big")).bit_count()


@pytest.mark.parametrize(("drawn", "quality", "expected"), REFERENCE)
def test_it_says_what_the_reference_says(drawn, quality, expected):
    found = pdq(discs(*drawn))
    assert apart(found.bits, bytes.fromhex(expected)) <= 2
    assert found.quality == quality


@pytest.mark.parametrize("drawn", [(640, 480, 3), (333, 177, 4), (128, 128, 5), (1201, 799, 6)])
def test_the_variants_are_exactly_the_hashes_of_the_turned_pictures(drawn):
    pixels = discs(*drawn)
    assert variants(pixels) == tuple(pdq(np.ascontiguousarray(turn(pixels))) for turn in TURNS)


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_picture_is_found_by_one_of_its_variants_alone(turn):
    pixels = discs(640, 480, 3)
    distances = sorted(apart(one.bits, pdq(pixels).bits) for one in variants(np.ascontiguousarray(turn(pixels))))
    assert distances[0] == 0
    assert distances[1] > 60


def test_pictures_that_differ_are_far_apart_and_a_little_noise_is_not():
    pixels = discs(640, 480, 3)
    noise = np.random.default_rng(1).integers(-4, 5, pixels.shape)
    noisy = (pixels + noise).clip(0, 255).astype(np.uint8)
    assert apart(pdq(pixels).bits, pdq(noisy).bits) <= 10
    assert apart(pdq(pixels).bits, pdq(discs(640, 480, 8)).bits) > 80


@pytest.mark.parametrize("shape", [(4, 100, 3), (100, 4, 3), (1, 1, 3)])
def test_what_the_reference_finds_too_small_has_no_quality(shape):
    assert pdq(np.full(shape, 200, np.uint8)) == Pdq(bytes(32), 0)
    assert [one.quality for one in variants(np.full(shape, 200, np.uint8))] == [0] * 8


def test_a_flat_picture_has_no_quality_and_a_faint_one_too_little():
    assert pdq(np.full((100, 100, 3), 7, np.uint8)).quality == 0
    faint = np.zeros((128, 128, 3), np.uint8)
    faint[:] = (np.arange(128) // 4 % 2 * 4 + 100)[None, :, None]
    assert pdq(faint).quality == 22 < LEAST_QUALITY


@pytest.mark.parametrize("size", [(5, 5), (6, 3_000), (3_000, 6), (64, 63), (129, 128), (5, 60_000)])
def test_every_size_is_hashed(size):
    found = pdq(discs(*size, 1))
    assert len(found.bits) == 32
    assert 0 <= found.quality <= 100


def test_half_of_the_bits_are_set():
    assert int.from_bytes(pdq(discs(640, 480, 3)).bits, "big").bit_count() == 128


def test_a_picture_whose_pixels_lie_in_another_order_in_memory_is_the_same():
    pixels = discs(333, 77, 4)
    assert pdq(np.asfortranarray(pixels)) == pdq(pixels)
