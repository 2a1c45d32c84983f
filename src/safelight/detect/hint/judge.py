"""From a picture, or the key frames of a video, to a hint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from safelight.detect.hint import domain
from safelight.detect.hint.head import Head
from safelight.detect.hint.views import Pixels, fixed_views
from safelight.model.hint import Hint, HintVerdict

Encode: TypeAlias = Callable[[Pixels], NDArray[np.float32]]
"""From a view to its embedding: float32, shape (512,), of length 1."""

MOST_FRAMES = 8
"""Frames of a video that are encoded, evenly chosen."""

PALETTES = {"image/gif": "its format holds few colours"}
"""Media types whose pictures look drawn whatever they show."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one frame. `outside`: why it is outside of the domain, empty when it is not."""

    outside: str
    score: float = 0.0


def see(pixels: Pixels, encode: Encode, head: Head) -> Seen:
    """Look at one frame (uint8, shape (height, width, 3), RGB); it is encoded only if it looks like a photograph."""
    outside = domain.outside(pixels)
    if outside:
        return Seen(outside)
    return weigh(np.array([encode(view) for view in fixed_views(pixels)]), head)


def weigh(views: NDArray[np.float32], head: Head) -> Seen:
    """The same from the embeddings of its fixed views, float32, shape (5, 512)."""
    if head.graphics.score(views) > head.graphics_above:
        return Seen("it looks like a drawing or graphics")
    return Seen("", head.synthetic.score(views))


def pool(seen: Sequence[Seen], head: Head) -> tuple[HintVerdict, float | None, str]:
    """Verdict, calibrated score and reason for all frames of a file; `seen` is not empty.

    The median of the frames inside the domain decides, and only if these are more than half.
    """
    inside = [one.score for one in seen if not one.outside]
    if 2 * len(inside) <= len(seen):
        why = next(one.outside for one in seen if one.outside)
        return HintVerdict.INCONCLUSIVE, None, f"outside of what the detector knows: {why}"
    score = median(inside)
    share = head.calibrated(score)
    if score > head.likely_above:
        return HintVerdict.LIKELY_AI, share, "above the threshold, set on the source of most false alarms in the tests"
    if score < head.nothing_below:
        return HintVerdict.NO_INDICATION, share, "nothing was seen; that says nothing about how the picture was made"
    return HintVerdict.INCONCLUSIVE, share, "between the thresholds: pictures of both kinds score like this"


def judge(frames: Sequence[Pixels], mime: str, encode: Encode, head: Head, *, detector: str, card: str) -> Hint:
    """What the detector makes of one file.

    Args:
        frames: at least one, as displayed: uint8, shape (height, width, 3), RGB.
        mime: the sniffed media type.
        encode: the encoder that the head was trained on.
        head: as trained.
        detector: name and version.
        card: SHA-256 of the model card.
    """
    if mime in PALETTES:
        reason = f"outside of what the detector knows: {PALETTES[mime]}"
        return Hint(detector, card, HintVerdict.INCONCLUSIVE, None, reason)
    step = max(1, -(-len(frames) // MOST_FRAMES))
    verdict, score, reason = pool([see(frame, encode, head) for frame in frames[::step]], head)
    return Hint(detector, card, verdict, score, reason)
