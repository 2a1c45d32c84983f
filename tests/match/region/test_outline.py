import numpy as np
import pytest

from safelight.match.region.outline import settled
from tests.match.region.pictures import overlap


@pytest.mark.parametrize("grown_by", [-4, 4])
@pytest.mark.parametrize("softness", [1.0, 6.0])
def test_the_outline_moves_to_half_height(grown_by: float, softness: float) -> None:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:120, :160]
    radius = np.hypot(x - 80, y - 60)
    step = np.clip((30 - radius) / softness + 0.5, 0, 1)
    difference = (3 + 40 * step + rng.normal(0, 2, step.shape)).astype(np.float32)
    found = settled((radius < 30 + grown_by).astype(np.float32), difference, np.ones((120, 160), np.bool_))
    assert overlap(found > 0.5, radius < 30) > 0.95


def test_without_a_step_it_stays() -> None:
    shares = np.zeros((60, 60), np.float32)
    shares[20:40, 20:40] = 1
    flat = np.full((60, 60), 5, np.float32)
    assert overlap(settled(shares, flat, np.ones((60, 60), np.bool_)) > 0.5, shares > 0.5) > 0.9


def test_nothing_stays_nothing() -> None:
    nothing = np.zeros((9, 9), np.float32)
    np.testing.assert_array_equal(settled(nothing, nothing, np.ones((9, 9), np.bool_)), nothing)
