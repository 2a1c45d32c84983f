"""What a reviewer is sent of a picture: a covered one, or the region asked for, with filters laid over it here.

A browser is never sent more than is to be seen: what filters take away does not leave this process.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Region = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture, 0 to 1."""

CELLS: Final = 16
"""Cells along each side of a covered picture: as in the mosaic of a scan's report."""
COVERED_SIDE: Final = 320
"""Longest side in pixels of a covered picture, which holds no more than its cells do."""
MOST_BLUR: Final = 3
_BLURS: Final = (0.0, 0.006, 0.015, 0.035)  # standard deviation, as a share of the picture's longest side
_LEVELS: Final = 5  # of each channel, in a picture of reduced detail
_DETAIL: Final = 96  # longest side to which reduced detail brings a picture
_QUALITY: Final = 88
# Sepia by the weights of the W3C's Filter Effects Module Level 1, section 9.7.
_SEPIA: Final = np.array(
    [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]],
    dtype=np.float32,
)


@dataclass(frozen=True, slots=True)
class View:
    """Filters. `blur`: 0 (none) to MOST_BLUR. `plain`: reduced detail, few colours in large patches."""

    blur: int = 1
    grey: bool = True
    sepia: bool = False
    plain: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """As the log has them."""
        flags = (("grey", self.grey), ("sepia", self.sepia), ("reduced-detail", self.plain))
        return tuple(filter(None, (f"blur-{self.blur}" if self.blur else "", *(name for name, on in flags if on))))


def covered(picture: Rgb) -> bytes:
    """A PNG in which light from dark can be told, and nothing of what is shown: grey, of CELLS x CELLS averages."""
    small = np.asarray(cv2.resize(picture, (CELLS, CELLS), interpolation=cv2.INTER_AREA), np.uint8)
    height, width = picture.shape[:2]
    scale = COVERED_SIDE / max(height, width)
    size = (max(round(scale * width), 1), max(round(scale * height), 1))
    smooth = cv2.resize(_grey(small)[..., 0], size, interpolation=cv2.INTER_CUBIC)
    return _encoded(".png", np.asarray(smooth, np.uint8))


def revealed(picture: Rgb, region: Region, view: View) -> bytes:
    """A JPEG of this region alone, with the filters. Blur is that of the whole picture, so a crop is not clearer."""
    height, width = picture.shape[:2]
    left, right = _span(region[0], region[2], width)
    top, bottom = _span(region[1], region[3], height)
    shown = picture[top:bottom, left:right]
    if view.plain:
        shown = _reduced(shown, _DETAIL / max(height, width))
    if view.blur:
        strength = max(_BLURS[view.blur] * max(height, width), 0.5)
        shown = np.asarray(cv2.GaussianBlur(shown, (0, 0), strength), np.uint8)
    if view.grey or view.sepia:
        shown = _grey(shown)
    if view.sepia:
        toned = np.clip(shown.astype(np.float32) @ _SEPIA.T, 0, 255)
        shown = toned.astype(np.uint8)
    return _encoded(".jpg", np.ascontiguousarray(shown[..., ::-1]))


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    """Pixels from `low` to `high`, at least one."""
    first = min(int(low * size), size - 1)
    return first, max(min(round(high * size), size), first + 1)


def _grey(picture: Rgb) -> Rgb:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.merge([grey, grey, grey]), dtype=np.uint8)


def _reduced(picture: Rgb, scale: float) -> Rgb:
    height, width = picture.shape[:2]
    size = (max(round(scale * width), 1), max(round(scale * height), 1))
    small = cv2.medianBlur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), 3)
    step = 255 / (_LEVELS - 1)
    few = (np.rint(small / step) * step).astype(np.uint8)
    return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def _encoded(suffix: str, picture: NDArray[np.uint8]) -> bytes:
    flags = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY] if suffix == ".jpg" else []
    done, data = cv2.imencode(suffix, picture, flags)
    assert done, "an array of this shape can always be encoded"
    return bytes(data.tobytes())
