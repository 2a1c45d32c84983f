"""Which segments become one, and the rows of the one they become."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import memory, tiers
from safelight.adapter.index.delta import Recent
from safelight.adapter.index.reader import Held
from safelight.match.mih import MAX_ROWS


@dataclass(frozen=True, slots=True)
class Tuning:
    """When what is merged. The tests make all of it small.

    `log_rows`: records that the log may hold; they are scanned in each search, about 1 ns each. `table_rows`: rows
    from which a segment has tables. `raw_rows`: rows that an import may leave without tables. `segments`: how many
    segments it may leave to be merged when the index is closed. `ratio`: segments are merged when one of them is at
    most this many times as large as all smaller ones together; `closing_ratio`: the same on closing, when nobody
    waits for the next change. So a bank of n hashes has about log(n) segments, and writes each hash some log(n) times.
    """

    log_rows: int = 8192
    table_rows: int = 4096
    raw_rows: int = 1_000_000
    segments: int = 12
    ratio: int = 2
    closing_ratio: int = 8


def unfinished(held: Sequence[Held], tuning: Tuning) -> list[Held]:
    """Segments that are to be written again: without the tables they should have, or a quarter of them dead."""
    return [
        part
        for part in held
        if (part.segment.index is None and part.segment.rows >= tuning.table_rows)
        or 4 * len(part.dead) > part.segment.rows
    ]


def due(held: Sequence[Held], new_rows: int, ratio: int, tuning: Tuning) -> list[Held]:
    """The segments to merge with `new_rows`: the unfinished ones, and from the smallest up as far as `ratio` asks."""
    chosen = unfinished(held, tuning)
    rest = sorted((part for part in held if part not in chosen), key=lambda part: part.live)
    rows = new_rows + sum(part.live for part in chosen)
    return chosen + rest[: tiers.joining([part.live for part in rest], rows, ratio, MAX_ROWS)]


def bury(part: Held, ids: NDArray[np.int64]) -> Held:
    """The segment with the rows of `ids` dead."""
    rows = part.segment.find(ids)
    rows = rows[rows >= 0].astype(np.uint32)
    return replace(part, dead=np.union1d(part.dead, rows)) if len(rows) else part


def gather(recent: Recent, parts: Sequence[Held]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The live rows of all, ascending by id: ids int64, permuted codes uint64 of shape (n, 4)."""
    total = len(recent.ids) + sum(part.live for part in parts)
    ids = memory.empty(total, np.int64)
    codes = memory.empty(total * 4, np.uint64).reshape(-1, 4)
    end = 0
    for part in sorted(parts, key=lambda part: part.segment.first_id):
        start, end = end, end + part.live
        alive = np.ones(part.segment.rows, np.bool_)
        alive[part.dead] = False
        ids[start:end] = part.segment.ids_of(np.flatnonzero(alive))
        np.compress(alive, part.segment.codes, axis=0, out=codes[start:end])
    ids[end:], codes[end:] = recent.ids, recent.codes
    if bool((ids[1:] > ids[:-1]).all()):
        return ids, codes
    order = np.argsort(ids, kind="stable")
    return ids[order], codes[order]
