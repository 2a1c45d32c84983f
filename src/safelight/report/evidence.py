"""What a match rests on, as people read it: its figures, and the altered region in words, in outline and as a link."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from markupsafe import Markup, escape

from safelight.model.match import Match, MatchKind, moments
from safelight.model.region import AlteredRegion, Box
from safelight.model.segment import clock, most_replaced
from safelight.report.compare_words import NOTICEABLE, factor, percent
from safelight.report.segment_words import frames_that_agree
from safelight.report.text import LONGEST, chance, count, place, variant
from safelight.report.words import BASES, KINDS

_SIDE = 72  # pixels of the longest side of an outline's frame
_LEAST = 3  # pixels of a box's side, so that one can see it


def brief(match: Match) -> str:
    """A match in one line: its kind, the figures that matter most, the chance of its being false."""
    return ", ".join(_brief(match))


def _brief(match: Match) -> Iterator[str]:
    yield KINDS[match.kind]
    if match.kind is MatchKind.NEAR:
        yield f"{match.distance} bits"
    yield from moments(match, percent)
    yield from replaced(match)
    yield from _keypoints(match)
    if match.kind in {MatchKind.EXACT, MatchKind.NEAR}:
        yield _form(match)
    elif match.mirrored or (match.segments and all(segment.mirrored for segment in match.segments)):
        yield "mirrored"
    elif any(segment.mirrored for segment in match.segments):
        yield "mirrored in part"
    if match.p_false_match is not None:
        yield f"chance of a false match {chance(match.p_false_match)}"
    if match.negative:
        yield "known benign"
    elif match.suppressed_by is not None:
        yield "suppressed"


def _form(match: Match) -> str:
    """`text.variant`, without the moment or frame where `moments` tells it."""
    return variant(match if match.time is None else replace(match, time=None, frame=0))


def figures(match: Match) -> tuple[str, ...]:
    """What agrees, in numbers."""
    return tuple(_figures(match))


def _figures(match: Match) -> Iterator[str]:
    if match.kind is MatchKind.EXACT:
        yield "the same bytes"
    if match.kind is MatchKind.NEAR and not match.segments:
        yield f"{match.distance} of 256 bits differ"
    if match.source_time is not None:
        yield f"with second {clock(match.source_time)} of it"
    yield from frames_that_agree(match)
    yield from _keypoints(match)
    if match.tiles:
        yield f"{match.tiles_agree or 0} of {match.tiles} tiles agree"
    if match.log_ratio is not None:
        yield f"likelihood ratio {factor(match.log_ratio)}"


def replaced(match: Match) -> Iterator[str]:
    """How much of the picture was replaced, of videos where most was; nothing when not worth a word or not told."""
    region = match.altered_region or most_replaced(match.segments)
    if region and region.area >= NOTICEABLE:
        yield f"{'up to ' if match.segments else ''}{percent(region.area)} replaced"


def _keypoints(match: Match) -> Iterator[str]:
    if match.inliers:
        yield f"{count(match.inliers)} keypoints agree"
    if match.looked_for:
        yield f"{count(match.found or 0)} of {count(match.looked_for)} more found where predicted"


def region_words(region: AlteredRegion) -> str:
    """What was altered, in one sentence without its full stop."""
    return "; ".join(_region_words(region))


def _region_words(region: AlteredRegion) -> Iterator[str]:
    if region.bbox is None:
        yield "no replaced part was found"
    else:
        yield f"{percent(region.area)} replaced, within {place(region.bbox)}"
    if region.overlay >= NOTICEABLE:
        yield f"{percent(region.overlay)} under text, stickers or marks"
    if region.outside >= NOTICEABLE:
        yield f"{percent(region.outside)} without counterpart in the entry's picture"
    if region.face is not None:
        yield "a detected face overlaps it" if region.face else "no detected face overlaps it"
    yield f"{BASES[region.basis]}, confidence {percent(region.confidence)}"


def outline(box: Box | None, width: int | None, height: int | None) -> Markup:
    """The box of the replaced part inside the frame of the picture, in proportion, as SVG; empty without either."""
    if box is None or not width or not height:
        return Markup("")
    scale = _SIDE / max(width, height)
    across, along = max(scale * width, _LEAST), max(scale * height, _LEAST)
    left, wide = _within(scale * box[0], scale * box[2], across)
    top, high = _within(scale * box[1], scale * box[3], along)
    return Markup(
        '<svg class="outline" width="{0}" height="{1}" role="img" aria-label="where in the picture">'
        '<rect class="frame" width="{0}" height="{1}"/>'
        '<rect class="altered" x="{2}" y="{3}" width="{4}" height="{5}"/></svg>'
    ).format(*(f"{number:.1f}" for number in (across, along, left, top, wide, high)))


def _within(low: float, high: float, end: float) -> tuple[float, float]:
    """Start and length of low..high as far as it lies in 0..end, long enough to be seen."""
    low, high = (min(max(edge, 0.0), end) for edge in (low, high))
    length = max(high - low, _LEAST)
    return min(low, end - length), length


def mask_link(mask: str) -> Markup | None:
    """The address of a mask, a path in the folder of the report; None when it leads out of it or is no sane path."""
    if mask.startswith("/") or ".." in mask.split("/") or len(mask) > LONGEST:
        return None
    return escape("./" + quote(mask, errors="replace"))
