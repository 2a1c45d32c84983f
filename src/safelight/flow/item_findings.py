"""What was found of each item of a case last, by the log: it outlives that others join the case.

An item that joins takes away the finding on the case, as nobody has looked at that item. What people, or policy, found
of the others stays true of them, until they find something else.
"""

from collections.abc import Iterable, Iterator

from safelight.case.fold import apply
from safelight.flow.merged import histories
from safelight.model.audit import LoggedEvent
from safelight.model.case import Case, Finding
from safelight.ports import CaseStore


def last_findings(cases: CaseStore, case: str) -> dict[str, Finding]:
    """By item, what was found while it was in the case, or in one that was merged into it, until that was merged.

    Items that no finding has ever covered are left out. Raises UnknownCaseError.
    """
    found = [one for events in histories(cases, case) for one in _stood(events)]
    last: dict[str, Finding] = {}
    for _, finding, items in sorted(found, key=lambda one: one[0]):  # the log's order, whatever the clock said
        last |= dict.fromkeys(items, finding)
    return last


def _stood(events: Iterable[LoggedEvent]) -> Iterator[tuple[int, Finding, list[str]]]:
    """Each finding that stood on a case: until which position of the log, and on which items by then."""
    before: Case | None = None
    position = 0
    for logged in events:
        now = apply(before, logged.event, logged.hash)
        if before is not None and before.finding is not None and (now.finding != before.finding or now.merged_into):
            yield position, before.finding, [item.id for item in before.items]
        before, position = now, logged.position
        if now.merged_into:
            return
    if before is not None and before.finding is not None:
        yield position, before.finding, [item.id for item in before.items]
