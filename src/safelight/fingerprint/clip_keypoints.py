"""Local features of the chosen frames of a video. Needs OpenCV, which `clip` does not."""

import numpy as np

from safelight.fingerprint.key_choice import ChosenFrame
from safelight.fingerprint.local import local_features, reduced
from safelight.fingerprint.tiles import picture_tiles
from safelight.model.clip import KeyFrame
from safelight.model.local import LocalExamination, LocalRequest, WorkingPicture


def key_frame(chosen: ChosenFrame, width: int, height: int, request: LocalRequest) -> KeyFrame:
    """What a frame is traced by, without pixels. `width`, `height`: of the video as displayed, in pixels."""
    grey = np.ascontiguousarray(reduced(chosen.grey, request.side))
    working = WorkingPicture(grey, width, height)
    return KeyFrame(
        chosen.time, LocalExamination(working, local_features(grey, request.keypoints), picture_tiles(grey))
    )
