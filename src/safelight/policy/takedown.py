"""A takedown on its clock: whom to tell next about a URL, when to look, and what to do now. Pure: the flow does it.

Whether it is there, or gone, `policy.takedown_looks` says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from safelight.model.takedown import Contact, Contacts, Location, Notice, NoticeState, Plan, PlanStep, Scope
from safelight.policy.takedown_looks import CONFIRM, ENDS, OPEN, asks, not_there_since
from safelight.policy.takedown_phase import Phase

PAUSE: Final = timedelta(hours=1)
"""Until a case that allows nothing now, or a directory that could not be asked, is asked again."""
FINDS: Final = 4
"""How often in a row contacts are looked for, with flaws each time, before a step without contact is passed over."""
CONTACTS_AGE: Final = timedelta(days=7)
"""For which contacts are trusted: sites move from host to host."""
RETRY: Final = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""Waits between tries to hand a mail over; the last repeats, for a broken mail server is ours to repair."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
DEFAULT_PLAN: Final = Plan(
    steps=(
        PlanStep(Scope.SITE, _DAY),
        PlanStep(Scope.HOST, _DAY),
        PlanStep(Scope.UPSTREAM, 2 * _DAY),
        PlanStep(Scope.REGISTRAR, 2 * _DAY),
        PlanStep(Scope.HOTLINE, 3 * _DAY),
    ),
    looks=(_HOUR, _HOUR, 4 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY),
    watch=(_DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 60 * _DAY, 90 * _DAY),
)
"""Why: docs/takedown.md."""


class Do(StrEnum):
    """What is to be done next."""

    REST = "rest"  # nothing, until `at`
    CLOSE = "close"
    LAPSE = "lapse"  # the time of a notice is over
    SEND = "send"  # a notice that waits
    LOOK = "look"
    FIND = "find"  # who can act
    ASK = "ask"  # make a notice ready, to `contact`


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done next, see `Do`."""

    do: Do
    notice: Notice | None = None
    contact: Contact | None = None
    at: datetime | None = None


def open_notice(location: Location) -> Notice | None:
    """The notice that waits for something: to be sent, or for an answer."""
    last = next(iter(_of_now(location)[-1:]), None)
    if last is None or last.state is NoticeState.WAITING:
        return last
    return last if last.state in OPEN and last.due is not None else None


def busy_until(location: Location, contact: Contact, now: datetime) -> datetime | None:
    """Until when a location's open notice to this contact is in the way of another about the same URL; None for not.

    One that waits is so for an hour at a time, and only on its first day: what keeps it may last.
    """
    notice = open_notice(location)
    if location.closed or notice is None or _mailbox(notice.contact) != _mailbox(contact):
        return None
    if notice.state is NoticeState.WAITING:
        return now + PAUSE if now - notice.created < _DAY else None
    return notice.due if notice.due is not None and notice.due > now else None


def _of_now(location: Location) -> tuple[Notice, ...]:
    """The notices since the plan began anew, or all, without those that were taken back."""
    since = location.anew
    return tuple(one for one in location.in_force if since is None or one.created >= since)


def lapsed(notice: Notice) -> Notice:
    """A notice whose time is over. Who has acknowledged, or says that it is removed, is not silent."""
    if notice.state is NoticeState.SENT:
        return replace(notice, state=NoticeState.SILENT)
    if notice.state is NoticeState.WAITING:
        return replace(notice, state=NoticeState.FAILED, due=None, cause="nobody has sent it")
    return replace(notice, due=None)


def next_act(location: Location, plan: Plan, phase: Phase, now: datetime, *, mails: bool = True) -> Act:
    """What is to be done about a location now. Done again and again until it says REST, it never comes to no end."""
    if location.closed or location.begun is None:
        return Act(Do.REST)
    if phase is Phase.OVER:
        return Act(Do.CLOSE)
    notice = open_notice(location)
    act = None if notice is None else _about(notice, location, phase, now, mails=mails)
    if act is None and phase is Phase.PAUSED:
        act = Act(Do.REST, at=now + PAUSE)
    elif act is None and _to_be_looked_at(location, now):
        act = Act(Do.LOOK)
    if act is not None:
        return act
    wanted = asks(location) and notice is None
    if wanted and phase is Phase.GO and (asked := _next_to_ask(location, plan, now)):
        return asked
    later = schedule(location, plan, now)
    waits = wanted or (notice is not None and notice.state is NoticeState.WAITING)
    held = now + PAUSE if waits and phase is Phase.HELD else later  # soon after nobody objects any more: see `freed`
    return Act(Do.REST, at=min(later, held) if later and held else later)


def freed(location: Location, now: datetime) -> Location:
    """The location once its case lets it go on: what waited for that is due now."""
    if location.begun is None or location.closed or location.gone is not None:
        return location
    notice = open_notice(location)
    if notice is None or notice.state is not NoticeState.WAITING or not notice.contact.email or notice.due is None:
        return replace(location, next_look=now)
    notices = (replace(one, due=now) if one.id == notice.id else one for one in location.notices)
    return replace(location, next_look=now, notices=tuple(notices))


def _to_be_looked_at(location: Location, now: datetime) -> bool:
    """Whether a look is due. One that is as new as that was it, whatever had come between then and what follows it."""
    due, last = location.next_look, location.last_look
    if last is None or last > now:  # none, or one by a clock that was ahead
        return True
    return due is not None and due <= now and (last < due or now - last >= CONFIRM)


def _about(notice: Notice, location: Location, phase: Phase, now: datetime, *, mails: bool) -> Act | None:
    """What is to be done about the open notice now."""
    if notice.state is not NoticeState.WAITING or not notice.contact.email:
        return Act(Do.LAPSE, notice) if notice.due is not None and notice.due <= now else None
    if not mails or phase is not Phase.GO or (notice.due is not None and notice.due > now):
        return None
    # One that may have been sent is sent again in any case: so it is one, and we know that it was.
    return Act(Do.SEND, notice) if asks(location) or notice.tries else None


def _next_to_ask(location: Location, plan: Plan, now: datetime) -> Act | None:
    """The next who can act; None when none is known, which may be otherwise tomorrow."""
    found = location.contacts
    if found is None or _outdated(location, found, now):
        return Act(Do.FIND)
    contact = next_contact(location, plan)
    if _unsure(found) and (contact is None or contact.scope not in _untold(location, plan)[:1]):
        # Who comes before them may be known once all directories answer.
        return Act(Do.REST, at=min(found.found + PAUSE, schedule(location, plan, now) or now + PAUSE))
    return Act(Do.ASK, contact=contact) if contact is not None else None


def was_told(location: Location, contact: Contact) -> bool:
    """Whether a notice to this contact is written or sent already, since the plan began anew."""
    return any(_mailbox(one.contact) == _mailbox(contact) for one in _of_now(location))


def next_contact(location: Location, plan: Plan) -> Contact | None:
    """Who is told next; None when all who are known were. A scope that was not known in its turn is told once it is."""
    told = {_mailbox(one.contact) for one in _of_now(location)}
    known = location.contacts.contacts if location.contacts is not None else ()
    return next(
        (one for scope in _untold(location, plan) for one in known if one.scope is scope and _mailbox(one) not in told),
        None,
    )


def _untold(location: Location, plan: Plan) -> list[Scope]:
    """The scopes that no notice has reached, in the order of the plan."""
    done = {one.contact.scope for one in _of_now(location) if one.state is not NoticeState.FAILED}
    return [step.scope for step in plan.steps if step.scope not in done]


def _outdated(location: Location, found: Contacts, now: datetime) -> bool:
    """Whether contacts are looked for again: sites move, and what was not known, or could not be asked, may be now."""
    age = now - found.found
    lacking = not found.contacts or bool(found.flaws)
    return age > CONTACTS_AGE or (lacking and age >= PAUSE) or any(found.found <= gone for gone in location.past)


def _unsure(found: Contacts) -> bool:
    """Whether more contacts may well be found soon."""
    return bool(found.flaws) and found.tries < FINDS


def _mailbox(contact: Contact) -> str:
    """Where a contact is told: the same place told twice is no step further."""
    return contact.email.lower() or contact.form


def schedule(location: Location, plan: Plan, now: datetime) -> datetime | None:
    """When a location is looked at next, or the next step is due; None for never."""
    if location.closed or location.begun is None:
        return None
    if location.gone is not None:
        # Counted from what ended it, a second look or a person's word, where that came long after the first.
        ends = (look.at for look in location.looks if look.place in ENDS and look.at - location.gone >= CONFIRM)
        return _after(next(ends, location.gone), plan.watch, now)
    since = not_there_since(location)
    if since is not None and location.place in ENDS and since + CONFIRM > now:
        return since + CONFIRM
    sent = (notice.sent for notice in location.notices if notice.sent is not None)
    anchor = max([location.begun, *(look.at for look in location.looks[-1:]), *sent])
    look = _after(anchor, plan.looks, now) or now + plan.looks[-1] - (now - anchor - _sum(plan.looks)) % plan.looks[-1]
    notice = open_notice(location)
    if notice is None or notice.due is None or (notice.state is NoticeState.WAITING and notice.contact.email):
        return look  # a mail that is tried again asks for no look
    return min(look, notice.due)


def _after(anchor: datetime, waits: Iterable[timedelta], now: datetime) -> datetime | None:
    """The first moment after `now` of those that come one after the other by these waits."""
    for wait in waits:
        anchor += wait
        if anchor > now:
            return anchor
    return None


def _sum(waits: Iterable[timedelta]) -> timedelta:
    return sum(waits, timedelta())


def exhausted(location: Location, plan: Plan) -> bool:
    """Whether everybody was asked, and it is still there."""
    found = location.contacts
    nobody = found is not None and not _unsure(found) and next_contact(location, plan) is None
    return nobody and asks(location) and open_notice(location) is None
