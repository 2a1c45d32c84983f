"""Drawn pictures, and what is done to them."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.edits import Edited, apply
from safelight.demo.draw import draw

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]

IDENTITY = np.eye(2, 3)


@functools.cache
def drawn(number: int, width: int = 400, height: int = 300) -> Rgb:
    return np.asarray(draw(number, width, height), np.uint8)


@functools.cache
def edited(name: str, number: int, seed: int = 1) -> Edited:
    """A drawn picture under an edit of the derivative benchmark; the next ones are what is pasted into it."""
    return apply(name, drawn(number), [drawn(number + step) for step in (1, 2, 3)], seed)


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def jpeg(pixels: Rgb, quality: int) -> Rgb:
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def about(centre: tuple[float, float], degrees: float, scale: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    """A turn, a scale and a shift about a place."""
    turned = np.asarray(cv2.getRotationMatrix2D(centre, degrees, scale), np.float64)
    turned[:, 2] += shift
    return turned
