"""The time, and what is kept of banks and families."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from safelight.model.bank import Bank, BankEntry, HashChange, KnownHash
from safelight.model.family import DerivationEdge, FamilyMember, Lead, Relations
from safelight.model.fingerprint import Digests


class Clock(Protocol):
    """The time, as the flows see it."""

    def now(self) -> datetime:
        """The current moment, timezone-aware, UTC."""
        ...


class BankStore(Protocol):
    """Banks and their entries; the source of truth from which the index is built.

    Every PDQ hash that comes, and every hash that goes, gets the next number of its bank's history, so that an index
    can ask for what it has not seen. Names, not ids, are used towards people. All errors are of `model.errors`.
    """

    def create(self, bank: Bank) -> Bank:
        """Store a new bank (its `id` is ignored) and return it. Raises BankExistsError."""
        ...

    def banks(self) -> list[Bank]:
        """All banks by name, each with its number of entries."""
        ...

    def bank(self, name: str) -> Bank:
        """The bank of that name. Raises UnknownBankError."""
        ...

    def update(self, bank: Bank) -> Bank:
        """Store changed settings of `bank.id`."""
        ...

    def delete(self, bank: Bank) -> None:
        """Remove a bank with all its entries."""
        ...

    def add(self, bank: Bank, entries: Iterable[BankEntry]) -> tuple[int, int]:
        """Add entries in batches, durably; return (added, already present by name). Streams: memory is bounded."""
        ...

    def remove(self, bank: Bank, names: Sequence[str]) -> None:
        """Remove entries. Raises UnknownEntryError for the first name that is not there, removing none."""
        ...

    def entries(self, bank: Bank, after: int = 0) -> Iterator[BankEntry]:
        """All entries of a bank in the order they came, after the one of id `after`, streamed."""
        ...

    def entry(self, bank: Bank, name: str) -> BankEntry:
        """One entry by its name, expired or not. Raises UnknownEntryError."""
        ...

    def entry_ids(self, bank: Bank, names: Collection[str]) -> dict[str, int]:
        """The ids of the bank's entries of these names, expired or not (names that are not there are left out)."""
        ...

    def existing(self, bank: Bank, ids: Collection[int]) -> set[int]:
        """Those of these ids that are entries of the bank, expired or not."""
        ...

    def by_entry_ids(self, ids: Collection[int]) -> dict[int, BankEntry]:
        """The live entries of these ids, of any bank (ids that are gone or expired are left out)."""
        ...

    def by_hash_ids(self, ids: Sequence[int]) -> dict[int, tuple[BankEntry, KnownHash]]:
        """The live entries that hold these hash ids (ids that are gone are left out)."""
        ...

    def by_digests(self, banks: Sequence[Bank], digests: Digests) -> list[tuple[Bank, BankEntry, KnownHash]]:
        """Each agreement of a live entry of these banks with one of the digests: one with two of them comes twice."""
        ...

    def changes(self, bank: Bank, after: int, limit: int) -> list[HashChange]:
        """The next steps of the bank's history after number `after`, oldest first, at most `limit`."""
        ...

    def last_change(self, bank: Bank) -> int:
        """Number of the newest step of the bank's history, 0 when there is none."""
        ...


class FamilyStore(Protocol):
    """Edges and leads between files that scans saw and entries of banks, and the paths where the files were.

    Items are named by their identities (see `model.family`). All errors are of `model.errors`.
    """

    def record(self, relations: Iterable[Relations], scan: datetime) -> None:
        """Keep what the scan that began at `scan` found, durably, in batches; telling it again changes nothing.

        Of edges that join the same pair in the same way, and of leads, the evidence told last stays.
        """
        ...

    def component(self, identities: Iterable[str]) -> list[DerivationEdge]:
        """Every edge that can be reached from these items over edges, each once, in no particular order."""
        ...

    def leads(self, identities: Iterable[str]) -> list[Lead]:
        """Every lead from or to one of these items, each once, in no particular order."""
        ...

    def members(self, identities: Iterable[str], sightings: int) -> dict[str, FamilyMember]:
        """Those of these files that are kept, each with its newest `sightings`, named by the first of them."""
        ...

    def named(self, family: str) -> str | None:
        """The entry that a family of this id is named after, None when it is not kept."""
        ...

    def forget(self, identities: Iterable[str]) -> None:
        """Remove items with their edges, leads and sightings, and the files that nothing is left to say of."""
        ...

    def forget_bank(self, bank: str) -> None:
        """Forget every entry of a bank."""
        ...
