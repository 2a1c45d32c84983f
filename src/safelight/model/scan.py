"""Values that pass between the confined worker, the scan flow and the reports."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from safelight.model.assessment import Assessment
from safelight.model.clip import Clip, KeyFrame, Still
from safelight.model.decision import Decision
from safelight.model.fingerprint import Fingerprint
from safelight.model.hint import Hint
from safelight.model.local import LocalExamination
from safelight.model.maps import Maps
from safelight.model.match import Match
from safelight.model.media import MediaFacts
from safelight.model.provenance import Provenance
from safelight.model.signal import Prompt, Signal, SignalRequest

RESULT_SCHEMA = 2
"""Version of a `results.jsonl` row; raised when a field changes its meaning or goes. Schema: docs/results.md."""


class Depth(StrEnum):
    """How closely a scan looks."""

    HASHES = "hashes"  # digests, PDQ and the PDQ of tiles, for every picture
    FULL = "full"  # also keypoints, for what those leave open


class Status(StrEnum):
    """How far the examination of one file came."""

    OK = "ok"
    DEGRADED = "degraded"  # part of it was read; what is missing is named
    UNREADABLE = "unreadable"  # its bytes could not be read or decoded; `error` says why
    UNSUPPORTED = "unsupported"  # digests were compared; the type is not decoded
    SKIPPED = "skipped"  # not a regular file (link, device, socket ...); `error` says which


@dataclass(frozen=True, slots=True)
class Examination:
    """What the confined worker says of one file or archive member. `path` inside archives: `outer.zip!/inner/x.jpg`.

    `mime` is the sniffed type. `thumbnail` is a 16x16 RGB mosaic (768 bytes, base64) when one was asked for. `local`,
    `pixels` and `maps` hold what was asked for besides; they live in memory only and are in no row. Nor are, of a
    video, `clip` and `key_frames`, some of them with local features; `strip` are pictures of it, small as a thumbnail.
    `provenance`: what a C2PA manifest declares; None without one. `hint`: only when a detector was asked. `prompts`:
    texts that signals withhold; they are kept apart from all other results.
    """

    path: str
    status: Status
    mime: str = ""
    facts: MediaFacts | None = None
    fingerprint: Fingerprint | None = None
    signals: tuple[Signal, ...] = ()
    error: str | None = None
    thumbnail: str | None = None
    local: LocalExamination | None = None
    pixels: NDArray[np.uint8] | None = None
    provenance: Provenance | None = None
    hint: Hint | None = None
    prompts: tuple[Prompt, ...] = ()
    maps: Maps | None = None
    clip: Clip | None = None
    key_frames: tuple[KeyFrame, ...] = ()
    strip: tuple[Still, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanRow:
    """One line of `results.jsonl`. `family`: id of the family that the file is in by this scan's own matches.

    Of videos: `duration` in seconds, and `strip`, when thumbnails were asked for.
    """

    schema: int
    path: str
    sha256: str | None
    md5: str | None
    sha1: str | None
    size: int | None
    status: Status
    mime: str
    width: int | None
    height: int | None
    pdq: str | None
    pdq_quality: int | None
    decision: Decision
    matches: tuple[Match, ...]
    signals: tuple[Signal, ...]
    error: str | None
    duplicate_of: str | None = None
    family: str | None = None
    thumbnail: str | None = None
    provenance: Provenance | None = None
    hint: Hint | None = None
    assessment: Assessment = field(default_factory=Assessment)
    duration: float | None = None
    strip: tuple[Still, ...] = ()


@dataclass(frozen=True, slots=True)
class BankUse:
    """A bank as a scan used it: its settings and its numbers of live PDQ hashes and sketches at that moment."""

    name: str
    entries: int
    pdq_hashes: int
    threshold: int
    min_quality: int
    negative: bool
    sketches: int = 0


@dataclass(frozen=True, slots=True)
class TierUse:
    """What one tier of the last run of a scan took: pictures it looked at, seconds.

    `worker_seconds`: wall time of confined workers, added up over them. `search_seconds`: of looking things up.
    """

    pictures: int
    worker_seconds: float
    search_seconds: float


@dataclass(frozen=True, slots=True)
class ScanSummary:
    """What `summary.json` holds. Counts are of rows (files and archive members) unless said.

    `families` counts families, `largest_family` the rows of the largest. `by_status`, `by_outcome`, `by_mime` and
    `by_artificialness` count rows; `distances` counts, for each PDQ distance, the rows whose best near match has it;
    `seconds` is wall time over all runs of this scan. `confinement` says what held the decoders: rlimits, Landlock ABI
    version (0: none), seccomp. `depth`: how closely was looked; `hashes` also where no bank keeps local features.
    `tiers`: what `hashes` (decoding included) and `keypoints` took. `looked_for`: signals, None when not for any.
    """

    schema: int
    version: str
    paths: tuple[str, ...]
    banks: tuple[BankUse, ...]
    started: datetime
    finished: datetime
    seconds: float
    runs: int
    processes: int
    files: int
    rows: int
    bytes: int
    duplicates: int
    found: int
    families: int = 0
    largest_family: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    by_outcome: dict[str, int] = field(default_factory=dict)
    by_mime: dict[str, int] = field(default_factory=dict)
    distances: dict[int, int] = field(default_factory=dict)
    confinement: dict[str, str] = field(default_factory=dict)
    depth: Depth = Depth.HASHES
    tiers: dict[str, TierUse] = field(default_factory=dict)
    by_artificialness: dict[str, int] = field(default_factory=dict)
    looked_for: SignalRequest | None = None
