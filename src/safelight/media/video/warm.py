"""Makes the decoding of videos ready for a process that may soon open no file, as `media.warm` does for pictures."""

import io
from collections.abc import Iterator
from typing import cast

import av
import numpy as np
from av.codec.context import ThreadType
from av.video.stream import VideoStream

from safelight.media.formats import MP4
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.media.video.reader import open_video
from safelight.media.warm import pictures_like_videos
from safelight.model.clip import Sampling
from safelight.model.media import Limits, MediaType

_LIMITS = Limits(max_pixels=1 << 16)

# Containers and encoders of tiny clips: such encoders as every build of FFmpeg has. All run on one thread here.
_CLIPS = (
    ("mp4", "mpeg4", "yuv420p"),
    ("matroska", "ffv1", "yuv420p"),
    ("avi", "mjpeg", "yuvj420p"),
    ("mov", "prores_ks", "yuv422p10le"),
    ("mpegts", "mpeg2video", "yuv420p"),
    ("asf", "wmv2", "yuv420p"),
    ("flv", "flv", "yuv420p"),
)


def warm_up() -> None:
    """Decode a tiny clip of each format.

    Call it once, before the process is confined. It leaves no thread behind. Raises MediaError when a decoder does not
    work on this machine.
    """
    for picture in pictures_like_videos():
        _watch(picture, MP4)
    for clip in _clips():
        _watch(clip, sniff(clip[:HEAD_BYTES]))


def _watch(data: bytes, media_type: MediaType) -> None:
    for side, colour in ((8, False), (0, True)):
        with open_video(data, media_type, _LIMITS) as video:
            for _ in video.frames(Sampling(0.0), side=side, colour=colour):
                pass


def _clips() -> Iterator[bytes]:
    for container, codec, form in _CLIPS:
        file = io.BytesIO()
        with av.open(file, "w", format=container) as output:
            stream = cast("VideoStream", output.add_stream(codec, rate=25, options={"threads": "1"}))
            stream.width, stream.height, stream.pix_fmt = 32, 32, form
            stream.codec_context.thread_count, stream.codec_context.thread_type = 1, ThreadType.NONE
            for level in (120, 140):
                grey = np.full((32, 32, 3), level, np.uint8)
                output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
            output.mux(stream.encode(None))
        yield file.getvalue()
