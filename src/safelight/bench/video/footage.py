"""Moving pictures: run through frame by frame, never held in memory as a whole, and encoded.

Frames are uint8, shape (height, width, 3), RGB; they come at even times.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.draft import Rgb
from safelight.model.errors import InputError

SHORT_SIDE = 480
"""Pixels that the shorter side of footage is reduced to: 480p."""
X264 = (("preset", "superfast"), ("crf", "24"))


@dataclass(frozen=True, slots=True)
class Footage:
    """Frames that can be run through again and again: `frames` starts over. `fps`: frames in a second."""

    width: int
    height: int
    fps: Fraction
    count: int
    frames: Callable[[], Iterator[Rgb]]

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return float(self.count / self.fps)


@dataclass(frozen=True, slots=True)
class Coding:
    """How footage is encoded: encoder, container, its options, and seconds from one key frame to the next.

    With `key_seconds` None the key frames are 250 frames apart, x264's default; scene changes add more of them.
    """

    codec: str = "libx264"
    container: str = "mp4"
    options: tuple[tuple[str, str], ...] = X264
    key_seconds: float | None = 2.0
    bit_rate: int = 0


DEFAULT_KEYS = 250
"""Frames from one key frame to the next where an encoder is told nothing else."""


def encode(footage: Footage, coding: Coding) -> bytes:
    """A video file. The same frames give the same bytes; an odd last row or column of pixels is left out."""
    out = io.BytesIO()
    wide, tall = footage.width // 2 * 2, footage.height // 2 * 2
    with av.open(out, "w", format=coding.container) as container:
        stream = cast(
            "av.VideoStream", container.add_stream(coding.codec, rate=footage.fps, options=dict(coding.options))
        )
        stream.width, stream.height, stream.pix_fmt = wide, tall, "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        context.gop_size = DEFAULT_KEYS if coding.key_seconds is None else round(coding.key_seconds * footage.fps)
        if coding.bit_rate:
            context.bit_rate = coding.bit_rate
        for number, pixels in enumerate(footage.frames()):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:tall, :wide]), format="rgb24")
            frame.pts, frame.time_base = number, 1 / footage.fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def recorded(data: bytes, name: str, seconds: float | None = None) -> Footage:
    """A video file as footage at 480p; of a longer one the first `seconds`. Raises InputError for what is no video."""
    try:
        with av.open(io.BytesIO(data), "r") as container:
            stream = container.streams.video[0]
            fps, size = Fraction(stream.average_rate or 0), (stream.width, stream.height)
            count = stream.frames or sum(packet.size > 0 for packet in container.demux(stream))
    except (av.FFmpegError, IndexError) as error:
        raise InputError(path=name, cause=f"not a video that can be read ({type(error).__name__})") from error
    factor = min(1.0, SHORT_SIDE / min(size))
    width, height = (round(side * factor) // 2 * 2 for side in size)
    if seconds is not None:
        count = min(count, int(seconds * fps))

    def frames() -> Iterator[Rgb]:
        with av.open(io.BytesIO(data), "r") as opened:
            for frame in islice(opened.decode(video=0), count):
                yield np.ascontiguousarray(frame.to_ndarray(format="rgb24", width=width, height=height), np.uint8)

    return Footage(width, height, fps, count, frames)


def mapped(footage: Footage, change: Callable[[Rgb, int], Rgb], size: tuple[int, int] | None = None) -> Footage:
    """Every frame changed, given its number; `size`: width and height of the outcome where they differ."""
    width, height = size or (footage.width, footage.height)

    def frames() -> Iterator[Rgb]:
        for number, pixels in enumerate(footage.frames()):
            yield change(pixels, number)

    return Footage(width, height, footage.fps, footage.count, frames)


def picked(footage: Footage, numbers: Sequence[int] | NDArray[np.int64]) -> Footage:
    """The frames of these numbers, ascending; a number may come again."""
    chosen = [int(number) for number in numbers]

    def frames() -> Iterator[Rgb]:
        source = enumerate(footage.frames())
        at, pixels = next(source)
        for number in chosen:
            while at < number:
                at, pixels = next(source)
            yield pixels

    return Footage(footage.width, footage.height, footage.fps, len(chosen), frames)


def filled(footage: Footage, width: int, height: int) -> Iterator[Rgb]:
    """Its frames for ever, over and over, the middle of each resampled to fill that size."""
    factor = max(width / footage.width, height / footage.height)
    wide, tall = max(width, round(footage.width * factor)), max(height, round(footage.height * factor))
    left, top = (wide - width) // 2, (tall - height) // 2
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    while True:
        for pixels in footage.frames():
            fitted = (
                pixels if factor == 1 else np.asarray(cv2.resize(pixels, (wide, tall), interpolation=how), np.uint8)
            )
            yield fitted[top : top + height, left : left + width]
