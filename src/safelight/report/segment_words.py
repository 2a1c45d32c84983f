"""What a match says of time, as people read it: segments of videos, and seconds at which pictures were matched."""

from collections.abc import Iterator

from safelight.model.match import Match
from safelight.model.segment import Segment, placed
from safelight.report.compare_words import NOTICEABLE, percent
from safelight.report.text import count, segment_form
from safelight.report.words import SEGMENT_EVIDENCE


def segment_line(segment: Segment) -> str:
    """A segment in one line: what it shows, where, in which form, and what that rests on."""
    return ", ".join((placed(segment), *segment_form(segment), *segment_figures(segment)))


def segment_figures(segment: Segment) -> tuple[str, ...]:
    """What a segment rests on, and how much of its frames was replaced."""
    return tuple(_segment_figures(segment))


def _segment_figures(segment: Segment) -> Iterator[str]:
    rests = ", ".join(SEGMENT_EVIDENCE.get(name, name) for name in segment.evidence)
    agree = f"{count(segment.agreeing)} of {count(segment.frames)} frames agree"
    yield f"{agree} ({rests})" if rests else agree
    if segment.distance is not None:
        yield f"{segment.distance} of 256 bits differ at the median"
    most = max((at.region.area for at in segment.track), default=0.0)
    if most >= NOTICEABLE:
        yield f"up to {percent(most)} replaced"
    elif segment.track:
        yield "no replaced part was found"


def frames_that_agree(match: Match) -> Iterator[str]:
    """Of a video against a known one: looked-at frames that agree, and how much of the known video is there."""
    if not match.segments:
        return
    agreeing, frames = (sum(getattr(s, name) for s in match.segments) for name in ("agreeing", "frames"))
    stretches = len(match.segments)
    where = "1 stretch" if stretches == 1 else f"{count(stretches)} stretches"
    yield f"{count(agreeing)} of {count(frames)} frames agree, in {where}"
    if match.distance is not None:
        yield f"{match.distance} of 256 bits differ at the median"
    if match.share is not None:
        yield f"{percent(match.share)} of the video"
    if match.source_share is not None:
        yield f"{percent(match.source_share)} of the known video"
