"""Local features: RootSIFT keypoints of a picture at working size, and descriptors at places that are asked for.

Sources: D. Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 60(2), 2004 (SIFT, as OpenCV does
it); R. Arandjelovic and A. Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012
(RootSIFT). Nothing here draws random numbers, and keypoints are put in a total order, so that a picture has the same
features on every run and with any number of threads.
"""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.keypoint_choice import chosen
from safelight.fingerprint.pdq import ORIENTATIONS
from safelight.model.local import LocalFeatures, WorkingPicture

SCALE = 512
"""What RootSIFT values are multiplied with to be kept as whole numbers; the squares of a descriptor add up to its
square, up to rounding."""
MIN_SIDE = 16
"""Pixels. A smaller working picture has no keypoints: a descriptor takes in 16 samples each way."""
CONTRAST, FAINT_CONTRAST = 0.008, 0.003
"""SIFT's contrast thresholds: the usual one, and that for pictures which it leaves with few keypoints.

Lowe's 0.04 leaves skies, walls and cloth with hardly any; 0.008 still does so for a night sky.
"""
_LAYERS = 3
_SIGMA = 1.6


def working_picture(pixels: NDArray[np.uint8], orientation: int, side: int) -> WorkingPicture:
    """The picture as displayed, in luma, its longest side at most `side` pixels (never enlarged).

    `pixels`: uint8, shape (height, width, 3), RGB as stored; at least one pixel. `orientation`: EXIF value 1-8.
    Raises ValueError for anything else.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(f"pixels are uint8 of shape (height, width, 3), not {pixels.dtype} of {pixels.shape}")
    if orientation not in ORIENTATIONS:
        raise ValueError(f"EXIF orientation must be 1-8, not {orientation}")
    height, width = pixels.shape[:2]
    grey = np.asarray(cv2.cvtColor(reduced(pixels, side), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    swapped = ORIENTATIONS[orientation][0]
    shown = (height, width) if swapped else (width, height)
    return WorkingPicture(np.ascontiguousarray(upright(grey, orientation)), *shown)


def reduced(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture with its longest side at most `side` pixels, by area averaging; itself when it is small enough."""
    height, width = pixels.shape[:2]
    if max(height, width) <= side:
        return pixels
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """A view of the picture as displayed. `orientation`: EXIF value 1-8."""
    swapped, mirror_rows, mirror_columns = ORIENTATIONS[orientation]
    turned = pixels[:: -1 if mirror_rows else 1, :: -1 if mirror_columns else 1]
    return turned.swapaxes(0, 1) if swapped else turned


def local_features(grey: NDArray[np.uint8], count: int) -> LocalFeatures:
    """The `count` keypoints of a working picture that serve best: strong ones, spread over the picture.

    `grey`: uint8, shape (height, width), contiguous. Fewer come back when there are no more, none of a picture that
    is flat or smaller than MIN_SIDE. Raises ValueError for other arrays.
    """
    _check_grey(grey)
    height, width = grey.shape
    found: Sequence[Any] = ()
    if count and min(height, width) >= MIN_SIDE:
        found = _sift(CONTRAST).detect(grey, None)
        if len(found) < count // 2:
            found = _sift(FAINT_CONTRAST).detect(grey, None)
    table = np.array(
        [(p.pt[0], p.pt[1], p.size, p.angle, p.response) for p in found if p.size <= min(height, width)],
        dtype=np.float32,
    ).reshape(-1, 5)
    order = np.lexsort((table[:, 3], table[:, 2], table[:, 0], table[:, 1], -table[:, 4]))
    table = table[order]
    table = table[chosen(table[:, 4], table[:, 0], table[:, 1], width, height, count)]
    x, y, size = (np.ascontiguousarray(table[:, column]) for column in range(3))
    angle = np.radians(table[:, 3]).astype(np.float32)
    return LocalFeatures(width, height, x, y, size, angle, describe_at(grey, x, y, size, angle))


def describe_at(
    grey: NDArray[np.uint8],
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    size: NDArray[np.floating],
    angle: NDArray[np.floating],
) -> NDArray[np.uint8]:
    """Descriptors of a working picture at given places, uint8, shape (n, 128), on the scale of `LocalFeatures`.

    `x`, `y`, `size` (diameter) in pixels, `angle` in radians from x towards y, all shape (n,). A place without any
    texture, or one whose size is under the finest that SIFT has (`MIN_SIZE`), is described as well as can be. Raises
    ValueError for arrays that are not such.
    """
    _check_grey(grey)
    if not len(x):
        return np.zeros((0, 128), dtype=np.uint8)
    if not all(np.isfinite(values).all() for values in (x, y, size, angle)) or size.min() <= 0:
        raise ValueError("keypoints are finite and their sizes above 0")
    top = min(grey.shape).bit_length() - 1  # SIFT starts from the picture at twice its size
    places = [
        _keypoint(*place, top) for place in zip(x.tolist(), y.tolist(), size.tolist(), angle.tolist(), strict=True)
    ]
    _, values = _sift(CONTRAST).compute(grey, places)
    return _root(np.asarray(values, dtype=np.float32))


MIN_SIZE = _SIGMA * 2 ** (0.5 / _LAYERS)
"""Diameter in pixels under which a place lies below SIFT's finest layer."""


def warm_up() -> None:
    """Load and compile everything. Call it before file access is given up."""
    ramp = np.add.outer(np.arange(64), np.arange(96)) % 17 * 12
    local_features(ramp.astype(np.uint8), 10)


def _keypoint(x: float, y: float, size: float, angle: float, top: int) -> Any:  # noqa: ANN401 - OpenCV's own class
    """OpenCV's keypoint, with the octave and layer that this size belongs to packed as its SIFT does."""
    step = min(max(1, round(_LAYERS * math.log2(size / _SIGMA))), _LAYERS * (top + 1))
    octave = (step - 1) // _LAYERS
    layer = step - _LAYERS * octave
    packed = ((octave - 1) & 255) | (layer << 8)
    return cv2.KeyPoint(x, y, size, math.degrees(angle) % 360, 1.0, packed, 0)


def _root(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Whole-number RootSIFT of SIFT descriptors (whole numbers themselves, so that their sums are exact)."""
    total = np.maximum(values.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.minimum(np.rint(np.sqrt(values / total) * SCALE), 255), dtype=np.uint8)


def _sift(contrast: float) -> Any:  # noqa: ANN401 - OpenCV's own class
    create: Any = getattr(cv2, "SIFT_create")  # noqa: B009 - not in OpenCV's type stubs
    return create(nfeatures=0, nOctaveLayers=_LAYERS, contrastThreshold=contrast, sigma=_SIGMA)


def _check_grey(grey: NDArray[np.uint8]) -> None:
    if grey.dtype != np.uint8 or grey.ndim != 2 or not grey.size:
        raise ValueError(f"a working picture is uint8 of shape (height, width), not {grey.dtype} of {grey.shape}")
