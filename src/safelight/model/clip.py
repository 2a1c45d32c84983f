"""Clips: what a video is recognised by.

A known video is looked at closely, once; queries come by the million and are looked at sparsely. So `OF_KNOWN` asks
for four frames a second and `OF_QUERY` for the container's own key frames, which cost no decoding of the others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.model.local import OF_KNOWN, OF_QUERY, LocalExamination, LocalRequest
from safelight.model.region import Box

CLIP_GRID = 4
"""Tiles of a clip's frames are those of a 4x4 grid, row by row."""
CLIP_TILES = CLIP_GRID**2
CLIP_SIDE = 480
"""Longest side in pixels of the grey pictures that rows are made from; never enlarged."""
SPEEDS = (0.8, 1.25)
"""Seconds of a source that may go by in one second of a clip that was slowed down or sped up."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames of a video are looked at.

    `every`: seconds; one frame in each such stretch of time; 0 for every frame. `keys`: take the container's key
    frames, whichever they are, and others only where these lie further apart than `every`. `least`: frames that a short
    video gives all the same, as far as it has so many: `every` is then made smaller.
    """

    every: float
    keys: bool = False
    least: int = 1


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """How closely to look at a video.

    `rows`, `keyed`: at most so many rows, and rows with tiles; a longer video is sampled more thinly, evenly over all
    of it. `key_frames`: at most so many frames with local features, taken as `local` says; None for none. `at`: seconds
    at which key frames are taken, in place of those that are chosen. `exact`: as vPDQ has it: a row for each sampled
    frame, whole and at full size, none left out, none with tiles. `look`: key
    frames come with their working pictures, to be looked into again; else those are empty.
    """

    sampling: Sampling
    rows: int
    keyed: int
    key_frames: int
    local: LocalRequest | None
    at: tuple[float, ...] = ()
    exact: bool = False
    look: bool = True


OF_KNOWN_CLIP = ClipRequest(Sampling(0.25), rows=16_384, keyed=4_096, key_frames=128, local=OF_KNOWN, look=False)
"""Of videos that go into a bank."""
OF_QUERY_CLIP = ClipRequest(Sampling(2.0, keys=True, least=4), rows=4_096, keyed=2_048, key_frames=10, local=OF_QUERY)
"""Of videos that are looked up."""
DENSE_QUERY = Sampling(0.5)
"""Of a query of which sparse rows show something, but too little to tell."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A video as it is looked up: frames in the order of time, duplicates and frames without information left out.

    `width`, `height`: pixels as displayed, 0 where not known. `duration`: seconds. `box`: the picture inside bars that
    all frames share, as displayed, None without bars; rows are of what is inside. All other fields describe n rows.
    `time`: float32 (n,), seconds from the start of the video, ascending. `span`: float32 (n,), seconds for which the
    picture stays the same: duplicates that follow were left out. `codes`: uint8 (n, 32), PDQ of the frame, highest bit
    first. `quality`: uint8 (n,), PDQ quality 0-100. `shot`: uint16 (n,), number of the shot from 0. `keyed`: int32
    (k,), ascending, rows that have tiles: where the picture has changed since the last of them, or two seconds have
    passed. `tiles`: uint8 (k, CLIP_TILES, 32) and `tile_quality`: uint8 (k, CLIP_TILES), as in `TileHashes`.
    """

    width: int
    height: int
    duration: float
    box: Box | None
    time: NDArray[np.float32]
    span: NDArray[np.float32]
    codes: NDArray[np.uint8]
    quality: NDArray[np.uint8]
    shot: NDArray[np.uint16]
    keyed: NDArray[np.int32]
    tiles: NDArray[np.uint8]
    tile_quality: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A frame of a video with what pictures are traced by: of the whole frame as displayed, bars included.

    `time`: seconds from the start. `pixels`: uint8 RGB, shape (height, width, 3), made smaller, where asked for.
    """

    time: float
    local: LocalExamination
    pixels: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Still:
    """A frame in the strip that stands for a video: `time` in seconds, a 16x16 RGB mosaic (768 bytes, base64)."""

    time: float
    mosaic: str


@dataclass(frozen=True, slots=True)
class ClipRows:
    """The keyed rows of all live clips of a bank, as they are searched; m rows, grouped by clip, ascending in time.

    `entry`: int64 (m,), id of the entry. `row`: int32 (m,), number of the row in its clip. `codes`: uint8 (m, 32).
    `quality`: uint8 (m,). `tiles`: uint8 (m, CLIP_TILES, 32). `tile_quality`: uint8 (m, CLIP_TILES).
    """

    entry: NDArray[np.int64]
    row: NDArray[np.int32]
    codes: NDArray[np.uint8]
    quality: NDArray[np.uint8]
    tiles: NDArray[np.uint8]
    tile_quality: NDArray[np.uint8]


def video_frame(seconds: float) -> int:
    """The number by which a sketch of a video's frame is kept: 1 and its milliseconds; 0 is for pictures."""
    return 1 + round(1000 * seconds)


def video_seconds(frame: int) -> float | None:
    """The second of a video that a sketch of this number shows; None of a picture's."""
    return (frame - 1) / 1000 if frame else None


def evenly(count: int, most: int) -> NDArray[np.int64]:
    """Positions of at most `most` of `count` things in a row, evenly spread, from the first to the last."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)
