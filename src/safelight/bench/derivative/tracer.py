"""What a contestant of the derivative benchmark must offer, and the baselines that run beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.draft import Rgb
from safelight.fingerprint import pdq
from safelight.model.region import RegionMap

NEAR = "near"
DERIVATIVE = "derivative"
SHARED_SCENE = "shared_scene"
NONE = "none"
"""Verdict of a result that passes no threshold: it counts for the ranking (uAP, R@P90), and for nothing else."""

RECALLED = frozenset({NEAR, DERIVATIVE})
"""Verdicts that say: this picture came from that one."""


@dataclass(frozen=True, slots=True)
class Traced:
    """One candidate source.

    `key`: as given to `Tracer.add`. `verdict`: NEAR, DERIVATIVE, SHARED_SCENE or NONE. `score`: higher is surer, on
    one scale for all queries. `matrix`: float64, shape (2, 3), takes (x, y) of the query to the source's, or None.
    `evidence`: what the verdict rests on; the same input must give the same evidence.
    """

    key: str
    verdict: str
    score: float
    matrix: NDArray[np.float64] | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)


class Tracer(Protocol):
    """Traces pictures back to sources. With several processes, each gets a forked copy once all is added."""

    def add(self, key: str, pixels: Rgb) -> None:
        """Index a picture."""

    def trace(self, pixels: Rgb) -> list[Traced]:
        """Candidate sources, best first; each key at most once."""

    def localise(self, pixels: Rgb, source: Rgb, traced: Traced) -> RegionMap | None:
        """Where `pixels` differs from `source`, given what `trace` found; None when that cannot be told."""

    def bytes_per_picture(self) -> float:
        """Bytes stored for an indexed picture, on average."""


@runtime_checkable
class HasStages(Protocol):
    """A tracer that says where its time goes."""

    def stages(self) -> Mapping[str, float]:
        """CPU seconds of each stage of the last `trace`."""


@runtime_checkable
class HasPadding(Protocol):
    """A tracer that can be filled up for timing without pictures."""

    def pad(self, count: int) -> None:
        """Index `count` sets of features made by jittering real ones; their keys match no picture."""


class PdqTracer:
    """PDQ by Hamming distance, the baseline: `near` up to `radius`; `ranked` candidates in all.

    With `dihedral` the query's eight forms are looked up; otherwise only the picture as it stands.
    """

    def __init__(self, *, dihedral: bool, radius: int = 31, ranked: int = 10) -> None:
        self._forms = 8 if dihedral else 1
        self._radius = radius
        self._ranked = ranked
        self._keys: list[str] = []
        self._codes: list[bytes] = []

    def add(self, key: str, pixels: Rgb) -> None:
        """Index a picture; one without a PDQ cannot be found."""
        found = pdq.pdq(pixels)
        if found is not None:
            self._keys.append(key)
            self._codes.append(bytes.fromhex(found.hash))

    def trace(self, pixels: Rgb) -> list[Traced]:
        """The nearest pictures; score is 256 less the distance."""
        found = pdq.pdq(pixels)
        if found is None or not self._codes:
            return []
        stored = np.frombuffer(b"".join(self._codes), np.uint64).reshape(-1, 1, 4)
        forms = np.frombuffer(bytes.fromhex("".join(found.dihedral[: self._forms])), np.uint64).reshape(1, -1, 4)
        distances = np.bitwise_count(stored ^ forms).sum(axis=2, dtype=np.int64).min(axis=1)
        best = np.argsort(distances, kind="stable")[: self._ranked].tolist()
        return [
            Traced(
                self._keys[row],
                NEAR if distances[row] <= self._radius else NONE,
                256.0 - float(distances[row]),
                evidence={"distance": int(distances[row])},
            )
            for row in best
        ]

    def localise(self, pixels: Rgb, source: Rgb, traced: Traced) -> RegionMap | None:  # noqa: ARG002  the protocol's
        """A hash of the whole picture says nothing about its parts."""
        return None

    def bytes_per_picture(self) -> float:
        """The code alone."""
        return 32.0


BASELINES: Mapping[str, Callable[[], Tracer]] = {
    "PDQ@31": partial(PdqTracer, dihedral=False),
    "PDQ dihedral@31": partial(PdqTracer, dihedral=True),
}
"""What every run measures beside our own, by name."""
