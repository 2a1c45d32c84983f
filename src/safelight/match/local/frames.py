"""Maps between the working pictures that keypoints live in and the full pictures that people see."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from safelight.model.derivation import Affine
from safelight.model.region import Box

Size = tuple[int, int]
"""Width and height in pixels."""


def enlarging(work: Size, full: Size) -> NDArray[np.float64]:
    """From working to full pixels, shape (3, 3). Pixel centres are whole numbers, so corners lie half a pixel out."""
    across, down = full[0] / work[0], full[1] / work[1]
    return np.array([[across, 0.0, (across - 1) / 2], [0.0, down, (down - 1) / 2], [0.0, 0.0, 1.0]])


def to_source(to_query: NDArray[np.float64], query: tuple[Size, Size], source: tuple[Size, Size]) -> Affine:
    """The affine from the full suspect to the full source.

    `to_query`: shape (2, 3), from the source's working pixels to the query's. `query`, `source`: working and full
    size of each.
    """
    forward = np.vstack((to_query, [0.0, 0.0, 1.0]))
    whole = enlarging(*source) @ np.linalg.inv(forward) @ np.linalg.inv(enlarging(*query))
    a, b, c, d, e, f = whole[:2].reshape(-1).tolist()
    return (a, b, c, d, e, f)


TURNS: Mapping[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "original": ((1, 0), (0, 1)),
    "rotate90": ((0, 1), (-1, 0)),
    "rotate180": ((-1, 0), (0, -1)),
    "rotate270": ((0, -1), (1, 0)),
    "flip_x": ((1, 0), (0, -1)),
    "flip_y": ((-1, 0), (0, 1)),
    "flip_plus_1": ((0, 1), (1, 0)),
    "flip_minus_1": ((0, -1), (-1, 0)),
}
"""What takes directions (x, y) of a picture to those of its dihedral variant (names: `model.fingerprint.DIHEDRAL`)."""


def full_frame(variant: str, box: Box, source: Size) -> Affine:
    """The affine of a picture whose part `box`, turned and mirrored as `variant` says, is the whole source."""
    turn = np.array(TURNS[variant], dtype=np.float64)
    left, top, right, bottom = box
    wide = np.array([right - left, bottom - top], dtype=np.float64)
    reached = np.abs(turn) @ wide  # the box's sides as the variant has them
    linear = turn * (np.array(source) / reached)[:, None]
    shift = (np.array(source) - 1) / 2 - linear @ (np.array([left + right, top + bottom]) - 1) / 2
    (a, b), (d, e) = linear.tolist()
    c, f = shift.tolist()
    return (a, b, c, d, e, f)


def from_source(affine: Affine) -> NDArray[np.float64]:
    """The inverse map, float64, shape (2, 3): from source pixels to suspect pixels."""
    return np.asarray(np.linalg.inv(np.vstack((np.reshape(affine, (2, 3)), [0.0, 0.0, 1.0])))[:2])
