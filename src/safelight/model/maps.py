"""The examiner's maps: what a picture's pixels show of its history, place by place. Drawings, never a score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.model.region import Box


@dataclass(frozen=True, slots=True)
class QuantTable:
    """A quantisation table of a JPEG. `id`: 0 to 3; `bits`: 8 or 16; `values`: 64 steps, row by row (not zigzag)."""

    id: int
    bits: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BlockMap:
    """One map: a value for each square of `block` pixels of `Maps.area`, from its top left corner.

    `values`: float32, shape (rows, columns); NaN where nothing can be said. `low`, `high`: values that the ends of the
    colour scale stand for, in `unit`. `caption`: how to read it, and how it misleads, in plain words.
    """

    name: str
    title: str
    values: NDArray[np.float32]
    block: int
    unit: str
    low: float
    high: float
    caption: str


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often each level of one DCT frequency occurs. `across`, `down`: 0 to 7, which frequency.

    `step`: what the levels are counted in. `counts[i]`: blocks at level `first + i`. `period`: levels after which the
    pattern repeats, and `strength`: how far that stands out, in times of what chance gives; both 0 where nothing does.
    """

    across: int
    down: int
    step: int
    first: int
    counts: tuple[int, ...]
    period: float = 0.0
    strength: float = 0.0


@dataclass(frozen=True, slots=True)
class Maps:
    """All that is drawn of one picture. `width`, `height`: of the picture; `area`: the part that was looked at.

    `frequencies`: of the luminance, the strongest pattern first, as `frequencies_caption` tells to read. `tables`: the
    file's own, empty for other formats than JPEG. `notes`: what was left out, and why.
    """

    width: int
    height: int
    area: Box
    blocks: tuple[BlockMap, ...]
    frequencies: tuple[Frequency, ...]
    frequencies_caption: str
    tables: tuple[QuantTable, ...] = ()
    notes: tuple[str, ...] = ()
