"""What the API takes and gives of banks and their entries."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from safelight.web.api.schemas import PLAIN, BankName, EntryName, Hash128, Hash160, Hash256, Moment, Taken, Word


class BankOut(Schema):
    """A bank and its settings; see docs/banks.md."""

    name: str
    threshold: int
    min_quality: int
    enabled: bool
    negative: bool
    description: str
    entries: int
    local: bool


class BanksOut(Schema):
    """All banks, by name."""

    banks: list[BankOut]


class BankIn(Taken):
    """A new bank."""

    name: BankName
    threshold: int = Field(31, ge=0, le=40)
    min_quality: int = Field(50, ge=0, le=100)
    negative: bool = False
    description: Annotated[str, StringConstraints(max_length=4_000, pattern=PLAIN)] = ""
    local: bool = True


class BankChange(Taken):
    """Settings that are to be others."""

    threshold: int | None = Field(None, ge=0, le=40)
    min_quality: int | None = Field(None, ge=0, le=100)
    enabled: bool | None = None
    negative: bool | None = None
    description: Annotated[str, StringConstraints(max_length=4_000, pattern=PLAIN)] | None = None
    local: bool | None = None


class HashOut(Schema):
    """A hash of an entry. `id`: what tombstones name."""

    id: int
    kind: str
    value: str
    quality: int


class EntryOut(Schema):
    """A known item."""

    name: str
    hashes: list[HashOut]
    classification: str
    source: str
    expires: datetime | None
    metadata: dict[str, str]


class EntriesOut(Schema):
    """A page of a bank, the oldest first. `removed`: ids of hashes that are gone since the page before."""

    entries: list[EntryOut]
    removed: list[int]
    more: bool
    next_cursor: str


class EntryIn(Taken):
    """A new entry: one hash at least."""

    name: EntryName
    pdq: list[Hash256] = Field(default_factory=list, max_length=1_024)
    quality: int = Field(100, ge=0, le=100, description="of the PDQ hashes")
    md5: Hash128 | None = None
    sha1: Hash160 | None = None
    sha256: Hash256 | None = None
    classification: Word = ""
    source: Word = ""
    expires: Moment | None = None
    metadata: dict[Word, Word] = Field(default_factory=dict, max_length=50)


class EntriesIn(Taken):
    """New entries. Those whose names are there already are left as they are."""

    entries: list[EntryIn] = Field(min_length=1, max_length=1_000)


class AddedOut(Schema):
    """How many came, and how many were there by their names."""

    added: int
    present: int
