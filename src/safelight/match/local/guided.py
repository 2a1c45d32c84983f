"""Looking again: is each stored keypoint of the source to be seen at its place in the query?

A keypoint that was not detected in an altered picture can still be described there. Given the map from the source,
the query is described at the place, size and angle where each stored keypoint must lie, and the signature compared
with the stored one. What an edit left alone answers almost everywhere; a replaced region does not answer; another
picture of the same room answers where the two happen to agree. This, not the number of detected pairs, carries the
verdict: a wrong alignment finds next to nothing beyond the pairs that made it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safelight.match.local.quantise import Quantiser, distances, mirrored
from safelight.match.local.sketch import angles_of, places_of, sizes_of
from safelight.model.local import Sketch
from safelight.model.tiles import TileHashes

FOUND_BITS = 36
"""Differing bits of 128 up to which a keypoint is there. Chance gives as few at about 1 place in 1,000."""
_MIN_SIZE = 1.8  # pixels: below SIFT's finest layer nothing can be told
_MARGIN = 1.5  # diameters that a place must lie inside the query


class Look(Protocol):
    """The query's pixels, as far as this stage may see them."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the query's working picture in pixels."""
        ...

    def describe(
        self, x: NDArray[np.float64], y: NDArray[np.float64], size: NDArray[np.float64], angle: NDArray[np.float64]
    ) -> NDArray[np.uint8]:
        """Descriptors of the query at these places, in its working pixels: uint8, shape (n, 128)."""
        ...

    def tiles(self, to_query: NDArray[np.float64], width: int, height: int) -> TileHashes:
        """Tile hashes of the query brought into the frame of a source of that size by `to_query`, shape (2, 3)."""
        ...


@dataclass(frozen=True, slots=True)
class Places:
    """Where the keypoints of a sketch lie in a query.

    `keypoint`: positions in the sketch of those that can be looked for; the rest, float64, in the query's working
    pixels as it stands (not mirrored).
    """

    keypoint: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    size: NDArray[np.float64]
    angle: NDArray[np.float64]


def places(sketch: Sketch, to_query: NDArray[np.float64], size: tuple[int, int]) -> Places:
    """Where to look. `to_query`: float64, shape (2, 3), from the source's working pixels; it may mirror."""
    width, height = size
    linear = to_query[:, :2]
    x, y = (places_of(sketch) @ linear.T + to_query[:, 2]).T
    diameter = sizes_of(sketch.size) * np.sqrt(abs(np.linalg.det(linear)))
    angle = angles_of(sketch.angle)
    along = np.stack((np.cos(angle), np.sin(angle)), axis=1) @ linear.T
    margin = _MARGIN * diameter
    seen = (diameter >= _MIN_SIZE) & (x > margin) & (y > margin) & (x < width - margin) & (y < height - margin)
    kept = np.nonzero(seen)[0]
    return Places(kept, x[kept], y[kept], diameter[kept], np.arctan2(along[kept, 1], along[kept, 0]))


def compare(
    sketch: Sketch, where: Places, descriptors: NDArray[np.uint8], quantiser: Quantiser, *, as_mirror: bool
) -> NDArray[np.int64]:
    """Differing bits (0-128) of each place that was looked at. `descriptors`: of the query at `where`."""
    described = mirrored(descriptors) if as_mirror else descriptors
    words = sketch.word[where.keypoint].astype(np.int32)
    return distances(
        quantiser.signatures(quantiser.rotated(described), words[:, None])[:, 0, :], sketch.signature[where.keypoint]
    )
