"""Geometry of a comparison: which part of the suspect the source covers, and both of them on one grid of pixels.

Coordinates are (x, y); the centre of the first pixel is (0, 0), as in OpenCV. A matrix is float64 of shape (2, 3) and
takes coordinates of the suspect to those of the source.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.model.region import Box

Matrix = NDArray[np.float64]
Rgb = NDArray[np.uint8]
"""uint8, shape (height, width, 3)."""
Plane = NDArray[np.float32]
"""float32, shape (height, width)."""
Mask = NDArray[np.bool_]
"""bool, shape (height, width)."""

WORKING_SIDE = 512
"""Longest side, in pixels, at which pictures are compared."""

_MOST_ENLARGED = 2.0  # small pictures are compared enlarged: outlines and blur are finer than their pixels
_ROOM = 0.02  # of the sides, left around what is shared: the matrix may yet move
_SLACK = 1.0  # pixels that a place may lie beyond the source's edge and still belong to it
_MOST_SCALE = 1e4  # between the sizes of a pixel here and there; no picture comes near it
_MOST_STRETCH = 1e3  # longest over shortest axis of a mapped pixel


@dataclass(frozen=True, slots=True)
class Frame:
    """The working grid: `size` (width, height), showing the part `box` of the suspect.

    `matrix` takes coordinates on the grid to those of the source.
    """

    box: Box
    size: tuple[int, int]
    matrix: Matrix

    @property
    def step(self) -> Matrix:
        """From the grid to the suspect."""
        left, top, right, bottom = self.box
        step = scaling((right - left) / self.size[0], (bottom - top) / self.size[1])
        step[:, 2] += left, top
        return step


def checked_matrix(matrix: Matrix) -> Matrix:
    """The matrix itself; ValueError unless it is a finite (2, 3) map that pictures can be related by."""
    if matrix.shape != (2, 3) or matrix.dtype != np.float64:
        raise ValueError(f"an affine matrix is float64 of shape (2, 3), not {matrix.dtype} {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError("the affine matrix is not finite")
    if not 1 / _MOST_SCALE <= float(np.abs(matrix[:, :2]).max()) <= _MOST_SCALE:
        raise ValueError("the affine matrix is singular, or scales as no picture does")
    long, short = np.linalg.svd(matrix[:, :2], compute_uv=False)
    if short * _MOST_STRETCH < long:
        raise ValueError("the affine matrix is singular, or stretches as no picture does")
    return matrix


def checked_picture(picture: Rgb) -> Rgb:
    """The picture itself; ValueError unless it is uint8 of shape (height, width, 3) with a pixel at least."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise ValueError(f"a picture is uint8 of shape (height, width, 3), not {picture.dtype} {picture.shape}")
    return picture


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


def pixel_size(matrix: Matrix) -> float:
    """Side of a pixel, measured where the matrix leads to."""
    return float(np.sqrt(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])))


def outside_source(size: tuple[int, int], matrix: Matrix, source_size: tuple[int, int], margin: float) -> Mask:
    """Where a picture of that (width, height) shows nothing of the source.

    An edge of the source that lies inside the picture takes `margin` pixels more with it, for there both sides mix.
    One that the picture passes by no more than a pixel is taken to be the picture's own.
    """
    width, height = size
    y = np.arange(height)
    low, high = np.full(height, -np.inf), np.full(height, np.inf)
    for (a, b, c), length in zip(matrix.tolist(), source_size, strict=True):
        pixel = float(np.hypot(a, b))
        for sign in (1.0, -1.0):
            # Inside means sign * (a x + b y) + rest >= 0, in pixels of the picture.
            rest = (sign * c + (0.5 if sign > 0 else length - 0.5)) / pixel
            slope, rise = sign * a / pixel, sign * b / pixel
            least = rest + min(0.0, slope * (width - 1)) + min(0.0, rise * (height - 1))
            if least >= -_SLACK:
                continue
            needed = margin - rest - rise * y
            if abs(slope) < 1e-12:
                low = np.where(needed > 0, np.inf, low)
            elif slope > 0:
                low = np.maximum(low, needed / slope)
            else:
                high = np.minimum(high, needed / slope)
    x = np.arange(width)
    return np.asarray((x < low[:, None]) | (x > high[:, None]))


def _box_of(corners: NDArray[np.float64], room: float, size: tuple[int, int]) -> Box | None:
    """The pixels of a picture of that (width, height) within the corners (n, 2) and `room` pixels more."""
    low = np.clip(np.floor(corners.min(axis=0) - room), 0, size)
    high = np.clip(np.ceil(corners.max(axis=0) + room + 1), 0, size)
    left, top, right, bottom = int(low[0]), int(low[1]), int(high[0]), int(high[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _corners(size: tuple[int, int], matrix: Matrix) -> NDArray[np.float64]:
    """Where the corners of a picture of that size lead."""
    width, height = size
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) - 0.5
    return np.asarray(corners @ matrix[:, :2].T + matrix[:, 2])


def fit_frame(size: tuple[int, int], source_size: tuple[int, int], matrix: Matrix, side: int) -> Frame | None:
    """The grid that shows what both pictures share, its longest side `side` or less; None where they share nothing."""
    corners = _corners(source_size, inverse(matrix))
    if _box_of(corners, 0, size) is None:
        return None
    box = _box_of(corners, _ROOM * float(np.ptp(corners, axis=0).max()), size)
    assert box is not None
    left, top, right, bottom = box
    factor = min(_MOST_ENLARGED, side / max(right - left, bottom - top))
    grid = max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor))
    frame = Frame(box, grid, matrix)
    return Frame(box, grid, after(matrix, frame.step))


def needed_source(source: Rgb, frame: Frame) -> tuple[Rgb, Matrix]:
    """The source, cut to what the grid can show and shrunk to its pixels; and the map from it to the whole source."""
    size = source.shape[1], source.shape[0]
    corners = _corners(frame.size, frame.matrix)
    room = _ROOM * float(np.ptp(corners, axis=0).max()) + 8 * pixel_size(frame.matrix)
    left, top, right, bottom = _box_of(corners, room, size) or (0, 0, *size)
    part = source[top:bottom, left:right]
    step = max(1.0, pixel_size(frame.matrix))
    small = max(1, round(part.shape[1] / step)), max(1, round(part.shape[0] / step))
    back = scaling(part.shape[1] / small[0], part.shape[0] / small[1])
    back[:, 2] += left, top
    return shrunk(part, small), back


def shrunk(picture: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """The picture at that (width, height), in its own type: averaged over areas where it gets smaller."""
    if picture.shape[1::-1] == size:
        return picture
    smaller = size[0] <= picture.shape[1] and size[1] <= picture.shape[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR))
