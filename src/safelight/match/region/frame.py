"""Geometry of a comparison: which part of the suspect the source covers, and both of them on one grid of pixels.

Coordinates are (x, y); the centre of the first pixel is (0, 0), as in OpenCV. A matrix is float64 of shape (2, 3) and
takes coordinates of the suspect to those of the source.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.model.region import Box

Matrix = NDArray[np.float64]
Rgb = NDArray[np.uint8]
Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

WORKING_SIDE = 512
"""Longest side, in pixels, at which pictures are compared."""

SLACK = 1.0
"""Pixels that a place may lie beyond the source's edge and still belong to it: matrices are not exact."""

_MOST_ENLARGED = 2.0  # small pictures are compared enlarged: outlines and blur are finer than their pixels
_MOST_SCALE = 1e4  # between the sizes of a pixel here and there; no picture comes near it
_MOST_STRETCH = 1e3  # longest over shortest axis of a mapped pixel


@dataclass(frozen=True, slots=True)
class Frame:
    """The working grid. `box`: the part of the suspect that it shows. `size`: (width, height) of the grid.

    `matrix` takes coordinates on the grid to those of the source.
    """

    box: Box
    size: tuple[int, int]
    matrix: Matrix

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the suspect per pixel of the grid, across and along."""
        left, top, right, bottom = self.box
        return (right - left) / self.size[0], (bottom - top) / self.size[1]


def checked_matrix(matrix: Matrix) -> Matrix:
    """The matrix itself; ValueError unless it is a finite (2, 3) map that pictures can be related by."""
    if matrix.shape != (2, 3) or matrix.dtype != np.float64:
        raise ValueError(f"an affine matrix is float64 of shape (2, 3), not {matrix.dtype} {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError("the affine matrix is not finite")
    largest = float(np.abs(matrix[:, :2]).max())
    if not 1 / _MOST_SCALE <= largest <= _MOST_SCALE:
        raise ValueError("the affine matrix is singular, or scales as no picture does")
    long, short = np.linalg.svd(matrix[:, :2], compute_uv=False)
    if short * _MOST_STRETCH < long:
        raise ValueError("the affine matrix is singular, or stretches as no picture does")
    return matrix


def after(matrix: Matrix, step: Matrix) -> Matrix:
    """The map that goes by `step` first, then by `matrix`."""
    return np.column_stack([matrix[:, :2] @ step[:, :2], matrix[:, :2] @ step[:, 2] + matrix[:, 2]])


def inverse(matrix: Matrix) -> Matrix:
    """The map back."""
    back = np.linalg.inv(matrix[:, :2])
    return np.column_stack([back, -back @ matrix[:, 2]])


def scaling(across: float, along: float) -> Matrix:
    """From the pixels of a grid to those of one that is `across` times as wide and `along` times as high."""
    return np.array([[across, 0, across / 2 - 0.5], [0, along, along / 2 - 0.5]])


def beyond_source(size: tuple[int, int], matrix: Matrix, source_size: tuple[int, int], slack: float) -> Mask:
    """Where pixels map more than `slack` pixels of their own outside the source; bool of shape (height, width)."""
    width, height = size
    x, y = np.arange(width), np.arange(height)[:, None]
    beyond = np.zeros((height, width), np.bool_)
    for row, length in zip(matrix, source_size, strict=True):
        room = slack * float(np.hypot(row[0], row[1])) + 0.5
        with np.errstate(over="ignore"):
            along_x, along_y = row[0] * x, row[1] * y + row[2]
            beyond |= along_x < -room - along_y
            beyond |= along_x > length - 1 + room - along_y
    return beyond


def fit_frame(size: tuple[int, int], source_size: tuple[int, int], matrix: Matrix, side: int) -> Frame | None:
    """The grid that shows what both pictures share, its longest side at most `side`; None where they share nothing."""
    width, height = size
    there = np.array([[-0.5, -0.5], [1, 0], [0, 1], [1, 1]])
    there[1:] = there[1:] * source_size - 0.5
    back = inverse(matrix)
    corners = there @ back[:, :2].T + back[:, 2]
    edge = 0.02 * np.ptp(corners, axis=0)  # the matrix may yet move
    low = np.clip(np.floor(corners.min(axis=0) - edge), 0, size)
    high = np.clip(np.ceil(corners.max(axis=0) + edge + 1), 0, size)
    left, top, right, bottom = int(low[0]), int(low[1]), int(high[0]), int(high[1])
    if right <= left or bottom <= top:
        return None
    factor = min(_MOST_ENLARGED, side / max(right - left, bottom - top))
    grid = max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor))
    step = scaling((right - left) / grid[0], (bottom - top) / grid[1])
    step[:, 2] += left, top
    return Frame((left, top, right, bottom), grid, after(matrix, step))


def shrunk(picture: NDArray[np.generic], size: tuple[int, int]) -> NDArray[np.generic]:
    """The picture at that (width, height): averaged over areas where it gets smaller."""
    if picture.shape[1::-1] == size:
        return picture
    smaller = size[0] <= picture.shape[1] and size[1] <= picture.shape[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR))
