"""A comparison of two pictures: what `safelight compare` says, and what it shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from safelight.model.derivation import Derivation
from safelight.model.region import AlteredRegion, RegionMap

COMPARISON_SCHEMA = 1
"""Version of `comparison.json`; raised when a field changes its meaning or goes. Schema: docs/compare.md."""


class Blur(StrEnum):
    """Which part of the pictures in a report is blurred beyond recovery."""

    ALL = "all"  # everything: what was put in place may be abusive, what was kept may be a victim
    OUTSIDE = "outside"  # all but what the outline of the replaced part encloses
    NONE = "none"  # nothing


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """One of the two files. `name`: without its folders, printable.

    `sha256`, `md5`: lower-case hexadecimal. `size`: bytes. `mime`: told from the content. `width`, `height`: pixels,
    as displayed. `notes`: one line for each oddity of the file that bears on the comparison.
    """

    name: str
    sha256: str
    md5: str
    size: int
    mime: str
    width: int
    height: int
    notes: tuple[str, ...] = ()


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
class Comparison:
    """What is known of a suspect picture and the original it may come from: `comparison.json`.

    `made`: when, UTC, whole seconds. `statement`: the verdict in one or two plain sentences. `same_bytes`: the files
    are one and the same. `pdq_distance`: bits of 256 between the nearest of the suspect's eight turned and mirrored
    hashes and the original's; None when either cannot be hashed. `shares` and `region` are None unless the verdict is
    `derivative`; `region.mask` names the mask's file in the report's folder. `cannot_conclude`: plain sentences.
    `confinement`: what held the decoders, as in `ScanSummary`. `blur`: of the pictures in the report.
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
