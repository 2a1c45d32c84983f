"""PDQ of pictures in memory: the public face of the compiled kernel.

The hash is the one that ThreatExchange's reference gives for the same RGB pixels. Two things differ on purpose: what
the reference hashes to rounding noise (a flat colour, a ramp along one axis) or to zeros (sides under 5 pixels) is
said to be unhashable, since such hashes would match one another; and all eight dihedral hashes come from one pass.
"""

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.pdq_kernel import UNHASHABLE, hash_region
from safelight.model.fingerprint import DIHEDRAL, Pdq

MIN_SIDE = 5
"""Pixels. ThreatExchange's reference hashes nothing smaller."""

NOISE_FLOOR = 0.01
"""A picture none of whose 256 coefficients exceeds this has nothing to hash.

Unit: a wave of amplitude 1/32 luma step has coefficient 1. Rounding alone makes up to 0.0005 in the reference
(measured on flat colours and ramps, 64x64 to 12 megapixels); its faintest published vector has 0.29.
"""

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels; right and bottom lie just outside."""

ORIENTATIONS: dict[int, tuple[bool, bool, bool]] = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
"""EXIF orientation: (swap axes, mirror stored rows, mirror stored columns) to get the picture as displayed."""


def pdq(pixels: NDArray[np.uint8], *, orientation: int = 1, box: Box | None = None) -> Pdq | None:
    """PDQ hash, quality and dihedral hashes; None when the picture is unhashable (see `MIN_SIDE`, `NOISE_FLOOR`).

    `pixels`: uint8, shape (height, width, 3), C-contiguous RGB, 0-255; any size. `orientation`: EXIF value 1-8; the
    hash is exactly that of the picture turned upright, without a turned copy. `box`: hash only this part, in
    coordinates of `pixels` as stored. Raises ValueError for arrays, orientations or boxes that are not such.
    """
    checked = as_bytes(pixels)
    height, width = pixels.shape[:2]
    left, top, right, bottom = (0, 0, width, height) if box is None else box
    if not (0 <= left <= right <= width and 0 <= top <= bottom <= height):
        raise ValueError(f"box {box} does not lie in a picture of {width}x{height} pixels")
    if orientation not in ORIENTATIONS:
        raise ValueError(f"EXIF orientation must be 1-8, not {orientation}")
    if min(right - left, bottom - top) < MIN_SIDE:
        return None
    hashes = np.empty((len(DIHEDRAL), 32), dtype=np.uint8)
    start = 3 * (top * width + left)
    quality = hash_region(
        checked, 3 * width, start, bottom - top, right - left, *ORIENTATIONS[orientation], NOISE_FLOOR, hashes
    )
    if quality == UNHASHABLE:
        return None
    text = hashes.tobytes().hex()
    return Pdq(dihedral=tuple(text[i : i + 64] for i in range(0, len(text), 64)), quality=quality)


def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache; after this, hashing opens no file."""
    pdq(np.zeros((MIN_SIDE, MIN_SIDE, 3), dtype=np.uint8))


def as_bytes(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """All bytes of a valid picture as a read-only row: one type, so one compiled version serves every caller."""
    if pixels.dtype != np.uint8:
        raise ValueError(f"pixels must be an array of uint8, not of {pixels.dtype}")
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"pixels must have the shape (height, width, 3), not {pixels.shape}")
    if not pixels.flags.c_contiguous:
        raise ValueError("pixels must be C-contiguous; numpy.ascontiguousarray makes them so")
    row = np.asarray(pixels).reshape(-1)
    row.flags.writeable = False
    return row
