from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.bench.synthetic import fit
from safelight.bench.synthetic.fit import Fold, Held
from tests.bench.synthetic.clouds import SIZE, data, source

DATA = data()


def held(name: str, scores: list[float]) -> Held:
    return Held(name, np.array(scores, float), np.ones(len(scores), bool))


def test_training_is_deterministic() -> None:
    one, other = fit.train(DATA), fit.train(DATA)
    assert np.array_equal(one.synthetic.weights, other.synthetic.weights)
    assert np.array_equal(one.graphics.weights, other.graphics.weights)
    assert (one.likely_above, one.nothing_below, one.slope) == (other.likely_above, other.nothing_below, other.slope)


def test_classes_are_told_apart_on_sources_never_seen() -> None:
    for pair in fit.folds(DATA, np.inf):
        assert np.median(pair.made.scores) > pair.real.scores.max()


def test_a_held_out_source_has_no_part_in_its_head() -> None:
    spoilt = replace(DATA, real=(replace(DATA.real[0], random=DATA.real[0].random * 100), *DATA.real[1:]))
    one = fit.fit(DATA, without=("clothing", "first"))
    other = fit.fit(spoilt, without=("clothing", "first"))
    assert np.array_equal(one.synthetic.weights, other.synthetic.weights)
    assert np.array_equal(one.graphics.weights, other.graphics.weights)
    assert not np.array_equal(one.synthetic.weights, fit.fit(spoilt).synthetic.weights)


def test_sources_count_the_same_whatever_their_size() -> None:
    large = source("walls", 2, 40)
    twice = replace(large, random=np.concatenate([large.random, large.random]))
    one = fit.direction([DATA.real[0], large], list(DATA.made))
    other = fit.direction([DATA.real[0], twice], list(DATA.made))
    assert np.allclose(one.weights, other.weights, atol=1e-6)


def test_scores_are_in_deviations_within_a_class() -> None:
    found = fit.direction(list(DATA.real), list(DATA.made))
    views = [one.random.reshape(-1, SIZE) @ found.weights for one in (*DATA.real, *DATA.made)]
    real, made = np.concatenate(views[:3]), np.concatenate(views[3:])
    assert np.sqrt((real.var() + made.var()) / 2) == pytest.approx(1, rel=1e-3)
    assert real.mean() + found.bias == pytest.approx(-(made.mean() + found.bias), rel=1e-3)


def test_the_gate_knows_drawings_it_has_not_seen() -> None:
    above = fit.graphics_threshold(DATA)
    found = fit.fit(DATA)
    assert not fit.inside(found, above, source("more", 9, 30, drawn=4.0)).any()
    assert fit.inside(found, above, DATA.real[2]).mean() > 0.9


def test_what_is_outside_by_its_pixels_stays_outside() -> None:
    outside = replace(DATA.real[0], outside=np.ones(40, bool))
    assert not fit.inside(fit.fit(DATA), np.inf, outside).any()


@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=120),
    st.integers(0, 2**32),
    st.floats(0, 0.5),
)
def test_a_level_is_exceeded_by_no_more_than_allowed(values: list[float], seed: int, allowed: float) -> None:
    found = np.array(values)
    counts = np.random.default_rng(seed).random(len(found)) < 0.7
    above = fit.level(found, counts, allowed)
    assert ((found > above) & counts).sum() <= allowed * len(found)
    if np.isfinite(above):
        assert ((found > above - 0.0011) & counts).sum() > 0
        assert ((found >= above - 0.0011) & counts).sum() > int(allowed * len(found))


def test_the_worst_source_sets_the_thresholds() -> None:
    alone = held("a", [0.0] * 99 + [9.0, 8.0, 3.0])
    assert fit.likely_threshold([alone]) == 3.0
    assert fit.likely_threshold([alone, held("a", [1.0])]) == 3.0
    assert fit.likely_threshold([alone, held("b", [1.0] * 10)]) == 3.0 + 2.0
    assert fit.likely_threshold([alone, held("b", [1.0] * 10), held("c", [4.0, 0.0])]) == 4.0 + 1.0
    assert fit.nothing_threshold([held("g", [float(n) for n in range(20)]), held("h", [5.0])]) == 2.0


def test_calibration_finds_the_function_that_made_the_labels() -> None:
    rng = np.random.default_rng(1)
    scores = rng.uniform(-6, 6, 40_000)
    made = rng.random(len(scores)) < 1 / (1 + np.exp(-(0.7 * scores)))
    slope, intercept = fit.calibrate([Fold(held("r", list(scores[~made])), held("g", list(scores[made])))])
    assert slope == pytest.approx(0.7, abs=0.03)
    assert intercept == pytest.approx(0, abs=0.1)


def test_calibration_takes_both_classes_as_equally_many_inside_the_domain() -> None:
    mostly_outside = Held("r", np.zeros(100), np.arange(100) < 25)
    _slope, intercept = fit.calibrate([Fold(mostly_outside, held("g", [0.0] * 10))])
    assert intercept == pytest.approx(0, abs=1e-6)


def test_calibration_converges_from_far_off_and_separated_scores() -> None:
    slope, intercept = fit.calibrate([Fold(held("r", [-400.0, -300.0]), held("g", [-200.0, 100.0]))])
    assert np.isfinite([slope, intercept]).all()
    assert slope > 0
