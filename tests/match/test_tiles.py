"""Tiles against tiles: what agrees, what that says, what differs, and the search for pictures that share some."""

import subprocess
import sys
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.match import tile_table, tiles
from safelight.match.tiles import (
    CELL_QUALITY,
    LEAST_AGREEING,
    LOOSE,
    MIN_QUALITY,
    SAME_CELL,
    STRICT,
    compare_tiles,
    differing_cells,
    scene_evidence,
    tile_candidates,
    tile_cover,
    tile_evidence,
)
from safelight.model.tiles import TileHashes

EVERYWHERE = np.ones(16, np.bool_)


def flipped(codes: NDArray[np.uint8], bits: list[int]) -> NDArray[np.uint8]:
    """Row `k` of the codes with its first `bits[k]` bits changed."""
    changed = np.unpackbits(codes, axis=1)
    for row, count in enumerate(bits):
        changed[row, :count] ^= 1
    return np.packbits(changed, axis=1)


def pair(bits: list[int], quality: int = 100, other_quality: int = 100) -> tuple[TileHashes, TileHashes]:
    """Tiles that differ in so many bits each."""
    codes = np.random.default_rng(len(bits)).integers(0, 256, (len(bits), 32), np.uint8)
    qualities = (np.full(len(bits), one, np.uint8) for one in (quality, other_quality))
    return TileHashes(codes, next(qualities)), TileHashes(flipped(codes, bits), next(qualities))


def test_distances_are_differing_bits_in_place() -> None:
    stored, found = pair([0, 1, 40, 41, 60, 61, 128, 256, 0])
    agreement = compare_tiles(stored, found, np.ones(9))
    assert agreement.distance.tolist() == [0, 1, 40, 41, 60, 61, 128, 256, 0]
    assert (agreement.strict, agreement.loose, agreement.within(0)) == (4, 6, 2)


def test_tiles_outside_the_overlap_or_without_texture_are_not_judged() -> None:
    stored, found = pair([0, 0, 0, 0])
    found.quality[1] = MIN_QUALITY - 1
    agreement = compare_tiles(stored, found, np.array([1.0, 1.0, 0.49, 0.5]))
    assert agreement.judged.tolist() == [True, False, False, True]
    assert agreement.strict == 2
    assert compare_tiles(stored, found, np.array([False, True, True, True])).judged.tolist() == [
        False,
        False,
        True,
        True,
    ]


def test_different_numbers_of_tiles_are_refused() -> None:
    with pytest.raises(ValueError, match="16, 9, cover of 16"):
        compare_tiles(pair([0] * 16)[0], pair([0] * 9)[0], EVERYWHERE)


def test_the_whole_frame_is_covered_by_itself_and_not_at_all_by_what_lies_beside_it() -> None:
    own = np.array([[1.0, 0, 0], [0, 1, 0]])
    assert (tile_cover(own, (480, 360), (480, 360), 4) == 1).all()
    beside = np.array([[1.0, 0, 480], [0, 1, 0]])
    assert not tile_cover(beside, (480, 360), (480, 360), 4).any()


@given(
    st.integers(1, 400), st.integers(1, 400), st.integers(-300, 300), st.integers(-300, 300), st.sampled_from((1, -1))
)
def test_cover_is_the_share_of_pixels_within_the_found_picture(
    width: int, height: int, left: int, top: int, side: int
) -> None:
    frame, grid = (320, 192), 4
    matrix = np.array([[side, 0, left], [0, 1, top]], np.float64)
    cover = tile_cover(matrix, frame, (width, height), grid)
    x, y = side * np.arange(320) + left, np.arange(192) + top
    inside = ((y >= 0) & (y < height))[:, None] & ((x >= 0) & (x < width))
    exact = inside.reshape(grid, 48, grid, 80).mean(axis=(1, 3)).reshape(-1)
    np.testing.assert_allclose(cover, exact, atol=0.13)  # a point each 10 by 6 pixels
    assert (cover[exact == 0] == 0).all()


def test_nearer_tiles_never_say_less_and_agreeing_ones_speak_for_a_derivative() -> None:
    distance = np.arange(257)
    for quality in (MIN_QUALITY, 10, 30, 100):
        nats = tile_evidence(distance, np.full(257, quality, np.uint8))
        assert (np.diff(nats) <= 0).all()
        assert nats[STRICT] > 5
        assert nats[128] < 0
    nats = scene_evidence(distance)
    assert (np.diff(nats) <= 0).all()
    assert nats[0] > 1
    assert nats[128] < 0
    # An aligned carpet can agree by itself: it says less than against an unrelated picture.
    assert nats[0] < tile_evidence(np.array([0]), np.array([100], np.uint8))[0]


def test_bins_end_at_their_upper_distance() -> None:
    for bin_, edge in enumerate(tile_table.UPPER[:-1]):
        at, above = scene_evidence(np.array([edge, edge + 1]))
        assert (at, above) == tile_table.SAME_SCENE[bin_ : bin_ + 2]
    last = tile_table.QUALITY_BANDS[0][1]
    low, high = tile_evidence(np.array([0, 0]), np.array([last, last + 1], np.uint8))
    assert (low, high) == (tile_table.UNRELATED[0][0], tile_table.UNRELATED[1][0])


def test_evidence_of_a_picture_is_the_tempered_sum_of_its_judged_tiles() -> None:
    stored, found = pair([128] * 14 + [30, 30])
    cover = EVERYWHERE.copy()
    cover[0] = False
    agreement = compare_tiles(stored, found, cover)
    sum_ = 13 * tile_table.UNRELATED[-1][-1] + 2 * tile_table.UNRELATED[-1][1]
    assert agreement.against_unrelated == pytest.approx(sum_ * tile_table.UNRELATED_TEMPER)
    sum_ = 13 * tile_table.SAME_SCENE[-1] + 2 * tile_table.SAME_SCENE[1]
    assert agreement.against_same_scene == pytest.approx(sum_ * tile_table.SAME_SCENE_TEMPER)


def test_evidence_is_capped_and_nothing_judged_says_nothing() -> None:
    stored, found = pair([0] * 16)
    agreement = compare_tiles(stored, found, EVERYWHERE)
    assert agreement.against_unrelated == tile_table.UNRELATED_CAP
    assert agreement.against_same_scene == tile_table.SAME_SCENE_CAP
    nothing = compare_tiles(stored, found, ~EVERYWHERE)
    assert (nothing.against_unrelated, nothing.against_same_scene, nothing.loose) == (0, 0, 0)


def test_one_agreeing_tile_of_a_shared_carpet_is_no_derivative() -> None:
    agreement = compare_tiles(*pair([20] + [126] * 15), EVERYWHERE)
    assert agreement.against_same_scene < 0


def test_cells_that_differ_are_those_too_far_apart() -> None:
    bits = [0] * 16
    bits[5], bits[6], bits[7] = SAME_CELL, SAME_CELL + 1, 128
    same, known = differing_cells(compare_tiles(*pair(bits), EVERYWHERE))
    assert known.all()
    assert np.argwhere(~same).tolist() == [[1, 2], [1, 3]]


def test_texture_where_there_was_none_differs_and_where_both_are_flat_nothing_is_known() -> None:
    stored, found = pair([128] * 16, quality=0, other_quality=100)
    same, known = differing_cells(compare_tiles(stored, found, EVERYWHERE))
    assert known.all()
    assert not same.any()
    same, known = differing_cells(compare_tiles(*pair([0] * 16, CELL_QUALITY - 1, 0), EVERYWHERE))
    assert not known.any()
    assert not same.any()
    same, known = differing_cells(compare_tiles(stored, found, np.full(16, 0.7)))
    assert not known.any()


@given(st.integers(0, 2**32), st.integers(0, 40), st.sampled_from((1, 4, 9, 16)), st.booleans())
def test_compiled_or_not_it_finds_the_pictures_that_share_tiles(
    seed: int, pictures: int, count: int, use_compiled: bool
) -> None:
    random = np.random.default_rng(seed)
    query = TileHashes(random.integers(0, 256, (count, 32), np.uint8), random.integers(0, 4, count).astype(np.uint8))
    codes = np.empty((pictures, count, 32), np.uint8)
    for row in range(pictures):
        codes[row] = flipped(query.codes, random.choice([0, LOOSE, LOOSE + 1, 200], count).tolist())
    quality = random.integers(0, 4, (pictures, count)).astype(np.uint8)
    expected = []
    for row in range(pictures):
        agreeing = 0
        for tile in range(count):
            left, right = int.from_bytes(codes[row, tile].tobytes()), int.from_bytes(query.codes[tile].tobytes())
            near = (left ^ right).bit_count() <= LOOSE
            agreeing += near and min(quality[row, tile], query.quality[tile]) >= MIN_QUALITY
        if agreeing >= LEAST_AGREEING:
            expected.append(row)
    with mock.patch.object(tiles, "needs_compiled", return_value=use_compiled):
        assert tile_candidates(query, codes, quality).tolist() == expected


def test_read_only_and_strided_arrays_are_searched_by_one_compiled_version() -> None:
    stored, _ = pair([0] * 9)
    codes = np.repeat(stored.codes[np.newaxis], 3, axis=0)
    quality = np.full((3, 9), 100, np.uint8)
    with mock.patch.object(tiles, "needs_compiled", return_value=True):
        assert tile_candidates(stored, codes, quality).tolist() == [0, 1, 2]
        codes.flags.writeable = quality.flags.writeable = False
        assert tile_candidates(stored, codes[::2], quality[::2]).tolist() == [0, 1]
    assert len(tiles._compiled().agreeing_tiles.signatures) == 1


@pytest.mark.parametrize(("codes", "quality"), [((2, 16, 32), (2, 16)), ((2, 9, 32), (3, 9)), ((2, 9, 31), (2, 9))])
def test_stored_tiles_of_other_shapes_are_refused(codes: tuple[int, ...], quality: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not those of 9 tiles each"):
        tile_candidates(pair([0] * 9)[0], np.zeros(codes, np.uint8), np.zeros(quality, np.uint8))


CONFINED = """
import resource, sys
import numpy as np
from safelight.match import tiles
from safelight.model.tiles import TileHashes
query = TileHashes(np.zeros((9, 32), np.uint8), np.full(9, 50, np.uint8))
few = np.zeros((50, 9, 32), np.uint8), np.full((50, 9), 50, np.uint8)
assert len(tiles.tile_candidates(query, *few)) == 50
assert "numba" not in sys.modules
tiles.warm_up()
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
many = np.zeros((20_000, 9, 32), np.uint8), np.full((20_000, 9), 50, np.uint8)
print(len(tiles.tile_candidates(query, *many)), len(tiles._compiled().agreeing_tiles.signatures))
"""


def test_little_work_does_not_load_the_compiled_code_and_after_warm_up_no_file_is_opened() -> None:
    done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["20000", "1"]
