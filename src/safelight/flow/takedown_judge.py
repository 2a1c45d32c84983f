"""Whether what is at a URL is of the family of an item: the same bytes, or by examination and matching."""

import os
from collections.abc import Callable, Collection, Sequence
from typing import BinaryIO, Final

from safelight.fingerprint.digests import digest
from safelight.flow.family import find_family
from safelight.flow.merged import current
from safelight.match.families import relations_of
from safelight.model.case import Case
from safelight.model.family import EdgeKind
from safelight.model.scan import ScanRow, Status
from safelight.model.takedown import Judged, Location
from safelight.ports import BankStore, CaseStore, FamilyStore

Look = Callable[[BinaryIO, str], Sequence[ScanRow]]
"""Examines an open file in a confined process, matches and judges it; see `flow.look.Looker`."""

NEAR: Final = 31
"""PDQ bits of 256 by which a picture may differ from an item of the case: the threshold that PDQ's authors give."""
MIN_QUALITY: Final = 50
"""PDQ quality below which a picture has too little in it to be compared (the same source)."""
_RANK: Final = {kind: rank for rank, kind in enumerate(EdgeKind)}


class FamilyJudge:
    """Compares what a look found with the family of the location's item, and with all items of its case."""

    def __init__(self, look: Look, cases: CaseStore, banks: BankStore, families: FamilyStore) -> None:
        """`look` is called only for bytes that are none of the case's own."""
        self._look, self._cases, self._banks, self._families = look, cases, banks, families

    def __call__(self, file: BinaryIO, location: Location) -> Judged:
        """What an open file is to the family. Raises what looking at files and reading stores raises."""
        sha256 = digest(file).sha256
        case = current(self._cases, location.case)
        if sha256 == location.sha256 or any(item.sha256 == sha256 for item in case.items):
            return Judged(sha256, EdgeKind.EXACT)
        file.seek(0, os.SEEK_SET)
        rows = self._look(file, f"locations/{location.id}")
        members = self._members(location)
        kinds = (*_by_family(rows, members), *self._by_items(rows, case))
        kind = min(kinds, key=_RANK.__getitem__, default="")
        if rows[-1].status in {Status.UNREADABLE, Status.DEGRADED}:
            return Judged(sha256, kind, sure=False)
        alike = self._alike(rows[-1], location, known=bool(members))
        return Judged(sha256, kind, sure=alike or bool(kind), unlike=not alike and not kind)

    def _members(self, location: Location) -> set[str]:
        """Known items that the item's family has."""
        family = find_family(location.sha256, self._banks, self._families)
        return {member.identity for member in family.members} if family is not None and family.edges else set()

    def _alike(self, row: ScanRow, location: Location, *, known: bool) -> bool:
        """Whether a file is of the item's kind, and both have what they would have agreed by.

        A page may show the item, and a video may hold the picture: of those, that nothing agrees says nothing.
        `known`: whether the item has a family in the banks, which is all that videos are compared by.
        """
        item = self._cases.item(location.item).row
        if item is None or row.status is not Status.OK or _medium(row) != _medium(item):
            return False
        if _medium(row) == "image":
            return _comparable(row) and _comparable(item)
        return _medium(row) == "video" and known and bool(row.duration) and bool(item.duration)

    def _by_items(self, rows: Sequence[ScanRow], case: Case) -> list[EdgeKind]:
        """How the file agrees with items of the case: those that are in no bank have nothing else to be known by."""
        kept = [self._cases.item(item.id).row for item in case.items]
        own = [int(row.pdq, 16) for row in kept if row is not None and _comparable(row) and row.pdq]
        seen = [int(row.pdq, 16) for row in rows if _comparable(row) and row.pdq]
        near = any((one ^ other).bit_count() <= NEAR for one in own for other in seen)
        return [EdgeKind.NEAR] if near else []


def _by_family(rows: Sequence[ScanRow], members: Collection[str]) -> list[EdgeKind]:
    """How the file agrees with known items that the item's family has."""
    found = [told for row in rows if (told := relations_of(row)) is not None]
    return [edge.kind for told in found for edge in told.edges if edge.parent in members]


def _medium(row: ScanRow) -> str:
    return row.mime.partition("/")[0]


def _comparable(row: ScanRow) -> bool:
    return bool(row.pdq) and (row.pdq_quality or 0) >= MIN_QUALITY
