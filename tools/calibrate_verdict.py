"""Fits the weights of the derivative verdict and writes src/safelight/match/local/verdict_table.py.

    python tools/calibrate_verdict.py PHOTOS [--same-scene FOLDER]

Of PHOTOS only the benchmark's fit part is used, halved twice over: each half in turn is indexed, and asked for by
edits of its own pictures (positives) and of the other half's (negatives). FOLDER holds pictures of objects, several
of each, called `..NAME__NUMBER..`; every other one is indexed, the rest are negatives of the same scene. The edits are
those of the benchmark and some more. Measured once, kept in build/, so that fitting can be repeated at once.
"""

import argparse
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.adapter.codebook import load_codebook
from safelight.bench.derivative import edits
from safelight.bench.derivative.pictures import TWINS, Picture, distinct, photographs
from safelight.bench.derivative.split import is_for_fitting
from safelight.fingerprint.local import local_features, working_picture
from safelight.fingerprint.tiles import picture_tiles
from safelight.flow.looking import WorkingLook
from safelight.match.local.measure import Measures
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import lists_of, make_sketch
from safelight.match.local.trace import trace
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalExamination, LocalRequest

Rgb = NDArray[np.uint8]
TABLE = Path("src/safelight/match/local/verdict_table.py")
KEPT = Path("build/verdict-measures.pickle")
POSITIVES, NEGATIVES = 3, 2
"""Edits of each indexed picture, and of each that is not."""
RIDGE = 1.0
SIGNS = {"found": 1, "share": 1, "inliers": 1, "residual": -1, "shear": -1, "aspect": -1, "closeness": -1}
"""Which way each measure must speak; one that the fit would turn round is left out."""
DERIVATIVE_RATIO = 1.0
LEAST_FOUND, SCENE_FOUND, SCENE_INLIERS = 4, 12, 8


@dataclass(frozen=True)
class Seen:
    """One aligned pair: the query's picture, its edit, the known picture, and whether it came from it."""

    query: str
    edit: str
    known: str
    came_from: bool
    measures: Measures


def main() -> None:
    """Measure, unless that was done, and fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--same-scene", type=Path)
    options = parser.parse_args()
    if not KEPT.exists():
        cv2.setNumThreads(1)
        fit = [p for p in photographs(options.photos, 10_000) if is_for_fitting(p.digest)]
        objects = photographs(options.same_scene, 10_000) if options.same_scene else []
        chosen = distinct([*fit, *objects], print)
        with ProcessPoolExecutor(2) as pool:
            measured = list(pool.map(partial(measured_half, chosen), (0, 1)))
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_bytes(pickle.dumps(measured))
    halves = pickle.loads(KEPT.read_bytes())  # noqa: S301 - see above
    TABLE.write_text(fitted(halves), encoding="utf-8")


def measured_half(pictures: Sequence[Picture], half: int) -> tuple[int, int, int, list[Seen]]:
    """(pictures indexed, positive queries, negative queries, pairs seen) of one half."""
    quantiser = Quantiser(load_codebook())
    known, others = pictures[half::2], pictures[1 - half :: 2]
    sketches = [make_sketch(examined(p.load(), OF_KNOWN), quantiser) for p in known]
    lists = lists_of(sketches)
    rng = np.random.default_rng(half)
    names = [*edits.EDITS, *MORE]
    seen: list[Seen] = []
    counts = [0, 0]
    for picture, own, number in [(p, True, POSITIVES) for p in known] + [(p, False, NEGATIVES) for p in others]:
        for name in rng.choice(names, number, replace=False).tolist():
            patches = [others[n].load() for n in rng.integers(0, len(others), 4)]
            pixels = edited(name, picture.load(), patches, int(rng.integers(1 << 31)))
            query = examined(pixels, OF_QUERY)
            look = WorkingLook(query.working)
            counts[not own] += 1
            for found in trace(query.features, [lists], lambda _s, n: sketches[n], look, quantiser):
                key = known[found.candidate.picture].key
                seen.append(Seen(picture.key, name, key, own and key == picture.key, found.measures))
        print(f"half {half}: {sum(counts)} queries, {len(seen)} pairs", end="\r", flush=True)
    print()
    return len(known), counts[0], counts[1], seen


def examined(pixels: Rgb, request: LocalRequest) -> LocalExamination:
    """What a worker would see of a picture."""
    working = working_picture(pixels, 1, request.side)
    return LocalExamination(working, local_features(working.grey, request.keypoints), picture_tiles(working.grey))


def stretched(pixels: Rgb, rng: np.random.Generator) -> Rgb:
    """The picture with another aspect ratio."""
    height, width = pixels.shape[:2]
    factor = np.exp(rng.uniform(0.1, 0.35) * rng.choice([-1, 1]))
    return np.asarray(cv2.resize(pixels, (int(width * factor), height), interpolation=cv2.INTER_AREA), np.uint8)


def noisy(pixels: Rgb, rng: np.random.Generator) -> Rgb:
    """The picture with noise."""
    return np.clip(pixels + rng.normal(0, 12, pixels.shape), 0, 255).astype(np.uint8)


def sharpened(pixels: Rgb, _rng: np.random.Generator) -> Rgb:
    """The picture sharpened too much."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 2).astype(np.float64)
    return np.clip(pixels * 2.2 - 1.2 * soft, 0, 255).astype(np.uint8)


def small_part(pixels: Rgb, rng: np.random.Generator) -> Rgb:
    """Three tenths of the picture."""
    height, width = (int(side * 0.3**0.5) for side in pixels.shape[:2])
    top, left = rng.integers(0, pixels.shape[0] - height + 1), rng.integers(0, pixels.shape[1] - width + 1)
    return pixels[top : top + height, left : left + width]


MORE = {"stretched": stretched, "noisy": noisy, "sharpened": sharpened, "small part": small_part}


def edited(name: str, pixels: Rgb, others: Sequence[Rgb], seed: int) -> Rgb:
    """An edit of the benchmark, or one of MORE with a JPEG after it."""
    if name in edits.EDITS:
        return edits.apply(name, pixels, others, seed).pixels
    return edits.jpeg_round_trip(np.ascontiguousarray(MORE[name](pixels, np.random.default_rng(seed))), 70)


def fitted(halves: Sequence[tuple[int, int, int, list[Seen]]]) -> str:
    """The table's text."""
    from safelight.match.local.verdict import SCALES  # noqa: PLC0415 - it imports the table that this writes

    pairs = [seen for half in halves for seen in half[3] if seen.came_from or not is_twin(seen)]
    values = np.array([[scale(p.measures) for scale in SCALES.values()] for p in pairs], dtype=np.float64)
    truth = np.array([p.came_from for p in pairs])
    typical = np.nanmean(values, axis=0)
    values = np.where(np.isnan(values), typical, values)
    used = np.ones(len(SCALES), dtype=np.bool_)
    signs = np.array([SIGNS[name] for name in SCALES])
    while True:
        base, weights = logistic(values[:, used] - typical[used], truth)
        turned = weights * signs[used] < 0
        if not turned.any():
            break
        used[np.nonzero(used)[0][turned]] = False
    every = np.zeros(len(SCALES))
    every[used] = weights
    ratios = base + (values - typical) @ every
    share, start, fall = tail(pairs, ratios, sum(half[2] for half in halves))
    told(pairs, ratios, truth)
    lines = [
        '"""Generated by tools/calibrate_verdict.py; do not edit. What it means: `verdict`.',
        "",
        f"Fitted on {truth.sum():,} aligned pairs of {sum(h[1] for h in halves):,} edited pictures with their sources,",
        f"and on {(~truth).sum():,} aligned pairs of {sum(h[2] for h in halves):,} pictures that were not indexed.",
        '"""',
        "",
        f"BASE = {base:.4f}",
        "TYPICAL = {" + ", ".join(f'"{n}": {v:.4f}' for n, v in zip(SCALES, typical, strict=True)) + "}",
        "WEIGHTS = {" + ", ".join(f'"{n}": {v:.4f}' for n, v in zip(SCALES, every, strict=True)) + "}",
        f"DERIVATIVE = {DERIVATIVE_RATIO}",
        f"LEAST_FOUND = {LEAST_FOUND}",
        f"SCENE_FOUND = {SCENE_FOUND}",
        f"SCENE_INLIERS = {SCENE_INLIERS}",
        f"TAIL_SHARE = {share:.3e}",
        f"TAIL_FROM = {start:.4f}",
        f"TAIL_FALL = {fall:.4f}",
        f"TAIL_SIZE = {sum(half[0] for half in halves) // len(halves)}",
        "",
    ]
    return "\n".join(lines)


def is_twin(seen: Seen) -> bool:
    """Whether either picture of a wrong pair has a twin: it, or a patch cut from it, may be the right one after all."""
    names = set().union(*TWINS)
    return bool({Path(seen.known).stem, Path(seen.query).stem} & names)


def logistic(values: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
    """Base and weights by iterated least squares; both classes weigh the same, so the sum is a likelihood ratio."""
    scale = values.std(axis=0)
    table = np.column_stack((np.ones(len(values)), values / scale))
    weight = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum()) * len(truth)
    penalty = RIDGE * np.diag([0.0] + [1.0] * values.shape[1])
    found = np.zeros(table.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-table @ found))
        slope = table.T @ (weight * (truth - chance)) - penalty @ found
        bend = (table * (weight * chance * (1 - chance))[:, None]).T @ table + penalty
        found = found + np.linalg.solve(bend, slope)
    return float(found[0]), found[1:] / scale


def tail(pairs: Sequence[Seen], ratios: NDArray[np.float64], queries: int) -> tuple[float, float, float]:
    """(share of negative queries at `start` or more, start, nats by which the share falls to 1/e)."""
    best: dict[tuple[str, str], float] = {}
    for pair, ratio in zip(pairs, ratios.tolist(), strict=True):
        if pair.query != pair.known:
            key = (pair.query, pair.edit)
            best[key] = max(best.get(key, -np.inf), ratio)
    ordered = np.sort(np.array(list(best.values())))[::-1]
    over = ordered[: max(20, len(ordered) // 10)]
    return len(over) / queries, float(over[-1]), float((over - over[-1]).mean())


def told(pairs: Sequence[Seen], ratios: NDArray[np.float64], truth: NDArray[np.bool_]) -> None:
    """Print how well the two are told apart, and the worst of each."""
    for bar in range(6):
        print(
            f"ratio >= {bar}: {np.mean(ratios[truth] >= bar):.4f} of true pairs, {np.sum(ratios[~truth] >= bar)} false"
        )
    for pair, ratio in _worst(pairs, ratios, truth):
        print(f"{ratio:6.2f} {pair.came_from!s:5} {pair.query} {pair.edit} {pair.known} {pair.measures}")


def _worst(
    pairs: Sequence[Seen], ratios: NDArray[np.float64], truth: NDArray[np.bool_]
) -> Iterator[tuple[Seen, float]]:
    order = np.argsort(ratios)
    for n in [*order[truth[order]][:25], *order[~truth[order]][::-1][:25]]:
        yield pairs[n], float(ratios[n])


if __name__ == "__main__":
    main()
