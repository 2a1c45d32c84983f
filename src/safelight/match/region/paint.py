"""Marks laid over a picture: text, stickers, bars; of one colour each, opaque or letting the picture shine through.

A paint is a colour and how much it lets through: suspect = through * source + colour. A mark is a connected area of
one paint with a hard edge, beyond which the source is seen at once. Pasted content has neither: it is textured, or its
flat parts border on other parts of it, or its edge is soft. A flat patch with a hard edge cannot be told from a
sticker; one that is thicker than any sticker counts as content.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Mask, Plane

_CLEAR = 3.0  # differences, in noise, from which on a pixel is surely not the source's own
_BAND = 31  # pixels across: paints are looked for this near to where the source is seen
_MOST_PIXELS = 4000  # looked at for one paint
_LEAST = 30  # pixels that a paint, or a mark with its surroundings, must have
_THROUGH = tuple(step / 10 for step in range(8))
_PAINTS = 5
_BIN, _BINS = 24, 16  # levels per bin of the colour histogram, from 48 below black on
_NEAR = 20.0  # levels off its paint that a pixel of a mark may be
_EVEN = 9.0  # levels off its paint that a mark's pixels are on average
_STEP = 10.0  # levels between a mark and its surroundings that make an edge
_LUMA_TELLS = 8.0  # difference of luma, in noise, at which a mark's edge is seen in luma alone
_HALO = 0.15  # share of a mark's difference that compression leaves around it
_FREE = 0.6  # share of a mark's surroundings where the source is seen
_SOLID = 0.7  # share of its filled outline that a mark must have for what it encloses to belong to it
_STROKE = 0.025  # of the longest side: half the width from which on a mark is no stroke
_MOST = 0.125  # of the longest side: half the width from which on it is content
_TEXTURE, _NOISE = 0.6, 0.25  # levels, and share of the noise: median deviation of luma inside a flat shape
_SOFT = 0.08  # share of a shape's surroundings that may be a blend
_MARGIN = 6  # pixels around a mark that are looked at
_LUMA = (0.299, 0.587, 0.114)

Colours = NDArray[np.float32]
"""float32, shape (3, n): the colours of n pixels."""


@dataclass(frozen=True, slots=True)
class _Paint:
    through: float
    colour: NDArray[np.float32]  # (3,)

    @property
    def near(self) -> float:
        """Levels off the paint that a pixel may be: what shines through brings its own errors, but less of them."""
        return _NEAR * (1 - 0.5 * self.through)

    def misfit(self, suspect: Colours, source: Colours) -> NDArray[np.float32]:
        """Levels that pixels are off the paint, in the worst channel."""
        off = np.abs(suspect - np.float32(self.through) * source - self.colour.reshape(3, *[1] * (source.ndim - 1)))
        return np.asarray(np.maximum(np.maximum(off[0], off[1]), off[2]), np.float32)


@dataclass(frozen=True, slots=True)
class Scene:
    """What marks are looked for in.

    `suspect`, `source`: float32 of shape (3, height, width), the source in the suspect's tones. `off`, `luma_off`:
    their tolerant difference in units of noise, of luma and colour or luma alone. `inside`: where the source reaches.
    `noise`: what unaltered places differ by, levels.
    """

    suspect: NDArray[np.float32]
    source: NDArray[np.float32]
    off: Plane
    luma_off: Plane
    inside: Mask
    noise: float

    def part(self, left: int, top: int, width: int, height: int) -> tuple["Scene", tuple[slice, slice]]:
        """The scene in a box and a margin around it, and where that is."""
        rows = slice(max(0, top - _MARGIN), top + height + _MARGIN)
        columns = slice(max(0, left - _MARGIN), left + width + _MARGIN)
        at = rows, columns
        cut = Scene(
            self.suspect[:, *at], self.source[:, *at], self.off[at], self.luma_off[at], self.inside[at], self.noise
        )
        return cut, at


def _disc(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _grown(mask: NDArray[np.generic], side: int) -> Mask:
    return np.asarray(cv2.dilate(mask.view(np.uint8), _disc(side))).view(np.bool_)


def _main_paint(suspect: Colours, source: Colours) -> _Paint:
    """The paint that most of the pixels share."""
    best, most = _Paint(0.0, np.zeros(3, np.float32)), 0.0
    for through in _THROUGH:
        own = suspect - np.float32(through) * source
        bins = np.clip((own + 48) / _BIN, 0, _BINS - 1).astype(np.int64)
        codes = bins[0] * _BINS**2 + bins[1] * _BINS + bins[2]
        most_common = own[:, codes == np.bincount(codes).argmax()]
        paint = _Paint(through, np.median(most_common, axis=1).astype(np.float32))
        # Of two paints that explain as much, the opaque one: little is left of a source seen through thick paint.
        explained = float((paint.misfit(suspect, source) <= paint.near).sum()) * (1 - 0.1 * through)
        if explained > most:
            best, most = paint, explained
    return _fitted(best, suspect, source)


def _fitted(paint: _Paint, suspect: Colours, source: Colours) -> _Paint:
    """The same paint, fitted to the pixels near it by least squares."""
    near = paint.misfit(suspect, source) <= paint.near
    ours, theirs = suspect[:, near].astype(np.float64), source[:, near].astype(np.float64)
    through, middle = 0.0, theirs.mean(axis=1, keepdims=True)
    if paint.through:
        spread = theirs - middle
        slope = float((spread * ours).sum()) / max(float((spread * spread).sum()), 1.0)
        through = min(max(slope, 0.0), _THROUGH[-1])
    return _Paint(through, (ours.mean(axis=1) - through * middle[:, 0]).astype(np.float32))


def _is_even(own: Colours, noise: float) -> bool:
    """Whether a shape has no more texture than compression gives to a flat colour."""
    luma = np.einsum("cn,c->n", own, np.array(_LUMA, np.float32))
    return luma.size > 0 and float(np.median(np.abs(luma - np.median(luma)))) <= _TEXTURE + _NOISE * noise


def _blends(colour: Colours, around: Colours, under: Colours) -> int:
    """How many pixels `around` a shape are a blend of its colour and the source `under` them, as at a soft edge."""
    step = colour[:, None] - under
    share = ((around - under) * step).sum(axis=0) / np.maximum((step * step).sum(axis=0), 1)
    apart = np.abs(around - under - share * step).max(axis=0)
    return int(((share > _HALO) & (share < 1 - _HALO) & (apart <= _NEAR)).sum())


def _mark(scene: Scene, paint: _Paint, body: Mask, same: Mask, found: Mask, longest: int) -> Mask | None:
    """The mark whose paint covers `body`, with what it encloses; None when it is not one.

    `same`: all that is of this paint. `found`: marks found already. `longest`: side of the whole grid, pixels.
    """
    misfit = paint.misfit(scene.suspect, scene.source)
    if float(misfit[body].mean()) > _EVEN:
        return None
    outlines, _ = cv2.findContours(body.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(body.shape, np.uint8), outlines, -1, 1, -1).view(np.bool_)
    ring = _grown(filled, 9) & ~_grown(filled, 5) & ~same
    # Compression lets colour bleed far around a mark: luma tells its edge, where it can.
    off = scene.luma_off if float(np.median(scene.luma_off[body])) > _LUMA_TELLS else scene.off
    halo = max(_CLEAR, _HALO * float(np.median(off[body])))
    around = ~scene.inside | found
    free = around | ((off < halo) & (misfit > _STEP))
    if (ring & free).sum() < _FREE * max(1, int(ring.sum())):
        return None
    whole = filled if body.sum() > _SOLID * filled.sum() else body
    half = float(cv2.distanceTransform(np.pad(whole.view(np.uint8), 1), cv2.DIST_L2, 3).max()) / longest
    if half <= _STROKE:
        return whole
    own = scene.suspect - np.float32(paint.through) * scene.source
    core = cv2.erode(np.pad(body.view(np.uint8), 1), _disc(7))[1:-1, 1:-1].view(np.bool_)
    if half > _MOST or not _is_even(own[:, core], scene.noise):
        return None
    outer = ring & ~_grown(filled, 7) & ~around
    soft = outer & (off >= halo)
    colour = np.median(own[:, body], axis=1)
    blends = _blends(colour, own[:, soft], scene.source[:, soft])
    return whole if blends <= _SOFT * int(outer.sum()) else None


def marks(scene: Scene) -> Mask:
    """Where marks lie; bool of shape (height, width)."""
    differs = (scene.off > _CLEAR) & scene.inside
    candidates = np.flatnonzero((scene.off > _CLEAR / 2) & scene.inside)
    suspect, source = scene.suspect.reshape(3, -1), scene.source.reshape(3, -1)
    ours, theirs = suspect[:, candidates], source[:, candidates]
    seen = cv2.morphologyEx((~differs & scene.inside).view(np.uint8), cv2.MORPH_OPEN, _disc(3))
    band = differs & _grown(seen, _BAND)
    found = np.zeros(scene.off.shape, np.bool_)
    for _ in range(_PAINTS):
        places = np.flatnonzero(band)
        if places.size < _LEAST:
            break
        some = places[:: max(1, places.size // _MOST_PIXELS)]
        paint = _main_paint(suspect[:, some], source[:, some])
        fits = np.zeros(scene.off.shape, np.bool_)
        fits.ravel()[candidates[paint.misfit(ours, theirs) <= paint.near]] = True
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(fits.view(np.uint8), connectivity=8)
        for label in range(1, count):
            left, top, width, height, area = (int(value) for value in boxes[label])
            if 2 * area >= _LEAST:
                part, at = scene.part(left, top, width, height)
                mark = _mark(part, paint, labels[at] == label, fits[at], found[at], max(found.shape))
                if mark is not None:
                    found[at] |= mark
        band &= ~_grown(fits, 3)
    return np.asarray((_grown(found, 5) & (scene.off > _CLEAR / 2) & scene.inside) | found)
