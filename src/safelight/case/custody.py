"""Chain of custody: who did what with an item, when, why and with which tool, and its digest before and after."""

from collections.abc import Collection, Sequence

from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    NAMES,
    Absorbed,
    AppealOpened,
    Approved,
    Body,
    Case,
    ItemAdded,
    ItemDestroyed,
    Proposed,
    Rejected,
    Verified,
)
from safelight.model.export import MEDIA, CustodyStep, ItemCustody


def custody(case: Case, events: Sequence[LoggedEvent], media: Collection[str] = ()) -> tuple[ItemCustody, ...]:
    """All items of a case with what happened to them.

    Args:
        case: the fold of the events.
        events: all events of the case, in order.
        media: names of members of the export that are there.
    """
    steps: dict[str, list[CustodyStep]] = {item.id: [] for item in case.items}
    for logged in events:
        for item in _concerned(logged.event.body, events):
            if item in steps:
                digest = steps[item][-1].after if steps[item] else None
                steps[item].append(_step(logged, item, digest))
    return tuple(
        ItemCustody(item, name if (name := MEDIA + item.id) in media else None, tuple(steps[item.id]))
        for item in case.items
    )


def _step(logged: LoggedEvent, item: str, before: str | None) -> CustodyStep:
    event = logged.event
    return CustodyStep(
        number=event.seq,
        position=logged.position,
        at=event.at,
        actor=event.actor,
        kind=NAMES[type(event.body)],
        why=_why(event.body),
        tool=event.tool,
        before=before,
        after=_after(event.body, item, before),
    )


def _concerned(body: Body, events: Sequence[LoggedEvent]) -> tuple[str, ...]:
    """The items that an event is about. What is decided on a whole case is in no item's custody."""
    if isinstance(body, Absorbed):
        return body.items
    if isinstance(body, Approved | Rejected):
        asked = events[body.proposal].event.body if 0 <= body.proposal < len(events) else None
        return (asked.item,) if isinstance(asked, Proposed) and asked.item is not None else ()
    item = getattr(body, "item", None)
    return () if item is None else (item,)


def _after(body: Body, item: str, digest: str | None) -> str | None:
    """The digest after an event; an event that says nothing of bytes leaves it."""
    if isinstance(body, ItemAdded | Verified):
        return body.sha256
    if isinstance(body, ItemDestroyed):
        return None
    if isinstance(body, Absorbed):
        return next((one.sha256 for one in body.moved if one.id == item and not one.destroyed), None)
    return digest


def _why(body: Body) -> str:
    if isinstance(body, Absorbed):
        return f"case {body.other} was merged into this one"
    if isinstance(body, Approved | Rejected):
        return body.note
    return body.text if isinstance(body, AppealOpened) else str(getattr(body, "reason", ""))
