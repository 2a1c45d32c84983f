"""Cases as they are kept, and the ones that were used last in memory."""

import threading
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from django.db.models import QuerySet

from safelight.adapter.casework.models import CaseItemRow, CaseRow, Event
from safelight.adapter.casework.rows import case_columns, case_item_row, case_of, logged_of
from safelight.case.fold import apply
from safelight.model.case import SERVICE_CASE, Case
from safelight.model.errors import StorageError, TransitionError

RECENT = 32
"""Cases that are kept in memory."""


class Shelf:
    """The cases behind one of Django's connections, from any thread.

    What is acted on comes from the log (`get`): rows of cases are there to find them, and to show lists of them
    (`read`), and whoever edits one changes no more than a list.

    A case in memory is only ever believed when its head is the hash of the entry that the log has there, which holds
    for all before; entries that came since are applied. So it does not matter which process wrote them, nor whether a
    transaction was undone.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._recent: dict[str, Case] = {}

    def get(self, names: Collection[str]) -> dict[str, Case]:
        """Those of these cases that there are, by id, as their entries leave them. Raises StorageError."""
        found: dict[str, Case] = {}
        for name in names:
            if (case := self._caught_up(self._recent.get(name))) is not None:
                found[name] = case
        left = set(names) - found.keys()
        if SERVICE_CASE in left and (case := self._of_service()) is not None:
            found[SERVICE_CASE] = case
        for row in self._events().filter(case__in=left - {SERVICE_CASE}).order_by("case", "seq"):
            found[row.case] = _next(found.get(row.case), row)
        self._remember(found.values())
        return found

    def warm(self, names: Collection[str]) -> None:
        """Have these cases in memory, so that `get` has but to read what came since."""
        self.get([name for name in names if name not in self._recent])

    def read(self, rows: Iterable[CaseRow]) -> list[Case]:
        """The cases of these rows, as the rows say: for lists."""
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
            row.save(using=self._place, force_insert=before is None)
            old = before.items if before else ()
            numbers = [at for at, item in enumerate(after.items) if at >= len(old) or item is not old[at]]
            CaseItemRow.objects.using(self._place).bulk_create(
                [case_item_row(after, number) for number in numbers],
                update_conflicts=True,
                update_fields=["item"],
                unique_fields=["case", "number"],
            )
            self._remember((after,))

    def _remember(self, cases: Iterable[Case]) -> None:
        with self._lock:
            for case in cases:
                self._recent.pop(case.id, None)
                self._recent[case.id] = case
            while len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]

    def _in_memory(self, row: CaseRow) -> Case | None:
        case = self._recent.get(row.id)
        if case is not None and case.length < row.length:
            with suppress(StorageError):  # then the row is shown; whoever acts on the case hears of it
                case = self._caught_up(case)
        return case if case and (case.length, case.head) == (row.length, row.head) else None

    def _caught_up(self, case: Case | None) -> Case | None:
        """A case from memory with what came since; None when the log does not have what it ends with."""
        if case is None:
            return None
        last, *new = self._events().filter(case=case.id, seq__gte=case.length - 1).order_by("seq") or (None,)
        if last is None or bytes(last.hash).hex() != case.head:
            return None
        for row in new:
            case = _next(case, row)
        return case

    def _of_service(self) -> Case | None:
        """The service's own case, of which nothing but its length and head is known, by its first and last entry."""
        entries = self._events().filter(case=SERVICE_CASE)
        begun, last = entries.order_by("seq").first(), entries.order_by("-seq").first()
        if begun is None or last is None:
            return None
        case, end = _next(None, begun), logged_of(last)
        shown = CaseRow.objects.using(self._place).filter(id=SERVICE_CASE).values_list("updated", flat=True)
        updated = max(case.updated, end.event.at, *shown)  # those between may have had a clock that was ahead
        return replace(case, length=end.event.seq + 1, head=end.hash, updated=updated)

    def _events(self) -> QuerySet[Event]:
        return Event.objects.using(self._place)


def _next(case: Case | None, row: Event) -> Case:
    """A case after the next of its entries. Raises StorageError when it does not follow what is before it."""
    logged = logged_of(row)
    where = f"entry {row.position} of the log"
    if case is not None and logged.event.prev != case.head:
        raise StorageError(path=where, cause="it does not follow the case's entry before it")
    try:
        return apply(case, logged.event, logged.hash)
    except TransitionError as error:
        raise StorageError(path=where, cause=str(error)) from error
