"""`ports.BankStore` in plain lists and dictionaries: the obvious version that the others are compared with."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from safelight.model.bank import Bank, BankEntry, HashChange, KnownHash
from safelight.model.errors import BankExistsError, UnknownBankError, UnknownEntryError
from safelight.model.fingerprint import Digests
from safelight.ports import Clock


@dataclass
class SetClock:
    """A clock that stands where it is put."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 6, 1, 12, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment


@dataclass
class _Kept:
    bank: Bank
    entries: dict[str, BankEntry] = field(default_factory=dict)
    history: list[HashChange] = field(default_factory=list)


class MemoryBankStore:
    """Keeps the whole history as a list and looks everything up by reading all of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[int, _Kept] = {}
        self._ids = count(1)

    def close(self) -> None:
        """Nothing is open."""

    def create(self, bank: Bank) -> Bank:
        if any(kept.bank.name == bank.name for kept in self._kept.values()):
            raise BankExistsError(name=bank.name)
        made = replace(bank, id=next(self._ids), entries=0)
        self._kept[made.id] = _Kept(made)
        return made

    def banks(self) -> list[Bank]:
        banks = [replace(kept.bank, entries=len(kept.entries)) for kept in self._kept.values()]
        return sorted(banks, key=lambda bank: bank.name)

    def bank(self, name: str) -> Bank:
        for bank in self.banks():
            if bank.name == name:
                return bank
        raise UnknownBankError(name=name, known=", ".join(bank.name for bank in self.banks()) or "none")

    def update(self, bank: Bank) -> Bank:
        kept = self._of(bank)
        if any(other.bank.name == bank.name and other is not kept for other in self._kept.values()):
            raise BankExistsError(name=bank.name)
        kept.bank = bank
        return self.bank(bank.name)

    def delete(self, bank: Bank) -> None:
        self._of(bank)
        del self._kept[bank.id]

    def add(self, bank: Bank, entries: Iterable[BankEntry]) -> tuple[int, int]:
        kept = self._of(bank)
        added = present = 0
        for entry in entries:
            if entry.name in kept.entries:
                present += 1
                continue
            hashes = tuple(replace(known, id=next(self._ids)) for known in entry.hashes)
            kept.entries[entry.name] = replace(entry, id=next(self._ids), hashes=hashes)
            kept.history += [
                HashChange(next(self._ids), known.id, bytes.fromhex(known.value))
                for known in hashes
                if known.kind == "pdq"
            ]
            added += 1
        return added, present

    def remove(self, bank: Bank, names: Sequence[str]) -> None:
        kept = self._of(bank)
        for name in names:
            if name not in kept.entries:
                raise UnknownEntryError(bank=bank.name, entry=name)
        for name in dict.fromkeys(names):
            for known in kept.entries.pop(name).hashes:
                kept.history.append(HashChange(next(self._ids), known.id, None))

    def entries(self, bank: Bank, after: int = 0) -> Iterator[BankEntry]:
        return iter([entry for entry in self._of(bank).entries.values() if entry.id > after])

    def entry(self, bank: Bank, name: str) -> BankEntry:
        if name not in self._of(bank).entries:
            raise UnknownEntryError(bank=bank.name, entry=name)
        return self._of(bank).entries[name]

    def entry_ids(self, bank: Bank, names: Collection[str]) -> dict[str, int]:
        return {name: entry.id for name, entry in self._of(bank).entries.items() if name in names}

    def existing(self, bank: Bank, ids: Collection[int]) -> set[int]:
        return {entry.id for entry in self._of(bank).entries.values() if entry.id in ids}

    def by_entry_ids(self, ids: Collection[int]) -> dict[int, BankEntry]:
        entries = (entry for kept in self._kept.values() for entry in kept.entries.values())
        return {entry.id: entry for entry in entries if entry.id in ids and self._is_live(entry)}

    def by_hash_ids(self, ids: Sequence[int]) -> dict[int, tuple[BankEntry, KnownHash]]:
        return {known.id: (entry, known) for _, entry, known in self._live() if known.id in set(ids)}

    def by_digests(self, banks: Sequence[Bank], digests: Digests) -> list[tuple[Bank, BankEntry, KnownHash]]:
        wanted = {("md5", digests.md5), ("sha1", digests.sha1), ("sha256", digests.sha256)}
        asked = {bank.id: bank for bank in banks}
        return [
            (asked[number], entry, known)
            for number, entry, known in self._live()
            if number in asked and (known.kind, known.value) in wanted
        ]

    def changes(self, bank: Bank, after: int, limit: int) -> list[HashChange]:
        return [change for change in self._of(bank).history if change.seq > after][:limit]

    def last_change(self, bank: Bank) -> int:
        history = self._of(bank).history
        return history[-1].seq if history else 0

    def _of(self, bank: Bank) -> _Kept:
        if bank.id not in self._kept:
            raise UnknownBankError(name=bank.name, known=", ".join(bank.name for bank in self.banks()) or "none")
        return self._kept[bank.id]

    def _live(self) -> Iterator[tuple[int, BankEntry, KnownHash]]:
        for number, kept in self._kept.items():
            for entry in kept.entries.values():
                if self._is_live(entry):
                    yield from ((number, entry, known) for known in entry.hashes)

    def _is_live(self, entry: BankEntry) -> bool:
        return entry.expires is None or entry.expires > self._clock.now()
