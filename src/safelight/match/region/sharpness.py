"""Brings two pictures to the same sharpness: the sharper is blurred until they agree best where they surely agree."""

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Plane

_SIGMAS = (0.6, 0.9, 1.3, 1.9, 2.7, 3.8, 5.4)  # pixels
_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)
_MOST = 12.0  # levels: blur alone seldom makes a larger difference
_GAIN = 0.97  # a blur must bring the distance below this share of what it is without

Rgb32 = NDArray[np.float32]
"""float32, shape (height, width, 3), 0 to 255."""


def luma(picture: NDArray[np.generic]) -> Plane:
    """Luma of RGB (ITU-R BT.601) as float32."""
    return np.asarray(cv2.transform(np.asarray(picture, np.float32), _LUMA), np.float32)


def _blurred(picture: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def _distance(one: Plane, other: Plane, trust: Plane) -> float:
    """How far two lumas are apart where they are trusted; what differs for another reason than blur counts little."""
    return float((trust * np.minimum(np.abs(one - other), _MOST)).sum())


def _best(blur: Plane, keep: Plane, trust: Plane, now: float) -> tuple[float, float]:
    """The sigma that brings `blur` nearest to `keep`, 0 for none, and the distance then."""
    best, least, last = 0.0, _GAIN * now, now
    for sigma in _SIGMAS:
        distance = _distance(_blurred(blur, sigma), keep, trust)
        if distance < least:
            best, least = sigma, distance
        if distance > last:
            break
        last = distance
    return best, least


def matched(suspect: Rgb32, source: Rgb32, trust: Plane) -> tuple[Rgb32, Rgb32]:
    """Both pictures, at most one of them blurred. `trust`: how surely a pixel of both shows the same, 0 to 1."""
    ours, theirs = luma(suspect), luma(source)
    now = _distance(ours, theirs, trust)
    blur_source, after_source = _best(theirs, ours, trust, now)
    blur_suspect, after_suspect = _best(ours, theirs, trust, now)
    if blur_source and after_source <= after_suspect:
        return suspect, _blurred(source, blur_source)
    if blur_suspect:
        return _blurred(suspect, blur_suspect), source
    return suspect, source
