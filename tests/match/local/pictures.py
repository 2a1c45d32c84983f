"""Drawn pictures with features, for the tests of tracing."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.adapter.codebook import load_codebook
from safelight.demo.draw import draw
from safelight.fingerprint.local import local_features, working_picture
from safelight.fingerprint.tiles import picture_tiles
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import make_sketch
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalExamination, LocalRequest, Sketch

Rgb = NDArray[np.uint8]


@cache
def quantiser() -> Quantiser:
    return Quantiser(load_codebook())


@cache
def drawn(number: int, width: int = 640, height: int = 480) -> Rgb:
    return np.array(draw(number, width, height).convert("RGB"))


def seen(pixels: Rgb, request: LocalRequest = OF_QUERY) -> LocalExamination:
    working = working_picture(pixels, 1, request.side)
    return LocalExamination(working, local_features(working.grey, request.keypoints), picture_tiles(working.grey))


@cache
def sketch(number: int) -> Sketch:
    return make_sketch(seen(drawn(number), OF_KNOWN), quantiser())


def warped(pixels: Rgb, to_new: NDArray[np.float64], width: int, height: int) -> Rgb:
    """The picture moved by a map of its pixels, shape (2, 3)."""
    moved = cv2.warpAffine(pixels, to_new, (width, height), flags=cv2.INTER_LINEAR, borderValue=(90, 90, 90))
    return np.asarray(moved, dtype=np.uint8)


def patched(pixels: Rgb, other: Rgb, box: tuple[int, int, int, int]) -> Rgb:
    """The picture with a plain patch of another one pasted over `box`."""
    left, top, right, bottom = box
    copy = pixels.copy()
    copy[top:bottom, left:right] = other[top:bottom, left:right]
    return copy
