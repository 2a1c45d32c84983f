"""A year in numbers, counted from the log, the items and the URLs that were worked on. docs/statements.md says what.

Regulation (EU) 2022/2065, Articles 15 and 24, ask providers for such a report. Times are UTC: a year begins there.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from safelight.case.rules import DECISIONS
from safelight.flow.statements import log
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    AppealDecided,
    Approved,
    Body,
    Decided,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    ItemAdded,
    NoticeAnswered,
    NoticeSent,
    Proposed,
    ReportFinished,
    StatementMade,
)
from safelight.model.decision import Outcome
from safelight.model.dossier import How
from safelight.model.service import Item
from safelight.model.statement import Figures
from safelight.model.takedown import Location, NoticeState
from safelight.ports import CaseStore, TakedownStore
from safelight.report.closing.common import kind_of

STEP = 500
"""Items and URLs that are read at a time."""

T = TypeVar("T")

_FOUND = frozenset((Outcome.KNOWN, Outcome.NEAR, Outcome.DERIVED))


def transparency(cases: CaseStore, takedowns: TakedownStore, year: int, organisation: str, now: datetime) -> Figures:
    """The figures of a year, exact: what of them may be public is for `report.closing.transparency` to say.

    Args:
        cases: the log, and the items.
        takedowns: the URLs.
        year: counted from its first moment to its last, UTC.
        organisation: whose figures these are.
        now: when they are made.
    """
    counts = _Counts(year)
    for logged in log(cases):
        counts.take(logged)
    came = [item for item in _items(cases) if item.created.astimezone(UTC).year == year]
    worked = [one for one in _locations(takedowns) if one.added.astimezone(UTC).year == year]
    hours = [taken for one in worked if (taken := _hours(one)) is not None]
    return Figures(
        year=year,
        organisation=organisation,
        made=now.astimezone(UTC).date(),
        items=_sorted(Counter(item.source for item in came)),
        outcomes=_sorted(Counter(str(item.row.decision.outcome) for item in came if item.row)),
        detections=_sorted(counts.detections),
        decisions=_sorted(counts.decisions),
        deciders=_sorted(counts.deciders),
        appeals=_sorted(counts.appeals),
        reports=_sorted(counts.reports),
        notices=_sorted(Counter(map(str, counts.notices.values()))),
        removals=_sorted(Counter(str(one.place) for one in worked)),
        statements=_sorted(counts.statements),
        duties=_sorted(Counter(map(str, counts.duties.values()))),
        removal_hours=round(median(hours), 1) if hours else None,
        timed=len(hours),
    )


@dataclass(slots=True)
class _Counts:
    """What the log holds of a year. A notice, or a duty, counts in the year in which it began."""

    year: int
    detections: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    deciders: Counter[str] = field(default_factory=Counter)
    appeals: Counter[str] = field(default_factory=Counter)
    reports: Counter[str] = field(default_factory=Counter)
    statements: Counter[str] = field(default_factory=Counter)
    notices: dict[str, NoticeState] = field(default_factory=dict)
    duties: dict[tuple[str, str], DutyState] = field(default_factory=dict)
    asked: dict[tuple[str, int], Proposed] = field(default_factory=dict)

    def take(self, logged: LoggedEvent) -> None:
        """Count one event."""
        event, body = logged.event, logged.event.body
        if isinstance(body, Proposed) and body.action in DECISIONS:
            self.asked[event.case, event.seq] = body  # it may be approved in the next year
        elif isinstance(body, NoticeAnswered) and body.notice in self.notices:
            self.notices[body.notice] = body.state
        elif isinstance(body, DutyMet | DutyDropped) and (event.case, body.duty) in self.duties:
            self.duties[event.case, body.duty] = DutyState.MET if isinstance(body, DutyMet) else DutyState.DROPPED
        elif event.at.astimezone(UTC).year == self.year:
            self._began(event.case, body)

    def _began(self, case: str, body: Body) -> None:
        if isinstance(body, ItemAdded) and body.outcome in _FOUND:
            self.detections[f"{body.outcome} {kind_of(body.mime)}"] += 1
        elif isinstance(body, Decided):
            self._decided(str(body.finding.verdict), How.POLICY if body.by_policy else How.PERSON)
        elif isinstance(body, Approved) and (asked := self.asked.get((case, body.proposal))) and asked.finding:
            self._decided(str(asked.finding.verdict), How.TWO_PEOPLE)
        elif isinstance(body, AppealDecided):
            self.appeals["upheld" if body.upheld else "overturned"] += 1
        elif isinstance(body, ReportFinished) and body.production:
            self.reports[body.taker] += 1
        elif isinstance(body, StatementMade):
            self.statements[body.kind] += 1
        elif isinstance(body, NoticeSent):
            self.notices[body.notice] = NoticeState.SENT
        elif isinstance(body, DutyArose):
            self.duties[case, body.duty.id] = DutyState.OPEN

    def _decided(self, verdict: str, how: How) -> None:
        self.decisions[verdict] += 1
        self.deciders[how] += 1


def _hours(location: Location) -> float | None:
    """From the first notice to gone; None while it is there, or was gone before anybody was told."""
    sent = min((notice.sent for notice in location.notices if notice.sent), default=None)
    if sent is None or location.gone is None or location.gone < sent:
        return None
    return (location.gone - sent).total_seconds() / 3600


def _items(cases: CaseStore) -> Iterator[Item]:
    return _all(lambda after: cases.items(after, STEP), lambda item: item.id)


def _locations(takedowns: TakedownStore) -> Iterator[Location]:
    return _all(lambda after: takedowns.all(after, STEP), lambda location: location.id)


def _all(page: Callable[[str], list[T]], name: Callable[[T], str]) -> Iterator[T]:
    after = ""
    while found := page(after):
        yield from found
        after = name(found[-1])


def _sorted(counts: Counter[str]) -> dict[str, int]:
    """The largest first."""
    return {str(key): number for key, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))}
