"""What the report of a comparison says, once for page and paper. All texts are plain; renderers escape them."""

from collections.abc import Iterator
from dataclasses import dataclass

from safelight.model.comparison import Blur, ComparedPictures, Comparison
from safelight.model.derivation import EvidencePart, Verdict
from safelight.report.compare_pictures import Panel, panels
from safelight.report.compare_words import VERDICTS, factor, likelihood, percent, transform
from safelight.report.text import chance, count, moment, size

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
    """The chart of evidence. `zero`: place of the zero line in percent. `total`: what all parts amount to."""

    bars: tuple[EvidenceBar, ...]
    zero: float
    total: str


@dataclass(frozen=True, slots=True)
class View:
    """The whole content of a report. `files`: rows of label, suspect, original. `legend`: what marks mean, by mark.

    `headline`: first sentence of the statement; `more`: the rest of it.
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


def view(comparison: Comparison, pictures: ComparedPictures) -> View:
    """A comparison in words, numbers and pictures."""
    first, stop, rest = comparison.statement.partition(". ")
    return View(
        verdict="Same bytes" if comparison.same_bytes else VERDICTS[comparison.derivation.verdict],
        headline=first + stop.rstrip(),
        more=rest,
        made=moment(comparison.made),
        figures=tuple(_figures(comparison)),
        panels=panels(pictures, comparison.blur),
        legend=_LEGEND if comparison.region else (),
        blur=BLURS[comparison.blur],
        evidence=_evidence(comparison),
        details=tuple(_details(comparison)),
        cannot=comparison.cannot_conclude,
        files=tuple(_files(comparison)),
        origin=tuple(_origin(comparison)),
    )


_LEGEND = (
    ("unchanged", "the original\u2019s own picture"),
    ("replaced", "other content in place of the original\u2019s"),
    ("overlay", "text, stickers or marks laid over it"),
    ("outside", "the original does not reach here"),
)


def _figures(comparison: Comparison) -> Iterator[Figure]:
    """The headline figures: all shares are of the suspect picture."""
    shares = comparison.shares
    if shares:
        yield Figure("Unchanged", percent(shares.unchanged), "of the suspect picture is the original\u2019s own")
        yield Figure("Replaced", percent(shares.replaced), "shows other content in its place")
        yield Figure("Under an overlay", percent(shares.overlay), "lies under text, stickers or marks")
        yield Figure("Outside", percent(shares.outside), "has no counterpart in the original")
    yield _pdq(comparison)
    p_false = comparison.derivation.p_false_match
    if p_false is not None and shares and not comparison.same_bytes:
        yield Figure(
            "False match", chance(p_false), "chance that a picture which does not derive from it looks as if it did"
        )


def _pdq(comparison: Comparison) -> Figure:
    distance = comparison.pdq_distance
    if distance is None:
        return Figure("PDQ distance", "none", "one of the pictures has too little detail to be hashed")
    return Figure("PDQ distance", f"{distance} bits", "of 256, turned or mirrored at will; up to 31 is commonly near")


def _evidence(comparison: Comparison) -> Evidence:
    parts = comparison.derivation.parts
    low = min([0.0, *(part.nats for part in parts)])
    span = max([0.0, *(part.nats for part in parts)]) - low or 1.0

    def bar(part: EvidencePart) -> EvidenceBar:
        start = (min(part.nats, 0.0) - low) / span
        return EvidenceBar(
            part.text, factor(part.nats), 100 * start, max(100 * abs(part.nats) / span, 0.6), part.nats >= 0
        )

    if comparison.same_bytes:
        total = "Nothing was weighed: the cryptographic digests agree."
    elif not parts and comparison.derivation.verdict is Verdict.DERIVATIVE:
        total = "The pictures hold too few keypoints; the verdict rests on the PDQ hashes of the whole pictures."
    elif not parts:
        total = "Nothing was weighed: too little was found to compare."
    else:
        total = likelihood(comparison.derivation.log_ratio)
    return Evidence(tuple(map(bar, parts)), -100 * low / span, total)


def _details(comparison: Comparison) -> Iterator[Figure]:
    found, region, shares = comparison.derivation, comparison.region, comparison.shares
    if not comparison.same_bytes:
        yield Figure("Keypoints that agree", count(found.inliers), "small patterns found in both, in one geometry")
    if found.looked_for:
        yield Figure(
            "Found where predicted",
            f"{count(found.found)} of {count(found.looked_for)}",
            "more patterns of the original, looked for in the suspect at the places that this geometry says",
        )
    if found.tiles:
        yield Figure(
            "Tiles that agree",
            f"{found.tiles_agree} of {found.tiles}",
            "of those parts of a 4 \u00d7 4 grid over the original that could be compared by their hashes",
        )
    if found.affine is not None and not comparison.same_bytes:
        yield Figure("What was done to the original", transform(found.affine), "so that it lies over the suspect")
    if shares:
        yield Figure(
            "Shown of the original", percent(shares.of_original), "share of the original that is unchanged here"
        )
    if region and region.bbox:
        left, top, right, bottom = region.bbox
        yield Figure(
            "Place of the replaced part",
            f"{count(right - left)} \u00d7 {count(bottom - top)} pixels at ({count(left)}, {count(top)})",
            "its bounding box in the suspect, counted from the upper left corner",
        )
    if region:
        of = "of what is told as replaced" if region.bbox else "of what was compared"
        yield Figure("Confidence", percent(region.confidence), f"mean {of}; the map shows it place by place")
        faces = {None: "not looked for", True: "one overlaps the replaced part", False: "none in the replaced part"}
        yield Figure("Faces", faces[region.face], "detection only: nobody is ever identified")


def _files(comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    one, other = comparison.suspect, comparison.original
    yield "Name", one.name, other.name
    yield "SHA-256", one.sha256, other.sha256
    yield "MD5", one.md5, other.md5
    yield "Type", one.mime, other.mime
    yield "Size", size(one.size), size(other.size)
    yield "Pixels", f"{one.width} \u00d7 {one.height}", f"{other.width} \u00d7 {other.height}"
    if one.notes or other.notes:
        yield "Notes", "; ".join(one.notes) or "none", "; ".join(other.notes) or "none"


def _origin(comparison: Comparison) -> Iterator[tuple[str, str]]:
    yield "Made", moment(comparison.made)
    yield "Made by", f"Safelight {comparison.version}, schema {comparison.schema} of comparison.json"
    held = ", ".join(f"{name}: {state}" for name, state in sorted(comparison.confinement.items()))
    yield "Decoders confined by", held or "not stated"
    yield (
        "Beside this report",
        (
            "comparison.json (every figure, for programs)"
            + (", mask.png and overlay.png (white where replaced, and where overlaid)" if comparison.region else "")
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


def is_alarming(comparison: Comparison) -> bool:
    """Whether the verdict is marked as found."""
    return comparison.same_bytes or comparison.derivation.verdict is Verdict.DERIVATIVE
