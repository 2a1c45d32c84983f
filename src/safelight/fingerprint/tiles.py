"""Tile hashes: a PDQ for each cell of a grid laid over a picture, all tiles in one compiled pass.

The hash and the quality of a tile are those of `pdq` for the tile cut out as a picture of its own, but for bits whose
coefficient equals the median to seven digits. A picture of luma counts as the RGB picture with three such channels.
Tiles meet at `model.tiles.tile_edges`.

Only upright hashes are made: who compares tiles first turns or warps the other picture into this one's frame, at this
one's size. Tiles are small enough for a change of size by half to move some 15 of their bits.
"""

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.pdq import MIN_SIDE, NOISE_FLOOR, as_bytes
from safelight.fingerprint.tiles_kernel import fill_luma, hash_tiles
from safelight.model.local import TILE_GRIDS
from safelight.model.tiles import TileHashes


def tile_hashes(picture: NDArray[np.uint8 | np.float32], grid: int) -> TileHashes:
    """Hash the `grid` x `grid` tiles of a picture, in row-major order; under 1 ms for 3x3 and 4x4 of 480x360 pixels.

    `picture`: luma, uint8 or float32 (height, width), 0-255, or RGB, uint8 (height, width, 3) and C-contiguous. Tiles
    without anything to hash (flat, varying along one axis only, a side under 5 pixels) get code and quality zero.
    Raises ValueError for another array, or a grid below 1.
    """
    if grid < 1:
        raise ValueError(f"a grid has at least one tile a side, not {grid}")
    luma = _luma(picture)
    codes = np.zeros((grid * grid, 32), np.uint8)
    quality = np.zeros(grid * grid, np.uint8)
    if luma.size:
        hash_tiles(luma, picture.shape[1], grid, MIN_SIDE, NOISE_FLOOR, codes, quality)
    return TileHashes(codes, quality)


def picture_tiles(grey: NDArray[np.uint8]) -> TileHashes:
    """The tiles that are kept of a picture: those of each of TILE_GRIDS, one grid after the other."""
    grids = [tile_hashes(grey, grid) for grid in TILE_GRIDS]
    return TileHashes(np.concatenate([g.codes for g in grids]), np.concatenate([g.quality for g in grids]))


def warm_up() -> None:
    """Compile the kernels, or load them from numba's cache; after this, hashing opens no file."""
    tile_hashes(np.zeros((MIN_SIDE, MIN_SIDE, 3), np.uint8), 1)


def _luma(picture: NDArray[np.uint8 | np.float32]) -> NDArray[np.float32]:
    """A read-only row of float32: one type, so one compiled version serves every caller."""
    if picture.ndim == 2:
        if picture.dtype not in (np.uint8, np.float32):
            raise ValueError(f"luma must be an array of uint8 or float32, not of {picture.dtype}")
        luma = np.ascontiguousarray(picture, np.float32).reshape(-1)
    else:
        pixels = as_bytes(picture)  # type: ignore[arg-type]  # it checks the type
        luma = np.empty(pixels.size // 3, np.float32)
        fill_luma(pixels, luma)
    luma = luma.view()
    luma.flags.writeable = False
    return luma
