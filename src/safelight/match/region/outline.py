"""Moves the outline of a found region to where the pictures begin to differ.

Evidence is gathered over neighbourhoods, so its outline is blurred. Across a true outline the plain difference climbs
from the level outside to that inside; the outline belongs at half of it, also where the edge was made soft.
"""

import cv2
import numpy as np

from safelight.match.region.cut import cut
from safelight.match.region.frame import Mask, Plane

_BAND = 13  # pixels, width of the band around the old outline in which the new one may lie
_INNER, _OUTER = 5, 9  # pixels, what is left of the old outline before levels are taken
_REACH = 5.0  # pixels, how far levels are carried into the band
_SMOOTH = 1.5  # pixels, over which the difference itself is averaged
_LEAST = 2.0  # levels that inside and outside must be apart
_PULL, _FAST = 3.0, 6.0  # log-odds inside the band at most; outside of it
_LENGTH = 4.0  # cost of a pixel of outline
_STEPS = 60


def _square(side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.ones((side, side), np.uint8)


def _level(difference: Plane, where: Plane) -> tuple[Plane, Plane]:
    """The mean difference of the nearest pixels `where` (0 or 1), and how much there was to average."""
    share = np.asarray(cv2.GaussianBlur(where, (0, 0), _REACH), np.float32)
    heard = np.asarray(cv2.GaussianBlur(difference * where, (0, 0), _REACH), np.float32)
    return heard / (share + np.float32(1e-6)), share


def settled(shares: Plane, difference: Plane, usable: Mask) -> Plane:
    """A cut with its outline at half height. `shares`: the cut; `difference`: levels; all of one shape."""
    region = (shares > 0.5).astype(np.uint8)
    if not region.any():
        return shares
    free = usable.astype(np.float32)
    inside, above = _level(difference, cv2.erode(region, _square(_INNER)).astype(np.float32) * free)
    outside, below = _level(difference, (1 - cv2.dilate(region, _square(_OUTER))).astype(np.float32) * free)
    climb = inside - outside
    band = (cv2.dilate(region, _square(_BAND)) > 0) & (cv2.erode(region, _square(_BAND)) == 0)
    known = band & usable & (above > 1e-3) & (below > 1e-4) & (climb > _LEAST)
    height = (cv2.GaussianBlur(difference, (0, 0), _SMOOTH) - outside) / np.maximum(climb, _LEAST)
    pull = np.where(region > 0, np.float32(_FAST), np.float32(-_FAST))
    pull = np.where(known, np.clip((height - 0.5) * 2 * _PULL, -_PULL, _PULL), pull)
    return cut(np.where(band & ~usable, 0, pull).astype(np.float32), _LENGTH, _STEPS)
