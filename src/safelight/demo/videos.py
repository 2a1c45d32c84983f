"""Videos of the demo: known clips that pan over drawn pictures, and what people do to videos."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import cast

import av
import numpy as np
from av.codec.context import ThreadType
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from safelight.demo.draw import draw
from safelight.demo.oddities import Made
from safelight.demo.variants import jpeg
from safelight.model.decision import Outcome

RATE = 12
"""Frames in a second."""
WIDTH, HEIGHT = 320, 240
SHOT_SECONDS = 4
KNOWN_CLIPS = {"clips/coast.mp4": (400, 406, 410), "clips/town.mp4": (405, 411, 419), "clips/rooms.mp4": (424, 440)}
"""Known videos: path in the bank's folder, and the drawings that their shots pan over."""
_STRANGERS = (520, 529, 533)
_ROOM = 1.5  # times as large as a frame is what it pans over
_CODECS = {"mp4": "libx264", "avi": "mpeg4", "webm": "libvpx"}
_OPTIONS = {"libx264": {"crf": "23", "preset": "veryfast"}, "libvpx": {"crf": "10", "b": "1M", "cpu-used": "8"}}

Rgb = NDArray[np.uint8]


def known_videos() -> Iterator[tuple[str, bytes]]:
    """Path in the bank's folder and bytes of each known video."""
    for path in KNOWN_CLIPS:
        yield path, _known(path)


def videos(still: Callable[[int], Image.Image]) -> Iterator[Made]:
    """Videos to check, and a still that was taken out of a known one. `still`: gives a known picture by its number."""
    coast, town, rooms = (list(_frames(numbers)) for numbers in KNOWN_CLIPS.values())
    other = list(_frames(_STRANGERS))
    copy = "the very bytes of a known video, renamed"
    yield Made("videos/VID_0001.mp4", _known("clips/coast.mp4"), Outcome.KNOWN, copy)
    cut = coast[RATE * 3 + 5 : RATE * 10]
    again = "a part of a known video in another format: its frames agree, all at the same distance in time"
    yield Made("videos/part-of-coast.avi", encode(cut, "avi"), Outcome.NEAR, again)
    mirrored = [np.ascontiguousarray(frame[:, ::-1]) for frame in town]
    yield Made("videos/town-mirrored.mp4", encode(mirrored), Outcome.NEAR, "a known video, mirrored")
    faster = [rooms[int(n * 1.1)] for n in range(int(len(rooms) / 1.1))]
    yield Made("videos/rooms-faster.webm", encode(faster, "webm"), Outcome.NEAR, "a known video, 10 % faster")
    altered = [_pasted(frame, patch) for frame, patch in zip(town, other, strict=True)]
    parts = "a fifth of every frame replaced by another video: the rest of each still agrees in place"
    yield Made("videos/town-altered.mp4", encode(altered), Outcome.DERIVED, parts)
    framed = [_inset(frame, around) for frame, around in zip(coast, other, strict=True)]
    yield Made("videos/coast-in-another.mp4", encode(framed), Outcome.DERIVED, "a known video inside another one")
    shown = [*other[: 3 * RATE], *_standing(still(2), 3), *other[3 * RATE : 6 * RATE]]
    yield Made("videos/shows-a-picture.mp4", encode(shown), Outcome.NEAR, "a known picture, shown for three seconds")
    frame = Image.fromarray(coast[RATE * 5])
    yield Made("videos/still-of-coast.jpg", jpeg(frame, 85), Outcome.NEAR, "a frame of a known video")
    yield Made("videos/holiday.mp4", encode(other), Outcome.CLEAR, "unrelated")
    whole = encode(other, "avi")
    yield Made("videos/cut-short.avi", whole[: len(whole) * 2 // 3], Outcome.PARTIAL, "cut short, and unrelated so far")
    yield Made("videos/no-frames.mp4", _known("clips/town.mp4")[:600], Outcome.UNCHECKED, "no frame is left")


def encode(frames: Sequence[Rgb], container: str = "mp4") -> bytes:
    """Frames of one size as a file, a key frame every two seconds."""
    sink = io.BytesIO()
    codec = _CODECS[container]
    with av.open(sink, "w", format=container, options={"fflags": "+bitexact"}) as output:
        options = {"g": str(2 * RATE), **_OPTIONS.get(codec, {"q": "3"})}
        stream = cast("VideoStream", output.add_stream(codec, rate=Fraction(RATE), options=options))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.thread_type = ThreadType.NONE
        for frame in frames:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        output.mux(stream.encode(None))
    return sink.getvalue()


@lru_cache(maxsize=len(KNOWN_CLIPS))
def _known(path: str) -> bytes:
    return encode(list(_frames(KNOWN_CLIPS[path])))


def _frames(numbers: Iterable[int]) -> Iterator[Rgb]:
    """A shot for each drawing: a window that moves over it, growing or shrinking."""
    for number in numbers:
        picture = draw(number, int(WIDTH * _ROOM), int(HEIGHT * _ROOM))
        rng = np.random.default_rng([number, 0xC11])
        width = rng.uniform(0.7, 0.95, 2) * picture.width
        height = width * picture.height / picture.width
        left, top = rng.uniform(0, picture.width - width), rng.uniform(0, picture.height - height)
        for passed in np.linspace(0, 1, SHOT_SECONDS * RATE):
            x, y, w, h = (a + (b - a) * passed for a, b in (left, top, width, height))
            window = picture.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, (x, y, x + w, y + h))
            yield np.asarray(window, np.uint8)


def _pasted(frame: Rgb, patch: Rgb) -> Rgb:
    """The frame with a fifth of it taken from the other."""
    changed = frame.copy()
    changed[60:168, 90:232] = patch[60:168, 90:232]
    return changed


def _inset(frame: Rgb, around: Rgb) -> Rgb:
    """The frame at 60 % of its size inside the other."""
    changed = around.copy()
    small = Image.fromarray(frame).resize((WIDTH * 6 // 10, HEIGHT * 6 // 10), Image.Resampling.LANCZOS)
    changed[20 : 20 + small.height, 100 : 100 + small.width] = np.asarray(small)
    return changed


def _standing(picture: Image.Image, seconds: int) -> list[Rgb]:
    return [np.asarray(picture.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))] * (RATE * seconds)
