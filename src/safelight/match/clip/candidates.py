"""Known clips that are worth comparing with a query: those of which some row looks like some row of it.

Rows are compared as wholes, in all eight dihedral forms, and tile by tile in place, as they stand and mirrored. What
counts is each query row's best agreement with each clip; a row that agrees with very many clips, such as a black
frame or a publisher's logo, says little of any of them.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.match.clip.forms import dihedral_forms, mirrored_places, mirrored_tiles
from safelight.match.clip.worth import LEAST_TILES, MIN_QUALITY, TILE_QUALITY, TILES_BASE, frame_worth, tile_worth
from safelight.match.hamming import as_words, frozen
from safelight.match.tiles import LOOSE
from safelight.model.clip import CLIP_GRID, Clip, ClipRows

SHORTLIST = 32
"""Clips that are compared, those with the most votes."""
_ASKED = 64  # rows of a query that are asked for at once: bounds memory at some 300 bytes a clip
_TILE_ROWS = 512  # rows of a query whose tiles are asked for, evenly spread


def candidates(query: Clip, rows: ClipRows, limit: int = SHORTLIST) -> list[int]:
    """Ids of the entries worth comparing, the most promising first, at most `limit`; equals by the lower id.

    The order of rows and clips in the bank makes no difference.
    """
    if not len(rows.entry) or not len(query.codes):
        return []
    entries, numbers = np.unique(rows.entry, return_inverse=True)
    clip = frozen(numbers.astype(np.int32))
    votes = np.zeros(len(entries), np.float64)
    for first in range(0, len(query.codes), _ASKED):
        last = min(first + _ASKED, len(query.codes))
        nearest = _nearest(query, rows, clip, len(entries), (first, last))
        votes += row_votes(nearest, _most_tiles(query, rows, clip, len(entries), (first, last)))
    order = np.argsort(-votes, kind="stable")[:limit]
    return [int(entries[at]) for at in order if votes[at] > 0]


def row_votes(nearest: NDArray[np.uint8], most: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Votes for each clip: float64 (clips,).

    `nearest`, `most`: (q, clips), least distance of frames, more than `LOOSE` for none; most tiles that agree. What a
    row says is divided among the clips it agrees with, by the logarithm of their number.
    """
    frames = np.where(nearest <= LOOSE, frame_worth(nearest), 0.0)
    tiles = np.where(most >= LEAST_TILES, TILES_BASE + most * tile_worth(np.array(LOOSE // 2)), 0.0)
    worth = np.maximum(frames, tiles)
    clips = worth.shape[1]
    met = np.maximum(np.count_nonzero(worth, axis=1), 1)
    rarity = np.log1p(clips / met) / np.log1p(clips)
    return np.asarray(rarity @ worth)


def _nearest(
    query: Clip, rows: ClipRows, clip: NDArray[np.int32], clips: int, part: tuple[int, int]
) -> NDArray[np.uint8]:
    """The least distance of each of some query rows, in any form, to the rows of each clip: (q, clips)."""
    first, last = part
    asked = np.flatnonzero(query.quality[first:last] >= MIN_QUALITY)
    forms = np.ascontiguousarray(dihedral_forms(query.codes[first:last][asked]).transpose(1, 0, 2))
    words = as_words(forms.reshape(-1, 32)).reshape(*forms.shape[:2], 4)
    nearest = np.full((last - first, clips), LOOSE + 1, np.uint8)
    found = nearest[asked]
    sound = np.where(rows.quality >= MIN_QUALITY, clip, np.int32(-1))
    compiled().nearest_of_clips(frozen(words), frozen(as_words(rows.codes)), frozen(sound), LOOSE, found)
    nearest[asked] = found
    return nearest


def _most_tiles(
    query: Clip, rows: ClipRows, clip: NDArray[np.int32], clips: int, part: tuple[int, int]
) -> NDArray[np.uint8]:
    """The most tiles of each of some query rows, as they stand or mirrored, that agree with a row of each clip."""
    most = np.zeros((part[1] - part[0], clips), np.uint8)
    step = -(-len(query.keyed) // _TILE_ROWS)
    asked = np.arange(0, len(query.keyed), max(step, 1))
    asked = asked[(query.keyed[asked] >= part[0]) & (query.keyed[asked] < part[1])]
    if not len(asked):
        return most
    codes, quality = query.tiles[asked], query.tile_quality[asked]
    both = np.concatenate([codes, mirrored_tiles(codes, CLIP_GRID)])
    sound = np.concatenate([quality, mirrored_places(quality, CLIP_GRID)])
    counts = np.zeros((len(both), clips), np.uint8)
    compiled().tiles_of_clips(
        frozen(tile_words(both)),
        frozen(sound),
        frozen(tile_words(rows.tiles)),
        frozen(rows.tile_quality),
        clip,
        (LOOSE, TILE_QUALITY, LEAST_TILES),
        counts,
    )
    most[query.keyed[asked] - part[0]] = counts.reshape(2, len(asked), clips).max(axis=0)
    return most


def tile_words(tiles: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Tile codes, uint8 (k, t, 32), as little-endian 64-bit words: a view, (k, t, 4)."""
    return as_words(tiles.reshape(-1, 32)).reshape(*tiles.shape[:2], 4)


@cache
def compiled() -> Any:  # noqa: ANN401 - a module
    """The compiled code: loaded only when a clip is looked up, as in `hamming`."""
    from safelight.match.clip import search_kernel  # noqa: PLC0415 - see above

    return search_kernel
