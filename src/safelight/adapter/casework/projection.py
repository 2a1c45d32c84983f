"""What is made from the log: to make it again, and to find where it is not what the log says."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from django.apps.registry import Apps
from django.db import transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from safelight.adapter.casework.models import CaseItemRow, CaseRow, Event, LogState, Node
from safelight.adapter.casework.rows import case_columns, event_row, logged_of, node_id, peaks_of
from safelight.adapter.casework.shelf import Shelf
from safelight.case import merkle
from safelight.case.chain import chain_flaws
from safelight.case.fold import first_due, fold
from safelight.model.audit import Flaw, LoggedEvent
from safelight.model.case import Case
from safelight.model.codec import from_json
from safelight.model.errors import StorageError, TransitionError

PAGE = 1_000
"""Rows that are read or written at once."""


def rebuild(using: str) -> None:
    """Make cases, nodes and the end of the log again, within a transaction. Raises StorageError for a damaged log."""
    state = _lock(using)
    for table in (CaseRow, CaseItemRow, Node):
        table.objects.using(using).all().delete()
    for name in _case_names(using):
        case, flaws = _folded(name, _rows(using, name))
        if case is None or flaws:
            raise StorageError(path=flaws[0].where, cause=flaws[0].what)
        Shelf(using).keep([(None, case)])
    peaks = merkle.Peaks()
    for page in _hash_pages(using):
        peaks, nodes = _grown(peaks, (found for _, found in page))
        Node.objects.using(using).bulk_create(Node(id=number, hash=found) for number, found in nodes.items())
    state.size, state.peaks = peaks.size, b"".join(peaks.hashes)
    state.save(using=using, force_update=True)


def due_anew(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Say anew of each case that has open duties when the first is due, in a migration: `first_due` says it otherwise.

    A row that cannot be read stays as it is; `flaws` tells of it.
    """
    rows, after = apps.get_model("casework", "CaseRow").objects.using(editor.connection.alias), ""
    while page := list(rows.filter(due__isnull=False, id__gt=after).order_by("id").only("case")[:PAGE]):
        for row in page:
            with suppress(ValueError):
                rows.filter(id=row.id).update(due=first_due(from_json(row.case, Case)))
        after = page[-1].id


def rebuilt(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """`rebuild`, in a migration. A log that is damaged leaves all as it was: `flaws` tells of both."""
    using = editor.connection.alias
    with suppress(StorageError), transaction.atomic(using=using):
        rebuild(using)


def flaws(using: str) -> Iterator[Flaw]:
    """Everything that is not as it should be. What is appended meanwhile is passed over."""
    for name in _case_names(using):
        if _case_flaws(using, name):  # or it has just been changed
            with transaction.atomic(using=using):
                _lock(using)
                yield from _case_flaws(using, name)
    eventless = CaseRow.objects.using(using).exclude(id__in=Event.objects.using(using).values("case"))
    for name in eventless.values_list("id", flat=True):
        yield Flaw(f"case {name}", "has no entries")
    yield from _tree_flaws(using)


def _lock(using: str) -> LogState:
    """Nobody appends from here on, until the transaction ends."""
    return LogState.objects.using(using).select_for_update().get()


def _case_names(using: str) -> Iterator[str]:
    names, after = Event.objects.using(using).values_list("case", flat=True).order_by("case").distinct(), ""
    while page := list(names.filter(case__gt=after)[:PAGE]):
        yield from page
        after = page[-1]


def _rows(using: str, name: str) -> list[Event]:
    return list(Event.objects.using(using).filter(case=name).order_by("seq"))


def _folded(name: str, rows: Iterable[Event]) -> tuple[Case | None, list[Flaw]]:
    """The case of these entries, and what is wrong with them; None for those that are no case."""
    events: list[LoggedEvent] = []
    found: list[Flaw] = []
    for row in rows:
        try:
            logged = logged_of(row)
        except StorageError as error:
            return None, [Flaw(f"entry {row.position}", str(error.details["cause"]))]
        again = event_row(logged)
        if (row.case, row.seq, row.kind, row.told) != (again.case, again.seq, again.kind, again.told):
            found.append(
                Flaw(f"entry {row.position}", "is found under a case, number, kind or time that are not its own")
            )
        events.append(logged)
    found += chain_flaws(name, events)
    try:
        return fold(events), found
    except (TransitionError, ValueError) as error:
        return None, [*found, Flaw(f"case {name}", str(error))]


def _case_flaws(using: str, name: str) -> list[Flaw]:
    row = CaseRow.objects.using(using).filter(id=name).first()
    case, found = _folded(name, _rows(using, name))
    if row is None:
        found.append(Flaw(f"case {name}", "has entries, but is not among the cases"))
    elif case is not None and not _is(using, row, case):
        found.append(Flaw(f"case {name}", "is not what its entries say"))
    return found


def _is(using: str, row: CaseRow, case: Case) -> bool:
    columns = case_columns(case)
    del columns["case"]  # its JSON may be written in more than one way
    try:
        kept = Shelf(using).read([row])
    except StorageError:
        return False
    return kept == [case] and all(getattr(row, name) == value for name, value in columns.items())


def _tree_flaws(using: str) -> Iterator[Flaw]:
    last = Event.objects.using(using).order_by("-position").values_list("position", flat=True).first()
    state = LogState.objects.using(using).get()  # read after that, so it knows of the last one
    if last is not None and last >= state.size:
        yield Flaw("tree", f"ends at {state.size} entries, but there is entry {last}")
    peaks = merkle.Peaks()
    for page in _hash_pages(using, state.size):
        for number, (position, _) in enumerate(page, peaks.size):
            if position != number:
                yield Flaw(f"entry {number}", "is missing")
                return
        peaks, nodes = _grown(peaks, (found for _, found in page))
        held = dict(Node.objects.using(using).filter(id__in=list(nodes)).values_list("id", "hash"))
        for number, found in nodes.items():
            if number not in held or bytes(held[number]) != found:
                yield Flaw(f"tree node {number}", "is not what the entries below it say")
    if peaks.size < state.size:
        yield Flaw(f"entry {peaks.size}", "is missing")
    elif peaks != peaks_of(state):
        yield Flaw("tree", "its end is not what the entries say")


def _hash_pages(using: str, size: int | None = None) -> Iterator[list[tuple[int, bytes]]]:
    """Positions and hashes of all entries, or of those below `size`, in order."""
    hashes, after = Event.objects.using(using).order_by("position").values_list("position", "hash"), -1
    if size is not None:
        hashes = hashes.filter(position__lt=size)
    while page := [(position, bytes(found)) for position, found in hashes.filter(position__gt=after)[:PAGE]]:
        yield page
        after = page[-1][0]


def _grown(peaks: merkle.Peaks, leaves: Iterable[bytes]) -> tuple[merkle.Peaks, dict[int, bytes]]:
    """The tree with these leaves, too; and the nodes that they complete, by number."""
    nodes: dict[int, bytes] = {}
    for leaf in leaves:
        peaks, (_leaf, *completed) = merkle.append(peaks, leaf)
        nodes |= {node_id(level, index): found for level, index, found in completed}
    return peaks, nodes
