"""Looks at what a worker says of a video before anybody believes its shape: see `validate`."""

import numpy as np

from safelight.adapter.sandbox.bounds import MAX_SIDE, require
from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.adapter.sandbox.validate import MOSAIC, check_box, check_local, is_picture
from safelight.model.clip import CLIP_TILES, Clip, ClipRequest, KeyFrame
from safelight.model.local import LocalRequest
from safelight.model.media import Limits
from safelight.model.scan import Examination

SLACK_SECONDS = 1_200.0
"""By how much times in a video may exceed `Limits.video_seconds`: twice the longest pause that is believed."""
MAX_STRIP = 8
"""Pictures that stand for a video."""


def check_clip(
    examination: Examination, request: ClipRequest | None, pixels: int, limits: Limits, *, keypoints: bool = False
) -> None:
    """Raises ProtocolError for what was not asked for of a video, or is in itself impossible.

    `pixels`: longest side of the pictures that key frames may have. `keypoints`: whether any were wanted. What is
    compared in time costs by how long it says it is: no time lies behind what is read of a video.
    """
    facts, longest = examination.facts, limits.video_seconds + SLACK_SECONDS
    require(facts is None or facts.duration is None or 0 <= facts.duration <= longest, "duration")
    require(len(examination.strip) <= MAX_STRIP, "strip")
    for still in examination.strip:
        require(MOSAIC.fullmatch(still.mosaic) and 0 <= still.time <= longest, "strip")
    if request is None:
        if examination.clip is not None or examination.key_frames:
            raise ProtocolError("a clip that nobody asked for")
        return
    if examination.clip is not None:
        _check_rows(examination.clip, request, longest)
    elif examination.key_frames and not request.at:
        raise ProtocolError("key frames without a clip")
    most = max(request.key_frames, len(request.at)) if keypoints or request.at else 0
    require(len(examination.key_frames) <= most, "number of key frames")
    for frame in examination.key_frames:
        _check_key_frame(frame, request, pixels, longest)


def _check_rows(clip: Clip, request: ClipRequest, longest: float) -> None:
    require(0 < clip.width < MAX_SIDE and 0 < clip.height < MAX_SIDE, "size in pixels")
    require(0 <= clip.duration <= longest, "duration")
    if clip.box is not None:
        check_box(clip.box)
        require(clip.box[2] <= clip.width and clip.box[3] <= clip.height, "box")
    rows = len(clip.time)
    require(rows <= request.rows, "number of rows")
    require(clip.time.shape == clip.span.shape == clip.quality.shape == clip.shot.shape == (rows,), "row")
    require(clip.codes.shape == (rows, 32) and (clip.quality <= 100).all(), "row")
    for values in (clip.time, clip.span):  # a comparison with what is no number is False
        require(((values >= 0) & (values <= longest)).all(), "time in a video")
    require((np.diff(clip.time) > 0).all() and (clip.shot[1:] >= clip.shot[:-1]).all(), "order of rows")
    keyed = len(clip.keyed)
    require(clip.keyed.shape == (keyed,) and keyed <= min(request.keyed, rows), "number of rows with tiles")
    require((np.diff(clip.keyed) > 0).all() and ((clip.keyed >= 0) & (clip.keyed < rows)).all(), "row with tiles")
    require(clip.tiles.shape == (keyed, CLIP_TILES, 32) and clip.tile_quality.shape == (keyed, CLIP_TILES), "tiles")
    require((clip.tile_quality <= 100).all(), "quality of a tile")


def _check_key_frame(frame: KeyFrame, request: ClipRequest, pixels: int, longest: float) -> None:
    require(0 <= frame.time <= longest, "time in a video")
    check_local(frame.local, request.local or LocalRequest(0, 0), look=request.look)
    if frame.pixels is not None:
        shape = frame.pixels.shape
        require(len(shape) == 3 and shape[2] == 3 and is_picture(shape, pixels), "size of pixels")
