"""What a sketch has besides its part of the lists: one record for each, and a directory of them.

A record, little-endian: width and height (uint32), those of the working picture (uint16); then for all its keypoints x,
then y, then the word (uint16); then the codes of the tiles that are not in the lists (32 bytes each), then their
qualities (one byte each). Size, angle and signature of a keypoint are in the lists alone: within a word, the keypoints
of a sketch are neighbours there, in the record's order.
"""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.vault.records import Directory, RecordKind
from safelight.model.local import COARSE_TILES, TILES, WORDS, InvertedLists, Sketch
from safelight.model.tiles import TileHashes

DIRECTORY = np.dtype([("entry", "<i8"), ("frame", "<u4"), ("keypoints", "<u4")])
"""A row of the directory: whose sketch it is, and how many keypoints it has."""
MOST_KEYPOINTS = 4096
"""Of one sketch."""

_SIZES = struct.Struct("<IIHH")
_FINE = TILES - COARSE_TILES
_TILE_BYTES = _FINE * 33


def directory_of(owners: Sequence[tuple[int, int, Sketch]]) -> Directory:
    """The rows of (entry id, frame, sketch)."""
    return np.array([(entry, frame, len(sketch.word)) for entry, frame, sketch in owners], DIRECTORY)


def lengths(directory: Directory) -> NDArray[np.int64]:
    """Bytes of each record. int64."""
    return _SIZES.size + _TILE_BYTES + 6 * directory["keypoints"].astype(np.int64)


RECORDS = RecordKind(".records", b"SLFRECDS", "features .records", DIRECTORY, lengths)


def pack(sketch: Sketch) -> bytes:
    """The record of a sketch."""
    return b"".join(
        (
            _SIZES.pack(sketch.width, sketch.height, sketch.work_width, sketch.work_height),
            sketch.x.astype("<u2").tobytes(),
            sketch.y.astype("<u2").tobytes(),
            sketch.word.astype("<u2").tobytes(),
            sketch.tiles.codes[COARSE_TILES:].tobytes(),
            sketch.tiles.quality[COARSE_TILES:].tobytes(),
        )
    )


def unpack(record: bytes | memoryview, picture: int, lists: InvertedLists) -> Sketch:
    """Put sketch number `picture` of a segment together again."""
    count = (len(record) - _SIZES.size - _TILE_BYTES) // 6
    x, y, word = np.frombuffer(record, "<u2", 3 * count, _SIZES.size).reshape(3, count)
    fine = np.frombuffer(record, np.uint8, _TILE_BYTES, _SIZES.size + 6 * count)
    codes = np.concatenate([lists.tiles[picture], fine[: _FINE * 32].reshape(_FINE, 32)])
    quality = np.concatenate([lists.tile_quality[picture], fine[_FINE * 32 :]])
    slots = _slots(word, picture, lists)
    width, height, work_width, work_height = _SIZES.unpack_from(record)
    return Sketch(
        width=width,
        height=height,
        work_width=work_width,
        work_height=work_height,
        x=x,
        y=y,
        size=lists.size[slots],
        angle=lists.angle[slots],
        word=word,
        signature=lists.signature[slots],
        tiles=TileHashes(codes, quality),
    )


def check(sketch: Sketch) -> None:
    """Raises ValueError for a sketch that is not as `model.local.Sketch` says, or has too many keypoints."""
    count = len(sketch.word)
    shapes: list[tuple[NDArray[np.generic], type[np.generic], tuple[int, ...]]] = [
        *((array, np.uint16, (count,)) for array in (sketch.x, sketch.y, sketch.word)),
        *((array, np.uint8, (count,)) for array in (sketch.size, sketch.angle)),
        (sketch.signature, np.uint64, (count, 2)),
        (sketch.tiles.codes, np.uint8, (TILES, 32)),
        (sketch.tiles.quality, np.uint8, (TILES,)),
    ]
    if any(array.dtype != kind or array.shape != shape for array, kind, shape in shapes):
        raise ValueError("the arrays of a sketch have other types or shapes")
    if count > MOST_KEYPOINTS:
        raise ValueError(f"a sketch of {count} keypoints; {MOST_KEYPOINTS} are the most")
    if count and (sketch.word[-1] >= WORDS or (sketch.word[1:] < sketch.word[:-1]).any()):
        raise ValueError("the keypoints of a sketch are in the order of their words, 0 to 4095")


def _slots(word: NDArray[np.uint16], picture: int, lists: InvertedLists) -> NDArray[np.int64]:
    """Where the keypoints of a sketch are in the lists: a binary search in all its words at once. int64."""
    low, high = lists.starts[word].astype(np.int64), lists.starts[word.astype(np.int64) + 1].astype(np.int64)
    while (open_ := low < high).any():
        middle = (low + high) // 2
        before = open_ & (lists.picture[np.minimum(middle, len(lists.picture) - 1)] < picture)
        low, high = np.where(before, middle + 1, low), np.where(open_ & ~before, middle, high)
    return low + np.arange(len(word)) - np.searchsorted(word, word)
