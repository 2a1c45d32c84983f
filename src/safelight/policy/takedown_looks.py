"""What looks at a URL say of it, and what people say: whether it is there, gone, or for a person to judge.

What was seen stands until something else is seen, and seen again: no answer, and one that is refused to us, say
nothing. What a person says stands until a look sees for itself: a host may show us what it shows nobody else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import dropwhile, takewhile
from typing import Final

from safelight.model.address import canonical
from safelight.model.takedown import Judged, Location, Look, Notice, NoticeState, Place

THERE: Final = frozenset((Place.PRESENT, Place.ALTERED, Place.MOVED))
ENDS: Final = frozenset((Place.GONE, Place.REPLACED))
UNKNOWN: Final = frozenset((Place.UNCHECKED, Place.BARRED, Place.SILENT))

CONFIRM: Final = timedelta(hours=1)
"""After which a second look has to find the same before something counts as removed: hosts flap."""
UNSETTLED: Final = timedelta(days=3)
"""After which people are told of a removal that no look could confirm or refute, or that a person denies."""
UNSEEN: Final = timedelta(days=1)
"""After which people are told of what was begun, and that nobody was told of as no look has ever seen it."""
NO_HOST: Final = timedelta(days=7)
"""For which a host has to have no address before that is put to a person as the end: names lapse, and are renewed."""
RELAPSE: Final = timedelta(days=3)
"""What is back sooner than this was hardly removed: whoever was told already is not told again, but the next."""

BODIES: Final = frozenset((404, 410, *range(200, 300)))
"""Statuses whose bodies are judged: browsers show them, also where it says that it is not there."""
OPEN: Final = frozenset((NoticeState.SENT, NoticeState.ACKNOWLEDGED, NoticeState.REMOVED))
"""States of notices that were sent and are not answered for good."""
OVER: Final = "it was over before it was sent"
"""Cause of a notice that failed without an answer to any try."""
_BY_STATUS: Final = {401: Place.BARRED, 403: Place.BARRED, 451: Place.BARRED, 404: Place.GONE, 410: Place.GONE}


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
    if status in BODIES and judged is not None:
        place, cause = _judged(judged, place)
        place = Place.MOVED if place in THERE and led_to and elsewhere(location.url, led_to) else place
    elif place is Place.SILENT and not cause:
        cause = "an answer without content" if status == 200 else f"status {status}"
    digest, kind = (judged.sha256, judged.kind) if judged else (None, "")
    return Look(at, place, status, digest, kind, led_to, cause, no_host)


def _judged(judged: Judged, by_status: Place) -> tuple[Place, str]:
    """What bytes say, and why they say nothing: beneath a 404, what is none of the family is as good as nothing."""
    if judged.kind:
        return (Place.PRESENT if judged.kind == "exact" else Place.ALTERED), ""
    if not judged.sure and not judged.unlike:
        return Place.SILENT, "what answers could not be examined in full"
    if by_status is Place.GONE:
        return Place.GONE, ""
    if judged.unlike:
        return Place.UNCLEAR, "what answers cannot be compared with the item"
    return Place.REPLACED, ""


def elsewhere(first: str, second: str) -> bool:
    """Whether two URLs name different places; from http to https alone is none, and no server is told a fragment."""
    return _asked_for(first) != _asked_for(second)


def _asked_for(url: str) -> str:
    return canonical(url).partition("://")[2].partition("#")[0]


# What changes it


def looked(location: Location, look: Look) -> Location:
    """The location after a look; when to look next is for `policy.takedown.schedule`."""
    changed = replace(location, place=look.place, last_look=look.at)
    changed = replace(changed, no_host=(location.no_host or look.at) if look.no_host else None)
    if look.place is not location.place:
        changed = replace(changed, looks=(*location.looks, look))
    if look.place in THERE:  # looks see it: from here on they tell, and no person's word
        return there_again(replace(changed, there=look, vouched=None), look.at)
    since = not_there_since(changed)
    if location.gone is None and since is not None and look.place in ENDS and look.at - since >= CONFIRM:
        return _ended(changed, since)
    return changed


def by_person(location: Location, at: datetime, cause: str) -> Location:
    """The location once a person says that it is gone: since the look after the last that found it there.

    Where a person had said that it is there, since the first look of another kind after that, or since now.
    """
    look = Look(at, Place.GONE, cause=cause)
    looks = _since_back(location)
    last = max((number for number, one in enumerate(looks) if one.place in THERE), default=0)
    said = location.vouched
    later = (one.at for one in looks[last:] if one.place not in THERE and (said is None or one.at > said))
    since = location.gone or next(later, at if said else location.last_look or at)
    return _ended(replace(location, place=Place.GONE, looks=(*location.looks, look), no_host=None), since)


def vouched_for(location: Location, at: datetime) -> Location:
    """The location once a person says that it is there, whatever we get to see."""
    place = location.place if location.gone is None else Place.UNCHECKED  # so that what comes next is noted
    return replace(there_again(location, at), place=place, vouched=at)


def there_again(location: Location, at: datetime) -> Location:
    """The location when it is known to be there at this time: the same, unless it was gone.

    The plan begins anew when it comes back for the first time after days; else it goes on with who was not told yet,
    or a host would have whoever is told first told for ever.
    """
    gone = location.gone
    if gone is None:
        return location
    fresh = not location.past and at - gone >= RELAPSE
    back = replace(location, gone=None, past=(*location.past, gone), returned=location.returned + 1, back=at)
    return replace(back, anew=at) if fresh else back


def arrived(location: Location, at: datetime) -> Location:
    """A location that was closed, once an item came from there: it waits for a person to begin."""
    open_again = replace(there_again(location, at), closed="", begun=None, vouched=None, next_look=None)
    unseen = replace(open_again, place=Place.UNCHECKED, last_look=None, no_host=None)  # what was seen, was seen before
    return replace(unseen, notices=stopped(location.notices), back=at, anew=at)


def _ended(location: Location, since: datetime) -> Location:
    """The location once it is gone: nobody waits for answers any more."""
    return replace(location, gone=since, vouched=None, notices=stopped(location.notices))


def stopped(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices whose clocks stand, for nobody waits any more; without those that nobody has tried to send."""
    return tuple(_stopped(one) for one in notices if one.state is not NoticeState.WAITING or one.tries)


def _stopped(notice: Notice) -> Notice:
    if notice.state is NoticeState.WAITING:
        return replace(notice, state=NoticeState.FAILED, due=None, cause=OVER)
    return replace(notice, due=None) if notice.state in OPEN else notice


# What it says


def standing(location: Location) -> Place:
    """What was seen there last; UNCHECKED when nothing ever was.

    That it was not there once, and no look has said so since, is nothing: else one such answer would end the plan.
    """
    known = (look.place for look in _known(location))
    if location.gone is None and location.place in UNKNOWN:
        return next(dropwhile(ENDS.__contains__, known), Place.UNCHECKED)
    return next(known, Place.UNCHECKED)


def was_seen(location: Location) -> bool:
    """Whether we have ever seen it there."""
    return any(look.place in THERE for look in location.looks)


def not_there_since(location: Location) -> datetime | None:
    """When the looks began that found it gone, as far as they may say so; None when the last that counts did not."""
    return _run(location, _says_gone(location))


def _says_gone(location: Location) -> frozenset[Place]:
    """What looks may find for it to be gone.

    Nothing may, where a person says that it is there and we never saw so much as a page since. That something else is
    there says so only where it was seen before: the URL may be that of a page that shows it.
    """
    if location.vouched is not None and not _page_since(location, location.vouched):
        return frozenset()
    return ENDS if was_seen(location) else frozenset((Place.GONE,))


def _page_since(location: Location, said: datetime) -> bool:
    """Whether a page was there when a person said that it is there, or since: then the page is what they mean."""
    before = [look.place for look in location.looks if look.at <= said][-1:]
    return Place.UNCLEAR in (*before, *(look.place for look in location.looks if look.at > said))


def _run(location: Location, places: frozenset[Place]) -> datetime | None:
    """When the last looks began that all found one of these, but for those that say nothing; None where none did."""
    run = list(takewhile(lambda look: look.place in places, _known(location)))
    return run[-1].at if run else None


def _known(location: Location) -> Iterator[Look]:
    """Looks that say something since it came back, the last first."""
    return (look for look in reversed(_since_back(location)) if look.place not in UNKNOWN)


def _since_back(location: Location) -> tuple[Look, ...]:
    return tuple(look for look in location.looks if location.back is None or look.at >= location.back)


def asks(location: Location) -> bool:
    """Whether notices are to go out: it is there by what was seen last, or by what a person says, and nothing since."""
    place = standing(location)
    by_word = location.vouched is not None and place not in _says_gone(location)
    return location.gone is None and (place in THERE or by_word)


# What a person has to say


def may_vouch(location: Location, now: datetime) -> bool:
    """Whether it makes a difference that a person says that it is there."""
    return not asks(location) or unsettled(location, now) is not None


def may_be_gone(location: Location) -> bool:
    """Whether a person may say that it is gone: looks have not found so, or a page came since, and it is not there."""
    open_ = location.gone is None or unclear_since(location) is not None
    return open_ and location.last_look is not None and location.place not in THERE


def unclear_since(location: Location) -> datetime | None:
    """Since when something is there that only a person can judge; None where none is, or one has.

    Also once it is gone: a page came where there was nothing. One that was there when a person said that it is gone is
    judged by that.
    """
    known = list(_known(location))
    if location.gone is None:
        unjudged = standing(location) is Place.UNCLEAR and location.vouched is None
        return next((one.at for one in known if unjudged and one.place is Place.UNCLEAR), None)
    since = _run(location, frozenset((Place.UNCLEAR,)))
    before = list(dropwhile(lambda look: look.place is Place.UNCLEAR, known))
    by_word = bool(before) and before[0].place is Place.GONE and before[0].status is None  # no look: a person's word
    return None if by_word and [one.place for one in before[1:2]] == [Place.UNCLEAR] else since


def unsettled(location: Location, now: datetime) -> datetime | None:
    """Since when looks cannot tell whether it is there, where people have to be told of that; else None.

    It was not there once, and no look has said more since; or looks deny what a person says; or nobody is told of it,
    for no look has ever seen it.
    """
    if location.gone is not None or location.begun is None:
        return None
    denied, once = _run(location, ENDS), not_there_since(location)
    if location.vouched is not None and denied is not None and once is None:
        since, wait = max(denied, location.vouched), UNSETTLED
    elif once is not None and location.place in UNKNOWN:
        since, wait = once, UNSETTLED
    elif location.vouched is None and not was_seen(location) and standing(location) is not Place.UNCLEAR:
        since, wait = location.begun, UNSEEN
    else:
        return None
    return since if now - since >= wait else None
