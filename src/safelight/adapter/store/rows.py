"""Between table rows and the values of `model.bank`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from safelight.adapter.store import models
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.codec import decoder
from safelight.model.errors import UsageError

Row = tuple[Any, ...]

ENTRY_COLUMNS = "e.id, e.name, e.classification, e.source, e.expires, e.metadata, h.id, h.kind, h.value, h.quality"
"""What `entry_of` reads: an entry `e` and one of its hashes `h` (all NULL for an entry without hashes)."""

_KIND_NUMBERS = {name: number for number, name in enumerate(models.KINDS)}
_METADATA = decoder(dict[str, str])


def bank_of(row: models.Bank) -> Bank:
    """The bank that a row of its table describes."""
    return Bank(
        id=row.pk,
        name=row.name or "",
        threshold=row.threshold,
        min_quality=row.min_quality,
        enabled=row.enabled,
        negative=row.negative,
        description=row.description,
        entries=row.entries,
        local=row.local,
    )


def settings_of(bank: Bank) -> dict[str, Any]:
    """The columns of a bank that its owner sets."""
    return {
        "name": bank.name,
        "threshold": bank.threshold,
        "min_quality": bank.min_quality,
        "enabled": bank.enabled,
        "negative": bank.negative,
        "description": bank.description,
        "local": bank.local,
    }


def hash_columns(known: KnownHash) -> tuple[int, bytes, int]:
    """(kind, value, quality) as stored."""
    return _KIND_NUMBERS[known.kind], bytes.fromhex(known.value), known.quality


def entry_columns(entry: BankEntry, adapt: Callable[[datetime | None], object]) -> Row:
    """(name, its key, classification, source, expires, metadata) as stored; `adapt` is the backend's, for moments.

    Raises UsageError for an entry that expires beyond the calendar.
    """
    expires = adapt(_in_utc(entry.expires)) if entry.expires else None
    # No metadata is an empty text and not `{}`: most entries of large lists have none.
    metadata = msgspec.json.encode(entry.metadata).decode() if entry.metadata else ""
    return entry.name, name_key(entry.name), entry.classification, entry.source, expires, metadata


def _in_utc(moment: datetime) -> datetime:
    """PostgreSQL takes moments beyond the year 9999 in UTC, and nothing could read their rows any more."""
    try:
        return aware(moment).astimezone(UTC)
    except OverflowError:
        raise UsageError(detail="an entry expires in one of the years 1 to 9999, in UTC") from None


def name_key(name: str) -> bytes:
    """What stands for a name in the index; see `models.Entry`."""
    return blake2b(name.encode(), digest_size=16).digest()


def grouped(rows: Iterable[Row], key: int) -> Iterator[list[Row]]:
    """Neighbouring rows that have the same value in column `key`, together."""
    return (list(group) for _, group in groupby(rows, itemgetter(key)))


def entry_of(rows: Sequence[Row], first: int = 0) -> BankEntry:
    """The entry whose rows these are, one for each hash; `first` is the position of the first of `ENTRY_COLUMNS`."""
    number, name, classification, source, expires, metadata = rows[0][first : first + 6]
    return BankEntry(
        name=name,
        hashes=tuple(_known(row[first + 6 :]) for row in rows if row[first + 6] is not None),
        classification=classification,
        source=source,
        expires=None if expires is None else aware(expires),
        metadata=_METADATA.decode(metadata) if metadata else {},
        id=number,
    )


def _known(columns: Row) -> KnownHash:
    number, kind, value, quality = columns
    return KnownHash(kind=models.KINDS[kind], value=bytes(value).hex(), quality=quality, id=number)


def aware(moment: datetime) -> datetime:
    """A stored moment with its zone: SQLite stores moments as UTC without saying so."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
