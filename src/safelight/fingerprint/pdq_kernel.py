"""The compiled part of PDQ. One file, because numba notices a change only in the file of the function it cached.

Both box passes and the sampling are linear, so each of the 64 samples of an axis is a weighted sum of its
neighbourhood: a tent of about two sample spacings' width. Neighbouring tents barely overlap, so a picture is hashed at
about one multiply-add per byte, read once in order, with a scratch of a few kilobytes and no blurred copy.

Nothing is compiled at import; `pdq.warm_up` compiles, or loads from numba's cache.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

GRID = 64
KEPT = 16
UNHASHABLE = -1

_CHUNK = 3 * 2048  # bytes of a row taken at a time: their float32 sums (24 KiB) stay in the first-level cache
_REORDER = {"reassoc", "nsz", "contract"}  # lets sums be vectorised; NaN and infinity keep their meaning

_BASIS = np.sqrt(2 / GRID) * np.cos(
    np.pi / 2 / GRID * np.arange(1, KEPT + 1)[:, None] * (2 * np.arange(GRID)[None, :] + 1),
)
_BASIS_T = np.ascontiguousarray(_BASIS.T)


@njit(cache=True, nogil=True)
def _tent(length: int, sample: int, taps: NDArray[np.float32]) -> tuple[int, int]:
    """Weights of one sample of an axis of `length` pixels; returns the first pixel and the number of weights.

    The weights of two box passes, windows clipped at the borders and divided by their real width, are built as
    differences (each inner window adds a constant over its range) and summed up.
    """
    window = (length + 2 * GRID - 1) // (2 * GRID)
    ahead = (window + 2) // 2 - 1
    behind = window - 1 - ahead
    centre = int((sample + 0.5) * length / GRID)
    outer_first, outer_last = max(0, centre - behind), min(length - 1, centre + ahead)
    first, last = max(0, outer_first - behind), min(length - 1, outer_last + ahead)
    steps = np.zeros(last - first + 2)
    for inner in range(outer_first, outer_last + 1):
        inner_first, inner_last = max(0, inner - behind), min(length - 1, inner + ahead)
        weight = 1.0 / ((outer_last - outer_first + 1) * (inner_last - inner_first + 1))
        steps[inner_first - first] += weight
        steps[inner_last - first + 1] -= weight
    total = 0.0
    for k in range(last - first + 1):
        total += steps[k]
        taps[k] = total
    return first, last - first + 1


@njit(cache=True, nogil=True)
def axis_weights(
    length: int, mirrored: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The 64 samples of an axis: first pixel, number of weights, row of the weights' table; and that table.

    Only windows at the two ends are ever clipped, so three tents serve all samples: first, inner, last. `mirrored`
    gives the samples of the mirrored axis in terms of the pixels as they are stored.
    """
    window = (length + 2 * GRID - 1) // (2 * GRID)
    table = np.zeros((3, 2 * window), dtype=np.float32)
    first = np.empty(GRID, dtype=np.int64)
    count = np.empty(GRID, dtype=np.int64)
    kind = np.ones(GRID, dtype=np.int64)
    kind[0], kind[GRID - 1] = 0, 2
    inner_first, inner_count = _tent(length, 1, table[1])
    for sample in range(GRID):
        shift = int((sample + 0.5) * length / GRID) - int(1.5 * length / GRID)
        first[sample], count[sample] = inner_first + shift, inner_count
    first[0], count[0] = _tent(length, 0, table[0])
    first[GRID - 1], count[GRID - 1] = _tent(length, GRID - 1, table[2])
    if mirrored:
        for sample in range(GRID):
            first[sample] = length - first[sample] - count[sample]
        for row in range(3):
            used = count[0] if row == 0 else count[GRID - 1] if row == 2 else inner_count
            for k in range(used // 2):
                table[row, k], table[row, used - 1 - k] = table[row, used - 1 - k], table[row, k]
    return first, count, kind, table


@njit(cache=True, nogil=True, fastmath=_REORDER)
def _add_rows(
    sums: NDArray[np.float32],
    pixels: NDArray[np.uint8],
    start: int,
    stride: int,
    weights: NDArray[np.float32],
) -> None:
    """Add `weights[k]` times the bytes at `start + k * stride` to `sums`, four rows at a time."""
    n = len(sums)
    count = len(weights)
    k = 0
    while k + 4 <= count:
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        at = start + k * stride
        r0, r1 = pixels[at : at + n], pixels[at + stride : at + stride + n]
        at += 2 * stride
        r2, r3 = pixels[at : at + n], pixels[at + stride : at + stride + n]
        for i in range(n):
            sums[i] += w0 * np.float32(r0[i]) + w1 * np.float32(r1[i]) + w2 * np.float32(r2[i]) + w3 * np.float32(r3[i])
        k += 4
    while k < count:
        weight = weights[k]
        row = pixels[start + k * stride : start + k * stride + n]
        for i in range(n):
            sums[i] += weight * np.float32(row[i])
        k += 1


@njit(cache=True, nogil=True, fastmath=_REORDER)
def _dot(left: NDArray[np.float32], right: NDArray[np.float32]) -> np.float32:
    total = np.float32(0)
    for i in range(len(left)):
        total += left[i] * right[i]
    return total


@njit(cache=True, nogil=True)
def _interleaved(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Column weights times the weights of red, green and blue in luma: one per byte."""
    rows, columns = table.shape
    spread = np.empty((rows, 3 * columns), dtype=np.float32)
    for row in range(rows):
        for k in range(columns):
            spread[row, 3 * k] = table[row, k] * 0.299
            spread[row, 3 * k + 1] = table[row, k] * 0.587
            spread[row, 3 * k + 2] = table[row, k] * 0.114
    return spread


@njit(cache=True, nogil=True)
def downsample(
    pixels: NDArray[np.uint8],
    stride: int,
    start: int,
    rows: int,
    columns: int,
    mirror_rows: bool,
    mirror_columns: bool,
) -> NDArray[np.float32]:
    """Blurred luma at 64x64 samples of the region at byte `start`: float32 (64, 64), 0-255. Rows of `stride` bytes."""
    top, heights, row_kind, row_table = axis_weights(rows, mirror_rows)
    left, widths, column_kind, column_table = axis_weights(columns, mirror_columns)
    byte_table = _interleaved(column_table)
    grid = np.zeros((GRID, GRID), dtype=np.float32)
    scratch = np.empty(min(_CHUNK, 3 * columns), dtype=np.float32)
    for i in range(GRID):
        weights = row_table[row_kind[i], : heights[i]]
        for begin in range(0, 3 * columns, _CHUNK):
            end = min(begin + _CHUNK, 3 * columns)
            sums = scratch[: end - begin]
            sums[:] = 0
            _add_rows(sums, pixels, start + top[i] * stride + begin, stride, weights)
            for j in range(GRID):
                low = max(begin, 3 * left[j])
                high = min(end, 3 * (left[j] + widths[j]))
                if low < high:
                    taps = byte_table[column_kind[j], low - 3 * left[j] : high - 3 * left[j]]
                    grid[i, j] += _dot(sums[low - begin : high - begin], taps)
    return grid


@njit(cache=True, nogil=True)
def _quality(grid: NDArray[np.float32]) -> int:
    """Neighbouring differences in whole percent of the range, summed; a 90th of that, at most 100."""
    total = 0
    for i in range(GRID):
        for j in range(GRID):
            if i + 1 < GRID:
                total += int(abs(grid[i, j] - grid[i + 1, j]) * np.float32(100) / np.float32(255))
            if j + 1 < GRID:
                total += int(abs(grid[i, j] - grid[i, j + 1]) * np.float32(100) / np.float32(255))
    return min(100, total // 90)


@njit(cache=True, nogil=True, fastmath=_REORDER)
def _transform(grid: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosine transform, frequencies 1-16 of each axis."""
    half = np.zeros((KEPT, GRID))
    for i in range(KEPT):
        for k in range(GRID):
            weight = _BASIS[i, k]
            for j in range(GRID):
                half[i, j] += weight * grid[k, j]
    coefficients = np.zeros((KEPT, KEPT))
    for i in range(KEPT):
        for k in range(GRID):
            weight = half[i, k]
            for j in range(KEPT):
                coefficients[i, j] += weight * _BASIS_T[k, j]
    return coefficients


@njit(cache=True, nogil=True)
def _write_bits(coefficients: NDArray[np.float64], plain: NDArray[np.uint8], transposed: NDArray[np.uint8]) -> None:
    """The hash of these coefficients and that of their transpose. Bit 16i+j: coefficient (i, j) above the median."""
    median = np.sort(coefficients.ravel())[KEPT * KEPT // 2 - 1]
    plain[:] = 0
    transposed[:] = 0
    for i in range(KEPT):
        for j in range(KEPT):
            if coefficients[i, j] > median:
                # The highest bit comes first, in the first byte.
                plain[31 - 2 * i - (j >> 3)] |= np.uint8(1 << (j & 7))
                transposed[31 - 2 * j - (i >> 3)] |= np.uint8(1 << (i & 7))


@njit(cache=True, nogil=True)
def hash_region(
    pixels: NDArray[np.uint8],
    stride: int,
    start: int,
    rows: int,
    columns: int,
    swapped: bool,
    mirror_rows: bool,
    mirror_columns: bool,
    noise_floor: float,
    hashes: NDArray[np.uint8],
) -> int:
    """Fill `hashes`, uint8 (8, 32), in the order of `DIHEDRAL`; return the quality, or UNHASHABLE.

    `pixels`: all bytes of an RGB picture, uint8, one-dimensional, read-only; the region begins at byte `start` and has
    `rows` rows, `stride` bytes apart, of `columns` pixels. The hashes are of the region with its rows and columns
    mirrored as asked and then, if `swapped`, transposed.
    """
    grid = downsample(pixels, stride, start, rows, columns, mirror_rows, mirror_columns)
    if swapped:
        grid = grid.T.copy()
    coefficients = _transform(grid)
    if np.abs(coefficients).max() <= noise_floor:
        return UNHASHABLE
    # Mirroring an axis changes the sign of its odd functions (frequencies 1, 3, ..., at even places); the rest of
    # the dihedral group is those four sign patterns, plain and transposed.
    signed = np.empty((KEPT, KEPT))
    for pattern in range(4):
        for i in range(KEPT):
            for j in range(KEPT):
                odd = ((pattern & 1) & ~i) ^ ((pattern >> 1) & ~j)
                signed[i, j] = -coefficients[i, j] if odd & 1 else coefficients[i, j]
        if pattern == 0:
            _write_bits(signed, hashes[0], hashes[6])  # original, flip_plus_1
        elif pattern == 1:
            _write_bits(signed, hashes[4], hashes[3])  # flip_x, rotate270
        elif pattern == 2:
            _write_bits(signed, hashes[5], hashes[1])  # flip_y, rotate90
        else:
            _write_bits(signed, hashes[2], hashes[7])  # rotate180, flip_minus_1
    return _quality(grid)
