"""Tile hashes, slow and obvious: the oracle that the fast version is tested against. Not used by the product."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.pdq_reference import reference_pdq
from safelight.model.tiles import TileHashes, tile_edges


def reference_tile_hashes(picture: NDArray[np.uint8], grid: int) -> TileHashes:
    """Cut each tile out and take its PDQ. `picture`: as for `tile_hashes`, but uint8 only."""
    pixels = picture if picture.ndim == 3 else np.repeat(picture[:, :, np.newaxis], 3, axis=2)
    rows, columns = (tile_edges(length, grid) for length in pixels.shape[:2])
    codes, quality = [], []
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            found = reference_pdq(pixels[top:bottom, left:right])
            codes.append(bytes.fromhex(found.hash) if found else bytes(32))
            quality.append(found.quality if found else 0)
    return TileHashes(np.frombuffer(b"".join(codes), np.uint8).reshape(-1, 32), np.array(quality, np.uint8))
