"""What a case's log says about its duties: since when people know of an item, what was done, what a person ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from safelight.case.fold import apply
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    Case,
    CaseReport,
    DutyDropped,
    DutyMet,
    DutyState,
    PolicyApplied,
    StatementMade,
    Verdict,
)
from safelight.model.closing_events import CaseDuty, StatementKind
from safelight.model.filing import Body
from safelight.model.law import Duty, DutyKind, Trigger

FILING, STATEMENT = "filing:", "statement:"
"""How `DutyMet.by` begins for what a report, or statements to uploaders, have done."""


@dataclass(slots=True)
class History:
    """The log of one case, gone through once.

    `known`: since when abuse is confirmed of an item, by people or policy, without having been found to be none since;
    `first`: since when it was for the first time. `stated`: items whose uploader was told why, with the statement.
    `moved`: items that came with a duty from a case that was merged in. `ended`: by duty, when a person said that it
    was met, or does not apply. `applied`: the policy's last word.
    """

    known: dict[str, datetime] = field(default_factory=dict)
    first: dict[str, datetime] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)
    moved: dict[str, set[str]] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)
    applied: PolicyApplied | None = None

    def scope(self, duty: Duty) -> set[str]:
        """Items that a duty is about: those that were known when it began, and those that it came with."""
        return {item for item, at in self.first.items() if at <= duty.began} | self.moved.get(duty.id, set())

    def since(self, duties: Iterable[CaseDuty]) -> datetime | None:
        """Until when all that began is settled, of duties by one rule; None for no duty."""
        return max((self.ended.get(one.duty.id, one.duty.began) for one in duties), default=None)


def history(events: Iterable[LoggedEvent]) -> History:
    """What the log of a case says, from all its events in order."""
    found, case = History(), None
    for logged in events:
        event, before = logged.event, case
        case = apply(case, event, logged.hash)
        _learn(found, before, case, event.at)
        match event.body:
            case DutyDropped(duty=duty):
                found.ended[duty] = event.at
            case DutyMet(duty=duty, by=by) if not by.startswith((FILING, STATEMENT)):
                found.ended[duty] = event.at
            case Absorbed() as body:
                _absorbed(found, body, event.at)
            case StatementMade() as body:
                found.stated.pop(body.item, None)
                if body.kind is not StatementKind.WITHDRAWN:
                    found.stated[body.item] = body.statement
            case PolicyApplied() as body:
                found.applied = body
    return found


def counted(case: Case, *, production: bool) -> list[CaseReport]:
    """Reports that were received. In production, what only the CyberTipline's test system has does not count."""
    return [one for one in case.reports if one.production or not production or one.taker is not Body.NCMEC]


def on_test(case: Case, *, production: bool) -> frozenset[str]:
    """Duties that only a report to a test system has met, where reports go to the real receivers by now."""
    kept = {one.filing for one in counted(case, production=production)}
    tested = {f"{FILING}{one.filing}" for one in case.reports if one.filing not in kept}
    return frozenset(one.duty.id for one in case.duties if one.state is DutyState.MET and one.by in tested)


def done(case: Case, duty: Duty, trigger: Trigger | None, found: History, *, production: bool) -> dict[str, str]:
    """Items for which a duty is done already, with what did it, as `DutyMet.by` names it."""
    if duty.kind is DutyKind.REPORT and duty.taker:
        reports = (one for one in counted(case, production=production) if one.taker == duty.taker)
        return {item: f"{FILING}{report.filing}" for report in reports for item in report.items}
    if duty.kind is DutyKind.INFORM and trigger is Trigger.DECISION:
        return {item: f"{STATEMENT}{statement}" for item, statement in found.stated.items()}
    return {}


def _confirmed(case: Case | None) -> bool:
    return case is not None and case.finding is not None and case.finding.verdict is Verdict.CONFIRMED


def _learn(found: History, before: Case | None, case: Case, at: datetime) -> None:
    """Since when abuse is known, after one more event."""
    if case.finding is not None and case.finding.verdict is Verdict.NOT_ABUSE:
        found.known.clear()  # who finds it to be abuse after all knows it from then on
    if _confirmed(case) and (not _confirmed(before) or len(case.items) > len(found.known)):
        for item in case.items:
            found.known.setdefault(item.id, at)
            found.first.setdefault(item.id, at)


def _absorbed(found: History, body: Absorbed, at: datetime) -> None:
    for one in body.duties:
        found.moved.setdefault(one.duty.id, set()).update(body.items)
        if one.state is not DutyState.OPEN:
            found.ended.setdefault(one.duty.id, at)
