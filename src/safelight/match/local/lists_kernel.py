"""The compiled part of the search: scanning inverted lists for near signatures, and voting.

Nothing is compiled at import; `warm_up` in `voting` compiles, or loads from numba's cache. `voting_reference` is the
slow version of both.
"""

# ruff: noqa: ANN401  numba hands typing and code-generation objects to intrinsics; none of them has a published type

from typing import Any

import numpy as np
from numba import njit
from numba.extending import intrinsic
from numpy.typing import NDArray

TURNS, SCALES = 12, 11
"""Bins of the vote: of 30 degrees, and of half a doubling from 1/7 to 7 times."""


def _emit_popcount(_context: Any, word: Any) -> Any:
    def emit(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), emit


_popcount: Any = intrinsic(_emit_popcount)


@njit(cache=True, nogil=True)
def largest(scores: NDArray[np.float32], into: NDArray[np.int32]) -> None:
    """Columns of the largest scores of each row, the first of equals; `into`: shape (rows, count)."""
    count = into.shape[1]
    held = np.empty(count, dtype=np.float32)
    for row in range(len(scores)):
        filled = 0
        for column in range(scores.shape[1]):
            score = scores[row, column]
            if filled == count and score <= held[count - 1]:
                continue
            at = filled if filled < count else count - 1
            while at > 0 and held[at - 1] < score:
                held[at] = held[at - 1]
                into[row, at] = into[row, at - 1]
                at -= 1
            held[at] = score
            into[row, at] = column
            filled = min(filled + 1, count)


@njit(cache=True, nogil=True)
def scan(
    starts: NDArray[np.uint32],
    signature: NDArray[np.uint64],
    words: NDArray[np.int32],
    asked: NDArray[np.uint64],
    reach: int,
    most: int,
    feature: NDArray[np.int32],
    slot: NDArray[np.int32],
    bits: NDArray[np.uint8],
) -> int:
    """Every keypoint of the lists within `reach` bits of a query's signature for its list.

    `words`: shape (n, k), the lists to scan for each query keypoint; `asked`: shape (n, k, 2), its signatures for
    them; `most`: hits that a query keypoint may have, the first ones. Fills `feature` (number of the query's
    keypoint), `slot` (position in the lists) and `bits`, as far as they reach, and returns how many there are.
    """
    room = len(feature)
    count = 0
    for number in range(words.shape[0]):
        own = 0
        for probe in range(words.shape[1]):
            word = words[number, probe]
            low, high = asked[number, probe, 0], asked[number, probe, 1]
            for position in range(starts[word], starts[word + 1]):
                apart = _popcount(signature[position, 0] ^ low) + _popcount(signature[position, 1] ^ high)
                if apart <= reach and own < most:
                    own += 1
                    if count < room:
                        feature[count] = number
                        slot[count] = position
                        bits[count] = apart
                    count += 1
    return count


@njit(cache=True, nogil=True)
def vote(
    feature: NDArray[np.int32],
    picture: NDArray[np.uint32],
    turn: NDArray[np.uint8],
    scale: NDArray[np.int16],
    weight: NDArray[np.float32],
    pictures: int,
    least: int,
) -> NDArray[np.float32]:
    """Votes for each picture: the most that agree on a turn and a scale, a bin and its neighbours to the next.

    All arrays are of the hits, ordered by `feature`. `turn`: 0 to TURNS - 1; `scale`: 0 to SCALES - 1, others do not
    count. A keypoint of the query gives a picture one vote in a bin. Pictures with fewer than `least` hits get none.
    """
    hits = np.zeros(pictures, dtype=np.int32)
    for number in picture:
        hits[number] += 1
    row = np.full(pictures, -1, dtype=np.int32)
    rows = 0
    for number in range(pictures):
        if hits[number] >= least:
            row[number] = rows
            rows += 1
    sums = np.zeros((rows, TURNS, SCALES), dtype=np.float32)
    latest = np.full((rows, TURNS, SCALES), -1, dtype=np.int32)
    for hit in range(len(feature)):
        at, t, s = row[picture[hit]], turn[hit], scale[hit]
        if at < 0 or s < 0 or s >= SCALES or latest[at, t, s] == feature[hit]:
            continue
        latest[at, t, s] = feature[hit]
        sums[at, t, s] += weight[hit]
    best = np.zeros(pictures, dtype=np.float32)
    for number in range(pictures):
        at = row[number]
        if at < 0:
            continue
        most = np.float32(0)
        for t in range(TURNS):
            after = (t + 1) % TURNS
            for s in range(SCALES - 1):
                together = (sums[at, t, s] + sums[at, after, s]) + (sums[at, t, s + 1] + sums[at, after, s + 1])
                most = max(most, together)
        best[number] = most
    return best


@njit(cache=True, nogil=True)
def keypoints_at(
    slots: NDArray[np.int64], starts: NDArray[np.uint32], picture: NDArray[np.uint32], words: NDArray[np.uint16]
) -> NDArray[np.int64]:
    """Which keypoints of one picture's sketch lie at these slots of the lists; -1 where the two do not fit.

    `words`: of the sketch, ascending. Within a list a picture's keypoints stand together, in the sketch's order.
    """
    found = np.empty(len(slots), dtype=np.int64)
    for at in range(len(slots)):
        slot = slots[at]
        word = np.searchsorted(starts, slot, side="right") - 1
        first = slot
        while first > starts[word] and picture[first - 1] == picture[slot]:
            first -= 1
        keypoint = np.searchsorted(words, word) + slot - first
        found[at] = keypoint if keypoint < len(words) and words[keypoint] == word else -1
    return found
