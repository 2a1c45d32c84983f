"""Cases as they are kept, and the ones that were used last in memory."""

import threading
from collections.abc import Collection, Iterable

from safelight.adapter.casework.models import CaseItemRow, CaseRow, Event
from safelight.adapter.casework.rows import case_columns, case_item_row, case_of, logged_of
from safelight.case.fold import apply
from safelight.model.case import Case

RECENT = 32
"""Cases that are kept in memory."""


class Shelf:
    """The cases behind one of Django's connections, from any thread.

    A case in memory is only ever believed when its head is that of the row, which holds for the hash of its last entry
    and so for all before; where the row is further on, the entries between are applied. So it does not matter which
    process wrote them, nor whether a transaction was undone.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._recent: dict[str, Case] = {}

    def get(self, names: Collection[str]) -> dict[str, Case]:
        """Those of these cases that there are, by id."""
        rows = CaseRow.objects.using(self._place).filter(id__in=names)
        return {case.id: case for case in self.read(rows)}

    def read(self, rows: Iterable[CaseRow]) -> list[Case]:
        """The cases of these rows."""
        rows = list(rows)
        found = {row.id: case for row in rows if (case := self._in_memory(row))}
        unknown = [row for row in rows if row.id not in found]
        items: dict[str, list[CaseItemRow]] = {row.id: [] for row in unknown}
        if any(row.items for row in unknown):
            for item in CaseItemRow.objects.using(self._place).filter(case__in=items).order_by("case", "number"):
                items[item.case].append(item)
        found |= {row.id: case_of(row, items[row.id][: row.items]) for row in unknown}
        return [found[row.id] for row in rows]

    def keep(self, changes: Iterable[tuple[Case | None, Case]]) -> None:
        """Write cases, given as they were and as they are now."""
        for before, after in changes:
            row = CaseRow(id=after.id, **case_columns(after))
            row.save(using=self._place, force_insert=before is None, force_update=before is not None)
            old = before.items if before else ()
            numbers = [at for at, item in enumerate(after.items) if at >= len(old) or item is not old[at]]
            CaseItemRow.objects.using(self._place).bulk_create(
                [case_item_row(after, number) for number in numbers],
                update_conflicts=True,
                update_fields=["item"],
                unique_fields=["case", "number"],
            )
            with self._lock:
                self._recent.pop(after.id, None)
                self._recent[after.id] = after
                while len(self._recent) > RECENT:
                    del self._recent[next(iter(self._recent))]

    def _in_memory(self, row: CaseRow) -> Case | None:
        case = self._recent.get(row.id)
        if case is None or case.length > row.length:
            return None
        if case.length < row.length:
            case = self._caught_up(case, row.length)
        return case if case and case.head == row.head else None

    def _caught_up(self, case: Case, length: int) -> Case | None:
        events = Event.objects.using(self._place).filter(case=case.id, seq__gte=case.length, seq__lt=length)
        for logged in map(logged_of, events.order_by("seq")):
            if logged.event.prev != case.head:
                return None  # what is in memory was undone
            case = apply(case, logged.event, logged.hash)
        return case
