"""Whether what is at a URL is of the family of an item: the same bytes, or by examination and matching."""

import os
from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from safelight.fingerprint.digests import digest
from safelight.flow.family import find_family
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
        case = self._case(location.case)
        if sha256 == location.sha256 or any(item.sha256 == sha256 for item in case.items):
            return Judged(sha256, EdgeKind.EXACT)
        file.seek(0, os.SEEK_SET)
        rows = self._look(file, f"locations/{location.id}")
        kind = min((*self._by_family(rows, location), *self._by_items(rows, case)), key=_RANK.__getitem__, default="")
        return Judged(sha256, kind, sure=rows[-1].status not in {Status.UNREADABLE, Status.DEGRADED})

    def _case(self, name: str) -> Case:
        case = self._cases.case(name)
        return case if case.merged_into is None else self._case(case.merged_into)

    def _by_family(self, rows: Sequence[ScanRow], location: Location) -> list[EdgeKind]:
        """How the file agrees with known items that the item's family has."""
        family = find_family(location.sha256, self._banks, self._families)
        members = {member.identity for member in family.members} if family is not None and family.edges else set()
        found = [told for row in rows if (told := relations_of(row)) is not None]
        return [edge.kind for told in found for edge in told.edges if edge.parent in members]

    def _by_items(self, rows: Sequence[ScanRow], case: Case) -> list[EdgeKind]:
        """How the file agrees with items of the case: those that are in no bank have nothing else to be known by."""
        kept = [self._cases.item(item.id).row for item in case.items]
        own = [int(row.pdq, 16) for row in kept if row is not None and _comparable(row) and row.pdq]
        seen = [int(row.pdq, 16) for row in rows if _comparable(row) and row.pdq]
        near = any((one ^ other).bit_count() <= NEAR for one in own for other in seen)
        return [EdgeKind.NEAR] if near else []


def _comparable(row: ScanRow) -> bool:
    return bool(row.pdq) and (row.pdq_quality or 0) >= MIN_QUALITY
