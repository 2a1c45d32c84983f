"""Local features: what an altered picture is traced by; never exported or shared (docs/feature-index.md)."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from safelight.model.tiles import TileHashes

WORDS = 4096
"""Words of the codebook: a keypoint belongs to the one nearest to its descriptor."""
KEYPOINTS_KEPT = 280
"""Keypoints kept of a known picture."""
WORKING_SIDE_KNOWN = 400
WORKING_SIDE_QUERY = 480
"""Longest side in pixels at which keypoints are taken of known pictures and of queries; never enlarged."""
KEYPOINTS_QUERY = 500
"""Keypoints taken of a query: more than are kept, for any of them may be the one that a source still has."""
TILE_GRIDS = (3, 4)
"""Tile hashes are kept of a 3x3 and a 4x4 grid: 25 in all, in this order, each row by row."""
COARSE_TILES = TILE_GRIDS[0] ** 2
TILES = sum(grid * grid for grid in TILE_GRIDS)


@dataclass(frozen=True, slots=True)
class LocalRequest:
    """How closely to look: at most `keypoints` keypoints of a working picture of at most `side` pixels."""

    side: int
    keypoints: int


OF_KNOWN = LocalRequest(WORKING_SIDE_KNOWN, KEYPOINTS_KEPT)
OF_QUERY = LocalRequest(WORKING_SIDE_QUERY, KEYPOINTS_QUERY)
"""Of pictures that go into a bank, and of those that are looked up or compared."""


class Want(IntEnum):
    """What is to be added to what hashes have shown of a picture or a video."""

    NOTHING = 0
    KEYPOINTS = 1
    DENSE = 2  # of a video: keypoints, and its frames looked at more densely


@dataclass(frozen=True, slots=True)
class LocalFeatures:
    """Keypoints of a picture at working size, as displayed (orientation applied). n may be 0.

    `width`, `height`: of the working picture in pixels. `x`, `y`: float32, shape (n,), its pixels, the centre of the
    first pixel at (0, 0). `size`: float32, diameter in pixels. `angle`: float32, radians, from x towards y (down).
    `descriptors`: uint8, shape (n, 128): RootSIFT times 512, rounded, at most 255. Sources: Lowe, IJCV 60(2), 2004;
    Arandjelovic and Zisserman, CVPR 2012 (RootSIFT).
    """

    width: int
    height: int
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    size: NDArray[np.float32]
    angle: NDArray[np.float32]
    descriptors: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class WorkingPicture:
    """A picture small enough to look into again: uint8 luma, shape (height, width), as displayed.

    `width`, `height`: of the picture it was made from, as displayed, in pixels.
    """

    grey: NDArray[np.uint8]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class LocalExamination:
    """What a picture is traced by: of its first hashed frame, as displayed. `tiles`: of the grids of TILE_GRIDS."""

    working: WorkingPicture
    features: LocalFeatures
    tiles: TileHashes


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a bank keeps of a known picture besides its hashes; 28 bytes a keypoint, 33 a tile.

    `width`, `height`: of the known picture as displayed, in pixels. `work_width`, `work_height`: of its working
    picture. Of n keypoints, all arrays shape (n,) unless said: `x`, `y`: uint16, working pixels times 64; `size`:
    uint8, 32 times the binary logarithm of the diameter; `angle`: uint8, 256ths of a turn; `word`: uint16, 0 to 4095;
    `signature`: uint64, shape (n, 2), the signs of the rotated residual to the word's centroid. Keypoints are ordered
    by word, and by their order in the picture within a word. `tiles`: of the grids of TILE_GRIDS.
    """

    width: int
    height: int
    work_width: int
    work_height: int
    x: NDArray[np.uint16]
    y: NDArray[np.uint16]
    size: NDArray[np.uint8]
    angle: NDArray[np.uint8]
    word: NDArray[np.uint16]
    signature: NDArray[np.uint64]
    tiles: TileHashes


@dataclass(frozen=True, slots=True)
class InvertedLists:
    """The keypoints of many sketches, sorted by word, then by picture, then by their order there: m in all.

    `starts`: uint32, shape (WORDS + 1,): list w is the slice starts[w]:starts[w + 1]. `signature`: uint64, shape
    (m, 2). `picture`: uint32, shape (m,), number of the sketch in this segment. `size`, `angle`: uint8, shape (m,), as
    in `Sketch`. `tiles`: uint8, shape (pictures, 9, 32), and `tile_quality`: uint8, shape (pictures, 9): the 3x3 grid.
    `live`: bool, shape (pictures,): False for what was removed since.
    """

    starts: NDArray[np.uint32]
    signature: NDArray[np.uint64]
    picture: NDArray[np.uint32]
    size: NDArray[np.uint8]
    angle: NDArray[np.uint8]
    tiles: NDArray[np.uint8]
    tile_quality: NDArray[np.uint8]
    live: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Codebook:
    """The quantiser that all sketches share; another `version` makes other sketches, which do not mix.

    `centroids`: uint8, shape (WORDS, 128), on the scale of `LocalFeatures.descriptors`. `rotation`: int8, shape
    (128, 128). Both are whole numbers so that signatures are the same bits on every machine.
    """

    version: int
    centroids: NDArray[np.uint8]
    rotation: NDArray[np.int8]
