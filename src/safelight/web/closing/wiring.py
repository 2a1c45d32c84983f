"""What asks for the jobs of closing the loop, and what pages, metrics and alarms share about open duties."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache

from safelight.flow.owing import owing as owing_in
from safelight.model.case import Case, CaseDuty, DutyState
from safelight.model.law import Duty, DutyKind, LawPack
from safelight.model.takedown import Alarm as TakedownAlarm
from safelight.policy.duties import stale
from safelight.web.closing.models import Alarm
from safelight.web.container import the_app
from safelight.web.jobs.models import UNFINISHED, Job
from safelight.web.jobs.queue import enqueue

SETTLE: Final = "closing.settle"
SEND: Final = "filings.send"
TAKE_BACK: Final = "filings.take_back"
ADVANCE: Final = "takedown.advance"
FREE: Final = "takedown.free"
RETRACT: Final = "takedown.retract"
RETURNED: Final = "takedown.returned"
RIGHT: Final = "rows.right"

UNVOUCHED: Final = "row.unvouched"
"""The event of a row of the database that the log does not bear out."""
SOON: Final = timedelta(hours=12)
"""An open duty that is due within this time is told of."""
_COUNT: Final = "takedown_alarms"
_COUNTED: Final = 900
"""Seconds for which their number is told on each page: in this time the job counts them three times."""


def settle_soon(case: str) -> None:
    """Ask for settling a case; call it in the transaction that gives a reason to."""
    enqueue(SETTLE, case)


def send_soon(filing: str) -> None:
    """Ask for sending a report; call it in the transaction that confirms it."""
    once(SEND, filing)


def take_back_soon(filing: str) -> None:
    """Ask for taking back what was begun of a report; call it in the transaction that gives the report up."""
    enqueue(TAKE_BACK, filing)


def advance_soon(location: str) -> None:
    """Ask for the next step about a URL; call it in the transaction that changes something about it."""
    enqueue(ADVANCE, location)


def free_soon(case: str) -> None:
    """Ask for what waited for a case to go on; call it in the transaction that gives a reason to."""
    enqueue(FREE, case)


def retract_soon(location: str) -> None:
    """Ask for word that notices are taken back; call it in the transaction in which a person confirms that."""
    enqueue(RETRACT, location)


def once(kind: str, subject: str) -> None:
    """Ask for a job unless one waits or runs; else one that fails again and again would begin to count anew."""
    if not Job.objects.filter(kind=kind, subject=subject, state__in=UNFINISHED).exists():
        enqueue(kind, subject)


def owing(until: datetime | None = None) -> Iterator[Case]:
    """Cases with open duties, by the first that is due; with `until`, those of which one is due before it."""
    return owing_in(the_app().cases, until)


def pressing(now: datetime) -> Iterator[tuple[Case, CaseDuty, bool]]:
    """Open duties that are due within `SOON` or overdue, and whether they are; not those to keep something."""
    for case in owing(now + SOON):
        for one in case.duties:
            due = one.duty.due
            if one.state is DutyState.OPEN and one.duty.kind is not DutyKind.PRESERVE and due and due <= now + SOON:
                yield case, one, due <= now


def kept(now: datetime) -> Iterator[str]:
    """Cases of which something need not be kept any more that had to be: so far nobody has said so."""
    for case in owing():
        duties = (one.duty for one in case.duties if one.state is DutyState.OPEN)
        if any(one.kind is DutyKind.PRESERVE and one.drives and one.due and one.due <= now for one in duties):
            yield case.id


def reminded(now: datetime) -> Iterator[tuple[Case, CaseDuty]]:
    """Open duties without a time of the law, once the operator's own time (SAFELIGHT_REMIND) has passed."""
    for case in owing():
        for one in case.duties:
            if one.state is DutyState.OPEN and (reminder := own_reminder(one.duty)) and reminder <= now:
                yield case, one


def own_reminder(duty: Duty) -> datetime | None:
    """When the operator wants to be reminded of a duty: their own choice, and no deadline of the law.

    None where the law names a time, and of what is to be kept.
    """
    if duty.due is not None or duty.kind is DutyKind.PRESERVE:
        return None
    return duty.began + timedelta(hours=the_app().settings.service.closing.remind)


def takedown_alarms(now: datetime) -> tuple[TakedownAlarm, ...]:
    """What of all takedowns waits for people, the most pressing first; how many is kept for `counted_alarms`."""
    found = the_app().takedown.overdue(now)
    cache.set(_COUNT, len(found), _COUNTED)
    return found


def counted_alarms() -> int:
    """How many `takedown_alarms` there were when they were last looked at; 0 when that was long ago."""
    found = cache.get(_COUNT)
    return found if isinstance(found, int) else 0


def unvouched() -> list[Alarm]:
    """Rows of the database that the log does not bear out, as far as is known: `rows.check` looks each hour."""
    return list(Alarm.objects.filter(event=UNVOUCHED).order_by("at", "case", "duty"))


def stale_packs(now: datetime) -> list[LawPack]:
    """Law packs in use here that nobody has gone through for long."""
    used = {pack.id: pack for pack in the_app().jurisdictions}
    return [used[name] for name in stale(used, now.date())]
