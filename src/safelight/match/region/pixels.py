"""The altered region of a suspect with the source's pixels at hand."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region import align, evidence, outline, paint, sharpness, tone
from safelight.match.region.cut import cut
from safelight.match.region.frame import (
    WORKING_SIDE, Frame, Mask, Matrix, Plane, Rgb, after, beyond_source, checked_matrix, fit_frame, inverse, scaling, shrunk,
)
from safelight.model.region import Box, RegionBasis, RegionMap

_TRUST_SIDE = 256
_TRUST_WINDOW = 15
_SURE = 6.0
_LENGTH = 10.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Both pictures on the working grid."""

    suspect: Rgb
    source: Rgb
    matrix: Matrix
    inside: Mask
    frame: Frame


def paired(suspect: Rgb, source: Rgb, frame: Frame) -> Pair:
    left, top, right, bottom = frame.box
    ours = np.asarray(shrunk(suspect[top:bottom, left:right], frame.size), np.uint8)
    size = source.shape[1], source.shape[0]
    reach = ~beyond_source(frame.size, frame.matrix, size, -2)
    matrix = align.refine(sharpness.luma(ours), sharpness.luma(source), frame.matrix, reach)
    step = max(1.0, float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))))
    there = max(1, round(size[0] / step)), max(1, round(size[1] / step))
    small = np.asarray(shrunk(source, there), np.uint8)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    down = scaling(there[0] / size[0], there[1] / size[1])
    theirs = cv2.warpAffine(small, after(down, matrix), frame.size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Pair(ours, np.asarray(theirs, np.uint8), matrix, ~beyond_source(frame.size, matrix, size, -1), frame)


def prepared(pair: Pair) -> tuple[evidence.Difference, NDArray[np.float32], NDArray[np.float32]]:
    height, width = pair.inside.shape
    factor = min(1.0, _TRUST_SIDE / max(height, width))
    small = max(1, round(width * factor)), max(1, round(height * factor))
    ours, theirs = (np.asarray(shrunk(picture, small), np.uint8) for picture in (pair.suspect, pair.source))
    alike = align.correlation(align.normalised(sharpness.luma(ours)), align.normalised(sharpness.luma(theirs)), _TRUST_WINDOW)
    trust = np.maximum(alike, 0) ** 2 * np.asarray(shrunk(pair.inside.astype(np.float32), small), np.float32)
    reach = np.asarray(shrunk(pair.inside.astype(np.float32), small), np.float32)
    fitted = tone.fit(theirs, ours, trust + np.float32(0.01) * reach)
    large = np.asarray(shrunk(trust, (width, height)), np.float32) 
    one, two = sharpness.matched(pair.suspect.astype(np.float32), fitted.applied(pair.source), large)
    return evidence.difference(one, two, large + np.float32(0.01) * pair.inside), one, two


def planes(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.moveaxis(x, 2, 0))


def altered_region(suspect: Rgb, source: Rgb, matrix: Matrix) -> RegionMap:
    height, width = suspect.shape[:2]
    size, source_size = (width, height), (source.shape[1], source.shape[0])
    frame = fit_frame(size, source_size, checked_matrix(matrix), WORKING_SIDE)
    replaced, overlay = np.zeros((height, width), np.bool_), np.zeros((height, width), np.bool_)
    if frame is None:
        return _map(replaced, overlay, ~replaced)
    pair = paired(suspect, source, frame)
    compared, one, two = prepared(pair)
    marks = paint.marks(paint.Scene(planes(one), planes(two), compared.in_noise, pair.inside, compared.noise))
    usable = pair.inside & ~marks
    odds = evidence.log_odds(evidence.measures(compared, usable))
    grid = odds.shape[1], odds.shape[0]
    share = np.asarray(shrunk(usable.astype(np.float32), grid), np.float32)
    odds = np.clip(odds, -_SURE, _SURE) * share
    region = cut(odds, _LENGTH * max(grid) / 256)
    plain = np.asarray(shrunk(np.sqrt(((compared.suspect - compared.source) ** 2).sum(axis=2)), grid), np.float32)
    region = outline.settled(region, plain, share > 0.5)
    left, top, right, bottom = frame.box
    part = np.s_[top:bottom, left:right]
    full = (right - left, bottom - top)
    replaced[part] = cv2.resize(region, full, interpolation=cv2.INTER_LINEAR) > 0.5
    overlay[part] = cv2.resize(marks.astype(np.float32), full, interpolation=cv2.INTER_LINEAR) > 0.5
    step = scaling(*frame.scale)
    step[:, 2] += left, top
    outside = beyond_source(size, after(pair.matrix, inverse(step)), source_size, -1.5)
    return _map(replaced & ~outside, overlay & ~outside & ~replaced, outside)


def _map(replaced: Mask, overlay: Mask, outside: Mask) -> RegionMap:
    return RegionMap(RegionBasis.PIXELS, replaced, overlay, outside, np.zeros(replaced.shape, np.uint8), None)
