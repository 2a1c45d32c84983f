"""Figures from outcomes, checked by hand and against slow ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.bench.derivative import score
from safelight.bench.derivative.edits import EDITS, REGION_EDITS
from safelight.bench.derivative.queries import POSITIVE, SAME_SCENE, UNRELATED
from safelight.bench.derivative.tracer import NEAR, NONE, SHARED_SCENE
from safelight.bench.derivative.trial import Located
from tests.bench.derivative.outcomes import every_edit, outcome, result


def test_recall_stands_by_source_and_edit() -> None:
    outcomes = [*every_edit(3, {1: ["rr20", "text"]}), outcome(UNRELATED, 9, "rr5", result(0))]
    table = score.recall_table(outcomes, "ours")
    assert table.shape == (3, 33)
    missed = {(int(row), list(EDITS)[column]) for row, column in zip(*np.nonzero(~table), strict=True)}
    assert missed == {(1, "rr20"), (1, "text")}
    assert score.columns(REGION_EDITS) == list(range(25, 33))
    assert not score.recall_table(outcomes, "peer").any()
    assert score.recall_table([], "ours").shape == (0, 33)


def slow_precision_recall(pairs: list[tuple[float, bool]], positives: int) -> tuple[float, float]:
    ordered = sorted(pairs, key=lambda pair: (-pair[0], pair[1]))
    average, best, found = 0.0, 0.0, 0
    for place, (_, right) in enumerate(ordered, 1):
        found += right
        if right:
            average += found / place / positives
        if found / place >= 0.9:
            best = found / positives
    return average, best


@given(st.lists(st.tuples(st.integers(0, 8).map(float), st.booleans()), max_size=60), st.integers(0, 10))
def test_ranking_equals_the_slow_way(pairs: list[tuple[float, bool]], lost: int) -> None:
    positives = sum(right for _, right in pairs) + lost
    if not pairs or not positives:
        assert score.precision_recall([one for one, _ in pairs], [right for _, right in pairs], positives) == (0, 0)
        return
    fast = score.precision_recall([one for one, _ in pairs], [right for _, right in pairs], positives)
    assert fast == pytest.approx(slow_precision_recall(pairs, positives))


def test_at_equal_scores_the_wrong_pair_counts_first() -> None:
    assert score.precision_recall([1, 1], [True, False], 1) == (0.5, 0.0)
    assert score.precision_recall([2, 1], [True, False], 2) == (0.5, 0.5)


def test_all_pairs_rank_whatever_their_verdict() -> None:
    outcomes = [
        outcome(POSITIVE, 0, "rr5", result(0, NONE, 0.5), result(1, NEAR, 0.4)),
        outcome(UNRELATED, 7, "rr5", result(1, SHARED_SCENE, 0.9)),
    ]
    assert score.ranking(outcomes, "ours") == (0.5, 0.0)


def test_false_verdicts_name_a_picture_that_the_query_is_not_of() -> None:
    outcomes = [
        outcome(UNRELATED, 8, "rr5", result(1, NEAR)),
        outcome(UNRELATED, 8, "text", result(1, SHARED_SCENE), result(2, NONE)),
        outcome(SAME_SCENE, 9, "rr5", result(1), result(2, SHARED_SCENE)),
        outcome(POSITIVE, 1, "rr5", result(1)),
        outcome(POSITIVE, 1, "blur", result(1), result(2)),
        outcome(POSITIVE, 1, "grey", result(1, SHARED_SCENE)),
    ]
    assert score.wrongly_derived(outcomes, "ours") == [outcomes[0], outcomes[2], outcomes[4]]
    assert score.scene_shared(outcomes, "ours") == [outcomes[1], outcomes[2]]
    assert score.wrongly_derived(outcomes, "peer") == []


def test_what_was_not_located_overlaps_by_nothing_and_flags_nothing() -> None:
    located = Located(iou=0.8, flagged=0.3, digest="", seconds=0.1, misaligned=None)
    outcomes = [*every_edit(2, {0: ["rr35"]}, located)[25:33], outcome(POSITIVE, 1, "blur", result(1))]
    values = score.overlaps(outcomes, "ours", REGION_EDITS)
    assert sorted(values) == [0.0] + [0.8] * 7
    assert score.flagged_shares(outcomes, "ours", ("blur", "rr5")) == [0.3]


def test_intervals_narrow_with_the_sources() -> None:
    rng = np.random.default_rng(1)
    few, many = (rng.random(count) for count in (10, 1000))
    (low, high), (inner_low, inner_high) = score.interval(few), score.interval(many)
    assert low < few.mean() < high
    assert inner_low < many.mean() < inner_high
    assert 4 * (inner_high - inner_low) < high - low
    assert score.interval(few) == (low, high)
    assert score.interval(np.full(5, 0.5)) == (0.5, 0.5)
    assert np.isnan(score.interval(np.empty(0))).all()
