"""What the log says that the figures of a year count, of all years at once; see `flow.transparency`.

It is taken in event by event, so that what was counted once is not read again. What is kept of it between runs is a
cache: it holds no more than counts, ids and states, and is believed where the log has the very entry up to which it
was made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final

from safelight.case.rules import DECISIONS
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    TOOL,
    Absorbed,
    AppealDecided,
    Approved,
    Body,
    CaseEvent,
    Decided,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    ItemAdded,
    Merged,
    NoticeAnswered,
    NoticeRetracted,
    NoticeSent,
    Proposed,
    Rejected,
    ReportFinished,
    RetractionConfirmed,
    RetractionEnded,
    StatementMade,
    Verdict,
)
from safelight.model.codec import from_json
from safelight.model.decision import Outcome
from safelight.model.dossier import How
from safelight.model.takedown import NoticeState, RetractionState
from safelight.ports import CaseStore
from safelight.report.closing.common import kind_of

STEP = 500
"""Entries of the log that are read at a time."""

_FOUND = frozenset((Outcome.KNOWN, Outcome.NEAR, Outcome.DERIVED))


@dataclass(slots=True)
class YearTally:
    """What the log holds of a year. A notice, one that is taken back, or a duty, counts in the year in which it began.

    `counts`: by the field of `Figures`, then by word. `notices`: what became of them; `retractions`: of those that were
    taken back; `duties`: by `_key`.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notices: dict[str, NoticeState] = field(default_factory=dict)
    retractions: dict[str, RetractionState] = field(default_factory=dict)
    duties: dict[str, DutyState] = field(default_factory=dict)

    def add(self, figure: str, word: str) -> None:
        """Count one more of what this word of a field of `Figures` stands for."""
        counts = self.counts.setdefault(figure, {})
        counts[word] = counts.get(word, 0) + 1


@dataclass(slots=True)
class Tally:
    """All years of the log up to entry `position`, whose hash is `hash`, as this version of the program counts them.

    `asked`: findings that were proposed and are not answered, by `_key`: they may be approved in the next year.
    `places`: of notices, their locations; `back`: those that were taken back. `cleared`: cases that were ever found, or
    proposed, to be no abuse; `into`: cases that were merged, and into which.
    """

    tool: str = TOOL
    position: int = -1
    hash: str = ""
    years: dict[int, YearTally] = field(default_factory=dict)
    asked: dict[str, Verdict] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    back: set[str] = field(default_factory=set)
    cleared: set[str] = field(default_factory=set)
    into: dict[str, str] = field(default_factory=dict)

    def take(self, logged: LoggedEvent) -> None:
        """Count one event of `KINDS`, the next one of the log."""
        _TAKES[type(logged.event.body)](self, logged.event, logged.event.body)
        self.position, self.hash = logged.position, logged.hash

    def catch_up(self, cases: CaseStore) -> None:
        """Count what is new in the log. Raises StorageError."""
        while page := cases.log(self.position, STEP, KINDS):
            for logged in page:
                self.take(logged)

    def year(self, event: CaseEvent) -> YearTally:
        """The year of an event, UTC."""
        return self.years.setdefault(event.at.astimezone(UTC).year, YearTally())

    def now(self, case: str) -> str:
        """The case, or the one that it is in by now."""
        while case in self.into:
            case = self.into[case]
        return case

    def no_abuse(self) -> set[str]:
        """Cases that may be no abuse: those that ever seemed so, those that took them in, and all that these hold."""
        cleared = set(map(self.now, self.cleared))
        return cleared | {case for case in self.into if self.now(case) in cleared}


def resumed(cases: CaseStore, kept: bytes | None) -> Tally:
    """The tally that was kept, as JSON, if it is one of this program up to an entry of this log; else an empty one."""
    try:
        tally = from_json(kept or b"", Tally)
    except ValueError:
        return Tally()
    there = [(one.position, one.hash) for one in cases.log(tally.position - 1, 1)]
    return tally if tally.tool == TOOL and there == [(tally.position, tally.hash)] else Tally()


def _key(case: str, what: str | int) -> str:
    """Something of a case. Ids have no line breaks."""
    return f"{case}\n{what}"


def _added(tally: Tally, event: CaseEvent, body: ItemAdded) -> None:
    if body.outcome in _FOUND:
        tally.year(event).add("detections", f"{body.outcome} {kind_of(body.mime)}")


def _decided(tally: Tally, event: CaseEvent, body: Decided) -> None:
    _stands(tally, event, body.finding.verdict, How.POLICY if body.by_policy else How.PERSON)
    if body.finding.verdict is Verdict.NOT_ABUSE:
        tally.cleared.add(event.case)


def _stands(tally: Tally, event: CaseEvent, verdict: Verdict, how: How) -> None:
    tally.year(event).add("decisions", verdict)
    tally.year(event).add("deciders", how)


def _proposed(tally: Tally, event: CaseEvent, body: Proposed) -> None:
    if body.finding is not None and body.finding.verdict is Verdict.NOT_ABUSE:
        tally.cleared.add(event.case)
    if body.finding is not None and body.action in DECISIONS:
        tally.asked[_key(event.case, event.seq)] = body.finding.verdict


def _answered(tally: Tally, event: CaseEvent, body: Approved | Rejected) -> None:
    verdict = tally.asked.pop(_key(event.case, body.proposal), None)
    if verdict is not None and isinstance(body, Approved):
        _stands(tally, event, verdict, How.TWO_PEOPLE)


def _merged(tally: Tally, event: CaseEvent, body: Merged) -> None:
    tally.into[event.case] = body.into


def _absorbed(tally: Tally, event: CaseEvent, body: Absorbed) -> None:
    """What a case that was merged in owed is met or dropped in this one from now on; of one id, the open one is."""
    for year in tally.years.values():
        for one in body.duties:
            state, here = year.duties.pop(_key(body.other, one.duty.id), None), _key(event.case, one.duty.id)
            if state is not None and year.duties.get(here) is not DutyState.OPEN:
                year.duties[here] = state


def _reported(tally: Tally, event: CaseEvent, body: ReportFinished) -> None:
    if body.production:
        tally.year(event).add("reports", body.taker)


def _sent(tally: Tally, event: CaseEvent, body: NoticeSent) -> None:
    tally.year(event).notices[body.notice] = NoticeState.SENT
    tally.places[body.notice] = body.location


def _replied(tally: Tally, _event: CaseEvent, body: NoticeAnswered) -> None:
    for year in tally.years.values():
        if body.notice in year.notices:
            year.notices[body.notice] = body.state


def _taken_back(tally: Tally, _event: CaseEvent, body: NoticeRetracted | RetractionEnded) -> None:
    state = RetractionState.SENT if isinstance(body, NoticeRetracted) else body.state
    if state is RetractionState.SENT:
        tally.back.add(body.notice)
    for year in tally.years.values():
        if body.notice in year.retractions:
            year.retractions[body.notice] = state


def _to_take_back(tally: Tally, event: CaseEvent, body: RetractionConfirmed) -> None:
    tally.year(event).retractions |= dict.fromkeys(body.notices, RetractionState.WAITING)


def _arose(tally: Tally, event: CaseEvent, body: DutyArose) -> None:
    tally.year(event).duties[_key(event.case, body.duty.id)] = DutyState.OPEN


def _settled(tally: Tally, event: CaseEvent, body: DutyMet | DutyDropped) -> None:
    duty = _key(event.case, body.duty)
    for year in tally.years.values():
        if duty in year.duties:
            year.duties[duty] = DutyState.MET if isinstance(body, DutyMet) else DutyState.DROPPED


_TAKES: Final[Mapping[type[Body], Callable[[Tally, CaseEvent, Any], None]]] = {
    ItemAdded: _added,
    Decided: _decided,
    Proposed: _proposed,
    Approved: _answered,
    Rejected: _answered,
    Merged: _merged,
    Absorbed: _absorbed,
    AppealDecided: lambda tally, event, body: tally.year(event).add(
        "appeals", "upheld" if body.upheld else "overturned"
    ),
    ReportFinished: _reported,
    StatementMade: lambda tally, event, body: tally.year(event).add("statements", body.kind),
    NoticeSent: _sent,
    NoticeAnswered: _replied,
    NoticeRetracted: _taken_back,
    RetractionEnded: _taken_back,
    RetractionConfirmed: _to_take_back,
    DutyArose: _arose,
    DutyMet: _settled,
    DutyDropped: _settled,
}
KINDS: Final = tuple(_TAKES)
"""Events that are counted."""
