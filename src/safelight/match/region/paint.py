"""Marks laid over a picture: text, stickers, bars; of one colour each, opaque or letting the picture shine through.

A paint is a colour and how much it lets through: suspect = through * source + colour. A mark is a connected area of
one paint with a hard edge, beyond which the source is seen at once. Replaced content has neither: many colours, and
its flat parts border on other parts of it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Mask, Plane

_CLEAR = 3.0  # differences, in noise, from which on a pixel is surely not the source's own
_BAND = 31  # pixels across: paints are looked for this near to where the source is seen
_MOST_PIXELS = 6000  # looked at for one paint
_LEAST = 30  # pixels that a paint, or a mark with its surroundings, must have
_THROUGH = tuple(step / 10 for step in range(8))
_PAINTS = 5
_BIN, _BINS = 24, 16  # levels per bin of the colour histogram, from 48 below black on
_NEAR = 20.0  # levels off its paint that a pixel of a mark may be
_EVEN = 9.0  # levels off its paint that a mark's pixels are on average
_STEP = 10.0  # levels between a mark and its surroundings that make an edge
_HALO = 0.15  # share of a mark's difference that compression leaves around it
_STROKE = 0.025  # of the longest side: half the width from which on a mark is no stroke
_MOST = 0.125  # of the longest side: half the width from which on it is content
_TEXTURE, _NOISE = 0.6, 0.25  # levels, and share of the noise: median deviation of luma inside a flat shape
_SOFT = 0.08  # share of a shape's surroundings that may be a blend
_FREE = 0.6  # share of a mark's surroundings where the source is seen
_SOLID = 0.7  # share of its filled outline that a mark must have for what it encloses to belong to it
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)

Pixels = NDArray[np.float32]


def _disc(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _grown(mask: NDArray[np.generic], side: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), _disc(side)) > 0)


def _main_paint(suspect: Pixels, source: Pixels) -> tuple[float, Pixels]:
    """The paint that most of the pixels (n, 3) share: what it lets through, and its own part of the colour (3,)."""
    best, most = (0.0, np.zeros(3, np.float32)), 0.0
    for through in _THROUGH:
        own = suspect - np.float32(through) * source
        bins = np.clip((own + 48) // _BIN, 0, _BINS - 1).astype(np.int64)
        top = int(np.bincount(bins[:, 0] * _BINS**2 + bins[:, 1] * _BINS + bins[:, 2]).argmax())
        middle = (np.array([top // _BINS**2, top // _BINS % _BINS, top % _BINS]) + 0.5) * _BIN - 48
        colour = np.median(own[np.abs(own - middle).max(axis=1) <= _BIN], axis=0)
        # Of two paints that explain as much, the opaque one: little is left of a source seen through thick paint.
        explained = float((np.abs(own - colour).max(axis=1) <= _near(through)).sum()) * (1 - 0.1 * through)
        if explained > most:
            best, most = (through, colour.astype(np.float32)), explained
    return _sharpened(suspect, source, *best)


def _sharpened(suspect: Pixels, source: Pixels, through: float, colour: Pixels) -> tuple[float, Pixels]:
    """The same paint, fitted to the pixels near it by least squares."""
    near = np.abs(suspect - np.float32(through) * source - colour).max(axis=1) <= _near(through)
    ours, theirs = suspect[near].astype(np.float64), source[near].astype(np.float64)
    spread = theirs - theirs.mean(axis=0)
    through = float((spread * ours).sum() / max((spread * spread).sum(), 1.0)) if through else 0.0
    through = min(max(through, 0.0), _THROUGH[-1])
    return through, (ours.mean(axis=0) - through * theirs.mean(axis=0)).astype(np.float32)


def _near(through: float) -> float:
    return _NEAR * (1 - 0.5 * through)


def _is_even(own: Pixels, body: Mask, noise: float) -> bool:
    """Whether the middle of a shape has no more texture than compression gives to a flat colour."""
    core = own[cv2.erode(np.pad(body.astype(np.uint8), 1), _disc(7))[1:-1, 1:-1] > 0] @ _LUMA
    return core.size > 0 and float(np.median(np.abs(core - np.median(core)))) <= _TEXTURE + _NOISE * noise


def _is_hard(own: Pixels, source: Pixels, body: Mask, ring: Mask) -> bool:
    """Whether the shape ends at once: a feathered edge is a blend of its colour and the source."""
    colour, under = np.median(own[body], axis=0), source[ring]
    step = colour - under
    share = ((own[ring] - under) * step).sum(axis=1) / np.maximum((step * step).sum(axis=1), 1)
    apart = np.abs(own[ring] - under - share[:, None] * step).max(axis=1)
    soft = (share > _HALO) & (share < 1 - _HALO) & (apart <= _NEAR)
    return float(soft.sum()) <= _SOFT * soft.size


def _marks(fits: Mask, own: Pixels, source: Pixels, misfit: Plane, off: Plane, around: Mask, noise: float) -> Mask:
    """Of the connected areas of one paint, those that are marks, with what they enclose."""
    found = np.zeros(fits.shape, np.bool_)
    side = max(fits.shape)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(fits.astype(np.uint8), connectivity=8)
    for label in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[label])
        part = np.s_[max(0, top - 6) : top + height + 6, max(0, left - 6) : left + width + 6]
        body = np.asarray(labels[part] == label)
        if area < _LEAST / 2 or float(misfit[part][body].mean()) > _EVEN:
            continue
        outlines, _ = cv2.findContours(body.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        filled = cv2.drawContours(np.zeros(body.shape, np.uint8), outlines, -1, 1, -1) > 0
        whole = filled if area > _SOLID * filled.sum() else body
        ring = _grown(filled, 9) & ~_grown(filled, 5) & ~fits[part]
        seen = (off[part] < max(_CLEAR, _HALO * float(np.median(off[part][body])))) & (misfit[part] > _STEP)
        if (ring & (seen | around[part])).sum() < _FREE * max(1, ring.sum()):
            continue
        half = cv2.distanceTransform(np.pad(whole.astype(np.uint8), 1), cv2.DIST_L2, 3).max() / side
        outer = np.asarray(ring & ~_grown(filled, 7) & ~around[part])
        if half <= _STROKE or (half <= _MOST and _is_even(own[part], body, noise) and _is_hard(own[part], source[part], body, outer)):
            found[part] |= whole
    return found


def marks(suspect: Pixels, source: Pixels, off: Plane, inside: Mask, noise: float) -> Mask:
    """Where marks lie.

    `suspect`, `source`: float32 RGB on one grid, the source in the suspect's tones. `off`: their difference in units
    of noise. `inside`: where the source reaches.
    """
    different = (off > _CLEAR) & inside
    seen = cv2.morphologyEx((~different & inside).astype(np.uint8), cv2.MORPH_OPEN, _disc(3)) > 0
    band = different & _grown(seen, _BAND)
    found = np.zeros(off.shape, np.bool_)
    for _ in range(_PAINTS):
        places = np.flatnonzero(band)
        if places.size < _LEAST:
            break
        some = places[:: max(1, places.size // _MOST_PIXELS)]
        through, colour = _main_paint(suspect.reshape(-1, 3)[some], source.reshape(-1, 3)[some])
        own = suspect - np.float32(through) * source
        misfit = np.abs(own - colour).max(axis=2)
        fits = (misfit <= _near(through)) & (off > _CLEAR / 2) & inside
        found |= _marks(np.asarray(fits), own, source, misfit, off, np.asarray(~inside | found), noise)
        band &= ~_grown(fits, 3)
    return np.asarray(_grown(found, 5) & (off > _CLEAR / 2) & inside | found)
