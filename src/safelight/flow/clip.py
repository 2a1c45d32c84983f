"""One video from its frames to its clip; runs inside the confined worker, called by `flow.examine`.

Read `examine_video`: the frames that are looked at become a clip; the other side is asked what that shows; if it leaves
the video open, keypoints are taken of key frames, and where there was some trace, frames are looked at more densely.
"""

import base64
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint import clip as clips
from safelight.fingerprint import local
from safelight.fingerprint.clip import ClipMaker
from safelight.fingerprint.clip_keypoints import key_frame
from safelight.fingerprint.key_choice import ChosenFrame
from safelight.media.image.buffer import Buffer
from safelight.media.video import VideoReader, open_video
from safelight.model.clip import CLIP_SIDE, DENSE_QUERY, Clip, ClipRequest, KeyFrame, Sampling, Still
from safelight.model.errors import MediaError
from safelight.model.local import Want
from safelight.model.media import DecodedImage, Frame, Limits, MediaFacts, MediaType, VideoFrame
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal

STRIP = 8
"""Pictures that stand for a video, spread over it."""
HINT_FRAMES = 8
"""Frames that a detector is shown of a video."""
MOSAIC = 16
"""Side of a mosaic in pixels: enough to tell files apart in a table, too little to see what is shown."""
_OF_BUDGET = 0.4
"""Share of the CPU time of a video in which its frames are read, each time: the rest is for what comes after."""


@dataclass(frozen=True, slots=True)
class VideoAsked:
    """What is asked of a video: see `flow.examine.examine`. `hint`: whether frames are shown to a detector."""

    request: ClipRequest
    pixels: int
    strip: bool
    hint: bool
    limits: Limits
    wanted: Callable[[Examination], Want]
    more: Callable[[int], None]


def examine_video(
    found: Examination, data: Buffer, media_type: MediaType, asked: VideoAsked
) -> tuple[Examination, DecodedImage | None]:
    """The result with the clip, and key frames where they are wanted; and what a detector is shown.

    Raises MediaError.
    """
    request, limits = asked.request, asked.limits
    with open_video(data, media_type, limits) as video:
        earned = limits.video_cpu_seconds(video.claimed, len(data))
        if earned:
            asked.more(earned)
        seconds = (limits.cpu_seconds + earned) * _OF_BUDGET
        if request.at:
            chosen = [ChosenFrame(frame.time, frame.pixels) for frame in _frames_at(video, request.at, CLIP_SIDE)]
            return _with_key_frames(_told(found, video.facts), video, chosen, asked), None
        look = _looked_at(video, request, seconds)
        strip = _strip(look.chosen) if asked.strip else ()
        found = replace(_told(found, look.facts), clip=look.clip, strip=strip)
        want = asked.wanted(found) if request.local is not None and request.key_frames else Want.NOTHING
        if want is Want.DENSE:
            dense = _looked_at(video, replace(request, sampling=DENSE_QUERY), seconds)
            if not dense.stopped:  # else the sparse look reaches further
                look = dense
                found = replace(_told(replace(found, signals=_unsaid(found)), look.facts), clip=look.clip)
        if want:
            found = _with_key_frames(found, video, look.chosen, asked)
        return found, _shown(video, look.chosen, look.facts) if asked.hint else None


def examine_animation(image: DecodedImage, request: ClipRequest) -> Clip | None:
    """The clip of a picture that moves; None of one that stands still, or does not say how fast it moves.

    None also for an exact request: not all frames of it are at hand.
    """
    frames = {frame.time: frame for frame in image.frames}
    if len(frames) < 2 or request.exact:
        return None
    maker = ClipMaker(replace(request, key_frames=0))
    for when, frame in sorted(frames.items()):
        working = local.working_picture(frame.pixels, image.facts.orientation, CLIP_SIDE)
        maker.add(VideoFrame(when, working.grey))
    last = max(frames)
    clip, _chosen = maker.finish(last + last / (len(frames) - 1), image.facts.width, image.facts.height)
    return clip


def warm_up() -> None:
    """Load and compile everything. Call it before file access is given up."""
    clips.warm_up()


@dataclass(frozen=True, slots=True)
class _Look:
    """The clip of what was read, frames to look at more closely, the facts; whether time ran out."""

    clip: Clip
    chosen: Sequence[ChosenFrame]
    facts: MediaFacts
    stopped: bool


def _looked_at(video: VideoReader, request: ClipRequest, cpu_seconds: float) -> _Look:
    """What could be read in this time."""
    maker = ClipMaker(request)
    exact = request.exact
    sampling, side = _sampling(request, video.claimed), 0 if exact else CLIP_SIDE
    clock = _Clock(cpu_seconds)
    for frame in clock.within(video.frames(sampling, side=side, colour=exact, exact=exact)):
        maker.add(frame)
    facts = video.facts
    if clock.is_over:
        warning = f"only the first {clock.reached:.0f} s were looked at: it takes too long to decode"
        facts = replace(facts, truncated=True, warnings=(*facts.warnings, warning))
    if facts.duration is None:
        raise MediaError("no frame could be decoded")
    clip, chosen = maker.finish(facts.duration, facts.width, facts.height)
    return _Look(clip, chosen, facts, clock.is_over)


class _Clock:
    """Frames for as long as CPU time lasts."""

    def __init__(self, cpu_seconds: float) -> None:
        self._end = time.process_time() + cpu_seconds
        self.is_over = False
        self.reached = 0.0

    def within(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        for frame in frames:
            yield frame
            self.reached = frame.time
            if time.process_time() > self._end:
                self.is_over = True
                return


def _sampling(request: ClipRequest, seconds: float) -> Sampling:
    """As asked for, but thin enough for a video of so many seconds to keep to the number of rows."""
    asked = request.sampling
    if request.exact or not request.rows:
        return asked
    return replace(asked, every=max(asked.every, seconds / request.rows))


def _told(found: Examination, facts: MediaFacts) -> Examination:
    """The result with the facts of the video, and what is odd about it."""
    status = Status.DEGRADED if facts.truncated else Status.OK
    oddities = tuple(Signal("file_oddity", warning) for warning in facts.warnings)
    return replace(found, status=status, facts=facts, signals=found.signals + oddities)


def _unsaid(found: Examination) -> tuple[Signal, ...]:
    """The signals without those that the facts gave."""
    oddities = {Signal("file_oddity", warning) for warning in found.facts.warnings} if found.facts else set()
    return tuple(signal for signal in found.signals if signal not in oddities)


def _with_key_frames(
    found: Examination, video: VideoReader, chosen: Sequence[ChosenFrame], asked: VideoAsked
) -> Examination:
    """The result with keypoints of the chosen frames, and their pixels where these are asked for."""
    request, facts = asked.request, video.facts
    if request.local is None:
        return found
    frames = [key_frame(one, facts.width, facts.height, request.local) for one in chosen]
    if not request.look:
        frames = [_without_picture(frame) for frame in frames]
    if asked.pixels:
        times = [frame.time for frame in frames]
        shown = {frame.time: frame.pixels for frame in _frames_at(video, times, asked.pixels, colour=True)}
        frames = [replace(frame, pixels=shown.get(frame.time)) for frame in frames]
    return replace(found, key_frames=tuple(frames))


def _without_picture(frame: KeyFrame) -> KeyFrame:
    working = replace(frame.local.working, grey=np.empty((0, 0), np.uint8))
    return replace(frame, local=replace(frame.local, working=working))


def _frames_at(video: VideoReader, times: Sequence[float], side: int, *, colour: bool = False) -> Iterator[VideoFrame]:
    return video.frames(Sampling(0.0), side=side, colour=colour, at=times)


def _shown(video: VideoReader, chosen: Sequence[ChosenFrame], facts: MediaFacts) -> DecodedImage:
    """Some frames of a video at full size, for a detector."""
    times = [one.time for one in _spread(chosen, HINT_FRAMES)]
    frames = (Frame(n, f.pixels, time=f.time) for n, f in enumerate(_frames_at(video, times, 0, colour=True)))
    return DecodedImage(facts, tuple(frames))


def _strip(chosen: Sequence[ChosenFrame]) -> tuple[Still, ...]:
    return tuple(Still(round(one.time, 3), _mosaic(one.grey)) for one in _spread(chosen, STRIP))


def _spread(chosen: Sequence[ChosenFrame], count: int) -> list[ChosenFrame]:
    """At most `count` of them, evenly spread."""
    if len(chosen) <= count:
        return list(chosen)
    return [chosen[int(place)] for place in np.linspace(0, len(chosen) - 1, count)]


def _mosaic(grey: NDArray[np.uint8]) -> str:
    """A frame as 16x16 mean greys: 768 bytes RGB, base64."""
    cells = cv2.resize(grey, (MOSAIC, MOSAIC), interpolation=cv2.INTER_AREA)
    return base64.b64encode(np.repeat(cells[..., np.newaxis], 3, axis=2).tobytes()).decode("ascii")
