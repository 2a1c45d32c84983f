"""Between table rows and the values of the model."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import Any

from safelight.adapter.casework.models import CaseItemRow, CaseRow, Event, ItemRow, LogState
from safelight.case.chain import leaf_hash, read_entry
from safelight.case.fold import first_due
from safelight.case.merkle import Peaks
from safelight.model.audit import LoggedEvent
from safelight.model.case import NAMES, Case, CaseItem, CaseState, StatementMade
from safelight.model.closing_events import StatementKind
from safelight.model.codec import from_json, to_json
from safelight.model.errors import StorageError
from safelight.model.service import Item

_HASH = 32


def event_row(logged: LoggedEvent) -> Event:
    """An entry as it is kept."""
    event = logged.event
    return Event(
        position=logged.position,
        case=event.case,
        seq=event.seq,
        kind=NAMES[type(event.body)],
        entry=logged.entry,
        hash=bytes.fromhex(logged.hash),
        told=event.at if isinstance(event.body, StatementMade) and event.body.kind is StatementKind.REASONS else None,
    )


def logged_of(row: Event) -> LoggedEvent:
    """The entry that a row keeps.

    Raises StorageError for bytes that are none, that are not those of its hash, or that are found in another place.
    """
    entry, kept, where = bytes(row.entry), bytes(row.hash).hex(), f"entry {row.position} of the log"
    try:
        event = read_entry(entry)
    except ValueError as error:
        raise StorageError(path=where, cause=str(error)) from error
    if (made := leaf_hash(entry)) != kept:
        raise StorageError(path=where, cause=f"its hash is {made}, not {kept}")
    if (event.case, event.seq) != (row.case, row.seq):
        raise StorageError(path=where, cause=f"it is number {event.seq} of case {event.case!r}, and found as another")
    return LoggedEvent(row.position, kept, entry, event)


def case_columns(case: Case) -> dict[str, Any]:
    """All columns of a case but its id. What a merged case was to do is the other's by now."""
    merged = case.state is CaseState.MERGED
    return {
        "state": case.state.value,
        "priority": case.priority,
        "queue": case.queue,
        "family": case.family,
        "opened": case.opened,
        "updated": case.updated,
        "length": case.length,
        "head": case.head,
        "case": to_json(replace(case, items=())).decode(),
        "items": len(case.items),
        "agreed": None if merged else len(case.approved) or None,
        "due": None if merged else first_due(case),
    }


def case_item_row(case: Case, number: int) -> CaseItemRow:
    """An item of a case as it is kept."""
    return CaseItemRow(case=case.id, number=number, item=to_json(case.items[number]).decode())


def case_of(row: CaseRow, items: Iterable[CaseItemRow]) -> Case:
    """The case that these rows keep, the items in their order. Raises StorageError when it cannot be read."""
    try:
        return replace(from_json(row.case, Case), items=tuple(from_json(item.item, CaseItem) for item in items))
    except ValueError as error:
        raise StorageError(path=f"case {row.id}", cause=f"its row cannot be read: {error}; rebuild it") from error


def item_row(item: Item) -> ItemRow:
    """An item as it is kept. Raises ValueError for texts that are not Unicode."""
    return ItemRow(
        id=item.id,
        sha256=item.sha256,
        year=item.created.astimezone(UTC).year,
        source=item.source,
        outcome=item.row.decision.outcome if item.row else None,
        item=to_json(item).decode(),
    )


def item_of(row: ItemRow) -> Item:
    """The item that a row keeps."""
    return from_json(row.item, Item)


def peaks_of(state: LogState) -> Peaks:
    """The tree that the end of the log stands for."""
    joined = bytes(state.peaks)
    return Peaks(state.size, tuple(joined[start : start + _HASH] for start in range(0, len(joined), _HASH)))


def node_id(level: int, index: int) -> int:
    """The number of a node; see `models.Node`."""
    return (index << level + 1) + (1 << level) - 1
