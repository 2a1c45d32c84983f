"""A picture under the editor's hands, with what is true of each of its pixels.

Every step returns a new draft whose matrix and maps follow its pixels. Coordinates are (x, y); the centre of the first
pixel is (0, 0), as for OpenCV's warps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
"""uint8, shape (height, width, 3), RGB."""

Colour = tuple[int, int, int]

_RESAMPLING = {True: cv2.INTER_AREA, False: cv2.INTER_LINEAR}


@dataclass(frozen=True, slots=True)
class Draft:
    """Pixels and their truth.

    `matrix`: float64, shape (2, 3), takes pixel coordinates of this picture to those of the source. `replaced`,
    `overlay`, `outside`: float32, shape (height, width), 0 to 1: how much of the pixel is other content pasted into
    the source, lies under text or a sticker, is nothing of the source at all.
    """

    pixels: Rgb
    matrix: NDArray[np.float64]
    replaced: NDArray[np.float32]
    overlay: NDArray[np.float32]
    outside: NDArray[np.float32]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


def begin(source: Rgb) -> Draft:
    """The source itself: nothing replaced, the identity as matrix."""
    nothing = np.zeros(source.shape[:2], np.float32)
    return Draft(source, np.eye(2, 3), nothing, nothing, nothing)


def resize(draft: Draft, width: int, height: int) -> Draft:
    """Resample to that size: by area when it gets smaller, linearly when it gets larger."""
    across, along = draft.size[0] / width, draft.size[1] / height
    how = _RESAMPLING[across * along >= 1]
    step = np.array([[across, 0, across / 2 - 0.5], [0, along, along / 2 - 0.5]])
    maps = [cv2.resize(one, (width, height), interpolation=how) for one in _planes(draft)]
    return _moved(draft, step, maps)


def crop(draft: Draft, left: int, top: int, width: int, height: int) -> Draft:
    """Cut a rectangle out."""
    part = np.s_[top : top + height, left : left + width]
    step = np.array([[1.0, 0, left], [0, 1, top]])
    return _moved(draft, step, [np.ascontiguousarray(one[part]) for one in _planes(draft)])


def mirror(draft: Draft) -> Draft:
    """Swap left and right."""
    step = np.array([[-1.0, 0, draft.size[0] - 1], [0, 1, 0]])
    return _moved(draft, step, [np.ascontiguousarray(one[:, ::-1]) for one in _planes(draft)])


def quarter_turns(draft: Draft, turns: int) -> Draft:
    """Turn counter-clockwise by 90 degrees, 1 to 3 times."""
    for _ in range(turns):
        step = np.array([[0.0, -1, draft.size[0] - 1], [1, 0, 0]])
        draft = _moved(draft, step, [np.ascontiguousarray(np.rot90(one)) for one in _planes(draft)])
    return draft


def rotate(draft: Draft, degrees: float) -> Draft:
    """Turn counter-clockwise about the centre, on a black canvas large enough to lose nothing."""
    width, height = draft.size
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    wide = int(np.ceil(width * abs(cosine) + height * abs(sine)))
    tall = int(np.ceil(width * abs(sine) + height * abs(cosine)))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    centre, middle = np.array([width - 1, height - 1]) / 2, np.array([wide - 1, tall - 1]) / 2
    step = np.column_stack([turn, centre - turn @ middle])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels, replaced, overlay, inside = (
        cv2.warpAffine(one, step, (wide, tall), flags=how)
        for one in (draft.pixels, draft.replaced, draft.overlay, 1 - draft.outside)
    )
    return _moved(draft, step, [pixels, replaced, overlay, 1 - inside])


def place(draft: Draft, ground: Rgb, left: int, top: int) -> Draft:
    """Lay the picture over `ground` with its first pixel at (left, top); all around it is `outside`."""
    width, height = draft.size
    part = np.s_[top : top + height, left : left + width]
    pixels = ground.copy()
    pixels[part] = draft.pixels
    maps = []
    for one, around in ((draft.replaced, 0.0), (draft.overlay, 0.0), (draft.outside, 1.0)):
        larger = np.full(ground.shape[:2], around, np.float32)
        larger[part] = one
        maps.append(larger)
    return _moved(draft, np.array([[1.0, 0, -left], [0, 1, -top]]), [pixels, *maps])


def plain(width: int, height: int, colour: Colour) -> Rgb:
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def cover(picture: Rgb, width: int, height: int, place_x: float = 0.5, place_y: float = 0.5) -> Rgb:
    """A part of the picture of that size, enlarged first only where it is too small; places are 0 (left, top) to 1."""
    have_width, have_height = picture.shape[1], picture.shape[0]
    factor = max(1.0, width / have_width, height / have_height)
    if factor > 1:
        size = max(width, round(have_width * factor)), max(height, round(have_height * factor))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    left = round(place_x * (picture.shape[1] - width))
    top = round(place_y * (picture.shape[0] - height))
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


def shrink_to_cover(picture: Rgb, width: int, height: int) -> Rgb:
    """The middle of the picture, resampled so that it just fills that size."""
    factor = max(width / picture.shape[1], height / picture.shape[0])
    size = max(width, round(picture.shape[1] * factor)), max(height, round(picture.shape[0] * factor))
    return cover(np.asarray(cv2.resize(picture, size, interpolation=_RESAMPLING[factor <= 1]), np.uint8), width, height)


def _planes(draft: Draft) -> tuple[NDArray[Any], ...]:
    return draft.pixels, draft.replaced, draft.overlay, draft.outside


def _moved(draft: Draft, step: NDArray[np.float64], planes: Sequence[NDArray[Any]]) -> Draft:
    """The new planes; `step` takes coordinates in them to those of the old ones."""
    matrix = draft.matrix @ np.vstack([step, [0, 0, 1]])
    pixels, *maps = planes
    replaced, overlay, outside = (np.asarray(one, np.float32) for one in maps)
    return Draft(np.asarray(pixels, np.uint8), matrix, replaced, overlay, outside)
