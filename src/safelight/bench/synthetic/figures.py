"""The measures: how well classes are told apart, what a threshold costs, how far a score can be believed."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.bench.synthetic.fit import Fold
from safelight.detect.hint.head import Head

Scores = NDArray[np.float64]

BINS = 10
RESAMPLES = 300


def auc(made: Scores, real: Scores) -> float:
    """Share of pairs in which the AI picture scores higher; ties count half."""
    above = (made[:, None] > real[None]).mean()
    return float(above + (made[:, None] == real[None]).mean() / 2)


def recall_at(fpr: float, made: Scores, real: Scores) -> float:
    """Share of the AI pictures above the threshold that at most `fpr` of the real ones exceed (an oracle's)."""
    return float((made > np.sort(real)[::-1][int(fpr * len(real))]).mean())


def recall_interval(fpr: float, pairs: Sequence[Fold], seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the folds' mean `recall_at`: pictures are drawn anew within each source.

    Sources are not, of which there are too few: the true uncertainty about another source is larger.
    """
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(RESAMPLES):
        drawn: dict[str, NDArray[np.int64]] = {}
        recalls = []
        for one in pairs:
            for part in (one.made, one.real):
                if part.name not in drawn:
                    drawn[part.name] = rng.integers(0, len(part.scores), len(part.scores))
            made, real = one.made.scores[drawn[one.made.name]], one.real.scores[drawn[one.real.name]]
            recalls.append(recall_at(fpr, made, real))
        means.append(np.mean(recalls))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def upper_bound(count: int, n: int, confidence: float = 0.95) -> float:
    """One-sided upper bound of a share of which `count` of `n` were seen (Clopper and Pearson 1934)."""
    if count >= n:
        return 1.0
    low, high = count / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        chance = sum(math.comb(n, k) * middle**k * (1 - middle) ** (n - k) for k in range(count + 1))
        low, high = (middle, high) if chance > 1 - confidence else (low, middle)
    return high


def calibration_error(score: Scores, label: Scores, weight: Scores) -> float:
    """Expected calibration error: over BINS bins of scores, the mean distance of score and share of AI (Guo 2017).

    Args:
        score: calibrated, 0 to 1.
        label: 1 for AI.
        weight: of each picture; need not sum to 1.
    """
    which = np.minimum((score * BINS).astype(int), BINS - 1)
    error = 0.0
    for number in range(BINS):
        part = which == number
        if weight[part].sum() > 0:
            error += weight[part].sum() * abs(
                np.average(score[part], weights=weight[part]) - np.average(label[part], weights=weight[part])
            )
    return float(error / weight.sum()) if weight.sum() > 0 else 0.0


def answered(scores: Scores, inside: NDArray[np.bool_], head: Head) -> NDArray[np.bool_]:
    """Where the detector does not say "inconclusive"."""
    return inside & ((scores > head.likely_above) | (scores < head.nothing_below))


def flagged(scores: Scores, inside: NDArray[np.bool_], head: Head) -> NDArray[np.bool_]:
    """Where it says "likely AI"."""
    return inside & (scores > head.likely_above)
