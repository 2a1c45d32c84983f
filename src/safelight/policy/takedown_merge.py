"""Two cases that become one may both have a URL: what was done and found about it becomes that of one location."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from safelight.model.takedown import Location, Look, Notice, NoticeState, Place
from safelight.policy.takedown_looks import stopped, there_again


def joined(twin: Location, other: Location, now: datetime) -> Location:
    """The location `twin` with all of `other`, which has the same URL and whose case is in the twin's by now.

    Whether it is worked on, or gone, say those that are worked on, else those that wait for a person, else both. Only
    what all of them found gone is gone. Item and spelling are the twin's, unless only the other goes on, which
    `found_as` then names. It is looked at now, if it is worked on at all.
    """
    both = sorted((twin, other), key=_life)  # stable: the twin first
    going = [one for one in both if _life(one) == _life(both[0])]
    base, late = both[0], max(both, key=lambda one: (one.last_look is not None, one.last_look or now))
    gone = None if any(one.gone is None for one in going) else _last(one.gone for one in going)
    if gone is None:
        since = _last(one.begun or one.added for one in going if one.gone is None) or now
        both = [_there(one, since) for one in both]
        going = both[: len(going)]
    there = max((one.there for one in both if one.there), key=lambda look: look.at, default=None)
    vouched = _last(one.vouched for one in going)
    running = base.begun is not None and not base.closed
    return replace(
        base,
        id=twin.id,
        case=twin.case,
        family=twin.family or other.family,
        added=min(twin.added, other.added),
        found_as=base.found_as if base.id == twin.id else other.id,
        begun=min((one.begun for one in going if one.begun), default=None),
        place=late.place,
        contacts=max((one.contacts for one in both if one.contacts), key=lambda found: found.found, default=None),
        notices=_notices(twin, other, gone),
        looks=_looks(both, late),
        last_look=late.last_look,
        next_look=now if running else None,
        gone=gone,
        returned=max(one.returned for one in both),
        vouched=None if gone or (vouched and there and there.at > vouched) else vouched,
        past=tuple(sorted({at for one in both for at in one.past})),
        back=_last(one.back for one in both),
        anew=_last(one.anew for one in both if one in going or one.anew == one.back),
        there=there,
        no_host=late.no_host,
        retractions=tuple(sorted((*twin.retractions, *other.retractions), key=lambda one: one.asked)),
    )


def _life(location: Location) -> int:
    """0 where it is worked on, 1 where it waits for a person to begin, 2 where it is closed."""
    return 2 if location.closed else int(location.begun is None)


def _there(location: Location, since: datetime) -> Location:
    """A location that is gone, where another has been worked on since this time that is not gone."""
    if location.gone is None or location.gone < since:
        return there_again(location, since)
    return replace(location, gone=None)  # it was never gone: the other would know


def _notices(twin: Location, other: Location, gone: datetime | None) -> tuple[Notice, ...]:
    """Of both, in order; only the last goes on. What nobody has tried to send is asked for anew, if it is its turn."""
    tried = (one for one in (*twin.notices, *other.notices) if one.state is not NoticeState.WAITING or one.tries)
    told = sorted((replace(one, location=twin.id) for one in tried), key=lambda one: one.created)
    return stopped(told) if gone else (*stopped(told[:-1]), *told[-1:])


def _looks(both: Iterable[Location], late: Location) -> tuple[Look, ...]:
    """Of both, in order, and the last one, if that found the same as the look before it at the same location."""
    looks = tuple(sorted((look for one in both for look in one.looks), key=lambda look: look.at))
    if not looks or late.place in {looks[-1].place, Place.UNCHECKED} or late.last_look is None:
        return looks
    return (*looks, replace(late.looks[-1], at=late.last_look))


def _last(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time), default=None)
