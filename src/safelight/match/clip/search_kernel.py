"""The compiled search of a bank's rows, and of one clip's. Nothing is compiled at import.

numba notices a change only in the file it cached: after a change of `hamming_kernel`, change this file too.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from safelight.match.hamming_kernel import _popcount

FIRST_BITS = 24
"""Of the 64 bits of lowest order, in which codes must agree better still.

Of 4,000 pairs of tiles of the same scene that were within 60 bits, none differed in more than 20 of these. Of unrelated
tiles 3 in 100 differ in less, so that the others need no second look.
"""

_BLOCK = 64  # rows that stay in the cache while every query row looks at them
_FAR = 256


@njit(cache=True, nogil=True)
def nearest_of_clips(
    forms: NDArray[np.uint64],
    codes: NDArray[np.uint64],
    clip: NDArray[np.int32],
    radius: int,
    nearest: NDArray[np.uint8],
) -> None:
    """Lower `nearest`, uint8 (q, clips), to the least distance up to `radius` of any form to any row of each clip.

    `forms`: (q, f, 4). `codes`: (m, 4). `clip`: (m,), number of the clip, -1 for rows that are left out.
    """
    for first in range(0, codes.shape[0], _BLOCK):
        last = min(first + _BLOCK, codes.shape[0])
        for query in range(forms.shape[0]):
            for row in range(first, last):
                if clip[row] < 0:
                    continue
                a, b, c, d = codes[row, 0], codes[row, 1], codes[row, 2], codes[row, 3]
                for form in range(forms.shape[1]):
                    bits = np.int64(_popcount(d ^ forms[query, form, 3]))
                    if bits > FIRST_BITS:
                        continue
                    bits += np.int64(_popcount(c ^ forms[query, form, 2]) + _popcount(b ^ forms[query, form, 1]))
                    bits += np.int64(_popcount(a ^ forms[query, form, 0]))
                    if bits <= radius and bits < nearest[query, clip[row]]:
                        nearest[query, clip[row]] = bits


@njit(cache=True, nogil=True)
def tiles_of_clips(
    query: NDArray[np.uint64],
    query_quality: NDArray[np.uint8],
    tiles: NDArray[np.uint64],
    quality: NDArray[np.uint8],
    clip: NDArray[np.int32],
    bounds: tuple[int, int, int],
    most: NDArray[np.uint8],
) -> None:
    """Raise `most`, uint8 (q, clips), to the number of tiles that agree in place with any row of each clip.

    `query`: (q, t, 4), `query_quality`: (q, t). `tiles`: (m, t, 4), `quality`: (m, t). `bounds`: bits within which
    tiles agree, quality of both, and fewest tiles that count.
    """
    radius, least, fewest = bounds
    places = query.shape[1]
    words = np.empty((_BLOCK, places), np.uint64)
    for first in range(0, tiles.shape[0], _BLOCK):
        last = min(first + _BLOCK, tiles.shape[0])
        for row in range(first, last):
            for tile in range(places):
                words[row - first, tile] = tiles[row, tile, 3]
        for asked in range(query.shape[0]):
            own = query[asked, :, 3].copy()
            for row in range(first, last):
                near = _near_words(words, row - first, own)
                if near < fewest or near <= most[asked, clip[row]]:
                    continue
                count = 0
                for tile in range(own.shape[0]):
                    bits = np.int64(_popcount(words[row - first, tile] ^ own[tile]))
                    if bits > FIRST_BITS or min(quality[row, tile], query_quality[asked, tile]) < least:
                        continue
                    bits += np.int64(_popcount(tiles[row, tile, 2] ^ query[asked, tile, 2]))
                    bits += np.int64(_popcount(tiles[row, tile, 1] ^ query[asked, tile, 1]))
                    bits += np.int64(_popcount(tiles[row, tile, 0] ^ query[asked, tile, 0]))
                    count += int(bits <= radius)
                if count >= fewest:
                    most[asked, clip[row]] = max(most[asked, clip[row]], count)


@njit(cache=True, nogil=True, inline="always")
def _near_words(words: NDArray[np.uint64], row: int, own: NDArray[np.uint64]) -> int:
    """How many words of two rows are within `FIRST_BITS`: without a branch, so that several are compared at once."""
    near = 0
    for tile in range(own.shape[0]):
        near += int(_popcount(words[row, tile] ^ own[tile]) <= FIRST_BITS)
    return near


@njit(cache=True, nogil=True)
def tile_agreement(
    query: NDArray[np.uint64],
    query_quality: NDArray[np.uint8],
    tiles: NDArray[np.uint64],
    quality: NDArray[np.uint8],
    least: int,
    worth: NDArray[np.float32],
    total: NDArray[np.float32],
    count: NDArray[np.int16],
    distance: NDArray[np.int16],
) -> None:
    """Compare one row's tiles, (t, 4), with those of m rows, (m, t, 4), in place; fill three arrays, (m,).

    `worth`: (radius + 1,), what a tile counts by distance. `total`: their sum. `count`: tiles that agree; `distance`:
    the mean of theirs.
    """
    radius = worth.shape[0] - 1
    for row in range(tiles.shape[0]):
        agree, nats, far = 0, np.float32(0), 0
        for tile in range(query.shape[0]):
            bits = np.int64(_popcount(tiles[row, tile, 3] ^ query[tile, 3]))
            if bits > FIRST_BITS or min(quality[row, tile], query_quality[tile]) < least:
                continue
            bits += np.int64(_popcount(tiles[row, tile, 2] ^ query[tile, 2]))
            bits += np.int64(_popcount(tiles[row, tile, 1] ^ query[tile, 1]))
            bits += np.int64(_popcount(tiles[row, tile, 0] ^ query[tile, 0]))
            if bits <= radius:
                agree += 1
                nats += worth[bits]
                far += int(bits)
        total[row], count[row] = nats, agree
        distance[row] = far // agree if agree else _FAR


@njit(cache=True, nogil=True)
def frame_agreement(
    query: NDArray[np.uint64],
    codes: NDArray[np.uint64],
    sound: NDArray[np.bool_],
    worth: NDArray[np.float32],
    nats: NDArray[np.float32],
    distance: NDArray[np.int16],
) -> int:
    """Compare one code, (4,), with m codes, (m, 4); fill two arrays, (m,), and say how many agree.

    `sound`: (m,), rows that may agree. `worth`: (radius + 1,), nats by distance; beyond it `nats` is 0.
    """
    a, b, c, d = query[0], query[1], query[2], query[3]
    radius, agree = worth.shape[0] - 1, 0
    for row in range(codes.shape[0]):
        bits = np.int64(_popcount(codes[row, 0] ^ a) + _popcount(codes[row, 1] ^ b))
        bits += np.int64(_popcount(codes[row, 2] ^ c) + _popcount(codes[row, 3] ^ d))
        distance[row], nats[row] = bits, np.float32(0)
        if bits <= radius and sound[row]:
            nats[row] = worth[bits]
            agree += 1
    return agree


@njit(cache=True, nogil=True)
def mark_agreeing(
    queries: NDArray[np.uint64],
    codes: NDArray[np.uint64],
    radius: int,
    agree: NDArray[np.bool_],
    agreed: NDArray[np.bool_],
) -> None:
    """Mark the queries, (q, 4), that agree with any of m codes, (m, 4), and the codes that any query agrees with.

    However many pairs agree, it takes no memory: `agree`, (q,), and `agreed`, (m,), come all False.
    """
    for first in range(0, codes.shape[0], _BLOCK):
        last = min(first + _BLOCK, codes.shape[0])
        for query in range(queries.shape[0]):
            a, b, c, d = queries[query, 0], queries[query, 1], queries[query, 2], queries[query, 3]
            for row in range(first, last):
                if agree[query] and agreed[row]:
                    continue
                bits = np.int64(_popcount(codes[row, 0] ^ a) + _popcount(codes[row, 1] ^ b))
                bits += np.int64(_popcount(codes[row, 2] ^ c) + _popcount(codes[row, 3] ^ d))
                if bits <= radius:
                    agree[query] = agreed[row] = True


@njit(cache=True, nogil=True)
def plateaus(
    nats: NDArray[np.float32], start: NDArray[np.float32], end: NDArray[np.float32], slack: float, reach: float
) -> NDArray[np.int64]:
    """Runs of rows that say much the same: int64 (r, 3), first, last + 1 and best row of each, of rows not 0.

    Values of a run differ by at most `slack`; between its rows lie at most `reach` seconds.
    """
    runs = np.empty((nats.shape[0], 3), np.int64)
    count, row = 0, 0
    while row < nats.shape[0]:
        if nats[row] <= 0:
            row += 1
            continue
        low, high, first, best = nats[row], nats[row], row, row
        row += 1
        while row < nats.shape[0] and nats[row] > 0 and start[row] - end[row - 1] <= reach:
            if max(high, nats[row]) - min(low, nats[row]) > slack:
                break
            if nats[row] > high:
                best = row
            low, high = min(low, nats[row]), max(high, nats[row])
            row += 1
        runs[count, 0], runs[count, 1], runs[count, 2] = first, row, best
        count += 1
    return runs[:count]
