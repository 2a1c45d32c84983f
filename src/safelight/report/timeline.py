"""What is where in a video: an axis of its time, and a lane of bars for each known item that is found in it.

Places are in percent of the video's time, for page and paper alike. The page draws them as SVG whose text never scales.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from safelight.model.match import Match, MatchKind
from safelight.model.segment import RegionAt, Segment, clock, placed, stretch
from safelight.report.compare_words import percent
from safelight.report.text import count, segment_form, visible

MAX_LANES = 12
"""Lanes that a page draws for one video; the list beside it names the rest."""
MAX_BARS = 200
"""Bars, and moments, that one lane holds."""

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
_TICKS = 5  # at most so many steps: their labels stand apart on a narrow page
_LEAST = 0.6  # percent: a bar so wide can be seen
_COLUMN = 0.4  # percent: half of the column that a single point is drawn as
_LABEL = 25.0  # percent kept for a label under a bar: what a narrow page needs
_COLOURS = {
    MatchKind.EXACT: "known",
    MatchKind.NEAR: "near",
    MatchKind.DERIVATIVE: "derivative",
    MatchKind.SHARED_SCENE: "shared_scene",
}


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis. `left`: percent."""

    left: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the video, or a moment when `width` is 0. `left`, `width`: percent.

    `text`: the known video's own time, empty when there is no room for it. `said`: all of it in words.
    """

    left: float
    width: float
    text: str
    said: str


@dataclass(frozen=True, slots=True)
class Track:
    """How much of the frame was replaced, over time.

    `areas`: for each stretch its points, as percent of the time and share of the chart's height, 0 to 1. `top`: what
    the full height stands for. `said`: all of it in words.
    """

    areas: tuple[tuple[tuple[float, float], ...], ...]
    top: str
    said: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What was found of one known item. `colour`: the outcome whose colour it has."""

    name: str
    colour: str
    bars: tuple[Bar, ...]
    track: Track | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole chart. `left_out`: lanes that are not drawn."""

    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    left_out: int = 0


def timeline(matches: Iterable[Match], duration: float | None) -> Timeline | None:
    """The chart of a video's matches; None when none of them says where in time it lies.

    `duration`: seconds; where it is not known, or too short, the last moment of a match is the end.
    """
    timed = [match for match in matches if match.segments or match.time is not None]
    if not timed:
        return None
    ends = [segment.query_end for match in timed for segment in match.segments]
    seconds = max([duration or 0.0, *ends, *(match.time or 0.0 for match in timed)]) or 1.0
    by_entry: dict[tuple[str, str], list[Match]] = {}
    for match in timed:
        by_entry.setdefault((match.bank, match.entry), []).append(match)
    lanes = tuple(_lane(found, seconds) for found in list(by_entry.values())[:MAX_LANES])
    return Timeline(ticks(seconds), lanes, max(len(by_entry) - MAX_LANES, 0))


def chart_of(segments: Sequence[Segment], duration: float | None, name: str) -> Timeline:
    """The chart of one pair of videos: a single lane of this name."""
    seconds = max([duration or 0.0, *(segment.query_end for segment in segments)]) or 1.0
    lane = Lane(name, "near", segment_bars(segments, seconds), track(segments, seconds))
    return Timeline(ticks(seconds), (lane,))


def _lane(matches: Sequence[Match], seconds: float) -> Lane:
    first = matches[0]
    colour = "suppressed" if first.negative or first.suppressed_by is not None else _COLOURS[first.kind]
    segments = [segment for match in matches for segment in match.segments]
    moments = [Bar(_at(match.time, seconds), 0.0, "", _moment(match)) for match in matches if match.time is not None]
    bars = tuple(sorted((*segment_bars(segments, seconds), *moments), key=lambda bar: bar.left))
    return Lane(f"{first.bank} / {first.entry}", colour, bars[:MAX_BARS], track(segments, seconds))


def _moment(match: Match) -> str:
    second = "" if match.source_time is None else f"second {clock(match.source_time)} of it "
    return f"{second}at {clock(match.time or 0.0)}"


def segment_bars(segments: Sequence[Segment], seconds: float) -> tuple[Bar, ...]:
    """Bars of segments in the order of time, on an axis of so many seconds; labels keep clear of each other."""
    bars: list[Bar] = []
    free = 0.0  # percent up to which there are labels
    for segment in sorted(segments, key=lambda one: one.query_start)[:MAX_BARS]:
        left, right = _at(segment.query_start, seconds), _at(segment.query_end, seconds)
        left = min(left, 100 - _LEAST)
        label = min(left, 100 - _LABEL)
        text = stretch(segment.source_start, segment.source_end) if label >= free else ""
        free = label + _LABEL if text else free
        said = ", ".join((placed(segment), *segment_form(segment)))
        bars.append(Bar(left, max(right - left, _LEAST), text, said))
    return tuple(bars)


def track(segments: Sequence[Segment], seconds: float) -> Track | None:
    """How much of the frame was replaced over all segments; None when it could not be told of any frame."""
    stretches = [segment.track for segment in sorted(segments, key=lambda one: one.query_start) if segment.track]
    if not stretches:
        return None
    most = max(at.region.area for points in stretches for at in points)
    top = next(level for level in (0.1, 0.25, 0.5, 1.0) if most <= level or level == 1.0)
    areas = tuple(
        tuple((_at(at.time, seconds), min(max(at.region.area / top, 0.0), 1.0)) for at in points)
        for points in stretches
    )
    return Track(areas, f"{100 * top:.0f} %", _said(stretches))


def _said(stretches: Sequence[Sequence[RegionAt]]) -> str:
    points = [at for points in stretches for at in points]
    least, most = (choose(points, key=lambda at: at.region.area) for choose in (min, max))
    frames = f"{count(len(points))} frame{'' if len(points) == 1 else 's'}"
    return (
        f"Share of the frame that was replaced, in {frames}: from {percent(least.region.area)} at {clock(least.time)} "
        f"to {percent(most.region.area)} at {clock(most.time)}"
    )


def ticks(seconds: float) -> tuple[Tick, ...]:
    """Round moments along an axis of so many seconds, from its start."""
    step = next((step for step in _STEPS if seconds / step <= _TICKS), math.ceil(seconds / _TICKS / 3600) * 3600)
    return tuple(Tick(_at(moment, seconds), clock(moment)) for moment in range(0, math.floor(seconds) + 1, step))


def _at(moment: float, seconds: float) -> float:
    """Percent of the axis."""
    return min(max(100 * moment / seconds, 0.0), 100.0)


_BAR, _LABEL_BASE, _LANE, _AXIS, _AREA_TOP, _AREA = 14, 28, 33, 18, 15, 36  # pixels


def draw(chart: Timeline, what: str = "Where in this video each known item is found") -> Markup:
    """The chart for the page: an axis, and under it each lane with its name. `what`: the chart in a sentence."""
    parts = [_axis(chart.ticks)]
    parts += [part for lane in chart.lanes for part in _drawn(lane, chart.ticks)]
    if chart.left_out:
        parts.append(Markup('<p class="aside">{} more known items are not drawn.</p>').format(count(chart.left_out)))
    return Markup('<div class="timeline" role="group" aria-label="{}">{}</div>').format(what, Markup("").join(parts))


def _axis(marks: Sequence[Tick]) -> Markup:
    words = Markup('<text x="{}%" y="12" text-anchor="{}">{}</text>')
    labels = Markup("").join(
        words.format(f"{mark.left:.2f}", "start" if mark.left < 3 else "end" if mark.left > 97 else "middle", mark.text)
        for mark in marks
    )
    return Markup('<svg class="axis" width="100%" height="{}" aria-hidden="true">{}</svg>').format(_AXIS, labels)


def _grid(marks: Sequence[Tick], above: int, floor: int) -> Markup:
    line = Markup('<line class="grid" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>')
    return Markup("").join(line.format(f"{mark.left:.2f}", above, floor) for mark in marks)


def _drawn(lane: Lane, marks: Sequence[Tick]) -> Iterator[Markup]:
    yield Markup('<p class="lane"><bdi dir="ltr">{}</bdi></p>').format(visible(lane.name, 160))
    labelled = any(bar.text for bar in lane.bars)
    height = _LANE if labelled else _BAR + 2
    yield Markup(
        '<svg class="bars-in-time" width="100%" height="{}" role="img" aria-label="{}">{}'
        '<rect class="track" width="100%" height="{}" rx="3"/>{}</svg>'
    ).format(
        height,
        "; ".join(bar.said for bar in lane.bars),
        _grid(marks, 0, height),
        _BAR,
        Markup("").join(_bar(bar, lane.colour) for bar in lane.bars),
    )
    if lane.track is not None:
        yield _area(lane.track, marks)


def _bar(bar: Bar, colour: str) -> Markup:
    title = Markup("<title>{}</title>").format(bar.said)
    if bar.width == 0:
        return Markup('<line class="moment o-{0}" x1="{1}%" x2="{1}%" y1="0" y2="{2}">{3}</line>').format(
            colour, f"{min(max(bar.left, 0.3), 99.7):.2f}", _BAR, title
        )
    shown = Markup('<rect class="o-{}" x="{}%" width="{}%" height="{}" rx="3">{}</rect>').format(
        colour, f"{bar.left:.2f}", f"{bar.width:.2f}", _BAR, title
    )
    if not bar.text:
        return shown
    from_right = bar.left > 100 - _LABEL
    place, anchor = (100.0, "end") if from_right else (bar.left, "start")
    return shown + Markup('<text x="{}%" y="{}" text-anchor="{}">{}</text>').format(
        f"{place:.2f}", _LABEL_BASE, anchor, bar.text
    )


def _area(shown: Track, marks: Sequence[Tick]) -> Markup:
    """The track in two pictures, one in the other: areas that stretch with the page, and text that does not."""
    return Markup(
        '<svg class="replaced-in-time" width="100%" height="{height}" role="img" aria-label="{said}">'
        "<title>{said}</title>{grid}"
        '<text x="0" y="10">{top} of the frame replaced</text>'
        '<line class="grid" x1="0" x2="100%" y1="{above}" y2="{above}"/>'
        '<line class="grid" x1="0" x2="100%" y1="{floor}" y2="{floor}"/>'
        '<svg y="{above}" width="100%" height="{area}" viewBox="0 0 100 {area}" preserveAspectRatio="none">{pieces}'
        "</svg></svg>"
    ).format(
        height=_AREA_TOP + _AREA,
        said=shown.said,
        grid=_grid(marks, _AREA_TOP, _AREA_TOP + _AREA),
        top=shown.top,
        above=_AREA_TOP,
        floor=_AREA_TOP + _AREA - 0.5,
        area=_AREA,
        pieces=Markup("").join(_piece(points) for points in shown.areas),
    )


def _piece(points: Sequence[tuple[float, float]]) -> Markup:
    """An area over its points; a single point is a thin column."""
    if len(points) == 1:
        left, share = points[0]
        points = ((max(left - _COLUMN, 0.0), share), (min(left + _COLUMN, 100.0), share))
    edge = [(x, _AREA * (1 - share)) for x, share in points]
    outline = "L".join(f"{x:.2f} {y:.2f}" for x, y in edge)
    return Markup(
        '<path class="area" d="M{0} {3}L{1}L{2} {3}Z"/><path class="edge" d="M{1}" vector-effect="non-scaling-stroke"/>'
    ).format(f"{edge[0][0]:.2f}", outline, f"{edge[-1][0]:.2f}", _AREA)
