"""From the sampled frames of a video to what it is looked up by: a `Clip`, and the frames to take keypoints of.

Rows are PDQ (see `frame_hash`) of luma inside the bars that all frames share. The frames that come first are held back
until the bars are known; after that, nothing but the rows and the chosen frames is kept, and never more of them than
were asked for.

Numbers here were set on drawn scenes (cuts, pans, zooms, brightness) and on benign footage at four frames a second and
at one in two seconds.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint import frame_hash, pdq
from safelight.fingerprint.bars import Bars
from safelight.fingerprint.clip_rows import Row, RowTable
from safelight.fingerprint.frame_hash import frame_hashes
from safelight.fingerprint.key_choice import SETTLED, Candidate, ChosenFrame, KeyChoice, NearestChoice
from safelight.model.clip import CLIP_GRID, Clip, ClipRequest
from safelight.model.errors import LimitExceededError
from safelight.model.media import VideoFrame

HELD_BACK = 64
"""Frames from which the bars are told: 16 seconds at four frames a second."""
LEAST_QUALITY = 5
"""PDQ quality under which a frame tells nothing: blank, or nearly so."""
SAME_BITS, SAME_LEVELS = 2, 8.0
"""PDQ bits, and levels of mean luma, to which a frame is a duplicate of the last row."""
KEYED_BITS, KEYED_SECONDS = 16, 2.0
"""A row has tiles when it is more bits from the last that had, or so many seconds after it."""
CUT_BITS = 90
"""PDQ bits between neighbouring frames that a cut exceeds. A fast pan does so too, but keeps its levels:"""
CUT_LEVELS, CUT_LEVELS_APART = 0.25, 0.4
"""Share of pixels that change their level at a cut, between frames that lie less than, or at least, a second apart.

Between different drawn scenes 0.33-0.89 (5th to 95th percentile); in a pan by half a picture 0.05-0.26; in hand-held
footage, 0.01-0.22 in a quarter of a second and 0.01-0.39 in two seconds.
"""
_LEVELS = 32


class ClipMaker:
    """Makes the clip of one video, from frames that come in the order of time."""

    def __init__(self, request: ClipRequest) -> None:
        """Raises ValueError for a request without room for a row."""
        self._request = request
        self._table = RowTable(request.rows, request.keyed)
        self._bars: Bars | None = None
        self._held: list[VideoFrame] = []
        self._time = -math.inf  # of the last frame
        self._begun = 0.0  # since when the picture is that of the last row, while there is one
        self._row: _Seen | None = None
        self._told: _Seen | None = None
        self._keyed: _Seen | None = None
        self._settling = True
        self._shot, self._shot_start = 0, 0.0
        count = 0 if request.exact or request.local is None else request.key_frames
        self._choice = KeyChoice(count) if count and not request.at else None
        self._nearest = NearestChoice(request.at[:count]) if count and request.at else None

    def add(self, frame: VideoFrame) -> None:
        """Take in a frame. One that is not later than the one before, as broken files have it, is passed over.

        `frame`: luma, its longest side at most CLIP_SIDE pixels; RGB at full size for an exact request, which passes
        over none. Raises ValueError for other pixels; LimitExceededError where an exact request has no room left.
        """
        if self._request.exact:
            self._add_exact(frame)
            return
        if frame.pixels.dtype != np.uint8 or frame.pixels.ndim != 2 or not frame.pixels.size:
            raise ValueError(f"a frame is uint8 luma, not {frame.pixels.dtype} of {frame.pixels.shape}")
        time = float(np.float32(frame.time))  # as rows keep it: two frames must not share one
        if not self._time < time < math.inf:
            return
        self._time = time
        if self._bars is not None:
            self._look(frame, self._bars)
            return
        self._held.append(frame)
        if len(self._held) == HELD_BACK:
            self._let_go()

    def finish(self, duration: float, width: int, height: int) -> tuple[Clip, tuple[ChosenFrame, ...]]:
        """The clip, and the frames to take keypoints of, in the order of time. Call it once, after all frames.

        `duration`: seconds; `width`, `height`: of the video as displayed, in pixels. Of times that were asked for
        (`ClipRequest.at`), the nearest frames are given, each once.
        """
        if self._held:
            self._let_go()
        if self._row is not None or self._request.exact:
            self._table.extend(self._begun, duration)
        box = self._bars.displayed(width, height) if self._bars else None
        choice = self._nearest if self._choice is None else self._choice
        return self._table.clip(duration, width, height, box), () if choice is None else choice.chosen()

    def _add_exact(self, frame: VideoFrame) -> None:
        if len(self._table) == self._request.rows:
            raise LimitExceededError(f"the video has more than {self._request.rows} frames to hash")
        self._table.extend(self._begun, frame.time)
        self._begun = frame.time
        found = pdq.pdq(frame.pixels)
        code = np.frombuffer(bytes.fromhex(found.hash) if found else bytes(32), np.uint8)
        self._table.add(Row(frame.time, frame.time, code, found.quality if found else 0, 0))

    def _let_go(self) -> None:
        """Find the bars in the frames that were held back, and look at these."""
        held, self._held = self._held, []
        self._bars = bars = Bars.of([frame.pixels for frame in held])
        self._shot_start = held[0].time
        for frame in held:
            self._look(frame, bars)

    def _look(self, frame: VideoFrame, bars: Bars) -> None:
        if self._nearest is not None:
            self._nearest.add(ChosenFrame(frame.time, frame.pixels))
        luma = np.ascontiguousarray(bars.inside(frame.pixels), np.float32)
        seen = _Seen.of(frame.time, luma)
        tells = seen.quality >= LEAST_QUALITY
        if self._row is not None and not (tells and seen.same_as(self._row)):
            self._table.extend(self._begun, frame.time)
            self._row = None
        if not tells:
            return
        if self._told is not None and seen.after_cut(self._told):
            self._shot += 1
            self._shot_start = (self._told.time + seen.time) / 2
            self._settling = True
        self._told = seen
        if self._row is None:
            self._row, self._begun = seen, seen.time
            self._take_row(seen, luma, frame)

    def _take_row(self, seen: "_Seen", luma: NDArray[np.float32], frame: VideoFrame) -> None:
        settled = seen.time - self._shot_start >= SETTLED
        offered = settled and self._settling  # the first of its shot that is
        self._settling &= not settled
        seen.shot = self._shot
        if self._table.takes_next():
            parts = None
            if self._keyed is None or seen.keyed_after(self._keyed):
                self._keyed, offered = seen, True
                parts = frame_hashes(luma, CLIP_GRID) if self._table.takes_next_keyed() else None
            self._table.add(Row(seen.time, seen.time, seen.code, seen.quality, self._shot, parts))
        if offered and self._choice is not None:
            chosen = ChosenFrame(frame.time, frame.pixels)
            self._choice.add(Candidate(chosen, seen.quality, self._shot, settled))


@dataclass(slots=True)
class _Seen:
    """What frames are told apart by. `levels`: share of the pixels at each of `_LEVELS` levels."""

    time: float
    code: NDArray[np.uint8]
    quality: int
    mean: float
    levels: NDArray[np.float64]
    shot: int = 0

    @classmethod
    def of(cls, time: float, luma: NDArray[np.float32]) -> Self:
        hashed = frame_hashes(luma)
        few = luma[::4, ::4].astype(np.uint8).ravel()
        levels = np.bincount(few // (256 // _LEVELS), minlength=_LEVELS) / few.size
        return cls(time, hashed.codes[0], int(hashed.quality[0]), float(few.mean()), levels)

    def bits_from(self, other: Self) -> int:
        return int(np.bitwise_count(self.code ^ other.code).sum())

    def same_as(self, row: Self) -> bool:
        return self.bits_from(row) <= SAME_BITS and abs(self.mean - row.mean) <= SAME_LEVELS

    def after_cut(self, before: Self) -> bool:
        changed = float(np.abs(self.levels - before.levels).sum()) / 2
        least = CUT_LEVELS if self.time - before.time < 1 else CUT_LEVELS_APART
        return changed > least and self.bits_from(before) > CUT_BITS

    def keyed_after(self, last: Self) -> bool:
        late = self.time - last.time >= KEYED_SECONDS
        return late or self.shot != last.shot or self.bits_from(last) > KEYED_BITS


def warm_up() -> None:
    """Compile all kernels, or load them from numba's cache. Call it before file access is given up."""
    pdq.warm_up()
    frame_hash.warm_up()
