"""The searchable part of many sketches: `InvertedLists` as one run of bytes, and how it is built.

The run has these sections, each beginning at a multiple of 64 bytes; all numbers little-endian. For p sketches of m
keypoints in all:

| section | type and shape |
|---|---|
| starts | uint32 (4097) |
| signature | uint64 (m, 2) |
| picture | uint32 (m) |
| size | uint8 (m) |
| angle | uint8 (m) |
| tiles | uint8 (p, 9, 32) |
| tile_quality | uint8 (p, 9) |
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import memory
from safelight.model.local import COARSE_TILES, WORDS, InvertedLists, Sketch

_ALIGNED = 64


@dataclass(frozen=True, slots=True)
class Columns:
    """Keypoints of some sketches, by word within each sketch or over all; arrays as in `InvertedLists`.

    `word`: uint16, shape (m,).
    """

    word: NDArray[np.uint16]
    signature: NDArray[np.uint64]
    picture: NDArray[np.uint32]
    size: NDArray[np.uint8]
    angle: NDArray[np.uint8]
    tiles: NDArray[np.uint8]
    tile_quality: NDArray[np.uint8]


def of_sketches(sketches: Sequence[Sketch]) -> Columns:
    """The columns of at least one sketch, numbered from 0 in their order."""
    counts = [len(sketch.word) for sketch in sketches]
    return Columns(
        np.concatenate([sketch.word for sketch in sketches]),
        np.concatenate([sketch.signature for sketch in sketches]),
        np.repeat(np.arange(len(sketches), dtype=np.uint32), counts),
        np.concatenate([sketch.size for sketch in sketches]),
        np.concatenate([sketch.angle for sketch in sketches]),
        np.stack([sketch.tiles.codes[:COARSE_TILES] for sketch in sketches]),
        np.stack([sketch.tiles.quality[:COARSE_TILES] for sketch in sketches]),
    )


def of_live(lists: InvertedLists) -> Columns:
    """The columns of the live sketches of a segment, numbered anew from 0."""
    live = lists.live
    kept = live[lists.picture]
    number = np.cumsum(live, dtype=np.uint32) - np.uint32(1)
    return Columns(
        np.repeat(np.arange(WORDS, dtype=np.uint16), np.diff(lists.starts))[kept],
        lists.signature[kept],
        number[lists.picture[kept]],
        lists.size[kept],
        lists.angle[kept],
        lists.tiles[live],
        lists.tile_quality[live],
    )


def build(parts: Sequence[Columns]) -> NDArray[np.uint8]:
    """The run of bytes of all these sketches, those of each part numbered after those of the part before."""
    words = np.concatenate([part.word for part in parts])
    # A stable sort: keypoints of one word stay by part, and by sketch and their order within it.
    order = np.argsort(words, kind="stable")
    pictures = [len(part.tiles) for part in parts]
    run = memory.confidential(run_length(sum(pictures), len(words)))
    filled = views(run, sum(pictures), len(words))
    np.cumsum(np.bincount(words, minlength=WORDS), out=filled["starts"][1:])
    for name in ("signature", "size", "angle"):
        np.take(np.concatenate([getattr(part, name) for part in parts]), order, axis=0, out=filled[name])
    firsts = np.cumsum([0, *pictures], dtype=np.uint32)
    numbers = [part.picture + first for part, first in zip(parts, firsts, strict=False)]
    np.take(np.concatenate(numbers), order, out=filled["picture"])
    for name in ("tiles", "tile_quality"):
        np.concatenate([getattr(part, name) for part in parts], out=filled[name])
    return run


def run_length(pictures: int, keypoints: int) -> int:
    """Bytes of the run of so many sketches and keypoints."""
    return _layout(pictures, keypoints)[1]


def views(run: NDArray[np.uint8], pictures: int, keypoints: int) -> dict[str, NDArray[np.generic]]:
    """The sections of a run, by name, where they lie."""
    found = {}
    for name, (kind, shape, start) in _layout(pictures, keypoints)[0].items():
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        found[name] = run[start : start + size].view(kind).reshape(shape)
    return found


def _layout(pictures: int, keypoints: int) -> tuple[dict[str, tuple[str, tuple[int, ...], int]], int]:
    """(type, shape, first byte) of each section by its name, and the length of all."""
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {
        "starts": ("<u4", (WORDS + 1,)),
        "signature": ("<u8", (keypoints, 2)),
        "picture": ("<u4", (keypoints,)),
        "size": ("<u1", (keypoints,)),
        "angle": ("<u1", (keypoints,)),
        "tiles": ("<u1", (pictures, COARSE_TILES, 32)),
        "tile_quality": ("<u1", (pictures, COARSE_TILES)),
    }
    placed, end = {}, 0
    for name, (kind, shape) in shapes.items():
        start = end + -end % _ALIGNED
        placed[name] = kind, shape, start
        end = start + int(np.prod(shape)) * np.dtype(kind).itemsize
    return placed, end
