"""The jobs of closing the loop: what follows from decisions, reports, takedowns, alarms, and what had to wait."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction

from safelight.flow.borne_out import doubts, stalled
from safelight.flow.carry_out import can_go_on, carry_out
from safelight.flow.prepare import prepare
from safelight.model.access import SYSTEM, Principal
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    AppealDecided,
    Approved,
    CaseState,
    Decided,
    ItemAdded,
    Rejected,
    ReportFailed,
    ReportFinished,
    StatementTold,
)
from safelight.model.closing_events import StatementKind
from safelight.model.decision import Action
from safelight.model.errors import ConflictError, StorageError, TransitionError
from safelight.model.filing import FilingState
from safelight.policy.takedown_clock import SKEW
from safelight.web.closing import ending
from safelight.web.closing.models import Alarm, Follower
from safelight.web.closing.wiring import (
    ADVANCE,
    FREE,
    RETRACT,
    RETURNED,
    RIGHT,
    SEND,
    SETTLE,
    TAKE_BACK,
    UNVOUCHED,
    advance_soon,
    free_soon,
    kept,
    once,
    pressing,
    reminded,
    settle_soon,
    stale_packs,
    take_back_soon,
    takedown_alarms,
)
from safelight.web.container import the_app
from safelight.web.followed import BEGINNING, seal_of, stands
from safelight.web.hooks.events import decides
from safelight.web.hooks.sending import emit
from safelight.web.jobs.models import Job, JobState
from safelight.web.jobs.queue import job

_HOURS = (1, 2, 4, 8, 12)
SENDING: Final = (
    *(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900)),
    *(timedelta(hours=hours) for hours in _HOURS),
    *(timedelta(hours=24) for _ in range(28)),
)
"""Waits between attempts at a report: together just over 29 days; who takes reports may be away for as long."""
_PAGE = 500
_FOLLOWER: Final = "closing.follow"
_SAID: Final = {
    "duty.overdue": "duty overdue",
    "duty.due_soon": "duty due soon",
    UNVOUCHED: "a row of the database says what the log does not",
    "duty.reminder": "duty without a time in law is open: your own reminder, not the law's",
}

_log = structlog.get_logger("safelight.closing")


@job(_FOLLOWER, every=timedelta(seconds=10))
def follow(_subject: str) -> None:
    """Have cases settled whose decision, appeal or report the log has taken in since it was last followed."""
    while _follow_on():
        pass


def _follow_on() -> bool:
    """Follow the log a page on; whether there was one. From the beginning, where nothing vouches for how far it came.

    What was settled already stays as it is.
    """
    cases = the_app().cases
    with transaction.atomic():
        Follower.objects.get_or_create(id=1)
        place = Follower.objects.select_for_update().get(id=1)
        if not stands(cases, _FOLLOWER, place.seen, place.seal):
            place.seen = BEGINNING
            _tell(UNVOUCHED, "", "place", _FOLLOWER, the_app().clock.now())
        events = cases.log(place.seen, _PAGE)
        for logged in events:
            if _settles(logged):
                settle_soon(logged.event.case)
            if isinstance(logged.event.body, AppealDecided | Approved | Decided | Rejected):
                free_soon(logged.event.case)
        if events:
            place.seen, place.seal = events[-1].position, seal_of(_FOLLOWER, events[-1])
        place.save()
    return bool(events)


def _settles(logged: LoggedEvent) -> bool:
    """Whether something may follow from an event: the case is decided by it, or another one has joined it since.

    Also where its case cannot be read: its own job says so then, and what follows from others is not kept waiting.
    """
    cases = the_app().cases
    try:
        match logged.event.body:
            case AppealDecided() | ReportFinished() | ReportFailed() | StatementTold():
                return True
            case ItemAdded() | Absorbed():
                return cases.case(logged.event.case).state is CaseState.DECIDED
        return decides(logged, cases.events)
    except StorageError:
        return True


@job(SETTLE)
def settle(case: str) -> None:
    """Ask policy and law what follows from a decision, prepare reports, and write statements that uploaders are owed.

    Why it was decided is written where the policy says so, and for the same uploaders what became of it: the platform
    passes it on.
    """
    app = the_app()
    ruling = app.settle.settle(case)
    actions = ruling.actions if ruling is not None and not ruling.degraded else ()
    for owed in app.statements.owed(case):
        if Action.NOTIFY in actions or owed.kind is not StatementKind.REASONS:
            app.statements.make(None, case, owed.item)
    if Action.REPORT in actions:
        prepare(app.reports, case)


def _give_up(filing: str) -> None:
    """In the transaction that ends the job, where nobody may be waited for: what was begun is another job's."""
    last = Job.objects.filter(kind=SEND, subject=filing, state=JobState.DEAD).order_by("-finished").first()
    the_app().reports.give_up(filing, f"tried in vain for 30 days, at last: {last.error if last else 'no answer'}")
    take_back_soon(filing)


@job(SEND, delays=SENDING, dead=_give_up)
def send_filing(filing: str) -> None:
    """Send a report that a person has confirmed, or go on where it stopped."""
    the_app().reports.send(filing)


@job(TAKE_BACK)
def take_back(filing: str) -> None:
    """Take back at the receiver what was begun of a report that is given up."""
    the_app().reports.take_back(filing)


@job("filings.resume", every=timedelta(minutes=1))
def resume_filings(_subject: str) -> None:
    """See that each confirmed report has a job."""
    store, after = the_app().filings, ""
    while page := store.all([FilingState.SENDING], None, after, _PAGE):
        for filing in page:
            once(SEND, filing.id)
        after = page[-1].id


@job(ADVANCE)
def advance(location: str) -> None:
    """Take the next step about a URL: look, give notice, escalate."""
    the_app().takedown.advance(location)


@job(FREE)
def free(case: str) -> None:
    """A case was decided, or nobody objects any more: what waited for that about its URLs is done now."""
    for location in the_app().takedown.freed(case):
        advance_soon(location)


@job("takedown.due", every=timedelta(minutes=1))
def advance_all(_subject: str) -> None:
    """Ask for a step about each URL that is due."""
    for location in the_app().takedown.due(_PAGE):
        once(ADVANCE, location)


@job(RETRACT)
def retract(location: str) -> None:
    """Tell who had notices about a URL that they are taken back, as a person has confirmed."""
    the_app().retractions.advance(location)


@job("takedown.retracting", every=timedelta(minutes=1))
def retract_all(_subject: str) -> None:
    """See that what is to be taken back now has a job."""
    for location in the_app().retractions.due(_PAGE):
        once(RETRACT, location)


@job(RETURNED)
def returned(item: str) -> None:
    """An item came by its URL: is it of a family that was taken down?"""
    found = the_app().cases.item(item)
    if found.url and found.case:
        the_app().takedown.came_back(item, found.url)


@job("duties.alarm", every=timedelta(minutes=5))
def alarm(_subject: str) -> None:
    """Tell of open duties that are due within 12 hours, and of those whose time is over; once each.

    Of those that have no time in law the operator is told once, when their own time to be reminded has passed. What was
    to be kept until now ends by itself.
    """
    now = the_app().clock.now()
    Alarm.objects.filter(at__gt=now + SKEW).delete()  # by a clock that was ahead: it may not have been time yet
    for case, one, over in pressing(now):
        _tell("duty.overdue" if over else "duty.due_soon", case.id, "duty", one.duty.id, now)
    for case, one in reminded(now):
        _tell("duty.reminder", case.id, "duty", one.duty.id, now)
    for name in kept(now):
        once(SETTLE, name)


@job("takedown.count", every=timedelta(minutes=5))
def count_alarms(_subject: str) -> None:
    """Count what of takedowns waits for people, for the pages of the console."""
    takedown_alarms(the_app().clock.now())


@job("rows.check", every=timedelta(hours=1))
def check_rows(_subject: str) -> None:
    """Tell of rows of the database that the log does not bear out, once for as long as they do not.

    A URL whose row keeps it from being looked at in time is told of, and looked at now.
    """
    app = the_app()
    now, found = app.clock.now(), doubts(app.cases, app.takedowns, app.filings, app.request_store)
    late = stalled(app.cases, app.takedowns, app.takedown.plan, now)
    found = tuple(dict.fromkeys((*found, *late)))
    there = {(one.case, one.id) for one in found}
    for told in Alarm.objects.filter(event=UNVOUCHED):
        if (told.case, told.duty) not in there:
            told.delete()
    for one in found:
        _tell(UNVOUCHED, one.case, one.what, one.id, now)
    for one in late:
        once(RIGHT, one.id)


@job(RIGHT)
def put_right(location: str) -> None:
    """Have a URL looked at now whose row keeps it from being looked at in time."""
    advance_soon(the_app().takedown.put_right(location).id)


def _tell(event: str, case: str, what: str, name: str, now: datetime) -> None:
    with transaction.atomic():
        _, new = Alarm.objects.get_or_create(case=case, duty=name, event=event, defaults={"at": now, "what": what})
        if new:
            emit(event, {"case": case, what: name} if case else {what: name})
    if new:
        _log.warning(_SAID[event], case=case, **{what: name})


@job("personal.end", every=timedelta(days=1), limit=timedelta(hours=6))
def end_personal(_subject: str) -> None:
    """Erase what people said of themselves, and what reports tell of people, once its time has been over for a week."""
    ending.look()


@job("law.age", every=timedelta(days=1))
def law_age(_subject: str) -> None:
    """Warn of law packs that may be out of date."""
    for pack in stale_packs(the_app().clock.now()):
        _log.warning("law pack is old", pack=pack.id, as_of=pack.as_of.isoformat())


@job("cases.carry_out", every=timedelta(minutes=10))
def carry_out_agreed(_subject: str) -> None:
    """Do what two people agreed on and what had to wait for the end of holds and of preservation.

    A case that fails keeps no other one waiting; in the end the first failure is the job's.
    """
    app, after = the_app(), ""
    failed: list[Exception] = []
    now = app.clock.now()
    while page := app.cases.agreed(after, _PAGE):
        for case in page:
            if can_go_on(case, now):
                try:
                    carry_out(Principal(SYSTEM, frozenset()), case.id, app.cases, app.evidence)
                except (ConflictError, TransitionError) as error:  # somebody has changed it meanwhile
                    _log.info("left for the next time", case=case.id, error=type(error).__name__)
                except Exception as error:  # noqa: BLE001 - whatever is wrong with one case is no other's affair
                    _log.error("what two people agreed on was not done", case=case.id, error=type(error).__name__)
                    failed.append(error)
        after = page[-1].id
    if failed:
        raise failed[0]
