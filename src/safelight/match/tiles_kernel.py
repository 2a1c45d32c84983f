"""The compiled search for pictures of which some tiles agree in place.

numba notices a change only in the file it cached: after a change of `hamming_kernel`, change this file too.

Nothing is compiled at import; `tiles.warm_up` compiles, or loads from numba's cache.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from safelight.match.hamming_kernel import _popcount


@njit(cache=True, nogil=True)
def agreeing_tiles(
    query: NDArray[np.uint64],
    codes: NDArray[np.uint64],
    query_quality: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    min_quality: int,
    radius: int,
    counts: NDArray[np.uint8],
) -> None:
    """Fill `counts`, uint8 (pictures,): how many tiles of each picture are within `radius` bits of the query's.

    `query`: (tiles, 4); `codes`: (pictures, tiles, 4); the qualities: the same without the 4; all read-only. Tiles of
    which either quality is below `min_quality` do not count.
    """
    tiles = query.shape[0]
    for picture in range(codes.shape[0]):
        count = 0
        for tile in range(tiles):
            bits = _popcount(codes[picture, tile, 0] ^ query[tile, 0])
            bits += _popcount(codes[picture, tile, 1] ^ query[tile, 1])
            bits += _popcount(codes[picture, tile, 2] ^ query[tile, 2])
            bits += _popcount(codes[picture, tile, 3] ^ query[tile, 3])
            near = np.int64(bits) <= radius
            count += near & (min(quality[picture, tile], query_quality[tile]) >= min_quality)
        counts[picture] = count
