"""Tile hashes against the slow, obvious ones, and what they promise about any picture."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.fingerprint.pdq import MIN_SIDE, pdq
from safelight.fingerprint.tiles import tile_hashes
from safelight.fingerprint.tiles_kernel import hash_tiles
from safelight.fingerprint.tiles_reference import reference_tile_hashes
from safelight.model.tiles import TileHashes, tile_edges

Pixels = NDArray[np.uint8]
Draw = Callable[[str, int, int, int], Pixels]


def same(left: TileHashes, right: TileHashes) -> None:
    np.testing.assert_array_equal(left.codes, right.codes)
    np.testing.assert_array_equal(left.quality, right.quality)


# Derived examples, as in test_pdq: a coefficient that equals the median to seven digits must not fail one run in many.
# In tiles of a few pixels that is no accident: coefficients of nearest-neighbour enlargements are pairwise alike.
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from(("noise", "smooth", "quilt")),
    st.integers(80, 300),
    st.integers(80, 300),
    st.integers(1, 5),
    st.booleans(),
    st.integers(0, 10_000),
)
def test_fast_equals_slow(draw: Draw, kind: str, width: int, height: int, grid: int, colour: bool, seed: int) -> None:
    pixels = draw(kind, width, height, seed)
    picture = pixels if colour else np.ascontiguousarray(pixels[:, :, 1])
    same(tile_hashes(picture, grid), reference_tile_hashes(picture, grid))


@pytest.mark.parametrize(("width", "height", "grid"), [(480, 360, 3), (480, 360, 4), (359, 479, 4), (1600, 60, 3)])
def test_a_tile_is_hashed_as_if_it_were_cut_out(draw: Draw, width: int, height: int, grid: int) -> None:
    pixels = draw("quilt", width, height, 5)
    tiles = tile_hashes(pixels, grid)
    across, along = tile_edges(width, grid), tile_edges(height, grid)
    assert tiles.grid == grid
    for tile in range(grid * grid):
        row, column = divmod(tile, grid)
        part = pixels[along[row] : along[row + 1], across[column] : across[column + 1]]
        cut = pdq(np.ascontiguousarray(part))
        assert cut is not None
        assert tiles.codes[tile].tobytes().hex() == cut.hash
        assert tiles.quality[tile] == cut.quality


def test_grey_float_and_colour_pictures_of_one_luma_agree(draw: Draw) -> None:
    grey = np.ascontiguousarray(draw("quilt", 200, 150, 1)[:, :, 0])
    expected = tile_hashes(grey, 4)
    same(tile_hashes(grey.astype(np.float32), 4), expected)
    same(tile_hashes(np.repeat(grey[:, :, np.newaxis], 3, axis=2), 4), expected)
    same(tile_hashes(np.repeat(grey, 2, axis=1)[:, ::2], 4), expected)
    assert grey.flags.writeable
    assert len(hash_tiles.signatures) == 1


def test_one_altered_tile_leaves_the_others_as_they_were(draw: Draw) -> None:
    pixels = draw("quilt", 240, 200, 2)
    before = tile_hashes(pixels, 4)
    rows, columns = tile_edges(200, 4), tile_edges(240, 4)
    pixels[rows[1] : rows[2], columns[2] : columns[3]] = draw("noise", 60, 50, 3)
    after = tile_hashes(pixels, 4)
    assert np.flatnonzero((before.codes != after.codes).any(axis=1)).tolist() == [6]


def test_tiles_with_nothing_to_hash_are_zeros(draw: Draw) -> None:
    picture = np.full((120, 120), 77, np.uint8)
    picture[:60, 60:] = draw("noise", 60, 60, 4)[:, :, 0]
    picture[60:, :60] = np.arange(60, dtype=np.uint8)
    tiles = tile_hashes(picture, 2)
    assert tiles.codes.any(axis=1).tolist() == [False, True, False, False]
    assert (tiles.quality > 0).tolist() == [False, True, False, False]


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 9), (9, 0), (3 * MIN_SIDE - 1, 40), (40, 1)])
def test_any_size_gives_hashes(draw: Draw, width: int, height: int) -> None:
    tiles = tile_hashes(draw("noise", width, height, 0), 3)
    edges = np.diff(tile_edges(width, 3)), np.diff(tile_edges(height, 3))
    large = (edges[1] >= MIN_SIDE)[:, np.newaxis] & (edges[0] >= MIN_SIDE)
    np.testing.assert_array_equal(tiles.codes.any(axis=1), large.reshape(-1))


@pytest.mark.parametrize(
    ("picture", "grid", "message"),
    [
        (np.zeros((8, 8), np.uint8), 0, "at least one tile a side, not 0"),
        (np.zeros((8, 8)), 3, "uint8 or float32, not of float64"),
        (np.zeros((8, 8, 3), np.float32), 3, "uint8, not of float32"),
        (np.zeros((8, 8, 4), np.uint8), 3, r"\(height, width, 3\), not \(8, 8, 4\)"),
        (np.zeros((8, 16, 3), np.uint8)[:, ::2], 3, "C-contiguous"),
        (np.zeros(8, np.uint8), 3, r"\(height, width, 3\), not \(8,\)"),
    ],
)
def test_arrays_that_are_not_pictures_are_refused(picture: Pixels, grid: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tile_hashes(picture, grid)


@pytest.mark.parametrize(
    ("codes", "quality", "message"),
    [
        (np.zeros((4, 31), np.uint8), np.zeros(4, np.uint8), "tile codes are uint8"),
        (np.zeros((3, 32), np.uint8), np.zeros(3, np.uint8), "tile codes are uint8"),
        (np.zeros((4, 32), np.int8), np.zeros(4, np.uint8), "not int8"),
        (np.zeros((4, 32), np.uint8), np.zeros(4, np.int64), "not int64"),
    ],
)
def test_arrays_that_are_not_tile_hashes_are_refused(
    codes: NDArray[np.uint8], quality: NDArray[np.uint8], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        TileHashes(codes, quality)


CONFINED = """
import resource
import numpy as np
from safelight.fingerprint import tiles, tiles_kernel
assert not tiles_kernel.hash_tiles.signatures and not tiles_kernel.fill_luma.signatures, "importing compiled"
tiles.warm_up()
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
for picture in (pixels, pixels[:, :, 0], pixels[:, :, 0].astype(np.float32)):
    print(tiles.tile_hashes(picture, 4).quality.min())
"""


def test_importing_compiles_nothing_and_after_warm_up_no_file_is_opened() -> None:
    done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["100", "100", "100"]
