"""Training: the two directions, the thresholds and the calibration, from embeddings alone. Deterministic.

Regularised linear discriminant analysis (Fisher 1936; Friedman 1989 for the shrinkage), with every source counting the
same, whatever its size. It suppresses the directions in which the real sources differ among themselves, which is what
a classifier of few sources otherwise learns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from safelight.detect.hint.head import VIEW_WEIGHTS, Direction, Head

SHRINKAGE = 3.0
"""Of the covariance, as a share of its mean variance. Of 0.1, 0.3, 1, 3 and 10 this one was chosen on the benchmark's
own folds: their mean AUC hardly depends on it (0.80 to 0.81), but with less the thresholds of folds differ more."""
ALLOWED_FPR = 0.02
"""Share of a held-out real source's pictures that may be called likely AI."""
ALLOWED_GRAPHICS = 0.02
"""Share of a held-out photograph source's pictures that the gate may take for graphics."""
ALLOWED_MISSES = 0.1
"""Share of a held-out generator's pictures of which the detector may say "no indication"."""

RIDGE = 1e-4
"""Of the calibration: keeps it finite where classes are apart."""

PHOTOGRAPHS = ("clothing", "objects")
"""Real sources that hold nothing but plain photographs: the gate learns from them what is no graphics."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source's embeddings.

    `random`: float32, shape (n, views, 512), what heads learn from. `fixed`: float32, shape (n, 5, 512), the views of
    use. `outside`: bool, shape (n,), whether the pixels alone put the picture outside of the domain.
    """

    name: str
    random: NDArray[np.float32]
    fixed: NDArray[np.float32]
    outside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Data:
    """All sources: real ones, generators, and drawings for the gate. Each has a name of its own."""

    real: tuple[Source, ...]
    made: tuple[Source, ...]
    drawn: Source


@dataclass(frozen=True, slots=True)
class Held:
    """What a head that has not seen a source says of its pictures.

    `scores`: float64, shape (n,). `inside`: bool, shape (n,), whether the picture is in the domain.
    """

    name: str
    scores: NDArray[np.float64]
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fold:
    """A real source and a generator that were held out together."""

    real: Held
    made: Held


@dataclass(frozen=True, slots=True)
class Fit:
    """The head without thresholds on its score."""

    synthetic: Direction
    graphics: Direction


def fit(data: Data, *, without: Sequence[str] = ()) -> Fit:
    """Train both directions on all sources but those named."""
    real = [one for one in data.real if one.name not in without]
    made = [one for one in data.made if one.name not in without]
    photographs = [one for one in real if one.name in PHOTOGRAPHS]
    return Fit(direction(real, made), direction([*photographs, *made], [data.drawn]))


def direction(low: Sequence[Source], high: Sequence[Source]) -> Direction:
    """The discriminant that is low for one group of sources and high for the other."""
    (low_mean, low_spread), (high_mean, high_spread) = _moments(low), _moments(high)
    spread = (low_spread + high_spread) / 2
    size = len(spread)
    weights = np.linalg.solve(spread + SHRINKAGE * np.trace(spread) / size * np.eye(size), high_mean - low_mean)
    weights /= np.sqrt(weights @ spread @ weights)
    return Direction(weights.astype(np.float32), float(-weights @ (low_mean + high_mean) / 2))


def _moments(sources: Sequence[Source]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and covariance of views, every source counting the same."""
    views = [one.random.reshape(-1, one.random.shape[-1]).astype(np.float64) for one in sources]
    mean = np.mean([one.mean(axis=0) for one in views], axis=0)
    spread = np.mean([(one - mean).T @ (one - mean) / len(one) for one in views], axis=0)
    return mean, spread


def scores(found: Direction, source: Source) -> NDArray[np.float64]:
    """Of each picture of a source, as in use."""
    return (source.fixed.astype(np.float64) @ found.weights.astype(np.float64) + found.bias) @ VIEW_WEIGHTS


def inside(found: Fit, graphics_above: float, source: Source) -> NDArray[np.bool_]:
    """Which pictures of a source the gate lets pass."""
    return ~source.outside & (scores(found.graphics, source) <= graphics_above)


def held(found: Fit, graphics_above: float, source: Source) -> Held:
    """What a fit says of a source."""
    return Held(source.name, scores(found.synthetic, source), inside(found, graphics_above, source))


def folds(data: Data, graphics_above: float) -> list[Fold]:
    """One for each pair of a real source and a generator."""
    pairs = []
    for real, made in product(data.real, data.made):
        found = fit(data, without=(real.name, made.name))
        pairs.append(Fold(held(found, graphics_above, real), held(found, graphics_above, made)))
    return pairs


def alone(sources: Sequence[Source], data: Data, graphics_above: float) -> list[Held]:
    """Each of the sources held out alone: the heads that are most like the one that ships, which has seen them all."""
    return [held(fit(data, without=(one.name,)), graphics_above, one) for one in sources]


def graphics_threshold(data: Data) -> float:
    """Above it lie at most ALLOWED_GRAPHICS of every photograph source that the gate has not seen."""
    levels = []
    for source in data.real:
        if source.name in PHOTOGRAPHS:
            found = scores(fit(data, without=(source.name,)).graphics, source)
            levels.append(level(found, np.ones(len(found), bool), ALLOWED_GRAPHICS))
    return max(levels)


def level(found: NDArray[np.float64], counts: NDArray[np.bool_], allowed: float) -> float:
    """The lowest threshold that at most `allowed` of all the scores exceed; scores that do not count never do.

    Rounded up to thousandths, so that no rounding error decides about the picture that set it.
    """
    ranked = np.sort(found[counts])[::-1]
    exempt = int(allowed * len(found))
    return float(np.ceil(ranked[exempt] * 1000) / 1000) if exempt < len(ranked) else -np.inf


def likely_threshold(real: Sequence[Held]) -> float:
    """Set by the worst real source, of which no more than ALLOWED_FPR exceed it, and a margin for worse ones to come.

    The margin is the step from the second worst source to the worst: had the worst been missing, a threshold without
    it would have let more through than allowed, and the next source may be as far from those that are known.
    """
    levels: dict[str, float] = {}
    for one in real:
        needed = level(one.scores, one.inside, ALLOWED_FPR)
        levels[one.name] = max(needed, levels.get(one.name, -np.inf))
    worst, *rest = sorted(levels.values(), reverse=True)
    return worst + (worst - rest[0] if rest and np.isfinite(rest[0]) else 0)


def nothing_threshold(made: Sequence[Held]) -> float:
    """The worst generator sets it: of none of them do more than ALLOWED_MISSES fall below it."""
    return min(-level(-one.scores, one.inside, ALLOWED_MISSES) for one in made)


def calibrate(measured: Sequence[Fold]) -> tuple[float, float]:
    """Slope and intercept of a logistic function of the score (Platt 1999), classes and folds counting the same."""
    found, label, weight = pooled(measured)
    design = np.column_stack([found, np.ones_like(found)])
    line = np.zeros(2)
    for _ in range(100):  # Newton's method; from 0 it cannot overshoot far, and halved steps take care of the rest
        chance = np.exp(-np.logaddexp(0, -(design @ line)))
        curvature = (design * (weight * chance * (1 - chance))[:, None]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (weight * (label - chance)) - RIDGE * line)
        while _loss(design, line + step, label, weight) > _loss(design, line, label, weight) + 1e-12:
            step /= 2
        line += step
        if np.abs(step).max() < 1e-9:
            break
    slope, intercept = line
    return float(slope), float(intercept)


def _loss(
    design: NDArray[np.float64], line: NDArray[np.float64], label: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """Mean logarithmic loss, and what RIDGE adds."""
    values = design @ line
    return float(weight @ (np.logaddexp(0, values) - label * values) + RIDGE / 2 * line @ line)


def pooled(measured: Sequence[Fold]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Scores, labels (1: AI) and weights (sum 1) of all pictures inside the domain.

    Every source weighs the same in each fold, so both classes are equally many inside the domain.
    """
    found, label, weight = [], [], []
    for fold in measured:
        for part, kind in ((fold.real, 0.0), (fold.made, 1.0)):
            found.append(part.scores[part.inside])
            label.append(np.full(part.inside.sum(), kind))
            weight.append(np.full(part.inside.sum(), 1 / max(1, part.inside.sum())))
    total = np.concatenate(weight)
    return np.concatenate(found), np.concatenate(label), total / total.sum()


def train(data: Data) -> Head:
    """The head to ship: directions from all sources; thresholds and calibration from what was held out."""
    graphics_above = graphics_threshold(data)
    pairs = folds(data, graphics_above)
    slope, intercept = calibrate(pairs)
    found = fit(data)
    return Head(
        found.synthetic,
        found.graphics,
        graphics_above,
        likely_threshold([*(one.real for one in pairs), *alone(data.real, data, graphics_above)]),
        nothing_threshold([*(one.made for one in pairs), *alone(data.made, data, graphics_above)]),
        slope,
        intercept,
    )
