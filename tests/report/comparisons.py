"""Comparisons as `safelight compare` makes them: a drawn picture with a patch of another, turned a little."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.demo.draw import draw
from safelight.model.comparison import (
    COMPARISON_SCHEMA,
    Blur,
    ClipComparison,
    ComparedFile,
    ComparedFrames,
    ComparedPictures,
    Comparison,
    Instant,
    Shares,
)
from safelight.model.derivation import Affine, Derivation, EvidencePart, Verdict
from safelight.model.region import AlteredRegion, RegionBasis, RegionMap
from safelight.model.segment import RegionAt
from safelight.report import compare_clip_words, compare_words
from tests.report.clips import HARBOUR

SIZE = 380, 280
TURNED = np.array([[0.9, -0.05, 10.0], [0.05, 0.9, 20.0]])
"""From the original's pixels to the suspect's."""
BACK = np.linalg.inv(np.vstack([TURNED, [0.0, 0.0, 1.0]]))[:2]
PARTS = (
    EvidencePart("inliers", 82, 22.3, "82 detected keypoints agree on one map"),
    EvidencePart("share", 0.61, 14.9, "128 of 210 that were looked for"),
    EvidencePart("residual", 0.7, 1.1, "they miss it by 0.70 thousandths of the diagonal"),
    EvidencePart("shear", 0.03, -2.4, "the map is sheared by 0.030"),
)
SUSPECT = ComparedFile("holiday (edited).jpg", "ab12" * 16, "cd34" * 8, 184_213, "image/jpeg", 760, 560)
ORIGINAL = ComparedFile("IMG_2041.HEIC", "0f9e" * 16, "77aa" * 8, 2_841_213, "image/heic", 4032, 3024)


def affine_of(matrix: NDArray[np.float64]) -> Affine:
    a, b, c, d, e, f = (float(value) for value in matrix.ravel())
    return a, b, c, d, e, f


@cache
def pictures() -> ComparedPictures:
    """A suspect with a replaced ellipse, text laid over it and borders, its original, and the true region."""
    original, other = (np.asarray(draw(number, 400, 300)) for number in (1, 2))
    y, x = np.mgrid[:300, :400]
    patch = ((y - 150) / 85) ** 2 + ((x - 210) / 75) ** 2 < 1

    def turn(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.asarray(cv2.warpAffine(plane, TURNED, SIZE, flags=cv2.INTER_LINEAR), np.uint8)

    suspect = turn(np.where(patch[..., None], other, original).astype(np.uint8))
    replaced, outside = turn(patch.astype(np.uint8)) > 0, turn(np.ones((300, 400), np.uint8)) == 0
    written = cv2.putText(np.zeros(SIZE[::-1], np.uint8), "BOATS 24", (30, 262), cv2.FONT_HERSHEY_SIMPLEX, 1, 1, 5) > 0
    overlay = written & ~replaced & ~outside
    suspect[overlay] = (255, 240, 0)
    confidence = np.where(outside, 0, cv2.GaussianBlur(np.where(replaced, 250, 180).astype(np.uint8), (0, 0), 5))
    box = cv2.boundingRect(replaced.astype(np.uint8))
    region = RegionMap(
        RegionBasis.PIXELS,
        replaced,
        overlay,
        outside,
        confidence.astype(np.uint8),
        (box[0], box[1], box[0] + box[2], box[1] + box[3]),
    )
    return ComparedPictures(suspect, original, BACK, region)


def derivative(blur: Blur = Blur.ALL, **other: object) -> Comparison:
    """The comparison of `pictures`; fields named in `other` are set as told."""
    region = pictures().region
    assert region is not None
    affine = affine_of(BACK * 4)
    found = Derivation(Verdict.DERIVATIVE, affine, False, 82, 210, 128, 12, 7, 35.9, 3.2e-9, PARTS)
    shares = Shares(region.unchanged_share, region.replaced_share, region.overlay_share, region.outside_share, 0.71)
    told = AlteredRegion(
        region.replaced_share,
        region.box,
        RegionBasis.PIXELS,
        region.overlay_share,
        region.outside_share,
        0.87,
        "mask.png",
    )
    return replace(_comparison(found, shares, told, blur), **other)  # type: ignore[arg-type]  # as the caller says


def without_region(verdict: Verdict, *, same_bytes: bool = False, parts: tuple[EvidencePart, ...] = ()) -> Comparison:
    """A comparison that lays nothing over anything."""
    found = Derivation(verdict, inliers=4 if parts else 0, parts=parts, log_ratio=sum(p.nats for p in parts))
    shares = Shares(1.0, 0.0, 0.0, 0.0, 1.0) if same_bytes else None
    return _comparison(found, shares, None, Blur.ALL, same_bytes=same_bytes)


def unaligned() -> ComparedPictures:
    return ComparedPictures(pictures().suspect, pictures().original)


def _comparison(
    found: Derivation, shares: Shares | None, region: AlteredRegion | None, blur: Blur, *, same_bytes: bool = False
) -> Comparison:
    distance = 0 if same_bytes else 92
    return Comparison(
        COMPARISON_SCHEMA,
        "0.1.0",
        datetime(2026, 11, 22, 10, 4, 5, tzinfo=UTC),
        compare_words.statement(found, shares, distance, same_bytes=same_bytes),
        SUSPECT,
        replace(ORIGINAL, sha256=SUSPECT.sha256) if same_bytes else ORIGINAL,
        same_bytes,
        distance,
        found,
        shares,
        region,
        compare_words.cannot_conclude(found, same_bytes=same_bytes),
        {"rlimits": "on", "landlock": "7", "seccomp": "on"},
        blur,
    )


VIDEO = replace(SUSPECT, name="clip (edited).mp4", mime="video/mp4", width=1280, height=720, duration=92.0)
FILM = replace(ORIGINAL, name="harbour.mkv", mime="video/x-matroska", width=1920, height=1080, duration=640.0)
TIMES = ((12.0, 21.0), (30.0, 39.0), (65.5, 136.0))


@cache
def frames() -> ComparedFrames:
    """Frames of three moments; the second could not be laid over the original's."""
    return ComparedFrames((pictures(), unaligned(), pictures()))


def of_videos(blur: Blur = Blur.ALL, **other: object) -> Comparison:
    """The comparison of `frames`; fields named in `other` are set as told."""
    still = derivative()
    assert still.region is not None
    instants = tuple(
        Instant(time, source, still.derivation, still.shares, replace(still.region, mask=f"mask-{n}.png"))
        if shown.region
        else Instant(time, source, Derivation(Verdict.NOT_DERIVED))
        for n, ((time, source), shown) in enumerate(zip(TIMES, frames().instants, strict=True), start=1)
    )
    tracks = [[RegionAt(i.time, i.region) for i in instants if i.region and (i.time < 60) == early] for early in (1, 0)]
    first, second = (replace(one, track=tuple(track)) for one, track in zip(HARBOUR.segments, tracks, strict=True))
    clips = ClipComparison((first, second), 47 / 92, 0.0744, instants)
    made = clip_verdict(Verdict.DERIVATIVE, clips, blur)
    return replace(made, **other)  # type: ignore[arg-type]  # as the caller says


def clip_verdict(
    verdict: Verdict, clips: ClipComparison, blur: Blur = Blur.ALL, *, same_bytes: bool = False
) -> Comparison:
    """A comparison of two videos with this verdict."""
    found = Derivation(verdict, p_false_match=2e-8 if clips.segments else None)
    return replace(
        _comparison(found, None, None, blur, same_bytes=same_bytes),
        statement=compare_clip_words.statement(verdict, clips, same_bytes=same_bytes),
        suspect=VIDEO,
        original=replace(FILM, sha256=VIDEO.sha256) if same_bytes else FILM,
        pdq_distance=None,
        cannot_conclude=compare_clip_words.cannot_conclude(verdict, clips, same_bytes=same_bytes),
        clips=clips,
    )
