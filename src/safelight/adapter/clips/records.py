"""A clip as a record, and what may be in one.

A record, little-endian: width and height (uint32), duration (float64), number n of rows and k of those with tiles
(uint32), box (four uint32, all 0 without one); then the arrays of the clip, one after the other: time (float32, n),
span (float32, n), keyed (int32, k), shot (uint16, n), codes (n x 32 bytes), quality (n bytes), tiles (k x 16 x 32
bytes), tile quality (k x 16 bytes).
"""

import struct
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.vault.records import Directory, RecordKind
from safelight.model.clip import CLIP_TILES, Clip

DIRECTORY = np.dtype([("entry", "<i8"), ("rows", "<u4"), ("keyed", "<u4")])
"""A row of the directory: whose clip it is, how many rows it has, and how many of them have tiles."""
MOST_ROWS = 1 << 16
"""Of one clip."""

_HEAD = struct.Struct("<IIdIIIIII")
_NO_BOX = (0, 0, 0, 0)
_MOST_QUALITY = 100

# Of each array by its name, in the record's order: type, shape of a row, and whether it has a row for each of `keyed`.
_ARRAYS: Final[dict[str, tuple[str, tuple[int, ...], bool]]] = {
    "time": ("<f4", (), False),
    "span": ("<f4", (), False),
    "keyed": ("<i4", (), True),
    "shot": ("<u2", (), False),
    "codes": ("u1", (32,), False),
    "quality": ("u1", (), False),
    "tiles": ("u1", (CLIP_TILES, 32), True),
    "tile_quality": ("u1", (CLIP_TILES,), True),
}


def _row_bytes(*, keyed: bool) -> int:
    """Bytes of one row in all arrays that have a row for each of `keyed`, or in all others."""
    rows = [(kind, shape) for kind, shape, of_keyed in _ARRAYS.values() if of_keyed == keyed]
    return sum(np.dtype((kind, shape)).itemsize for kind, shape in rows)


_PER_ROW, _PER_KEYED = _row_bytes(keyed=False), _row_bytes(keyed=True)


def length(clip: Clip) -> int:
    """Bytes of the record of a clip."""
    return _HEAD.size + _PER_ROW * len(clip.time) + _PER_KEYED * len(clip.keyed)


def lengths(directory: Directory) -> NDArray[np.int64]:
    """Bytes of each record. int64."""
    rows, keyed = (directory[name].astype(np.int64) for name in ("rows", "keyed"))
    return _HEAD.size + _PER_ROW * rows + _PER_KEYED * keyed


CLIPS = RecordKind(".clips", b"SLFCLIPS", "clips .clips", DIRECTORY, lengths)


def pack(clip: Clip) -> bytes:
    """The record of a clip, which must be one by `check`."""
    counts = len(clip.time), len(clip.keyed)
    head = _HEAD.pack(clip.width, clip.height, clip.duration, *counts, *(clip.box or _NO_BOX))
    arrays = (getattr(clip, name).astype(kind, copy=False).tobytes() for name, (kind, _, _) in _ARRAYS.items())
    return b"".join((head, *arrays))


def unpack(record: bytes | memoryview) -> Clip:
    """The clip of a record; its arrays are where the record is. Raises ValueError for what is no record of a clip."""
    if len(record) < _HEAD.size:
        raise ValueError("its record is too short")
    width, height, duration, rows, keyed, *corners = _HEAD.unpack_from(record)
    if len(record) != _HEAD.size + _PER_ROW * rows + _PER_KEYED * keyed:
        raise ValueError("its record is not as long as its numbers of rows say")
    arrays: dict[str, NDArray[Any]] = {}
    start = _HEAD.size
    for name, (kind, shape, of_keyed) in _ARRAYS.items():
        count = keyed if of_keyed else rows
        kept = np.frombuffer(record, np.dtype((kind, shape)).base, count * int(np.prod(shape)), start)
        arrays[name] = kept.reshape(count, *shape)
        start += kept.nbytes
    left, top, right, bottom = corners
    box = None if (left, top, right, bottom) == _NO_BOX else (left, top, right, bottom)
    clip = Clip(width=width, height=height, duration=duration, box=box, **arrays)
    check(clip)
    return clip


def check(clip: Clip) -> None:
    """Raises ValueError, naming the field, for a clip that is not as `model.clip.Clip` says, or has too many rows."""
    if not (0 <= clip.width < 1 << 32 and 0 <= clip.height < 1 << 32):  # 0: not known
        raise ValueError(f"width and height of a clip: {clip.width} x {clip.height} pixels cannot be")
    if not (isfinite(clip.duration) and clip.duration >= 0):
        raise ValueError(f"duration of a clip: {clip.duration} seconds cannot be")
    if clip.box is not None:
        left, top, right, bottom = clip.box
        if not (0 <= left < right <= clip.width and 0 <= top < bottom <= clip.height):
            raise ValueError(f"box of a clip: {clip.box} is not within {clip.width} x {clip.height} pixels")
    if clip.time.ndim != 1 or len(clip.time) > MOST_ROWS:
        raise ValueError(f"time of a clip: its shape is {clip.time.shape}, {MOST_ROWS} rows are the most")
    for name, (kind, shape, of_keyed) in _ARRAYS.items():
        array: NDArray[Any] = getattr(clip, name)
        expected = clip.keyed.size if of_keyed else len(clip.time), *shape
        if array.dtype != np.dtype(kind) or array.shape != expected:
            found = f"{array.dtype} {array.shape}"
            raise ValueError(f"{name} of a clip: is {found}, must be {np.dtype(kind)} {expected}")
    _check_values(clip)


def _check_values(clip: Clip) -> None:
    checks = {
        "time": _is_duration(clip.time) and bool((clip.time[1:] > clip.time[:-1]).all()),
        "span": _is_duration(clip.span),
        "shot": bool((clip.shot[1:] >= clip.shot[:-1]).all()),
        "keyed": _are_numbers(clip.keyed, len(clip.time)),
        "quality": bool((clip.quality <= _MOST_QUALITY).all()),
        "tile_quality": bool((clip.tile_quality <= _MOST_QUALITY).all()),
    }
    for name, sound in checks.items():
        if not sound:
            raise ValueError(f"{name} of a clip: its values are out of range or out of order")


def _is_duration(seconds: NDArray[np.float32]) -> bool:
    return bool((np.isfinite(seconds) & (seconds >= 0)).all())


def _are_numbers(keyed: NDArray[np.int32], rows: int) -> bool:
    """Whether these are numbers of so many rows, ascending."""
    return not len(keyed) or bool(keyed[0] >= 0 and keyed[-1] < rows and (keyed[1:] > keyed[:-1]).all())
