"""Benign moving clips drawn by code, and their encoding in memory to any container and codec FFmpeg writes.

The same arguments always give the same frames, and by the same release of PyAV nearly always the same bytes: encoders
run on one thread and write no dates (x264 alone has been seen to differ by a byte in its first run).
"""

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from typing import cast

import av
import numpy as np
from av.codec.context import ThreadType
from av.video.stream import VideoStream
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

os.environ.setdefault("SVT_LOG", "0")  # that encoder writes to standard error, whatever FFmpeg is told

Frame = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""

SUFFIXES = {"matroska": "mkv", "mpegts": "ts", "mpeg": "mpg", "asf": "wmv", "ogg": "ogv"}
"""Name ending of a container where it is not the container's own name."""

CONTAINERS: dict[str, str] = {
    "mp4": "libx264",
    "mov": "prores_ks",
    "3gp": "h263",
    "matroska": "libx265",
    "webm": "libvpx-vp9",
    "avi": "mpeg4",
    "mpegts": "mpeg2video",
    "mpeg": "mpeg1video",
    "flv": "flv",
    "asf": "wmv2",
    "ogg": "libvpx",
    "rm": "rv10",
    "mxf": "mpeg2video",
}
"""Every container that is tested, with an encoder of which it commonly holds the output."""

_FORMATS = {
    "prores_ks": "yuv422p10le",
    "mjpeg": "yuvj420p",
    "png": "rgb24",
    "qtrle": "rgb24",
    "huffyuv": "yuv422p",
}
_OPTIONS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "veryfast", "crf": "23"},
    "libx265": {"preset": "ultrafast", "crf": "26", "x265-params": "pools=none:frame-threads=1:log-level=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "1M"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0"},
    "libsvtav1": {"preset": "12", "crf": "35", "svtav1-params": "lp=1"},
}
_QUALITY = {"b": "2M"}
_TURNS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def clip(
    number: int, seconds: float, fps: float = 25, width: int = 320, height: int = 240, shot: float = 4.0
) -> Iterator[Frame]:
    """Clip `number`, one frame at a time: textures that pan, shapes that move over them, a cut each `shot` seconds."""
    count = round(seconds * fps)
    for index in range(count):
        moment = index / fps
        yield _scene(number, int(moment // shot), width, height).at(moment % shot)


class _Scene:
    """One shot: a wide texture to pan over, and shapes with places and speeds. All in pixels and pixels a second."""

    def __init__(self, rng: Generator, width: int, height: int) -> None:
        self._size = width, height
        self._texture = _texture(rng, width * 2, height * 3 // 2)
        self._sway, self._phase = rng.uniform(-0.2, 0.2, 2), rng.uniform(-1, 1, 2)  # radians a second, radians
        shapes = int(rng.integers(4, 8))
        self._places = rng.uniform(0.1, 0.9, (shapes, 2)) * (width, height)
        self._speeds = rng.uniform(-0.12, 0.12, (shapes, 2)) * (width, height)
        self._radii = rng.uniform(0.05, 0.16, shapes) * height
        self._round = rng.random(shapes) < 0.5
        self._colours = rng.integers(0, 256, (shapes, 3)).astype(np.float32)
        self._stripes = rng.uniform(0.2, 0.8, shapes) / self._radii * 3
        self._y, self._x = np.mgrid[0:height, 0:width].astype(np.float32)

    def at(self, moment: float) -> Frame:
        width, height = self._size
        share = (1 + np.sin(self._phase + self._sway * moment)) / 2
        left, top = (share * (width, height // 2)).astype(int)
        picture = self._texture[top : top + height, left : left + width].copy()
        for index, radius in enumerate(self._radii):
            x, y = self._places[index] + self._speeds[index] * moment
            across, down = self._x - np.float32(x), self._y - np.float32(y)
            inside = (
                across**2 + down**2 < radius**2
                if self._round[index]
                else np.maximum(abs(across), abs(down)) < radius * 0.8
            )
            shade = 0.7 + 0.3 * np.sin((across[inside] + down[inside] * 0.4) * np.float32(self._stripes[index]))
            picture[inside] = self._colours[index] * shade[:, None]
        return picture.clip(0, 255).astype(np.uint8)


@lru_cache(maxsize=2)
def _scene(number: int, shot: int, width: int, height: int) -> _Scene:
    return _Scene(np.random.default_rng([number, shot, 0xC11B]), width, height)


def _texture(rng: Generator, width: int, height: int) -> NDArray[np.float32]:
    """Blobs of several sizes over one another, float32 RGB."""
    total = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((3, 0.5), (7, 0.3), (19, 0.2)):
        noise = rng.integers(0, 256, (cells, cells * width // height, 3), np.uint8)
        total += np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC), np.float32) * (
            np.float32(weight)
        )
    return (total - 128) * np.float32(1.6) + 128


def encode(
    frames: Iterable[Frame],
    container: str = "mp4",
    codec: str = "libx264",
    fps: float | Fraction = 25,
    gop: int = 50,
    *,
    rotate: int = 0,
    flip: bool = False,
    pixels: str = "",
    options: Mapping[str, str] | None = None,
    muxing: Mapping[str, str] | None = None,
    times: Iterable[float] | None = None,
) -> bytes:
    """Encode RGB frames of one size to a whole file.

    Args:
        frames: what to encode.
        container: an FFmpeg muxer (see CONTAINERS for the usual ones).
        codec: an FFmpeg encoder.
        fps: frames a second.
        gop: frames from one key frame to the next at most.
        rotate: degrees (0, 90, 180, 270) by which a player turns the picture clockwise.
        flip: whether a player mirrors it left to right (before turning it).
        pixels: FFmpeg's name of the pixel format; the encoder's usual one without.
        options, muxing: more options of the encoder, and of the muxer.
        times: seconds at which each frame is shown, ascending, in place of a steady rate.
    """
    rate = Fraction(fps).limit_denominator(1001)
    sink = io.BytesIO()
    moments = iter(times) if times is not None else None
    usual = {"mp4": {"brand": "isom"}}.get(container, {})
    wanted = {"fflags": "+bitexact", **usual, **(muxing or {})}
    with _as_urgent_as_before(), av.open(sink, "w", format=container, options=wanted) as output:
        stream = None
        unit = Fraction(1, 1000) if moments else 1 / rate
        for index, frame in enumerate(frames):
            if stream is None:
                settings = {"g": str(gop), **_OPTIONS.get(codec, _QUALITY), **(options or {})}
                stream = cast("VideoStream", output.add_stream(codec, rate=rate, options=settings))
                stream.height, stream.width = frame.shape[:2]
                stream.pix_fmt = pixels or _FORMATS.get(codec, "yuv420p")
                stream.codec_context.time_base = unit
                stream.codec_context.thread_count = 1
                stream.codec_context.thread_type = ThreadType.NONE
                if rotate or flip:
                    stream.set_display_matrix(_matrix(rotate, flip=flip))
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts = round(next(moments) * 1000) if moments else index
            picture.time_base = unit
            output.mux(stream.encode(picture))
        if stream is not None:
            output.mux(stream.encode(None))
    return sink.getvalue()


@contextmanager
def _as_urgent_as_before() -> Iterator[None]:
    """SVT-AV1 gives the thread that calls it, of root, the priority of real time, and does not take it back.

    All that is started later would have it, too: two busy browsers of such a kind stop the whole machine.
    """
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def _matrix(rotate: int, *, flip: bool) -> list[int]:
    """A display matrix: nine numbers, the outer ones of each row fixed-point (16.16, the last column 2.30)."""
    a, b, c, d = _TURNS[rotate]
    if flip:
        a, b = -a, -b
    one = 1 << 16
    return [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30]


@lru_cache(maxsize=64)
def sample(container: str, codec: str = "", seconds: float = 4.0, width: int = 176, height: int = 144) -> bytes:
    """A small clip in `container`, by its usual codec without `codec`."""
    return encode(clip(1, seconds, 25, width, height, shot=1.5), container, codec or CONTAINERS[container], gop=12)
