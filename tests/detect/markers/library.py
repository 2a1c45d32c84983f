"""The slow obvious version of `dwtDct`, from OpenCV and PyWavelets as invisible-watermark 0.2.0 uses them.

Checked against that package itself, which needs torch to be installed and is no dependency (docs/markers.md).
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pywt
from numpy.typing import NDArray

from safelight.detect.markers.dwt_dct import Writer


def given(pixels: NDArray[np.uint8], writer: Writer) -> NDArray[Any]:
    """What such a program hands to the library: by its name BGR, in truth sometimes RGB; bytes or floats."""
    picture = pixels if writer is Writer.SWAPPED else pixels[:, :, ::-1]
    return np.ascontiguousarray(picture if writer is Writer.BYTES else picture.astype(np.float32))


def encode(pixels: NDArray[np.uint8], message: list[int], writer: Writer) -> NDArray[np.uint8]:
    """The marked picture, RGB, saved as bytes."""
    yuv = cv2.cvtColor(given(pixels, writer), cv2.COLOR_BGR2YUV)
    height, width = (side // 4 * 4 for side in yuv.shape[:2])
    low, (horizontal, vertical, diagonal) = pywt.dwt2(yuv[:height, :width, 1], "haar")
    for number, block in enumerate(blocks(low)):
        row, column = divmod(int(np.abs(block).ravel()[1:].argmax()) + 1, 4)
        value = block[row, column]
        written = (abs(value) // 36 + 0.25 + 0.5 * message[number % len(message)]) * 36
        block[row, column] = written if value >= 0 else -written
    yuv[:height, :width, 1] = pywt.idwt2((low, (vertical, horizontal, diagonal)), "haar")
    bgr = np.clip(np.rint(cv2.cvtColor(yuv, cv2.COLOR_YUV2BGR)), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(bgr if writer is Writer.SWAPPED else bgr[:, :, ::-1])


def block_bits(pixels: NDArray[np.uint8], writer: Writer) -> list[bool]:
    """The bit of each block, row by row."""
    yuv = cv2.cvtColor(given(pixels, writer), cv2.COLOR_BGR2YUV)
    height, width = (side // 4 * 4 for side in yuv.shape[:2])
    low, _ = pywt.dwt2(yuv[:height, :width, 1], "haar")
    found = []
    for block in blocks(low):
        flat = block.ravel()
        value = abs(flat[np.abs(flat[1:]).argmax() + 1])
        found.append(bool(value % 36 > 0.5 * 36))
    return found


def message(bits: list[bool], length: int) -> list[bool]:
    """What the library's decoder reads."""
    return [bool(np.mean(bits[number::length]) * 255 > 127) for number in range(length)]


def blocks(low: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Views of the 4 x 4 blocks, row by row."""
    for row in range(low.shape[0] // 4):
        for column in range(low.shape[1] // 4):
            yield low[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
