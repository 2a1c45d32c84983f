"""Rows of a scan whose files hang together, and the families of such rows as the outputs gather them."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from safelight.adapter.outputs.families import FamilyGathering
from safelight.flow.family import FamilyLabels, with_families
from safelight.model.decision import Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow
from safelight.policy.decide import decide
from safelight.report.family_section import ShownFamily
from tests.report.samples import ROOT, row

STARTED = datetime(2026, 11, 21, 14, 3, 22, tzinfo=UTC)


def same(entry: str) -> Match:
    return _match(MatchKind.EXACT, entry, algorithm="sha256", distance=0)


def close(entry: str, distance: int, **other: object) -> Match:
    return _match(
        MatchKind.NEAR, entry, algorithm="pdq", distance=distance, p_false_match=10 ** (distance / 3 - 16), **other
    )


def altered(entry: str, area: float, inliers: int, **other: object) -> Match:
    region = AlteredRegion(area, (40, 60, 400, 300), RegionBasis.KEYPOINTS, overlay=0.0, confidence=0.9)
    values = {
        "algorithm": "local",
        "distance": None,
        "inliers": inliers,
        "p_false_match": 3e-9,
        "altered_region": region,
    }
    return _match(MatchKind.DERIVATIVE, entry, **(values | other))


def scene(entry: str, inliers: int) -> Match:
    return _match(MatchKind.SHARED_SCENE, entry, algorithm="local", distance=None, inliers=inliers)


def _match(kind: MatchKind, entry: str, **other: object) -> Match:
    bank, _, name = entry.partition("/")
    return Match(bank=bank, entry=name, kind=kind, **other)  # type: ignore[arg-type]  # tests name the fields


def found(number: int, name: str, *matches: Match, **other: object) -> ScanRow:
    """A row of file `number` with these matches; rows of one number are copies of the same bytes."""
    drawn = row(number, Outcome.CLEAR)
    decision = decide(drawn.status, matches)
    return replace(drawn, path=f"{ROOT}/{name}", matches=matches, decision=decision, duplicate_of=None, **other)  # type: ignore[arg-type]  # tests name the fields


FERRY, CROP, TOWER = "benign-drawings/boats/ferry-017.png", "partner-list/ferry, cropped.png", "partner-list/tower.png"
KINDRED = (
    found(1, "boats/ferry-0001.jpeg", same(FERRY), close(CROP, 14)),
    found(1, "old/backup.zip!/photos/ferry.jpeg", same(FERRY), close(CROP, 14)),
    found(1, "inbox/IMG_0042.jpeg", same(FERRY), close(CROP, 14)),
    found(2, "inbox/ferry, small.webp", close(FERRY, 4), close(CROP, 18)),
    found(3, "inbox/edit-1.png", altered(FERRY, 0.31, 182)),
    found(4, "inbox/edit-2.png", altered(FERRY, 0.08, 241, mirrored=True)),
    found(5, "maps and plans/collage.png", altered(FERRY, 0.52, 44), altered(TOWER, 0.61, 39)),
    found(6, "boats/detail.jpeg", close(CROP, 2)),
    found(7, "boats/same quay.jpeg", scene(FERRY, 24)),
    found(8, "garden/2024/spring/rose.png", same("benign-drawings/rose-003.png")),
    found(9, "garden/2024/spring/rose, turned.png", close("benign-drawings/rose-003.png", 0, dihedral="flip_y")),
    *(found(20 + n, f"workshop/kettle-{n:03}.jpeg", close("partner-list/kettle.png", n % 12)) for n in range(30)),
)
"""Three families: around a ferry (with a collage that joins a tower), a rose, and a crowd of kettles."""


def labelled(rows: Sequence[ScanRow]) -> list[ScanRow]:
    """The rows with their families, as a scan sets them."""
    return list(with_families(rows, FamilyLabels(rows)))


def families(rows: Iterable[ScanRow]) -> list[ShownFamily]:
    """What the page is given of the families of labelled rows."""
    held = list(rows)
    gathering = FamilyGathering()
    deque(gathering.counted(iter(held)), maxlen=0)
    deque(gathering.gathered(iter(held)), maxlen=0)
    return gathering.shown(STARTED)
