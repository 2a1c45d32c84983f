"""What of all takedowns waits for people."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from safelight.model.case import Case, CaseState, DutyState
from safelight.model.law import DutyKind
from safelight.model.takedown import Alarm, AlarmKind, Location, NoticeState, Plan
from safelight.policy.takedown import THERE, exhausted, open_notice
from safelight.ports import CaseStore, TakedownStore

SOON: Final = timedelta(hours=12)
"""How long before its time is over a duty is told of: an hour of a working day is in it, wherever one works."""
_PAGE: Final = 500
_ORDER: Final = {kind: place for place, kind in enumerate(AlarmKind)}


def alarms(cases: CaseStore, store: TakedownStore, plan: Plan, now: datetime) -> tuple[Alarm, ...]:
    """All of them, the most pressing kind first, of one kind the oldest."""
    found: list[Alarm] = []
    read: dict[str, Case] = {}
    after = ""
    while page := store.all(after, _PAGE):
        for location in page:
            found += _of_location(location, plan)
            if location.gone is None and location.case not in read:
                read[location.case] = cases.case(location.case)
        after = page[-1].id
    for case in read.values():
        found += _of_case(case, now)
    return tuple(sorted(found, key=lambda one: (_ORDER[one.kind], one.at, one.case, one.location)))


def _of_location(location: Location, plan: Plan) -> Iterator[Alarm]:
    if location.closed:
        return
    case = location.case
    if location.begun is None:
        if location.found_as:
            yield Alarm(AlarmKind.RETURNED, case, location.added, location.id)
        return
    last = open_notice(location)
    if location.past and location.gone is None:
        back = next(look.at for look in location.looks if look.at > location.past[-1] and look.place in THERE)
        yield Alarm(AlarmKind.RETURNED, case, back, location.id)
    if exhausted(location, plan):
        asked = (one.due or one.answered or one.created for one in location.notices[-1:])
        yield Alarm(AlarmKind.EXHAUSTED, case, next(asked, location.begun), location.id)
    if last is not None and last.state is NoticeState.WAITING and not last.tries:
        yield Alarm(AlarmKind.BY_HAND, case, last.created, location.id, last.id)


def _of_case(case: Case, now: datetime) -> Iterator[Alarm]:
    if case.state is CaseState.MERGED:
        return
    for owed in case.duties:
        duty = owed.duty
        if owed.state is DutyState.OPEN and duty.kind is DutyKind.REMOVE and duty.due and duty.due - SOON <= now:
            kind = AlarmKind.LATE if duty.due <= now else AlarmKind.SOON
            yield Alarm(kind, case.id, duty.due, what=duty.id)
