"""`ports.CaseStore` on the Django ORM."""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from django.db import connections, transaction
from django.db.models import Count, Q, QuerySet

from safelight.adapter.casework import projection
from safelight.adapter.casework.models import CaseRow, Event, Head, ItemRow, LogState, Node
from safelight.adapter.casework.rows import (
    event_row,
    item_of,
    item_row,
    logged_of,
    node_id,
    peaks_of,
)
from safelight.adapter.casework.shelf import Shelf
from safelight.adapter.store.errors import storage_errors
from safelight.case import fold, merkle
from safelight.case.chain import entry_bytes, leaf_hash, read_entry
from safelight.model.audit import (
    NO_HASH,
    Consistency,
    Flaw,
    Inclusion,
    LoggedEvent,
    SignedHead,
    TreeHead,
)
from safelight.model.case import NAMES, SERVICE_CASE, Body, Case, CaseEvent, CaseState, Draft
from safelight.model.codec import from_json, to_json
from safelight.model.errors import ConflictError, UnknownCaseError, UnknownItemError, UsageError
from safelight.model.service import Item
from safelight.ports import Clock

MAX_NAME = 64
"""Characters in the id of a case or an item."""
MAX_PRIORITY = 1_000_000
"""Above or below 0."""


class DjangoCaseStore:
    """The store behind `place`, one of Django's connections. Each thread that uses it gets a connection of its own."""

    def __init__(self, place: str, clock: Clock) -> None:
        self.place = place
        self._shelf = Shelf(place)
        self._clock = clock

    def close(self) -> None:
        """Close this thread's connection; it opens again when needed."""
        connections[self.place].close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; see `ports.CaseStore.transaction`. What is raised within goes on as it is.

        On PostgreSQL, whoever both appends and keeps items within should append first: two that lock in different
        orders may wait for each other, and one of them gets StorageError.
        """
        atomic = transaction.atomic(using=self.place)
        with self._errors():
            atomic.__enter__()
        try:
            yield
        except BaseException:
            with self._errors():
                atomic.__exit__(*sys.exc_info())
            raise
        with self._errors():
            atomic.__exit__(None, None, None)

    def append(self, drafts: Sequence[Draft], expect: int | None = None) -> list[LoggedEvent]:
        """Take events in; see `ports.CaseStore.append`.

        All have one time. `expect` is the length of the first draft's case. A family has one case that is not merged:
        another one that is opened for it raises ConflictError, too. Raises UsageError for what cannot be written.
        """
        if not drafts:
            return []
        for draft in drafts:
            _check_name(draft.case)
        with self._errors():
            self._shelf.warm({draft.case for draft in drafts})  # before others have to wait for it
        with self._errors(), transaction.atomic(using=self.place):
            state = LogState.objects.using(self.place).select_for_update().get()  # the lock; see there
            before = self._shelf.get({draft.case for draft in drafts})
            if expect is not None and expect != _length(before.get(drafts[0].case)):
                raise ConflictError(what=f"case {drafts[0].case!r}")
            logged, after = self._extend(state.size, drafts, before)
            nodes = self._grow(state, logged)
            Event.objects.using(self.place).bulk_create(map(event_row, logged))
            Node.objects.using(self.place).bulk_create(nodes)
            changes = sorted(((before.get(name), case) for name, case in after.items()), key=lambda one: one[0] is None)
            self._check(changes)
            self._shelf.keep(changes)
        return logged

    def case(self, case: str) -> Case:
        """A case as it is now; see `ports.CaseStore.case`. The service's own has a length and a head alone."""
        with self._errors():
            found = self._shelf.get({case}).get(case) if _is_name(case) else None
        if found is None:
            raise UnknownCaseError(case=case)
        return found

    def events(self, case: str, after: int = 0) -> list[LoggedEvent]:
        """Events of a case, in order; see `ports.CaseStore.events`."""
        with self._errors():
            rows = self._events().filter(case=case, seq__gte=after).order_by("seq") if _is_name(case) else ()
            found = [logged_of(row) for row in rows]
        if not found:
            raise UnknownCaseError(case=case)
        return found

    def log(self, after: int, limit: int, kinds: Collection[type[Body]] = ()) -> list[LoggedEvent]:
        """The next events of the whole log; see `ports.CaseStore.log`."""
        rows = self._events().filter(position__gt=after).order_by("position")
        if kinds:
            rows = rows.filter(kind__in=[NAMES[kind] for kind in kinds])
        with self._errors():
            return [logged_of(row) for row in rows[:limit]]

    def of_cases(self, cases: Collection[str], kinds: Collection[type[Body]]) -> dict[str, list[LoggedEvent]]:
        """Events of several cases; see `ports.CaseStore.of_cases`."""
        rows = self._events().filter(case__in=cases, kind__in=[NAMES[kind] for kind in kinds])
        found: dict[str, list[LoggedEvent]] = {}
        with self._errors():
            for row in rows.order_by("case", "seq"):
                found.setdefault(row.case, []).append(logged_of(row))
        return found

    def told(self, begin: datetime, end: datetime, after: int = -1, limit: int = 100) -> list[LoggedEvent]:
        """Reasons that uploaders were told; see `ports.CaseStore.told`."""
        rows = self._events().filter(told__gte=begin, told__lt=end, position__gt=after).order_by("position")
        with self._errors():
            return [logged_of(row) for row in rows[:limit]]

    def cases(
        self, states: Sequence[CaseState] = (), queue: str | None = None, after: str = "", limit: int = 100
    ) -> list[Case]:
        """Cases by id; see `ports.CaseStore.cases`."""
        _check_texts(after, queue)
        rows = self._case_rows().filter(id__gt=after).exclude(id=SERVICE_CASE)
        if states:
            rows = rows.filter(state__in=states)
        if queue is not None:
            rows = rows.filter(queue=queue)
        with self._errors():
            return self._shelf.read(rows.order_by("id")[:limit])

    def waiting(self, queues: Sequence[str], limit: int) -> list[Case]:
        """Open cases, what is urgent first; see `ports.CaseStore.waiting`. Of equal age, by id."""
        _check_texts(*queues)
        rows = self._case_rows().filter(state=CaseState.OPEN)
        if queues:
            rows = rows.filter(queue__in=queues)
        with self._errors():
            return self._shelf.read(rows.order_by("-priority", "opened", "id")[:limit])

    def agreed(self, after: str = "", limit: int = 100) -> list[Case]:
        """Cases with something to be carried out; see `ports.CaseStore.agreed`."""
        _check_texts(after)
        with self._errors():
            return self._shelf.read(self._case_rows().filter(agreed__isnull=False, id__gt=after).order_by("id")[:limit])

    def owing(self, after: tuple[datetime, str] | None = None, limit: int = 100) -> list[tuple[datetime, Case]]:
        """Cases with open duties; see `ports.CaseStore.owing`."""
        rows = self._case_rows().filter(due__isnull=False)
        if after is not None:
            due, case = after
            _check_texts(case)
            rows = rows.filter(due__gte=due).filter(Q(due__gt=due) | Q(id__gt=case))
        with self._errors():
            found = [(row.due, row) for row in rows.order_by("due", "id")[:limit] if row.due is not None]
            cases = self._shelf.read(row for _, row in found)
        return [(due, case) for (due, _), case in zip(found, cases, strict=True)]

    def due_before(self, at: datetime) -> int:
        """How many cases are due; see `ports.CaseStore.due_before`."""
        with self._errors():
            return self._case_rows().filter(due__lt=at).count()

    def case_of_family(self, family: str) -> Case | None:
        """The case about this family; see `ports.CaseStore.case_of_family`."""
        _check_texts(family)
        rows = self._case_rows().filter(family=family).exclude(state=CaseState.MERGED).order_by("id")
        with self._errors():
            found = self._shelf.get(rows.values_list("id", flat=True)[:1])
        alive = (case for case in found.values() if case.family == family and case.state is not CaseState.MERGED)
        return next(alive, None)

    def item(self, item: str) -> Item:
        """An item; see `ports.CaseStore.item`."""
        with self._errors():
            row = ItemRow.objects.using(self.place).filter(id=item).first() if _is_name(item) else None
        if row is None:
            raise UnknownItemError(item=item)
        return item_of(row)

    def put_item(self, item: Item) -> None:
        """Keep an item, in place of the one of its id. Raises UsageError for what cannot be written."""
        _check_name(item.id)
        with _written():
            row = item_row(item)
            _check_texts(item.sha256)
        with self._errors():
            ItemRow.objects.using(self.place).bulk_create(
                [row],
                update_conflicts=True,
                update_fields=["sha256", "year", "source", "outcome", "item"],
                unique_fields=["id"],
            )

    def items(self, after: str = "", limit: int = 100, sha256: str | None = None) -> list[Item]:
        """Items by id; see `ports.CaseStore.items`."""
        _check_texts(after, sha256)
        rows = ItemRow.objects.using(self.place).filter(id__gt=after)
        if sha256 is not None:
            rows = rows.filter(sha256=sha256)
        with self._errors():
            return [item_of(row) for row in rows.order_by("id")[:limit]]

    def came(self, year: int) -> Counter[tuple[str, str | None]]:
        """How many items came in a year; see `ports.CaseStore.came`."""
        rows = ItemRow.objects.using(self.place).filter(year=year).values_list("source", "outcome")
        with self._errors():
            return Counter({(source, outcome): n for source, outcome, n in rows.annotate(n=Count("*")).order_by()})

    def head(self) -> TreeHead:
        """The tree as it is now; see `ports.CaseStore.head`."""
        with self._errors():
            state = LogState.objects.using(self.place).get()
        return TreeHead(state.log, state.size, merkle.root_of(peaks_of(state)).hex(), self._clock.now())

    def inclusion(self, position: int, size: int) -> Inclusion:
        """The proof for one entry. Raises UsageError for a place that is not in the log."""
        path = self._proof(size, lambda node: merkle.inclusion(position, size, node))
        return Inclusion(position, size, path)

    def consistency(self, first: int, second: int) -> Consistency:
        """The proof that one tree begins the other. Raises UsageError for sizes that the log has not had."""
        path = self._proof(second, lambda node: merkle.consistency(first, second, node))
        return Consistency(first, second, path)

    def put_head(self, head: SignedHead) -> None:
        """Keep a signed head, in place of the one of its signature: its time stamp may come later."""
        row = Head(signature=head.signature, head=to_json(head).decode())
        with self._errors():
            Head.objects.using(self.place).bulk_create(
                [row], update_conflicts=True, update_fields=["head"], unique_fields=["signature"]
            )

    def heads(self, limit: int = 100) -> list[SignedHead]:
        """Signed heads, the one that was kept last first."""
        with self._errors():
            rows = Head.objects.using(self.place).order_by("-id")[:limit]
            return [from_json(row.head, SignedHead) for row in rows]

    def rebuild(self) -> None:
        """Make cases and the tree from the log again. Nothing is appended meanwhile.

        Raises StorageError for a log that is damaged; nothing is changed then.
        """
        with self._errors(), transaction.atomic(using=self.place):
            projection.rebuild(self.place)

    def projection_flaws(self) -> list[Flaw]:
        """What is wrong with the log in this database, and where cases and the tree are not what it says.

        Others may go on appending.
        """
        with self._errors():
            return list(projection.flaws(self.place))

    def _errors(self) -> AbstractContextManager[None]:
        return storage_errors(self.place)

    def _events(self) -> QuerySet[Event]:
        return Event.objects.using(self.place)

    def _case_rows(self) -> QuerySet[CaseRow]:
        return CaseRow.objects.using(self.place)

    def _extend(
        self, position: int, drafts: Sequence[Draft], before: dict[str, Case]
    ) -> tuple[list[LoggedEvent], dict[str, Case]]:
        """The drafts as entries from `position` on, and the cases as these leave them."""
        now = self._clock.now()
        logged: list[LoggedEvent] = []
        after: dict[str, Case] = {}
        for draft in drafts:
            case = after.get(draft.case, before.get(draft.case))
            fold.check(case, draft.body, draft.actor, now)
            with _written():
                made = _entry(draft, case, now)
            logged.append(LoggedEvent(position + len(logged), leaf_hash(made), made, read_entry(made)))
            after[draft.case] = fold.apply(case, logged[-1].event, logged[-1].hash)
        return logged, after

    def _grow(self, state: LogState, logged: Sequence[LoggedEvent]) -> list[Node]:
        """Move the end of the log; return the nodes that the entries complete."""
        peaks, nodes = peaks_of(state), list[Node]()
        for one in logged:
            peaks, (_leaf, *completed) = merkle.append(peaks, bytes.fromhex(one.hash))
            nodes += [Node(id=node_id(level, index), hash=found) for level, index, found in completed]
        state.size, state.peaks = peaks.size, b"".join(peaks.hashes)
        state.save(using=self.place, force_update=True)
        return nodes

    def _check(self, changes: Iterable[tuple[Case | None, Case]]) -> None:
        """Raise ConflictError for a case of a family that has one already (the log is locked, so that this holds).

        Raises UsageError for what the columns cannot hold.
        """
        live: set[str] = set()
        merged = {case.id for _, case in changes if case.state is CaseState.MERGED}
        for before, case in changes:
            _check_texts(case.queue, case.family)
            if abs(case.priority) > MAX_PRIORITY:
                raise UsageError(detail=f"a priority is at most {MAX_PRIORITY}")
            if before or case.family is None or case.id in merged:
                continue
            there = self.case_of_family(case.family)
            if case.family in live or (there and there.id not in merged):
                raise ConflictError(what=f"family {case.family!r}")
            live.add(case.family)

    def _proof(self, size: int, make: Callable[[merkle.Node], list[bytes]]) -> tuple[str, ...]:
        """Make a proof twice: first to hear which nodes it takes, then, with all of them read at once, in earnest."""
        asked: list[tuple[int, int]] = []

        def ask(level: int, index: int) -> bytes:
            asked.append((level, index))
            return b""

        try:
            make(ask)
        except ValueError as error:
            raise UsageError(detail=str(error)) from error
        with self._errors():
            held = LogState.objects.using(self.place).get().size
            if size > held:
                raise UsageError(detail=f"the log has {held} entries, not {size}")
            leaves = self._events().filter(position__in=[index for level, index in asked if not level])
            nodes = Node.objects.using(self.place).filter(id__in=[node_id(*place) for place in asked if place[0]])
            hashes = {node_id(0, position): found for position, found in leaves.values_list("position", "hash")}
            hashes |= dict(nodes.values_list("id", "hash"))
        return tuple(found.hex() for found in make(lambda level, index: bytes(hashes[node_id(level, index)])))


def _length(case: Case | None) -> int:
    return case.length if case else 0


def _entry(draft: Draft, case: Case | None, now: datetime) -> bytes:
    prev = case.head if case else NO_HASH
    return entry_bytes(CaseEvent(draft.case, _length(case), now, draft.actor, draft.body, prev, draft.tool))


def _is_name(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and name.isascii() and name.isprintable()


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise UsageError(detail=f"an id has 1 to {MAX_NAME} printable characters of ASCII")


def _check_texts(*texts: str | None) -> None:
    """Raise UsageError for a text that no column can hold, or be compared with."""
    for text in texts:
        if text and ("\0" in text or any("\ud800" <= character <= "\udfff" for character in text)):
            raise UsageError(detail="a text holds a NUL character, or is not Unicode")


@contextmanager
def _written() -> Iterator[None]:
    """Raise UsageError for what cannot be written down: texts that are not Unicode, values of other types."""
    try:
        yield
    except ValueError as error:
        raise UsageError(detail=f"cannot be written down: {error}") from error
