"""Cases that were merged into others: the one that holds now, acts on it, and all that it has taken in."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final, TypeVar

from safelight.model.audit import LoggedEvent
from safelight.model.case import Absorbed, Case
from safelight.model.errors import ConflictError
from safelight.ports import CaseStore

_T = TypeVar("_T")

TRIES: Final = 5
"""How often a case is looked at again when others change it meanwhile."""


def current(cases: CaseStore, case: str) -> Case:
    """The case, or the one that it is in by now. Raises UnknownCaseError."""
    found = cases.case(case)
    while found.merged_into is not None:
        found = cases.case(found.merged_into)
    return found


def act_on(cases: CaseStore, case: str, act: Callable[[Case], _T]) -> _T:
    """Act on a case as it is, in one transaction. Raises ConflictError when others change it meanwhile each time."""
    for left in reversed(range(TRIES)):
        try:
            with cases.transaction():
                return act(current(cases, case))
        except ConflictError:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def lineage(cases: CaseStore, case: str) -> tuple[str, ...]:
    """The case, and all that were merged into it, directly or not."""
    inner = (one.event.body.other for one in cases.events(case) if isinstance(one.event.body, Absorbed))
    return (case, *(name for other in inner for name in lineage(cases, other)))


def histories(store: CaseStore, case: str) -> Iterator[list[LoggedEvent]]:
    """The events of the case, then those of each that it has taken in, and so on."""
    left, seen = [case], set[str]()
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            events = store.events(name)
            yield events
            left += [logged.event.body.other for logged in events if isinstance(logged.event.body, Absorbed)]


def by_position(store: CaseStore, case: str) -> list[LoggedEvent]:
    """All of `histories`, in the order of the log."""
    return sorted(chain.from_iterable(histories(store, case)), key=lambda one: one.position)
