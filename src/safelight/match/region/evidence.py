"""How strongly each place speaks for other content: log-odds from differences at several scales.

Measures, in levels of 8 bits:

- tolerant difference: how far a pixel lies outside the range of the other picture's 3 x 3 neighbourhood, the larger of
  both directions; of luma and of colour (Cb, Cr). What a misalignment of a pixel can explain costs nothing.
- noise: the median of what the pictures differ by where they are trusted to show the same.
- texture: spread within a neighbourhood; the correlation of both pictures in it; steepness.

A logistic model of their logarithms turns them into log-odds. It was fitted on benign photographs and drawn pictures
under the edits of the derivative benchmark and others; a difference never counts for sameness, a correlation always.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Mask, Plane, shrunk

_KERNEL = np.ones((3, 3), np.uint8)
_YCC = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], np.float32)
_SOME = 0.5  # levels added before a logarithm is taken
_SAMPLE = 4  # pixels apart at which noise is measured
_FLOOR = 2.0  # levels that are never more than noise
_STEEP = 0.25  # pixels that the tolerance reaches where the source is steep
_FINE, _MIDDLE, _WIDE = 0.75, 2.0, 5.0  # pixels of the evidence's grid: reach of a mean

WEIGHTS = {
    "luma": 1.38,
    "fine_luma": 1.05,
    "fine_colour": 1.28,
    "suspect_texture": 0.35,
    "source_texture": 1.01,
    "steepness": -1.35,
    "correlation": -5.93,
    "noise": -1.15,
    "colour_noise": -0.95,
}
"""Of the logarithms of the measures; of the correlation itself."""

BIAS = -2.07


@dataclass(frozen=True, slots=True)
class Difference:
    """Two pictures on one grid, compared pixel by pixel. All planes are float32, in levels of 8 bits.

    `suspect`, `source`: luma and colour, (height, width, 3). `luma`, `colour`: tolerant difference. `noise`,
    `colour_noise`: what unaltered places differ by.
    """

    suspect: NDArray[np.float32]
    source: NDArray[np.float32]
    luma: Plane
    colour: Plane
    noise: float
    colour_noise: float

    @property
    def luma_in_noise(self) -> Plane:
        """The tolerant difference of luma in units of noise."""
        return np.asarray(self.luma / self._tolerance(self.noise), np.float32)

    @property
    def in_noise(self) -> Plane:
        """The tolerant difference in units of noise."""
        return np.asarray(
            cv2.magnitude(self.luma_in_noise, self.colour / self._tolerance(self.colour_noise)), np.float32
        )

    def _tolerance(self, noise: float) -> Plane:
        """Levels: noise, and more of it where the source is steep, for there blur and compression differ most."""
        return np.float32(noise + _FLOOR) + np.float32(_STEEP) * steepness(np.ascontiguousarray(self.source[..., 0]))


def _beyond(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far `one` lies outside the range of the 3 x 3 neighbourhood in `other`, per channel."""
    low, high = cv2.erode(other, _KERNEL), cv2.dilate(other, _KERNEL)
    return np.asarray(np.maximum(low - one, one - high), np.float32)


def steepness(plane: Plane) -> Plane:
    """Levels per pixel."""
    across, along = (cv2.Sobel(plane, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, along), np.float32)


def _median(values: Plane, weights: Plane) -> float:
    order = np.argsort(values, kind="stable")
    heaped = np.cumsum(weights[order], dtype=np.float64)
    return float(values[order][np.searchsorted(heaped, heaped[-1] / 2)])


def difference(suspect: NDArray[np.float32], source: NDArray[np.float32], trust: Plane) -> Difference:
    """Compare float32 RGB pictures on one grid, the source in the suspect's tones and sharpness.

    `trust`: float32, more than 0 where the source reaches: how surely a pixel of both shows the same.
    """
    suspect, source = (np.asarray(cv2.transform(one, _YCC), np.float32) for one in (suspect, source))
    beyond = np.maximum(np.maximum(_beyond(suspect, source), _beyond(source, suspect)), 0)
    some = np.s_[:: min(_SAMPLE, trust.shape[0]), :: min(_SAMPLE, trust.shape[1])]
    weights, off = trust[some].ravel(), np.abs(suspect[some] - source[some])
    return Difference(
        suspect=suspect,
        source=source,
        luma=np.ascontiguousarray(beyond[..., 0]),
        colour=np.asarray(cv2.magnitude(beyond[..., 1], beyond[..., 2]), np.float32),
        noise=_median(off[..., 0].ravel(), weights),
        colour_noise=_median(np.hypot(off[..., 1], off[..., 2]).ravel(), weights),
    )


class _Means:
    """Means over neighbourhoods on the evidence's grid, of what is usable alone."""

    def __init__(self, usable: Plane) -> None:
        self._usable = None if bool((usable > 0.999).all()) else usable
        self._shares: dict[float, Plane] = {}

    def __call__(self, plane: Plane, sigma: float) -> Plane:
        if self._usable is None:
            return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)
        if sigma not in self._shares:
            self._shares[sigma] = np.asarray(cv2.GaussianBlur(self._usable, (0, 0), sigma), np.float32) + np.float32(
                1e-3
            )
        return np.asarray(cv2.GaussianBlur(plane * self._usable, (0, 0), sigma) / self._shares[sigma], np.float32)


def measures(compared: Difference, usable: Mask) -> dict[str, Plane]:
    """The measures as they enter the model, on a grid of half the size (rounded up). `usable`: what may be seen."""
    size = (usable.shape[1] + 1) // 2, (usable.shape[0] + 1) // 2

    def half(plane: NDArray[np.generic]) -> Plane:
        return np.asarray(shrunk(plane, size), np.float32)

    mean = _Means(half(usable.astype(np.float32)))
    ours, theirs = (np.ascontiguousarray(one[..., 0]) for one in (compared.suspect, compared.source))
    planes = half(ours), half(theirs), half(ours * ours), half(theirs * theirs), half(ours * theirs)

    def spreads(sigma: float) -> tuple[Plane, Plane, Plane]:
        a, b, aa, bb, ab = (mean(plane, sigma) for plane in planes)
        return np.maximum(aa - a * a, 0), np.maximum(bb - b * b, 0), ab - a * b

    our_spread, their_spread, _ = spreads(_MIDDLE)
    our_wide, their_wide, shared = spreads(_WIDE)
    luma = half(compared.luma)
    found = {
        "luma": mean(luma, _MIDDLE),
        "fine_luma": mean(luma, _FINE),
        "fine_colour": mean(half(compared.colour), _FINE),
        "suspect_texture": np.sqrt(our_spread),
        "source_texture": np.sqrt(their_spread),
        "steepness": mean(half(steepness(ours)), 1.5),
        "noise": np.full(luma.shape, compared.noise, np.float32),
        "colour_noise": np.full(luma.shape, compared.colour_noise, np.float32),
    }
    found = {name: np.log(plane + np.float32(_SOME)) for name, plane in found.items()}
    found["correlation"] = shared / np.sqrt((our_wide + 4) * (their_wide + 4))
    return found


def log_odds(found: dict[str, Plane]) -> Plane:
    """For other content, from `measures`."""
    total = np.full_like(found["luma"], BIAS)
    for name, weight in WEIGHTS.items():
        total += np.float32(weight) * found[name]
    return total
