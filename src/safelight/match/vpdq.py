"""vPDQ's own rule, the published baseline: two videos as bags of frames.

A frame agrees when any frame of the other video lies within the distance. Order and time play no part, which is what
our own consensus in time adds.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.match.clip.candidates import compiled
from safelight.match.hamming import CODE_BYTES, as_words, frozen, needs_compiled, radius_search
from safelight.model.errors import UsageError
from safelight.model.vpdq import VpdqFrame

DISTANCE = 31
"""Bits of 256 within which two frames agree, as ThreatExchange has it (`VPDQ_DISTANCE_THRESHOLD`)."""
QUALITY = 50
"""PDQ quality under which a frame is left out, as ThreatExchange has it (`VPDQ_QUALITY_THRESHOLD`)."""
QUERY_PERCENT = 80.0
"""Share of a query's frames from which on ThreatExchange calls two videos a match."""

MAX_PAIRS = 1 << 36
"""Pairs of frames that are compared: 2.4 hours at 30 a second against the same, about two minutes."""


def vpdq_match(
    query: Sequence[VpdqFrame],
    known: Sequence[VpdqFrame],
    distance: int = DISTANCE,
    quality: int = QUALITY,
    *,
    distinct: bool = True,
) -> tuple[float, float]:
    """Percent (0-100) of the query's frames that agree with a frame of the known video, and of the known video's.

    Frames of less than `quality` are left out on both sides. `distinct`: frames of equal hashes count once, as in
    python-threatexchange's index; vPDQ's own program counts each. A side of which nothing is left has 0 percent.

    Raises:
        UsageError: there are more than `MAX_PAIRS` to compare.
    """
    mine, theirs = _kept(query, quality, distinct=distinct), _kept(known, quality, distinct=distinct)
    if len(mine) * len(theirs) > MAX_PAIRS:
        detail = f"{len(mine):,} frames against {len(theirs):,} are too many to compare one by one"
        raise UsageError(detail=detail)
    return match_codes(mine, theirs, distance)


def match_codes(query: NDArray[np.uint8], known: NDArray[np.uint8], distance: int = DISTANCE) -> tuple[float, float]:
    """The same of PDQ codes, uint8 of shape (n, 32), each counted as it stands. Raises ValueError for other arrays."""
    mine, theirs = as_words(query), as_words(known)
    agree, agreed = np.zeros(len(mine), np.bool_), np.zeros(len(theirs), np.bool_)
    if needs_compiled(len(mine) * len(theirs)):
        compiled().mark_agreeing(frozen(mine), frozen(theirs), distance, agree, agreed)
    else:
        found = radius_search(mine, theirs, distance)
        agree[found.query], agreed[found.row] = True, True
    return _percent(agree), _percent(agreed)


def _percent(agree: NDArray[np.bool_]) -> float:
    return 100.0 * float(np.count_nonzero(agree)) / len(agree) if len(agree) else 0.0


def _kept(frames: Sequence[VpdqFrame], quality: int, *, distinct: bool) -> NDArray[np.uint8]:
    codes = [frame.code for frame in frames if frame.quality >= quality]
    if distinct:
        codes = list(dict.fromkeys(codes))
    return np.frombuffer(bytes.fromhex("".join(codes)), np.uint8).reshape(-1, CODE_BYTES)
