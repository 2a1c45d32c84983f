"""Which rows a page shows, and in which order."""

import heapq
from collections.abc import Iterable

from safelight.model.decision import Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.scan import ScanRow
from safelight.report.words import OUTCOMES

_CLOSEST_FIRST = frozenset({Outcome.NEAR, Outcome.DERIVED, Outcome.SUPPRESSED})
_RANK = {outcome: rank for rank, outcome in enumerate(OUTCOMES)}
_BEYOND = {MatchKind.DERIVATIVE: 257, MatchKind.SHARED_SCENE: 258}


def best_match(row: ScanRow) -> Match | None:
    """The match that says most about a row.

    One that counts comes before a suppressed one, then a lead, then what is known benign. Of several the first: a
    row has its strongest matches first (see `match.judge.suppress`).
    """
    return min(row.matches, key=_weight, default=None)


def _weight(match: Match) -> int:
    suppressed = match.suppressed_by is not None
    if match.kind is MatchKind.SHARED_SCENE and not match.negative:
        return 4 if suppressed else 2
    return 3 if match.negative else int(suppressed)


def rank(row: ScanRow) -> int:
    """Place of the row's outcome in the report's order, from 0: that of `OUTCOMES`."""
    return _RANK[row.decision.outcome]


def closeness(match: Match) -> int:
    """What the page sorts best matches by: PDQ distance; a derivative is beyond all distances, a lead the last."""
    return _BEYOND.get(match.kind, match.distance or 0)


def first_rows(rows: Iterable[ScanRow], limit: int) -> list[ScanRow]:
    """The `limit` rows that a page shows, in its order; equal ones stay as they came.

    One pass over `rows`, of which never more than `limit` are held.
    """
    return heapq.nsmallest(limit, rows, key=_place)


def _place(row: ScanRow) -> tuple[int, int, float]:
    best = best_match(row) if row.decision.outcome in _CLOSEST_FIRST else None
    if best is None:
        return rank(row), 0, 0.0
    return rank(row), closeness(best), best.p_false_match or 0.0
