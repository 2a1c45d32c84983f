"""The comb of an earlier JPEG."""

import cv2
import numpy as np
import pytest

from safelight.detect.coding.quality import LUMA, scaled
from safelight.detect.maps import draw_maps
from safelight.detect.maps.double import REACH, STRIKING, Doubling, block_dct, doubling, periodicity
from safelight.detect.maps.planes import planes
from tests.detect.coding.pictures import Rgb, decoded, photo, resaved
from tests.detect.maps.forgeries import auc, forged, truth


def doubled(picture: Rgb, table: tuple[int, ...] | None) -> Doubling:
    parts = planes(picture)
    assert parts is not None
    return doubling(parts, table)


@pytest.mark.parametrize("seed", range(4))
def test_saved_twice_repeats_and_saved_once_does_not(seed: int) -> None:
    picture, table = photo(seed), scaled(LUMA, 90)
    once, twice = doubled(resaved(picture, 90), table), doubled(resaved(resaved(picture, 60), 90), table)
    assert once.frequencies[0].strength < STRIKING
    assert once.map is None
    assert twice.frequencies[0].strength > 2 * STRIKING
    assert twice.map is not None


def test_the_period_is_that_of_the_two_steps() -> None:
    """A first step of 10 and a later one of 2 leave every fifth level."""
    random = np.random.default_rng(1)
    levels = np.rint(10 * np.rint(random.laplace(0, 40, 20_000) / 10) / 2).astype(int)
    counts = np.bincount(levels[np.abs(levels) <= REACH] + REACH, minlength=2 * REACH + 1)
    period, strength = periodicity(counts)
    assert strength > STRIKING
    assert min(abs(period - 5 / harmonic) for harmonic in (1, 2)) < 0.1


def test_a_png_of_a_jpeg_repeats_every_step() -> None:
    (found,) = (f for f in doubled(resaved(photo(5), 60), None).frequencies if (f.across, f.down) == (1, 0))
    step = scaled(LUMA, 60)[1]
    assert found.strength > STRIKING
    assert min(abs(step / found.period - harmonic) for harmonic in range(1, 6)) < 0.15


def test_too_few_blocks_tell_nothing() -> None:
    assert periodicity(np.zeros(2 * REACH + 1, np.int64)) == (0.0, 0.0)
    narrow = np.zeros(2 * REACH + 1, np.int64)
    narrow[REACH - 2 : REACH + 3] = 1000
    assert periodicity(narrow) == (0.0, 0.0)


def test_the_transform_is_the_one_of_opencv() -> None:
    luma = np.random.default_rng(3).integers(0, 256, (16, 24), np.uint8)
    ours = block_dct(luma)
    for row in range(2):
        for column in range(3):
            block = luma[8 * row : 8 * row + 8, 8 * column : 8 * column + 8].astype(np.float32) - 128
            np.testing.assert_allclose(ours[row, column], cv2.dct(block), atol=2e-3)


def test_a_part_that_was_put_in_later_is_off_the_comb() -> None:
    scores = []
    for seed in range(4):
        data = forged(seed, last=92)
        maps = draw_maps(data, "image/jpeg", decoded(data))
        (drawn,) = (drawn for drawn in maps.blocks if drawn.name == "double")
        scores.append(1 - auc(drawn.values, truth(maps, drawn)))
    assert min(scores) > 0.8
