"""Looking fingerprints up in banks: digests in the store, PDQ codes in the index."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from safelight.flow.banks import sync_index
from safelight.match.judge import NearHits, exact_matches, near_hits, near_matches, suppress
from safelight.match.queries import Query, pack, queries_of
from safelight.model.bank import Bank
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.match import Match
from safelight.model.scan import BankUse
from safelight.ports import BankStore, HashIndex, IndexRoom


class Lookup:
    """A set of banks to look things up in; a context manager. Disabled banks are left out.

    Opening (by `open`, or by the first look-up) brings each index up to date with the store, so that what was added a
    moment ago is found.
    """

    def __init__(self, store: BankStore, room: IndexRoom, names: Sequence[str]) -> None:
        self._store = store
        self._room = room
        banks = [store.bank(name) for name in dict.fromkeys(names)]
        self.banks = tuple(bank for bank in banks if bank.enabled)
        self._indexes: list[tuple[Bank, HashIndex]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _bank, index in self._indexes:
            index.close()

    def open(self) -> list[tuple[Bank, HashIndex]]:
        """The banks with their indexes, opened if they are not yet. Raises StorageError, IndexCorruptError."""
        for bank in self.banks[len(self._indexes) :]:
            sync_index(self._store, self._room, bank)
            self._indexes.append((bank, self._room.open(bank)))
        return self._indexes

    def uses(self) -> tuple[BankUse, ...]:
        """The banks as they are used now, for the summary."""
        return tuple(
            BankUse(bank.name, bank.entries, len(index), bank.threshold, bank.min_quality, bank.negative)
            for bank, index in self.open()
        )

    def state(self) -> tuple[tuple[str, int, int, int, bool], ...]:
        """What a resumed scan must find unchanged: settings and history of every bank used."""
        return tuple(
            (bank.name, self._store.last_change(bank), bank.threshold, bank.min_quality, bank.negative)
            for bank in self.banks
        )

    def matches(self, fingerprints: Sequence[Fingerprint]) -> list[tuple[Match, ...]]:
        """The matches of each fingerprint: exact ones first, then by distance, suppression marked."""
        return self.search([queries_of(f) for f in fingerprints], [f.digests for f in fingerprints])

    def search(self, queries: Sequence[Sequence[Query]], digests: Sequence[Digests | None]) -> list[tuple[Match, ...]]:
        """The matches of each item, given its PDQ queries and, where known, its digests."""
        found: list[list[Match]] = [
            exact_matches(self._store.by_digests(self.banks, d)) if d is not None else [] for d in digests
        ]
        owners = [(item, number) for item, asked in enumerate(queries) for number in range(len(asked))]
        codes = pack([query for asked in queries for query in asked])
        near: list[list[NearHits]] = [[] for _ in queries]
        for bank, index in self.open():
            size = len(index) if len(codes) else 0
            if not size:
                continue
            hits = index.search(codes, bank.threshold)
            entries = self._store.by_hash_ids([int(i) for i in set(hits.hash_id.tolist())])
            per_item: dict[int, list[tuple[int, int, int]]] = {}
            for row, hash_id, distance in zip(
                hits.query.tolist(), hits.hash_id.tolist(), hits.distance.tolist(), strict=True
            ):
                item, number = owners[row]
                per_item.setdefault(item, []).append((number, hash_id, distance))
            for item, triples in per_item.items():
                near[item].append(near_hits(bank, queries[item], triples, entries, size))
        return [
            suppress(_without_repeats(exact + near_matches(asked, hits))) if exact or hits else ()
            for exact, asked, hits in zip(found, queries, near, strict=True)
        ]


def _without_repeats(matches: Sequence[Match]) -> list[Match]:
    """An entry matched by its very bytes is not also listed as near."""
    exact = {(m.bank, m.entry) for m in matches if m.algorithm != "pdq"}
    return [m for m in matches if m.algorithm != "pdq" or (m.bank, m.entry) not in exact]
