"""The plug-in point of marks in pixels: decoders that are not Safelight's own (docs/plugins.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from safelight.model.signal import Forgeable, Says, Signal


class MarkerState(StrEnum):
    """What a decoder may say of a picture."""

    PRESENT = "present"  # the mark is there
    ABSENT = "absent"  # it is not, or the picture cannot carry it; that says nothing of the picture
    UNDECIDABLE = "undecidable"  # there is something, and it may be the mark


@dataclass(frozen=True, slots=True)
class MarkerReading:
    """A decoder's answer. `figures`: what was measured, named with its unit. `detail`: in words, one line."""

    state: MarkerState
    figures: Mapping[str, float] = field(default_factory=dict)
    detail: str = ""


@runtime_checkable
class MarkerDecoder(Protocol):
    """Tells whether one kind of mark is in a picture's pixels. It is called from one thread, inside a confined process.

    Deterministic: the same pixels give the same answer, on every run. Nothing is opened, written or asked for once it
    has decoded its first picture.
    """

    name: str
    """As its entry point has it."""
    version: str
    """Of the decoder with its weights: results are understood only with it."""
    generator: str
    """The programs or models that embed the mark, as people know them."""
    says: Says
    """What the mark says of how a picture was made: `AI_MADE`, `AI_USED` or `NOTHING`."""
    forgeable: Forgeable
    """Who could put it into a picture of which that is not true."""
    source: str
    """Where the mark is described."""
    as_of: str
    """ISO date of that description."""

    def decode(self, pixels: NDArray[np.uint8]) -> MarkerReading:
        """`pixels`: uint8, (height, width, 3), C-contiguous RGB as stored, of any size; read-only."""
        ...


class MarkerReader(Protocol):
    """A loaded decoder as the flows see it."""

    name: str

    def read(self, pixels: NDArray[np.uint8]) -> Signal | None:
        """What the decoder says of one frame, as a signal; None when the mark is absent. Never raises."""
        ...
