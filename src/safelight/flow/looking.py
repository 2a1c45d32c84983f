"""A query's pixels, as far as matching may see them: `match.local.guided.Look` over a working picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.local import describe_at
from safelight.fingerprint.tiles import picture_tiles
from safelight.model.local import WorkingPicture
from safelight.model.tiles import TileHashes


class WorkingLook:
    """Looks into a working picture."""

    def __init__(self, working: WorkingPicture) -> None:
        self._grey = working.grey

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the working picture in pixels."""
        height, width = self._grey.shape
        return width, height

    def describe(
        self, x: NDArray[np.float64], y: NDArray[np.float64], size: NDArray[np.float64], angle: NDArray[np.float64]
    ) -> NDArray[np.uint8]:
        """Descriptors at these places: uint8, shape (n, 128)."""
        return describe_at(self._grey, x, y, size, angle)

    def tiles(self, to_query: NDArray[np.float64], width: int, height: int) -> TileHashes:
        """Tile hashes of the working picture brought into the frame of a source of `width` x `height` pixels."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        frame = cv2.warpAffine(self._grey, to_query, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return picture_tiles(np.asarray(frame, dtype=np.uint8))
