"""Histories of a bank for tests, and the dictionary that is the oracle of every index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.index import Tuning
from safelight.match.hamming import as_words, radius_search_reference
from safelight.model.bank import Bank, HashChange
from safelight.ports import HashIndex, Hits

BANK = Bank(7, "test")
SMALL = Tuning(log_rows=6, table_rows=10, raw_rows=25, segments=3, ratio=2, closing_ratio=4)
"""Flushes, merges and tables after a handful of changes."""


def code(number: int) -> bytes:
    """A code for a number; numbers that differ by less than 8 give codes within 16 bits of each other."""
    base = np.random.default_rng(number // 8).integers(0, 256, 32, np.uint8)
    base[: number % 8] ^= np.uint8(0b11)
    return base.tobytes()


def codes(numbers: Iterable[int]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(code(number) for number in numbers), np.uint8).reshape(-1, 32)


def came(first: int, last: int, *, ahead: int = 0) -> list[HashChange]:
    """Steps `first` to `last`: in each, the hash of that id (plus `ahead`) comes, with the code of that id."""
    return [HashChange(seq, seq + ahead, code(seq + ahead)) for seq in range(first, last + 1)]


def triples(hits: Hits) -> list[tuple[int, int, int]]:
    return list(zip(hits.query.tolist(), hits.distance.tolist(), hits.hash_id.tolist(), strict=True))


@dataclass
class Oracle:
    """What an index must hold: the obvious way."""

    built_to: int = 0
    live: dict[int, bytes] = field(default_factory=dict)

    def apply(self, changes: Sequence[HashChange]) -> None:
        for change in changes:
            self.built_to = change.seq
            self.live.pop(change.hash_id, None)
            if change.pdq is not None:
                self.live[change.hash_id] = change.pdq

    def search(self, queries: NDArray[np.uint8], radius: int) -> list[tuple[int, int, int]]:
        ids = sorted(self.live)
        held = np.frombuffer(b"".join(self.live[i] for i in ids), np.uint8).reshape(-1, 32)
        found = radius_search_reference(as_words(queries), as_words(held), radius)
        return [
            (q, d, ids[row])
            for q, row, d in zip(found.query.tolist(), found.row.tolist(), found.distance.tolist(), strict=True)
        ]

    def check(self, index: HashIndex, queries: NDArray[np.uint8], radius: int = 31) -> None:
        """Raises AssertionError unless `index` holds and finds the same."""
        assert (index.built_to, len(index)) == (self.built_to, len(self.live))
        assert triples(index.search(queries, radius)) == self.search(queries, radius)
