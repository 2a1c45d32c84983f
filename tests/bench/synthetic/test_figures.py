from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.bench.synthetic import figures
from safelight.bench.synthetic.fit import Fold, Held

few = st.lists(st.integers(-5, 5), min_size=1, max_size=20)


@given(few, few)
def test_auc_is_the_share_of_ordered_pairs(made: list[int], real: list[int]) -> None:
    slow = np.mean([1 if a > b else 0.5 if a == b else 0 for a, b in product(made, real)])
    assert figures.auc(np.array(made, float), np.array(real, float)) == pytest.approx(slow)


@given(few, few, st.floats(0, 0.99))
def test_recall_at_keeps_to_its_fpr(made: list[int], real: list[int], fpr: float) -> None:
    found = figures.recall_at(fpr, np.array(made, float), np.array(real, float))
    best = 0.0
    for level in real:
        if np.mean(np.array(real) > level) <= fpr:
            best = max(best, float(np.mean(np.array(made) > level)))
    assert found == pytest.approx(best)


@pytest.mark.parametrize(("count", "n", "bound"), [(0, 109, 0.0271), (2, 109, 0.0567), (0, 9, 0.2831), (9, 9, 1.0)])
def test_upper_bounds_are_those_of_clopper_and_pearson(count: int, n: int, bound: float) -> None:
    assert figures.upper_bound(count, n) == pytest.approx(bound, abs=2e-4)


def test_calibration_error_is_none_for_truth_and_all_for_the_contrary() -> None:
    score = np.repeat([0.05, 0.95], 1000)
    label = np.concatenate([np.arange(1000) < 50, np.arange(1000) < 950]).astype(float)
    weight = np.ones(2000)
    assert figures.calibration_error(score, label, weight) == pytest.approx(0, abs=1e-9)
    assert figures.calibration_error(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.ones(2)) == 1
    assert figures.calibration_error(np.array([]), np.array([]), np.array([])) == 0


def test_weights_count_as_copies_do() -> None:
    rng = np.random.default_rng(1)
    score, label = rng.random(50), (rng.random(50) < 0.5).astype(float)
    copies = rng.integers(1, 4, 50)
    weighed = figures.calibration_error(score, label, copies.astype(float))
    assert weighed == pytest.approx(
        figures.calibration_error(score.repeat(copies), label.repeat(copies), np.ones(copies.sum()))
    )


def test_an_interval_holds_its_figure_and_is_reproducible() -> None:
    rng = np.random.default_rng(2)
    everything = np.ones(60, bool)
    pairs = [
        Fold(Held("r", rng.normal(0, 1, 60), everything), Held(name, rng.normal(1.5, 1, 60), everything))
        for name in ("g", "h")
    ]
    low, high = figures.recall_interval(0.05, pairs, 7)
    figure = np.mean([figures.recall_at(0.05, one.made.scores, one.real.scores) for one in pairs])
    assert 0 <= low <= figure <= high <= 1
    assert (low, high) == figures.recall_interval(0.05, pairs, 7)
