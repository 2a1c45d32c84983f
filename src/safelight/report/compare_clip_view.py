"""What the report of a comparison of two videos says; see `compare_view`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from safelight.model.comparison import ClipComparison, ComparedFrames, Comparison, Instant
from safelight.model.derivation import Verdict
from safelight.model.segment import Segment, clock, covered, most_replaced, stretch
from safelight.report.compare_content import (
    BLURS,
    LEGEND,
    Chart,
    Figure,
    ShownInstant,
    View,
    evidence_of,
    files_of,
    origin_of,
)
from safelight.report.compare_pictures import CELLS, CELLS_OF_MANY, Panel, panels
from safelight.report.compare_words import NOTICEABLE, VERDICTS, percent, transform
from safelight.report.segment_words import segment_figures
from safelight.report.text import chance, count, duration, moment, place, segment_form
from safelight.report.timeline import chart_of
from safelight.report.words import SEGMENT_EVIDENCE

MAX_STRETCHES = 50
"""Stretches that a report lists; comparison.json has all of them."""


def view(comparison: Comparison, clips: ClipComparison, frames: ComparedFrames) -> View:
    """A comparison of two videos in words, numbers and pictures."""
    first, stop, rest = comparison.statement.partition(". ")
    pairs = zip(clips.instants, frames.instants, strict=True)
    cells = CELLS_OF_MANY if len(clips.instants) > 1 else CELLS
    return View(
        verdict="Same bytes" if comparison.same_bytes else VERDICTS[comparison.derivation.verdict],
        headline=first + stop.rstrip(),
        more=rest,
        made=moment(comparison.made),
        figures=tuple(_figures(comparison, clips)),
        panels=(),
        legend=LEGEND if any(instant.region for instant in clips.instants) else (),
        blur=BLURS[comparison.blur] if clips.instants else "No frames were held against each other.",
        evidence=evidence_of(comparison.derivation.parts, _rests(comparison, clips.segments), _WEIGHED),
        details=(),
        cannot=comparison.cannot_conclude,
        files=tuple(files_of(comparison)),
        origin=tuple(origin_of(comparison)),
        kind="videos",
        charts=tuple(_charts(comparison, clips.segments)),
        stretches=tuple(map(_stretch, clips.segments[:MAX_STRETCHES])),
        instants=tuple(
            _shown(number, one, panels(shown, comparison.blur, cells))
            for number, (one, shown) in enumerate(pairs, start=1)
        ),
    )


def _figures(comparison: Comparison, clips: ClipComparison) -> Iterator[Figure]:
    derived = comparison.derivation.verdict is Verdict.DERIVATIVE
    if clips.share is not None and derived:
        yield Figure("Of the suspect", percent(clips.share), "of its time shows the original")
    if clips.source_share is not None and derived:
        yield Figure("Of the original", percent(clips.source_share), "of its time is shown")
    if clips.segments:
        seconds = duration(covered(clips.segments))
        yield Figure("Stretches", count(len(clips.segments)), f"of the suspect, {seconds} in all")
    areas = [instant.region.area for instant in clips.instants if instant.region]
    if areas:
        frames = "the frame" if len(areas) == 1 else f"{count(len(areas))} frames"
        note = f"of a frame at most, in {frames} compared pixel by pixel"
        yield Figure("Replaced", percent(max(areas)), note)
    if comparison.derivation.p_false_match is not None and clips.segments:
        yield Figure(
            "False match",
            chance(comparison.derivation.p_false_match),
            "chance that a video which shows nothing of the original looks as if it did",
        )


_SCENE = ("seems to show the original\u2019s scene", "seems to show the suspect\u2019s scene")
_WEIGHED = (
    "Each finding makes it so many times likelier (\u00d7), or less likely (\u00f7), that the suspect shows the "
    "original, than that chance made frames of two unrelated videos agree like this; the bars show by how many powers "
    "of ten. Of several stretches, the strongest counts."
)


def _rests(comparison: Comparison, segments: Sequence[Segment]) -> str:
    """What the verdict rests on."""
    if comparison.same_bytes:
        return "Nothing was weighed: the cryptographic digests agree."
    if not segments:
        return "No stretch was found in which frames of the suspect agree with frames of the original in time."
    agreeing, frames = (sum(getattr(segment, name) for segment in segments) for name in ("agreeing", "frames"))
    names = [SEGMENT_EVIDENCE.get(name, name) for name in dict.fromkeys(n for s in segments for n in s.evidence)]
    by = f" ({', '.join(names)})" if names else ""
    return (
        f"{count(agreeing)} of {count(frames)} frames of the suspect that were looked at in these stretches agree with "
        f"the original at the one moment that fits{by}: second after second, in the original\u2019s order."
    )


def _charts(comparison: Comparison, segments: Sequence[Segment]) -> Iterator[Chart]:
    if not segments:
        return
    suspect, original = comparison.suspect.duration, comparison.original.duration
    note = "The axis is the suspect\u2019s time; the numbers under a bar are the original\u2019s."
    if most_replaced(segments) is not None:
        note += " Under it, how much of the picture was replaced, from frame to frame that was compared."
    derived = comparison.derivation.verdict is Verdict.DERIVATIVE
    here, there = ("shows the original", "is shown in the suspect") if derived else _SCENE
    yield Chart("The suspect video", note, chart_of(segments, suspect, here))
    yield Chart(
        "The original",
        "The axis is the original\u2019s time; the numbers under a bar are the suspect\u2019s.",
        chart_of([_turned(segment) for segment in segments], original, there),
    )


def _turned(segment: Segment) -> Segment:
    """The segment as it is seen from the original."""
    return replace(
        segment,
        query_start=segment.source_start,
        query_end=segment.source_end,
        source_start=segment.query_start,
        source_end=segment.query_end,
        speed=1.0,
        track=(),
    )


def _stretch(segment: Segment) -> tuple[str, str, str, str]:
    return (
        stretch(segment.query_start, segment.query_end),
        stretch(segment.source_start, segment.source_end),
        ", ".join(segment_form(segment)) or "as it is",
        ", ".join(segment_figures(segment)),
    )


def _shown(number: int, instant: Instant, seen: Iterable[Panel]) -> ShownInstant:
    here, there = clock(instant.time), clock(instant.source_time)
    named = (_named(panel, number, here, there) for panel in seen)
    title = f"At {here} of the suspect, {there} of the original"
    return ShownInstant(title, _sentence(_found(instant)), tuple(named))


def _named(panel: Panel, number: int, here: str, there: str) -> Panel:
    """The panel of a moment: its name its own, its caption with the second."""
    captions = {"suspect": f"The suspect at {here}", "original": f"The original at {there}"}
    caption = captions.get(panel.name, panel.caption)
    if panel.name == "original" and "laid over" in panel.caption:
        caption += ", laid over it"
    return replace(panel, name=f"{panel.name}-{number}", caption=caption, alt=f"At {here}: {panel.alt}")


def _sentence(parts: Iterator[str]) -> str:
    words = "; ".join(parts)
    return f"{words[:1].upper()}{words[1:]}."


def _found(instant: Instant) -> Iterator[str]:
    """What was found of two frames, piece by piece."""
    region, shares = instant.region, instant.shares
    if region is None or shares is None:
        if instant.derivation.verdict is Verdict.DERIVATIVE:
            yield "the frames belong together, but could not be laid over each other"
        else:
            yield "these two frames could not be laid over each other, so nothing is said of what differs"
        return
    yield f"{percent(shares.unchanged)} of the frame is unchanged"
    if region.bbox is None:
        yield "no replaced part was found"
    else:
        where = place(region.bbox)
        yield f"{percent(region.area)} is replaced, within {where}, confidence {percent(region.confidence)}"
    if region.overlay >= NOTICEABLE:
        yield f"{percent(region.overlay)} lies under text, stickers or marks"
    if region.outside >= NOTICEABLE:
        yield f"to {percent(region.outside)} the original does not reach"
    if instant.derivation.inliers:
        yield f"{count(instant.derivation.inliers)} keypoints agree"
    if instant.derivation.affine is not None:
        yield f"the original lies over it {transform(instant.derivation.affine)}"
