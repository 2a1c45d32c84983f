"""What the encoder is shown of a picture: square parts, reduced to one size and coded alike.

Size, format and coding history betray a collection, not a generator: a detector that sees them learns the wrong thing
(detection facts of the model card). So every picture is brought to one size and one JPEG quality first, whatever it
was, in training and in use alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

Pixels: TypeAlias = NDArray[np.uint8]
"""RGB, shape (height, width, 3), C-contiguous."""

SIDE = 224
"""Pixels on each side of a view."""
SHARE = 0.8
"""Side of a fixed view's square, as a share of the picture's shorter side."""
QUALITY = 85
"""JPEG quality of a fixed view: between the two that training uses."""
RANDOM_SHARES = (0.6, 1.0)
RANDOM_QUALITIES = (75, 95)


@dataclass(frozen=True, slots=True)
class Square:
    """A square part of a picture, in its pixels."""

    left: int
    top: int
    side: int


def fixed_squares(height: int, width: int) -> tuple[Square, ...]:
    """The five squares of every picture: its middle and its corners."""
    side = max(1, round(SHARE * min(height, width)))
    right, bottom = width - side, height - side
    corners = ((0, 0), (right, 0), (0, bottom), (right, bottom))
    return tuple(Square(left, top, side) for left, top in ((right // 2, bottom // 2), *corners))


def fixed_views(pixels: Pixels) -> Iterator[Pixels]:
    """The views of a picture that is judged; each uint8, shape (SIDE, SIDE, 3)."""
    height, width, _ = pixels.shape
    for square in fixed_squares(height, width):
        yield view(pixels, square, QUALITY)


def view(pixels: Pixels, square: Square, quality: int) -> Pixels:
    """One part, averaged down to SIDE x SIDE (or enlarged), coded as JPEG 4:2:0 of that quality and decoded again."""
    part = pixels[square.top : square.top + square.side, square.left : square.left + square.side]
    how = Image.Resampling.BOX if square.side > SIDE else Image.Resampling.BILINEAR
    reduced = np.asarray(Image.fromarray(np.ascontiguousarray(part)).resize((SIDE, SIDE), how))
    coded = simplejpeg.encode_jpeg(np.ascontiguousarray(reduced), quality=quality, colorsubsampling="420")
    decoded: Pixels = simplejpeg.decode_jpeg(coded, colorspace="RGB")
    return decoded
