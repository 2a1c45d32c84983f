"""The compiled part of the frame hashes. Cosine transform, quality and bits are those of `pdq_kernel`.

numba notices a change only in the file of the function it cached: after a change of `pdq_kernel`, change this file
too.

Nothing is compiled at import; `frame_hash.warm_up` compiles, or loads from numba's cache.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from safelight.fingerprint.pdq_kernel import GRID, _add_rows, _dot, _quality, _transform, _write_bits

LEAST_HALF = 1.25
"""Pixels: half the base of the narrowest tent. Tiles of a hundred pixels would else be sampled with no blur at all."""


@njit(cache=True, nogil=True)
def _tent_before(x: float) -> float:
    """Share of a tent over -1 to 1 that lies before x."""
    if x <= 0:
        return 0.5 * (max(x, -1.0) + 1) ** 2
    return 1 - 0.5 * (1 - min(x, 1.0)) ** 2


@njit(cache=True, nogil=True)
def tents(start: float, stop: float) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The 64 samples of a stretch of an axis, in pixels: first pixel, number of weights, weights (64, most).

    The weights of a sample add up to 1; nothing outside the stretch counts, but for parts of pixels.
    """
    length = stop - start
    half = max(length / (2 * GRID), LEAST_HALF)
    first = np.empty(GRID, np.int64)
    count = np.empty(GRID, np.int64)
    weights = np.zeros((GRID, int(2 * half) + 3), np.float32)
    for sample in range(GRID):
        centre = start + (sample + 0.5) * length / GRID
        low, high = max(start, centre - half), min(stop, centre + half)
        begin, end = int(np.floor(low)), int(np.ceil(high))
        before = _tent_before((low - centre) / half)
        whole = _tent_before((high - centre) / half) - before
        for pixel in range(begin, end):
            upto = _tent_before((min(pixel + 1.0, high) - centre) / half)
            weights[sample, pixel - begin] = (upto - before) / whole
            before = upto
        first[sample], count[sample] = begin, end - begin
    return first, count, weights


@njit(cache=True, nogil=True)
def hash_frame(
    luma: NDArray[np.float32],
    width: int,
    grid: int,
    min_side: int,
    noise_floor: float,
    codes: NDArray[np.uint8],
    quality: NDArray[np.uint8],
) -> None:
    """Fill `codes`, uint8 (grid * grid, 32), and `quality`, uint8 (grid * grid,), in row-major order.

    `luma`: float32, one-dimensional, read-only: rows of `width` pixels. All are zeros where a
    side of a tile is under `min_side`, and those of a tile without a coefficient above `noise_floor`.
    """
    height = luma.size // width
    band = np.empty((GRID, width), np.float32)
    samples = np.empty((GRID, GRID), np.float32)
    transposed = np.empty(32, np.uint8)
    codes[:] = 0
    quality[:] = 0
    if min(width, height) < min_side * grid:
        return
    for row in range(grid):
        first, count, weights = tents(row * height / grid, (row + 1) * height / grid)
        band[:] = 0
        for i in range(GRID):
            _add_rows(band[i], luma, first[i] * width, width, weights[i, : count[i]])  # type: ignore[arg-type]  # any number
        for column in range(grid):
            first, count, weights = tents(column * width / grid, (column + 1) * width / grid)
            for i in range(GRID):
                for j in range(GRID):
                    taps = weights[j, : count[j]]
                    samples[i, j] = _dot(band[i, first[j] : first[j] + count[j]], taps)
            coefficients = _transform(samples)
            if np.abs(coefficients).max() > noise_floor:
                tile = row * grid + column
                _write_bits(coefficients, codes[tile], transposed)
                quality[tile] = _quality(samples)
