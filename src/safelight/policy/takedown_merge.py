"""Two cases that become one may both have a URL: what was done and found about it becomes that of one location.

It is what one location would be that had been looked at, and told of, all the times that either was.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from safelight.model.takedown import Location, Look, Notice, NoticeState, Place
from safelight.policy.takedown import was_told
from safelight.policy.takedown_looks import OPEN, THERE, stopped, there_again

RUNS, WAITS, CLOSED = range(3)
"""Whether a location is worked on, waits for a person to begin, or is closed: of two, the first holds."""


def joined(twin: Location, other: Location, now: datetime) -> Location:
    """The location `twin` with all of `other`, which has the same URL and whose case is in the twin's by now.

    Whether it is worked on, or gone, say those that are worked on, else those that wait for a person, else both. It is
    gone if one of them found it so, and neither has seen it there since, or knows a person who says that it is there.
    Item and spelling are the twin's, unless only the other goes on, which `found_as` then names. It is looked at now,
    if it is worked on at all.
    """
    both = sorted((twin, other), key=_life)  # stable: the twin first
    count = sum(_life(one) == _life(both[0]) for one in both)
    base, late = both[0], max(both, key=lambda one: (one.last_look is not None, one.last_look or now))
    seen = [look.at for one in both for look in _sights(one)]
    vouched = _last(one.vouched for one in both[:count])
    if vouched and any(at > vouched for at in (*seen, *(at for one in both for at in _words(one)))):
        vouched = None  # a look has seen it since, or a person says that it is gone
    seen += [vouched] if vouched else []
    gone = None if vouched else _gone(both[:count], max(seen, default=None))
    came_back = any(one.past for one in both)
    both = [_back(one, seen, again=came_back) for one in both]
    going = both[:count]
    past = tuple(_apart(both, seen))
    anew, back = _round(going, past), _last(one.back for one in going)
    looks = _looks(both, late, back)
    after = replace(
        base,
        id=twin.id,
        case=twin.case,
        family=twin.family or other.family,
        added=min(twin.added, other.added),
        found_as=base.found_as if base.id == twin.id else other.id,
        begun=min((one.begun for one in going if one.begun), default=None),
        place=late.place if _tells(looks, late, back) else Place.UNCHECKED,  # else the next look would not be noted
        contacts=max((one.contacts for one in both if one.contacts), key=lambda found: found.found, default=None),
        looks=looks,
        last_look=late.last_look,
        next_look=now if _life(base) == RUNS else None,
        gone=gone,
        returned=len(past),
        vouched=vouched,
        past=past,
        back=back,
        anew=anew,
        there=max((one.there for one in both if one.there), key=lambda look: look.at, default=None),
        no_host=late.no_host,
        retractions=tuple(sorted((*twin.retractions, *other.retractions), key=lambda one: one.asked)),
    )
    told = sorted(
        (replace(one, location=twin.id) for place in both for one in place.notices), key=lambda one: one.created
    )
    return replace(
        after,
        notices=_notices(replace(after, notices=tuple(told)), {one.id for place in going for one in place.notices}),
    )


def _life(location: Location) -> int:
    return CLOSED if location.closed else WAITS if location.begun is None else RUNS


# Whether it is there


def _sights(location: Location) -> Iterator[Look]:
    """Looks that found it there."""
    yield from (look for look in location.looks if look.place in THERE)
    if location.there is not None and location.there not in location.looks:
        yield location.there


def _words(location: Location) -> Iterator[datetime]:
    """When people said that it is gone: see `policy.takedown_looks.by_person`."""
    return (look.at for look in location.looks if look.place is Place.GONE and look.status is None)


def _gone(going: Iterable[Location], seen: datetime | None) -> datetime | None:
    """Since when it is gone: the first that one of them knows after it was seen last."""
    ends = (at for one in going if one.gone for at in (one.gone, *_words(one)) if at >= one.gone)
    return min((at for at in ends if seen is None or at > seen), default=None)


def _back(location: Location, seen: Iterable[datetime], *, again: bool) -> Location:
    """The location as one that is not gone: it came back when it was seen, by either, after that.

    `again`: by what either knows it had come back before, so that the plan does not begin anew.
    """
    at = min((at for at in seen if location.gone is not None and at > location.gone), default=None)
    after = replace(location, gone=None) if at is None else there_again(location, at)
    return replace(after, anew=location.anew) if again else after


def _apart(both: Iterable[Location], seen: Iterable[datetime]) -> Iterator[datetime]:
    """Removals, each once: two that each knows one of, and between which nobody saw it there, are the first of them."""
    before: tuple[datetime, int] | None = None
    for at, whose in sorted((at, number) for number, one in enumerate(both) for at in one.past):
        if before is None or before[1] == whose or any(before[0] < sight <= at for sight in seen):
            yield at
            before = at, whose


def _looks(both: Iterable[Location], late: Location, back: datetime | None) -> tuple[Look, ...]:
    """Of both, in order, with those that found it there last, and the last of all if it found something else."""
    found = {look: None for one in both for look in (*one.looks, *_sights(one))}
    looks = tuple(sorted(found, key=lambda look: look.at))
    last = late.looks[-1] if late.looks else None
    if last is None or last.place is not late.place or last.at in _words(late) or _tells(looks, late, back):
        return looks
    at = late.last_look
    return (*looks, replace(last, at=at)) if at is not None and at >= looks[-1].at else looks


def _tells(looks: Sequence[Look], late: Location, back: datetime | None) -> bool:
    """Whether what was found last of all is in the looks, since it came back."""
    return bool(looks) and looks[-1].place is late.place and (back is None or looks[-1].at >= back)


# Who was told


def _round(going: Iterable[Location], past: Iterable[datetime]) -> datetime | None:
    """Since when the plan runs, where it began anew for one of them: for both since the first notice after the removal.

    What came back again, and what only the other had closed, lets nobody be told twice.
    """
    starts = [one.anew for one in going if one.anew is not None]
    if not starts:
        return None
    ends = (*past, *(at for one in going for at in _words(one)))
    ended = max((at for at in ends if at < min(starts)), default=None)
    if ended is None:
        return min(starts) if all(one.anew for one in going) else None
    return min((*starts, *(told.created for one in going for told in one.notices if told.created > ended)))


def _notices(location: Location, going: Collection[str]) -> tuple[Notice, ...]:
    """Its notices, in order; one goes on, and is the last.

    That is one that waits, if nobody was told there; else of whom has time to answer, the one that has most. What
    else waits and nobody can have is asked for anew, if it is its turn. `going`: ids of what may go on if it waits.
    """
    if location.gone is not None or _life(location) == WAITS:
        return stopped(location.notices)
    now = [one for one in location.in_force if location.anew is None or one.created >= location.anew]
    told = replace(location, notices=tuple(one for one in now if _may_be_sent(one, going)))
    waits = (one for one in now if one.state is NoticeState.WAITING and one.id in going)
    waits = (one for one in waits if not was_told(told, one.contact))
    asked = (one for one in told.notices if one.state in OPEN and one.due is not None)
    chosen = max(waits, key=lambda one: (one.written is not None, one.created), default=None)
    chosen = chosen or max(asked, key=lambda one: one.due or one.created, default=None)
    named = {one.notice for one in location.retractions}
    rest = (one for one in location.notices if one != chosen)
    kept = (one for one in rest if one.state is not NoticeState.WAITING or one.written or one.id in named)
    return (*stopped(kept), *([chosen] if chosen is not None else []))


def _may_be_sent(notice: Notice, going: Collection[str]) -> bool:
    """Whether it was sent, or may have been; but for one that goes on, and is tried again as the same message."""
    return notice.state is not NoticeState.WAITING or (notice.tries > 0 and notice.id not in going)


def _last(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time), default=None)
