"""How what is personal ends by itself: what depicted people say in requests, and what reports tell of people.

It ends some days after it is of use, and never while a law or a person has it kept. What stays are ids, times, states
and digests, and the log, which has none of it. Here is when a row's time is over; that it has to be found so for a week
is for the job to see to (`policy.ending`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from safelight.case.fold import FOREVER, in_force
from safelight.flow.merged import act_on, by_position, current, lineage
from safelight.flow.requests import RemovalRequests
from safelight.flow.review_rules import must, said
from safelight.model.access import SYSTEM, ActorKind, Permission, Principal
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    TOOL,
    Body,
    Case,
    ContactsFound,
    Draft,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    ErasureFreed,
    ErasureHeld,
    Located,
    LocationClosed,
    NoticeAnswered,
    NoticeSent,
    PlaceChanged,
    ReportErased,
    ReportFailed,
    ReportFinished,
    RequestErased,
    RequestReleased,
    RequestTaken,
)
from safelight.model.errors import ForbiddenError, NotNowError, UsageError
from safelight.model.filing import Filing, FilingState, Told
from safelight.model.law import Duty, DutyKind, LawPack
from safelight.model.removal import Received
from safelight.policy.duties import longest
from safelight.policy.ending import Ending, held, reached
from safelight.ports import CaseStore, Clock, FilingStore, RequestStore, TakedownStore

_PAGE: Final = 500
_SENT: Final = frozenset((FilingState.FINISHED, FilingState.HANDED))
_ENDS: Final = (ReportFinished, ReportFailed)
_ENDED: Final = _SENT | {FilingState.DEAD, FilingState.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Keep:
    """Days after which it ends, as the settings say them; None for not by itself."""

    requests: int | None
    reports: int | None


@dataclass(frozen=True, slots=True)
class Endings:
    """When rows end, and the acts that hold and end them. Rows are named `filing:ID` and `request:ID` everywhere.

    `packs`: the law that applies here, by id. All of it raises UsageError for a name of no row, UnknownFilingError.
    """

    cases: CaseStore
    filings: FilingStore
    requests: RequestStore
    takedowns: TakedownStore
    removals: RemovalRequests
    packs: Mapping[str, LawPack]
    keep: Keep
    clock: Clock

    def names(self) -> Iterator[str]:
        """All rows that were not erased. One that is unreadable is named."""
        stores: tuple[tuple[str, Callable[[str, int], list[str]]], ...] = (
            ("request", self.requests.unerased),
            ("filing", self.filings.unerased),
        )
        for kind, unerased in stores:
            after = ""
            while page := unerased(after, _PAGE):
                yield from (f"{kind}:{name}" for name in page)
                after = page[-1]

    def of(self, name: str) -> Ending:
        """How a row ends, as things are now."""
        row = self._row(name)
        case = current(self.cases, row.case)
        if row.erased is not None:
            return Ending(name, case.id)
        log = by_position(self.cases, case.id)
        if (why := held(log, name)) is not None:
            return Ending(name, case.id, kept=why, held=True)
        if any(in_force(hold, self.clock.now()) for hold in case.holds):
            return Ending(name, case.id, kept="a legal hold on the case is in force")
        found = self._of_filing(row, case, log) if isinstance(row, Filing) else self._of_request(row, case, log)
        return Ending(name, case.id, kept=found) if isinstance(found, str) else Ending(name, case.id, found)

    def over(self, name: str) -> Ending | None:
        """How a row ends whose time is over; None for others, mostly without a look at the log."""
        row, now = self._row(name), self.clock.now()
        days = self.keep.reports if isinstance(row, Filing) else self.keep.requests
        if days is None or max(_times(row)) + timedelta(days=days) > now:
            return None
        if isinstance(row, Filing) and (row.state not in _ENDED or self._preserved(row, now)):
            return None
        found = self.of(name)
        return found if found.at is not None and found.at <= now else None

    def end(self, name: str) -> bool:
        """Erase a row whose time is over; whether it was. For the job alone, which has looked for long enough.

        Raises ConflictError when others change the row or its case meanwhile.
        """
        with self.cases.transaction():
            found = self.over(name)
            if found is None:
                return False
            row, case = self._row(name), self.cases.case(found.case)
            if isinstance(row, Received):
                self.removals.end(case, row)
                return True
            ended = replace(row, told=Told(incident=row.told.incident), erased=self.clock.now())
            self.filings.put(ended, expect=row)
            body = ReportErased(row.id, f"{self.keep.reports} days after it was over, nothing had it kept")
            self.cases.append([Draft(case.id, SYSTEM, body, TOOL)], expect=case.length)
        return True

    def hold(self, who: Principal, name: str, reason: str) -> None:
        """Have a row kept, whenever its time is over. `reason`: stays in the log, so it must name nobody.

        Raises:
            ForbiddenError: it is for people with REPORT_FILE.
            NotNowError: no reason is given, or it was erased already.
        """
        self._say(who, name, ErasureHeld(name, said(reason)))

    def free(self, who: Principal, name: str, reason: str) -> None:
        """Let a row be erased that was held. Raises as `hold` does, NotNowError also when it was not held."""
        self._say(who, name, ErasureFreed(name, said(reason)))

    def _say(self, who: Principal, name: str, body: ErasureHeld | ErasureFreed) -> None:
        must(who, Permission.REPORT_FILE)
        if who.actor.kind is not ActorKind.USER:
            raise ForbiddenError

        def say(case: Case) -> None:
            if self._row(name).erased is not None:
                raise NotNowError(cause="It was erased already.")
            if isinstance(body, ErasureFreed) and held(by_position(self.cases, case.id), name) is None:
                raise NotNowError(cause="Nobody has it kept.")
            self.cases.append([Draft(case.id, who.actor, body, TOOL)], expect=case.length)

        act_on(self.cases, self._row(name).case, say)

    def _row(self, name: str) -> Filing | Received:
        kind, _, number = name.partition(":")
        if kind not in {"filing", "request"}:
            raise UsageError(detail="say filing:ID or request:ID")
        return self.filings.get(number) if kind == "filing" else self.requests.get(number)

    # Reports

    def _of_filing(self, filing: Filing, case: Case, log: Sequence[LoggedEvent]) -> datetime | str:
        """When the time of a report is over; or why it does not end by itself."""
        if self.keep.reports is None:
            return "SAFELIGHT_KEEP_REPORTS is off"
        if filing.state not in _ENDED:
            return "it is not over"
        if cause := _open(filing, case, log):
            return cause
        ended = reached(log, lambda body: isinstance(body, _ENDS) and body.filing == filing.id)
        over = max(*_times(filing), *((ended,) if ended else ()))
        # Of what was sent the law is asked itself: maybe no job has said so of the case yet.
        law = longest(self.packs, tuple(self.packs), over) if filing.state in _SENT else None
        keep = (one.due for one in _owed(case) if one.kind is DutyKind.PRESERVE)
        ends = (over + timedelta(days=self.keep.reports), case.preserve_until, law.until if law else None, *keep)
        at = max(time for time in ends if time is not None)
        return at if at < FOREVER else "it has to be preserved, and no end was set"

    def _preserved(self, filing: Filing, now: datetime) -> bool:
        until = current(self.cases, filing.case).preserve_until
        return until is not None and until > now

    # Requests

    def _of_request(self, request: Received, case: Case, log: Sequence[LoggedEvent]) -> datetime | str:
        """When the time of a request is over; or why it does not end by itself."""
        if self.keep.requests is None:
            return "SAFELIGHT_KEEP_REQUESTS is off"
        if cause := self.removals.needed(case, request):
            return cause
        names = lineage(self.cases, case.id)
        places = [one for name in names for one in self.takedowns.of_case(name) if one.item == request.item]
        there = frozenset(one.id for one in places)
        last = reached(log, lambda body: _about(body, request, there))
        gone = (one.gone for one in places)
        over = max(time for time in (*_times(request), last, *gone) if time is not None)
        return over + timedelta(days=self.keep.requests)


def _times(row: Filing | Received) -> tuple[datetime, ...]:
    """All times that a row itself has of what has happened to it."""
    times: tuple[datetime | None, ...] = (
        (row.created, row.confirmed, row.opened, row.touched, row.finished, row.withdrawn)
        if isinstance(row, Filing)
        else (row.received, row.valid)
    )
    return tuple(time for time in times if time is not None)


def _owed(case: Case) -> tuple[Duty, ...]:
    return tuple(one.duty for one in case.duties if one.state is DutyState.OPEN)


def _open(filing: Filing, case: Case, log: Sequence[LoggedEvent]) -> str:
    """Why what a report tells is still needed, whatever its time; empty where it is not."""
    owed = _owed(case)
    if filing.state is FilingState.DEAD and filing.finishing:
        return "it is not known whether the receiver has it"
    sent = (one.event.body.filing for one in log if isinstance(one.event.body, ReportFinished))
    if filing.state in _SENT and filing.id not in sent:
        return "the log does not say that the receiver has it"
    if filing.state not in _SENT and any(one.kind is DutyKind.REPORT and one.taker == filing.body for one in owed):
        return "the law still asks for a report to this receiver"
    if case.appeals:
        return "an appeal on the case is open"
    forever = next((one for one in owed if one.kind is DutyKind.PRESERVE and one.due is None), None)
    return f"it is to be preserved ({forever.jurisdiction}/{forever.rule}), and the law names no end" if forever else ""


def _about(body: Body, request: Received, places: frozenset[str]) -> bool:
    """Whether an event is about a request, its duty, or a URL of its item."""
    match body:
        case DutyMet(duty=duty) | DutyDropped(duty=duty):
            return duty == request.duty
        case DutyArose():
            return body.duty.id == request.duty
        case RequestTaken() | RequestErased() | RequestReleased():
            return body.request == request.id
        case Located() | ContactsFound() | NoticeSent() | NoticeAnswered() | PlaceChanged() | LocationClosed():
            return body.location in places
        case _:
            return False
