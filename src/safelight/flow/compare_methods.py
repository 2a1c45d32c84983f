"""What a comparison is made with: how two files are held against each other, given from outside."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.model.derivation import Derivation
from safelight.model.local import LocalExamination
from safelight.model.region import RegionMap
from safelight.model.scan import Examination
from safelight.model.segment import Segment

Rgb = NDArray[np.uint8]
Align = Callable[[LocalExamination, LocalExamination], Derivation | None]
"""Told of the suspect and of the original, says how they hang together; None when nothing of it was found."""
FindRegion = Callable[[Rgb, Rgb, NDArray[np.float64]], RegionMap]
"""Given the suspect, the original and the matrix from the one's pixels to the other's, maps where they differ."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a suspect video lies in an original, in time. `segments`: in the order of the suspect's time.

    `derivation`: the verdict and what it rests on; `p_false_match` is the chance that a video which shows nothing of
    the original looks as if it did. What a derivation says of places in pictures is not told.
    """

    derivation: Derivation
    segments: tuple[Segment, ...] = ()


Place = Callable[[Examination, Examination], Placement]
"""Told of the suspect video and of the original, with their clips and key frames, says what is where in time."""


@dataclass(frozen=True, slots=True)
class Methods:
    """All of them; each is asked only when a comparison comes to it."""

    align: Align
    find_region: FindRegion
    place: Place
