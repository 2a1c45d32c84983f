"""The derivative benchmark: how well altered pictures are traced back to their sources.

The protocol (split, 33 edits, what is reported) is the same for every folder of benign photographs. Pictures are
changed by code alone: cropped, recompressed, covered, or given a plain patch of another benign picture.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from safelight.bench.common import Row
from safelight.bench.derivative import datasets, figures, growth, records, score, trial
from safelight.bench.derivative.chart import Series, recall_chart
from safelight.bench.derivative.edits import EDITS
from safelight.bench.derivative.pictures import Picture, distinct, drawings, photographs
from safelight.bench.derivative.queries import plan
from safelight.bench.derivative.split import Split, divide
from safelight.bench.derivative.tracer import BASELINES, Tracer
from safelight.bench.derivative.trial import Say
from safelight.fingerprint import pdq
from safelight.model.errors import InputError

JUDGED_SOURCES = 100
"""The bars are for this many sources and more: with fewer, one picture moves a figure too far."""

SAME_SCENE = "clothing_*"
SOURCES, QUICK_SOURCES = 100, 6
QUICK_PHOTOS, QUICK_NEGATIVES, QUICK_INDEX = 150, 40, 60
DRAWN, QUICK_DRAWN = 200, 80
EDITS_PER_NEGATIVE = 4
SIZES, QUICK_SIZES = (1000, 10_000), (100, 1000)
TIMED, AGAIN = 60, 40
"""Queries for timing by size, and queries asked again."""


def safelight() -> Tracer:
    """The product, loaded only when it is to be measured."""
    from safelight.bench.derivative.ours import SafelightTracer  # noqa: PLC0415 - Django, OpenCV and more

    return SafelightTracer()


def run(
    quick: bool,
    say: Say,
    *,
    out: Path,
    photos: Path | None = None,
    negatives: Sequence[Path] = (),
    seed: int = 1,
    sources: int = SOURCES,
    same_scene: str = SAME_SCENE,
    processes: int = 1,
    dataset: str | None = None,
    tracer: Callable[[], Tracer] | None = safelight,
) -> list[Row]:
    """Measure, and write details.json, misses.json and recall.svg into `out`.

    `photos`: a folder of benign photographs; by default the shared corpus if it is at hand, else drawn pictures.
    `negatives`: more folders, none of whose pictures is indexed. `dataset`: "disc21" or "copydays"; then `photos` is
    that set's folder and nothing else is measured. `tracer` makes the contestant that is judged; with None the
    baselines are measured alone. `quick`: few sources, one edit for each negative, a small index. Raises InputError
    for folders that cannot be used.
    """
    pdq.warm_up()
    contestants: dict[str, Callable[[], Tracer]] = {} if tracer is None else {"Safelight": tracer}
    contestants |= BASELINES
    with trial.threads(1):
        if dataset is not None:
            return _score_dataset(dataset, photos, contestants, say)
        chosen, others, drawn = _pictures(photos, negatives, quick, say)
        split = divide(
            chosen, others, seed=seed, sources=min(sources, QUICK_SOURCES) if quick else sources, same_scene=same_scene
        )
        split = _shortened(split) if quick else split
        _check(split, photos)
        measured = _measure(split, {name: make() for name, make in contestants.items()}, seed, processes, quick, say)
    _write(out, measured, _described(split, seed, quick, drawn))
    judged = tracer is not None and not quick and not drawn and len(split.sources) >= JUDGED_SOURCES
    return figures.rows(measured, judged=judged)


def default_folders() -> tuple[Path | None, list[Path]]:
    """The shared corpus' photographs, and its other benign pictures as negatives, where the machine has them.

    The shared folder is named by SAFELIGHT_SHARED, or lies beside the working directory as `../shared`.
    """
    corpus = Path(os.environ.get("SAFELIGHT_SHARED", "../shared")) / "corpus"
    photos, more = corpus / "photos", corpus / "synthetic"
    return (photos if photos.is_dir() else None), ([more] if more.is_dir() else [])


def _pictures(
    photos: Path | None, negatives: Sequence[Path], quick: bool, say: Say
) -> tuple[list[Picture], list[Picture], bool]:
    """Distinct photographs to split, distinct pictures that are all negatives, and whether the former are drawn."""
    if photos is None:
        photos, default = default_folders()
        negatives = negatives or default
    drawn = photos is None
    if photos is None:
        say("no photographs at hand: measuring on drawn pictures, which judge nothing")
        found = drawings(QUICK_DRAWN if quick else DRAWN)
    else:
        found = photographs(photos, QUICK_PHOTOS if quick else None)
    more = [
        Picture(f"{folder.name}/{one.key}", one.digest, one.path)
        for folder in negatives
        for one in photographs(folder, QUICK_NEGATIVES if quick else None)
    ]
    chosen = distinct([*found, *more], say)
    own = {one.key for one in found}
    split = [one for one in chosen if one.key in own], [one for one in chosen if one.key not in own]
    say(f"{len(found) + len(more)} pictures, {len(chosen)} of them distinct")
    return *split, drawn


def _shortened(split: Split) -> Split:
    """Few enough for a quick run: the index keeps its first pictures, the sources among them."""
    return Split(
        split.fit,
        split.index[:QUICK_INDEX],
        split.sources,
        split.same_scene[: QUICK_NEGATIVES // 2],
        split.unrelated[: QUICK_NEGATIVES // 2],
    )


def _check(split: Split, photos: Path | None) -> None:
    if not split.sources or len(split.outsiders) < 4 or not split.fit:
        raise InputError(path=photos or "drawn pictures", cause="too few distinct pictures to split")


def _measure(
    split: Split, tracers: Mapping[str, Tracer], seed: int, processes: int, quick: bool, say: Say
) -> figures.Measured:
    ours, *peers = tracers
    adding: dict[str, float] = {}
    for name, tracer in tracers.items():
        say(f"{name}: indexing {len(split.index)} pictures")
        adding[name] = _index(tracer, split)
    planned = plan(split, seed, 1 if quick else EDITS_PER_NEGATIVE)
    first = planned[0][0].make().pixels
    for tracer in tracers.values():
        tracer.trace(first)  # not timed: loads what is compiled
    outcomes = trial.ask_all(tracers, planned, processes, say)
    again = trial.ask_again(tracers[ours], ours, outcomes, AGAIN // 4 if quick else AGAIN)
    most = max(len(one.answers[ours].stages) for one in outcomes)
    deep = [one for one in outcomes if len(one.answers[ours].stages) == most]  # those that hashes answer are cheap
    timed = deep[:: max(1, len(deep) // TIMED)][: TIMED // 3 if quick else TIMED]
    stored = {name: tracer.bytes_per_picture() for name, tracer in tracers.items()}
    sizes = QUICK_SIZES if quick else SIZES
    grown = growth.measure(tracers[ours], len(split.index), sizes, timed, split.fit, say)
    return figures.Measured(outcomes, ours, tuple(peers), len(split.index), adding, stored, again, grown)


def _index(tracer: Tracer, split: Split) -> float:
    """CPU seconds for adding the index's pictures; reading them is not counted."""
    total = 0.0
    for one in split.index:
        pixels = one.load()
        began = time.process_time()
        tracer.add(one.key, pixels)
        total += time.process_time() - began
    return total


def _described(split: Split, seed: int, quick: bool, drawn: bool) -> dict[str, object]:
    counts = {name: len(getattr(split, name)) for name in ("fit", "index", "sources", "same_scene", "unrelated")}
    return {"seed": seed, "quick": quick, "drawn": drawn, **counts}


def _write(out: Path, measured: figures.Measured, described: Mapping[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("details.json", records.details(measured, described)),
        ("misses.json", records.misses(measured, described)),
    ):
        text = json.dumps(content, indent=1, default=trial.plain)
        (out / name).write_text(text + "\n", encoding="utf-8")
    series = [
        Series(name, score.recall_table(measured.outcomes, name).mean(axis=0).tolist())
        for name in (measured.ours, *measured.peers)
    ]
    chart = recall_chart(f"Recall after each edit, {described['sources']} sources", list(EDITS), series)
    (out / "recall.svg").write_text(chart, encoding="utf-8")


def _score_dataset(
    dataset: str, root: Path | None, contestants: Mapping[str, Callable[[], Tracer]], say: Say
) -> list[Row]:
    if root is None:
        raise InputError(path=dataset, cause="name its folder with --photos")
    read = datasets.READERS[dataset](root)
    return [row for name, make in contestants.items() for row in datasets.measure(read, name, make(), say)]
