"""Figures of one query: pure functions of the truth and of what was found."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.model.match import Match, MatchKind
from safelight.model.segment import Segment

NEAR_ENOUGH = 1.0
"""Seconds from the truth within which a query's second is placed right."""
FOUND_SHARE = 0.5
"""Share of the seconds that show the source which must be placed for a query to count as found."""
CLAIMS = frozenset({MatchKind.NEAR, MatchKind.DERIVATIVE, MatchKind.EXACT})
"""Verdicts that say the query comes from the known clip; a shared scene does not."""


def claims(matches: Iterable[Match], kinds: frozenset[MatchKind] = CLAIMS) -> dict[str, tuple[Segment, ...]]:
    """The segments of each known clip that the query is said to come from."""
    found: dict[str, tuple[Segment, ...]] = {}
    for match in matches:
        if match.algorithm == "clip" and match.kind in kinds:
            found[match.entry] = found.get(match.entry, ()) + match.segments
    return found


def placed_share(truth: NDArray[np.float64], segments: Sequence[Segment]) -> float:
    """Share of the seconds that show the source for which a segment names the right second of it, give or take one.

    `truth`: as `Edited.truth`. Each second is judged by its middle. 0 where no second shows the source.
    """
    shown = np.flatnonzero(~np.isnan(truth))
    right = np.zeros(len(shown), np.bool_)
    for one in segments:
        middle = shown + 0.5
        within = (middle >= one.query_start) & (middle <= one.query_end)
        at = one.source_start + one.speed * (middle - one.query_start)
        right |= within & (np.abs(at - truth[shown]) <= NEAR_ENOUGH)
    return float(right.mean()) if len(shown) else 0.0


def covered_share(seconds: int, segments: Sequence[Segment]) -> float:
    """Share of a query's seconds whose middle lies in a segment."""
    middle = np.arange(seconds) + 0.5
    covered = np.zeros(seconds, np.bool_)
    for one in segments:
        covered |= (middle >= one.query_start) & (middle <= one.query_end)
    return float(covered.mean()) if seconds else 0.0


def wrong_shares(matches: Iterable[Match], seconds: int, wrong: Iterable[str]) -> dict[str, float]:
    """For each wrong clip of which something was claimed: the share of the query's seconds given to it."""
    found = claims(matches)
    return {key: covered_share(seconds, found[key]) for key in wrong if key in found}


def told_areas(segments: Iterable[Segment]) -> list[float]:
    """Shares of the picture said to be replaced, of every frame of which that was told."""
    return [at.region.area for one in segments for at in one.track]
