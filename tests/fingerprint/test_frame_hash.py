"""Frame hashes against the slow, obvious ones, and what sets them apart from PDQ: size hardly matters."""

import subprocess
import sys
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.fingerprint.frame_hash import frame_hashes
from safelight.fingerprint.frame_hash_kernel import LEAST_HALF, tents
from safelight.fingerprint.pdq import MIN_SIDE, pdq
from safelight.fingerprint.pdq_reference import transform
from safelight.fingerprint.tiles import tile_hashes
from safelight.model.tiles import TileHashes

Luma = NDArray[np.float32]
Draw = Callable[[str, int, int, int], NDArray[np.uint8]]


def luma(draw: Draw, width: int, height: int, seed: int) -> Luma:
    return np.ascontiguousarray(draw("quilt", width, height, seed)[:, :, 1], np.float32)


def slow_weights(start: float, stop: float, length: int) -> NDArray[np.float64]:
    """Tents summed up over two hundred parts of each pixel: (64, length)."""
    parts = 200
    half = max((stop - start) / 128, LEAST_HALF)
    centres = start + (np.arange(64) + 0.5) * (stop - start) / 64
    places = (np.arange(length * parts) + 0.5) / parts
    values = np.maximum(0, 1 - np.abs(places - centres[:, np.newaxis]) / half)
    values[:, (places < start) | (places > stop)] = 0
    summed = values.reshape(64, length, parts).sum(axis=2)
    weights: NDArray[np.float64] = summed / summed.sum(axis=1, keepdims=True)
    return weights


def slow_hash(picture: Luma, grid: int, row: int, column: int) -> NDArray[np.bool_]:
    height, width = picture.shape
    down = slow_weights(row * height / grid, (row + 1) * height / grid, height)
    across = slow_weights(column * width / grid, (column + 1) * width / grid, width)
    coefficients = transform(down @ picture @ across.T)
    return np.asarray(coefficients > np.sort(coefficients.ravel())[127])


@settings(max_examples=8)
@given(st.integers(20, 130), st.integers(20, 130), st.integers(1, 3), st.integers(0, 10_000))
def test_fast_equals_slow(draw: Draw, width: int, height: int, grid: int, seed: int) -> None:
    picture = luma(draw, width, height, seed)
    found = frame_hashes(picture, grid)
    for tile in range(grid * grid):
        expected = slow_hash(picture, grid, *divmod(tile, grid))
        bits = np.unpackbits(found.codes[tile])[::-1].reshape(16, 16).astype(bool)
        assert (bits != expected).sum() <= 6  # coefficients near the median: the slow sums are coarse


@settings(max_examples=200)
@given(st.integers(MIN_SIDE, 600), st.integers(1, 5), st.data())
def test_weights_lie_in_the_picture_and_add_up(length: int, grid: int, data: st.DataObject) -> None:
    tile = data.draw(st.integers(0, grid - 1))
    first, count, weights = tents(tile * length / grid, (tile + 1) * length / grid)
    assert first.min() >= 0
    assert (first + count).max() <= length
    assert count.max() <= weights.shape[1]
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert (weights >= 0).all()


def apart(left: TileHashes, right: TileHashes) -> float:
    return float(np.bitwise_count(left.codes ^ right.codes).sum(axis=1).mean())


def test_size_hardly_matters(draw: Draw) -> None:
    for grid, most in ((1, 3), (4, 8)):
        steady, rounded = [], []
        for seed in range(6):
            large = luma(draw, 480, 270, seed)
            small = np.asarray(cv2.resize(large, (320, 180), interpolation=cv2.INTER_AREA), np.float32)
            steady.append(apart(frame_hashes(large, grid), frame_hashes(small, grid)))
            rounded.append(apart(tile_hashes(large, grid), tile_hashes(small, grid)))
        assert np.mean(steady) <= most
        assert np.mean(steady) < np.mean(rounded) / 2


def test_it_is_pdq(draw: Draw) -> None:
    bits = []
    for seed in range(6):
        pixels = draw("quilt", 1280, 720, seed)
        expected = pdq(pixels)
        assert expected is not None
        grey = cv2.cvtColor(cv2.resize(pixels, (480, 270), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        found = frame_hashes(np.asarray(grey, np.float32))
        bits.append((int(found.codes[0].tobytes().hex(), 16) ^ int(expected.hash, 16)).bit_count())
        assert abs(int(found.quality[0]) - expected.quality) <= 10
    assert np.mean(bits) <= 10
    assert max(bits) <= 24


def test_a_mirror_image_has_the_mirrored_hash(draw: Draw) -> None:
    picture = luma(draw, 240, 135, 4)
    bits = np.unpackbits(frame_hashes(picture).codes[0])[::-1].reshape(16, 16)
    mirrored = np.unpackbits(frame_hashes(picture[:, ::-1]).codes[0])[::-1].reshape(16, 16)
    expected = bits.copy()
    expected[:, ::2] ^= 1  # the odd functions change their sign
    assert (mirrored != expected).sum() <= 6


def test_nothing_to_hash_gives_zeros(draw: Draw) -> None:
    for picture in (np.full((90, 160), 77, np.float32), np.zeros((0, 9), np.float32), luma(draw, 19, 200, 1)):
        found = frame_hashes(picture, 4)
        assert found.codes.shape == (16, 32)
        assert not found.codes.any()
        assert not found.quality.any()


@pytest.mark.parametrize(
    ("picture", "grid", "message"),
    [
        (np.zeros((8, 8), np.float32), 0, "at least one tile"),
        (np.zeros((8, 8)), 1, "not float64"),
        (np.zeros((8, 8, 3), np.float32), 1, r"\(8, 8, 3\)"),
    ],
)
def test_arrays_that_are_not_luma_are_refused(picture: Luma, grid: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frame_hashes(picture, grid)


CONFINED = """
import resource
import numpy as np
from safelight.fingerprint import clip, frame_hash_kernel
assert not frame_hash_kernel.hash_frame.signatures, "importing compiled"
clip.warm_up()
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
from safelight.fingerprint.frame_hash import frame_hashes
pixels = np.random.default_rng(1).integers(0, 256, (90, 120)).astype(np.float32)
print(frame_hashes(pixels, 4).quality.min(), len(frame_hash_kernel.hash_frame.signatures))
"""


def test_importing_compiles_nothing_and_after_warm_up_no_file_is_opened() -> None:
    done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["100", "1"]
