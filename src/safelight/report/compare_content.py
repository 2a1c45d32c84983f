"""What a report of a comparison holds, for page and paper alike; and what it says of any two files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safelight.model.comparison import Blur, Comparison
from safelight.model.derivation import EvidencePart
from safelight.report.compare_pictures import Panel
from safelight.report.compare_words import factor
from safelight.report.text import duration, moment, size
from safelight.report.timeline import Timeline

BLURS = {
    Blur.ALL: "All pictures here are blurred in their very pixels; the files themselves hold no more than is seen. "
    "What was put in place may be abusive and what was kept may be a person\u2019s own, so a report shows neither "
    "unless it is asked to.",
    Blur.OUTSIDE: "Outside the outline the pictures are blurred in their very pixels; inside it they are as they are.",
    Blur.NONE: "The pictures are shown as they are, because that was asked for. Handle this report as you would them.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its name and what it means."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class EvidenceBar:
    """One part of the likelihood ratio as a bar about a zero line. `left`, `width`: percent of the chart's width."""

    label: str
    factor: str
    left: float
    width: float
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """The chart of evidence. `zero`: place of the zero line in percent. `total`: what all parts amount to.

    `note`: how to read the bars.
    """

    bars: tuple[EvidenceBar, ...]
    zero: float
    total: str
    note: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is where in one of two videos. `note`: how to read it."""

    title: str
    note: str
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class ShownInstant:
    """A moment of a suspect video, held against the original: `words` say what was found there."""

    title: str
    words: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole content of a report. `files`: rows of label, suspect, original. `legend`: what marks mean, by mark.

    `headline`: first sentence of the statement; `more`: the rest of it. `kind`: what was compared, `pictures` or
    `videos`. Only of videos: `charts`; `stretches`, rows of a stretch of the suspect, that of the original, how it was
    changed, and what agrees; `instants`, whose panels take the place of `panels`.
    """

    verdict: str
    headline: str
    more: str
    made: str
    figures: tuple[Figure, ...]
    panels: tuple[Panel, ...]
    legend: tuple[tuple[str, str], ...]
    blur: str
    evidence: Evidence
    details: tuple[Figure, ...]
    cannot: tuple[str, ...]
    files: tuple[tuple[str, str, str], ...]
    origin: tuple[tuple[str, str], ...]
    kind: str = "pictures"
    charts: tuple[Chart, ...] = ()
    stretches: tuple[tuple[str, str, str, str], ...] = ()
    instants: tuple[ShownInstant, ...] = ()


def evidence_of(parts: Sequence[EvidencePart], total: str, note: str) -> Evidence:
    """The parts of a likelihood ratio as bars on one scale."""
    low = min([0.0, *(part.nats for part in parts)])
    span = max([0.0, *(part.nats for part in parts)]) - low or 1.0

    def bar(part: EvidencePart) -> EvidenceBar:
        start = (min(part.nats, 0.0) - low) / span
        return EvidenceBar(
            part.text, factor(part.nats), 100 * start, max(100 * abs(part.nats) / span, 0.6), part.nats >= 0
        )

    return Evidence(tuple(map(bar, parts)), -100 * low / span, total, note)


def files_of(comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    """Rows of the table of the two files: label, suspect, original."""
    one, other = comparison.suspect, comparison.original
    yield "Name", one.name, other.name
    yield "SHA-256", one.sha256, other.sha256
    yield "MD5", one.md5, other.md5
    yield "Type", one.mime, other.mime
    yield "Size", size(one.size), size(other.size)
    yield "Pixels", f"{one.width} \u00d7 {one.height}", f"{other.width} \u00d7 {other.height}"
    if one.duration is not None or other.duration is not None:
        here, there = ("not known" if file.duration is None else duration(file.duration) for file in (one, other))
        yield "Duration", here, there
    if one.notes or other.notes:
        yield "Notes", "; ".join(one.notes) or "none", "; ".join(other.notes) or "none"


def origin_of(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """How the report was made: label, value."""
    yield "Made", moment(comparison.made)
    yield "Made by", f"Safelight {comparison.version}, schema {comparison.schema} of comparison.json"
    held = ", ".join(f"{name}: {state}" for name, state in sorted(comparison.confinement.items()))
    yield "Decoders confined by", held or "not stated"
    yield (
        "Beside this report",
        (
            "comparison.json (every figure, for programs)"
            + _masks(comparison)
            + ", manifest.json (the SHA-256 of every file here)"
        ),
    )
    yield (
        "To check",
        (
            "run \u201csafelight verify\u201d on this folder: it tells whether any file was changed since, and with "
            "\u201c--key\u201d also whether the signature is by a key that you trust"
        ),
    )


def _masks(comparison: Comparison) -> str:
    white = "(white where replaced, and where overlaid)"
    if comparison.clips and any(instant.region for instant in comparison.clips.instants):
        return f", mask-1.png, overlay-1.png and so on {white}, for each pair of frames in their order"
    return f", mask.png and overlay.png {white}" if comparison.region else ""


LEGEND = (
    ("unchanged", "the original\u2019s own picture"),
    ("replaced", "other content in place of the original\u2019s"),
    ("overlay", "text, stickers or marks laid over it"),
    ("outside", "the original does not reach here"),
)
"""What the marks of a map mean."""
