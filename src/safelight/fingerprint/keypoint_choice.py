"""Which keypoints of a picture are kept: the strong ones, but not all in one place.

Where half of a picture is replaced or cropped away, what is left must still hold keypoints. So a keypoint counts less
the more stronger ones its part of the picture has.
"""

import numpy as np
from numpy.typing import NDArray

GRID = 6
"""Parts of the picture each way."""


def chosen(
    response: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32], width: int, height: int, count: int
) -> NDArray[np.int64]:
    """Positions, ascending, of at most `count` keypoints out of those given from strongest to weakest.

    The k-th keypoint of its cell, in a division of the picture into GRID x GRID, counts with its response times
    e^(-k / 2s), where s is a cell's fair share, `count` / GRID^2.
    """
    if len(x) <= count:
        return np.arange(len(x))
    cell = _cells(y, height) * GRID + _cells(x, width)
    by_cell = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[by_cell], np.arange(GRID * GRID))
    within = np.empty(len(x), dtype=np.int64)
    within[by_cell] = np.arange(len(x)) - starts[cell[by_cell]]
    worth = response * np.exp(-within * (GRID**2 / (2 * count)))
    return np.sort(np.argsort(-worth, kind="stable")[:count])


def _cells(values: NDArray[np.float32], side: int) -> NDArray[np.int64]:
    return np.clip((values * GRID / side).astype(np.int64), 0, GRID - 1)
