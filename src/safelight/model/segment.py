"""How a video and a known one hang together in time."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.model.region import AlteredRegion


@dataclass(frozen=True, slots=True)
class RegionAt:
    """What was replaced in one frame of a query: `time` in its seconds."""

    time: float
    region: AlteredRegion


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a query that shows a stretch of a known video: seconds of the one and of the other.

    `speed`: seconds of the source in one second of the query. `mirrored`: the query is a mirror image there. `frames`:
    looked-at frames of the query in this stretch; `agreeing`: those that agree with the source at their time.
    `distance`: median PDQ distance of frames that agree as a whole, None when none does. `evidence`: what the agreement
    rests on: `frames` (whole frames), `tiles` (parts of frames in place) or `keypoints`. `track`: what was replaced, in
    chosen frames, in the order of time.
    """

    query_start: float
    query_end: float
    source_start: float
    source_end: float
    speed: float
    mirrored: bool
    frames: int
    agreeing: int
    distance: int | None
    evidence: tuple[str, ...]
    track: tuple[RegionAt, ...] = ()


def clock(seconds: float) -> str:
    """A moment of a video as players show it, to the second: 0:07, 12:30, 1:02:03. Below 0 it is the start."""
    whole = max(round(seconds), 0)
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def stretch(start: float, end: float) -> str:
    """From one moment to another: 0:12-0:48; a single one when both are the same second."""
    first, last = clock(start), clock(end)
    return first if first == last else f"{first}-{last}"


def placed(segment: Segment) -> str:
    """What a segment shows of the known video, and where: "0:12-0:48 of it at 0:03-0:39"."""
    source = stretch(segment.source_start, segment.source_end)
    return f"{source} of it at {stretch(segment.query_start, segment.query_end)}"


def longest(segments: Sequence[Segment]) -> Segment:
    """The segment that covers most of the query, the first of equals. Raises ValueError without any."""
    return max(segments, key=lambda segment: segment.query_end - segment.query_start)


def covered(segments: Iterable[Segment]) -> float:
    """Seconds of the query that segments cover; those that several cover count once."""
    return _union((segment.query_start, segment.query_end) for segment in segments)


def shown(segments: Iterable[Segment]) -> float:
    """Seconds of the known video that segments show; those that several show count once."""
    return _union((segment.source_start, segment.source_end) for segment in segments)


def _union(stretches: Iterable[tuple[float, float]]) -> float:
    seconds, reached = 0.0, -math.inf
    for start, end in sorted(stretches):
        seconds += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return seconds


def most_replaced(segments: Iterable[Segment]) -> AlteredRegion | None:
    """The largest of the regions in the tracks of segments; None when nothing could be told."""
    regions = (at.region for segment in segments for at in segment.track)
    return max(regions, key=lambda region: region.area, default=None)
