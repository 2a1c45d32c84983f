"""Whether key frames show what is played: a sparse look sees nothing else, and nobody who plays a video sees them long.

A key frame may be black, or of another film, with all that is shown in the frames behind it. So of some runs a frame
soon behind the key frame is decoded, too, and both are compared as thumbnails.
"""

import zlib
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.media.video.sampling import Run

_BEHIND = 150_000  # microseconds between a key frame and the frame that it is compared with,
_FRAMES, _FEWEST_FRAMES = 12, 4  # and frames, at most: as many as are cheap to decode
_CHEAP = 640 * 480  # pixels of a frame of which that many are
_SOON = 1_500_000  # microseconds behind which frames of different runs are not compared
_MORE = 3  # runs that are probed behind one whose key frame shows something else
_CELLS = 16  # side of a thumbnail
_FLAT = 4.0  # levels of standard deviation under which a thumbnail shows nothing
_ALIKE = 0.5  # correlation of thumbnails under which they show different things
_FEWEST = 3  # frames, most of them flat, that say that key frames show nothing
_SPREAD = 0x9E3779B1  # odd, of 32 bits (Knuth, TAOCP vol. 3, 6.4): multiplied by it, successive numbers spread evenly
_EDGE = 1 << 16


def seed_of(view: memoryview) -> int:
    """A number that follows from a file's length, first and last bytes, 0 to 2**32 - 1."""
    return zlib.crc32(view[-_EDGE:], zlib.crc32(view[:_EDGE], len(view) & 0xFFFFFFFF))


def spread(seed: int, number: int) -> float:
    """A number from 0 to below 1, for each `number` another one."""
    mixed = ((seed ^ (number * _SPREAD)) * _SPREAD) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 15)) * _SPREAD & 0xFFFFFFFF) / 2**32


class Probes:
    """Compares key frames of one reading with frames behind them.

    Probed is one of the first 2 runs, one of the 6 behind these, one of the next 24 and so on, as `seed` chooses, and
    some more of them behind one that shows a difference.
    """

    def __init__(self, seed: int, pixels: int = 0) -> None:
        """`pixels`: of a frame, as coded."""
        self._seed = seed
        self._frames = max(_FEWEST_FRAMES, min(_FRAMES, _FRAMES * _CHEAP // max(1, pixels)))
        self._runs, self._end = 0, 2
        self._chosen = int(2 * spread(seed, 0))
        self._more = 0
        self._key: int | None = None
        self._other: int | None = None
        self._picture: NDArray[np.float32] | None = None
        self._made = self._different = self._seen = self._flat = 0

    @property
    def misleading(self) -> bool:
        """Whether it is worth while to look at other frames: some key frames differ, or most show nothing."""
        few = self._seen >= _FEWEST and self._flat * 2 > self._seen
        return few or self._different * 3 > self._made

    @property
    def certain(self) -> bool:
        """Whether it was seen more than once that key frames do not show what is played."""
        return self._different > 1 and self._different * 2 >= self._made

    def one_more(self, run: Run, wanted: Sequence[int]) -> int | None:
        """A frame of this run to be decoded above those that are wanted; None for none."""
        if self._key is not None and self._other is None:
            self._other = self._behind(run, self._key)
            if self._other is not None or run.times[-1] - self._key < _BEHIND:
                return self._other
        if not run.keyed or not wanted or not self._is_due():
            return None
        self._key, self._picture = wanted[0], None
        self._other = self._behind(run, wanted[0])
        return self._other

    def _behind(self, run: Run, key: int) -> int | None:
        """The frame of this run to compare the key frame with: None when it comes in a later one."""
        late = bisect_left(run.times, key + _BEHIND)
        place = min(late, self._frames)
        return run.times[place] if place < len(run.times) and key < run.times[place] <= key + _SOON else None

    def see(self, time: int, pixels: NDArray[np.uint8]) -> None:
        """Take in a frame that was decoded, times ascending."""
        picture = _thumbnail(pixels)
        self._seen += 1
        self._flat += float(picture.std()) < _FLAT
        if self._key is None:
            return
        if self._picture is None:
            if time >= self._key:
                self._picture = picture
        elif self._other is not None and time >= self._other:
            self._made += 1
            if _differ(self._picture, picture):
                self._different += 1
                self._more = _MORE
            self._key = self._other = self._picture = None

    def _is_due(self) -> bool:
        number = self._runs
        self._runs += 1
        if number >= self._end:
            start, self._end = self._end, self._end * 4
            self._chosen = start + int((self._end - start) * spread(self._seed, start))
        if number == self._chosen:
            return True
        self._more -= self._more > 0
        return self._more > 0


def _thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture as `_CELLS` x `_CELLS` means of some of its pixels."""
    height, width = pixels.shape[:2]
    rows = np.linspace(0, height - 1, _CELLS * 4).astype(np.intp)
    columns = np.linspace(0, width - 1, _CELLS * 4).astype(np.intp)
    few = pixels[np.ix_(rows, columns)].reshape(_CELLS, 4, _CELLS, 4, -1)
    mean: NDArray[np.float32] = few.mean(axis=(1, 3, 4), dtype=np.float32)
    return mean


def _differ(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    flat, blank = (float(picture.std()) < _FLAT for picture in (one, other))
    if flat or blank:
        return flat != blank
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < _ALIKE
