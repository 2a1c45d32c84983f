"""The slow, obvious versions of what `match.clip` does, as the tests' oracle."""

import numpy as np
from numpy.typing import NDArray

from safelight.match.clip.consensus import SPEED_COST, SPEED_SHARE
from safelight.match.clip.hits import FrameHits, HitKind
from safelight.match.clip.lines_kernel import EDGE, MISS, MOST_MISSED, TOLERANCE
from safelight.model.clip import SPEEDS, Clip


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return (int.from_bytes(one.tobytes()) ^ int.from_bytes(other.tobytes())).bit_count()


def score(query: Clip, hits: FrameHits, speed: float, offset: float) -> float:
    """Nats of the best run of a line, every run tried; all hits of one form, and spans of no length beyond sampling."""
    gains, kinds = np.zeros(len(query.time)), np.zeros(len(query.time), int)
    for row, time, start, end, nats, kind in zip(
        hits.row, hits.time, hits.start, hits.end, hits.nats, hits.kind, strict=True
    ):
        at = speed * float(time) + offset
        miss = max(float(start) - at, at - float(end), 0.0) / TOLERANCE
        gain = float(nats) * (1 - EDGE * miss * miss)
        if miss <= 1 and gain > gains[row]:
            gains[row], kinds[row] = gain, kind
    best = 0.0
    for first in np.flatnonzero(gains):
        total, missed, shown = 0.0, 0, 0
        for row in range(first, len(gains)):
            if gains[row]:
                total, missed, shown = total + gains[row], 0, kinds[row]
            elif shown == HitKind.FRAMES or (shown == HitKind.TILES and row in query.keyed):
                total, missed = total - MISS, missed + 1
            if missed > MOST_MISSED:
                break
            best = max(best, total)
    return best if speed == 1.0 else best * (1 - SPEED_SHARE) - SPEED_COST


def best_score(query: Clip, hits: FrameHits, seconds: float) -> float:
    """The best of all lines on a fine grid of speeds and offsets."""
    speeds = [1.0, *np.linspace(*SPEEDS, 31)]
    offsets = np.arange(-SPEEDS[1] * query.duration, seconds, 0.15)
    return max(score(query, hits, float(speed), float(offset)) for speed in speeds for offset in offsets)
