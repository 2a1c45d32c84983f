"""How long people look at media, and when they rest. Rules: docs/wellness.md.

Fewer looks protect people; softer pictures are not known to (Lewitzka et al. 2026, 10.1007/s00426-026-02241-5). So what
is counted is seconds of unblurred media, a few for any look, and what is enforced are breaks and an end for the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Protocol

from safelight.model.errors import NotNowError

DAY = timedelta(hours=24)
"""What counts as a day: the last so many hours, so that midnight gives nobody a second allowance."""
LONGEST = 60.0
"""Seconds after which any one look ends by itself; also what is counted of one of which no end was heard."""
SHORTEST = 3.0
"""Seconds that are counted of any look, however short: a picture is seen in a blink."""
FEWEST_PEOPLE = 5
"""Sums over fewer people are shown to nobody else: they would tell of single ones."""


class Stop(StrEnum):
    """Why somebody sees no media now."""

    PAUSED = "paused"  # by their own wish, which needs no reason
    BREAK = "break"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of unblurred media in a day and in a stretch, and seconds of the break after a stretch."""

    day: float
    stretch: float
    rest: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """One look at media. `seconds`: how long, so far if it still goes on."""

    started: datetime
    seconds: float

    @property
    def counted(self) -> float:
        """Seconds that count against limits."""
        return max(self.seconds, SHORTEST)

    @property
    def ended(self) -> datetime:
        """When it ended, or the moment of counting."""
        return self.started + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands now.

    `seconds`, `looks`: of the last 24 hours, as they count. `stretch`: seconds since the last break. `stop`: why no
    media is shown, with `until`, the moment from which it is again; None when that is for the person to say. `left`:
    longest next look in seconds, 0 when there is a `stop`.
    """

    seconds: float
    looks: int
    stretch: float
    stop: Stop | None
    until: datetime | None
    left: float


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over people, for managers. `mean`, `middle`, `most`: seconds of one person; `at_limit`: people in a stop."""

    people: int
    looks: int
    seconds: float
    mean: float
    middle: float
    at_limit: int


class Exposures(Protocol):
    """What is kept of looks at media, and of who has paused. People are named by their actors' texts."""

    def lock(self, person: str) -> None:
        """Until the end of the transaction, nobody else locks this person: what they may see is counted once."""
        ...

    def begin(self, person: str, case: str, item: str, at: datetime) -> str:
        """A look begins; return its id, which cannot be guessed."""
        ...

    def shown(self, look: str, person: str, at: datetime) -> None:
        """The pixels of a look of this person are sent only now: what came before was waiting."""
        ...

    def end(self, look: str, person: str, at: datetime) -> tuple[str, str, float] | None:
        """A look of this person ends: case, item and seconds, at most LONGEST. None when it had ended, or is not."""
        ...

    def unended(self, person: str) -> list[str]:
        """Looks of this person that have not ended."""
        ...

    def since(self, person: str, after: datetime, now: datetime) -> list[Exposure]:
        """Looks of this person that began after this moment, oldest first."""
        ...

    def paused(self, person: str) -> bool:
        """Whether this person wants to see nothing now."""
        ...

    def pause(self, person: str, at: datetime | None) -> None:
        """Pause from a moment on; None ends it."""
        ...


def standing(looks: Sequence[Exposure], limits: Limits, now: datetime, *, paused: bool = False) -> Standing:
    """How somebody stands who had these looks, oldest first.

    A stretch is what was seen with no pause of `limits.rest` seconds in between; when it reaches `limits.stretch`,
    nothing is shown until so long a pause has passed. A limit of 0 seconds for the day means that nothing is shown.
    """
    today = [look for look in looks if look.ended > now - DAY]
    seconds = sum(look.counted for look in today)
    stretch = _stretch(today, limits.rest, now)
    stop, until = None, None
    if paused:
        stop = Stop.PAUSED
    elif seconds >= limits.day:
        stop, until = Stop.DAY, _day_goes_on(today, limits.day, now)
    elif stretch and stretch >= limits.stretch:
        stop, until = Stop.BREAK, today[-1].ended + timedelta(seconds=limits.rest)
    left = 0.0 if stop else min(LONGEST, limits.day - seconds, limits.stretch - stretch or LONGEST)
    return Standing(seconds, len(today), stretch, stop, until, left)


def _stretch(looks: Sequence[Exposure], rest: float, now: datetime) -> float:
    """Seconds of the looks since the last pause of `rest` seconds."""
    pause = timedelta(seconds=rest)
    if not looks or now - looks[-1].ended >= pause:
        return 0.0
    first = 0
    for number, (one, next_one) in enumerate(pairwise(looks), 1):
        if next_one.started - one.ended >= pause:
            first = number
    return sum(look.counted for look in looks[first:])


def _day_goes_on(looks: Sequence[Exposure], day: float, now: datetime) -> datetime | None:
    """When enough of these looks is a day ago; None for never."""
    left = sum(look.counted for look in looks)
    for look in looks:
        left -= look.counted
        if left < day:
            return max(look.ended + DAY, now)
    return None


def check(person: str, exposures: Exposures, limits: Limits, now: datetime) -> Standing:
    """How this person stands now; a look that is still open counts up to now."""
    looks = exposures.since(person, now - DAY - timedelta(seconds=LONGEST), now)
    return standing(looks, limits, now, paused=exposures.paused(person))


def may_look(found: Standing) -> None:
    """Raise NotNowError, in words for the person, when no media is to be shown."""
    if found.stop is Stop.PAUSED:
        raise NotNowError(cause="You have paused. Go on whenever you like, on the page My day.")
    if found.stop is not None:
        when = f" from {found.until:%H:%M} UTC on" if found.until else ""
        what = "It is time for a break" if found.stop is Stop.BREAK else "This was enough for today"
        raise NotNowError(cause=f"{what}: media is shown to you again{when}. Everything else is open to you.")


def totals(standings: Sequence[Standing]) -> Totals | None:
    """Sums over the people who looked at anything; None when they are fewer than FEWEST_PEOPLE."""
    seen = [one for one in standings if one.looks]
    if len(seen) < FEWEST_PEOPLE:
        return None
    seconds = [one.seconds for one in seen]
    return Totals(
        people=len(seen),
        looks=sum(one.looks for one in seen),
        seconds=sum(seconds),
        mean=sum(seconds) / len(seen),
        middle=median(seconds),
        at_limit=sum(one.stop in {Stop.BREAK, Stop.DAY} for one in seen),
    )
