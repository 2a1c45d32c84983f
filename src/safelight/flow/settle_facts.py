"""What a case's log says about its duties: since when people know of an item, what was done, what a person ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from safelight.case.fold import apply
from safelight.model.case import (
    Absorbed,
    Case,
    CaseReport,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    PolicyApplied,
    StatementMade,
    StatementTold,
    Verdict,
)
from safelight.model.closing_events import CaseDuty, StatementKind
from safelight.model.errors import UnknownItemError
from safelight.model.filing import Body
from safelight.model.law import Duty, DutyKind, Trigger
from safelight.ports import CaseStore

FILING, STATEMENT, NOBODY = OURS = "filing:", "statement:", "no account: nobody to tell"
"""How `DutyMet.by` begins for what a report, or statements to uploaders, have done, or where there is none to tell."""


@dataclass(slots=True)
class History:
    """The log of one case, gone through once, with those of the cases that it has taken in.

    `known`: since when abuse is confirmed of an item, by people or policy, without having been found to be none since.
    `made`: by statement of reasons that holds, passed on or not, its item; `stated`: items whose uploader was told one
    of these, with it. `under`: by duty, the items that it is about. `excused`: by rule, items of which a person said
    that they were dealt with, or need not be, and when. `applied`: the policy's last word.
    """

    known: dict[str, datetime] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)
    under: dict[str, set[str]] = field(default_factory=dict)
    excused: dict[str, dict[str, datetime]] = field(default_factory=dict)
    applied: PolicyApplied | None = None

    def scope(self, duty: Duty) -> set[str]:
        """Items that a duty is about: those that were known, and not dealt with, when it began, in its case."""
        return self.under[duty.id] if duty.id in self.under else self._begins(duty)

    def left(self, rule: str, there: Iterable[CaseDuty]) -> dict[str, datetime]:
        """Items that none of these duties, all by this rule, was ever about, and since when they are known."""
        past = [(one.duty.began, self.scope(one.duty)) for one in there]
        return {
            item: at
            for item, at in self._asked(rule).items()
            if not any(at <= began and item in items for began, items in past)
        }

    def learn(self, before: Case | None, case: Case, at: datetime) -> None:
        """Since when abuse is known, after one more event."""
        if case.finding is not None and case.finding.verdict is Verdict.NOT_ABUSE:
            self.known.clear()  # who finds it to be abuse after all knows it from then on
        if _confirmed(case) and (not _confirmed(before) or len(case.items) > len(self.known)):
            for item in case.items:
                self.known.setdefault(item.id, at)

    def begin(self, duty: Duty) -> None:
        """A duty arose."""
        self.under[duty.id] = self._begins(duty)

    def end(self, case: Case, name: str, at: datetime) -> None:
        """A person ended a duty, for its items; the last one by its rule also for those that have joined it since."""
        duty = next(one.duty for one in case.duties if one.duty.id == name)
        last = all(rule_of(one.duty) != rule_of(duty) for one in case.duties if one.state is DutyState.OPEN)
        items = self.scope(duty) | (self.known.keys() if last else set())
        self.excused.setdefault(rule_of(duty), {}).update(dict.fromkeys(items, at))

    def take_in(self, other: "History") -> None:
        """What is known, and was done, of the items of a case that is merged in stays so; of others it says nothing."""
        for item, at in other.known.items():
            self.known[item] = min(at, self.known.get(item, at))
        for duty, items in other.under.items():
            self.under[duty] = items | self.under.get(duty, set())
        for rule, ends in other.excused.items():
            mine = self.excused.setdefault(rule, {})
            mine.update({item: max(at, mine.get(item, at)) for item, at in ends.items()})
        self.made |= other.made
        self.stated |= other.stated

    def state(self, body: StatementMade) -> None:
        """A statement was made: unless it upholds an earlier one, that one holds no more."""
        if body.kind is not StatementKind.UPHELD:
            self.made = {name: item for name, item in self.made.items() if item != body.item}
            self.stated.pop(body.item, None)
        if body.kind is StatementKind.REASONS:
            self.made[body.statement] = body.item

    def _begins(self, duty: Duty) -> set[str]:
        return {item for item, at in self._asked(rule_of(duty)).items() if at <= duty.began}

    def _asked(self, rule: str) -> dict[str, datetime]:
        """What is known, less what people have dealt with since."""
        ends = self.excused.get(rule, {})
        return {item: at for item, at in self.known.items() if item not in ends or at > ends[item]}


def rule_of(duty: Duty) -> str:
    """The rule that a duty arose by, as people name it."""
    return f"{duty.jurisdiction}/{duty.rule}"


def history(cases: CaseStore, name: str) -> History:
    """What the log of a case says."""
    found, case = History(), None
    for logged in cases.events(name):
        event, before = logged.event, case
        case = apply(case, event, logged.hash)
        if isinstance(event.body, Absorbed):
            found.take_in(history(cases, event.body.other))
        found.learn(before, case, event.at)
        match event.body:
            case DutyArose(duty=duty):
                found.begin(duty)
            case DutyDropped(duty=ended):
                found.end(case, ended, event.at)
            case DutyMet(duty=ended, by=by) if not by.startswith(OURS):
                found.end(case, ended, event.at)
            case StatementMade() as body:
                found.state(body)
            case StatementTold(statement=told) if told in found.made:
                found.stated[found.made[told]] = told
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


def account_of(cases: CaseStore, item: str) -> str | None:
    """The integrator's id of the account that an item came from; empty for none, None where the item is not known."""
    try:
        return cases.item(item).account
    except UnknownItemError:
        return None


def done(case: Case, duty: Duty, trigger: Trigger | None, found: History, *, production: bool) -> dict[str, str]:
    """Items for which a duty is done already, or has nobody to be done to, with why, as `DutyMet.by` names it."""
    if duty.kind is DutyKind.REPORT and duty.taker:
        reports = (one for one in counted(case, production=production) if one.taker == duty.taker)
        return {item: f"{FILING}{report.filing}" for report in reports for item in report.items}
    if duty.kind is DutyKind.INFORM and trigger is Trigger.DECISION:
        told = {item: f"{STATEMENT}{statement}" for item, statement in found.stated.items()}
        rest = (item for item in case.items if item.id not in told)
        # By the log: an item's row may have been edited, and what is not known does not end a duty.
        return told | {item.id: NOBODY for item in rest if item.from_account is False}
    return {}


def _confirmed(case: Case | None) -> bool:
    return case is not None and case.finding is not None and case.finding.verdict is Verdict.CONFIRMED
