"""Figures from outcomes: pure functions of what was asked and answered."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.edits import EDITS
from safelight.bench.derivative.queries import POSITIVE
from safelight.bench.derivative.tracer import RECALLED, SHARED_SCENE
from safelight.bench.derivative.trial import Outcome

BOOTSTRAPS = 2000


def recall_table(outcomes: Iterable[Outcome], name: str) -> NDArray[np.bool_]:
    """Whether each source was recalled after each edit: shape (sources, 33), edits in the protocol's order."""
    rows: dict[str, dict[str, bool]] = {}
    for one in outcomes:
        if one.query.group == POSITIVE:
            key = one.query.picture.key
            rows.setdefault(key, {})[one.query.edit] = one.answers[name].find(key) is not None
    return np.array([[row[edit] for edit in EDITS] for row in rows.values()], np.bool_).reshape(-1, len(EDITS))


def columns(edits: Collection[str]) -> list[int]:
    """Where those edits stand in a recall table."""
    return [column for column, edit in enumerate(EDITS) if edit in edits]


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """95 % bootstrap interval of the mean, drawing whole sources. `values`: one figure per source."""
    if not len(values):
        return float("nan"), float("nan")
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (BOOTSTRAPS, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def precision_recall(
    scores: Sequence[float], right: Sequence[bool], positives: int, precision: float = 0.9
) -> tuple[float, float]:
    """Micro average precision over all query and reference pairs, and the highest recall at that precision.

    `scores` and `right`: each pair that was returned; `positives`: all pairs that should be. At equal scores wrong
    pairs come first, as in the Image Similarity Challenge 2021 (Douze et al., arXiv 2106.09672).
    """
    if not scores or not positives:
        return 0.0, 0.0
    order = np.lexsort((np.asarray(right), -np.asarray(scores, np.float64)))
    hits = np.asarray(right)[order]
    found = np.cumsum(hits)
    precisions = found / np.arange(1, len(hits) + 1)
    good = found[precisions >= precision]
    return float(precisions[hits].sum() / positives), float(good.max() / positives) if len(good) else 0.0


def ranking(outcomes: Sequence[Outcome], name: str) -> tuple[float, float]:
    """Micro average precision and recall at 90 % precision over all queries, negatives among them."""
    scores: list[float] = []
    right: list[bool] = []
    for one in outcomes:
        for found in one.answers[name].results:
            scores.append(found.score)
            right.append(one.query.group == POSITIVE and found.key == one.query.picture.key)
    return precision_recall(scores, right, sum(one.query.group == POSITIVE for one in outcomes))


def wrongly_derived(outcomes: Iterable[Outcome], name: str) -> list[Outcome]:
    """Queries said to be near to or derived from a picture that they do not come from."""
    return [
        one
        for one in outcomes
        if any(
            found.verdict in RECALLED and (one.query.group != POSITIVE or found.key != one.query.picture.key)
            for found in one.answers[name].results
        )
    ]


def scene_shared(outcomes: Iterable[Outcome], name: str) -> list[Outcome]:
    """Queries said to share a scene with a picture that they do not come from."""
    return [
        one
        for one in outcomes
        if any(
            found.verdict == SHARED_SCENE and (one.query.group != POSITIVE or found.key != one.query.picture.key)
            for found in one.answers[name].results
        )
    ]


def overlaps(outcomes: Iterable[Outcome], name: str, edits: Collection[str]) -> list[float]:
    """IoU of each positive query of those edits; 0 where nothing was recalled or located."""
    return [
        0.0 if (located := one.answers[name].located) is None else located.iou
        for one in outcomes
        if one.query.group == POSITIVE and one.query.edit in edits
    ]


def flagged_shares(outcomes: Iterable[Outcome], name: str, edits: Collection[str]) -> list[float]:
    """Share of the picture said to be replaced, of each positive query of those edits that was located."""
    return [
        located.flagged
        for one in outcomes
        if one.query.group == POSITIVE
        and one.query.edit in edits
        and (located := one.answers[name].located) is not None
    ]
