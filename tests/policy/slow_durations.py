"""Deadlines counted on the fingers: day by day on a calendar, minute by minute on a clock. Shares nothing with ours."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PARTS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def slow_add(begin: datetime, duration: str, zone: str, *, keep: bool) -> datetime:
    found = PARTS.fullmatch(duration)
    assert found
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    end = begin.astimezone(UTC)
    if years or months or weeks or days:
        wall = end.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        day = walk_days(walk_months(wall.date(), 12 * years + months, keep), 7 * weeks + days)
        end = look_at_clock(datetime.combine(day, wall.time()), ZoneInfo(zone), keep)
    for _ in range(hours * 3600 + minutes * 60 + seconds):
        end += timedelta(seconds=1)
    return end


def walk_months(day: date, months: int, keep: bool) -> date:
    first = day
    while first.day > 1:
        first -= DAY
    for _ in range(months):
        first += DAY
        while first.day > 1:
            first += DAY
    there = first
    while there.day < day.day:
        there += DAY
        if there.month != first.month:
            return there if keep else there - DAY
    return there


def walk_days(day: date, days: int) -> date:
    for _ in range(days):
        day += DAY
    return day


def look_at_clock(wall: datetime, zone: ZoneInfo, keep: bool) -> datetime:
    """The moment at which clocks show this; of two, the one asked for.

    Of none: as long after the last time of day that there was, or, of what has to be done, before the next that is.
    """
    away = timedelta(0)
    while True:
        near = wall - away if keep else wall + away
        start = near.replace(tzinfo=UTC)
        shown = [
            moment
            for minutes in range(-15 * 60, 15 * 60)
            if (moment := start + minutes * MINUTE).astimezone(zone).replace(tzinfo=None) == near
        ]
        if shown:
            return shown[-1] + away if keep else shown[0] - away
        away += 15 * MINUTE
