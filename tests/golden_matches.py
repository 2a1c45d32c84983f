"""Matches from the short form that golden cases use."""

from pathlib import Path
from typing import Any

import yaml

from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis

GOLDEN = Path(__file__).parent / "golden"


def cases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((GOLDEN / name).read_text(encoding="utf-8"))
    return loaded


def parse(short: str) -> Match:
    """A match from `bank/entry kind number [marks]`; README.md beside the cases says what number and marks are."""
    where, name, number, *marks = short.split()
    bank, entry = where.split("/")
    kind = MatchKind(name)
    area = next((float(mark.removeprefix("altered=")) for mark in marks if mark.startswith("altered=")), None)
    return Match(
        bank=bank,
        entry=entry,
        kind=kind,
        algorithm={MatchKind.EXACT: "sha256", MatchKind.NEAR: "pdq"}.get(kind, "local"),
        distance=int(number) if kind in {MatchKind.EXACT, MatchKind.NEAR} else None,
        log_ratio=float(number) if kind is MatchKind.DERIVATIVE else None,
        inliers=int(number) if kind is MatchKind.SHARED_SCENE else None,
        negative="negative" in marks,
        suppressed_by="benign/logo" if "suppressed" in marks else None,
        altered_region=None if area is None else AlteredRegion(area, None, RegionBasis.PIXELS),
    )
