"""Rows and examinations for tests, with everything that does not matter filled in."""

import random
from typing import Any

from safelight.model.derivation import EvidencePart
from safelight.model.fingerprint import Digests, Fingerprint, Pdq, PdqPrint, View
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import Examination, ScanRow, Status
from safelight.model.signal import Signal
from safelight.policy.decide import decide


def digests_of(number: int) -> Digests:
    return Digests(f"{number:032x}", f"{number:040x}", f"{number:064x}", 1000 + number)


def fingerprint_of(number: int) -> Fingerprint:
    forms = tuple(random.Random(number).randbytes(256)[32 * form : 32 * form + 32].hex() for form in range(8))
    return Fingerprint(digests_of(number), (PdqPrint(0, View.UPRIGHT, Pdq(forms, 100)),))


def examination_of(path: str, number: int | None = None, *signals: Signal, error: str | None = None) -> Examination:
    status = Status.UNREADABLE if error else Status.OK
    fingerprint = None if number is None else fingerprint_of(number)
    return Examination(path, status, "image/png", None, fingerprint, signals, error)


def row_of(path: str, number: int | None = None, *signals: Signal) -> ScanRow:
    sha256 = None if number is None else digests_of(number).sha256
    return ScanRow(
        schema=1,
        path=path,
        sha256=sha256,
        md5=None,
        sha1=None,
        size=5,
        status=Status.OK,
        mime="image/png",
        width=1,
        height=1,
        pdq=None,
        pdq_quality=None,
        decision=decide(Status.OK, ()),
        matches=(),
        signals=signals,
        error=None,
    )


def derivative_of(bank: str, entry: str, **other: object) -> Match:
    """A strong derivative with all that a search tells of one; fields named in `other` are set as told."""
    values: dict[str, Any] = {
        "algorithm": "local",
        "distance": None,
        "p_false_match": 1e-9,
        "inliers": 182,
        "affine": (1.25, 0.0, 40.0, 0.0, 1.25, -8.5),
        "looked_for": 300,
        "found": 240,
        "tiles": 16,
        "tiles_agree": 11,
        "log_ratio": 21.5,
        "parts": (EvidencePart("base", 0.0, -2.25, "before anything was seen"), EvidencePart("found", 5.5, 23.75, "x")),
        "altered_region": AlteredRegion(
            area=0.31, bbox=(120, 80, 360, 260), basis=RegionBasis.KEYPOINTS, overlay=0.04, outside=0.1, confidence=0.87
        ),
    }
    return Match(bank, entry, MatchKind.DERIVATIVE, **(values | other))


def scene_of(bank: str, entry: str, **other: object) -> Match:
    """A shared scene; fields named in `other` are set as told."""
    values: dict[str, Any] = {"inliers": 41, "affine": (1.0, 0.2, 3.0, 0.1, 0.9, 5.0), "looked_for": 280, "found": 35}
    return Match(bank, entry, MatchKind.SHARED_SCENE, "local", None, **(values | other))
