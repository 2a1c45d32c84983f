"""A comparison of two pictures, or of two videos: what `safelight compare` says, and what it shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from safelight.model.derivation import Derivation
from safelight.model.region import AlteredRegion, RegionMap
from safelight.model.segment import Segment

COMPARISON_SCHEMA = 1
"""Version of `comparison.json`; raised when a field changes its meaning or goes. Schema: docs/compare.md."""

MAX_INSTANTS = 6
"""Moments of two videos that are held against each other pixel by pixel."""


class Blur(StrEnum):
    """Which part of the pictures in a report is blurred beyond recovery."""

    ALL = "all"  # everything: what was put in place may be abusive, what was kept may be a victim
    OUTSIDE = "outside"  # all but what the outline of the replaced part encloses
    NONE = "none"  # nothing


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """One of the two files. `name`: without its folders, printable.

    `sha256`, `md5`: lower-case hexadecimal. `size`: bytes. `mime`: told from the content. `width`, `height`: pixels,
    as displayed. `notes`: one line for each oddity of the file that bears on the comparison. `duration`: of a video,
    seconds that could be read; None for pictures.
    """

    name: str
    sha256: str
    md5: str
    size: int
    mime: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of the suspect picture, 0 to 1; the first four add up to 1.

    `unchanged`: the original's own picture. `replaced`: other content in its place. `overlay`: under text, stickers or
    marks. `outside`: the original does not reach there. `of_original`: share of the original that the unchanged part
    shows.
    """

    unchanged: float
    replaced: float
    overlay: float
    outside: float
    of_original: float


@dataclass(frozen=True, slots=True)
class Instant:
    """A frame of the suspect video held against the frame of the original that it fits best.

    `time`, `source_time`: seconds of the suspect and of the original. `derivation`, `shares` and `region` are of these
    two frames, as those of a comparison of pictures.
    """

    time: float
    source_time: float
    derivation: Derivation
    shares: Shares | None = None
    region: AlteredRegion | None = None


@dataclass(frozen=True, slots=True)
class ClipComparison:
    """What a suspect video shows of the original, and when.

    `segments`: in the order of the suspect's time; the track of each holds the regions of the instants that lie in it.
    `share`: of the suspect's seconds that they cover, `source_share`: of the original's that they show, 0 to 1; both
    None without segments. `instants`: at most `MAX_INSTANTS`, in the order of time.
    """

    segments: tuple[Segment, ...] = ()
    share: float | None = None
    source_share: float | None = None
    instants: tuple[Instant, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is known of a suspect picture or video and the original it may come from: `comparison.json`.

    `made`: when, UTC, whole seconds. `statement`: the verdict in one or two plain sentences. `same_bytes`: the files
    are one and the same. `pdq_distance`: bits of 256 between the nearest of the suspect's eight turned and mirrored
    hashes and the original's; None when either cannot be hashed. `shares` and `region` are None unless the verdict is
    `derivative`; `region.mask` names the mask's file in the report's folder. `cannot_conclude`: plain sentences.
    `confinement`: what held the decoders, as in `ScanSummary`. `blur`: of the pictures in the report. `clips`: of two
    videos; then `pdq_distance`, `shares` and `region` are None, and `derivation` says nothing of places and keypoints.
    None of two pictures.
    """

    schema: int
    version: str
    made: datetime
    statement: str
    suspect: ComparedFile
    original: ComparedFile
    same_bytes: bool
    pdq_distance: int | None
    derivation: Derivation
    shares: Shares | None
    region: AlteredRegion | None
    cannot_conclude: tuple[str, ...]
    confinement: dict[str, str]
    blur: Blur
    clips: ClipComparison | None = None


@dataclass(frozen=True, slots=True)
class ComparedPictures:
    """What a report shows of a comparison; in memory only.

    `suspect`, `original`: uint8 RGB, shape (height, width, 3), as displayed, made smaller. `matrix`: float64, shape
    (2, 3), from coordinates of that suspect to those of that original, centres of pixels at whole numbers; None when
    they are not to be laid over each other. `region`: of that suspect; None unless `matrix` is there.
    """

    suspect: NDArray[np.uint8]
    original: NDArray[np.uint8]
    matrix: NDArray[np.float64] | None = None
    region: RegionMap | None = None


@dataclass(frozen=True, slots=True)
class ComparedFrames:
    """What a report shows of a comparison of two videos: a pair of frames for each of its instants, in their order."""

    instants: tuple[ComparedPictures, ...] = ()


Compared = ComparedPictures | ComparedFrames
