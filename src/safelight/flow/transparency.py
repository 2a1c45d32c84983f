"""A year in numbers, counted from the log, the items and the URLs that were worked on. docs/statements.md says what.

Regulation (EU) 2022/2065, Articles 15 and 24, ask providers for such a report. Times are UTC: a year begins there.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from statistics import median

from safelight.flow.takedown_retract import is_no_abuse
from safelight.flow.tally import STEP, Tally, YearTally, resumed
from safelight.model.codec import to_json
from safelight.model.statement import Figures
from safelight.model.takedown import Location
from safelight.ports import CaseStore, Clock, Memo, TakedownStore

MISTAKEN = "mistaken"
"""What became of a notice of what was found to be no abuse, whatever was answered to it: that blames nobody."""
_CASES = 500  # whose URLs are read at a time


def transparency(
    cases: CaseStore, takedowns: TakedownStore, tally: Tally, year: int, organisation: str, now: datetime
) -> Figures:
    """The figures of a year, exact: what of them may be public is for `report.closing.transparency` to say.

    Args:
        cases: the items.
        takedowns: the URLs.
        tally: the log.
        year: counted from its first moment to its last, UTC.
        organisation: whose figures these are.
        now: when they are made.
    """
    held, came, worked = tally.years.get(year, YearTally()), cases.came(year), takedowns.worked(year)
    false = [one for one in _doubted(takedowns, tally) if is_no_abuse(cases, one)]
    worked.subtract((one.place, one.hours) for one in false if one.added.astimezone(UTC).year == year)
    hours = [taken for _, taken in worked.elements() if taken is not None]
    blamed = {one.id for one in false}
    mistaken = tally.back | {notice for notice, place in tally.places.items() if place in blamed}
    return Figures(
        year=year,
        organisation=organisation,
        made=now.astimezone(UTC).date(),
        items=_sorted((source, number) for (source, _), number in came.items()),
        outcomes=_sorted((outcome, number) for (_, outcome), number in came.items() if outcome),
        **{name: _sorted(counts.items()) for name, counts in held.counts.items()},
        notices=_each(MISTAKEN if notice in mistaken else state for notice, state in held.notices.items()),
        removals=_sorted((place, number) for (place, _), number in worked.items()),
        retractions=_each(held.retractions.values()),
        duties=_each(held.duties.values()),
        removal_hours=round(median(hours), 1) if hours else None,
        timed=len(hours),
    )


def _doubted(takedowns: TakedownStore, tally: Tally) -> Iterator[Location]:
    """The URLs of cases that may be no abuse: few, of which the cases are looked at."""
    cases = sorted(tally.no_abuse())
    for start in range(0, len(cases), _CASES):
        yield from takedowns.of_cases(cases[start : start + _CASES])


def _each(words: Iterable[str]) -> dict[str, int]:
    return _sorted((word, 1) for word in words)


def _sorted(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Sums by word, the largest first."""
    sums = Counter[str]()
    for word, number in counts:
        sums[str(word)] += number
    return {word: number for word, number in sorted(sums.items(), key=lambda one: (-one[1], one[0])) if number > 0}


class Yearly:
    """Figures of years. What was counted of the log is kept, so that only what is new is read the next time.

    For any number of threads and processes: whatever is kept by whichever of them, the figures are those of the log.
    """

    def __init__(self, cases: CaseStore, takedowns: TakedownStore, memo: Memo, organisation: str, clock: Clock) -> None:
        self._cases, self._takedowns, self._memo = cases, takedowns, memo
        self._organisation, self._clock = organisation, clock
        self._mutex = threading.Lock()  # held while counting: who asks meanwhile goes on from there

    def of(self, year: int) -> Figures:
        """The figures of a year. Raises StorageError."""
        with self._mutex:
            tally = resumed(self._cases, self._memo.get())
            before = tally.position
            tally.catch_up(self._cases)
            if tally.position - before >= STEP:
                self._memo.put(to_json(tally))
        return transparency(self._cases, self._takedowns, tally, year, self._organisation, self._clock.now())
