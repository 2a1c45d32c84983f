"""`ports.BankStore` on the Django ORM.

Banks are handled through the models. What is done for every entry of a list or every file of a scan is SQL, written
once for SQLite and PostgreSQL: the ORM's own bulk calls cost several times as much for each row.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic

from django.db import IntegrityError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from safelight.adapter.store import models
from safelight.adapter.store.chunks import chunks, marks
from safelight.adapter.store.errors import storage_errors
from safelight.adapter.store.rows import (
    ENTRY_COLUMNS,
    Row,
    bank_of,
    entry_columns,
    entry_of,
    grouped,
    hash_columns,
    name_key,
    settings_of,
)
from safelight.model.bank import Bank, BankEntry, HashChange, KnownHash
from safelight.model.errors import BankExistsError, UnknownBankError, UnknownEntryError
from safelight.model.fingerprint import Digests
from safelight.ports import Clock

BATCH = 50_000
"""Entries in one transaction: bounds memory, and what is lost when an import is killed."""
BATCH_SECONDS = 2.0
"""A source that gives entries slowly (a folder being hashed) has those of so many seconds in one transaction."""
_PAGE = 2_000
_IN_LIST = 512

_INSERT_ENTRY = """
INSERT INTO store_entry (id, bank_id, name, name_key, classification, source, expires, metadata)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (bank_id, name_key) DO NOTHING"""
_INSERT_HASH = "INSERT INTO store_hash (id, bank_id, entry_id, kind, value, quality) VALUES (%s, %s, %s, %s, %s, %s)"
_INSERT_REMOVAL = "INSERT INTO store_removal (id, bank_id, hash_id) VALUES (%s, %s, %s)"
_FOUND = f"""
SELECT k.bank_id, k.id, {ENTRY_COLUMNS}
FROM store_hash k JOIN store_entry e ON e.id = k.entry_id JOIN store_hash h ON h.entry_id = e.id
WHERE {{}} AND (e.expires IS NULL OR e.expires > %s) ORDER BY k.id, h.id"""  # noqa: S608 (column names only)
_ENTRIES = f"""
SELECT {ENTRY_COLUMNS}
FROM (SELECT * FROM store_entry WHERE bank_id = %s AND id > %s ORDER BY id LIMIT %s) e
LEFT JOIN store_hash h ON h.entry_id = e.id ORDER BY e.id, h.id"""  # noqa: S608 (as above)
_ENTRY = f"""
SELECT {ENTRY_COLUMNS} FROM store_entry e LEFT JOIN store_hash h ON h.entry_id = e.id
WHERE e.bank_id = %s AND e.name_key = %s ORDER BY h.id"""  # noqa: S608 (as above)
# One statement, so that both halves are of one moment: a step seen without one before it would be lost for ever.
# A removal is told even to those who never saw its hash come; to them it means nothing.
_CHANGES = """
SELECT id, id, value FROM store_hash WHERE kind = 0 AND bank_id = %s AND id > %s
UNION ALL SELECT id, hash_id, NULL FROM store_removal WHERE bank_id = %s AND id > %s
ORDER BY 1 LIMIT %s"""
_LIVE_ENTRIES = f"""
SELECT {ENTRY_COLUMNS} FROM store_entry e LEFT JOIN store_hash h ON h.entry_id = e.id
WHERE e.id IN ({{}}) AND (e.expires IS NULL OR e.expires > %s) ORDER BY e.id, h.id"""  # noqa: S608 (as above)
_LAST_CHANGE = """
SELECT max(last) FROM (
SELECT max(id) AS last FROM store_hash WHERE kind = 0 AND bank_id = %s
UNION ALL SELECT max(id) FROM store_removal WHERE bank_id = %s) AS both_kinds"""


class DjangoBankStore:
    """The store behind one of Django's connections. Each thread that uses it gets a connection of its own."""

    def __init__(self, using: str, clock: Clock) -> None:
        self._using = using
        self._clock = clock

    def close(self) -> None:
        """Close this thread's connection; it opens again when needed."""
        connections[self._using].close()

    def create(self, bank: Bank) -> Bank:
        """Store a new bank; see `ports.BankStore.create`."""
        with self._errors():
            try:
                with transaction.atomic(using=self._using):  # so that a caller's own transaction goes on
                    return bank_of(models.Bank.objects.using(self._using).create(**settings_of(bank)))
            except IntegrityError as error:
                raise BankExistsError(name=bank.name) from error

    def banks(self) -> list[Bank]:
        """All banks by name."""
        with self._errors():
            rows = models.Bank.objects.using(self._using).filter(name__isnull=False).order_by("name")
            return [bank_of(row) for row in rows]

    def bank(self, name: str) -> Bank:
        """The bank of that name; see `ports.BankStore.bank`."""
        with self._errors():
            row = models.Bank.objects.using(self._using).filter(name=name).first()
        if row is None:
            raise self._unknown(name)
        return bank_of(row)

    def update(self, bank: Bank) -> Bank:
        """Store changed settings. Raises UnknownBankError, and BankExistsError when renamed to a name in use."""
        with self._errors():
            try:
                with transaction.atomic(using=self._using):
                    changed = self._live_bank(bank).update(**settings_of(bank))
            except IntegrityError as error:
                raise BankExistsError(name=bank.name) from error
        if not changed:
            raise self._unknown(bank.name)
        return self.bank(bank.name)

    def delete(self, bank: Bank) -> None:
        """Remove a bank. It is gone at once; its rows follow in batches, so that other writers are not kept waiting.

        What an interrupted deletion left behind is removed by the next one. Raises UnknownBankError.
        """
        with self._errors():
            deleted = self._live_bank(bank).update(name=None)
        if not deleted:
            raise self._unknown(bank.name)
        with self._errors():
            nameless = models.Bank.objects.using(self._using).filter(name__isnull=True)
            for number in list(nameless.values_list("id", flat=True)):
                while self._delete_batch(number):
                    pass

    def add(self, bank: Bank, entries: Iterable[BankEntry]) -> tuple[int, int]:
        """Add entries in durable batches; see `ports.BankStore.add`. Raises UnknownBankError, StorageError."""
        added = present = 0
        for batch in _batches(entries):
            with self._errors():
                new = self._add_batch(bank, batch)
            added += new
            present += len(batch) - new
        return added, present

    def remove(self, bank: Bank, names: Sequence[str]) -> None:
        """Remove entries, all or none; see `ports.BankStore.remove`."""
        with self._errors(), self._transaction() as cursor:
            _take(cursor, "step", 0)  # holds off other writers
            numbers = _numbers(cursor, bank, names)
            if (missing := next((name for name in names if name not in numbers), None)) is not None:
                raise UnknownEntryError(bank=bank.name, entry=missing)
            gone: list[int] = []
            for ids in chunks(numbers.values(), _IN_LIST):
                where = f"WHERE entry_id IN ({marks(ids)})"
                cursor.execute(f"SELECT id FROM store_hash {where} ORDER BY id", ids)  # noqa: S608 (as above)
                gone += [number for (number,) in cursor.fetchall()]
                cursor.execute(f"DELETE FROM store_hash {where}", ids)  # noqa: S608 (as above)
                cursor.execute(f"DELETE FROM store_entry WHERE id IN ({marks(ids)})", ids)  # noqa: S608 (as above)
            steps = _take(cursor, "step", len(gone))
            cursor.executemany(_INSERT_REMOVAL, [(step, bank.id, n) for step, n in zip(steps, gone, strict=True)])
            cursor.execute("UPDATE store_bank SET entries = entries - %s WHERE id = %s", [len(numbers), bank.id])

    def entries(self, bank: Bank, after: int = 0) -> Iterator[BankEntry]:
        """All entries in the order they came, expired ones too, a page at a time (no lock is held between pages)."""
        while True:
            with self._errors(), connections[self._using].cursor() as cursor:
                cursor.execute(_ENTRIES, [bank.id, after, _PAGE])
                rows = cursor.fetchall()
            if not rows:
                return
            yield from map(entry_of, grouped(rows, 0))
            after = rows[-1][0]

    def entry(self, bank: Bank, name: str) -> BankEntry:
        """One entry by its name; see `ports.BankStore.entry`."""
        with self._errors(), connections[self._using].cursor() as cursor:
            cursor.execute(_ENTRY, [bank.id, name_key(name)])
            rows = cursor.fetchall()
        if not rows:
            raise UnknownEntryError(bank=bank.name, entry=name)
        return entry_of(rows)

    def entry_ids(self, bank: Bank, names: Collection[str]) -> dict[str, int]:
        """The ids of entries of these names; see `ports.BankStore.entry_ids`."""
        with self._errors(), connections[self._using].cursor() as cursor:
            return _numbers(cursor, bank, names)

    def existing(self, bank: Bank, ids: Collection[int]) -> set[int]:
        """Those of these ids that are entries of the bank; see `ports.BankStore.existing`."""
        found: set[int] = set()
        with self._errors(), connections[self._using].cursor() as cursor:
            for chunk in chunks(ids, _IN_LIST):
                sql = f"SELECT id FROM store_entry WHERE bank_id = %s AND id IN ({marks(chunk)})"  # noqa: S608 (only %s marks are put in)
                cursor.execute(sql, [bank.id, *chunk])
                found.update(number for (number,) in cursor.fetchall())
        return found

    def by_entry_ids(self, ids: Collection[int]) -> dict[int, BankEntry]:
        """The live entries of these ids; see `ports.BankStore.by_entry_ids`."""
        now = connections[self._using].ops.adapt_datetimefield_value(self._clock.now())
        found: dict[int, BankEntry] = {}
        with self._errors(), connections[self._using].cursor() as cursor:
            for chunk in chunks(ids, _IN_LIST):
                cursor.execute(_LIVE_ENTRIES.format(marks(chunk)), [*chunk, now])
                found.update((entry.id, entry) for entry in map(entry_of, grouped(cursor.fetchall(), 0)))
        return found

    def by_hash_ids(self, ids: Sequence[int]) -> dict[int, tuple[BankEntry, KnownHash]]:
        """The entries behind hash ids, without expired ones; see `ports.BankStore.by_hash_ids`."""
        found: dict[int, tuple[BankEntry, KnownHash]] = {}
        for chunk in chunks(sorted(ids), _IN_LIST):
            # Lengths are rounded up to a power of two by repeating the last id: few distinct statements, so that
            # the database finds them prepared.
            asked = chunk + [chunk[-1]] * ((1 << (len(chunk) - 1).bit_length()) - len(chunk))
            for rows in self._found(f"k.id IN ({marks(asked)})", asked):
                entry, known = _entry_and_hash(rows)
                found[known.id] = entry, known
        return found

    def by_digests(self, banks: Sequence[Bank], digests: Digests) -> list[tuple[Bank, BankEntry, KnownHash]]:
        """Each agreement of a digest with a live entry: an entry that holds two of the digests is told twice."""
        if not banks:
            return []
        by_id = {bank.id: bank for bank in banks}
        values = [bytes.fromhex(value) for value in (digests.sha256, digests.sha1, digests.md5)]
        # The three kinds differ in length, so the value alone tells the kind. `kind > 0` is the index's own condition.
        where = f"k.kind > 0 AND k.value IN (%s, %s, %s) AND k.bank_id IN ({marks(by_id)})"
        return [(by_id[rows[0][0]], *_entry_and_hash(rows)) for rows in self._found(where, [*values, *by_id])]

    def changes(self, bank: Bank, after: int, limit: int) -> list[HashChange]:
        """The next steps of a bank's history; see `ports.BankStore.changes`."""
        with self._errors(), connections[self._using].cursor() as cursor:
            cursor.execute(_CHANGES, [bank.id, after, bank.id, after, limit])
            return [
                HashChange(seq, hash_id, None if pdq is None else bytes(pdq)) for seq, hash_id, pdq in cursor.fetchall()
            ]

    def last_change(self, bank: Bank) -> int:
        """Number of the newest step, 0 when there is none."""
        with self._errors(), connections[self._using].cursor() as cursor:
            cursor.execute(_LAST_CHANGE, [bank.id, bank.id])
            return cursor.fetchone()[0] or 0

    def _errors(self) -> AbstractContextManager[None]:
        return storage_errors(self._using)

    def _unknown(self, name: str) -> UnknownBankError:
        return UnknownBankError(name=name, known=", ".join(bank.name for bank in self.banks()) or "none")

    def _live_bank(self, bank: Bank) -> QuerySet[models.Bank]:
        return models.Bank.objects.using(self._using).filter(id=bank.id, name__isnull=False)

    @contextmanager
    def _transaction(self) -> Iterator[CursorWrapper]:
        with transaction.atomic(using=self._using), connections[self._using].cursor() as cursor:
            yield cursor

    def _add_batch(self, bank: Bank, batch: Sequence[BankEntry]) -> int:
        """Add those whose names are new; return how many they are. Of equal names in a batch the first is taken."""
        adapt = connections[self._using].ops.adapt_datetimefield_value
        with self._transaction() as cursor:
            numbers = _take(cursor, "entry", len(batch))
            cursor.executemany(
                _INSERT_ENTRY,
                [(n, bank.id, *entry_columns(entry, adapt)) for n, entry in zip(numbers, batch, strict=True)],
            )
            cursor.execute("SELECT id FROM store_entry WHERE id >= %s", [numbers.start])
            new = {number for (number,) in cursor.fetchall()}
            hashes = [
                (bank.id, number, *hash_columns(known))
                for number, entry in zip(numbers, batch, strict=True)
                if number in new
                for known in entry.hashes
            ]
            steps = _take(cursor, "step", len(hashes))
            cursor.executemany(_INSERT_HASH, [(step, *row) for step, row in zip(steps, hashes, strict=True)])
            cursor.execute(
                "UPDATE store_bank SET entries = entries + %s WHERE id = %s AND name IS NOT NULL", [len(new), bank.id]
            )
            if not cursor.rowcount:
                raise self._unknown(bank.name)
        return len(new)

    def _delete_batch(self, bank_id: int) -> bool:
        """Remove the bank's next entries, or, when it has none, the bank. True while there may be more."""
        with self._transaction() as cursor:
            _take(cursor, "step", 0)  # holds off other writers
            cursor.execute(
                "SELECT max(id) FROM (SELECT id FROM store_entry WHERE bank_id = %s ORDER BY id LIMIT %s) AS page",
                [bank_id, BATCH],
            )
            last = cursor.fetchone()[0]
            if last is None:
                cursor.execute("DELETE FROM store_removal WHERE bank_id = %s", [bank_id])
                cursor.execute("DELETE FROM store_bank WHERE id = %s", [bank_id])
                return False
            page = "SELECT id FROM store_entry WHERE bank_id = %s AND id <= %s"
            cursor.execute(f"DELETE FROM store_hash WHERE entry_id IN ({page})", [bank_id, last])  # noqa: S608 (a constant)
            cursor.execute("DELETE FROM store_entry WHERE bank_id = %s AND id <= %s", [bank_id, last])
        return True

    def _found(self, where: str, values: Sequence[int | bytes]) -> Iterator[list[Row]]:
        """The rows of each hash that fulfils `where` and of its live entry, as `_FOUND` selects them."""
        now = connections[self._using].ops.adapt_datetimefield_value(self._clock.now())
        with self._errors(), connections[self._using].cursor() as cursor:
            cursor.execute(_FOUND.format(where), [*values, now])
            return grouped(cursor.fetchall(), 1)


def _entry_and_hash(rows: Sequence[Row]) -> tuple[BankEntry, KnownHash]:
    entry = entry_of(rows, 2)
    return entry, next(known for known in entry.hashes if known.id == rows[0][1])


def _numbers(cursor: CursorWrapper, bank: Bank, names: Iterable[str]) -> dict[str, int]:
    """The ids of the bank's entries of these names, by name."""
    numbers: dict[str, int] = {}
    for chunk in chunks(map(name_key, names), _IN_LIST):
        sql = f"SELECT name, id FROM store_entry WHERE bank_id = %s AND name_key IN ({marks(chunk)})"  # noqa: S608 (only %s marks are put in)
        cursor.execute(sql, [bank.id, *chunk])
        numbers.update(cursor.fetchall())
    return numbers


def _take(cursor: CursorWrapper, column: str, count: int) -> range:
    """The next `count` numbers; the counter's row is locked until the transaction ends (see `models.Counter`)."""
    cursor.execute(f"UPDATE store_counter SET {column} = {column} + %s", [count])  # noqa: S608 (column is one of ours)
    cursor.execute(f"SELECT {column} FROM store_counter")  # noqa: S608 (as above)
    last: int = cursor.fetchone()[0]
    return range(last - count + 1, last + 1)


def _batches(entries: Iterable[BankEntry]) -> Iterator[list[BankEntry]]:
    batch: list[BankEntry] = []
    begun = monotonic()
    for entry in entries:
        batch.append(entry)
        if len(batch) >= BATCH or monotonic() - begun > BATCH_SECONDS:
            yield batch
            batch = []
            begun = monotonic()
    if batch:
        yield batch
