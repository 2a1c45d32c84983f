"""One pass over a video: which packets are decoded, and which of the frames that come of them are given.

Only what is needed is decoded. With key frames, a run's packets go to the decoder up to the last frame wanted of it;
of these, frames that no other depends on are left out (`skip_frame`), unless they are wanted themselves.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain

import av

from safelight.media.video.clock import MICROSECOND
from safelight.media.video.picture import UPRIGHT, Painter, turn_of
from safelight.media.video.probe import Probes, spread
from safelight.media.video.sampling import KeyFrames, Place, Run, Sampler, Shown, sampler_for
from safelight.media.video.source import Coded, Source
from safelight.model.clip import Sampling
from safelight.model.media import Limits, VideoFrame

_HELD_BYTES = 64 << 20  # coded data that is held back before it is decoded
_HELD_PACKETS = 20_000


TOO_SLOW = "it takes too long to decode"
"""What ended a pass that was told to go on no more."""


class Seen:
    """What a pass found.

    `end`: microseconds; `stopped`: which limit ended it; `partial`: no more was asked for; `probes`: how its key frames
    compare with what is played, where only these were asked for.
    """

    def __init__(self) -> None:
        self.probes: Probes | None = None
        self.packets = self.decoded = self.given = self.failures = self.end = 0
        self.sizes: set[tuple[int, int]] = set()
        self.size: tuple[int, int] | None = None
        self.mode = ""
        self.stopped = ""
        self.askew = self.jumps = self.damaged = self.cut_short = self.partial = False


class Reading:
    """A pass over an opened source from its start. `goes_on`: asked packet after packet; False ends it."""

    def __init__(
        self, source: Source, limits: Limits, seen: Seen, painter: Painter, goes_on: Callable[[], bool], seed: int
    ) -> None:
        self._goes_on = goes_on
        self._seed = seed
        self._source = source
        self._limits = limits
        self._seen = seen
        self._painter = painter
        self._due: deque[int] = deque()
        self._fed: list[int] = []  # times of packets whose frames have not come yet: a heap
        self._given = self._latest = -1

    def frames(self, sampling: Sampling, at: Sequence[float], *, scattered: bool = False) -> Iterator[VideoFrame]:
        """The frames asked for; see `VideoReader.frames`."""
        place: Place | None = (lambda stretch: spread(self._seed, stretch)) if scattered else None
        packets = self._within_limits(self._source.packets())
        sampler: Sampler
        if at:
            sampler = Shown(at)
        else:
            held, seconds = self._look_ahead(packets, sampling)
            packets = chain(held, packets)
            sampler = sampler_for(sampling, seconds, place)
        if isinstance(sampler, KeyFrames):
            decoder = self._source.decoder
            self._seen.probes = Probes(self._seed, decoder.width * decoder.height)
        for coded, run in self._runs(packets, fresh=sampler.fresh):
            wanted = sampler.wanted(run) if run else []
            if run and self._seen.probes:
                yield from self._probed(coded, run, wanted, self._seen.probes)
            else:
                yield from self._part(coded, run, wanted) if sampler.fresh else self._on(coded, wanted)
            if sampler.done():
                self._seen.partial = True
                return
            if self._seen.stopped:
                break
        yield from self._drain()
        if self._seen.stopped == TOO_SLOW:  # packets were read beyond what was looked at
            step = round(self._source.frame_seconds * MICROSECOND)
            self._seen.end = min(self._seen.end, max(self._given, 0) + step)

    def _within_limits(self, packets: Iterable[Coded]) -> Iterator[Coded]:
        for coded in packets:
            if coded.time > self._limits.video_seconds * MICROSECOND:
                self._seen.stopped = f"longer than {self._limits.video_seconds:,} seconds: the rest is not examined"
                return
            if not self._goes_on():
                self._seen.stopped = TOO_SLOW
                return
            self._seen.packets += 1
            if not coded.hidden:
                self._seen.end = max(self._seen.end, coded.time + coded.lasts)
            yield coded

    def _look_ahead(self, packets: Iterator[Coded], sampling: Sampling) -> tuple[list[Coded], float | None]:
        """Packets up to the end, and how long the video is, if it is too short for the frames it is to give at least.

        The container's word is not taken for it.
        """
        held: list[Coded] = []
        size = 0
        if sampling.least <= 1 or sampling.every <= 0:
            return held, None
        for coded in packets:
            held.append(coded)
            size += coded.packet.size
            if coded.time > sampling.least * sampling.every * MICROSECOND or _too_much(held, size):
                return held, None
        return held, self._seen.end / MICROSECOND

    def _runs(self, packets: Iterable[Coded], *, fresh: bool) -> Iterator[tuple[list[Coded], Run | None]]:
        held: list[Coded] = []
        size, keyed = 0, True
        for coded in packets:
            if held and (coded.key or _too_much(held, size)):
                yield held, _run(held, coded.time if coded.key else None, keyed=keyed, fresh=fresh)
                held, size, keyed = [], 0, coded.key
            held.append(coded)
            size += coded.packet.size
        if held:
            yield held, _run(held, self._seen.end, keyed=keyed, fresh=fresh, last=True)

    def _on(self, packets: Sequence[Coded], wanted: Sequence[int]) -> Iterator[VideoFrame]:
        """Decode all packets, going on with those before."""
        self._due.extend(wanted)
        chosen = set(wanted)
        for coded in packets:
            yield from self._decode(coded, needed=coded.time in chosen)

    def _part(self, packets: Sequence[Coded], run: Run | None, wanted: Sequence[int]) -> Iterator[VideoFrame]:
        """Decode the packets of a run as far as is needed; all of them when the run goes on."""
        if run is None or run.until is None:
            yield from self._on(packets, wanted)
            return
        if not wanted:
            if not run.keyed:  # the end of one that was decoded
                yield from self._drain()
            return
        chosen = set(wanted)
        last = max(index for index, coded in enumerate(packets) if coded.time in chosen)
        before = self._seen.decoded
        yield from self._on(packets[: last + 1], wanted)
        yield from self._drain()
        if self._seen.decoded == before and run.keyed and len(packets) > last + 1:
            # No picture of its own at that key: where a stream is refreshed bit by bit, one comes later.
            yield from self._on(packets, wanted[:1])
            yield from self._drain()
        self._due.clear()

    def _probed(
        self, packets: Sequence[Coded], run: Run, wanted: Sequence[int], probes: Probes
    ) -> Iterator[VideoFrame]:
        """The wanted frames of a run; perhaps one more is decoded, and not given."""
        extra = probes.one_more(run, wanted)
        times = wanted if extra is None else sorted({*wanted, extra})
        for frame in self._part(packets, run, times):
            time = round(frame.time * MICROSECOND)
            probes.see(time, frame.pixels)
            if time != extra or time in wanted:
                yield frame

    def _drain(self) -> Iterator[VideoFrame]:
        yield from self._decode(None, needed=True)
        self._source.decoder.flush_buffers()
        self._fed.clear()

    def _decode(self, coded: Coded | None, *, needed: bool) -> Iterator[VideoFrame]:
        seen = self._seen
        if seen.decoded >= self._limits.video_frames and not seen.stopped:
            seen.stopped = f"more than {self._limits.video_frames:,} frames to decode: the rest is not examined"
        if coded is not None and not seen.stopped and not self._goes_on():
            seen.stopped = TOO_SLOW
        if seen.stopped and coded is not None:
            return
        decoder = self._source.decoder
        decoder.skip_frame = "DEFAULT" if needed or self._source.unstamped else "NONREF"
        if coded and self._source.unstamped:
            heappush(self._fed, coded.time)
        try:
            frames = decoder.decode(coded.packet if coded else None)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - decoders fail in many ways; the next packet may be whole
            seen.failures += 1
            if coded and coded.time in self._fed:
                self._fed.remove(coded.time)
                heapify(self._fed)
            return
        for frame in frames:
            seen.decoded += 1
            if given := self._give(frame):
                seen.given += 1
                yield given

    def _give(self, frame: av.VideoFrame) -> VideoFrame | None:
        """The frame, if it is the one that is due or has come in its place."""
        time = frame.pts
        if time is None or self._source.unstamped:
            step = round(self._source.frame_seconds * MICROSECOND)
            time = heappop(self._fed) if self._fed else self._latest + step
        self._latest = time
        if not self._due or time < self._due[0]:
            return None
        while self._due and self._due[0] <= time:
            self._due.popleft()
        if time <= self._given:
            return None
        self._given = time
        seen = self._seen
        seen.damaged = seen.damaged or frame.is_corrupt
        turn = turn_of(frame)
        seen.askew = seen.askew or turn is None
        try:
            pixels = self._painter.paint(frame, turn or UPRIGHT)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - FFmpeg's scaler knows most pixel formats, not all
            seen.failures += 1
            return None
        displayed = (frame.height, frame.width) if turn and turn[0] else (frame.width, frame.height)
        if seen.size is None:
            seen.size, seen.mode = displayed, frame.format.name
        seen.sizes.add(displayed)
        return VideoFrame(time / MICROSECOND, pixels)


def _run(held: Sequence[Coded], until: int | None, *, keyed: bool, fresh: bool, last: bool = False) -> Run | None:
    """None when no frame of the run is shown. Where decoding starts anew, what is shown before the key is lost."""
    first = max(0, held[0].time) if keyed and fresh else 0
    times = sorted({coded.time for coded in held if not coded.hidden and coded.time >= first})
    if not times:
        return None
    return Run(times, until if until is None else max(until, times[0]), keyed=keyed, last=last)


def _too_much(held: Sequence[Coded], size: int) -> bool:
    return size > _HELD_BYTES or len(held) >= _HELD_PACKETS
