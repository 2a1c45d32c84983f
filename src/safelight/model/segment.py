"""How a video and a known one hang together in time."""

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
