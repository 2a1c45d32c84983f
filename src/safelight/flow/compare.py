"""A suspect picture or video held against the original that it may come from: read `compare`."""

import math
import os
from dataclasses import dataclass, replace

from safelight import __version__
from safelight.flow.compare_clips import compare_clips, is_video, own_results, told_of
from safelight.flow.compare_methods import Methods, Rgb
from safelight.flow.lay_over import Side, laid_over
from safelight.flow.walk import display
from safelight.match.chance import expected_false_matches
from safelight.match.local.frames import full_frame
from safelight.model.comparison import (
    COMPARISON_SCHEMA,
    Blur,
    Compared,
    ComparedFile,
    ComparedPictures,
    Comparison,
    Shares,
)
from safelight.model.derivation import Derivation, Verdict
from safelight.model.errors import InputError
from safelight.model.fingerprint import DIHEDRAL, Digests, Fingerprint
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalExamination
from safelight.model.media import MediaFacts
from safelight.model.region import AlteredRegion
from safelight.model.scan import Examination
from safelight.ports import Clock, ExamineJob, Examiner
from safelight.report.compare_words import NEAR, cannot_conclude, statement

PICTURE_SIDE = 1024
"""Longest side, in pixels, of the pictures that are compared pixel by pixel and shown; never enlarged."""
MASK = "mask.png"
"""The mask's file in the report's folder."""
FEW_KEYPOINTS = 40
"""A picture with fewer keypoints has too little detail to conclude anything from not finding them."""
LEAST_QUALITY = 50
"""PDQ quality from which a hash tells pictures apart: the default of a bank."""


def compare(
    suspect: str, original: str, examiner: Examiner, methods: Methods, clock: Clock, blur: Blur = Blur.ALL
) -> tuple[Comparison, Compared]:
    """Compare two picture files, or two video files; the examiner decodes them, in confinement.

    Args:
        suspect: path of the file that may be altered.
        original: path of the file that it may come from.
        examiner: one that was made for local features.
        methods: how they are held against each other; not asked about two files of the same bytes.
        clock: gives the time of the comparison.
        blur: of the pictures in the report.

    Returns:
        What is known, and the pictures to show it by: `ComparedFrames` of two videos.

    Raises:
        InputError: a file that cannot be read, or is neither picture nor video, with its path and the cause; or a
            picture and a video.
    """
    seen = _examine(suspect, original, examiner)
    moving = [is_video(examination) for examination in seen]
    if all(moving):
        return compare_clips(suspect, original, examiner, methods, clock, blur)
    if any(moving):
        raise InputError(path=display((suspect, original)[moving.index(True)]), cause=_MIXED)
    one, other = _picture(suspect, seen[0]), _picture(original, seen[1])
    same_bytes = one.digests.sha256 == other.digests.sha256
    near = nearest(one.fingerprint, other.fingerprint)
    derivation = _SAME if same_bytes else _judge(methods.align(one.local, other.local), near, one, other)
    pictures = ComparedPictures(one.pixels, other.pixels)
    shares: Shares | None = Shares(1.0, 0.0, 0.0, 0.0, 1.0) if same_bytes else None
    region: AlteredRegion | None = None
    if derivation.verdict is Verdict.DERIVATIVE and derivation.affine is not None and not same_bytes:
        pictures, shares, region = laid_over(one.side, other.side, derivation.affine, methods.find_region, MASK)
    distance = near.distance if near else None
    comparison = Comparison(
        schema=COMPARISON_SCHEMA,
        version=__version__,
        made=clock.now().replace(microsecond=0),
        statement=statement(derivation, shares, distance, same_bytes=same_bytes),
        suspect=_file(suspect, one),
        original=_file(original, other),
        same_bytes=same_bytes,
        pdq_distance=distance,
        derivation=derivation,
        shares=shares,
        region=region,
        cannot_conclude=cannot_conclude(derivation, same_bytes=same_bytes),
        confinement=dict(examiner.confinement),
        blur=blur,
    )
    return comparison, pictures


_MIXED = (
    "is a video, and the other file is none: compare takes two pictures or two videos; "
    "a scan against a bank finds stills of known videos, and known pictures in videos"
)
_SAME = Derivation(Verdict.DERIVATIVE, affine=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0))


@dataclass(frozen=True, slots=True)
class Nearest:
    """The suspect's form that is nearest to the original, by PDQ. `quality`: the lower of the two, 0 to 100."""

    distance: int
    variant: str
    quality: int


def nearest(suspect: Fingerprint, original: Fingerprint) -> Nearest | None:
    """Which of the suspect's eight turned and mirrored hashes is nearest to the original's; None when one has none."""
    one, other = suspect.main, original.main
    if one is None or other is None:
        return None
    known = int(other.pdq.hash, 16)
    bits = [(int(form, 16) ^ known).bit_count() for form in one.pdq.dihedral]
    least = min(range(len(DIHEDRAL)), key=bits.__getitem__)
    return Nearest(bits[least], DIHEDRAL[least], min(one.pdq.quality, other.pdq.quality))


def _judge(traced: Derivation | None, near: Nearest | None, suspect: "_Picture", original: "_Picture") -> Derivation:
    """The verdict of keypoints, where there are enough of them; else that of the whole picture's hash."""
    few = min(len(picture.local.features.x) for picture in (suspect, original)) < FEW_KEYPOINTS
    if traced is not None and (traced.verdict is Verdict.DERIVATIVE or not few):
        return traced
    if near is not None and near.distance <= NEAR and near.quality >= LEAST_QUALITY:
        whole = (0, 0, suspect.facts.width, suspect.facts.height)
        expected = expected_false_matches(near.distance, 1, len(DIHEDRAL), near.quality)
        return Derivation(
            Verdict.DERIVATIVE,
            affine=full_frame(near.variant, whole, (original.facts.width, original.facts.height)),
            mirrored=near.variant.startswith("flip"),
            p_false_match=-math.expm1(-expected),
        )
    if traced is None:
        return Derivation(Verdict.UNDECIDED if few else Verdict.NOT_DERIVED)
    return replace(traced, verdict=Verdict.UNDECIDED)


@dataclass(frozen=True, slots=True)
class _Picture:
    """An examination of which nothing is missing."""

    examination: Examination
    facts: MediaFacts
    fingerprint: Fingerprint
    local: LocalExamination
    pixels: Rgb

    @property
    def digests(self) -> Digests:
        return self.fingerprint.digests

    @property
    def side(self) -> Side:
        return Side(self.pixels, self.facts.width, self.facts.height)


def _examine(suspect: str, original: str, examiner: Examiner) -> tuple[Examination, Examination]:
    paths = suspect, original
    for path in paths:
        if not os.path.lexists(path):
            raise InputError(path=display(path), cause="no such file")
    closely = OF_QUERY, OF_KNOWN  # the original is looked at as a bank looks at its own
    jobs = [
        ExamineJob(key, path, display(path), local=local, pixels=PICTURE_SIDE)
        for key, (path, local) in enumerate(zip(paths, closely, strict=True))
    ]
    one, other = own_results(examiner, jobs)
    return one, other


def _picture(path: str, seen: Examination) -> _Picture:
    """What was seen, whole. Raises InputError for what is no picture or could not be read."""
    if seen.facts is None or seen.fingerprint is None or seen.local is None or seen.pixels is None:
        cause = seen.error or f"{seen.mime or 'this'} is not a picture or video that can be compared"
        raise InputError(path=display(path), cause=cause)
    return _Picture(seen, seen.facts, seen.fingerprint, seen.local, seen.pixels)


def _file(path: str, picture: _Picture) -> ComparedFile:
    told = told_of(path, picture.examination, picture.facts, picture.digests)
    if picture.facts.frames > 1:
        told = replace(told, notes=(*told.notes, f"one of its {picture.facts.frames} frames was compared"))
    return told
