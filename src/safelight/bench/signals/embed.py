"""Puts public watermarks into benign pictures, to measure how often they are found: invisible-watermark's `dwtDct`.

A pure numpy version that gives the library's pixels: all of its roundings matter, as they are what makes its marks
hard to read. Red, green and blue stay as they are but for a slight change of tint.
"""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.detect.markers.dwt_dct import Writer

_STEP = 36
_HAAR = np.sqrt(0.5)

_Floats: TypeAlias = NDArray[np.floating]


def embed(pixels: NDArray[np.uint8], bits: NDArray[np.uint8], writer: Writer) -> NDArray[np.uint8]:
    """A marked copy, as a program of that kind would save it.

    `pixels`: uint8, (height, width, 3), RGB; at least 256 x 256 pixels, as the library asks. `bits`: the message, 0s
    and 1s.
    """
    if writer is Writer.BYTES:
        return np.ascontiguousarray(_written(pixels[:, :, ::-1], bits)[:, :, ::-1])
    order = 1 if writer is Writer.SWAPPED else -1
    marked = _written(pixels[:, :, ::order].astype(np.float32), bits)[:, :, ::order]
    return np.ascontiguousarray(np.clip(np.rint(marked), 0, 255).astype(np.uint8))


def _written(bgr: NDArray[np.uint8] | NDArray[np.float32], bits: NDArray[np.uint8]) -> NDArray[np.generic]:
    """The picture as the library returns it: of the type that it was given, uint8 or float32."""
    height, width = bgr.shape[0] // 4 * 4, bgr.shape[1] // 4 * 4
    yuv = cv2.cvtColor(np.ascontiguousarray(bgr), cv2.COLOR_BGR2YUV)
    u: NDArray[Any] = yuv[:height, :width, 1]
    # PyWavelets keeps floats as they are and makes others doubles; the order of sums is its, too: it decides roundings.
    low, high = _split(u if u.dtype == np.float32 else u.astype(np.float64))
    approximate, vertical = (part.T for part in _split(low.T))
    horizontal, diagonal = (part.T for part in _split(high.T))
    _mark(approximate, bits)
    # On the way back the library takes horizontal detail for vertical, and the other way round.
    low, high = _joined(approximate.T, horizontal.T).T, _joined(vertical.T, diagonal.T).T
    yuv[:height, :width, 1] = _joined(low, high)
    marked: NDArray[np.generic] = cv2.cvtColor(yuv, cv2.COLOR_YUV2BGR)
    return marked


def _split(band: _Floats) -> tuple[_Floats, _Floats]:
    """The Haar wavelet down the columns: sums and differences of pairs of rows, times the root of a half."""
    s = band.dtype.type(_HAAR)
    return s * band[1::2] + s * band[::2], s * band[::2] - s * band[1::2]


def _joined(sums: _Floats, differences: _Floats) -> _Floats:
    """The inverse of `_split`."""
    s = sums.dtype.type(_HAAR)
    both = np.empty((2 * sums.shape[0], sums.shape[1]), sums.dtype)
    both[::2] = sums * s + differences * s
    both[1::2] = sums * s - differences * s
    return both


def _mark(band: _Floats, bits: NDArray[np.uint8]) -> None:
    """Write the message into a low band, in place: the largest value of each 4 x 4 but for the first says a bit."""
    rows, columns = band.shape[0] // 4, band.shape[1] // 4
    whole = band[: 4 * rows, : 4 * columns]
    blocks = whole.reshape(rows, 4, columns, 4).transpose(0, 2, 1, 3).reshape(-1, 16)
    places = np.abs(blocks[:, 1:]).argmax(axis=1) + 1
    number = np.arange(len(blocks))
    values = blocks[number, places]
    written = (np.abs(values) // _STEP + 0.25 + 0.5 * np.resize(bits, len(blocks))) * _STEP
    blocks[number, places] = np.where(values >= 0, written, -written)
    whole[:] = blocks.reshape(rows, columns, 4, 4).transpose(0, 2, 1, 3).reshape(4 * rows, 4 * columns)
