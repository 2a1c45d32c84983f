"""Which rows a page shows, and in which order."""

import heapq
from collections.abc import Iterable

from safelight.model.decision import Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.scan import ScanRow
from safelight.report.words import OUTCOMES

_NEAREST_FIRST = frozenset({Outcome.NEAR, Outcome.SUPPRESSED})
_RANK = {outcome: rank for rank, outcome in enumerate(OUTCOMES)}


def best_match(row: ScanRow) -> Match | None:
    """The match that says most about a row: one that counts before a suppressed or benign one, exact before near."""
    return min(row.matches, key=_strength, default=None)


def _strength(match: Match) -> tuple[bool, bool, bool, int, str, str]:
    suppressed = match.suppressed_by is not None
    return match.negative, suppressed, match.kind is not MatchKind.EXACT, match.distance, match.bank, match.entry


def rank(row: ScanRow) -> int:
    """Place of the row's outcome in the report's order, from 0: known, near, suppressed, not checked, partly, rest."""
    return _RANK[row.decision.outcome]


def first_rows(rows: Iterable[ScanRow], limit: int) -> list[ScanRow]:
    """The `limit` rows that a page shows, in its order; equal ones stay as they came.

    One pass over `rows`, of which never more than `limit` are held.
    """
    return heapq.nsmallest(limit, rows, key=_place)


def _place(row: ScanRow) -> tuple[int, int]:
    best = best_match(row) if row.decision.outcome in _NEAREST_FIRST else None
    return rank(row), best.distance if best else 0
