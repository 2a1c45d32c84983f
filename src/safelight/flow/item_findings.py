"""What was found of each item of a case last, by the log: it outlives that others join the case.

An item that joins takes away the finding on the case, as nobody has looked at that item. What people, or policy, found
of the others stays true of them, until they find something else, or it is in dispute. It is where somebody had asked
to find that it is no abuse, and before a second person said anything, something joined, or the case became part of
another; and of bytes of which people had found, as another item, that they are none. Then people look at all of it.
"""

from collections.abc import Iterable, Iterator, Mapping

from safelight.case.fold import apply
from safelight.case.rules import DECISIONS
from safelight.flow.merged import histories
from safelight.model.audit import LoggedEvent
from safelight.model.case import Approved, Case, Finding, Proposal, Rejected, Verdict
from safelight.ports import CaseStore


def last_findings(cases: CaseStore, case: str) -> dict[str, Finding]:
    """By item, what was found while it was in the case, or in one that was merged into it, until that was merged.

    Items that no finding has ever covered are left out, and those of which it is in dispute that they are abuse.
    Raises UnknownCaseError.
    """
    said = [one for events in histories(cases, case) for one in _said(events)]
    last: dict[str, Finding | None] = {}
    for _, finding, items in sorted(said, key=lambda one: one[0]):  # the log's order, whatever the clock said
        last |= dict.fromkeys(items, finding)
    found = {item: finding for item, finding in last.items() if finding is not None}
    return _undisputed(found, {item.id: item.sha256 for item in cases.case(case).items})


def _undisputed(found: Mapping[str, Finding], bytes_of: Mapping[str, str]) -> dict[str, Finding]:
    """Without those that confirm abuse of bytes of which another says that they are none."""
    spared = {bytes_of.get(item) for item, one in found.items() if one.verdict is Verdict.NOT_ABUSE}
    return {
        item: one
        for item, one in found.items()
        if one.verdict is not Verdict.CONFIRMED or bytes_of.get(item, item) not in spared
    }


def _said(events: Iterable[LoggedEvent]) -> Iterator[tuple[int, Finding | None, list[str]]]:
    """Each finding that stood on a case: until which position of the log, and on which items by then.

    None for a finding: that it is no abuse was asked for, and undone before there was an answer.
    """
    before: Case | None = None
    position = 0
    for logged in events:
        now = apply(before, logged.event, logged.hash)
        if before is not None:
            if before.finding is not None and (now.finding != before.finding or now.merged_into):
                yield position, before.finding, _ids(before)
            if any(map(_spares, _undone(before, now, logged))):
                yield logged.position, None, _ids(before)
        before, position = now, logged.position
        if now.merged_into:
            return
    if before is not None and before.finding is not None:
        yield position, before.finding, _ids(before)


def _ids(case: Case) -> list[str]:
    return [item.id for item in case.items]


def _undone(before: Case, now: Case, logged: LoggedEvent) -> Iterator[Proposal]:
    """What was asked for, and is not any more, though nobody answered."""
    body = logged.event.body
    answered = body.proposal if isinstance(body, Approved | Rejected) else None
    left = () if now.merged_into else now.proposals
    return (one for one in before.proposals if one not in left and one.number != answered)


def _spares(asked: Proposal) -> bool:
    """Whether it asks to find that it is no abuse."""
    finding = asked.what.finding
    return asked.what.action in DECISIONS and finding is not None and finding.verdict is Verdict.NOT_ABUSE
