"""A takedown on its clock: what a look says, what to do next about a URL, and when. Pure: the flow does what it says.

What was seen stands until something else is seen, and seen again: no answer, and one that is refused to us, say
nothing. So a host that stops answering us does not stop the plan, and one that never did is told nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import dropwhile, takewhile
from typing import Final
from urllib.parse import urlsplit

from safelight.model.takedown import (
    Contact,
    Judged,
    Location,
    Look,
    Notice,
    NoticeState,
    Place,
    Plan,
    PlanStep,
    Scope,
)
from safelight.policy.takedown_phase import Phase

THERE: Final = frozenset((Place.PRESENT, Place.ALTERED, Place.MOVED))
ENDS: Final = frozenset((Place.GONE, Place.REPLACED))
UNKNOWN: Final = frozenset((Place.UNCHECKED, Place.BARRED, Place.SILENT))

CONFIRM: Final = timedelta(hours=1)
"""After which a second look has to find the same before something counts as removed: hosts flap."""
UNSETTLED: Final = timedelta(days=3)
"""After which people are told of a removal that no look could confirm or refute."""
NO_HOST: Final = timedelta(days=7)
"""For which a host has to have no address before that is put to a person as the end: names lapse, and are renewed."""
PAUSE: Final = timedelta(hours=1)
"""Until a case that allows nothing now is asked again."""
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

_OPEN: Final = frozenset((NoticeState.SENT, NoticeState.ACKNOWLEDGED, NoticeState.REMOVED))
BODIES: Final = frozenset((200, 404, 410))
"""Statuses whose bodies are judged: some hosts say that it is not there, and send it."""
_BY_STATUS: Final = {401: Place.BARRED, 403: Place.BARRED, 451: Place.BARRED, 404: Place.GONE, 410: Place.GONE}


class Do(StrEnum):
    """What is to be done next."""

    REST = "rest"  # nothing, until `at`
    CLOSE = "close"
    LAPSE = "lapse"  # the time of a notice is over
    SEND = "send"  # a notice that waits
    LOOK = "look"
    FIND = "find"  # who can act
    ASK = "ask"  # make a notice ready, to `contact`, as step `step`


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done next, see `Do`. `step`: of REST, the step that the location then has."""

    do: Do
    notice: Notice | None = None
    step: int = -1
    contact: Contact | None = None
    at: datetime | None = None


def look_of(
    location: Location,
    at: datetime,
    status: int | None,
    led_to: str = "",
    judged: Judged | None = None,
    cause: str = "",
    *,
    no_host: bool = False,
) -> Look:
    """What one look found.

    Args:
        location: that was looked at.
        at: when.
        status: HTTP; None without an answer.
        led_to: where redirects ended.
        judged: what the bytes are; None where there were none.
        cause: why there is no answer.
        no_host: there is none because the host has no address.
    """
    place = _BY_STATUS.get(status or 0, Place.SILENT)
    if status in BODIES and judged is not None and judged.kind:
        place = Place.PRESENT if judged.kind == "exact" else Place.ALTERED
        place = Place.MOVED if led_to and elsewhere(location.url, led_to) else place
    elif status == 200 and judged is not None:
        if judged.unlike:
            place, cause = Place.UNCLEAR, "what answers cannot be compared with the item"
        elif judged.sure:
            place = Place.REPLACED
        else:
            cause = "what answers could not be examined in full"
    elif place is Place.SILENT and not cause:
        cause = "an answer without content" if status == 200 else f"status {status}"
    digest, kind = (judged.sha256, judged.kind) if judged else (None, "")
    return Look(at, place, status, digest, kind, led_to, cause, no_host)


def elsewhere(first: str, second: str) -> bool:
    """Whether two URLs name different places; from http to https alone is none."""
    return _named(first) != _named(second)


def _named(url: str) -> tuple[str | None, int | None, str, str]:
    parts = urlsplit(url)
    port = None if parts.port in {80, 443} else parts.port
    return parts.hostname, port, parts.path or "/", parts.query


def looked(location: Location, look: Look) -> Location:
    """The location after a look; when to look next is for `schedule`."""
    changed = replace(location, place=look.place, last_look=look.at)
    changed = replace(changed, no_host=(location.no_host or look.at) if look.no_host else None)
    if look.place is not location.place:
        changed = replace(changed, looks=(*location.looks, look))
    if look.place in THERE:
        changed = replace(changed, there=look)
    if look.place is Place.UNCLEAR and standing(location) in THERE:
        changed = replace(changed, vouched=False)  # what a person said was not about this
    if look.place in THERE and location.gone is not None:
        return replace(
            changed, gone=None, past=(*location.past, location.gone), returned=location.returned + 1, step=-1
        )
    since = not_there_since(changed)
    if location.gone is None and since is not None and look.place in ENDS and look.at - since >= CONFIRM:
        return ended(changed, since)
    return changed


def ended(location: Location, since: datetime) -> Location:
    """The location once it is gone, since this time: all clocks of its notices stand."""
    return replace(location, gone=since, notices=tuple(map(_stopped, location.notices)))


def by_person(location: Location, at: datetime, cause: str) -> Location:
    """The location once a person says that it is gone: since the look after the last that found it there."""
    look = Look(at, Place.GONE, cause=cause)
    later = dropwhile(lambda one: one.place in THERE, _since_there(location))
    since = next((one.at for one in later), location.last_look or at)
    return ended(replace(location, place=Place.GONE, looks=(*location.looks, look), no_host=None), since)


def _since_there(location: Location) -> Sequence[Look]:
    """The last look that found another state in which it is there, and all after it; all where none did."""
    last = max((number for number, one in enumerate(location.looks) if one.place in THERE), default=0)
    return location.looks[last:]


def _stopped(notice: Notice) -> Notice:
    """A notice whose clock stands, because what it is about is gone."""
    if notice.state is NoticeState.WAITING:
        return replace(notice, state=NoticeState.FAILED, due=None, cause="it was gone before it was sent")
    return replace(notice, due=None) if notice.state in _OPEN else notice


def standing(location: Location) -> Place:
    """What was seen there last; UNCHECKED when nothing ever was.

    That it was not there once, and no look has said so since, is nothing: else one such answer would end the plan.
    """
    known = [look.place for look in reversed(location.looks) if look.place not in UNKNOWN]
    if location.gone is None and location.place in UNKNOWN:
        known = list(dropwhile(ENDS.__contains__, known))
    return next(iter(known), Place.UNCHECKED)


def was_seen(location: Location) -> bool:
    """Whether we have ever seen it there."""
    return any(look.place in THERE for look in location.looks)


def not_there_since(location: Location) -> datetime | None:
    """When the looks began that found it gone; None when the last one that says anything did not.

    That something else is there says so only where it was seen before: the URL may be that of a page that shows it.
    """
    ends = ENDS if was_seen(location) else {Place.GONE}
    says = (look for look in reversed(location.looks) if look.place not in UNKNOWN)
    run = list(takewhile(lambda look: look.place in ends, says))
    return run[-1].at if run else None


def back_since(location: Location) -> datetime | None:
    """When a look found that it is there again; None where it never came back."""
    if not location.past:
        return None
    return next((look.at for look in location.looks if look.at > location.past[-1] and look.place in THERE), None)


def unsettled(location: Location, now: datetime) -> datetime | None:
    """Since when it cannot be told whether it is gone, where people have to be told of that; else None."""
    since = not_there_since(location)
    if location.gone is not None or location.place not in UNKNOWN or since is None or now - since < UNSETTLED:
        return None
    return since


def asks(location: Location) -> bool:
    """Whether notices are to go out: it is there by what was seen last, or a person says so and nothing denies it."""
    if location.gone is not None:
        return False
    place = standing(location)
    unseen = place in {Place.UNCHECKED, Place.REPLACED} and not was_seen(location)
    return place in THERE or (location.vouched and (unseen or place is Place.UNCLEAR))


def open_notice(location: Location) -> Notice | None:
    """The notice that waits for something: to be sent, or for an answer."""
    last = next(iter(_of_now(location)[-1:]), None)
    if last is None or last.state is NoticeState.WAITING:
        return last
    return last if last.state in _OPEN and last.due is not None else None


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
    """The notices since it came back last, or all."""
    since = back_since(location)
    return tuple(one for one in location.notices if since is None or one.created >= since)


def lapsed(notice: Notice, *, mails: bool) -> Notice:
    """A notice whose time is over. Who has acknowledged, or says that it is removed, is not silent."""
    if notice.state is NoticeState.SENT:
        return replace(notice, state=NoticeState.SILENT)
    if notice.state is NoticeState.WAITING and not by_mail(notice, mails=mails):
        return replace(notice, state=NoticeState.FAILED, due=None, cause="nobody has sent it")
    return replace(notice, due=None)


def by_mail(notice: Notice, *, mails: bool) -> bool:
    """Whether we send it ourselves. `mails`: whether there is a mail server."""
    return mails and bool(notice.contact.email)


def next_act(location: Location, plan: Plan, phase: Phase, now: datetime, *, mails: bool = True) -> Act:
    """What is to be done about a location now. Done again and again until it says REST, it never comes to no end."""
    if location.closed or location.begun is None:
        return Act(Do.REST, step=location.step)
    if phase is Phase.OVER:
        return Act(Do.CLOSE)
    notice = open_notice(location)
    act = None if notice is None else _about(notice, location, phase, now, mails=mails)
    if act is None and phase is Phase.PAUSED:
        act = Act(Do.REST, step=location.step, at=now + PAUSE)
    elif act is None and _to_be_looked_at(location, now):
        act = Act(Do.LOOK)
    if act is not None:
        return act
    wanted = asks(location) and notice is None
    if wanted and phase is Phase.GO and (asked := _next_to_ask(location, plan, now)):
        return asked
    later = schedule(location, plan, now)
    held = now + PAUSE if wanted and phase is Phase.HELD else later  # asked for soon after nobody objects any more
    return Act(Do.REST, step=location.step, at=min(later, held) if later and held else later)


def _to_be_looked_at(location: Location, now: datetime) -> bool:
    """Whether a look is due. One that is as new as that was it, whatever had come between then and what follows it."""
    due, last = location.next_look, location.last_look
    return last is None or (due is not None and due <= now and (last < due or now - last >= CONFIRM))


def _about(notice: Notice, location: Location, phase: Phase, now: datetime, *, mails: bool) -> Act | None:
    """What is to be done about the open notice now."""
    if notice.state is not NoticeState.WAITING or not by_mail(notice, mails=mails):
        return Act(Do.LAPSE, notice) if notice.due is not None and notice.due <= now else None
    if phase is not Phase.GO or (notice.due is not None and notice.due > now):
        return None
    # One that may have been sent is sent again in any case: so it is one, and we know that it was.
    return Act(Do.SEND, notice) if asks(location) or notice.tries else None


def _next_to_ask(location: Location, plan: Plan, now: datetime) -> Act | None:
    """The next who can act; None when none is known, which may be otherwise tomorrow."""
    found = location.contacts
    if found is None or _outdated(location, found.found, now):
        return Act(Do.FIND)
    if not found.contacts:
        return None
    told = {_mailbox(one.contact) for one in _of_now(location)}
    # The step that was taken last goes on with another contact where a notice could not be delivered.
    for step in range(max(location.step, 0), len(plan.steps)):
        scope = plan.steps[step].scope
        if step == location.step and not _undelivered(location, scope):
            continue
        for contact in found.contacts:
            if contact.scope is scope and _mailbox(contact) not in told:
                return Act(Do.ASK, step=step, contact=contact)
    return Act(Do.REST, step=len(plan.steps) - 1, at=schedule(location, plan, now))


def _outdated(location: Location, found: datetime, now: datetime) -> bool:
    empty = location.contacts is not None and not location.contacts.contacts
    return (
        now - found > CONTACTS_AGE or (empty and now - found >= PAUSE) or any(found <= gone for gone in location.past)
    )


def _undelivered(location: Location, scope: Scope) -> bool:
    last = _of_now(location)[-1:]
    return any(one.state is NoticeState.FAILED and one.contact.scope is scope for one in last)


def _mailbox(contact: Contact) -> str:
    """Where a contact is told: the same place told twice is no step further."""
    return contact.email.lower() or contact.form


def schedule(location: Location, plan: Plan, now: datetime) -> datetime | None:
    """When a location is looked at next, or the next step is due; None for never."""
    if location.closed or location.begun is None:
        return None
    if location.gone is not None:
        return _after(location.gone, plan.watch, now)
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
    nobody = location.contacts is not None and not location.contacts.contacts
    last = location.step >= len(plan.steps) - 1 or nobody
    return last and asks(location) and location.gone is None and open_notice(location) is None
