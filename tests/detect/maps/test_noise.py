"""The noise level, of noise that was drawn."""

import numpy as np
import pytest

from safelight.detect.maps.noise import noise_levels, noise_map
from safelight.detect.maps.planes import planes
from tests.detect.maps.forgeries import auc


@pytest.mark.parametrize("level", [2.0, 5.0, 12.0])
def test_the_level_is_measured(level: float) -> None:
    random = np.random.default_rng(1)
    slope = np.linspace(80, 170, 256)[:, None] + np.zeros((256, 256))
    luma = np.clip(np.rint(slope + random.normal(0, level, slope.shape)), 0, 255).astype(np.uint8)
    assert float(np.median(noise_levels(luma, 16))) == pytest.approx(level, rel=0.1)


def test_a_noisier_part_is_brighter() -> None:
    random = np.random.default_rng(2)
    noise = random.normal(0, 3, (320, 480, 3))
    part = np.zeros((20, 30), np.bool_)
    part[6:14, 10:20] = True
    noise[96:224, 160:320] *= 2
    pixels = np.clip(np.rint(128 + noise), 0, 255).astype(np.uint8)
    parts = planes(pixels)
    assert parts is not None
    drawn = noise_map(parts)
    assert auc(drawn.values, part) > 0.99
    assert drawn.low == 0
    assert drawn.high > 4


def test_one_edge_counts_little() -> None:
    luma = np.full((64, 64), 60, np.uint8)
    luma[:, 30:] = 200
    assert not noise_levels(luma, 16).any()
