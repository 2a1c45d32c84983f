"""Finds the bars that the frames of a video share: letterbox, pillarbox, or both.

One frame may deceive: a night sky ends in roofs, a title stands on black. So every frame that tells anything is asked,
side by side, where its bar ends; the picture is the union of what they say, and most of them have to say the same.
Bars come in pairs: what only one side has belongs to the picture (a sky, a floor, a strip of text). A bar that is
missed costs recall for a letterboxed copy; one seen wrongly would cost it for every copy, so doubt means no bars.

Tolerances for one line are those of `content_box`, which does the same for the colours of a single picture; but an edge
has to be sharper here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from safelight.fingerprint.content_box import MIN_BORDER_SHARE, MIN_CONTENT_SHARE, MIN_CONTENT_SIDE
from safelight.model.region import Box

Grey = NDArray[np.uint8]

TELLING_SHARE = 0.5
"""Share of a picture that stands out from its bars where a frame is asked at all; text on black has less."""
ASKED_LEAST = 3
"""Frames that have to tell something, or all frames, where a video has fewer."""
AGREEING = 0.6
"""Share of the telling frames that have to end their bar where the union's ends, to `_APART` lines."""

_NOISE = 12  # levels off the bar's own that a pixel of it may be: coding leaves flat areas nearly flat
_STEP = 32  # levels off the bar's own that a pixel of the picture is
_OFF_IN_BAR = 0.02  # share of a bar's line that may be off
_OFF_IN_PICTURE = 0.25  # share of a line that is off where the picture begins
_DRIFT = 3  # levels that the mean of a bar's line may be off: a ramp is no bar
_EDGE_LINES = 4  # lines that an edge may spread over, coded strongly; roofs and fading light take more
_APART = 2  # lines that two frames' ends of one bar may lie apart
_OUTLIERS = 0.05  # share of the frames that may show something in a bar: a glitch of coding
_COLUMNS = 128  # pixels of a line that are looked at


@dataclass(frozen=True, slots=True)
class Bars:
    """What is inside the bars of a video: `box`, in frames of the shape (height, width); None without bars."""

    box: Box | None
    shape: tuple[int, ...]

    @classmethod
    def of(cls, frames: Sequence[Grey]) -> Self:
        """The bars that frames share: as `common_bars`, of those that have the size of the first; at least one."""
        shape = frames[0].shape
        return cls(common_bars([frame for frame in frames if frame.shape == shape]), shape)

    def displayed(self, width: int, height: int) -> Box | None:
        """The box in frames of `width` x `height` pixels."""
        if self.box is None:
            return None
        across, along = width / self.shape[1], height / self.shape[0]
        left, top = min(width - 1, round(self.box[0] * across)), min(height - 1, round(self.box[1] * along))
        right, bottom = round(self.box[2] * across), round(self.box[3] * along)
        return left, top, max(left + 1, right), max(top + 1, bottom)

    def inside(self, frame: Grey) -> Grey:
        """A view of what is inside; `frame`: of any size."""
        box = self.displayed(frame.shape[1], frame.shape[0])
        return frame if box is None else frame[box[1] : box[3], box[0] : box[2]]


def common_bars(frames: Sequence[Grey]) -> Box | None:
    """Where the picture is inside the bars that the frames share, in their pixels; None when they share none.

    `frames`: uint8, all of one shape (height, width). At least `MIN_CONTENT_SHARE` of each side is picture.
    """
    if not frames or min(frames[0].shape) < MIN_CONTENT_SIDE:
        return None
    height, width = frames[0].shape
    top, bottom = _pair([frame[:, :: -(-width // _COLUMNS)] for frame in frames])
    inside = [frame[top : height - bottom] for frame in frames]
    left, right = _pair([frame.T[:, :: -(-inside[0].shape[0] // _COLUMNS)] for frame in inside])
    if (left or right) and not top:  # bars between side bars show only when those are cut off
        narrowed = [frame[:, left : width - right] for frame in frames]
        top, bottom = _pair([frame[:, :: -(-narrowed[0].shape[1] // _COLUMNS)] for frame in narrowed])
    if not (left or top):
        return None
    if width - left - right < max(MIN_CONTENT_SIDE, MIN_CONTENT_SHARE * width):
        return None
    if height - top - bottom < max(MIN_CONTENT_SIDE, MIN_CONTENT_SHARE * height):
        return None
    return left, top, width - right, height - bottom


def _pair(frames: Sequence[Grey]) -> tuple[int, int]:
    """Lines of the bars at the beginning and the end of the first axis, both above 0 or both 0."""
    ends = [_ends(frame) for frame in frames]
    first, last = (_agreed([told for end in ends if (told := end[side]) is not None], len(ends)) for side in (0, 1))
    return (first, last) if first and last else (0, 0)


def _agreed(told: Sequence[int], asked: int) -> int:
    """The bar that leaves the union of all pictures, but for outliers; 0 unless most of them end it there."""
    if len(told) < min(ASKED_LEAST, asked):
        return 0
    depth = sorted(told)[int(_OUTLIERS * len(told))]
    near = sum(abs(other - depth) <= _APART for other in told)
    return depth if near >= AGREEING * len(told) else 0


def _ends(lines: Grey) -> tuple[int | None, int | None]:
    """Lines of this frame's bars at its beginning and end, 0 for none; None where it tells nothing."""
    depths = _bar(lines), _bar(lines[::-1])
    first, last = (depth or 0 for depth in depths)
    picture = lines[first : max(first, len(lines) - last)]
    grounds = lines[0], lines[-1]
    first_told, last_told = (
        depth if not depth or _stands_out(picture, ground) else None
        for depth, ground in zip(depths, grounds, strict=True)
    )
    return first_told, last_told


def _stands_out(picture: Grey, ground: Grey) -> bool:
    """Whether much of a picture is of another level than a line of the bar beside it."""
    off = _off(picture, round(float(ground.mean())), _STEP)
    return bool(off.size) and float(off.mean()) >= TELLING_SHARE


def _bar(lines: Grey) -> int | None:
    """Lines of the bar that a frame begins with, 0 for none; None when it cannot be told where the bar ends."""
    colour = round(float(lines[0].mean()))
    if _off(lines[:1], colour, _NOISE).mean() > _OFF_IN_BAR:
        return 0
    off = _off(lines, colour, _NOISE)
    mean = np.where(off, 0, lines).sum(axis=1) / np.maximum(1, (~off).sum(axis=1))
    bar = (off.mean(axis=1) <= _OFF_IN_BAR) & (np.abs(mean - mean[0]) <= _DRIFT)
    depth = int(np.argmin(bar))
    edge = _off(lines[depth : depth + _EDGE_LINES], colour, _STEP)
    ends = np.flatnonzero(edge.mean(axis=1) >= _OFF_IN_PICTURE)
    if not depth or not len(ends):
        return None
    line = depth + int(ends[0])
    return line if line >= len(lines) * MIN_BORDER_SHARE else 0


def _off(lines: Grey, colour: int, levels: int) -> NDArray[np.bool_]:
    """Where pixels are more than `levels` off a colour."""
    return (lines > min(255, colour + levels)) | (lines < max(0, colour - levels))
