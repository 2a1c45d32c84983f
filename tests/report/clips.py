"""Rows of videos with made-up matches: stretches of known videos, frames that are near known pictures."""

from dataclasses import replace

from safelight.model.clip import Still
from safelight.model.decision import Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow
from safelight.model.segment import RegionAt, Segment, covered
from safelight.policy.decide import decide
from tests.report.samples import ROOT, mosaic, row

DURATION = 92.0


def region_at(time: float, area: float) -> RegionAt:
    return RegionAt(time, AlteredRegion(area, (40, 60, 400, 300), RegionBasis.KEYPOINTS, confidence=0.9))


def segment(query: tuple[float, float], source: float, *, speed: float = 1.0, **other: object) -> Segment:
    """A stretch of the query that shows a known video from second `source` on."""
    start, end = query
    frames = max(round((end - start) / 2), 1)
    made = Segment(start, end, source, source + speed * (end - start), speed, False, frames, frames, 24, ("frames",))
    return replace(made, **other)  # type: ignore[arg-type]  # tests name the fields


def clip_match(entry: str, *segments: Segment, kind: MatchKind = MatchKind.DERIVATIVE, **other: object) -> Match:
    bank, _, name = entry.partition("/")
    share = covered(segments) / DURATION
    made = Match(bank, name, kind, "clip", 24, p_false_match=2e-8, segments=segments, share=share, source_share=0.4)
    return replace(made, **other)  # type: ignore[arg-type]  # as above


LATE = region_at(66, 0.09)
HARBOUR = clip_match(
    "partner-list/harbour at dawn.mp4",
    segment((3, 39), 12, track=tuple(region_at(5 + 4 * n, 0.2 + 0.015 * (n % 4)) for n in range(8))),
    segment(
        (60, 71), 130.5, mirrored=True, distance=None, evidence=("tiles", "keypoints"), track=(region_at(66, 0.09),)
    ),
)
WHOLE = clip_match("partner-list/harbour at dawn.mp4", segment((0, 92), 4))
FERRY = clip_match("benign-drawings/boats/ferry.webm", segment((41, 55), 3605, speed=1.1, evidence=("keypoints",)))
FRAME = Match(
    "benign-drawings",
    "rose-003.png",
    MatchKind.NEAR,
    "pdq",
    8,
    frame=41,
    dihedral="flip_y",
    expected_false_matches=1e-9,
    p_false_match=1e-9,
    time=82.0,
)


def video(number: int, name: str, *matches: Match, **other: object) -> ScanRow:
    """A row of a video with these matches."""
    drawn = row(number, Outcome.CLEAR, mime="video/mp4", width=1280, height=720, signals=(), duration=DURATION)
    strip = tuple(Still(7.5 * n, mosaic(100 * number + n)) for n in range(12))
    values = {"path": f"{ROOT}/{name}", "matches": matches, "decision": decide(drawn.status, matches), "strip": strip}
    return replace(drawn, duplicate_of=None, **(values | other))  # type: ignore[arg-type]  # as above


STILL = Match(
    "partner-list",
    "harbour at dawn.mp4",
    MatchKind.NEAR,
    "pdq",
    12,
    dihedral="original",
    expected_false_matches=1e-9,
    p_false_match=1e-9,
    source_time=31.0,
)
VIDEOS = (
    video(1, "inbox/compilation.mp4", HARBOUR, FERRY, FRAME, thumbnail=mosaic(1)),
    video(
        2, "inbox/short.webm", clip_match("partner-list/harbour at dawn.mp4", segment((0, 92), 4)), thumbnail=mosaic(2)
    ),
    replace(
        video(3, "inbox/still from a video.png", STILL, strip=(), duration=None), mime="image/png", thumbnail=mosaic(3)
    ),
    video(4, "inbox/holiday.mov"),
)
"""A compilation of two known videos and a known picture, a whole copy, a still of a known video, and a stranger."""
