"""Pictures with a part from elsewhere, and how well a map tells it."""

import numpy as np
from numpy.typing import NDArray

from safelight.detect.maps.planes import block_means
from safelight.model.maps import BlockMap, Maps
from tests.detect.coding.pictures import jpeg, photo, resaved

BOX = (160, 96, 336, 240)
"""Left, top, right, bottom of the part."""


def forged(seed: int, *, last: int, first: int = 60, patch: int = 95) -> bytes:
    """A part of a picture saved at `patch`, put into one saved at `first`; all saved at `last`."""
    left, top, right, bottom = BOX
    ground = resaved(photo(seed), first)
    ground[top:bottom, left:right] = resaved(photo(seed + 100), patch)[top:bottom, left:right]
    return jpeg(ground, last)


def truth(maps: Maps, drawn: BlockMap) -> NDArray[np.bool_]:
    """Which squares of a map lie in the part."""
    left, top, right, bottom = maps.area
    mask = np.zeros((bottom, right), np.float32)
    mask[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 1
    return np.asarray(block_means(np.ascontiguousarray(mask[top:, left:]), drawn.block) > 0.5)


def auc(values: NDArray[np.float32], part: NDArray[np.bool_]) -> float:
    """Chance that a square of the part has a higher value than one of the rest; ties count half."""
    known = np.isfinite(values)
    inside, outside = values[known & part], values[known & ~part]
    return float(np.mean((inside[:, None] > outside) + 0.5 * (inside[:, None] == outside)))
