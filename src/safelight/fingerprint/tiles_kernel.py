"""The compiled part of the tile hashes. Weights, cosine transform, quality and bits are those of `pdq_kernel`.

numba notices a change only in the file of the function it cached: after a change of `pdq_kernel`, change this file
too. (The tests compare tile hashes with PDQ, so they fail where a stale cache answers.)

Nothing is compiled at import; `tiles.warm_up` compiles, or loads from numba's cache.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from safelight.fingerprint.pdq_kernel import GRID, _add_rows, _quality, _transform, _write_bits, axis_weights


@njit(cache=True, nogil=True)
def fill_luma(pixels: NDArray[np.uint8], luma: NDArray[np.float32]) -> None:
    """Fill `luma`, one-dimensional, from as many RGB pixels: uint8, one-dimensional, read-only."""
    for i in range(luma.size):
        red, green, blue = np.float32(pixels[3 * i]), np.float32(pixels[3 * i + 1]), np.float32(pixels[3 * i + 2])
        luma[i] = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue


@njit(cache=True, nogil=True)
def _sample_columns(band: NDArray[np.float32], left: int, columns: int, samples: NDArray[np.float32]) -> None:
    """From blurred rows, (64, width), the samples (64, 64) of the tile that takes `columns` columns from `left` on."""
    first, count, kind, table = axis_weights(columns, False)
    for j in range(GRID):
        start, taps = left + first[j], table[kind[j]]
        for i in range(GRID):
            total = np.float32(0)
            for k in range(count[j]):
                total += taps[k] * band[i, start + k]
            samples[i, j] = total


@njit(cache=True, nogil=True)
def hash_tiles(
    luma: NDArray[np.float32],
    width: int,
    grid: int,
    min_side: int,
    noise_floor: float,
    codes: NDArray[np.uint8],
    quality: NDArray[np.uint8],
) -> None:
    """Fill `codes`, uint8 (grid * grid, 32), and `quality`, uint8 (grid * grid,), in row-major order.

    `luma`: float32, one-dimensional, read-only: rows of `width` pixels. Rows are blurred and sampled over the whole
    width for a row of tiles at once. Tiles with a side under `min_side`, or without a coefficient above
    `noise_floor`, get zeros.
    """
    height = luma.size // width
    band = np.empty((GRID, width), np.float32)
    samples = np.empty((GRID, GRID), np.float32)
    transposed = np.empty(32, np.uint8)
    codes[:] = 0
    quality[:] = 0
    for row in range(grid):
        top = row * height // grid
        rows = (row + 1) * height // grid - top
        if rows < min_side:
            continue
        first, count, kind, table = axis_weights(rows, False)
        band[:] = 0
        for i in range(GRID):
            _add_rows(band[i], luma, (top + first[i]) * width, width, table[kind[i], : count[i]])  # type: ignore[arg-type]  # any number
        for column in range(grid):
            left = column * width // grid
            columns = (column + 1) * width // grid - left
            if columns < min_side:
                continue
            _sample_columns(band, left, columns, samples)
            coefficients = _transform(samples)
            if np.abs(coefficients).max() > noise_floor:
                tile = row * grid + column
                _write_bits(coefficients, codes[tile], transposed)
                quality[tile] = _quality(samples)
