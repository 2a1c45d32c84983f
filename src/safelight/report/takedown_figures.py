"""How fast hosts remove, from what became of notices: by host and by network, and by month.

What is still there counts, too: as "not removed within this time" (censored observations), by the estimator of Kaplan
and Meier (Journal of the American Statistical Association 53, 1958, 457-481). A median over the removed ones alone
would praise a host that removes one thing in an hour and ignores a hundred.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from safelight.model.address import host_of
from safelight.model.takedown import Location, Notice, NoticeState, Place, Scope

P90: Final = 0.9
_THERE: Final = frozenset((Place.PRESENT, Place.ALTERED, Place.MOVED))
_SENT: Final = frozenset(NoticeState) - {NoticeState.WAITING, NoticeState.FAILED}


@dataclass(frozen=True, slots=True)
class Observation:
    """How long something was seen there after the first notice, and whether it then went; else no more is known."""

    lasted: timedelta
    removed: bool


@dataclass(frozen=True, slots=True)
class HostFigures:
    """A host, or a network. `median`, `p90`: time from the first notice after which half, or 90 %, is removed.

    They are None where fewer are removed so far, which is slower than any time. `removed`: counted once confirmed, and
    again for each return; `unasked`: those that went before any notice; `there`: what is there still, by what was seen
    last; `unknown`: of which we never saw anything.
    """

    name: str
    urls: int
    notices: int
    removed: int
    unasked: int
    refused: int
    silent: int
    returned: int
    there: int
    unknown: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month (UTC), by when the first notice was sent. `month`: `2026-11`."""

    month: str
    asked: int
    removed: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class TakedownFigures:
    """`hosts` and `networks` are ranked, the slowest first; `months` in order."""

    at: datetime
    whole: HostFigures
    hosts: tuple[HostFigures, ...]
    networks: tuple[HostFigures, ...]
    months: tuple[MonthFigures, ...]


def figures(locations: Iterable[Location], now: datetime) -> TakedownFigures:
    """All figures of these locations as they are at `now`. Those that nobody began are left out.

    Notices that were taken back count for nothing. Of what was found to be no abuse, no location may be among them: see
    `flow.takedown_retract.of_abuse`.
    """
    begun = [location for location in locations if location.begun is not None]
    return TakedownFigures(
        now,
        _of("", begun, now),
        _ranked(begun, _host, now),
        _ranked(begun, _network, now),
        tuple(_months(begun, now)),
    )


def quantile(seen: Sequence[Observation], share: float) -> timedelta | None:
    """The shortest time by which this share (0 to 1) is removed, by Kaplan and Meier; None when that is not reached.

    What is removed at the very time at which another was last seen there counts before it, as is usual.
    """
    left, at_risk = 1.0, len(seen)
    for lasted in sorted({one.lasted for one in seen}):
        now = [one for one in seen if one.lasted == lasted]
        left *= 1 - sum(one.removed for one in now) / at_risk
        if left <= 1 - share + 1e-9:
            return lasted
        at_risk -= len(now)
    return None


def observations(location: Location, now: datetime) -> list[tuple[datetime, Observation]]:
    """Of each time that it was there, with a notice: when the first was sent, and what came of it.

    What did not go is counted for as long as it was seen there: not for the time after it was closed, or after which
    nobody could see it any more.
    """
    found: list[tuple[datetime, Observation]] = []
    for begin, gone in _times(location):
        asked = min((one.sent for one in _within(location.in_force, begin, gone) if one.sent), default=None)
        if asked is not None:
            end = gone or max(min(_last_there(location) or asked, now), asked)
            found.append((asked, Observation(end - asked, gone is not None)))
    return found


def _last_there(location: Location) -> datetime | None:
    """When it was seen there last."""
    if location.there is not None:
        return location.there.at
    return max((look.at for look in location.looks if look.place in _THERE), default=None)


def _times(location: Location) -> Iterator[tuple[datetime | None, datetime | None]]:
    """From when to when it was there: None for from the first, and until now.

    It begins again with the look that found it again, so that what was sent before is not about that.
    """
    ends = (*location.past, location.gone)
    return zip((None, *(_back(location, gone) for gone in location.past)), ends, strict=True)


def _back(location: Location, gone: datetime) -> datetime:
    return next((look.at for look in location.looks if look.at > gone and look.place in _THERE), gone)


def _within(notices: Iterable[Notice], begin: datetime | None, gone: datetime | None) -> Iterator[Notice]:
    for one in notices:
        if one.sent and (begin is None or one.sent >= begin) and (gone is None or one.sent <= gone):
            yield one


def _of(name: str, locations: Sequence[Location], now: datetime) -> HostFigures:
    states = [one.state for location in locations for one in location.in_force]
    seen = [one for location in locations for _, one in observations(location, now)]
    ends = sum(len(location.past) + (location.gone is not None) for location in locations)
    still = [location for location in locations if location.gone is None]
    there = sum(any(look.place in _THERE for look in location.looks) for location in still)
    removed = sum(one.removed for one in seen)
    return HostFigures(
        name=name,
        urls=len(locations),
        notices=sum(state in _SENT for state in states),
        removed=removed,
        unasked=ends - removed,
        refused=states.count(NoticeState.REFUSED),
        silent=states.count(NoticeState.SILENT),
        returned=sum(location.returned for location in locations),
        there=there,
        unknown=len(still) - there,
        median=quantile(seen, 0.5),
        p90=quantile(seen, P90),
    )


def _ranked(locations: Iterable[Location], key: Callable[[Location], str], now: datetime) -> tuple[HostFigures, ...]:
    groups: dict[str, list[Location]] = defaultdict(list)
    for location in locations:
        groups[key(location)].append(location)
    return tuple(sorted((_of(name, group, now) for name, group in groups.items()), key=slowness))


def slowness(one: HostFigures) -> tuple[bool, bool, float, float, int, str]:
    """Sorts hosts, the slowest first: of those that were asked, those where half is never removed come first."""
    asked = one.removed + one.there > 0 and one.notices > 0
    seconds = (value.total_seconds() if value is not None else float("inf") for value in (one.median, one.p90))
    median, p90 = seconds
    return not asked, one.median is not None, -median, -p90, -one.there, one.name


def _months(locations: Sequence[Location], now: datetime) -> Iterator[MonthFigures]:
    groups: dict[str, list[Observation]] = defaultdict(list)
    for location in locations:
        for asked, one in observations(location, now):
            groups[f"{asked:%Y-%m}"].append(one)
    for month in sorted(groups):
        seen = groups[month]
        yield MonthFigures(month, len(seen), sum(one.removed for one in seen), quantile(seen, 0.5))


def _host(location: Location) -> str:
    return host_of(location.url)


def _network(location: Location) -> str:
    """Who runs the network that the host is in, as the directory says it; empty when that is not known."""
    told = location.contacts.contacts if location.contacts else ()
    return next((one.network or one.name for one in told if one.scope is Scope.HOST), "")
