"""A year in numbers, counted from the log, the items and the URLs that were worked on. docs/statements.md says what.

Regulation (EU) 2022/2065, Articles 15 and 24, ask providers for such a report. Times are UTC: a year begins there.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TypeVar

from safelight.case.rules import DECISIONS
from safelight.flow.statements import log
from safelight.flow.takedown_retract import is_no_abuse
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    AppealDecided,
    Approved,
    Body,
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
    ReportFinished,
    RetractionConfirmed,
    RetractionEnded,
    StatementMade,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.dossier import How
from safelight.model.service import Item
from safelight.model.statement import Figures
from safelight.model.takedown import Location, NoticeState, RetractionState
from safelight.ports import CaseStore, Clock, TakedownStore
from safelight.report.closing.common import kind_of

STEP = 500
"""Items and URLs that are read at a time."""

MISTAKEN = "mistaken"
"""What became of a notice of what was found to be no abuse, whatever was answered to it: that blames nobody."""

KEPT = timedelta(minutes=10)
"""For how long figures of a long log are given again as they were counted."""
LONG = 5_000
"""Entries of the log up to which figures are counted anew for each question, which takes well under a second."""

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
    locations = list(_locations(takedowns))
    cleared = set(map(counts.now, counts.cleared))  # few: most locations need no closer look
    false = {one.id for one in locations if counts.now(one.case) in cleared and is_no_abuse(cases, one)}
    worked = [one for one in locations if one.id not in false and one.added.astimezone(UTC).year == year]
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
        notices=_sorted(counts.answers(false)),
        removals=_sorted(Counter(str(one.place) for one in worked)),
        retractions=_sorted(Counter(map(str, counts.retractions.values()))),
        statements=_sorted(counts.statements),
        duties=_sorted(Counter(map(str, counts.duties.values()))),
        removal_hours=round(median(hours), 1) if hours else None,
        timed=len(hours),
    )


class Yearly:
    """Figures of years; those of a long log are at most `KEPT` old. For any number of threads."""

    def __init__(self, count: Callable[[int], Figures], length: Callable[[], int], clock: Clock) -> None:
        """`count`: makes the figures of a year; `length`: of the log, in entries."""
        self._count, self._length, self._clock = count, length, clock
        self._mutex = threading.Lock()  # held while counting: who asks meanwhile waits for the same answer
        self._kept: dict[int, tuple[datetime, Figures]] = {}

    def of(self, year: int) -> Figures:
        """The figures of a year. Raises StorageError."""
        if self._length() <= LONG:
            return self._count(year)
        with self._mutex:
            now = self._clock.now()
            self._kept = {name: one for name, one in self._kept.items() if timedelta(0) <= now - one[0] < KEPT}
            if year not in self._kept:
                self._kept[year] = now, self._count(year)
            return self._kept[year][1]


@dataclass(slots=True)
class _Counts:
    """What the log holds of a year. A notice, one that is taken back, or a duty, counts in the year in which it began.

    `places`: of notices, their locations; `back`: those that were taken back. `cleared`: cases that were ever found, or
    proposed, to be no abuse; `into`: cases that were merged, and into which.
    """

    year: int
    detections: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    deciders: Counter[str] = field(default_factory=Counter)
    appeals: Counter[str] = field(default_factory=Counter)
    reports: Counter[str] = field(default_factory=Counter)
    statements: Counter[str] = field(default_factory=Counter)
    notices: dict[str, NoticeState] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    retractions: dict[str, RetractionState] = field(default_factory=dict)
    back: set[str] = field(default_factory=set)
    cleared: set[str] = field(default_factory=set)
    into: dict[str, str] = field(default_factory=dict)
    duties: dict[tuple[str, str], DutyState] = field(default_factory=dict)
    asked: dict[tuple[str, int], Proposed] = field(default_factory=dict)

    def take(self, logged: LoggedEvent) -> None:
        """Count one event."""
        event, body = logged.event, logged.event.body
        if isinstance(body, Merged):
            self.into[event.case] = body.into
        elif isinstance(body, Decided | Proposed) and body.finding and body.finding.verdict is Verdict.NOT_ABUSE:
            self.cleared.add(event.case)
        if isinstance(body, Proposed) and body.action in DECISIONS:
            self.asked[event.case, event.seq] = body  # it may be approved in the next year
        elif isinstance(body, NoticeAnswered) and body.notice in self.notices:
            self.notices[body.notice] = body.state
        elif isinstance(body, NoticeRetracted | RetractionEnded):
            self._taken_back(body)
        elif isinstance(body, Absorbed):
            self._moved(event.case, body)
        elif isinstance(body, DutyMet | DutyDropped) and (event.case, body.duty) in self.duties:
            self.duties[event.case, body.duty] = DutyState.MET if isinstance(body, DutyMet) else DutyState.DROPPED
        elif event.at.astimezone(UTC).year == self.year:
            self._began(event.case, body)

    def now(self, case: str) -> str:
        """The case, or the one that it is in by now."""
        while case in self.into:
            case = self.into[case]
        return case

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
            self.places[body.notice] = body.location
        elif isinstance(body, RetractionConfirmed):
            self.retractions |= dict.fromkeys(body.notices, RetractionState.WAITING)
        elif isinstance(body, DutyArose):
            self.duties[case, body.duty.id] = DutyState.OPEN

    def _moved(self, case: str, body: Absorbed) -> None:
        """What a case that was merged in owed is met or dropped in this one from now on; of one id, the open one is."""
        for one in body.duties:
            state = self.duties.pop((body.other, one.duty.id), None)
            if state is not None and self.duties.get((case, one.duty.id)) is not DutyState.OPEN:
                self.duties[case, one.duty.id] = state

    def _taken_back(self, body: NoticeRetracted | RetractionEnded) -> None:
        state = RetractionState.SENT if isinstance(body, NoticeRetracted) else body.state
        if state is RetractionState.SENT:
            self.back.add(body.notice)
        if body.notice in self.retractions:
            self.retractions[body.notice] = state

    def answers(self, false: AbstractSet[str]) -> Counter[str]:
        """Notices by what became of them. `false`: locations of what is no abuse."""
        mistaken = {notice for notice, place in self.places.items() if place in false} | self.back
        return Counter(MISTAKEN if notice in mistaken else str(state) for notice, state in self.notices.items())

    def _decided(self, verdict: str, how: How) -> None:
        self.decisions[verdict] += 1
        self.deciders[how] += 1


def _hours(location: Location) -> float | None:
    """From the first notice to gone; None while it is there, or was gone before anybody was told."""
    sent = min((notice.sent for notice in location.in_force if notice.sent), default=None)
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
