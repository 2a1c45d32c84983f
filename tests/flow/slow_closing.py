"""What statements and the figures of a year are compared with: the whole log, read anew for each, the plain way."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from safelight.case.fold import fold
from safelight.case.rules import DECISIONS
from safelight.flow.merged import current, histories
from safelight.flow.takedown_retract import is_no_abuse
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    AppealDecided,
    Approved,
    Classification,
    Decided,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    Finding,
    ItemAdded,
    NoticeAnswered,
    NoticeRetracted,
    NoticeSent,
    Proposed,
    ReportFinished,
    RetractionConfirmed,
    RetractionEnded,
    StatementMade,
)
from safelight.model.closing_events import StatementKind
from safelight.model.dossier import How
from safelight.model.statement import Figures, StatementFacts
from safelight.model.takedown import NoticeState, RetractionState
from safelight.report.closing.common import automated, kind_of
from safelight.report.closing.crosswalk import ARTIFICIAL, Target, cell, level
from safelight.report.closing.tdb import record
from tests.closing import REPORTER, MemoryTakedowns
from tests.contract.memory_case_store import MemoryCaseStore

B = TypeVar("B")


def slow_records(cases: MemoryCaseStore, begin: datetime, end: datetime) -> Iterator[dict[str, object]]:
    """Records of the DSA database: for each statement its case, and all that this is in by now, from the beginning."""
    for told in cases.entries:
        body = told.event.body
        if isinstance(body, StatementMade) and body.kind is StatementKind.REASONS and begin <= told.event.at < end:
            past = list(histories(cases, current(cases, told.event.case).id))
            own = next(events for events in past if events[0].event.case == told.event.case)
            ends = [
                (one.position, one.event.at)
                for one in (one for events in past for one in events)
                if isinstance(one.event.body, StatementMade)
                and (one.event.body.item, one.event.body.kind) == (body.item, StatementKind.WITHDRAWN)
                and one.position > told.position
            ]
            yield record(body.statement, _facts(own[: told.event.seq], body, min(ends)[1] if ends else None), REPORTER)


def slow_findings(events: Sequence[LoggedEvent]) -> Iterator[tuple[LoggedEvent, Finding, How]]:
    """All findings that took effect."""
    for logged in events:
        body = logged.event.body
        if isinstance(body, Decided):
            yield logged, body.finding, How.POLICY if body.by_policy else How.PERSON
        elif isinstance(body, Approved):
            asked = events[body.proposal].event.body
            if isinstance(asked, Proposed) and asked.action in DECISIONS and asked.finding is not None:
                yield logged, asked.finding, How.TWO_PEOPLE


def _facts(events: Sequence[LoggedEvent], body: StatementMade, ended: datetime | None) -> StatementFacts:
    case = fold(events)
    found = next(one for one in case.items if one.id == body.item)
    decided, finding, how = [
        (by.event.at, what, how) for by, what, how in slow_findings(events) if what == case.finding
    ][-1]
    barred = found.source == "gate"
    levels = level(finding.artificialness, found.outcome, [one.outcome for one in case.items])
    return StatementFacts(
        item=body.item,
        mime=found.mime,
        uploaded=found.added,
        applied=found.added if barred else max(decided, found.added),
        how=how,
        automated=automated(found.outcome),
        barred=barred,
        artificial=levels in ARTIFICIAL,
        keyword=cell(Target.DSA_KEYWORD, finding.classification, levels, finding.real_victim).value,
        illegal=finding.classification is not Classification.OTHER,
        prompt=body.prompt,
        reference=found.reference,
        ended=ended,
    )


def slow_figures(cases: MemoryCaseStore, takedowns: MemoryTakedowns, year: int, now: datetime) -> Figures:
    """The figures of a year, each counted by itself."""
    log = cases.entries
    mine = [one for one in log if one.event.at.astimezone(UTC).year == year]
    names = {one.event.case for one in log}
    found = [one for case in names for one in slow_findings(cases.events(case)) if one[0] in mine]
    came = [one for one in cases.kept_items.values() if one.created.astimezone(UTC).year == year]
    false = {one.id for one in takedowns.kept.values() if is_no_abuse(cases, one)}
    worked = [one for one in takedowns.kept.values() if one.id not in false and one.added.astimezone(UTC).year == year]
    hours = [one.hours for one in worked if one.hours is not None]
    return Figures(
        year=year,
        organisation="Example Pictures",
        made=now.astimezone(UTC).date(),
        items=_counted(one.source for one in came),
        outcomes=_counted(one.row.decision.outcome for one in came if one.row),
        detections=_counted(
            f"{body.outcome} {kind_of(body.mime)}"
            for body in _bodies(mine, ItemAdded)
            if body.outcome in {"known", "near", "derivative"}
        ),
        decisions=_counted(finding.verdict for _, finding, _ in found),
        deciders=_counted(how for _, _, how in found),
        appeals=_counted("upheld" if body.upheld else "overturned" for body in _bodies(mine, AppealDecided)),
        reports=_counted(body.taker for body in _bodies(mine, ReportFinished) if body.production),
        notices=_counted(_notice(log, body, false) for body in _bodies(mine, NoticeSent)),
        removals=_counted(one.place for one in worked),
        retractions=_counted(_retractions(log, mine).values()),
        statements=_counted(body.kind for body in _bodies(mine, StatementMade)),
        duties=_counted(_duties(log, year).values()),
        removal_hours=round(median(hours), 1) if hours else None,
        timed=len(hours),
    )


def _bodies(log: Iterable[LoggedEvent], kind: type[B]) -> Iterator[B]:
    return (one.event.body for one in log if isinstance(one.event.body, kind))


def _counted(words: Iterable[str]) -> dict[str, int]:
    counts = Counter(map(str, words))
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _notice(log: Sequence[LoggedEvent], sent: NoticeSent, false: Container[str]) -> str:
    ended = (body.notice for body in _bodies(log, RetractionEnded) if body.state is RetractionState.SENT)
    if sent.location in false or sent.notice in {*ended, *(body.notice for body in _bodies(log, NoticeRetracted))}:
        return "mistaken"
    states = [body.state for body in _bodies(log, NoticeAnswered) if body.notice == sent.notice]
    return states[-1] if states else NoticeState.SENT


def _retractions(log: Sequence[LoggedEvent], mine: Sequence[LoggedEvent]) -> dict[str, RetractionState]:
    states: dict[str, RetractionState] = {}
    for logged in log:
        body = logged.event.body
        if isinstance(body, RetractionConfirmed) and logged in mine:
            states |= dict.fromkeys(body.notices, RetractionState.WAITING)
        elif isinstance(body, NoticeRetracted | RetractionEnded) and body.notice in states:
            states[body.notice] = body.state if isinstance(body, RetractionEnded) else RetractionState.SENT
    return states


def _duties(log: Sequence[LoggedEvent], year: int) -> dict[tuple[str, str], DutyState]:
    states: dict[tuple[str, str], DutyState] = {}
    for logged in log:
        case, body = logged.event.case, logged.event.body
        if isinstance(body, DutyArose) and logged.event.at.astimezone(UTC).year == year:
            states[case, body.duty.id] = DutyState.OPEN
        elif isinstance(body, DutyMet | DutyDropped) and (case, body.duty) in states:
            states[case, body.duty] = DutyState.MET if isinstance(body, DutyMet) else DutyState.DROPPED
        elif isinstance(body, Absorbed):
            for one in body.duties:
                state = states.pop((body.other, one.duty.id), None)
                if state is not None and states.get((case, one.duty.id)) is not DutyState.OPEN:
                    states[case, one.duty.id] = state
    return states
