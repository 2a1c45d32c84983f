"""What all maps share: the luminance of the part that is looked at, and values by squares of it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.model.region import Box

MOST_PIXELS = 24_000_000
"""Larger pictures are cropped to their middle: making them smaller would wipe out what the maps show."""
BLOCK = 16
"""Smallest square, in pixels: twice the block of JPEG, and too coarse to tell what a picture shows."""
MOST_SQUARES = 96
"""Most squares along the longest side; larger pictures get larger squares."""

Luma = NDArray[np.uint8]
"""Luminance 0 to 255, shape (height, width), both multiples of the square."""
Values = NDArray[np.float32]
"""One value for each square, shape (rows, columns)."""


@dataclass(frozen=True, slots=True)
class Planes:
    """The part of a picture that is looked at. `area`: in the picture's pixels; `block`: side of a square."""

    luma: Luma
    area: Box
    block: int


def planes(pixels: NDArray[np.uint8]) -> Planes | None:
    """The luminance of whole squares from the top left; of the middle of a very large picture. None of a tiny one.

    `pixels`: uint8 RGB of shape (height, width, 3), as stored: turning it would move the grid of JPEG blocks.
    """
    height, width = pixels.shape[:2]
    top = left = 0
    if height * width > MOST_PIXELS:
        share = (MOST_PIXELS / (height * width)) ** 0.5
        top, left = (int(side * (1 - share) / 2) // BLOCK * BLOCK for side in (height, width))
        height, width = max(BLOCK, int(height * share)), max(BLOCK, int(width * share))
    block = BLOCK * -(-max(height, width) // (BLOCK * MOST_SQUARES))
    height, width = height // block * block, width // block * block
    if min(height, width) < 4 * block:
        return None
    part = np.ascontiguousarray(pixels[top : top + height, left : left + width])
    luma = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.uint8)
    return Planes(luma, (left, top, left + width, top + height), block)


def block_means(values: NDArray[np.float32], block: int) -> Values:
    """The mean of each square."""
    height, width = values.shape
    size = width // block, height // block
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
