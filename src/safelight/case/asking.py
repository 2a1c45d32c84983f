"""What rules of cases ask for: an item, its media, a time with its zone."""

from collections.abc import Iterator
from datetime import datetime

from safelight.model.case import Case, CaseItem


def item_of(case: Case, item: str | None) -> CaseItem | None:
    """The item of this id, if the case has it."""
    return next((one for one in case.items if one.id == item), None)


def with_media(case: Case, item: str | None) -> Iterator[str]:
    """Why the media of this item is not there."""
    found = item_of(case, item)
    if found is None:
        yield f"it has no item {item!r}"
    elif found.destroyed:
        yield f"the media of item {item!r} is destroyed"


def zoned(time: datetime | None) -> Iterator[str]:
    """Why this is no moment."""
    if time is not None and time.tzinfo is None:
        yield "the time has no zone"
