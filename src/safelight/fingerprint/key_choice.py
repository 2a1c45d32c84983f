"""Which frames of a video are looked at closely: spread over its time, settled in their shot, with detail.

Frames come one by one and are many, so time is cut into cells, of which each keeps its best frame; where cells become
too many, each two neighbours become one. Cells are counted from the start of the video, so what lies at its end moves
none of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

DETAILED = 50
"""PDQ quality from which on a frame is thought to have keypoints enough."""
SETTLED = 0.5
"""Seconds after a cut from which on a frame is free of what blends the shots: fades, and coding that catches up."""
_CELL = 0.25  # seconds of the smallest cell: of rows at four a second, none is passed over while there is room


@dataclass(frozen=True, slots=True)
class ChosenFrame:
    """A frame to take keypoints of. `time`: seconds; `grey`: uint8 (height, width), the whole frame, bars included."""

    time: float
    grey: NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frame that may be chosen. `quality`: PDQ quality. `shot`: its number. `settled`: not at the very cut."""

    frame: ChosenFrame
    quality: int
    shot: int
    settled: bool

    @property
    def worth(self) -> tuple[bool, bool, float]:
        """What tells two frames of one cell apart; greater is better."""
        return self.quality >= DETAILED, self.settled, -self.frame.time


class KeyChoice:
    """Chooses at most `count` frames, holding at most twice as many."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._cell = _CELL
        self._best: dict[int, Candidate] = {}

    def __len__(self) -> int:
        return len(self._best)

    def add(self, candidate: Candidate) -> None:
        """Take in a candidate, later than all others."""
        self._put(candidate)
        while len(self._best) > 2 * self._count:
            self._cell *= 2
            held, self._best = self._best, {}
            for one in held.values():
                self._put(one)

    def _put(self, candidate: Candidate) -> None:
        cell = int(candidate.frame.time // self._cell)
        held = self._best.get(cell)
        if held is None or candidate.worth > held.worth:
            self._best[cell] = candidate

    def chosen(self) -> tuple[ChosenFrame, ...]:
        """The frames, in the order of time."""
        return tuple(one.frame for one in spread(list(self._best.values()), self._count))


def spread(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """At most `count` of these, which are in the order of time: the least missed goes, again and again.

    A candidate is missed by the seconds that its neighbours then lie apart; half as much without detail or not settled,
    twice as much as the last one of its shot.
    """
    kept = list(candidates)
    if len(kept) <= count or len(kept) == 1:
        return kept[:count]
    times = [one.frame.time for one in kept]
    start, end = 2 * times[0] - times[1], 2 * times[-1] - times[-2]
    of_shot = Counter(one.shot for one in kept)
    while len(kept) > count:
        apart = [after - before for before, after in pairwise([start, *(one.frame.time for one in kept), end])]
        missed = [
            (before + after)
            * (1 if one.quality >= DETAILED else 0.5)
            * (1 if one.settled else 0.5)
            * (2 if of_shot[one.shot] == 1 else 1)
            for one, before, after in zip(kept, apart, apart[1:], strict=False)
        ]
        gone = kept.pop(missed.index(min(missed)))
        of_shot[gone.shot] -= 1
    return kept


class NearestChoice:
    """Chooses the frame nearest to each of some times (seconds); a frame that is nearest to several comes once."""

    def __init__(self, times: Sequence[float]) -> None:
        self._times = tuple(times)
        self._nearest: list[ChosenFrame] = []

    def add(self, frame: ChosenFrame) -> None:
        """Take in a frame, later than all others."""
        if not self._nearest:
            self._nearest = [frame] * len(self._times)
        for n, time in enumerate(self._times):
            if abs(frame.time - time) < abs(self._nearest[n].time - time):
                self._nearest[n] = frame

    def chosen(self) -> tuple[ChosenFrame, ...]:
        """The frames, in the order of time."""
        by_time = {frame.time: frame for frame in self._nearest}
        return tuple(by_time[time] for time in sorted(by_time))
