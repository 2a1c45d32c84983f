"""The altered region of a suspect with the source's pixels at hand.

Both pictures are brought onto one grid (`frame`), aligned to a fraction of a pixel (`align`), brought to the same tones
(`tone`) and the same sharpness (`sharpness`). What still differs more than noise does (`evidence`) is a mark laid over
the picture (`paint`), or speaks for other content, whose region is cut out (`cut`) and given its outline (`outline`).

Nothing is drawn at random, and sums have a fixed order: the same pictures give the same map, byte for byte, for any
number of threads.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region import evidence, paint, sharpness, tone
from safelight.match.region.align import agreement, refine
from safelight.match.region.cut import cut
from safelight.match.region.frame import (
    WORKING_SIDE,
    Frame,
    Mask,
    Matrix,
    Plane,
    Rgb,
    after,
    checked_matrix,
    checked_picture,
    fit_frame,
    inverse,
    needed_source,
    outside_source,
    shrunk,
)
from safelight.match.region.maps import region_map
from safelight.match.region.outline import settled
from safelight.model.region import RegionBasis, RegionMap

LEAST_AGREEING = 0.08
"""Share of the texture both pictures show that must agree; with less, the alignment is taken to be wrong."""

_MUCH = 0.25  # share that differs from which on the alignment is doubted at all
_UNSURE = 0.25  # the most confidence there can be when the alignment is taken to be wrong
_MARGIN = 1.5  # pixels beside an edge of the source that belong to neither side
_TRUST_SIDE = 256  # pixels, longest side at which tones are compared
_DOUBT = np.float32(0.01)  # trust where no texture says that both show the same
_SURE = 6.0  # log-odds that one place can have
_LENGTH = 16.0  # log-odds that a pixel of outline costs, on a grid of 256
_COLOURLESS = 8  # levels between the channels of a pixel that has no colour to speak of
_POOR, _RICH = 1.0, 4.0  # levels of spread at which a place tells half of what it could: beside noise, and of all
_CLEAR_MARK = 6.0  # difference, in noise, at which a mark is certain


@dataclass(frozen=True, slots=True)
class Pair:
    """Both pictures on the working grid, aligned.

    `suspect`, `source`: uint8 RGB. `inside`: where the source reaches. `matrix`: from the grid to the source.
    """

    suspect: Rgb
    source: Rgb
    inside: Mask
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pair in the same tones and sharpness. `suspect`, `source`: float32 RGB, shape (height, width, 3)."""

    suspect: NDArray[np.float32]
    source: NDArray[np.float32]
    difference: evidence.Difference


def paired(suspect: Rgb, source: Rgb, frame: Frame) -> Pair:
    """Bring both pictures onto the grid of `frame` and sharpen the alignment."""
    left, top, right, bottom = frame.box
    ours = np.asarray(shrunk(suspect[top:bottom, left:right], frame.size), np.uint8)
    theirs, back = needed_source(source, frame)
    size = source.shape[1], source.shape[0]
    reach = ~outside_source(frame.size, frame.matrix, size, -2 * _MARGIN)
    found = refine(sharpness.luma(ours), sharpness.luma(theirs), after(inverse(back), frame.matrix), reach)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(theirs, found, frame.size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    matrix = after(back, found)
    return Pair(ours, np.asarray(moved, np.uint8), ~outside_source(frame.size, matrix, size, _MARGIN), matrix)


def _colourful(picture: Rgb) -> float:
    """Share of the pixels that have a colour to speak of."""
    return float((picture.max(axis=2) - picture.min(axis=2) > _COLOURLESS).mean())


def _without_colour(pair: Pair) -> Pair:
    """Only luma of both where a source without colour was given one throughout."""
    if _colourful(pair.source) > 0.01 or _colourful(pair.suspect) < 0.5:
        return pair
    grey = [
        np.repeat(np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.uint8)[:, :, None], 3, axis=2)
        for one in (pair.suspect, pair.source)
    ]
    return Pair(grey[0], grey[1], pair.inside, pair.matrix)


def compared(pair: Pair) -> Comparison:
    """Bring the source to the tones of the suspect, and both to one sharpness; then take the difference."""
    pair = _without_colour(pair)
    size = pair.inside.shape[1], pair.inside.shape[0]
    factor = min(1.0, _TRUST_SIDE / max(size))
    small = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
    ours, theirs = shrunk(pair.suspect, small), shrunk(pair.source, small)
    reach = np.asarray(shrunk(pair.inside.astype(np.float32), small), np.float32)
    alike = agreement(sharpness.luma(ours), sharpness.luma(theirs)) ** 2 * reach
    fitted = tone.fit(theirs, ours, alike + _DOUBT * reach)
    trust = np.asarray(shrunk(alike, size) * pair.inside, np.float32)
    one, two = sharpness.matched(pair.suspect.astype(np.float32), fitted.applied(pair.source), trust)
    return Comparison(one, two, evidence.difference(one, two, np.asarray(trust + _DOUBT * pair.inside, np.float32)))


def _planes(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.moveaxis(picture, 2, 0))


def _region(found: Comparison, usable: Mask) -> tuple[Plane, Plane]:
    """Other content (shares, more than 1/2 within it) and how sure that is (0 to 1), on the evidence's grid."""
    measured = evidence.measures(found.difference, usable)
    odds = evidence.log_odds(measured)
    grid = odds.shape[1], odds.shape[0]
    share = np.asarray(shrunk(usable.astype(np.float32), grid), np.float32)
    odds = np.clip(odds, -_SURE, _SURE) * share
    apart = found.difference.suspect - found.difference.source
    plain = np.asarray(shrunk(np.sqrt((apart * apart).sum(axis=2)), grid), np.float32)
    shares = settled(cut(odds, _LENGTH * max(grid) / 256), plain, share > 0.5)
    region = shares > 0.5
    texture = np.exp(np.maximum(measured["suspect_texture"], measured["source_texture"]))
    if _is_misaligned(
        region, np.asarray(share * texture / (texture + _RICH), np.float32), measured["correlation"], share
    ):
        return np.ones_like(shares), np.minimum(np.abs(odds) / _SURE, _UNSURE)
    telling = texture / (texture + np.float32(found.difference.noise + _POOR))
    surely = np.clip(np.where(region, odds, -odds) / _SURE, 0, 1)
    return shares, np.where(region, surely, surely * telling).astype(np.float32)


def _is_misaligned(region: Mask, texture: Plane, correlation: Plane, share: Plane) -> bool:
    """Whether so much differs, and so little of what has texture correlates, that the alignment must be wrong."""
    agreeing = float((texture * np.maximum(correlation, 0))[~region].sum())
    differs_much = float(share[region].sum()) > _MUCH * float(share.sum())
    return differs_much and agreeing < LEAST_AGREEING * float(texture.sum())


def altered_region(suspect: Rgb, source: Rgb, matrix: Matrix) -> RegionMap:
    """Where and how a suspect differs from its source.

    `suspect`, `source`: uint8 RGB of any sizes. `matrix`: float64 of shape (2, 3), takes coordinates of the suspect to
    those of the source, right to a few pixels; it may mirror. Raises ValueError for other arrays, and for matrices
    that are not finite, are singular or relate no two pictures.

    A mark that lies over replaced content counts as replaced. Where less than `LEAST_AGREEING` of the
    texture agrees, the alignment is taken to be wrong: all of it is called replaced, with little confidence. Flat
    places that are alike count as unchanged, with little confidence, for nothing there could tell.
    """
    height, width = checked_picture(suspect).shape[:2]
    source_size = checked_picture(source).shape[1], source.shape[0]
    frame = fit_frame((width, height), source_size, checked_matrix(matrix), WORKING_SIDE)
    replaced, overlay = np.zeros((height, width), np.bool_), np.zeros((height, width), np.bool_)
    confidence = np.full((height, width), 255, np.uint8)
    if frame is None:
        return region_map(RegionBasis.PIXELS, replaced, overlay, ~replaced, confidence)
    pair = paired(suspect, source, frame)
    found = compared(pair)
    off = found.difference.in_noise
    marks = paint.marks(
        paint.Scene(
            suspect=_planes(found.suspect),
            source=_planes(found.source),
            off=off,
            luma_off=found.difference.luma_in_noise,
            inside=pair.inside,
            noise=found.difference.noise,
        )
    )
    shares, surely = _region(found, pair.inside & ~marks)
    marked = np.minimum(off / np.float32(_CLEAR_MARK), 1) * marks
    left, top, right, bottom = frame.box
    part, size = np.s_[top:bottom, left:right], (right - left, bottom - top)
    outside = outside_source((width, height), after(pair.matrix, inverse(frame.step)), source_size, _MARGIN)
    replaced[part] = shrunk(shares, size) > 0.5
    overlay[part] = shrunk(marks.astype(np.float32), size) > 0.5
    surely = np.where(overlay[part] & ~replaced[part], shrunk(marked, size), shrunk(surely, size))
    confidence[part] = np.where(outside[part], 255, np.rint(255 * np.clip(surely, 0, 1)))
    return region_map(RegionBasis.PIXELS, replaced, overlay, outside, confidence)
