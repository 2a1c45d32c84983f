"""Asks every query of every contestant and notes what came back, what it cost, and how well it fits the truth."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from safelight.bench import asking
from safelight.bench.derivative.draft import Rgb
from safelight.bench.derivative.edits import REGION_EDITS, UNREPLACED_EDITS, Edited
from safelight.bench.derivative.queries import POSITIVE, Query
from safelight.bench.derivative.tracer import RECALLED, HasStages, Traced, Tracer
from safelight.model.region import RegionMap

OVERLAID_EDITS = ("text", "emoji")
LOCALISED_EDITS = frozenset({*REGION_EDITS, *UNREPLACED_EDITS, *OVERLAID_EDITS})

Say = Callable[[str], None]

_MOST_THREADS = numba.get_num_threads()


@dataclass(frozen=True, slots=True)
class Located:
    """A region map beside the truth.

    `iou`: intersection over union of `replaced` (1 when both are empty). `flagged`: share of the query said to be
    replaced. `digest`: of the map's masks. `seconds`: CPU time. `misaligned`: how far the candidate's matrix leads
    astray, in the mean over what is left of the source, as a share of the source's diagonal; None without a matrix.
    """

    iou: float
    flagged: float
    digest: str
    seconds: float
    misaligned: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one contestant made of one query. `seconds`: CPU time of `trace`; `located`: None if nothing was located."""

    results: tuple[Traced, ...]
    seconds: float
    stages: Mapping[str, float] = field(default_factory=dict)
    located: Located | None = None

    def find(self, key: str) -> Traced | None:
        """The result for that picture, if it was recalled (near or derivative)."""
        return next((one for one in self.results if one.key == key and one.verdict in RECALLED), None)

    def evidence(self) -> str:
        """All that must be the same on every run, as JSON."""
        results = [
            {
                "key": one.key,
                "verdict": one.verdict,
                "score": float(one.score),
                "matrix": None if one.matrix is None else one.matrix.tolist(),
                "evidence": dict(one.evidence),
            }
            for one in self.results
        ]
        located = None if self.located is None else self.located.digest
        return json.dumps({"results": results, "located": located}, sort_keys=True, default=plain)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A query with every contestant's answer, by the contestant's name."""

    query: Query
    answers: Mapping[str, Answer]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let OpenCV and numba use that many threads meanwhile."""
    before = cv2.getNumThreads(), numba.get_num_threads()
    cv2.setNumThreads(count)
    numba.set_num_threads(min(count, _MOST_THREADS))
    try:
        yield
    finally:
        cv2.setNumThreads(before[0])
        numba.set_num_threads(before[1])


def ask_all(tracers: Mapping[str, Tracer], plan: Sequence[Sequence[Query]], processes: int, say: Say) -> list[Outcome]:
    """Ask all queries of all contestants: see `bench.asking.ask_all`."""

    def of_all(query: Query) -> Outcome:
        edited = query.make()
        return Outcome(query, {name: ask(tracer, query, edited) for name, tracer in tracers.items()})

    return asking.ask_all(of_all, plan, processes, say, step=200)


def ask(tracer: Tracer, query: Query, edited: Edited) -> Answer:
    """Ask one contestant; what it recalls of the right source is located where the protocol measures that."""
    began = time.process_time()
    results = tuple(tracer.trace(edited.pixels))
    seconds = time.process_time() - began
    stages = dict(tracer.stages()) if isinstance(tracer, HasStages) else {}
    answer = Answer(results, seconds, stages)
    found = answer.find(query.picture.key) if query.group == POSITIVE else None
    if found is None or query.edit not in LOCALISED_EDITS:
        return answer
    return Answer(results, seconds, stages, _locate(tracer, edited, query.picture.load(), found))


def _locate(tracer: Tracer, edited: Edited, source: Rgb, found: Traced) -> Located | None:
    began = time.process_time()
    region = tracer.localise(edited.pixels, source, found)
    seconds = time.process_time() - began
    if region is None:
        return None
    return Located(
        iou=overlap(region.replaced, edited),
        flagged=region.replaced_share,
        digest=_digest(region),
        seconds=seconds,
        misaligned=None if found.matrix is None else misalignment(found.matrix, edited, source),
    )


def overlap(replaced: NDArray[np.bool_], edited: Edited) -> float:
    """Intersection over union of what is said to be replaced with the truth.

    Pixels where an overlay lies on replaced content are left out, since either name is right for them; an overlay on
    the source's own content counts as not replaced.
    """
    counted = ~(edited.replaced & edited.overlay)
    said, true = replaced & counted, edited.replaced & counted
    union = int((said | true).sum())
    return int((said & true).sum()) / union if union else 1.0


def misalignment(matrix: NDArray[np.float64], edited: Edited, source: Rgb) -> float:
    """Mean distance, as a share of the source's diagonal, between where two matrices take the source's pixels."""
    rows, columns = np.nonzero(~edited.outside)
    off = (np.asarray(matrix) - edited.matrix) @ np.stack([columns, rows, np.ones(len(rows))])
    return float(np.hypot(*off).mean() / np.hypot(*source.shape[:2]))


def ask_again(tracer: Tracer, name: str, outcomes: Sequence[Outcome], count: int) -> tuple[int, int]:
    """Ask `count` evenly chosen queries again with two threads: how many give the very evidence, of how many."""
    step = max(1, len(outcomes) // count)
    chosen = outcomes[::step][:count]
    with threads(2):
        same = sum(
            ask(tracer, one.query, one.query.make()).evidence() == one.answers[name].evidence() for one in chosen
        )
    return same, len(chosen)


def _digest(region: RegionMap) -> str:
    masks = (region.replaced, region.overlay, region.outside, region.confidence)
    return hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in masks)).hexdigest()


def plain(value: object) -> object:
    """Numpy's numbers and arrays as JSON takes them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"evidence must be plain numbers, texts, lists or mappings, not {type(value).__name__}")
