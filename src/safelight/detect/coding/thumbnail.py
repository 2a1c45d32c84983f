"""Whether the thumbnail in a file's EXIF shows the same picture. Editors that leave it behind show what was there.

The thumbnail is laid over the picture in every way that cameras make them (whole, stretched, with bars, cropped to its
shape, turned, mirrored); the way that fits best counts. What is compared is structure, not tone: both are taken to a
grid of 64 x 48, their coarse light is removed, and each place gets the structure term of SSIM (Wang et al. 2004) over a
window of 11. Thresholds were set on photographs with thumbnails made in those ways; docs/examiner.md has the figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.model.region import Box
from safelight.model.signal import Forgeable, Place, Rule, Says, Signal, SignalKind

RULE = Rule("exif-thumbnail", "CIPA DC-008 (EXIF 2.32), 4.5.5; own measurement, docs/examiner.md", "2026-11-22")

_GRID = (64, 48)  # width, height
_WORK = 400  # pixels along the longest side of the reduced picture
_WINDOW = 11
_SMALL = 8  # pixels; what has a shorter side is no picture
_DARK = 40  # levels; a bar is darker throughout
_PLAIN = 1.5  # levels of structure (standard deviation); below, there is nothing to compare
_EVEN = 20.0  # as `c` of SSIM, at a structure of 20 levels
_FITS = 0.9  # correlation at which no other turn is tried
_ALIKE, _UNLIKE = 0.7, 0.4  # likeness of a place that agrees, that differs
_AGREES = 0.85  # share of places that agree; of 800 pairs that belong together all but a few have more
_REST = 0.8  # mean likeness outside of the part that differs
_REST_OF_SMALL = 0.92  # the same for a part so small that the whole would pass for the same
_LEAST = 0.02  # share of places that the part has at least
_OTHER, _OTHER_FITS = 0.5, 0.8  # share of places that agree, and correlation; another picture has less of both
_WITHIN = 0.92  # correlation with a part of the thumbnail
_STEP, _SMALLEST = 0.96, 0.3  # sizes of that part, as shares of the thumbnail

Grey = NDArray[np.uint8]
Structure = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Fit:
    """One way of laying the thumbnail over the picture. `window`: the part of the reduced picture that it covers."""

    correlation: float
    window: Box
    mirrored: bool
    thumbnail: Structure
    picture: Structure


@dataclass(frozen=True, slots=True)
class _Likeness:
    """`agree`: share of places that are alike; `share`, `box`: the largest part that differs, on the grid; `rest`."""

    agree: float
    share: float
    box: Box
    rest: float


def compare_thumbnail(
    thumbnail: NDArray[np.uint8], picture: NDArray[np.uint8], place: Place | None = None
) -> tuple[Signal, ...]:
    """What the thumbnail says of its picture: one signal, or none where neither can be said.

    `thumbnail`, `picture`: uint8 RGB of shape (height, width, 3), both as stored. `place`: of the thumbnail in the
    file. Signals: `thumbnail_agrees` (says nothing), `thumbnail_differs_in_part`, `thumbnail_shows_more` (the picture
    is a part of it), `thumbnail_mismatch`; their figures are `similarity` (correlation of the best fit, -1 to 1),
    `agree` (share of the places, 0 to 1) and, for a part, its box `left`, `top`, `right`, `bottom` in the picture's
    pixels and its `share`; for more, `part`, the share of the thumbnail's area that is the picture.
    """
    small, shrink = _reduced(picture)
    inner, _ = _reduced(thumbnail)
    if min(*small.shape, *inner.shape) < _SMALL or (fit := _best_fit(inner, small)) is None:
        return ()
    like = _likeness(fit.thumbnail, fit.picture)
    figures = {"similarity": round(fit.correlation, 4), "agree": round(like.agree, 4)}
    places = (place,) if place else ()
    in_part = like.share >= _LEAST
    if like.agree >= _AGREES and not in_part:
        words = "The thumbnail in the file shows the same picture" + (", mirrored" if fit.mirrored else "")
        return (Signal("thumbnail_agrees", words, SignalKind.CODING, places=places, figures=figures),)
    if in_part and like.rest >= (_REST if like.agree < _AGREES else _REST_OF_SMALL):
        box = _in_picture(like.box, fit.window, shrink, picture.shape)
        sides = dict(zip(("left", "top", "right", "bottom"), map(float, box), strict=True))
        words = (
            "The thumbnail in the file shows another thing in one part of the picture: "
            f"pixels {box[0]} to {box[2]} across, {box[1]} to {box[3]} down"
        )
        return (
            _altered("thumbnail_differs_in_part", words, figures | sides | {"share": round(like.share, 4)}, places),
        )
    if like.agree < _OTHER and fit.correlation < _OTHER_FITS:
        return (_other(_part_of(inner, small), figures, places),)
    return ()


def _other(part: float, figures: dict[str, float], places: tuple[Place, ...]) -> Signal:
    """`part`: the share of the thumbnail's area that is the picture, 0 when it is not found there."""
    if not part:
        return _altered("thumbnail_mismatch", "The thumbnail in the file shows another picture", figures, places)
    words = f"The thumbnail in the file shows more than the picture, which is about {part:.0%} of it"
    return _altered("thumbnail_shows_more", words, figures | {"part": round(part, 4)}, places)


def _altered(name: str, words: str, figures: dict[str, float], places: tuple[Place, ...]) -> Signal:
    return Signal(
        name,
        f"{words}; the picture was changed after the thumbnail was made, or the thumbnail was planted",
        SignalKind.CODING,
        Says.ALTERED,
        places=places,
        forgeable=Forgeable.ANYONE,
        rule=RULE,
        figures=figures,
    )


def _reduced(picture: NDArray[np.uint8]) -> tuple[Grey, float]:
    """The picture in grey, at most `_WORK` pixels along its longest side, and its size as a share of the picture's."""
    height, width = picture.shape[:2]
    shrink = min(1.0, _WORK / max(height, width))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    small = picture if shrink == 1 else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8), shrink


def _best_fit(thumbnail: Grey, picture: Grey) -> _Fit | None:
    """The way that fits best; None when one of the two has no structure to compare."""
    whole = 0, 0, picture.shape[1], picture.shape[0]
    covered: dict[Box, Structure] = {}
    best: _Fit | None = None
    for mirrored in (False, True):
        for turns in range(4):
            turned = np.rot90(thumbnail[:, ::-1] if mirrored else thumbnail, turns)
            for part, window in _ways(turned, whole):
                if window not in covered:
                    covered[window] = _on_grid(_cut(picture, window))
                fit = _fit(_on_grid(part), covered[window], window, mirrored=mirrored)
                if fit is None:
                    return None
                best = fit if best is None or fit.correlation > best.correlation else best
            if best is not None and best.correlation >= _FITS:
                return best
    return best


def _ways(thumbnail: Grey, whole: Box) -> Iterator[tuple[Grey, Box]]:
    """Parts of the thumbnail, and the windows of the picture that they may show."""
    shape = thumbnail.shape[1] / thumbnail.shape[0]
    full = 0, 0, thumbnail.shape[1], thumbnail.shape[0]
    yield thumbnail, whole
    yield _cut(thumbnail, _without_bars(thumbnail)), whole
    yield thumbnail, _middle(whole, shape)
    yield _cut(thumbnail, _middle(full, whole[2] / whole[3])), whole


def _without_bars(grey: Grey) -> Box:
    rows, columns = np.flatnonzero(grey.max(axis=1) > _DARK), np.flatnonzero(grey.max(axis=0) > _DARK)
    if len(rows) < _SMALL or len(columns) < _SMALL:
        return 0, 0, grey.shape[1], grey.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _middle(box: Box, shape: float) -> Box:
    """The largest box of that shape (width / height) in the middle."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if width / height > shape:
        least = max(1, round(height * shape))
        left += (width - least) // 2
        return left, top, left + least, bottom
    least = max(1, round(width / shape))
    top += (height - least) // 2
    return left, top, right, top + least


def _cut(grey: Grey, box: Box) -> Grey:
    return grey[box[1] : box[3], box[0] : box[2]]


def _on_grid(grey: Grey) -> Structure:
    """What is neither coarse light nor fine detail, on the grid."""
    return _structure(cv2.resize(np.ascontiguousarray(grey), _GRID, interpolation=cv2.INTER_AREA), 1.0, 8.0)


def _structure(grey: object, fine: float, coarse: float) -> Structure:
    smooth = cv2.GaussianBlur(np.asarray(grey, np.float32), (0, 0), fine)
    return np.asarray(smooth - cv2.GaussianBlur(smooth, (0, 0), coarse), np.float32)


def _fit(thumbnail: Structure, picture: Structure, window: Box, *, mirrored: bool) -> _Fit | None:
    spreads = float(thumbnail.std()), float(picture.std())
    if min(spreads) < _PLAIN:
        return None
    product = (thumbnail - thumbnail.mean()) * (picture - picture.mean())
    return _Fit(float(product.mean()) / (spreads[0] * spreads[1]), window, mirrored, thumbnail, picture)


def _likeness(one: Structure, other: Structure) -> _Likeness:
    one, other = (side * np.float32(_EVEN / np.sqrt(np.mean(side * side))) for side in (one, other))

    def mean(values: Structure) -> Structure:
        return np.asarray(cv2.boxFilter(values, -1, (_WINDOW, _WINDOW), borderType=cv2.BORDER_REFLECT), np.float32)

    means = mean(one), mean(other)
    spread = mean(one * one) - means[0] ** 2 + mean(other * other) - means[1] ** 2
    alike = (2 * (mean(one * other) - means[0] * means[1]) + _EVEN) / (spread + _EVEN)
    unlike = cv2.morphologyEx((alike < _UNLIKE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(unlike)
    agree = float(np.mean(alike > _ALIKE))
    if count < 2:
        return _Likeness(agree, 0.0, (0, 0, 0, 0), float(alike.mean()))
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height, area = (int(value) for value in stats[largest])
    rest = alike[labels != largest]
    box = left, top, left + width, top + height
    return _Likeness(agree, area / alike.size, box, float(rest.mean()) if rest.size else 0.0)


def _in_picture(box: Box, window: Box, shrink: float, shape: tuple[int, ...]) -> Box:
    """A box on the grid in pixels of the picture."""
    across, along = (window[2] - window[0]) / _GRID[0] / shrink, (window[3] - window[1]) / _GRID[1] / shrink
    left, top = window[0] / shrink, window[1] / shrink
    return (
        max(0, round(left + box[0] * across)),
        max(0, round(top + box[1] * along)),
        min(shape[1], round(left + box[2] * across)),
        min(shape[0], round(top + box[3] * along)),
    )


def _part_of(thumbnail: Grey, picture: Grey) -> float:
    """The share of the thumbnail's area that is the picture; 0 when it is not found there."""
    frame = _sized(_cut(thumbnail, _without_bars(thumbnail)), 128)
    coarse = _sized(picture, 256)
    there = _structure(frame, 1.5, 12.0)
    best, found = _WITHIN, 0.0
    scale = min(frame.shape[1] / coarse.shape[1], frame.shape[0] / coarse.shape[0])
    part = 1.0
    while part > _SMALLEST:
        size = round(coarse.shape[1] * scale * part), round(coarse.shape[0] * scale * part)
        if min(size) < 20:  # smaller ones fit by chance
            break
        here = _structure(cv2.resize(coarse, size, interpolation=cv2.INTER_AREA), 1.5, 12.0)
        if float(here.std()) >= _PLAIN:
            fits = float(cv2.matchTemplate(there, here, cv2.TM_CCOEFF_NORMED).max())
            if fits > best:
                best, found = fits, size[0] * size[1] / frame.size
        part *= _STEP
    return found


def _sized(grey: Grey, longest: int) -> Grey:
    scale = longest / max(grey.shape)
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(grey), size, interpolation=way), np.uint8)
