"""Puts together what was found into a map of the suspect."""

import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Mask
from safelight.model.region import Box, RegionBasis, RegionMap


def bounding_box(mask: Mask) -> Box | None:
    """The smallest box that holds all that is set, None when nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def region_map(
    basis: RegionBasis, replaced: Mask, overlay: Mask, outside: Mask, confidence: NDArray[np.uint8]
) -> RegionMap:
    """A map whose masks share no pixel: `outside` goes before `replaced`, and that before `overlay`."""
    replaced = replaced & ~outside
    overlay = overlay & ~outside & ~replaced
    return RegionMap(basis, replaced, overlay, outside, confidence, bounding_box(replaced))
