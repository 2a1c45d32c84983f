"""Which frames are worth decoding, told from the times of packets alone. Times are microseconds from the first frame.

Packets come in runs: a key packet and what follows it up to the next one. A sampler is asked run after run.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from safelight.media.video.clock import MICROSECOND
from safelight.model.clip import Sampling

_TOLERANCE = 1.25  # key frames that lie up to so many times `every` apart need no others between them
_ABOUT = 0.8  # of `least`: no frame between key frames is decoded for the sake of the rest
_NEAREST = 0.25  # seconds below which a short video's frames are not brought together for the sake of `least`
_FLASH = 0.25  # of the usual time from frame to frame: a key frame shown for less is not what is seen

Place = Callable[[int], float]
"""Where in each stretch of time a frame is taken: from the number of the stretch to 0 up to below 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """When the frames of a run are shown: `times`, ascending, at least one.

    `keyed`: it begins with a key frame, the first of `times`; else it goes on with the run before. `until`: when the
    next run's key frame or the video's end comes; None when the run goes on. `last`: nothing follows.
    """

    times: Sequence[int]
    until: int | None
    keyed: bool
    last: bool


class Sampler(Protocol):
    """Chooses frames. `fresh`: decoding starts anew at each key frame; else all frames are decoded in one go."""

    fresh: bool

    def wanted(self, run: Run) -> list[int]:
        """The frames to give, as a part of `run.times`, ascending."""
        ...

    def done(self) -> bool:
        """Whether nothing more will be wanted."""
        ...


class Steady:
    """The first frame at or after each multiple of `every` seconds; every frame when that is 0."""

    fresh = False

    def __init__(self, every: float) -> None:
        self._every = max(1, round(every * MICROSECOND))
        self._next = 0

    def wanted(self, run: Run) -> list[int]:
        """The run's frames that come first behind a multiple."""
        chosen = []
        for time in run.times:
            if time >= self._next:
                chosen.append(time)
                self._next = (time // self._every + 1) * self._every
        return chosen

    def done(self) -> bool:
        """Never."""
        return False


class Scattered:
    """One frame in each stretch of `every` seconds, somewhere in it, and no key frame where others are.

    For videos whose key frames, or whose frames at even seconds, may be made to show something else.
    """

    fresh = True

    def __init__(self, every: float, place: Place) -> None:
        self._every = max(1, round(every * MICROSECOND))
        self._place = place
        self._go_to(0)

    def wanted(self, run: Run) -> list[int]:
        """The frames that come first at or behind their places; of a video too short for any, the last."""
        times = run.times[1:] if run.keyed and len(run.times) > 1 else run.times
        chosen = []
        for time in times:
            if time >= self._next or (run.last and time == times[-1] and not self._stretch):
                chosen.append(time)
                self._go_to(max(self._stretch, time // self._every) + 1)
        return chosen

    def _go_to(self, stretch: int) -> None:
        self._stretch = stretch
        self._next = round((stretch + self._place(stretch)) * self._every)

    def done(self) -> bool:
        """Never."""
        return False


class KeyFrames:
    """Key frames, and where these lie too far apart, frames between them that part the time evenly.

    Key frames nearer to the last frame given than half of `every` are passed over: some codecs have nothing else. In
    place of a key frame that is gone at once, the frame behind it is taken.
    """

    fresh = True

    def __init__(self, every: float) -> None:
        self._every = max(1, round(every * MICROSECOND))
        self._last: int | None = None

    def wanted(self, run: Run) -> list[int]:
        """The key frame, if it is far enough from the last one, and those up to the next one."""
        end = run.times[-1] if run.until is None else run.until
        chosen = []
        if self._last is None or (run.keyed and self._takes(run.times[0], self._last, end)):
            self._last = _first_seen(run) if run.keyed else run.times[0]
            chosen.append(self._last)
        start = self._last
        parts = max(1, math.ceil((end - start) / (self._every * _TOLERANCE)))
        step = max(1, self._every if run.until is None else (end - start) // parts)
        target = start + step
        while target < end and (at := bisect_left(run.times, target)) < len(run.times):
            time = run.times[at]
            if end - time >= step // 2 or run.until is None:
                chosen.append(time)
                self._last = time
            target += step * max(1, math.ceil((time - target + 1) / step))
        return chosen

    def _takes(self, key: int, last: int, end: int) -> bool:
        return key - last >= self._every / 2 or (end - last > self._every * _TOLERANCE and key > last)

    def done(self) -> bool:
        """Never."""
        return False


class Shown:
    """The frames that are shown at given seconds; one that is shown at several is given once."""

    fresh = True

    def __init__(self, at: Sequence[float]) -> None:
        self._left = sorted(max(0, round(moment * MICROSECOND)) for moment in at)

    def wanted(self, run: Run) -> list[int]:
        """Of each moment within the run, the last frame that is not later; behind the end, the last frame of all."""
        end = run.times[-1] if run.until is None else run.until
        due = self._left if run.last else self._left[: bisect_left(self._left, end)]
        self._left = self._left[len(due) :]
        return sorted({run.times[max(0, bisect_right(run.times, moment) - 1)] for moment in due})

    def done(self) -> bool:
        """Whether all moments lie behind."""
        return not self._left


def _first_seen(run: Run) -> int:
    """The key frame, or the frame behind it, if it is shown far longer."""
    times = run.times
    if len(times) < 3:
        return times[0]
    gaps = sorted(later - time for time, later in pairwise(times))
    return times[1] if times[1] - times[0] < _FLASH * gaps[len(gaps) // 2] else times[0]


def sampler_for(
    sampling: Sampling, seconds: float | None, scatter: Place | None = None
) -> KeyFrames | Steady | Scattered:
    """The sampler that does as asked. `seconds`: what a short video lasts; None for one that is not short.

    `scatter`: takes no key frames, and none at even seconds, but one at such places.
    """
    every = sampling.every
    if seconds is not None and every > _NEAREST:
        every = min(every, max(_NEAREST, seconds / (_ABOUT * sampling.least)))
    if scatter is not None and every > 0:
        return Scattered(every, scatter)
    return KeyFrames(every) if sampling.keys and every > 0 else Steady(every)
