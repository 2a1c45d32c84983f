"""From embeddings to rows: what the model card and the benchmark's page show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.bench.common import Row, at_least, at_most, informs
from safelight.bench.synthetic import figures, fit
from safelight.bench.synthetic.fit import Data, Fold, Held, Source
from safelight.detect.hint.head import Head

SEED = 20261122
AUC_BAR, FPR_BAR, ECE_BAR = 0.80, 0.02, 0.08
RANDOM_SPLITS = 5
DECISIVE = "worst real source's FPR at the shipped threshold"


@dataclass(frozen=True, slots=True)
class Report:
    """Rows for people and details for the model card."""

    rows: list[Row] = field(default_factory=list)
    details: dict[str, object] = field(default_factory=dict)


def measure(
    data: Data,
    edited: Mapping[str, Mapping[str, Source]],
    others: Sequence[Source],
    head: Head,
    *,
    judged: bool,
) -> Report:
    """All figures.

    Args:
        data: the sources.
        edited: by edit ("clean" is one) and source, the same pictures after it.
        others: what no direction is trained on and is neither class: drawings, screenshots.
        head: the one that ships; its thresholds and calibration are used, its directions only for `others`.
        judged: whether bars apply.
    """
    pairs = fit.folds(data, head.graphics_above)
    real, made = (fit.alone(part, data, head.graphics_above) for part in (data.real, data.made))
    n = sum(len(one.fixed) for one in (*data.real, *data.made))
    mean = float(np.mean([_auc(one) for one in pairs]))
    rows = [at_least("mean AUC over the folds, source and generator unseen", mean, "", AUC_BAR, n)]
    worst, worst_name, worst_n = _worst(pairs, real, head)
    rows.append(at_most(f"{DECISIVE} ({worst_name})", worst, "", FPR_BAR, worst_n))
    rows.append(_transferred_row(pairs, real))
    error, even, count = _calibration(pairs, head)
    rows += [
        at_most("calibration error where it answers (ECE), calibrated without the fold", error, "", ECE_BAR, count),
        informs("the same, both classes equally many among the answers", even, "", count),
    ]
    rows += [
        *_auc_rows(pairs),
        *_recall_rows(pairs),
        *_source_rows(pairs, real, head),
        *_made_rows(pairs, made, head),
        *_other_rows(others, head),
        *_edit_rows(data, edited, head),
        _random_row(data),
    ]
    if not judged:
        rows = [informs(row.what, row.value, row.unit, row.n) for row in rows]
    return Report(rows, {"folds": [_fold_details(one, head) for one in pairs]})


def refusal(rows: Sequence[Mapping[str, Any]]) -> str:
    """Why the detector must not be offered, empty when it may: the worst source's bar alone decides.

    `rows`: of results.json; a ValueError where the decisive row is not among them.
    """
    for row in rows:
        if row["what"].startswith(DECISIVE) and row["bar"] is not None:
            return "" if row["holds"] else f"{row['what']} was {row['value']:.3f}, more than {row['bar']:g}"
    raise ValueError("no row of the worst source")


def _auc(pair: Fold) -> float:
    return figures.auc(pair.made.scores, pair.real.scores)


def _held_out(name: str, pairs: Sequence[Fold], alone: Sequence[Held]) -> list[Held]:
    """All that heads which had not seen this source said of it."""
    every = [part for one in pairs for part in (one.real, one.made)]
    return [one for one in (*every, *alone) if one.name == name]


def _fpr(one: Held, head: Head) -> float:
    return float(figures.flagged(one.scores, one.inside, head).mean())


def _worst(pairs: Sequence[Fold], alone: Sequence[Held], head: Head) -> tuple[float, str, int]:
    every = [*(one.real for one in pairs), *alone]
    worst = max(every, key=lambda one: _fpr(one, head))
    return _fpr(worst, head), worst.name, len(worst.scores)


def _transferred(name: str, pairs: Sequence[Fold], alone: Sequence[Held]) -> float:
    """The FPR of a source at the threshold that would ship had it not been among the sources; worst of its folds."""
    real = [*(one.real for one in pairs), *alone]
    level = fit.likely_threshold([one for one in real if one.name != name])
    return max(float(((one.scores > level) & one.inside).mean()) for one in real if one.name == name)


def _transferred_row(pairs: Sequence[Fold], alone: Sequence[Held]) -> Row:
    found = {one.name: _transferred(one.name, pairs, alone) for one in alone}
    worst = max(found, key=lambda name: found[name])
    n = next(len(one.scores) for one in alone if one.name == worst)
    return informs(f"worst real source's FPR when the threshold is set without it ({worst})", found[worst], "", n)


def _auc_rows(pairs: Sequence[Fold]) -> Iterator[Row]:
    for one in pairs:
        n = len(one.real.scores) + len(one.made.scores)
        yield informs(f"AUC, {one.real.name} and {one.made.name} unseen", _auc(one), "", n)


def _recall_rows(pairs: Sequence[Fold]) -> Iterator[Row]:
    n = sum({one.made.name: len(one.made.scores) for one in pairs}.values())
    for fpr in (0.01, 0.05):
        found = float(np.mean([figures.recall_at(fpr, one.made.scores, one.real.scores) for one in pairs]))
        low, high = figures.recall_interval(fpr, pairs, SEED)
        yield informs(f"TPR at FPR {fpr:.0%}, threshold set on the fold itself, mean over the folds", found, "", n)
        yield informs(f"TPR at FPR {fpr:.0%}: lower end of the 95 % interval", low, "", n)
        yield informs(f"TPR at FPR {fpr:.0%}: upper end of the 95 % interval", high, "", n)


def _source_rows(pairs: Sequence[Fold], alone: Sequence[Held], head: Head) -> Iterator[Row]:
    """For each real source: FPR, its bound, FPR with a threshold that it had no part in, and coverage."""
    for source in alone:
        seen, n = _held_out(source.name, pairs, alone), len(source.scores)
        worst = max(int(figures.flagged(one.scores, one.inside, head).sum()) for one in seen)
        yield informs(f"FPR at the shipped threshold, {source.name} unseen, worst of its folds", worst / n, "", n)
        bound = figures.upper_bound(worst, n)
        yield informs(f"FPR of {source.name}: upper 95 % bound by its number of pictures", bound, "", n)
        yield informs(
            f"FPR of {source.name}, threshold set on the other sources", _transferred(source.name, pairs, alone), "", n
        )
        covered = float(np.mean([figures.answered(one.scores, one.inside, head).mean() for one in seen]))
        yield informs(f"coverage of {source.name}: share not inconclusive", covered, "", n)


def _made_rows(pairs: Sequence[Fold], alone: Sequence[Held], head: Head) -> Iterator[Row]:
    for source in alone:
        seen, n = _held_out(source.name, pairs, alone), len(source.scores)
        recall = float(np.mean([_fpr(one, head) for one in seen]))
        yield informs(f"TPR at the shipped threshold, {source.name} unseen", recall, "", n)
        missed = float(np.mean([(one.inside & (one.scores < head.nothing_below)).mean() for one in seen]))
        yield informs(f'share of {source.name} said to give "no indication"', missed, "", n)
        covered = float(np.mean([figures.answered(one.scores, one.inside, head).mean() for one in seen]))
        yield informs(f"coverage of {source.name}: share not inconclusive", covered, "", n)


def _other_rows(others: Sequence[Source], head: Head) -> Iterator[Row]:
    shipped = fit.Fit(head.synthetic, head.graphics)
    for source in others:
        found, n = fit.held(shipped, head.graphics_above, source), len(source.fixed)
        yield informs(f"share of {source.name} outside of the domain", float((~found.inside).mean()), "", n)
        yield informs(f"share of {source.name} said to be likely AI", _fpr(found, head), "", n)


def _calibration(pairs: Sequence[Fold], head: Head) -> tuple[float, float, int]:
    """ECE over all folds where the detector answers, each fold calibrated on folds that share no source with it.

    Once by the weights of the calibration, both classes equally many inside the domain; once with both equally many
    among those answered. And the number of answers.
    """
    score, label, weight, even = [], [], [], []
    for one in pairs:
        rest = [other for other in pairs if other.real.name != one.real.name and other.made.name != one.made.name]
        slope, intercept = fit.calibrate(rest)
        local = replace(head, slope=slope, intercept=intercept)
        for part, kind in ((one.real, 0.0), (one.made, 1.0)):
            found = part.scores[figures.answered(part.scores, part.inside, head)]
            score += [local.calibrated(value) for value in found]
            label += [kind] * len(found)
            weight += [1 / max(1, int(part.inside.sum()))] * len(found)
            even += [1 / max(1, len(found))] * len(found)
    error, same = (figures.calibration_error(np.array(score), np.array(label), np.array(w)) for w in (weight, even))
    return error, same, len(score)


def _edit_rows(data: Data, edited: Mapping[str, Mapping[str, Source]], head: Head) -> Iterator[Row]:
    """Loss of AUC, on the same pictures, when they are edited before they are judged."""
    if not edited:
        return
    means: dict[str, float] = {}
    worst: dict[str, float] = {}
    for edit, sources in edited.items():
        found = []
        rates = [0.0]
        for real in data.real:
            for made in data.made:
                trained = fit.fit(data, without=(real.name, made.name))
                low = fit.held(trained, head.graphics_above, sources[real.name])
                high = fit.held(trained, head.graphics_above, sources[made.name])
                found.append(figures.auc(high.scores, low.scores))
                rates.append(_fpr(low, head))
        means[edit], worst[edit] = float(np.mean(found)), max(rates)
    n = sum(len(one.fixed) for one in edited["clean"].values())
    for edit, what in (("q75", "JPEG quality 75"), ("q50", "JPEG quality 50"), ("half", "half size")):
        yield informs(f"loss of mean AUC after {what}", means["clean"] - means[edit], "", n)
        yield informs(f"worst source's FPR after {what}", worst[edit], "", n)


def _random_row(data: Data) -> Row:
    """The warning: the same detector when pictures are split at random, so that every source is seen in training."""
    rng = np.random.default_rng(SEED)
    found = []
    for _ in range(RANDOM_SPLITS):
        kept = {one.name: rng.random(len(one.fixed)) < 0.8 for one in (*data.real, *data.made)}
        train, test = _part(data, kept), _part(data, {name: ~mask for name, mask in kept.items()})
        trained = fit.direction(train.real, train.made)
        made = np.concatenate([fit.scores(trained, one) for one in test.made])
        real = np.concatenate([fit.scores(trained, one) for one in test.real])
        found.append(figures.auc(made, real))
    n = sum(len(one.fixed) for one in (*data.real, *data.made))
    return informs("AUC of a leaky random split (a warning: not what to expect)", float(np.mean(found)), "", n)


def _part(data: Data, kept: Mapping[str, NDArray[np.bool_]]) -> Data:
    def cut(sources: Sequence[Source]) -> tuple[Source, ...]:
        return tuple(
            Source(one.name, one.random[mask], one.fixed[mask], one.outside[mask])
            for one in sources
            if (mask := kept[one.name]).any()
        )

    return Data(cut(data.real), cut(data.made), data.drawn)


def _fold_details(one: Fold, head: Head) -> dict[str, object]:
    return {
        "real": one.real.name,
        "generator": one.made.name,
        "n_real": len(one.real.scores),
        "n_made": len(one.made.scores),
        "auc": _auc(one),
        "fpr": _fpr(one.real, head),
        "tpr": _fpr(one.made, head),
        "real_outside": float((~one.real.inside).mean()),
        "made_outside": float((~one.made.inside).mean()),
    }
