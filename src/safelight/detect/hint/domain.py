"""Whether a picture is of the kind that the detector was trained on, told from its pixels.

Graphics, screenshots and plain pictures look "made" to every detector, because they are, though not by AI; and no
threshold that was set on photographs holds for them. Here they are told by what they have in common: plain areas, few
colours, no colour. The figures are taken at one size, so that they do not depend on resolution.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from safelight.detect.hint.views import Pixels

SMALLEST_SIDE = 256
"""Pixels; nearly all pictures of the training data have more."""
LONGEST_SHAPE = 8
"""Times the shorter side that the longer may have: views show too little of a longer strip, and it could be vast."""

_WORKING_SIDE = 512
_BLOCK = 8
_PLAIN = 1.0  # standard deviation of brightness, of 255, within a block: less than sensor noise leaves
_FEW = 8

PLAIN_SHARE = 0.45
FEW_COLOURS_SHARE = 0.9
COLOURLESS = 3.0


@dataclass(frozen=True, slots=True)
class Look:
    """What the gate sees of a picture.

    `plain`: share of blocks of 8 x 8 pixels that have no texture at all. `few_colours`: share
    of pixels that have one of the eight commonest of 4,096 colours. `colour`: mean difference between the largest and
    the smallest of red, green and blue, 0-255. All at a shorter side of at most 512 pixels.
    """

    plain: float
    few_colours: float
    colour: float

    def outside(self) -> str:
        """Why the picture is outside of what the detector knows, in a few words; empty when it is not."""
        if self.plain > PLAIN_SHARE:
            return f"{self.plain:.0%} of it is plain, as in graphics and backgrounds"
        if self.few_colours > FEW_COLOURS_SHARE:
            return f"eight colours make up {self.few_colours:.0%} of it, as in graphics and screenshots"
        if self.colour < COLOURLESS:
            return "it has hardly any colour, as drawings and scans"
        return ""


def outside(pixels: Pixels) -> str:
    """The same of a picture (uint8, shape (height, width, 3), RGB) of any size or shape."""
    shorter, longer = sorted(pixels.shape[:2])
    if shorter < SMALLEST_SIDE:
        return f"it is small: its shorter side has {shorter} pixels, fewer than {SMALLEST_SIDE}"
    if longer > LONGEST_SHAPE * shorter:
        return f"it is a strip: one side has more than {LONGEST_SHAPE} times the length of the other"
    return look_at(pixels).outside()


def look_at(pixels: Pixels) -> Look:
    """The figures of a picture: uint8, shape (height, width, 3), RGB."""
    reduced = _reduced(pixels)
    luma = reduced @ np.array([0.299, 0.587, 0.114], np.float32)
    rows, columns = max(1, luma.shape[0] // _BLOCK), max(1, luma.shape[1] // _BLOCK)
    blocks = luma[: rows * _BLOCK, : columns * _BLOCK]
    if blocks.shape == (rows * _BLOCK, columns * _BLOCK):
        blocks = blocks.reshape(rows, _BLOCK, columns, _BLOCK)
        deviations = blocks.std(axis=(1, 3))
    else:  # smaller than a block
        deviations = blocks.std(keepdims=True)
    coarse = (reduced >> 4).astype(np.int64) @ np.array([256, 16, 1])
    counts = np.sort(np.bincount(coarse.ravel(), minlength=4096))[::-1]
    return Look(
        float((deviations < _PLAIN).mean()),
        float(counts[:_FEW].sum() / coarse.size),
        float((reduced.max(axis=2).astype(np.int16) - reduced.min(axis=2)).mean()),
    )


def _reduced(pixels: Pixels) -> Pixels:
    height, width, _ = pixels.shape
    scale = _WORKING_SIDE / min(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.BOX))
