"""What is known of a file before it is fingerprinted."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class MediaKind(StrEnum):
    """What a file is, told from its bytes and never from its name."""

    IMAGE = "image"
    VIDEO = "video"
    ARCHIVE = "archive"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MediaType:
    """A sniffed type. `mime` is the IANA media type, `suffixes` the file-name endings that go with it (lower case)."""

    kind: MediaKind
    mime: str
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file. All are generous for real files and small for bombs.

    `max_pixels`: width x height of one frame. `max_frames`: frames examined per file. `max_depth`: archives inside
    archives. `max_members`: members listed per top-level file. `max_member_bytes` / `max_archive_bytes`: unpacked
    size of one member / of all members of one top-level file. `max_file_bytes`: size of a media file to decode
    (larger files still get their digests). `cpu_seconds`, `wall_seconds`: per file or archive member.
    `memory_bytes`: private memory a worker may add to what it needs at rest. `video_seconds`: of a video that is
    read; what lies behind is not. `video_frames`: frames decoded of one video.
    """

    max_pixels: int = 200_000_000
    max_frames: int = 64
    max_depth: int = 4
    max_members: int = 100_000
    max_member_bytes: int = 1 << 30
    max_archive_bytes: int = 8 << 30
    max_file_bytes: int = 2 << 30
    cpu_seconds: int = 60
    wall_seconds: int = 120
    memory_bytes: int = 3 << 30
    video_seconds: int = 4 * 3600
    video_frames: int = 1_000_000

    def video_cpu_seconds(self, seconds: float, size: int) -> int:
        """CPU seconds that a video earns by its length, above those of any file.

        `seconds`: what its container claims. `size`: its bytes: at less than 32 kbit/s, a claim is not believed.
        """
        believed = min(seconds, self.video_seconds, size / 4_000)
        return int(believed / 2) if believed > 0 else 0

    @staticmethod
    def videos_cpu_seconds(stored: int) -> int:
        """CPU seconds that all videos of one file may take above those of any file: one for each 64 KiB.

        `stored`: bytes that the file takes on the disk; what is packed in it, or not there at all, earns nothing.
        """
        return stored >> 16


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """Facts read from a picture's or a video's bytes. Sizes in pixels, as displayed (orientation or rotation applied).

    `orientation` is the EXIF value 1-8 (1 when absent). `mode` is the decoder's name for the stored colour mode.
    `frames` counts the frames in the file, of which at most `Limits.max_frames` are examined. `warnings` are one-line
    notes on what is odd about the file (truncated, trailing data, broken EXIF ...). Of videos: `mode` is the decoder's
    pixel format, `frames` counts packets of the video stream; `duration` is in seconds, what could be read and not what
    is claimed, `codec` the decoder's name. None and empty for pictures.
    """

    mime: str
    width: int
    height: int
    orientation: int = 1
    mode: str = ""
    frames: int = 1
    truncated: bool = False
    warnings: tuple[str, ...] = ()
    duration: float | None = None
    codec: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame as stored (orientation NOT applied).

    `pixels`: uint8, shape (height, width, 3), C-contiguous RGB, values 0-255; transparent pixels as Pillow's
    `convert("RGB")` leaves them, ICC profiles ignored - both as the PDQ reference does. `number` counts from 0.
    `alpha`: uint8, shape (height, width), of the first frame where the file has such a plane; else None. `time`:
    seconds from the start of an animation; 0 of a still picture.
    """

    number: int
    pixels: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One decoded frame of a video, as displayed (rotation applied), perhaps made smaller.

    `time`: seconds from the first frame's display. `pixels`: uint8, C-contiguous: luma, shape (height, width), or RGB,
    shape (height, width, 3).
    """

    time: float
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A decoded picture: its facts and its frames that matter (the first, and later ones that differ)."""

    facts: MediaFacts
    frames: tuple[Frame, ...]
