"""One video from its frames to its clip; runs inside the confined worker, called by `flow.examine`.

Read `examine_video`: the frames that are looked at become a clip; the other side is asked what that shows; if it leaves
the video open, keypoints are taken of key frames, and where there was some trace, frames are looked at more densely.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from safelight.fingerprint import clip as clips
from safelight.fingerprint import local
from safelight.fingerprint.clip import ClipMaker
from safelight.fingerprint.clip_keypoints import key_frame
from safelight.fingerprint.key_choice import ChosenFrame
from safelight.flow.mosaic import mosaic
from safelight.media.image.buffer import Buffer
from safelight.media.video import VideoReader, open_video
from safelight.media.video import warm as video_warm
from safelight.model.clip import CLIP_SIDE, DENSE_QUERY, Clip, ClipRequest, KeyFrame, Sampling, Still, evenly
from safelight.model.errors import MediaError
from safelight.model.local import Want
from safelight.model.media import DecodedImage, Frame, Limits, MediaFacts, MediaType, VideoFrame
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal

STRIP = 8
"""Pictures that stand for a video, spread over it."""
HINT_FRAMES = 8
"""Frames that a detector is shown of a video."""
_LONGEST_STILL = 60.0
"""Seconds that a frame of an animation stays, at most: files may say 18 hours."""
_ASTRAY = "its key frames do not show what is played: other frames were looked at"
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
    more: Callable[[int], int]


def examine_video(
    found: Examination, data: Buffer, media_type: MediaType, asked: VideoAsked
) -> tuple[Examination, DecodedImage | None]:
    """The result with the clip, and key frames where they are wanted; and what a detector is shown.

    Raises MediaError.
    """
    request, limits = asked.request, asked.limits
    with open_video(data, media_type, limits) as video:
        earned = limits.video_cpu_seconds(video.claimed, len(data))
        granted = asked.more(earned) if earned else 0
        seconds = (limits.cpu_seconds + granted) * _OF_BUDGET
        if request.at:
            frames = _frames_at(video, request.at, CLIP_SIDE, seconds)
            chosen = [ChosenFrame(frame.time, frame.pixels) for frame in frames]
            return _with_key_frames(_told(found, video, video.facts, None), video, chosen, asked, seconds), None
        look = _looked_at(video, request, seconds)
        if look.misleading:
            look = _looked_beyond(video, look, request, seconds)
        bare = _with_strip(found, look.chosen) if asked.strip else found
        found = _told(bare, video, look.facts, look.clip)
        want = asked.wanted(found) if request.local is not None and request.key_frames else Want.NOTHING
        if want is Want.DENSE:
            look = _looked_closer(video, look, replace(request, sampling=DENSE_QUERY), seconds)
            found = _told(bare, video, look.facts, look.clip)
        if want:
            found = _with_key_frames(found, video, look.chosen, asked, seconds)
        return found, _shown(video, look.chosen, look.facts, seconds) if asked.hint else None


def examine_animation(image: DecodedImage, request: ClipRequest) -> Clip | None:
    """The clip of a picture that moves; None of one that stands still, or does not say how fast it moves.

    None also for an exact request: not all frames of it are at hand.
    """
    frames = {frame.time: frame for frame in image.frames}
    if len(frames) < 2 or request.exact:
        return None
    maker = ClipMaker(replace(request, key_frames=0))
    when, before = 0.0, min(frames)
    for time_, frame in sorted(frames.items()):
        when += min(time_ - before, _LONGEST_STILL)
        before = time_
        working = local.working_picture(frame.pixels, image.facts.orientation, CLIP_SIDE)
        maker.add(VideoFrame(when, working.grey))
    clip, _chosen = maker.finish(when + when / (len(frames) - 1), image.facts.width, image.facts.height)
    return clip


def warm_up() -> None:
    """Load and compile everything. Call it before file access is given up."""
    video_warm.warm_up()
    clips.warm_up()


@dataclass(frozen=True, slots=True)
class _Look:
    """The clip of what was read, frames to look at more closely, the facts.

    `whole`: nothing ended it early, or else it `reached` so many seconds.
    `misleading`: frames that were not looked at may show something else.
    """

    clip: Clip
    chosen: Sequence[ChosenFrame]
    facts: MediaFacts
    whole: bool
    reached: float
    misleading: bool = False
    scattered: bool = False


def _looked_at(video: VideoReader, request: ClipRequest, cpu_seconds: float, *, scattered: bool = False) -> _Look:
    """What could be read in this time. Raises MediaError when that is nothing."""
    maker = ClipMaker(request)
    exact = request.exact
    reading = _Within(cpu_seconds)
    # However long the container says it is, that thins nothing out: there is room for so many rows, evenly spread.
    for frame in reading.frames(
        video, request.sampling, side=0 if exact else CLIP_SIDE, colour=exact, exact=exact, scattered=scattered
    ):
        maker.add(frame)
    facts = video.facts
    if reading.failure is not None:
        warning = f"read no further than {reading.reached:.0f} s: {reading.failure.cause}"
        facts = replace(facts, truncated=True, warnings=(*facts.warnings, warning))
    if facts.duration is None:
        raise MediaError("no frame could be decoded")
    clip, chosen = maker.finish(facts.duration, facts.width, facts.height)
    whole = not reading.is_over and reading.failure is None
    return _Look(clip, chosen, facts, whole, reading.reached, video.misleading, scattered)


def _looked_beyond(video: VideoReader, look: _Look, request: ClipRequest, cpu_seconds: float) -> _Look:
    """A look at other frames than the key frames, told if these do not show what is played; else the look as it was."""
    misleads = video.misleads
    beyond = _looked_closer(video, replace(look, scattered=True), request, cpu_seconds)
    told = len(look.clip.time) * 2 < len(beyond.clip.time)
    if not misleads and not told:
        return beyond if beyond.whole and len(beyond.clip.time) >= len(look.clip.time) else look
    facts = replace(beyond.facts, warnings=(*beyond.facts.warnings, _ASTRAY))
    return replace(beyond, facts=facts)


def _looked_closer(video: VideoReader, look: _Look, request: ClipRequest, cpu_seconds: float) -> _Look:
    """Another look in the same way; the look as it was where that reaches further."""
    try:
        closer = _looked_at(video, request, cpu_seconds, scattered=look.scattered)
    except MediaError:
        return look
    if not closer.whole and (look.whole or closer.reached < look.reached):
        return look
    known = tuple(warning for warning in look.facts.warnings if warning == _ASTRAY)
    return replace(closer, facts=replace(closer.facts, warnings=closer.facts.warnings + known))


class _Within:
    """Frames for as long as CPU time lasts and nothing fails. `reached`: seconds; `failure`: what ended it early."""

    def __init__(self, cpu_seconds: float) -> None:
        self._end = time.process_time() + cpu_seconds
        self.is_over = False
        self.reached = 0.0
        self.failure: MediaError | None = None

    def frames(
        self,
        video: VideoReader,
        sampling: Sampling,
        *,
        side: int,
        colour: bool = False,
        exact: bool = False,
        at: Sequence[float] = (),
        scattered: bool = False,
    ) -> Iterator[VideoFrame]:
        """As `VideoReader.frames`. Raises MediaError only before the first frame."""
        frames = video.frames(
            sampling, side=side, colour=colour, at=at, exact=exact, scattered=scattered, goes_on=self._goes_on
        )
        some = False
        while True:
            try:
                frame = next(frames, None)
            except MediaError as failure:
                if not some:
                    raise
                self.failure = failure
                return
            if frame is None:
                return
            some = True
            yield frame
            self.reached = frame.time

    def _goes_on(self) -> bool:
        self.is_over = self.is_over or time.process_time() > self._end
        return not self.is_over


def _told(found: Examination, video: VideoReader, facts: MediaFacts, clip: Clip | None) -> Examination:
    """The result with the clip and the facts of the video, and what is odd about it.

    Of several streams one is looked at: what the others show is not known, so such a file is never free of suspicion.
    """
    status = Status.DEGRADED if facts.truncated or video.others else Status.OK
    oddities = tuple(Signal("file_oddity", warning) for warning in facts.warnings)
    return replace(found, status=status, facts=facts, clip=clip, signals=found.signals + oddities)


def _with_key_frames(
    found: Examination, video: VideoReader, chosen: Sequence[ChosenFrame], asked: VideoAsked, seconds: float
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
        shown = {f.time: f.pixels for f in _frames_at(video, times, asked.pixels, seconds, colour=True)}
        frames = [replace(frame, pixels=shown.get(frame.time)) for frame in frames]
    return replace(found, key_frames=tuple(frames))


def _without_picture(frame: KeyFrame) -> KeyFrame:
    working = replace(frame.local.working, grey=np.empty((0, 0), np.uint8))
    return replace(frame, local=replace(frame.local, working=working))


def _frames_at(
    video: VideoReader, times: Sequence[float], side: int, cpu_seconds: float, *, colour: bool = False
) -> Iterator[VideoFrame]:
    return _Within(cpu_seconds).frames(video, Sampling(0.0), side=side, colour=colour, at=times)


def _shown(video: VideoReader, chosen: Sequence[ChosenFrame], facts: MediaFacts, cpu_seconds: float) -> DecodedImage:
    """Some frames of a video at full size, for a detector."""
    times = [one.time for one in _some(chosen, HINT_FRAMES)]
    frames = enumerate(_frames_at(video, times, 0, cpu_seconds, colour=True))
    return DecodedImage(facts, tuple(Frame(n, frame.pixels, time=frame.time) for n, frame in frames))


def _with_strip(found: Examination, chosen: Sequence[ChosenFrame]) -> Examination:
    """The result with pictures that stand for the video, the first of them as its thumbnail."""
    strip = tuple(Still(round(one.time, 3), mosaic(one.grey)) for one in _some(chosen, STRIP))
    return replace(found, strip=strip, thumbnail=strip[0].mosaic if strip else None)


def _some(chosen: Sequence[ChosenFrame], most: int) -> list[ChosenFrame]:
    return [chosen[place] for place in evenly(len(chosen), most)]
