"""Rows and summaries as a scan makes them, the same for the same numbers."""

import hashlib
import random
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from safelight.model.decision import Outcome
from safelight.model.fingerprint import DIHEDRAL, View
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import RESULT_SCHEMA, BankUse, ScanRow, ScanSummary, Status
from safelight.model.signal import Signal, SignalRequest
from safelight.policy.assess import assess
from safelight.policy.decide import decide
from tests.report.told import told
from tests.rows import derivative_of, scene_of

ROOT = "/evidence/disk-7"
FOLDERS = (
    "garden/2023",
    "garden/2024/spring",
    "boats",
    "workshop",
    "maps and plans",
    "old/backup.zip!/photos",
    "inbox",
)
SUBJECTS = ("lantern", "harbour", "rose", "bridge", "clock", "kettle", "tower", "mill", "orchard", "ferry", "atlas")
TYPES = ("image/jpeg", "image/jpeg", "image/jpeg", "image/png", "image/webp", "image/heic", "image/gif", "image/tiff")
SIZES = ((1024, 768), (1920, 1080), (4032, 3024), (640, 480), (800, 1200), (512, 512))
BANKS = (
    BankUse("benign-drawings", 1_204, 1_204, 31, 50, negative=False),
    BankUse("partner-list", 18_250, 17_998, 24, 50, negative=False),
    BankUse("logos", 311, 311, 31, 50, negative=True),
)
SHARES = {
    Outcome.CLEAR: 59,
    Outcome.DERIVED: 5,
    Outcome.LEAD: 3,
    Outcome.NEAR: 14,
    Outcome.KNOWN: 6,
    Outcome.UNCHECKED: 5,
    Outcome.PARTIAL: 6,
    Outcome.SUPPRESSED: 2,
}
CAUSES = {
    (Outcome.UNCHECKED, Status.UNREADABLE): "image/jpeg: the data ends before the picture does",
    (Outcome.UNCHECKED, Status.SKIPPED): "symbolic link",
    (Outcome.PARTIAL, Status.DEGRADED): "truncated: the last 212 of 768 lines are missing",
    (Outcome.PARTIAL, Status.UNSUPPORTED): None,
}


def row(number: int, outcome: Outcome | None = None, **other: object) -> ScanRow:
    """Row `number`, with this outcome or one drawn by `SHARES`; fields named in `other` are set as told."""
    rng = random.Random(number)
    outcome = outcome or rng.choices(list(SHARES), list(SHARES.values()))[0]
    status, error = Status.OK, None
    if causes := [(s, cause) for (o, s), cause in CAUSES.items() if o is outcome]:
        status, error = rng.choice(causes)
    mime = {Status.UNSUPPORTED: "video/mp4", Status.SKIPPED: ""}.get(status, rng.choice(TYPES))
    content = rng.randbytes(16)
    read, decoded = status is not Status.SKIPPED, status in {Status.OK, Status.DEGRADED}
    sha256 = hashlib.sha256(content).hexdigest()
    pdq = rng.randbytes(32).hex()
    size = rng.choice(SIZES)
    matches = matches_for(outcome, rng, sha256, pdq, size)
    width, height = size if decoded else (None, None)
    values: dict[str, Any] = {
        "schema": RESULT_SCHEMA,
        "path": f"{ROOT}/{rng.choice(FOLDERS)}/{rng.choice(SUBJECTS)}-{number:04}.{mime[6:] or 'lnk'}",
        "sha256": sha256 if read else None,
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest() if read else None,
        "sha1": hashlib.sha1(content, usedforsecurity=False).hexdigest() if read else None,
        "size": rng.randrange(20_000, 6_000_000) if read else None,
        "status": status,
        "mime": mime,
        "width": width,
        "height": height,
        "pdq": pdq if decoded else None,
        "pdq_quality": rng.choice((100, 100, 96, 71)) if decoded else None,
        "decision": decide(status, matches, error),
        "matches": matches,
        "signals": (Signal("orientation", "stored turned by 90°; both were compared"),) if rng.random() < 0.1 else (),
        "provenance": None,
        "hint": None,
        "error": error,
        "duplicate_of": f"{ROOT}/boats/ferry-0001.jpeg" if read and rng.random() < 0.05 else None,
    }
    if decoded:
        signals, values["provenance"], values["hint"] = told(number)
        values["signals"] += signals
    values |= other
    evidence = (values[name] for name in ("matches", "signals", "provenance", "hint"))
    return ScanRow(**({"assessment": assess(*evidence)} | values))


def matches_for(
    outcome: Outcome, rng: random.Random, sha256: str, pdq: str, size: tuple[int, int]
) -> tuple[Match, ...]:
    """Matches that lead to this outcome."""
    if outcome is Outcome.KNOWN:
        return (exact(rng, sha256), near(rng, 0, pdq))
    if outcome is Outcome.NEAR:
        distance = min(30, 2 * round(abs(rng.gauss(0, 5))) + rng.choice((0, 0, 0, 10)))
        return (near(rng, distance, pdq), *(near(rng, 30, pdq) for _ in range(rng.choice((0, 0, 1)))))
    if outcome is Outcome.DERIVED:
        return (derivative(rng, size), *(scene(rng) for _ in range(rng.choice((0, 0, 1)))))
    if outcome is Outcome.LEAD:
        return (scene(rng),)
    if outcome is Outcome.SUPPRESSED:
        logo = "logo-017.png"
        return (
            near(rng, 4, pdq, bank=BANKS[2].name, entry=logo, negative=True),
            near(rng, 22, pdq, suppressed_by=logo),
        )
    return ()


def near(rng: random.Random, distance: int, query: str, **other: object) -> Match:
    expected = 10.0 ** (distance / 3 - 16)
    values: dict[str, Any] = {
        "bank": BANKS[0].name if distance > 24 else rng.choice(BANKS[:2]).name,
        "entry": f"{rng.choice(SUBJECTS)}-{rng.randrange(1000):03}.png",
        "kind": MatchKind.NEAR,
        "algorithm": "pdq",
        "distance": distance,
        "query": query,
        "known": rng.randbytes(32).hex(),
        "view": rng.choice((View.UPRIGHT, View.UPRIGHT, View.UPRIGHT, View.CONTENT)),
        "dihedral": rng.choice((*["original"] * 8, *DIHEDRAL)),
        "classification": rng.choice(("", "drawing", "drawing, series 4")),
        "expected_false_matches": expected,
        "p_false_match": expected,
    }
    return Match(**(values | other))


def derivative(rng: random.Random, size: tuple[int, int], **other: object) -> Match:
    """A derivative of which a box somewhere in the picture was replaced, or nothing, or what cannot be told."""
    width, height = size
    left, top = rng.randrange(width // 2), rng.randrange(height // 2)
    box = left, top, left + rng.randrange(width // 8, width // 2), top + rng.randrange(height // 8, height // 2)
    basis, area = rng.choice(list(RegionBasis)), 0.7 * (box[2] - box[0]) * (box[3] - box[1]) / (width * height)
    region = rng.choice(
        (
            AlteredRegion(area, box, basis, 0.03, 0.0, 0.87, f"masks/{rng.randbytes(4).hex()}.png", face=False),
            AlteredRegion(area, box, basis, 0.0, 0.36, 0.61),
            AlteredRegion(0.0, None, basis, 0.0, 0.12, 0.93),
            None,
        )
    )
    values: dict[str, Any] = {
        "inliers": rng.randrange(8, 300),
        "found": rng.randrange(30, 280),
        "log_ratio": rng.uniform(6, 40),
        "mirrored": rng.random() < 0.2,
        "p_false_match": 10.0 ** -rng.uniform(3, 12),
        "altered_region": region,
    }
    bank = rng.choice(BANKS[:2]).name
    return derivative_of(bank, f"{rng.choice(SUBJECTS)}-{rng.randrange(1000):03}.png", **(values | other))


def scene(rng: random.Random, **other: object) -> Match:
    entry = f"{rng.choice(SUBJECTS)}-{rng.randrange(1000):03}.png"
    return scene_of(rng.choice(BANKS[:2]).name, entry, **({"inliers": rng.randrange(10, 60)} | other))


def exact(rng: random.Random, sha256: str) -> Match:
    entry = f"{rng.choice(SUBJECTS)}-{rng.randrange(1000):03}.png"
    bank = rng.choice(BANKS[:2]).name
    return Match(bank, entry, MatchKind.EXACT, "sha256", 0, sha256, sha256, classification="drawing")


def mosaic(number: int) -> str:
    """A mosaic of drawn colours, as `ScanRow.thumbnail` holds it."""
    return b64encode(random.Random(number).randbytes(768)).decode("ascii")


def summary(rows: Sequence[ScanRow], **other: object) -> ScanSummary:
    """What a scan with exactly these rows says in the end; fields named in `other` are set as told."""
    started = datetime(2026, 11, 21, 14, 3, 22, tzinfo=UTC)
    by_outcome = Counter(r.decision.outcome.value for r in rows)
    nearest = (
        [m.distance for m in r.matches if m.kind is MatchKind.NEAR and m.distance is not None and not m.negative]
        for r in rows
    )
    values: dict[str, Any] = {
        "schema": RESULT_SCHEMA,
        "version": "0.1.0",
        "paths": (ROOT,),
        "banks": BANKS,
        "started": started,
        "finished": started + timedelta(seconds=14),
        "seconds": 13.62,
        "runs": 1,
        "processes": 2,
        "files": max(len(rows) - 24, 0),
        "rows": len(rows),
        "bytes": sum(r.size or 0 for r in rows),
        "duplicates": sum(r.duplicate_of is not None for r in rows),
        "found": by_outcome["known"] + by_outcome["near"] + by_outcome["derivative"],
        "by_status": dict(Counter(r.status.value for r in rows)),
        "by_outcome": dict(by_outcome),
        "by_mime": dict(Counter(r.mime or "unknown" for r in rows)),
        "distances": dict(Counter(min(distances) for distances in nearest if distances)),
        "by_artificialness": dict(Counter(r.assessment.artificialness.value for r in rows)),
        "looked_for": SignalRequest(hint=True),
        "confinement": {"rlimits": "memory, CPU time, files", "landlock": "ABI 4", "seccomp": "yes"},
    }
    return ScanSummary(**(values | other))
