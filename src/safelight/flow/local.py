"""A closer look at a decoded picture: local features, tile hashes, pixels. All of it needs OpenCV.

Runs inside the confined worker, which loads OpenCV only for this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint import local, tiles
from safelight.model.local import LocalExamination, LocalRequest


def tiles_of(pixels: NDArray[np.uint8], orientation: int, request: LocalRequest) -> LocalExamination:
    """Working picture and tile hashes of a picture as displayed, no keypoints yet.

    `pixels`: as `Frame` has them. `orientation`: EXIF value 1-8. Raises MemoryError.
    """
    with _memory_errors():
        working = local.working_picture(pixels, orientation, request.side)
        return LocalExamination(working, local.local_features(working.grey, 0), tiles.picture_tiles(working.grey))


def with_keypoints(seen: LocalExamination, request: LocalRequest) -> LocalExamination:
    """The same with keypoints. Raises MemoryError."""
    with _memory_errors():
        return replace(seen, features=local.local_features(seen.working.grey, request.keypoints))


def examine_locally(pixels: NDArray[np.uint8], orientation: int, request: LocalRequest) -> LocalExamination:
    """Working picture, tile hashes and keypoints; as `tiles_of`."""
    return with_keypoints(tiles_of(pixels, orientation, request), request)


def displayed(pixels: NDArray[np.uint8], orientation: int, side: int) -> NDArray[np.uint8]:
    """The picture as displayed, its longest side reduced to `side` pixels by area averaging, never enlarged.

    uint8, shape (height, width, 3), RGB, contiguous. `pixels`, `orientation`: as above. Raises MemoryError.
    """
    with _memory_errors():
        return np.ascontiguousarray(local.upright(local.reduced(pixels, side), orientation))


@contextmanager
def _memory_errors() -> Iterator[None]:
    """What OpenCV raises for want of memory becomes what Python raises for it."""
    try:
        yield
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise


def warm_up() -> None:
    """Load and compile everything. Call it before file access is given up."""
    local.warm_up()
    tiles.warm_up()
    displayed(np.zeros((8, 8, 3), dtype=np.uint8), 6, 4)
