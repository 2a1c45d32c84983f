"""Matches from the short form that golden cases use."""

from pathlib import Path
from typing import Any

import yaml

from safelight.model.match import Match, MatchKind

GOLDEN = Path(__file__).parent / "golden"


def cases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((GOLDEN / name).read_text(encoding="utf-8"))
    return loaded


def parse(short: str) -> Match:
    where, kind, distance, *marks = short.split()
    bank, entry = where.split("/")
    return Match(
        bank=bank,
        entry=entry,
        kind=MatchKind(kind),
        algorithm="sha256" if kind == "exact" else "pdq",
        distance=int(distance),
        query="",
        known="",
        negative="negative" in marks,
        suppressed_by="benign/logo" if "suppressed" in marks else None,
    )
