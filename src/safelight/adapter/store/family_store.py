"""`ports.FamilyStore` beside the banks, in the same database.

Edges are kept between numbered items, so that a walk over them is a few look-ups by number for each step outwards.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import msgspec
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from safelight.adapter.store.chunks import chunks, marks
from safelight.adapter.store.errors import storage_errors
from safelight.adapter.store.rows import aware, name_key
from safelight.model.codec import decoder
from safelight.model.family import (
    NO_EVIDENCE,
    DerivationEdge,
    EdgeKind,
    Evidence,
    FamilyMember,
    Lead,
    MemberKind,
    Relations,
    Sighting,
    bank_of,
    identity_key,
)

BATCH = 2_000
"""Files whose relations are stored in one transaction."""
LEAD = len(EdgeKind)
"""`Link.kind` of a lead; edges have the place of their kind in `EdgeKind`."""

_IN_LIST = 512
_KINDS = tuple(EdgeKind)
_EVIDENCE = decoder(Evidence)

_INSERT_ITEM = "INSERT INTO store_item (key, identity, bank) VALUES (%s, %s, %s) ON CONFLICT (key) DO NOTHING"
_INSERT_LINK = """
INSERT INTO store_link (child_id, parent_id, kind, evidence) VALUES (%s, %s, %s, %s)
ON CONFLICT (child_id, parent_id, kind) DO UPDATE SET evidence = excluded.evidence"""
_INSERT_SIGHTING = """
INSERT INTO store_sighting (item_id, path_key, path, scan) VALUES (%s, %s, %s, %s)
ON CONFLICT (item_id, path_key) DO UPDATE SET scan = excluded.scan"""
# Two look-ups by an index each; one condition on both ends would read the whole table.
_LINKS = """
SELECT id, child_id, parent_id, kind, evidence FROM store_link WHERE child_id IN ({0}) AND {1}
UNION SELECT id, child_id, parent_id, kind, evidence FROM store_link WHERE parent_id IN ({0}) AND {1}"""
_NEWEST = """
SELECT i.identity, s.path, s.scan, s.places FROM store_item i JOIN (
SELECT item_id, path, scan, COUNT(*) OVER (PARTITION BY item_id) AS places,
ROW_NUMBER() OVER (PARTITION BY item_id ORDER BY scan DESC, path) AS place
FROM store_sighting WHERE item_id IN ({})) s ON s.item_id = i.id WHERE s.place <= %s ORDER BY i.id, s.place"""

_Row = tuple[Any, ...]


class DjangoFamilyStore:
    """The families behind one of Django's connections. Each thread that uses it gets a connection of its own."""

    def __init__(self, using: str) -> None:
        self._using = using

    def close(self) -> None:
        """Close this thread's connection; it opens again when needed."""
        connections[self._using].close()

    def record(self, relations: Iterable[Relations], scan: datetime) -> None:
        """Keep what a scan found; see `ports.FamilyStore.record`. Raises StorageError."""
        moment = connections[self._using].ops.adapt_datetimefield_value(scan)
        for batch in chunks(relations, BATCH):
            with self._errors(), transaction.atomic(using=self._using), self._cursor() as cursor:
                numbers = _add_items(cursor, {item for one in batch for item in _items(one)})
                cursor.executemany(_INSERT_LINK, [row for one in batch for row in _link_rows(one, numbers)])
                sightings = [(numbers[one.sha256], name_key(one.path), one.path, moment) for one in batch]
                cursor.executemany(_INSERT_SIGHTING, sightings)

    def component(self, identities: Iterable[str]) -> list[DerivationEdge]:
        """Every edge within reach, by a walk outwards; see `ports.FamilyStore.component`."""
        found: dict[int, _Row] = {}
        with self._errors(), self._cursor() as cursor:
            frontier = set(_numbers(cursor, identities).values())
            reached: set[int] = set()
            while frontier:
                reached |= frontier
                rows = _links(cursor, frontier, f"kind < {LEAD}")
                found.update((row[0], row) for row in rows)
                frontier = {end for row in rows for end in row[1:3]} - reached
            names = _identities(cursor, reached)
        return [
            DerivationEdge(names[child], names[parent], _KINDS[kind], _evidence(text))
            for _, child, parent, kind, text in found.values()
        ]

    def leads(self, identities: Iterable[str]) -> list[Lead]:
        """Every lead from or to one of these; see `ports.FamilyStore.leads`."""
        with self._errors(), self._cursor() as cursor:
            rows = {row[0]: row for row in _links(cursor, _numbers(cursor, identities).values(), f"kind = {LEAD}")}
            names = _identities(cursor, {end for row in rows.values() for end in row[1:3]})
        return [Lead(names[item], names[entry], _evidence(text)) for _, item, entry, _, text in rows.values()]

    def members(self, identities: Iterable[str], sightings: int) -> dict[str, FamilyMember]:
        """Files with their newest sightings; see `ports.FamilyStore.members`."""
        seen: dict[str, list[Sighting]] = {}
        places: dict[str, int] = {}
        with self._errors(), self._cursor() as cursor:
            for chunk in chunks(_numbers(cursor, identities).values(), _IN_LIST):
                cursor.execute(_NEWEST.format(marks(chunk)), [*chunk, max(sightings, 1)])
                for identity, path, scan, count in cursor.fetchall():
                    seen.setdefault(identity, []).append(Sighting(path, aware(scan)))
                    places[identity] = count
        return {
            identity: FamilyMember(MemberKind.FILE, found[0].path, identity, tuple(found[:sightings]), places[identity])
            for identity, found in seen.items()
        }

    def named(self, family: str) -> str | None:
        """The entry that a family is named after; see `ports.FamilyStore.named`."""
        first = bytes.fromhex(family)
        with self._errors(), self._cursor() as cursor:
            cursor.execute(
                "SELECT identity FROM store_item WHERE key >= %s AND key <= %s AND bank IS NOT NULL ORDER BY key",
                [first.ljust(16, b"\x00"), first.ljust(16, b"\xff")],
            )
            row = cursor.fetchone()
        return row[0] if row else None

    def forget(self, identities: Iterable[str]) -> None:
        """Remove items and what hangs on them; see `ports.FamilyStore.forget`."""
        for chunk in chunks(identities, BATCH):
            with self._errors(), transaction.atomic(using=self._using), self._cursor() as cursor:
                _forget(cursor, _numbers(cursor, chunk).values())

    def forget_bank(self, bank: str) -> None:
        """Forget every entry of a bank, in batches; see `ports.FamilyStore.forget_bank`."""
        while self._forget_page(bank):
            pass

    def _forget_page(self, bank: str) -> bool:
        """Forget the bank's next entries; True while there may be more."""
        with self._errors(), transaction.atomic(using=self._using), self._cursor() as cursor:
            cursor.execute("SELECT id FROM store_item WHERE bank = %s ORDER BY id LIMIT %s", [bank, BATCH])
            numbers = [number for (number,) in cursor.fetchall()]
            _forget(cursor, numbers)
        return bool(numbers)

    def _errors(self) -> AbstractContextManager[None]:
        return storage_errors(self._using)

    def _cursor(self) -> CursorWrapper:
        return connections[self._using].cursor()


def _items(relations: Relations) -> Iterator[str]:
    yield relations.sha256
    for edge in relations.edges:
        yield edge.child
        yield edge.parent
    for lead in relations.leads:
        yield lead.item
        yield lead.entry


def _link_rows(relations: Relations, numbers: dict[str, int]) -> Iterator[_Row]:
    for edge in relations.edges:
        yield numbers[edge.child], numbers[edge.parent], _KINDS.index(edge.kind), _text(edge.evidence)
    for lead in relations.leads:
        yield numbers[lead.item], numbers[lead.entry], LEAD, _text(lead.evidence)


def _text(evidence: Evidence) -> str:
    return "" if evidence == NO_EVIDENCE else msgspec.json.encode(evidence).decode()


def _evidence(text: str) -> Evidence:
    return _EVIDENCE.decode(text) if text else NO_EVIDENCE


def _add_items(cursor: CursorWrapper, items: Collection[str]) -> dict[str, int]:
    """The numbers of all these items, new ones made."""
    # In one order everywhere: two scans that end at the same time do not wait for each other in a circle.
    rows = sorted((identity_key(item), item, bank_of(item) or None) for item in items)
    cursor.executemany(_INSERT_ITEM, rows)
    return _numbers(cursor, items)


def _numbers(cursor: CursorWrapper, items: Iterable[str]) -> dict[str, int]:
    """The numbers of those of these items that are there."""
    numbers: dict[str, int] = {}
    for chunk in chunks(items, _IN_LIST):
        keys = [identity_key(item) for item in chunk]
        cursor.execute(f"SELECT identity, id FROM store_item WHERE key IN ({marks(keys)})", keys)  # noqa: S608 (only %s marks are put in)
        numbers.update(cursor.fetchall())
    return numbers


def _identities(cursor: CursorWrapper, numbers: Iterable[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for chunk in chunks(numbers, _IN_LIST):
        cursor.execute(f"SELECT id, identity FROM store_item WHERE id IN ({marks(chunk)})", chunk)  # noqa: S608 (as above)
        names.update(cursor.fetchall())
    return names


def _links(cursor: CursorWrapper, numbers: Iterable[int], which: str) -> list[_Row]:
    rows: list[_Row] = []
    for chunk in chunks(numbers, _IN_LIST):
        cursor.execute(_LINKS.format(marks(chunk), which), [*chunk, *chunk])
        rows += cursor.fetchall()
    return rows


def _forget(cursor: CursorWrapper, numbers: Iterable[int]) -> None:
    """Remove items with all that refers to them, then the files that were joined to nothing else."""
    for chunk in chunks(numbers, _IN_LIST):
        gone = marks(chunk)
        cursor.execute(_LINKS.format(gone, "kind >= 0"), [*chunk, *chunk])
        left = {end for row in cursor.fetchall() for end in row[1:3]} - set(chunk)
        cursor.execute(f"DELETE FROM store_link WHERE child_id IN ({gone})", chunk)  # noqa: S608 (only %s marks are put in)
        cursor.execute(f"DELETE FROM store_link WHERE parent_id IN ({gone})", chunk)  # noqa: S608 (as above)
        _remove_items(cursor, [*chunk, *_alone(cursor, left)])


def _alone(cursor: CursorWrapper, numbers: Iterable[int]) -> Iterator[int]:
    """Those of these items that no link is left of."""
    for chunk in chunks(numbers, _IN_LIST):
        held = {end for row in _links(cursor, chunk, "kind >= 0") for end in row[1:3]}
        yield from set(chunk) - held


def _remove_items(cursor: CursorWrapper, numbers: Sequence[int]) -> None:
    for chunk in chunks(numbers, _IN_LIST):
        gone = marks(chunk)
        cursor.execute(f"DELETE FROM store_sighting WHERE item_id IN ({gone})", chunk)  # noqa: S608 (only %s marks are put in)
        cursor.execute(f"DELETE FROM store_item WHERE id IN ({gone})", chunk)  # noqa: S608 (as above)
