"""Reading of clips in these tests."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.media.video import open_video
from safelight.model.clip import Sampling
from safelight.model.media import Limits, MediaFacts, VideoFrame

ALL = Sampling(0.0)
LIMITS = Limits()
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class Read(NamedTuple):
    """What came of a file."""

    frames: list[VideoFrame]
    facts: MediaFacts
    claimed: float

    @property
    def times(self) -> list[float]:
        return [frame.time for frame in self.frames]


def read(
    data: bytes,
    sampling: Sampling = ALL,
    limits: Limits = LIMITS,
    *,
    side: int = 0,
    colour: bool = False,
    at: Sequence[float] = (),
) -> Read:
    with open_video(data, sniff(data[:HEAD_BYTES]), limits) as video:
        frames = list(video.frames(sampling, side=side, colour=colour, at=at))
        return Read(frames, video.facts, video.claimed)


def luma(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey: NDArray[np.float32] = frame @ LUMA
    return grey


def likeness(one: NDArray[np.float32], other: NDArray[np.uint8]) -> float:
    """Correlation of two pictures' values, 0-1 when alike in any way."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
