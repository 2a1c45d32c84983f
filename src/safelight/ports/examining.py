"""Untrusted files on their way through the confined workers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from safelight.model.clip import ClipRequest
from safelight.model.fingerprint import Digests
from safelight.model.local import LocalRequest, Want
from safelight.model.scan import Examination
from safelight.model.signal import SignalRequest


@dataclass(frozen=True, slots=True)
class ExamineJob:
    """One top-level file for the examiner.

    `key` comes back with each result. `path` is opened by the parent as it is (it may hold undecodable bytes as
    surrogates); `name` is what results call the file: printable UTF-8. `local`: how to take local features, tile
    hashes and the working picture, with keypoints where `Examiner.run`'s `wanted` says so; None for not at all.
    `pixels`: longest side of the RGB picture to hand over with each result, 0 for none. `signals`: what to read of how
    the file was made; None for nothing. `clip`: how closely to look at videos; None for digests alone.
    """

    key: int
    path: str
    name: str
    thumbnail: bool = False
    local: LocalRequest | None = None
    pixels: int = 0
    signals: SignalRequest | None = None
    clip: ClipRequest | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """One result. `member` counts the examinations of one job from 0; `last` marks the job's final one."""

    key: int
    member: int
    examination: Examination
    last: bool


Known = Callable[[int, Digests], bool]
"""Told a job's key and the digests of a file in it, says whether these bytes need not be decoded again."""

Wanted = Callable[[int, Examination], bool | Want]
"""Told a job's key and what hashes show of a picture or a video in it: what is to be added? True: keypoints."""


class Examiner(Protocol):
    """Examines untrusted files in confined workers. A crash, hang or bomb becomes that file's result."""

    def run(
        self, jobs: Iterable[ExamineJob], known: Known | None = None, wanted: Wanted | None = None
    ) -> AbstractContextManager[Iterator[Examined]]:
        """Results as they come: members of one job in order, jobs in any order. `jobs` is read lazily.

        `known(key, digests)` is asked before a file of job `key` is decoded; True means "digests are enough".
        `wanted(key, examination)` is asked of each decoded picture of a job with `local`, also of one that has no hash,
        and of each video of a job with `clip`, and perhaps again after a crash; None means keypoints of all.
        """
        ...

    @property
    def confinement(self) -> dict[str, str]:
        """What holds the workers (rlimits, Landlock, seccomp), as `ScanSummary.confinement`; known once one is up."""
        ...

    @property
    def spent(self) -> dict[str, float]:
        """Seconds that workers were busy in the last run, added up: on `keypoints`; on `hashes`, the rest."""
        ...
