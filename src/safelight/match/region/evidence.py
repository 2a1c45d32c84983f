"""How strongly each place speaks for other content: a log-odds plane from differences at several scales.

Measures (all in levels of 8 bits, on a grid of half the working size):

- tolerant difference: how far a pixel lies outside the range of the other picture's 3 x 3 neighbourhood, in both
  directions; of luma and of colour (Cb, Cr). What a misalignment of a pixel can explain costs nothing.
- mean difference: with its sign, averaged over a neighbourhood, so noise cancels and a shift of colour remains.
- texture: spread within a neighbourhood of either picture; their local correlation; steepness of the suspect.
- noise: what the two differ by where they surely show the same.

A logistic model of their logarithms turns them into log-odds.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Mask, Plane, shrunk

_KERNEL = np.ones((3, 3), np.uint8)
_YCC = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], np.float32)
_SOME = 0.5  # levels added before a logarithm is taken

MEASURES = (
    "fine_luma", "fine_colour", "luma", "colour", "wide_luma",
    "mean_luma", "mean_colour", "wide_mean_luma", "wide_mean_colour",
    "suspect_texture", "source_texture", "fine_source_texture", "steepness", "wide_steepness", "noise", "colour_noise",
    "correlation", "wide_correlation",
)


def luma_and_colour(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Luma, Cb and Cr (both about 0) of float32 RGB."""
    return np.asarray(cv2.transform(picture, _YCC), np.float32)


class _Means:
    """Weighted means over neighbourhoods: only what is inside counts."""

    def __init__(self, inside: Plane) -> None:
        self._inside = None if bool((inside > 0.999).all()) else inside
        self._shares: dict[float, Plane] = {}

    def __call__(self, plane: Plane, sigma: float) -> Plane:
        if self._inside is None:
            return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)
        if sigma not in self._shares:
            self._shares[sigma] = cv2.GaussianBlur(self._inside, (0, 0), sigma) + np.float32(1e-3)
        return np.asarray(cv2.GaussianBlur(plane * self._inside, (0, 0), sigma) / self._shares[sigma], np.float32)


def _tolerant(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far `one` lies outside the range of the 3 x 3 neighbourhood in `other`, per channel."""
    low, high = cv2.erode(other, _KERNEL), cv2.dilate(other, _KERNEL)
    return np.asarray(np.maximum(np.maximum(low - one, one - high), 0), np.float32)


def _steepness(plane: Plane) -> Plane:
    across, along = (cv2.Sobel(plane, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, along), np.float32)


def measure(suspect: NDArray[np.float32], source: NDArray[np.float32], trust: Plane, inside: Mask) -> NDArray[np.float32]:
    """The measures as float32 of shape (len(MEASURES), rows, columns), as they enter the model.

    `suspect`, `source`: luma and colour on one grid, the source in the suspect's tones and sharpness.
    """
    height, width = inside.shape
    half = (width + 1) // 2, (height + 1) // 2

    def small(plane: NDArray[np.generic]) -> NDArray[np.float32]:
        return np.asarray(shrunk(plane, half), np.float32)

    beyond = small(np.maximum(_tolerant(suspect, source), _tolerant(source, suspect)))
    within = small(inside.astype(np.float32))
    mean = _Means(within)
    off = small(suspect) - small(source)
    total = max(float(trust.sum()), 1e-6)
    noise = float((trust * np.abs(suspect[..., 0] - source[..., 0])).sum()) / total
    colour_noise = float((trust * cv2.magnitude(suspect[..., 1] - source[..., 1], suspect[..., 2] - source[..., 2])).sum()) / total
    luma, colour = beyond[..., 0], cv2.magnitude(beyond[..., 1], beyond[..., 2])
    steep = small(_steepness(suspect[..., 0]))
    planes = {
        "fine_luma": mean(luma, 0.75), "fine_colour": mean(colour, 0.75),
        "luma": mean(luma, 2), "colour": mean(colour, 2), "wide_luma": mean(luma, 5),
        "mean_luma": np.abs(mean(off[..., 0], 2)), "wide_mean_luma": np.abs(mean(off[..., 0], 5)),
        "mean_colour": cv2.magnitude(mean(off[..., 1], 2), mean(off[..., 2], 2)),
        "wide_mean_colour": cv2.magnitude(mean(off[..., 1], 5), mean(off[..., 2], 5)),
        "steepness": mean(steep, 1.5), "wide_steepness": mean(steep, 4),
        "noise": np.full(luma.shape, noise, np.float32), "colour_noise": np.full(luma.shape, colour_noise, np.float32),
    }
    ours, theirs = suspect[..., 0], source[..., 0]
    products = small(ours), small(theirs), small(ours * ours), small(theirs * theirs), small(ours * theirs)
    for name, sigma in (("fine_", 1.25), ("", 2.5), ("wide_", 5.0)):
        a, b, aa, bb, ab = (mean(plane, sigma) for plane in products)
        one, two = np.maximum(aa - a * a, 0), np.maximum(bb - b * b, 0)
        planes[name + "suspect_texture"], planes[name + "source_texture"] = np.sqrt(one), np.sqrt(two)
        planes[name + "correlation"] = (ab - a * b) / np.sqrt((one + 4) * (two + 4))
    return np.stack([planes[name] if name.endswith("correlation") else np.log(planes[name] + np.float32(_SOME)) for name in MEASURES]).astype(np.float32)
