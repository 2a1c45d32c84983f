"""Families of a scan's files, and what is kept of them from scan to scan. Rules: docs/families.md."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from safelight.fingerprint.digests import digest
from safelight.flow.walk import display
from safelight.match.families import FamilyTies, lone_family, relations_of
from safelight.match.unions import Unions
from safelight.model.bank import Bank
from safelight.model.errors import InputError, UnknownBankError
from safelight.model.family import (
    DerivationEdge,
    EdgeKind,
    Family,
    FamilyMember,
    MemberKind,
    bank_of,
    entry_identity,
    family_id,
    member_order,
)
from safelight.model.fingerprint import Digests
from safelight.model.scan import ScanRow
from safelight.ports import BankStore, FamilyStore

SIGHTINGS = 20
"""Paths that are told of one file, the newest."""


class FamilyLabels:
    """Which family each row of a scan is in. `count`: families; `largest`: rows of the largest.

    Holds the digests of what was found, not the rows: some 300 bytes for each file with a match.
    """

    def __init__(self, rows: Iterable[ScanRow]) -> None:
        self._unions = Unions[str](member_order)
        of_file: Counter[str] = Counter()
        for row in rows:
            relations = relations_of(row)
            if relations is None or not relations.edges:
                continue
            of_file[relations.sha256] += 1
            for edge in relations.edges:
                self._unions.join(edge.child, edge.parent)
        sizes: Counter[str] = Counter()
        for sha256, number in of_file.items():
            sizes[self._unions.name(sha256)] += number
        self.count = len(sizes)
        self.largest = max(sizes.values(), default=0)

    def of(self, row: ScanRow) -> str | None:
        """The id of the family that the row's file is in."""
        if row.sha256 is None or row.sha256 not in self._unions:
            return None
        return family_id(self._unions.name(row.sha256))


def with_families(rows: Iterable[ScanRow], labels: FamilyLabels) -> Iterator[ScanRow]:
    """The rows, each with its family."""
    return (replace(row, family=labels.of(row)) for row in rows)


def record_scan(rows: Iterable[ScanRow], families: FamilyStore, scan: datetime) -> None:
    """Keep what the rows of the scan that began at `scan` say about families; doing it again changes nothing.

    Raises:
        StorageError: the store cannot be written; what was committed before is kept.
    """
    families.record((found for row in rows if (found := relations_of(row)) is not None), scan)


def find_family(item: str, banks: BankStore, families: FamilyStore) -> Family | None:
    """The family of an item, by all scans that were kept; None when nothing is kept of it.

    A family without edges has one member and leads: nothing is joined to it, but something shows its scene. Banks of
    known-benign items join nothing, also when they were made so after a scan.

    Args:
        item: the path of a file (which is read once for its digests), a SHA-256, `BANK/ENTRY` or a family's id.
        banks: where entries with the file's digests are looked up, so that a known item finds its own family.
        families: what earlier scans found.

    Raises:
        InputError: a file that cannot be read, or a text that is nothing of the above.
        UnknownEntryError: the bank has no such entry.
    """
    every = banks.banks()
    start, own = _starting_point(item, banks, families, every)
    if start is None:
        return None
    benign = {bank.name for bank in every if bank.negative}
    reached = [*own, *families.component({start, *(edge.parent for edge in own)})]
    edges = [edge for edge in reached if bank_of(edge.parent) not in benign]
    items = {start, *(end for edge in edges for end in (edge.child, edge.parent))}
    leads = [lead for lead in families.leads(items) if bank_of(lead.entry) not in benign]
    files = {end for end in (*items, *(lead.item for lead in leads)) if not bank_of(end)}
    members = families.members(files, SIGHTINGS)
    if start in files - set(members):
        name = display(item) if os.path.lexists(item) else start
        members[start] = FamilyMember(MemberKind.FILE, name, start)
    ties = FamilyTies()
    ties.add(edges, leads)
    for family in ties.families(members):
        if start in {member.identity for member in family.members}:
            return family
    own_leads = [lead for lead in leads if start in {lead.item, lead.entry}]
    return lone_family(start, own_leads, members) if own_leads else None


def forget_item(item: str, families: FamilyStore) -> None:
    """Remove what is kept of an item: the path of a file, a SHA-256 or `BANK/ENTRY`, also of an entry that is gone.

    Raises InputError for a file that cannot be read.
    """
    families.forget([_digests(item).sha256 if os.path.lexists(item) else display(item)])


def _starting_point(
    item: str, banks: BankStore, families: FamilyStore, every: list[Bank]
) -> tuple[str | None, list[DerivationEdge]]:
    """The identity that an item stands for, and its edges to entries with the very same digests."""
    if os.path.lexists(item):
        digests = _digests(item)
    elif re.fullmatch("[0-9a-fA-F]{64}", item):
        digests = Digests(md5="", sha1="", sha256=item.lower(), size=0)
    elif re.fullmatch("[0-9a-fA-F]{16}", item):
        return families.named(item.lower()), []
    else:
        return _entry(item, banks), []
    asked = [bank for bank in every if bank.enabled and not bank.negative]
    same = {entry_identity(bank.name, entry.name) for bank, entry, _ in banks.by_digests(asked, digests)}
    return digests.sha256, [DerivationEdge(digests.sha256, entry, EdgeKind.EXACT) for entry in sorted(same)]


def _digests(path: str) -> Digests:
    try:
        if not Path(path).is_file():
            raise InputError(path=display(path), cause="not a regular file")
        with Path(path).open("rb") as file:
            return digest(file)
    except OSError as error:
        raise InputError(path=display(path), cause=error.strerror or str(error)) from error


def _entry(item: str, banks: BankStore) -> str:
    bank, slash, name = item.partition("/")
    try:
        if slash:
            return entry_identity(bank, banks.entry(banks.bank(bank), name).name)
    except UnknownBankError:
        pass
    raise InputError(path=display(item), cause="neither a file, nor a SHA-256, a family's id or BANK/ENTRY")
