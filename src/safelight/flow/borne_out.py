"""Rows of the database that the log does not bear out: somebody may have changed them. Nothing is sent by such a row.

Of what is still on its way: cases with a takedown that goes on, a report that is sent, a valid request, or an open
duty. All their rows are compared with the log, both ways: a row may say more than people did, or less.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from safelight.flow.filing_log import vouched
from safelight.flow.merged import by_position, current, lineage
from safelight.flow.owing import owing
from safelight.flow.requests import log_says
from safelight.flow.takedown_standing import Begun
from safelight.model.access import ActorKind
from safelight.model.audit import LoggedEvent
from safelight.model.case import Body, ReportConfirmed, ReportFailed, ReportFinished, RequestErased, RequestTaken
from safelight.model.filing import Filing, FilingState
from safelight.model.removal import Received, RequestState
from safelight.model.takedown import Plan
from safelight.policy.takedown_clock import far_off
from safelight.ports import CaseStore, FilingStore, RequestStore, TakedownStore

_PAGE: Final = 500
_Row = TypeVar("_Row", Filing, Received)


class Doubt(NamedTuple):
    """A row that says what the log does not. `what`: `location`, `filing` or `request`; `id`: its own."""

    what: str
    case: str
    id: str


def doubts(
    cases: CaseStore, takedowns: TakedownStore, filings: FilingStore, requests: RequestStore
) -> tuple[Doubt, ...]:
    """All such rows. Each was found twice: what was written between two readings is no doubt."""
    open_ = _open(cases, takedowns, filings, requests)
    found = {name: set(_of_case(cases, name, takedowns, filings, requests)) for name in open_}
    again = (one for name in found if found[name] for one in _of_case(cases, name, takedowns, filings, requests))
    return tuple(sorted(one for one in again if one in found[one.case]))


def stalled(cases: CaseStore, takedowns: TakedownStore, plan: Plan, now: datetime) -> tuple[Doubt, ...]:
    """Locations that by their rows would be looked at later than the plan has it, or not be found when they are due."""
    found, after = set(takedowns.misfiled()), ""
    while places := takedowns.all(after, _PAGE):
        found |= {one.id for one in places if far_off(one, plan, now)}
        after = places[-1].id
    return tuple(Doubt("location", current(cases, takedowns.get(name).case).id, name) for name in sorted(found))


def _open(cases: CaseStore, takedowns: TakedownStore, filings: FilingStore, requests: RequestStore) -> set[str]:
    """Cases, by those that hold now, of which something is on its way."""
    found = {case.id for case in owing(cases)}
    after = ""
    while places := takedowns.all(after, _PAGE):
        found |= {one.case for one in places if one.begun and not one.closed and one.gone is None}
        after = places[-1].id
    found |= {one.case for one in _all(lambda after: filings.all((FilingState.SENDING,), None, after, _PAGE))}
    asked = _all(lambda after: requests.all(after, _PAGE))
    found |= {one.case for one in asked if one.state is RequestState.VALID}
    return {current(cases, name).id for name in found}


def _all(page: Callable[[str], list[_Row]]) -> Iterator[_Row]:
    after = ""
    while rows := page(after):
        yield from rows
        after = rows[-1].id


def _of_case(
    cases: CaseStore, case: str, takedowns: TakedownStore, filings: FilingStore, requests: RequestStore
) -> Iterator[Doubt]:
    names = lineage(cases, case)
    places = [one for name in names for one in takedowns.of_case(name)]
    reports = [one for name in names for one in filings.of_case(name)]
    asked = [one for name in names for one in requests.of_case(name)]
    log = by_position(cases, case)
    begun = Begun(log)
    missing = begun.running.difference(one.id for one in places)
    for name in (*missing, *(one.id for one in places if not begun.bears_out(one))):
        yield Doubt("location", case, name)
    sending = _sending(log)
    missing = sending.difference(one.id for one in reports)
    for name in (*missing, *(one.id for one in reports if not _filing_borne_out(cases, one, sending))):
        yield Doubt("filing", case, name)
    said = [logged.event.body for logged in log]
    valid = {body.request for body in said if isinstance(body, RequestTaken) and not body.lacks}
    erased = {body.request for body in said if isinstance(body, RequestErased)}
    missing = valid.difference(one.id for one in asked)
    for name in (*missing, *(one.id for one in asked if not _request_borne_out(one, said, valid, erased))):
        yield Doubt("request", case, name)


def _sending(log: Iterable[LoggedEvent]) -> set[str]:
    """Reports that a person confirmed, and that did not end since."""
    found = set[str]()
    for logged in log:
        match logged.event.body:
            case ReportConfirmed() as body if logged.event.actor.kind is ActorKind.USER:
                found.add(body.filing)
            case ReportFailed() | ReportFinished() as body:
                found.discard(body.filing)
            case _:
                pass
    return found


def _filing_borne_out(cases: CaseStore, filing: Filing, sending: set[str]) -> bool:
    if filing.state is not FilingState.SENDING:
        return filing.id not in sending
    return vouched(cases, filing)


def _request_borne_out(one: Received, said: list[Body], valid: set[str], erased: set[str]) -> bool:
    if one.state is RequestState.ERASED:
        return one.id in erased
    if one.state is RequestState.VALID:
        return log_says(said, one)
    return one.id not in valid | erased
