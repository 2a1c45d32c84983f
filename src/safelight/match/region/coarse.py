"""Altered regions without the source's pixels: from which of its tiles, or of its keypoints, are still there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Mask, Matrix, checked_matrix, outside_source
from safelight.model.region import Box, RegionBasis, RegionMap

Size = tuple[int, int]
"""Width and height in pixels."""

GRID = 96
"""Longest side, in cells, of the grid on which regions are worked out before they take the suspect's size."""
FOUND, MISSED = 3.2, -1.3
"""Nats that a keypoint found, or not found, at its place gives for its surroundings being unaltered.

In unaltered places about three in four answer, in replaced ones about one in forty: log(.75 / .03), log(.25 / .97).
"""
PRIOR = 1.0
"""Nats for unaltered, before any keypoint has spoken."""
REACH = 0.035
"""Share of the suspect's diagonal over which a keypoint speaks for its surroundings (a Gaussian's deviation)."""
REPLACED = -0.5
"""Nats below which a place counts as replaced."""
LEAST_AREA = 0.01
"""Share of the suspect that a spot must have; smaller ones come from a few keypoints that did not answer."""
_FULL = 4.0  # nats at which confidence is full


def coarse_region(size: Size, matrix: Matrix, agreeing: Mask, known: Mask, source: Size) -> RegionMap:
    """The cells of the source's grid that differ, as a region of the suspect.

    Args:
        size: of the suspect.
        matrix: float64, shape (2, 3), from pixels of the suspect to those of the source.
        agreeing: bool, shape (rows, columns): cells of the source that are unaltered.
        known: the same shape: cells of which anything is known. One that is known and does not agree was replaced.
        source: size of the source.

    Raises:
        ValueError: a matrix that is singular or not finite.
    """
    matrix = checked_matrix(matrix)
    grid = _grid(size)
    rows, columns = known.shape
    x, y = _centres(size, grid)
    across = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + 0.5) / source[0]
    along = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + 0.5) / source[1]
    row = np.clip(np.floor(along * rows), 0, rows - 1).astype(np.int64)
    column = np.clip(np.floor(across * columns), 0, columns - 1).astype(np.int64)
    inside = (across >= 0) & (across < 1) & (along >= 0) & (along < 1)
    told = known[row, column] & inside
    confidence = np.where(told, 128, 0).astype(np.uint8)
    return _painted(RegionBasis.TILES, size, matrix, source, told & ~agreeing[row, column], confidence)


def keypoint_region(
    size: Size, matrix: Matrix, places: NDArray[np.float64], agree: NDArray[np.bool_], source: Size
) -> RegionMap:
    """Where keypoints of the source do not answer any more, as a region of the suspect.

    Args:
        size: of the suspect.
        matrix: float64, shape (2, 3), from pixels of the suspect to those of the source.
        places: float64, shape (n, 2), of the source's keypoints that were looked for, in its pixels.
        agree: bool, shape (n,): those that were found.
        source: size of the source.

    Raises:
        ValueError: a matrix that is singular or not finite.
    """
    matrix = checked_matrix(matrix)
    grid = _grid(size)
    back = np.linalg.inv(np.vstack((matrix, [0.0, 0.0, 1.0])))[:2]
    seen = places @ back[:, :2].T + back[:, 2]
    column = np.floor((seen[:, 0] + 0.5) * grid[0] / size[0]).astype(np.int64)
    row = np.floor((seen[:, 1] + 0.5) * grid[1] / size[1]).astype(np.int64)
    kept = (column >= 0) & (column < grid[0]) & (row >= 0) & (row < grid[1])
    nats = np.zeros((grid[1], grid[0]))
    heard = np.zeros((grid[1], grid[0]))
    np.add.at(nats, (row[kept], column[kept]), np.where(agree[kept], FOUND, MISSED))
    np.add.at(heard, (row[kept], column[kept]), 1.0)
    deviation = max(REACH * float(np.hypot(*grid)), 0.5)
    nats, heard = (_spread(values, deviation) for values in (nats, heard))
    evidence = PRIOR + nats
    replaced = _cleaned(evidence < REPLACED)
    strength = np.clip(np.abs(evidence) / _FULL, 0, 1) * np.clip(heard, 0, 1)
    return _painted(RegionBasis.KEYPOINTS, size, matrix, source, replaced, np.rint(255 * strength).astype(np.uint8))


def _grid(size: Size) -> Size:
    factor = min(1.0, GRID / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _centres(size: Size, grid: Size) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The suspect's pixels at the middle of each cell: x of shape (1, columns), y of shape (rows, 1)."""
    x = (np.arange(grid[0]) + 0.5) * size[0] / grid[0] - 0.5
    y = (np.arange(grid[1]) + 0.5) * size[1] / grid[1] - 0.5
    return x[None, :], y[:, None]


def _spread(values: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """Each keypoint's word carried to its surroundings; in its own place it counts in full."""
    blurred = cv2.GaussianBlur(values, (0, 0), deviation, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred * (2 * np.pi * deviation**2), dtype=np.float64)


def _cleaned(mask: Mask) -> Mask:
    """The mask without spots smaller than LEAST_AREA."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    large = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] >= LEAST_AREA * mask.size]
    return np.isin(labels, large)


def _painted(
    basis: RegionBasis, size: Size, matrix: Matrix, source: Size, replaced: Mask, confidence: NDArray[np.uint8]
) -> RegionMap:
    """The region at the suspect's size. `replaced`, `confidence`: on the grid."""
    outside = outside_source(size, matrix, source, 0.0)
    large = cv2.resize(replaced.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    mask: Mask = large & ~outside
    sure = np.asarray(cv2.resize(confidence, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    return RegionMap(basis, mask, np.zeros_like(mask), outside, np.where(outside, np.uint8(255), sure), _box(mask))


def _box(mask: Mask) -> Box | None:
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
