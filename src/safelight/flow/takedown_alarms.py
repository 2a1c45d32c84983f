"""What of all takedowns waits for people."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from safelight.flow.merged import current
from safelight.flow.owing import owing
from safelight.flow.takedown_retract import to_take_back
from safelight.flow.takedown_standing import Begun, begun, standing_of, stopped_since
from safelight.model.case import Case, DutyState
from safelight.model.law import DutyKind
from safelight.model.takedown import Alarm, AlarmKind, Location, NoticeState, Place, Plan
from safelight.policy.takedown import exhausted, open_notice
from safelight.policy.takedown_clock import far_off
from safelight.policy.takedown_looks import NO_HOST, unclear_since, unsettled
from safelight.policy.takedown_phase import Phase
from safelight.ports import CaseStore, TakedownStore

SOON: Final = timedelta(hours=12)
"""How long before its time is over a duty is told of: an hour of a working day is in it, wherever one works."""
STOPPED: Final = timedelta(days=1)
"""For which a case may keep its takedowns from going on, or a notice may wait, before people are told."""
_PAGE: Final = 500
_ORDER: Final = {kind: place for place, kind in enumerate(AlarmKind)}
_STOPS: Final = frozenset((Phase.HELD, Phase.PAUSED))


def alarms(cases: CaseStore, store: TakedownStore, plan: Plan, now: datetime) -> tuple[Alarm, ...]:
    """All of them, the most pressing kind first, of one kind the oldest."""
    found: list[Alarm] = []
    read: dict[str, Case] = {}
    logs: dict[str, Begun] = {}
    stopped: dict[str, Alarm] = {}
    after = ""
    while page := store.all(after, _PAGE):
        for location in page:
            if location.case not in read:
                read[location.case] = current(cases, location.case)
            case = read[location.case]
            found += _of_location(location, plan, now)
            found += _astray(location, store)
            found += _false(cases, store, case, location)
            found += _put_off(location, plan, now) or _unvouched(cases, store, case, location, logs)
            if location.case not in stopped:
                stopped |= {one.case: one for one in _stopped(cases, case, location, now)}
        after = page[-1].id
    found += stopped.values()
    for case in owing(cases, now + SOON):
        found += _of_case(case, now)
    return tuple(sorted(found, key=lambda one: (_ORDER[one.kind], one.at, one.case, one.location)))


def _of_location(location: Location, plan: Plan, now: datetime) -> Iterator[Alarm]:
    if location.closed:
        return
    case = location.case
    if location.begun is None:
        if location.found_as or location.back:
            yield Alarm(AlarmKind.RETURNED, case, location.back or location.added, location.id)
        return
    if location.gone is None:
        yield from _while_there(location, now)
    if since := unclear_since(location):
        yield Alarm(AlarmKind.UNCLEAR, case, since, location.id)
    last = open_notice(location)
    if exhausted(location, plan):
        asked = (one.due or one.answered or one.created for one in location.notices[-1:])
        yield Alarm(AlarmKind.EXHAUSTED, case, next(asked, location.begun), location.id)
    if last is not None and last.state is NoticeState.WAITING and (not last.tries or now - last.created > STOPPED):
        yield Alarm(AlarmKind.BY_HAND, case, last.created, location.id, last.id)


def _while_there(location: Location, now: datetime) -> Iterator[Alarm]:
    """What looks at it have found, as long as it is not gone."""
    case = location.case
    if location.back is not None:
        yield Alarm(AlarmKind.RETURNED, case, location.back, location.id)
    if since := unsettled(location, now):
        yield Alarm(AlarmKind.UNSETTLED, case, since, location.id)
    if location.no_host and location.last_look and location.last_look - location.no_host >= NO_HOST:
        yield Alarm(AlarmKind.NO_HOST, case, location.no_host, location.id)


def _astray(location: Location, store: TakedownStore) -> Iterator[Alarm]:
    """It leads to where nobody works on it, for this case or another."""
    there = location.there
    if location.place is not Place.MOVED or location.closed or location.gone is not None or there is None:
        return
    if not any(one.begun and not one.closed for one in store.of_url(there.led_to)):
        yield Alarm(AlarmKind.ASTRAY, location.case, there.at, location.id)


def _false(cases: CaseStore, store: TakedownStore, case: Case, location: Location) -> Iterator[Alarm]:
    """Somebody was told of what is no abuse, and nobody has taken that back yet. Also of what is closed, as most is."""
    if notice := to_take_back(cases, store, location):
        yield Alarm(AlarmKind.RETRACT, location.case, stopped_since(cases, case), location.id, notice)


def _put_off(location: Location, plan: Plan, now: datetime) -> list[Alarm]:
    """Its row has it wait for longer than the plan does."""
    if location.begun is None or not far_off(location, plan, now):
        return []
    return [Alarm(AlarmKind.UNVOUCHED, location.case, location.begun, location.id)]


def _unvouched(
    cases: CaseStore, store: TakedownStore, case: Case, location: Location, logs: dict[str, Begun]
) -> Iterator[Alarm]:
    """No person had it begin, or no look-up named whom it writes to, by the log; `logs`: what was read of it before.

    Of rows that say less than the log `flow.borne_out` tells: they are many.
    """
    if location.begun is None or location.closed or location.gone is not None:
        return
    if case.id not in logs:
        logs[case.id] = begun(cases, case)
    if logs[case.id].bears_out(location):
        return
    logs[case.id] = begun(cases, case)  # it may have begun after the log was read
    if not logs[case.id].bears_out(location) and store.get(location.id) == location:  # else it began just now
        yield Alarm(AlarmKind.UNVOUCHED, location.case, location.begun, location.id)


def _stopped(cases: CaseStore, case: Case, location: Location, now: datetime) -> Iterator[Alarm]:
    """The case has kept this from going on."""
    if location.begun is None or location.closed or location.gone is not None:
        return
    if standing_of(cases, case, location.item).phase in _STOPS:
        since = max(stopped_since(cases, case), location.begun)
        if since > now or now - since > STOPPED:  # by a clock that was ahead: nobody knows since when
            yield Alarm(AlarmKind.PAUSED, location.case, since, location.id)


def _of_case(case: Case, now: datetime) -> Iterator[Alarm]:
    for owed in case.duties:
        duty = owed.duty
        if owed.state is DutyState.OPEN and duty.kind is DutyKind.REMOVE and duty.due and duty.due - SOON <= now:
            kind = AlarmKind.LATE if duty.due <= now else AlarmKind.SOON
            yield Alarm(kind, case.id, duty.due, what=duty.id)
