"""Rows and summaries as a scan makes them, drawn from a seed."""

import hashlib
import random
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from safelight.model.decision import Action, Decision, Outcome, RuleTrace, Signal
from safelight.model.fingerprint import DIHEDRAL, View
from safelight.model.match import Match, MatchKind
from safelight.model.scan import RESULT_SCHEMA, BankUse, ScanRow, ScanSummary, Status

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
TYPES = (
    ("image/jpeg", "jpg"), ("image/jpeg", "jpg"), ("image/jpeg", "jpeg"), ("image/png", "png"), ("image/webp", "webp"),
    ("image/heic", "heic"), ("image/gif", "gif"), ("image/tiff", "tif"), ("image/avif", "avif"),
)  # fmt: skip
SIZES = ((1024, 768), (1920, 1080), (4032, 3024), (640, 480), (800, 1200), (512, 512))
BANKS = (
    BankUse("benign-drawings", 1_204, 1_204, 31, 50, negative=False),
    BankUse("partner-list", 18_250, 17_998, 24, 50, negative=False),
    BankUse("logos-and-memes", 311, 311, 31, 50, negative=True),
)


def near(rng: random.Random, distance: int, query: str, **other: object) -> Match:
    expected = 10.0 ** (distance / 3 - 16)
    values: dict[str, object] = {
        "bank": rng.choice(BANKS[:2]).name,
        "entry": f"{rng.choice(SUBJECTS)}-{rng.randrange(1000):03}.png",
        "kind": MatchKind.NEAR,
        "algorithm": "pdq",
        "distance": distance,
        "query": query,
        "known": rng.randbytes(32).hex(),
        "view": rng.choice((View.UPRIGHT, View.UPRIGHT, View.UPRIGHT, View.CONTENT)),
        "dihedral": rng.choice(("original", "original", "original", *DIHEDRAL)),
        "classification": rng.choice(("", "drawing", "drawing, series 4")),
        "expected_false_matches": expected,
        "p_false_match": expected,
    }
    return Match(**(values | other))  # type: ignore[arg-type]


def exact(rng: random.Random, query: str) -> Match:
    entry = f"{rng.choice(SUBJECTS)}-{rng.randrange(1000):03}.png"
    return Match(
        rng.choice(BANKS[:2]).name, entry, MatchKind.EXACT, "sha256", 0, query, query, classification="drawing"
    )


DRAWN = {
    Outcome.CLEAR: 68, Outcome.NEAR: 13, Outcome.KNOWN: 6, Outcome.UNCHECKED: 5, Outcome.PARTIAL: 6, Outcome.SUPPRESSED: 2,
}  # fmt: skip
STATUS = {
    Outcome.UNCHECKED: (Status.UNREADABLE, Status.UNREADABLE, Status.SKIPPED),
    Outcome.PARTIAL: (Status.UNSUPPORTED, Status.DEGRADED),
}
CAUSES = {
    Status.UNREADABLE: ("not a JPEG the decoder can read: premature end", "decoder stopped after 60 s of CPU time"),
    Status.SKIPPED: ("symbolic link", "named pipe"),
    Status.UNSUPPORTED: (None,),
    Status.DEGRADED: ("truncated: the last 212 of 768 lines are missing",),
    Status.OK: (None,),
}


def row(number: int = 0, outcome: Outcome | None = None, seed: int = 2026, *, thumbnail: bool = False) -> ScanRow:
    """One row, the same for the same numbers."""
    rng = random.Random(seed * 1_000_003 + number)
    outcome = outcome or rng.choices(list(DRAWN), list(DRAWN.values()))[0]
    status = rng.choice(STATUS.get(outcome, (Status.OK,)))
    mime, suffix = ("video/mp4", "mp4") if status is Status.UNSUPPORTED else rng.choice(TYPES)
    mime = "" if status is Status.SKIPPED else mime
    seen = status in {Status.OK, Status.DEGRADED}
    content = rng.randbytes(16)
    pdq = rng.randbytes(32).hex() if seen else None
    read = status is not Status.SKIPPED
    sha256 = hashlib.sha256(content).hexdigest() if read else None
    matches: tuple[Match, ...] = ()
    if outcome is Outcome.KNOWN:
        matches = (exact(rng, sha256 or ""), near(rng, 0, pdq or ""))
    elif outcome is Outcome.NEAR:
        distance = min(31, 2 * round(abs(rng.gauss(0, 5))) + rng.choice((0, 0, 0, 10)))
        matches = (near(rng, distance, pdq or ""), *(near(rng, 30, pdq or "") for _ in range(rng.choice((0, 0, 1)))))
    elif outcome is Outcome.SUPPRESSED:
        matches = (
            near(rng, 22, pdq or "", suppressed_by="logo-017.png"),
            near(rng, 4, pdq or "", bank=BANKS[2].name, entry="logo-017.png", negative=True),
        )
    width, height = rng.choice(SIZES) if seen else (None, None)
    error = rng.choice(CAUSES[status])
    return ScanRow(
        schema=RESULT_SCHEMA,
        path=f"/evidence/disk-7/{rng.choice(FOLDERS)}/{rng.choice(SUBJECTS)}-{number:04}.{suffix}",
        sha256=sha256,
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest() if read else None,
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest() if read else None,
        size=rng.randrange(20_000, 6_000_000) if read else None,
        status=status,
        mime=mime,
        width=width,
        height=height,
        pdq=pdq,
        pdq_quality=rng.choice((100, 100, 96, 71)) if seen else None,
        decision=decision(outcome, matches, status, error),
        matches=matches,
        signals=(Signal("exif_orientation", "stored turned by 90°; both orientations were compared"),)
        if rng.random() < 0.1
        else (),
        error=error,
        duplicate_of="/evidence/disk-7/boats/ferry-0001.jpg" if rng.random() < 0.05 else None,
        thumbnail=b64encode(rng.randbytes(768)).decode() if thumbnail and seen else None,
    )


def decision(outcome: Outcome, matches: Sequence[Match], status: Status, error: str | None) -> Decision:
    best = matches[0] if matches else None
    reason = {
        Outcome.KNOWN: f"the same bytes as {best and best.entry} of bank {best and best.bank}",
        Outcome.NEAR: f"{best and best.distance} bits from {best and best.entry} of bank {best and best.bank}, threshold 31",
        Outcome.SUPPRESSED: "near an entry, but nearer to the known-benign logo-017.png",
        Outcome.CLEAR: "nothing matched in 2 banks",
        Outcome.UNCHECKED: f"could not be examined: {error}",
        Outcome.PARTIAL: "no digest matched; the pictures in it were not compared"
        if error is None
        else f"nothing matched in the part that could be read; {error}",
    }[outcome]
    rules = (
        RuleTrace("known-bytes", outcome is Outcome.KNOWN, "a digest agrees" if outcome is Outcome.KNOWN else "no digest agrees", failed=status is Status.SKIPPED),
        RuleTrace("near-picture", bool(matches), f"best distance {best.distance}" if best else "no PDQ within the threshold"),
        RuleTrace("benign-first", outcome is Outcome.SUPPRESSED, "a negative bank is as near" if outcome is Outcome.SUPPRESSED else "no negative bank is as near"),
    )  # fmt: skip
    action = {Outcome.KNOWN: Action.HOLD, Outcome.NEAR: Action.QUEUE}.get(outcome, Action.NONE)
    return Decision(outcome, (action,), reason, rules, degraded=status is Status.DEGRADED)


def summary(rows: Sequence[ScanRow], **other: object) -> ScanSummary:
    """What a scan with exactly these rows says in the end."""
    started = datetime(2026, 11, 21, 14, 3, 22, tzinfo=UTC)
    by_outcome = Counter(r.decision.outcome.value for r in rows)
    values: dict[str, object] = {
        "schema": RESULT_SCHEMA,
        "version": "0.1.0",
        "paths": ("/evidence/disk-7",),
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
        "found": by_outcome["known"] + by_outcome["near"],
        "by_status": dict(Counter(r.status.value for r in rows)),
        "by_outcome": dict(by_outcome),
        "by_mime": dict(Counter(r.mime for r in rows)),
        "distances": dict(Counter(r.matches[0].distance for r in rows if r.decision.outcome is Outcome.NEAR)),
        "confinement": {"rlimits": "memory, CPU time, files", "landlock": "ABI 4", "seccomp": "yes"},
    }
    return ScanSummary(**(values | other))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def make_row() -> Callable[..., ScanRow]:
    return row


@pytest.fixture(scope="session")
def make_summary() -> Callable[..., ScanSummary]:
    return summary
