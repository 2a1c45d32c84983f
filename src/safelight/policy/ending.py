"""When what people said of themselves, or were told of, ends by itself: as far as a log and two looks can say.

A clock that is behind would let it seem long ago, one that is ahead would have its time over before it is. So the log's
order counts as well as its times; and nothing ends but what was found over at every look of a week, looks that were not
far apart. A clock that is wrong for an hour, or for a day, ends nothing; one that is wrong for a week does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from safelight.model.audit import LoggedEvent
from safelight.model.case import Body, ErasureFreed, ErasureHeld

NOTICE: Final = timedelta(days=7)
"""For how long it must be found over, and people are told, before it is erased."""
APART: Final = timedelta(days=2)
"""Looks that are further apart say nothing of what was between them: the clock, or the service, was somewhere else."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a row ends. `of`: `filing:ID` or `request:ID`; `case`: the one that holds now.

    `at`: when its time is over; None while something has it kept, which `kept` says in words, with `held` whether that
    is a person's word on this very row. Both empty once it is erased.
    """

    of: str
    case: str
    at: datetime | None = None
    kept: str = ""
    held: bool = False


def reached(log: Iterable[LoggedEvent], about: Callable[[Body], bool]) -> datetime | None:
    """The latest time that a log had come to with the last event that is about something; None for no such event.

    It was not earlier, whatever the clock said, for what stands before it in the log was there before it.
    """
    latest = found = None
    for logged in log:
        latest = max(latest or logged.event.at, logged.event.at)
        found = latest if about(logged.event.body) else found
    return found


def held(log: Iterable[LoggedEvent], of: str) -> str | None:
    """Why a person has a row kept; None while nobody has."""
    why = None
    for logged in log:
        match logged.event.body:
            case ErasureHeld() as body if body.of == of:
                why = body.reason
            case ErasureFreed() as body if body.of == of:
                why = None
            case _:
                pass
    return why


def over_since(since: datetime, seen: datetime, now: datetime) -> datetime:
    """Since when something is found over that is found over now.

    Args:
        since: what this gave at the look before, or that first look.
        seen: when that was.
        now: of this look.

    Returns:
        `since` if the looks follow each other; else `now`, and it all begins anew.
    """
    return since if since <= seen <= now <= seen + APART else now


def ripe(since: datetime, now: datetime) -> bool:
    """Whether it was found over for long enough to be erased."""
    return now - since >= NOTICE
