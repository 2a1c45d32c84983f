"""Between vPDQ's frame lists and clips.

A list says nothing of the picture but PDQ of whole frames: a clip made of one has no tiles and does not know its bars,
so edits of parts of the picture are not found by it. A clip, for its part, holds PDQ of what is inside bars, from
frames of at most 480 pixels: an exported hash is some bits from vPDQ's own, and another one where there are bars.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.clip import KEYED_BITS, KEYED_SECONDS, LEAST_QUALITY, SAME_BITS
from safelight.fingerprint.clip_rows import Row, RowTable
from safelight.model.clip import CLIP_TILES, OF_KNOWN_CLIP, Clip, ClipRequest
from safelight.model.tiles import TileHashes
from safelight.model.vpdq import VpdqFrame

_NO_TILES = TileHashes(np.zeros((CLIP_TILES, 32), np.uint8), np.zeros(CLIP_TILES, np.uint8))
_ROUNDING = 0.001
"""Seconds in lists have three decimals."""
_ALONE = 1.0
"""Seconds that a list's only frame is shown: vPDQ hashes one a second unless told otherwise."""


def clip_of_frames(frames: Sequence[VpdqFrame], request: ClipRequest = OF_KNOWN_CLIP) -> Clip:
    """The clip of a frame list, whose times ascend. Its width and height are 0: a list does not tell.

    Of each stretch of `request.sampling.every` seconds the first frame is looked at. Duplicates and frames that tell
    nothing are left out with their spans kept, and rows are keyed, as in clips of videos; but tiles are all zero, of
    quality 0. All rows are of shot 0. The duration is that of the list and one frame more.
    """
    looked_at = _sampled(frames, request.sampling.every)
    times = [frame.time for frame in looked_at]
    duration = frames[-1].time + _step(frames) if frames else 0.0
    table = RowTable(request.rows, request.keyed)
    row: Row | None = None
    keyed: Row | None = None
    for frame, end in zip(looked_at, [*times[1:], duration], strict=False):  # an empty list still has an end
        code = np.frombuffer(bytes.fromhex(frame.code), np.uint8)
        if frame.quality < LEAST_QUALITY:
            row = None
        elif row is not None and _bits(code, row.code) <= SAME_BITS:
            table.extend(frame.time, end)
        else:
            deserves = keyed is None or (
                _bits(code, keyed.code) > KEYED_BITS or frame.time - keyed.time > KEYED_SECONDS - _ROUNDING
            )
            tiles = _NO_TILES if deserves and table.takes_next_keyed() else None
            row = Row(frame.time, end, code, frame.quality, 0, tiles)
            keyed = row if deserves else keyed
            if table.takes_next():
                table.add(row)
    return table.clip(duration, 0, 0, None)


def frames_of_clip(clip: Clip, every: float) -> tuple[VpdqFrame, ...]:
    """The frame list of a clip: of each stretch of `every` seconds the first row that begins in it, at its own time.

    Where none begins, it is the row that is still shown, at the beginning of the stretch; where none is, the stretch is
    left out. A clip does not know how many frames its video has, so the number is that of the stretch, from 0. Raises
    ValueError unless `every` is above 0.
    """
    if not every > 0:
        raise ValueError(f"frames are exported every so many seconds, not every {every}")
    times = clip.time.astype(np.float64)
    ends = times + clip.span
    stretches = ((times + _ROUNDING / 2) / every).astype(np.int64)
    begins = dict(zip(reversed(stretches.tolist()), reversed(range(len(times))), strict=True))
    frames = []
    for number in range(math.ceil((clip.duration - _ROUNDING / 2) / every)):
        row, moment = begins.get(number, -1), number * every
        if row >= 0:
            moment = float(times[row])
        else:
            row = int(np.searchsorted(times, moment, side="right")) - 1
        if row >= 0 and moment < ends[row]:
            frames.append(VpdqFrame(number, int(clip.quality[row]), clip.codes[row].tobytes().hex(), moment))
    return tuple(frames)


def _sampled(frames: Sequence[VpdqFrame], every: float) -> list[VpdqFrame]:
    """The first frame of each stretch, and no two at what a clip, of less precision, takes for the same time."""
    kept: list[VpdqFrame] = []
    stretch = -1
    for frame in frames:
        number = int((frame.time + _ROUNDING) / every) if every else stretch + 1
        if number > stretch and not (kept and np.float32(frame.time) <= np.float32(kept[-1].time)):
            kept.append(frame)
            stretch = number
    return kept


def _step(frames: Sequence[VpdqFrame]) -> float:
    """Usual seconds from frame to frame."""
    return float(np.median(np.diff([frame.time for frame in frames]))) if len(frames) > 1 else _ALONE


def _bits(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return int(np.bitwise_count(one ^ other).sum())
