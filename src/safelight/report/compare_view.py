"""What the report of a comparison says, once for page and paper. All texts are plain; renderers escape them."""

from collections.abc import Iterator

from safelight.model.comparison import Compared, ComparedFrames, ComparedPictures, Comparison
from safelight.model.derivation import Verdict
from safelight.report import compare_clip_view
from safelight.report.compare_content import BLURS, LEGEND, Evidence, Figure, View, evidence_of, files_of, origin_of
from safelight.report.compare_pictures import panels
from safelight.report.compare_words import VERDICTS, likelihood, percent, transform
from safelight.report.text import chance, count, moment, place


def view(comparison: Comparison, pictures: Compared) -> View:
    """A comparison in words, numbers and pictures."""
    if comparison.clips is not None:
        assert isinstance(pictures, ComparedFrames), "two videos are shown by their frames"
        return compare_clip_view.view(comparison, comparison.clips, pictures)
    assert isinstance(pictures, ComparedPictures), "two pictures are shown as they are"
    return _view(comparison, pictures)


def _view(comparison: Comparison, pictures: ComparedPictures) -> View:
    first, stop, rest = comparison.statement.partition(". ")
    return View(
        verdict="Same bytes" if comparison.same_bytes else VERDICTS[comparison.derivation.verdict],
        headline=first + stop.rstrip(),
        more=rest,
        made=moment(comparison.made),
        figures=tuple(_figures(comparison)),
        panels=panels(pictures, comparison.blur),
        legend=LEGEND if comparison.region else (),
        blur=BLURS[comparison.blur],
        evidence=_evidence(comparison),
        details=tuple(_details(comparison)),
        cannot=comparison.cannot_conclude,
        files=tuple(files_of(comparison)),
        origin=tuple(origin_of(comparison)),
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
    if comparison.same_bytes:
        total = "Nothing was weighed: the cryptographic digests agree."
    elif not parts and comparison.derivation.verdict is Verdict.DERIVATIVE:
        total = "The pictures hold too few keypoints; the verdict rests on the PDQ hashes of the whole pictures."
    elif not parts:
        total = "Nothing was weighed: too little was found to compare."
    else:
        total = likelihood(comparison.derivation.log_ratio)
    return evidence_of(parts, total, _WEIGHED)


_WEIGHED = (
    "Each finding makes it so many times likelier (\u00d7), or less likely (\u00f7), that the suspect picture derives "
    "from the original; the bars show by how many powers of ten. How much a finding weighs was measured on pairs of "
    "known origin that could be laid over each other, pictures of one scene among them."
)


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
        yield Figure(
            "Place of the replaced part",
            place(region.bbox),
            "its bounding box in the suspect, counted from the upper left corner",
        )
    if region:
        of = "of what is told as replaced" if region.bbox else "of what was compared"
        yield Figure("Confidence", percent(region.confidence), f"mean {of}; the map shows it place by place")
        faces = {None: "not looked for", True: "one overlaps the replaced part", False: "none in the replaced part"}
        yield Figure("Faces", faces[region.face], "detection only: nobody is ever identified")


def is_alarming(comparison: Comparison) -> bool:
    """Whether the verdict is marked as found."""
    return comparison.same_bytes or comparison.derivation.verdict is Verdict.DERIVATIVE
