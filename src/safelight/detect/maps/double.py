"""Double quantisation: the comb that a first JPEG leaves in the DCT coefficients of a later one.

Sources: A. Popescu, H. Farid, Statistical Tools for Digital Forensics, 2004 (the comb and its spectrum); Z. Lin et al.,
Fast, automatic and fine-grained tampered JPEG image detection via DCT coefficient analysis, Pattern Recognition 42,
2009 (squares that do not follow the comb). Coefficients are computed anew from the decoded luminance.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.fft import rfft
from numpy.typing import NDArray

from safelight.detect.maps.planes import Luma, Planes, block_means
from safelight.model.maps import BlockMap, Frequency

# The ten lowest frequencies besides the mean, in the order of JPEG: (across, down).
FREQUENCIES = ((1, 0), (0, 1), (0, 2), (1, 1), (2, 0), (3, 0), (2, 1), (1, 2), (0, 3), (0, 4))
REACH = 48
"""Levels to each side of zero that are counted."""
STRIKING = 5.5
"""Strength from which a pattern is told."""
TOGETHER = 2
"""Frequencies that have to show one before a comb is told: by chance, single ones do."""
_SLOWEST = 7.0  # levels; what repeats more slowly is the shape of the distribution itself
_SMOOTH = 2.5  # levels
_LEAST_BLOCKS, _LEAST_LEVELS = 200, 16
_CHANCE = 0.5 * float(np.sqrt(np.log(2)))  # median of a spectrum of such ripples, for a window of square sum 1
_MOST_WEIGHT = 2.0  # of one coefficient, in powers of e

FREQUENCIES_CAPTION = (
    "How often each level of a DCT frequency occurs, in steps of the file's own quantisation table. Saved once, the "
    "columns fall evenly to both sides of zero. Gaps or peaks that repeat every few levels are left by an earlier JPEG "
    "of another quality. Nearly every picture that was opened and saved again has them: they say that it was saved "
    "twice, not that it was altered. They vanish when a picture is resized, or cropped off the 8-pixel grid. Pictures "
    f"that were saved once reach a strength of 3 to 5 by chance; a comb is told where {TOGETHER} frequencies reach "
    f"{STRIKING:g}."
)
_MAP_CAPTION = (
    "Whether the coefficients of each square sit where the earlier JPEG's comb has its peaks (above 0) or in its gaps "
    "(below 0). A part with a clear outline below 0 may have been put in after the first save. It misleads: smooth and "
    "overexposed squares have too few coefficients to tell and lie near 0, and text or drawn parts stray. It is drawn "
    "only where a comb was found, and was not measured on real forgeries."
)


@dataclass(frozen=True, slots=True)
class Doubling:
    """`frequencies`: strongest pattern first. `map`: None where no comb was found."""

    frequencies: tuple[Frequency, ...]
    map: BlockMap | None


def doubling(planes: Planes, table: tuple[int, ...] | None) -> Doubling:
    """Histograms of `FREQUENCIES` and the map. `table`: 64 steps row by row; None: levels are counted one by one."""
    coefficients = block_dct(planes.luma)
    found: list[Frequency] = []
    weight = np.zeros(coefficients.shape[:2], np.float32)
    striking = 0
    for across, down in FREQUENCIES:
        step = max(1, table[8 * down + across]) if table else 1
        levels = np.rint(coefficients[..., down, across] / step).astype(np.int32)
        frequency = _frequency(levels, across, down, step)
        found.append(frequency)
        if frequency.strength >= STRIKING:
            striking += 1
            weight += _weights(levels, frequency)
    found.sort(key=lambda frequency: -frequency.strength)
    drawn = _map(weight, striking, planes.block) if striking >= TOGETHER else None
    return Doubling(tuple(found), drawn)


def block_dct(luma: Luma) -> NDArray[np.float32]:
    """The orthonormal DCT-II of each 8 x 8 block: float32 (rows, columns, 8 down, 8 across)."""
    height, width = luma.shape
    basis = _basis()
    shifted = luma.astype(np.float32) - np.float32(128)
    down = (basis @ shifted.reshape(height // 8, 8, width)).reshape(height, width // 8, 8)
    both = down @ basis.T
    return both.reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2)


def _basis() -> NDArray[np.float32]:
    k, n = np.arange(8)[:, None], np.arange(8)[None]
    basis = np.cos((2 * n + 1) * k * np.pi / 16) / 2
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


def _frequency(levels: NDArray[np.int32], across: int, down: int, step: int) -> Frequency:
    inside = levels[np.abs(levels) <= REACH]
    counts = np.bincount(inside + REACH, minlength=2 * REACH + 1)
    period, strength = periodicity(counts)
    whole = tuple(int(count) for count in counts)
    return Frequency(across, down, step, -REACH, whole, round(period, 2), round(strength, 2))


def periodicity(counts: NDArray[np.int64]) -> tuple[float, float]:
    """Levels after which the pattern repeats, and how far it stands out; zeros where too little is there.

    `counts`: of levels -REACH to REACH. Square roots of counts ripple by chance with a standard deviation of one half
    everywhere; what is left of them after smoothing is looked at by its spectrum, whose highest peak is told as times
    of what chance gives, or of the spectrum's own floor where that is higher.
    """
    both = (counts[REACH + 1 :] + counts[REACH - 1 :: -1]).astype(np.float64)
    if both.sum() < _LEAST_BLOCKS:
        return 0.0, 0.0
    roots = np.sqrt(both + 0.375)[: _last(both) + 1]
    if roots.size < _LEAST_LEVELS:
        return 0.0, 0.0
    window = np.hanning(roots.size + 2)[1:-1]
    spectrum = np.abs(rfft((roots - _smoothed(roots)) * window, 256))
    first = int(np.ceil(256 / _SLOWEST))
    peak = first + int(np.argmax(spectrum[first:]))
    if peak == first:  # the slope of something slower is no peak
        return 0.0, 0.0
    by_chance = _CHANCE * float(np.sqrt((window * window).sum()))
    usual = max(by_chance, float(np.quantile(spectrum[first:], 0.1)))
    return 256 / peak, float(spectrum[peak]) / usual


def _last(counts: NDArray[np.float64]) -> int:
    """The last level that still has company: a share of one in 2,000 of the blocks lies beyond."""
    beyond = counts[::-1].cumsum()[::-1]
    return int(np.flatnonzero(beyond >= counts.sum() / 2_000)[-1])


def _smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    smooth = cv2.GaussianBlur(values[None], (0, 0), _SMOOTH, borderType=cv2.BORDER_REFLECT)
    return np.asarray(smooth[0], np.float64)


def _weights(levels: NDArray[np.int32], frequency: Frequency) -> NDArray[np.float32]:
    """For each block, how much likelier its level is with the comb than without it, as a logarithm."""
    roots = np.sqrt(np.array(frequency.counts, np.float64) + 0.375)
    ratio = 2 * np.log(roots / _smoothed(roots))
    ratio[REACH] = 0.0  # zero says nothing
    ratio = np.clip(ratio, -_MOST_WEIGHT, _MOST_WEIGHT).astype(np.float32)
    inside = np.abs(levels) <= REACH
    return np.where(inside, ratio[np.clip(levels, -REACH, REACH) + REACH], np.float32(0))


def _map(weight: NDArray[np.float32], striking: int, block: int) -> BlockMap:
    values = block_means(weight / np.float32(striking), block // 8)
    end = max(0.1, float(np.percentile(np.abs(values), 98)))
    return BlockMap(
        "double", "Squares off the earlier comb", values, block, "log-likelihood ratio", -end, end, _MAP_CAPTION
    )
