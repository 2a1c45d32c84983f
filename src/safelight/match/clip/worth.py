"""What agreement of two rows counts, and how likely chance makes it.

What it counts (`..._worth`) is a weight of a vote, bounded, and smooth in distance, so that a few bits less mean a
better placing. How likely it is between unrelated videos (`..._chance`) is what `verdict` reckons with.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.match.chance import log10_chance
from safelight.match.local import verdict_table
from safelight.match.tiles import LOOSE

MIN_QUALITY = 3
"""PDQ quality that whole frames of both must have: the less there is to see, the higher the chance."""
TILE_QUALITY = 5
"""The same for tiles."""
FRAME_BITS, TILE_BITS = 70, 80
"""Distances up to which whole frames, and tiles in place, of a query and one candidate agree.

Wider than for candidates: one pair has few rows. Of 1.9 million pairs of rows of unrelated videos, none had two tiles
within 86 bits in the same places.
"""
LEAST_TILES = 2
"""Tiles of a row that must agree in place."""
MOST_WORTH = 12.0
"""Nats that one row can count."""
TILES_BASE = 3.0
"""Nats for enough tiles in place, besides what each counts."""


def frame_worth(distance: NDArray[Any]) -> NDArray[np.float32]:
    """Nats of whole frames at a distance of 0 to `FRAME_BITS`: from `MOST_WORTH` down to less than half of it."""
    return np.asarray(MOST_WORTH * (1 - np.asarray(distance, np.float32) / (2 * LOOSE)), np.float32)


def tile_worth(distance: NDArray[Any]) -> NDArray[np.float32]:
    """Nats of one of several agreeing tiles at a distance of 0 to `TILE_BITS`."""
    return np.asarray(1 - np.asarray(distance, np.float32) / (2 * LOOSE), np.float32)


def frame_chance(distance: NDArray[np.int16], quality: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Natural logarithm of the chance of whole frames so near, up to `FRAME_BITS`, by the lower quality of the two.

    Twice what `match.chance` measured on pictures: of 33 million pairs of frames of unrelated videos, up to twice as
    many as it says were within 74 to 90 bits, and none within 70.
    """
    return np.asarray(_frame_chances()[quality, distance] + np.log(2.0))


def tile_chance(count: NDArray[np.int16]) -> NDArray[np.float64]:
    """Natural logarithm of the chance that so many of 16 tiles agree in place.

    Of 1.9 million pairs of rows of unrelated videos none had two. Neighbouring tiles are not independent: each further
    one is taken to be no rarer than one in e.
    """
    return np.asarray(-np.log(1.9e6) - np.clip(count - LEAST_TILES, 0, 8), np.float64)


def keypoint_chance(log_ratio: float) -> float:
    """Natural logarithm of the chance of a known picture with such a log ratio, as `match.local.verdict` has it."""
    above = max(log_ratio - verdict_table.TAIL_FROM, 0.0) / verdict_table.TAIL_FALL
    return float(np.log(verdict_table.TAIL_SHARE / verdict_table.TAIL_SIZE) - min(above, 12.0))


@cache
def _frame_chances() -> NDArray[np.float64]:
    """(101 qualities, `FRAME_BITS` + 1 distances)."""
    table = [[log10_chance(distance, quality) for distance in range(FRAME_BITS + 1)] for quality in range(101)]
    return np.array(table, np.float64) * float(np.log(10))
