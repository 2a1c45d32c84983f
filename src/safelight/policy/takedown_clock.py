"""What a clock that was ahead wrote down: times to come of what has happened count as having been just now.

A clock that is set back leaves rows behind by which nothing would happen until it gets there anew: looks planned for
then, notices that wait for answers until then, and a plan that began again then, before which nobody was told. Nothing
tells when it really was; but not later than now. So all such times become now, one just before the other, as they came.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from safelight.model.takedown import Location, Look, Notice, NoticeState, Plan, Retraction
from safelight.policy.takedown import PAUSE, open_notice, schedule

SKEW: Final = timedelta(minutes=1)
"""What clocks of machines may differ by without anything being done anew."""
LONGEST_REST: Final = timedelta(days=1)
"""No word that a notice is taken back rests for longer."""
_TICK: Final = timedelta(microseconds=1)


def ahead_by(location: Location, now: datetime) -> timedelta:
    """How far the clock that wrote a location was ahead, as far as can be told; 0 for not."""
    return max(max(_past(location)) - now, timedelta())


def far_off(location: Location, plan: Plan, now: datetime) -> bool:
    """Whether the next look, or the time of the open notice, is farther away than anything here would put it.

    Nothing would happen until then, and nobody hear of it; a row that somebody changed may say so. One that was written
    in times to come is rebased; one that has what happened later than it was written itself is told of.
    """
    if location.begun is None or location.closed:
        return False
    now = max(now, location.as_of or location.added)
    if ahead_by(location, now) > SKEW:  # by which all that follows would count
        return True
    planned, look = schedule(location, plan, now), location.next_look
    if planned is not None and (look is None or look > max(planned, _latest(plan, now))):
        return True
    return location.gone is None and _late_notice(location, plan, now) is not None


def due_now(location: Location, plan: Plan, now: datetime) -> Location:
    """The location to be looked at now, if it is worked on; whoever has far too much time has what the plan gives."""
    if location.begun is None or location.closed:
        return location
    late, waits = _late_notice(location, plan, now), {step.scope: step.wait for step in plan.steps}
    notices = (
        replace(one, due=now + waits.get(one.contact.scope, PAUSE)) if one is late else one for one in location.notices
    )
    return replace(location, next_look=now, notices=tuple(notices))


def _late_notice(location: Location, plan: Plan, now: datetime) -> Notice | None:
    """The open notice, if its time ends later than anything here would have it."""
    notice = open_notice(location)
    return notice if notice and notice.due and notice.due > _latest(plan, now) else None


def _latest(plan: Plan, now: datetime) -> datetime:
    """Until when anything here waits at most, but for looks that the plan puts farther away."""
    longest = max((PAUSE, *(step.wait for step in plan.steps)))  # another's notice is waited for, too
    return now + longest + SKEW


def rebased(location: Location, now: datetime) -> Location:
    """The location without times to come of what has happened, and due at once where they were more than `SKEW` ahead.

    Who was told keeps the whole wait from now on.
    """
    to_come = sorted({time for time in _past(location) if time > now}, reverse=True)
    far = ahead_by(location, now) > SKEW
    been = {time: now - number * _TICK for number, time in enumerate(to_come, 1)}
    runs = location.begun is not None and not location.closed
    return replace(
        location,
        added=been.get(location.added, location.added),
        contacts=replace(found, found=been.get(found.found, found.found)) if (found := location.contacts) else None,
        notices=tuple(_notice(one, been, now, far=far) for one in location.notices),
        looks=tuple(_look(one, been) for one in location.looks),
        last_look=_at(location.last_look, been),
        next_look=now if far and runs else location.next_look,
        gone=_at(location.gone, been),
        begun=_at(location.begun, been),
        vouched=_at(location.vouched, been),
        past=tuple(been.get(time, time) for time in location.past),
        back=_at(location.back, been),
        anew=_at(location.anew, been),
        there=_look(location.there, been) if location.there is not None else None,
        no_host=_at(location.no_host, been),
        retractions=tuple(_retraction(one, been, now, far=far) for one in location.retractions),
        as_of=_at(location.as_of, been),
    )


def _at(time: datetime | None, been: dict[datetime, datetime]) -> datetime | None:
    return been.get(time, time) if time is not None else None


def _look(look: Look, been: dict[datetime, datetime]) -> Look:
    return replace(look, at=been.get(look.at, look.at))


def _notice(notice: Notice, been: dict[datetime, datetime], now: datetime, *, far: bool) -> Notice:
    due, begins = notice.due, [time for time in _of_notice(notice) if time in been]
    if due is not None and far and notice.state is NoticeState.WAITING and notice.contact.email:
        due = now  # a mail is tried again
    elif due is not None and begins:
        due = now + max(due - max(begins), timedelta())
    return replace(
        notice,
        created=been.get(notice.created, notice.created),
        sent=_at(notice.sent, been),
        due=due,
        answered=_at(notice.answered, been),
        written=_at(notice.written, been),
        put_off=_at(notice.put_off, been),
    )


def _retraction(one: Retraction, been: dict[datetime, datetime], now: datetime, *, far: bool) -> Retraction:
    wrong = one.due is not None and (far or one.due - now > LONGEST_REST)
    asked, sent = been.get(one.asked, one.asked), _at(one.sent, been)
    return replace(one, asked=asked, sent=sent, due=now if wrong else one.due)


def _past(location: Location) -> Iterator[datetime]:
    """All times of what has happened."""
    times = (
        location.as_of,
        location.last_look,
        location.gone,
        location.begun,
        location.vouched,
        location.back,
        location.anew,
        location.no_host,
        location.contacts.found if location.contacts else None,
        location.there.at if location.there else None,
        *(one.sent for one in location.retractions),
        *(time for notice in location.notices for time in _of_notice(notice)),
    )
    yield location.added
    yield from (time for time in times if time is not None)
    yield from location.past
    yield from (look.at for look in location.looks)
    yield from (one.asked for one in location.retractions)


def _of_notice(notice: Notice) -> tuple[datetime, ...]:
    """The times of what has happened to a notice."""
    times = (notice.created, notice.sent, notice.answered, notice.written, notice.put_off)
    return tuple(time for time in times if time is not None)
