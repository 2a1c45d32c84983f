"""Alignment finds the map that made the pairs, whatever else lies among them, and always the same one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.match.local import geometry_kernel as kernel
from safelight.match.local import reference
from safelight.match.local.geometry import Pairs, align
from safelight.match.local.voting import WEIGHTS


def pairs_of(seed: int, sound: int, stray: int, noise: float) -> tuple[Pairs, np.ndarray]:
    """Pairs of which `sound` follow a random similarity up to `noise` pixels; and that map."""
    rng = np.random.default_rng(seed)
    turn, scale = rng.uniform(-np.pi, np.pi), np.exp(rng.uniform(-1, 1))
    a, b = scale * np.cos(turn), scale * np.sin(turn)
    true = np.array([a, -b, rng.uniform(-50, 50), b, a, rng.uniform(-50, 50)])
    count = sound + stray
    known = np.column_stack((rng.uniform(0, 400, (count, 2)), rng.uniform(3, 30, count), rng.uniform(-3, 3, count)))
    asked = known.copy()
    asked[:, :2] = known[:, :2] @ true.reshape(2, 3)[:, :2].T + true.reshape(2, 3)[:, 2]
    asked[:, :2] += rng.normal(0, noise, (count, 2)) if noise else 0
    asked[:, 2] *= scale
    asked[:, 3] += turn
    asked[sound:] = np.column_stack(
        (rng.uniform(0, 400, (stray, 2)), rng.uniform(3, 30, stray), rng.uniform(-3, 3, stray))
    )
    numbers = np.arange(count)
    return Pairs(known, asked, numbers, numbers, rng.integers(5, 35, count)), true


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(10, 60), st.integers(0, 60))
def test_the_map_is_recovered_among_strays(seed: int, sound: int, stray: int) -> None:
    pairs, true = pairs_of(seed, sound, stray, 0.4)
    found = align(pairs, WEIGHTS, 600.0)
    assert found is not None
    corners = np.array([[0, 0, 1], [400, 0, 1], [0, 400, 1], [400, 400, 1]], float)
    apart = corners @ found.map.reshape(2, 3).T - corners @ true.reshape(2, 3).T
    assert np.abs(apart).max() < 6  # 1 % of the diagonal
    assert len(set(found.inliers.tolist()) & set(range(sound))) >= 0.8 * sound


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 25), st.integers(0, 25))
def test_the_best_hypothesis_is_the_one_the_slow_way_finds(seed: int, sound: int, stray: int) -> None:
    pairs, _ = pairs_of(seed, sound, stray, 1.0)
    weight = WEIGHTS[pairs.bits]
    totals = [reference.support(pairs.known, pairs.asked, weight, n, 8.0) for n in range(sound + stray)]
    chosen = kernel.best_hypothesis(pairs.known, pairs.asked, weight, 8.0)
    assert totals[chosen] >= max(totals) - 1e-4


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.booleans())
def test_fit_is_least_squares(seed: int, affine: bool) -> None:
    rng = np.random.default_rng(seed)
    known, asked = rng.uniform(0, 400, (20, 4)), rng.uniform(0, 400, (20, 4))
    found = kernel.fit(known, asked, affine)
    x, y, one, nought = known[:, 0], known[:, 1], np.ones(20), np.zeros(20)
    if affine:
        table = np.column_stack((x, y, one))
        slow = np.concatenate([np.linalg.lstsq(table, asked[:, k], rcond=None)[0] for k in (0, 1)])
    else:
        table = np.vstack((np.column_stack((x, -y, one, nought)), np.column_stack((y, x, nought, one))))
        a, b, c, f = np.linalg.lstsq(table, np.concatenate((asked[:, 0], asked[:, 1])), rcond=None)[0]
        slow = np.array([a, -b, c, b, a, f])
    np.testing.assert_allclose(found, slow, rtol=1e-6, atol=1e-6)


def test_too_few_or_senseless_pairs_give_no_map() -> None:
    pairs, _ = pairs_of(3, 2, 0, 0.0)
    assert align(pairs, WEIGHTS, 600.0) is None
    point = Pairs(np.full((9, 4), 5.0), np.full((9, 4), 5.0), np.arange(9), np.arange(9), np.full(9, 10))
    assert align(point, WEIGHTS, 600.0) is None


def test_pairs_on_a_line_give_a_similarity() -> None:
    known = np.column_stack((np.arange(0, 300, 20), np.zeros(15), np.full(15, 8.0), np.zeros(15)))
    asked = known * [2, 2, 2, 1] + [5, 7, 0, 0]
    found = align(Pairs(known, asked, np.arange(15), np.arange(15), np.full(15, 10)), WEIGHTS, 600.0)
    assert found is not None
    assert not found.affine
    np.testing.assert_allclose(found.map, [2, 0, 5, 0, 2, 7], atol=1e-6)


def test_of_very_many_pairs_the_nearest_are_taken() -> None:
    pairs, true = pairs_of(5, 300, 900, 0.3)
    pairs.bits[:300] = 3
    found = align(pairs, WEIGHTS, 600.0)
    assert found is not None
    assert found.inliers.max() < 300
    np.testing.assert_allclose(found.map, true, atol=1)
