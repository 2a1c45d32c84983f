"""The compiled part of temporal consensus. Plain loops, no random sampling; `consensus` explains, and is the caller.

Hits are those of one form, ordered by row: hits of row r are `first[r]` to `first[r + 1] - 1`.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

TOLERANCE = 0.5
"""Seconds by which a line may miss a hit's stretch of the source."""
EDGE = 0.5
"""Share of its nats that a hit loses at `TOLERANCE`; it falls with the square of the miss."""
MISS = 2.0
"""Nats that a row costs which lies on a line and ought to agree, but does not."""
MOST_MISSED = 4
"""Rows in succession that may fail to agree."""
BIN = 0.25
"""Seconds of offset that votes are counted in."""
_BLOCK = 6  # bits of a bin's number within its block: blocks without votes are passed over
_LONG = 64  # bins from which on a hit votes by its two ends: a still picture is not to be dear


@njit(cache=True, nogil=True)
def gains(
    speed: float,
    offset: float,
    rows: tuple[int, int],
    first: NDArray[np.int64],
    time: NDArray[np.float64],
    span: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    nats: NDArray[np.float64],
    alive: NDArray[np.bool_],
    gain: NDArray[np.float64],
    best: NDArray[np.int64],
) -> None:
    """For each of some rows (from, to): what its best hit within tolerance gives, and which that is; 0 and -1: none.

    A row that stays for `span` seconds must lie wholly in the hit's stretch, or begin with it where that is shorter.
    """
    for row in range(rows[0], rows[1]):
        gain[row], best[row] = 0.0, -1
        if not alive[row]:
            continue
        for hit in range(first[row], first[row + 1]):
            at = speed * time[hit] + offset
            last = max(end[hit] - speed * span[row], start[hit])
            miss = max(start[hit] - at, at - last, 0.0) / TOLERANCE
            if miss <= 1:
                worth = nats[hit] * (1 - EDGE * miss * miss)
                if worth > gain[row]:
                    gain[row], best[row] = worth, hit


@njit(cache=True, nogil=True)
def best_run(
    rows: tuple[int, int],
    gain: NDArray[np.float64],
    best: NDArray[np.int64],
    kind: NDArray[np.uint8],
    shows: NDArray[np.bool_],
    alive: NDArray[np.bool_],
) -> tuple[float, int, int]:
    """(score, first row, last row) of the run with the largest sum of gains less misses; the first of equals.

    `shows`: bool (kinds, n), rows in which evidence of a kind could be seen. A row without a hit is a miss where it
    could show what the last agreeing row showed.
    """
    score, most = 0.0, 0.0
    begin, missed, shown = -1, 0, 0
    found = (-1, -1)
    for row in range(rows[0], rows[1]):
        if not alive[row]:
            begin = -1
        elif gain[row] > 0:
            if begin < 0:
                begin, score = row, 0.0
            score += gain[row]
            missed, shown = 0, kind[best[row]]
            if score > most:
                most, found = score, (begin, row)
        elif begin >= 0 and shows[shown, row]:
            score -= MISS
            missed += 1
            if score <= 0 or missed > MOST_MISSED:
                begin = -1
    return most, found[0], found[1]


@njit(cache=True, nogil=True)
def _count(
    row: int,
    slot: int,
    worth: float,
    total: NDArray[np.float64],
    row_best: NDArray[np.float64],
    row_last: NDArray[np.int64],
) -> None:
    """Count a row's hit in a bin: of each row only the best, and rows come one after the other."""
    if row_last[slot] < 0:
        total[slot] = 0.0
    if row_last[slot] != row:
        row_last[slot], row_best[slot] = row, 0.0
    if worth > row_best[slot]:
        total[slot] += worth - row_best[slot]
        row_best[slot] = worth


@njit(cache=True, nogil=True)
def _offsets(
    hit: int,
    row: int,
    speed: float,
    lowest: float,
    time: NDArray[np.float64],
    span: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> tuple[int, int]:
    """First and last bin of the offsets at which a hit's row lies wholly in its stretch, or begins with it."""
    least = start[hit] - speed * time[hit]
    last = max(least, end[hit] - speed * (time[hit] + span[row]))
    return int((least - lowest) / BIN), int((last - lowest) / BIN)


def room(bins: int) -> tuple[NDArray[Any], ...]:
    """Room for so many bins, as `vote` takes it."""
    blocks = np.zeros((bins >> _BLOCK) + 1, np.bool_)
    return np.zeros(bins), np.zeros(bins), np.full(bins, -1, np.int64), np.zeros(bins + 1), blocks


@njit(cache=True, nogil=True)
def vote(
    speed: float,
    rows: tuple[int, int],
    first: NDArray[np.int64],
    time: NDArray[np.float64],
    span: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    nats: NDArray[np.float64],
    alive: NDArray[np.bool_],
    lowest: float,
    total: NDArray[np.float64],
    row_best: NDArray[np.float64],
    row_last: NDArray[np.int64],
    steps: NDArray[np.float64],
    touched: NDArray[np.bool_],
) -> tuple[float, float]:
    """(votes, offset) of the offset that most rows vote for at one speed; the lowest of equals.

    A row's vote in a bin is its best hit there. Of its hits with long stretches only the best counts, and what others
    have more than that. `lowest`: offset at which bin 0 begins; what lies
    beyond the bins has no vote. `total`, `row_best`, `row_last`, `steps`, `touched`: room for the bins, and for blocks
    of them; before and afterwards `row_last` holds -1, `steps` and `touched` 0.
    """
    wide = int(TOLERANCE / BIN)
    low, high = total.shape[0], -1
    for row in range(rows[0], rows[1]):
        if not alive[row]:
            continue
        base, base_left, base_right = 0.0, 0, -1
        for hit in range(first[row], first[row + 1]):
            left, right = _offsets(hit, row, speed, lowest, time, span, start, end)
            seen = right >= 0 and left < total.shape[0]
            if seen and right - left > _LONG and nats[hit] > base:
                base, base_left, base_right = nats[hit], max(left, 0), min(right, total.shape[0] - 1)
        if base > 0:
            steps[base_left] += base
            steps[base_right + 1] -= base
            touched[base_left >> _BLOCK] = touched[(base_right + 1) >> _BLOCK] = True
            low, high = min(low, base_left), max(high, base_right)
        for hit in range(first[row], first[row + 1]):
            left, right = _offsets(hit, row, speed, lowest, time, span, start, end)
            if right - left > _LONG:
                continue
            for slot in range(max(left - wide, 0), min(right + wide + 1, total.shape[0])):
                miss = max(left - slot, slot - right, 0) / wide
                held = base if base_left <= slot <= base_right else 0.0
                worth = nats[hit] * (1 - EDGE * miss * miss) - held
                if worth > 0:
                    touched[slot >> _BLOCK] = True
                    _count(row, slot, worth, total, row_best, row_last)
                    low, high = min(low, slot), max(high, slot)
    return _fullest(low, high, lowest, total, row_last, steps, touched)


@njit(cache=True, nogil=True)
def _fullest(
    low: int,
    high: int,
    lowest: float,
    total: NDArray[np.float64],
    row_last: NDArray[np.int64],
    steps: NDArray[np.float64],
    touched: NDArray[np.bool_],
) -> tuple[float, float]:
    """The fullest bin from `low` to `high`, as `vote` has it; empties them."""
    most, where, level = 0.0, -1, 0.0
    for block in range(low >> _BLOCK, (high >> _BLOCK) + 1):
        if not touched[block]:
            continue  # the level stays what it was in the last bin looked at: none of these has more
        touched[block] = False
        for slot in range(max(low, block << _BLOCK), min(high + 1, (block + 1) << _BLOCK)):
            level += steps[slot]
            votes = level + (total[slot] if row_last[slot] >= 0 else 0.0)
            if votes > most + 1e-9:
                most, where = votes, slot
            row_last[slot], steps[slot] = -1, 0.0
    if high >= 0:
        steps[high + 1], touched[(high + 1) >> _BLOCK] = 0.0, False
    return most, lowest + (where + 0.5) * BIN
