"""Where a picture differs from its known source."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels; right and bottom are one past the last."""


class RegionBasis(StrEnum):
    """What an altered region was found with, finest first."""

    PIXELS = "pixels"  # both pictures were at hand
    KEYPOINTS = "keypoints"  # the source's stored keypoints, looked for at their places in the query
    TILES = "tiles"  # the source's stored tile hashes: a grid of 4x4 cells


@dataclass(frozen=True, slots=True)
class RegionMap:
    """A suspect picture compared with its source, pixel by pixel of the suspect.

    All arrays have the shape (height, width) of the suspect. `replaced`, `overlay`, `outside`: bool; no pixel is in
    two of them. `replaced`: other content stands where the source's should. `overlay`: something was laid over the
    source (text, a sticker, a drawn mark). `outside`: the source does not reach there (borders, frames, another
    picture beside it), so nothing can be said. `confidence`: uint8, 0 (nothing to go by) to 255, how surely the pixel
    is what the map says. Shares are of the whole suspect, 0 to 1. `box` bounds `replaced`, None when it is empty.
    """

    basis: RegionBasis
    replaced: NDArray[np.bool_]
    overlay: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    confidence: NDArray[np.uint8]
    box: Box | None

    @property
    def replaced_share(self) -> float:
        """Share of the suspect that was replaced."""
        return float(self.replaced.mean())

    @property
    def overlay_share(self) -> float:
        """Share of the suspect that lies under an overlay."""
        return float(self.overlay.mean())

    @property
    def outside_share(self) -> float:
        """Share of the suspect that has no counterpart in the source."""
        return float(self.outside.mean())

    @property
    def unchanged_share(self) -> float:
        """Share of the suspect that is the source's own picture."""
        return float(1 - (self.replaced | self.overlay | self.outside).mean())


@dataclass(frozen=True, slots=True)
class AlteredRegion:
    """A `RegionMap` as it is told in results. Shares are of the whole suspect, 0 to 1.

    `area`: share that was replaced; `bbox` bounds it in the suspect's pixels (None when nothing was). `mask`: PNG of
    the suspect's size under the scan's output folder, white where replaced; None when it was not written. `overlay`:
    share under text, stickers or marks; `outside`: share without counterpart in the source. `basis`: what it was
    found with; on `tiles` the outline is a grid of 4x4 cells. `confidence`: mean over what is told as replaced, or
    over the compared rest when nothing is, 0 to 1. `face`: does a detected face box overlap the replaced region; None
    when faces were not looked for.
    """

    area: float
    bbox: Box | None
    basis: RegionBasis
    overlay: float = 0.0
    outside: float = 0.0
    confidence: float = 0.0
    mask: str | None = None
    face: bool | None = None
