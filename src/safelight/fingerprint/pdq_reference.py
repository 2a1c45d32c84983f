"""PDQ, slow and obvious: the oracle that the fast version is tested against. Not used by the product.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook, 2019, sections on PDQ.
Constants that the paper leaves open (windows of even size, decimation, the lower median, quality's divisor) are
those that reproduce ThreatExchange's published vectors.
"""

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.pdq import MIN_SIDE, NOISE_FLOOR
from safelight.model.fingerprint import Pdq

Grid = NDArray[np.float64]

_LUMA = np.array([0.299, 0.587, 0.114])
_PASSES = 2
_GRID = 64
_KEPT = 16


def reference_pdq(pixels: NDArray[np.uint8]) -> Pdq | None:
    """PDQ of an RGB picture, uint8 of shape (height, width, 3). None when there is nothing to hash, as in `pdq`."""
    if min(pixels.shape[:2]) < MIN_SIDE:
        return None
    grid = downsample(pixels)
    coefficients = transform(grid)
    if np.abs(coefficients).max() <= NOISE_FLOOR:
        return None
    views = (
        grid,
        np.rot90(grid, 1),
        np.rot90(grid, 2),
        np.rot90(grid, 3),
        np.flipud(grid),
        np.fliplr(grid),
        grid.T,
        np.rot90(grid, 2).T,
    )
    return Pdq(dihedral=tuple(to_hex(transform(view)) for view in views), quality=quality(grid))


def downsample(pixels: NDArray[np.uint8]) -> Grid:
    """Luma, blurred with a tent (two box passes per axis), sampled at 64x64 centres. Unit: luma 0-255."""
    luma = pixels.astype(np.float64) @ _LUMA
    for _ in range(_PASSES):
        luma = box_blur(luma, window_size(luma.shape[0]))
        luma = box_blur(luma.T, window_size(luma.shape[1])).T
    rows, columns = (_centres(n) for n in luma.shape)
    sampled: Grid = luma[np.ix_(rows, columns)]
    return sampled


def window_size(length: int) -> int:
    """Width of the box for an axis of this many pixels: about half the distance between two samples."""
    return (length + 2 * _GRID - 1) // (2 * _GRID)


def box_blur(values: Grid, window: int) -> Grid:
    """Mean over `window` rows around each row; at the borders over those of them that exist."""
    ahead = (window + 2) // 2
    behind = window - ahead
    blurred = np.empty_like(values)
    for i in range(len(values)):
        blurred[i] = values[max(0, i - behind) : i + ahead].mean(axis=0)
    return blurred


def _centres(length: int) -> list[int]:
    return [int((i + 0.5) * length / _GRID) for i in range(_GRID)]


def transform(grid: Grid) -> Grid:
    """Discrete cosine transform, frequencies 1-16 of each axis: shape (16, 16)."""
    frequency = np.arange(1, _KEPT + 1)[:, None]
    position = np.arange(_GRID)[None, :]
    basis = np.sqrt(2 / _GRID) * np.cos(np.pi / 2 / _GRID * frequency * (2 * position + 1))
    product: Grid = basis @ grid @ basis.T
    return product


def quality(grid: Grid) -> int:
    """How much there is to hash, 0-100: neighbouring differences in whole percent of the range, summed and scaled."""
    total = 0
    for axis in (0, 1):
        percent = np.diff(grid, axis=axis) * 100 / 255
        total += int(np.abs(np.trunc(percent)).sum())
    return min(100, total // 90)


def to_hex(coefficients: Grid) -> str:
    """Bit 16i+j says whether coefficient (i, j) is above the lower median; highest bit first."""
    flat = coefficients.ravel()
    median = np.sort(flat)[127]
    return f"{sum(1 << k for k, value in enumerate(flat) if value > median):064x}"
