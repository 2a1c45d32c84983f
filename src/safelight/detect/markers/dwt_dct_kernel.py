"""The compiled part of `dwt_dct`. One file, because numba notices a change only in the file of the function it cached.

The mark sits in a chroma channel, in the sums of 2 x 2 pixels (twice the low band of the Haar wavelet). A block is 4 x
4 such sums, that is 8 x 8 pixels. Its bit is told by the largest value of the low band but for the first (the library
calls it a DCT, and does none): 1 when it leaves more than 18 divided by 36. No pixel is looked at twice.

Nothing is compiled at import; `dwt_dct.warm_up` compiles, or loads from numba's cache.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 8
"""Pixels of a block, each way."""

BYTES, FLOATS, SWAPPED = 1, 2, 4
"""Flags of a block's answer: its bit as each of three writers put it there (see `dwt_dct.Writer`)."""

_STEP = 36.0
_HAAR = np.sqrt(0.5)

# OpenCV's conversion of bytes: weights of 14 bits, rounded by adding a half before the shift. It never leaves 0-255.
_SHIFT = 14
_ROUND = np.int32(1 << (_SHIFT - 1))
_BLUE, _GREEN, _RED = np.int32(1868), np.int32(9617), np.int32(4899)
_SCALE, _ZERO = np.int32(8061), np.int32((128 << _SHIFT) + (1 << (_SHIFT - 1)))

# OpenCV's conversion of floats, U = 0.492 (B - Y) + 0.5, made to give the low band from sums of four pixels.
_FLOAT_SCALE, _FLOAT_ZERO = np.float32(0.5 * 0.492), np.float32(0.5 * 4 * 0.5)
_FLOAT_BLUE, _FLOAT_GREEN, _FLOAT_RED = np.float32(0.114), np.float32(0.587), np.float32(0.299)


@njit(cache=True, nogil=True)
def u_of(red: np.int32, green: np.int32, blue: np.int32) -> np.int32:
    """U of a pixel, 0-255, exactly as OpenCV's COLOR_BGR2YUV has it for bytes."""
    luma = (blue * _BLUE + green * _GREEN + red * _RED + _ROUND) >> _SHIFT
    return np.int32(((blue - luma) * _SCALE + _ZERO) >> _SHIFT)


@njit(cache=True, nogil=True)
def _add_up(
    above: NDArray[np.uint8],
    below: NDArray[np.uint8],
    us: NDArray[np.int32],
    reds: NDArray[np.int32],
    greens: NDArray[np.int32],
    blues: NDArray[np.int32],
) -> None:
    """Sums of each pixel of a row and the one below it: of U, red, green and blue."""
    for i in range(len(us)):
        r0, g0, b0 = np.int32(above[3 * i]), np.int32(above[3 * i + 1]), np.int32(above[3 * i + 2])
        r1, g1, b1 = np.int32(below[3 * i]), np.int32(below[3 * i + 1]), np.int32(below[3 * i + 2])
        us[i] = u_of(r0, g0, b0) + u_of(r1, g1, b1)
        reds[i] = r0 + r1
        greens[i] = g0 + g1
        blues[i] = b0 + b1


@njit(cache=True, nogil=True)
def _keep_largest(
    us: NDArray[np.int32],
    reds: NDArray[np.int32],
    greens: NDArray[np.int32],
    blues: NDArray[np.int32],
    totals: NDArray[np.int32],
    floats: NDArray[np.float32],
    swapped: NDArray[np.float32],
) -> None:
    """Raise, in each column of 2 x 2 pixels, what was the largest so far to this row's.

    `totals`: sums of U. `floats`, `swapped`: absolute values of the low band of the U of floats, as the colours are and
    with red and blue in each other's place.
    """
    for i in range(len(totals)):
        totals[i] = max(totals[i], us[2 * i] + us[2 * i + 1])
        red = np.float32(reds[2 * i] + reds[2 * i + 1])
        green = np.float32(greens[2 * i] + greens[2 * i + 1])
        blue = np.float32(blues[2 * i] + blues[2 * i + 1])
        luma = _FLOAT_BLUE * blue + _FLOAT_GREEN * green + _FLOAT_RED * red
        low = abs(_FLOAT_SCALE * (blue - luma) + _FLOAT_ZERO)
        floats[i] = max(floats[i], low)
        luma = _FLOAT_BLUE * red + _FLOAT_GREEN * green + _FLOAT_RED * blue
        low = abs(_FLOAT_SCALE * (red - luma) + _FLOAT_ZERO)
        swapped[i] = max(swapped[i], low)


@njit(cache=True, nogil=True)
def _on_the_border(pixels: NDArray[np.uint8], stride: int, start: int, largest: int) -> bool:
    """The bit of a block whose largest sum lies on the border of two bits, where the library's rounding decides.

    The low band is computed in float64 as PyWavelets does: along columns, then along rows.
    """
    best = 0.0
    us = np.empty((2, 2), dtype=np.int32)
    for place in range(1, 16):
        at = start + 2 * (place // 4) * stride + 6 * (place % 4)
        for y in range(2):
            for x in range(2):
                p = at + y * stride + 3 * x
                us[y, x] = u_of(np.int32(pixels[p]), np.int32(pixels[p + 1]), np.int32(pixels[p + 2]))
        if us.sum() == largest:
            left, right = _HAAR * us[1, 0] + _HAAR * us[0, 0], _HAAR * us[1, 1] + _HAAR * us[0, 1]
            best = max(best, _HAAR * right + _HAAR * left)
    return best % _STEP > _STEP / 2


@njit(cache=True, nogil=True)
def _is_one(low: np.float32) -> bool:
    """What a low band of floats says. The rest is exact, as by `%`, which is slow: 24 bits divided in 53."""
    exact = np.float64(low)
    return bool(exact - _STEP * np.floor(exact / _STEP) > _STEP / 2)


@njit(cache=True, nogil=True)
def block_bits(pixels: NDArray[np.uint8], stride: int, rows: int, columns: int) -> NDArray[np.uint8]:
    """The bits of all blocks, row by row: uint8, (rows * columns,), flags BYTES, FLOATS and SWAPPED.

    `pixels`: all bytes of an RGB picture, uint8, one-dimensional, read-only, its rows `stride` bytes apart. `rows`,
    `columns`: number of whole blocks.
    """
    bits = np.zeros(rows * columns, dtype=np.uint8)
    width = BLOCK * columns
    us = np.empty(width, dtype=np.int32)
    reds, greens, blues = np.empty_like(us), np.empty_like(us), np.empty_like(us)
    totals = np.empty(width // 2, dtype=np.int32)
    floats = np.empty(width // 2, dtype=np.float32)
    swapped = np.empty_like(floats)
    for row in range(rows):
        top = BLOCK * row * stride
        totals[:] = 0
        floats[:] = 0
        swapped[:] = 0
        for y in range(0, BLOCK, 2):
            above, below = top + y * stride, top + (y + 1) * stride
            _add_up(pixels[above : above + 3 * width], pixels[below : below + 3 * width], us, reds, greens, blues)
            _keep_largest(us, reds, greens, blues, totals, floats, swapped)
            if y == 0:  # the first of each block does not count
                totals[::4] = 0
                floats[::4] = 0
                swapped[::4] = 0
        for column in range(columns):
            i = 4 * column
            largest = max(totals[i], totals[i + 1], totals[i + 2], totals[i + 3])
            if largest % 36 == 0:
                bit = _on_the_border(pixels, stride, top + 3 * BLOCK * column, largest)
            else:
                bit = largest % 72 > 36
            flags = BYTES if bit else 0
            if _is_one(max(floats[i], floats[i + 1], floats[i + 2], floats[i + 3])):
                flags |= FLOATS
            if _is_one(max(swapped[i], swapped[i + 1], swapped[i + 2], swapped[i + 3])):
                flags |= SWAPPED
            bits[row * columns + column] = flags
    return bits
