"""When a deadline of the law ends: ISO 8601 durations, counted as laws count them.

Hours, minutes and seconds elapse: 48 hours are 48 hours whatever the clocks on the wall do. Years, months, weeks and
days are of the calendar of a place: the same time of day there, that much later. Where the calendar leaves a choice,
what has to be done by then gets the earlier moment, and what has to be kept until then the later one.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from isodate import ISO8601Error, parse_duration

_NONE = timedelta()
_WRONG = "{!r} is no ISO 8601 duration, as PT48H, P21D or P1Y are"


def check(duration: str) -> None:
    """Raise ValueError, with the cause, for a text that is no duration that a law could mean."""
    _read(duration)


def add(begin: datetime, duration: str, zone: str, *, keep: bool = False) -> datetime:
    """The moment at which a duration after another moment has passed.

    Calendar parts are added first, the largest first; then the hours elapse. A time of day that the clocks skip moves
    back by as much as they do, with `keep` forward. One that comes twice is taken as the first, with `keep` as the
    second. A day that a month does not have is its last, with `keep` the first of the next month: a year after
    29 February are 28 February and 1 March.

    Args:
        begin: with a zone of whatever kind.
        duration: ISO 8601, as `PT48H`, `P21D`, `P1Y`.
        zone: IANA name of the time zone in which days are counted.
        keep: whether it is about keeping something until then, not about doing it by then.

    Returns:
        UTC.

    Raises:
        ValueError: for no duration, a negative one, one of nothing, part of a calendar day, or an end that no calendar
            reaches; and for a beginning without a zone.
        ZoneInfoNotFoundError: there is no such zone.
    """
    if begin.tzinfo is None:
        raise ValueError("the beginning has no time zone")
    months, days, elapsing = _read(duration)
    try:
        if months or days:
            wall = begin.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
            day = _after_months(wall.date(), months, keep=keep) + timedelta(days)
            begin = _moment(datetime.combine(day, wall.time()), ZoneInfo(zone), keep=keep)
        return begin.astimezone(UTC) + elapsing
    except OverflowError as error:
        raise ValueError(f"{duration} from there is beyond the calendar") from error


def _read(duration: str) -> tuple[int, int, timedelta]:
    """Months, days, and what elapses."""
    calendar, separator, clock = duration.partition("T")
    if any(sign in calendar for sign in "+-.,"):
        raise ValueError(f"{duration!r} is negative, or has part of a calendar day, month or year")
    if not duration.endswith(tuple("YMWDHS")):
        raise ValueError(_WRONG.format(duration))
    try:
        span = parse_duration(calendar, as_timedelta_if_possible=False) if calendar != "P" else None
        elapsing = parse_duration(f"PT{clock}", as_timedelta_if_possible=False).tdelta if separator else _NONE
    except (ISO8601Error, ValueError, OverflowError) as error:
        raise ValueError(_WRONG.format(duration)) from error
    months, days = (int(Decimal(span.years) * 12 + Decimal(span.months)), span.tdelta.days) if span else (0, 0)
    if not (months or days or elapsing):
        raise ValueError(f"{duration!r} is no time at all")
    return months, days, elapsing


def _after_months(day: date, months: int, *, keep: bool) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError
    last = monthrange(year, month + 1)[1]
    over = day.day > last
    there = date(year, month + 1, min(day.day, last))
    return there + timedelta(1) if over and keep else there


def _moment(wall: datetime, zone: ZoneInfo, *, keep: bool) -> datetime:
    """When clocks in the zone show this.

    Of a time that comes twice `fold=1` is the later one; of one that is skipped it is the earlier one (PEP 495).
    """
    first = wall.replace(tzinfo=zone)
    shown = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return first.replace(fold=int(keep is (shown == wall)))
