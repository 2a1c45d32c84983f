import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.match.region.cut import cut, cut_reference
from safelight.match.region.frame import Mask, Plane

SEEDS = st.integers(0, 2**32)


def noise(seed: int, rows: int, columns: int) -> Plane:
    return np.random.default_rng(seed).normal(0, 5, (rows, columns)).astype(np.float32)


def worth(shares: Mask | Plane, log_odds: Plane, outline: float) -> float:
    """The sum that a cut maximises, of a region or of shares."""
    one = shares.astype(np.float64)
    across = np.diff(one, axis=1, append=one[:, -1:])
    along = np.diff(one, axis=0, append=one[-1:])
    return float((one * log_odds).sum() - outline * np.hypot(across, along).sum())


@given(SEEDS, st.integers(1, 12), st.integers(1, 12), st.integers(0, 30))
def test_it_takes_the_steps_of_the_reference(seed: int, rows: int, columns: int, steps: int) -> None:
    odds = noise(seed, rows, columns)
    np.testing.assert_allclose(cut(odds, 4.0, steps), cut_reference(odds, 4.0, steps), atol=2e-5)


@given(SEEDS, st.floats(0.5, 20))
@settings(max_examples=25)
def test_shares_are_worth_more_than_all_none_each_pixel_for_itself_or_any_of_their_levels(
    seed: int, outline: float
) -> None:
    """Regions are shares, too, so the best shares are worth no less; on a grid of pixels a level may be worth less."""
    odds = noise(seed, 20, 24)
    shares = cut(odds, outline, 20_000)  # a long outline over weak evidence settles slowly
    found = shares > 0.5
    others = np.zeros_like(found), np.ones_like(found), odds > 0, np.roll(found, 1, axis=0), found, shares > 0.1
    assert all(worth(shares, odds, outline) >= worth(other, odds, outline) - 0.01 * outline for other in others)


@given(SEEDS, st.floats(0.5, 20))
@settings(max_examples=25)
def test_the_region_is_worth_more_than_each_pixel_for_itself_or_one_beside_it(seed: int, outline: float) -> None:
    odds = noise(seed, 20, 24)
    found = cut(odds, outline, 2000) > 0.5
    others = odds > 0, np.roll(found, 1, axis=0)
    assert all(worth(found, odds, outline) >= worth(other, odds, outline) - outline for other in others)


def test_specks_and_pinholes_cost_more_outline_than_they_are_worth() -> None:
    odds = np.full((60, 60), -3, np.float32)
    odds[20:40, 20:40] = 3
    odds[5:7, 5:7], odds[29:31, 29:31] = 6, -6
    expected = np.zeros((60, 60), np.bool_)
    expected[20:40, 20:40] = True
    assert ((cut(odds, 10.0) > 0.5) != expected).sum() <= 12  # corners are rounded off
