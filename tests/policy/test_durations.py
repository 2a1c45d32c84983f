"""Deadlines against a calendar and a clock that are counted by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.policy.durations import add, check
from tests.policy.slow_durations import slow_add

ZONES = (
    "America/New_York",
    "America/St_Johns",
    "Europe/London",
    "Asia/Seoul",
    "Australia/Sydney",
    "Australia/Lord_Howe",
)
begins = st.datetimes(
    datetime(1975, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2090, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.sampled_from(ZONES).map(ZoneInfo),
)
LARGEST = {"Y": 4, "M": 14, "W": 6, "D": 40}
parts = (st.one_of(st.just(""), st.integers(1, most).map(f"{{}}{unit}".format)) for unit, most in LARGEST.items())
calendar = st.builds("P{}{}{}{}".format, *parts).filter(lambda text: text != "P")
clock = st.builds("T{}H".format, st.integers(1, 100))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@settings(max_examples=80, deadline=None)
@given(
    begin=begins,
    duration=calendar,
    hours=st.one_of(st.just(""), clock),
    zone=st.sampled_from(ZONES),
    keep=st.booleans(),
)
def test_calendars_are_walked_day_by_day(begin: datetime, duration: str, hours: str, zone: str, keep: bool) -> None:
    assert add(begin, duration + hours, zone, keep=keep) == slow_add(begin, duration + hours, zone, keep=keep)


@settings(max_examples=40, deadline=None)
@given(night=st.integers(0, 400), minute=st.integers(0, 1439), zone=st.sampled_from(ZONES), keep=st.booleans())
def test_the_nights_in_which_clocks_change(night: int, minute: int, zone: str, keep: bool) -> None:
    """Every minute of days before which a clock of some zone changes: a day later it may be there twice, or never."""
    changes = [
        day
        for number in range(366 * 2)
        if (day := datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(number)).utcoffset()
        != (day + timedelta(1)).utcoffset()
    ] or [datetime(2028, 2, 28, tzinfo=ZoneInfo(zone))]
    begin = (changes[night % len(changes)] - timedelta(1)) + timedelta(minutes=minute)
    assert add(begin, "P1D", zone, keep=keep) == slow_add(begin, "P1D", zone, keep=keep)


@settings(max_examples=200, deadline=None)
@given(begin=begins, duration=st.one_of(calendar, clock.map("P{}".format)), zone=st.sampled_from(ZONES))
def test_what_is_kept_is_kept_at_least_as_long_as_there_is_time_to_do_something(
    begin: datetime, duration: str, zone: str
) -> None:
    due, kept = add(begin, duration, zone), add(begin, duration, zone, keep=True)
    assert begin.astimezone(UTC) < due <= kept
    assert due.tzinfo is UTC
    if "T" in duration:
        assert due == kept == begin.astimezone(UTC) + timedelta(hours=int(duration[2:-1]))


@pytest.mark.parametrize(
    ("begin", "duration", "due", "kept"),
    [
        ("2028-02-29T12:00:00+00:00", "P1Y", "2029-02-28T12:00:00+00:00", "2029-03-01T12:00:00+00:00"),
        ("2027-01-31T12:00:00+00:00", "P1M", "2027-02-28T12:00:00+00:00", "2027-03-01T12:00:00+00:00"),
        # On 28 March 2027 clocks in London go from one to two: half past one is half an hour before or after that.
        ("2027-03-27T01:30:00+00:00", "P1D", "2027-03-28T00:30:00+00:00", "2027-03-28T02:30:00+01:00"),
        # On 31 October 2027 they go back from two to one: half past one comes twice.
        ("2027-10-30T01:30:00+01:00", "P1D", "2027-10-31T01:30:00+01:00", "2027-10-31T01:30:00+00:00"),
        ("2027-10-31T01:30:00+00:00", "P1D", "2027-11-01T01:30:00+00:00", "2027-11-01T01:30:00+00:00"),
        ("2027-10-30T12:00:00+01:00", "PT24H", "2027-10-31T11:00:00+00:00", "2027-10-31T11:00:00+00:00"),
        ("2027-10-30T12:00:00+01:00", "P1D", "2027-10-31T12:00:00+00:00", "2027-10-31T12:00:00+00:00"),
        ("2027-10-30T12:00:00+01:00", "P1DT1H", "2027-10-31T13:00:00+00:00", "2027-10-31T13:00:00+00:00"),
        ("2027-10-30T12:00:00+01:00", "PT0.5H", "2027-10-30T12:30:00+01:00", "2027-10-30T12:30:00+01:00"),
    ],
)
def test_where_the_calendar_leaves_a_choice(begin: str, duration: str, due: str, kept: str) -> None:
    assert add(at(begin), duration, "Europe/London") == at(due)
    assert add(at(begin), duration, "Europe/London", keep=True) == at(kept)


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1DT", "P0D", "PT0S", "-P1D", "+P1D", "P-1D", "P1.5D", "P0,5Y", "P0003-01-02", "p1d", "1D"),
        *(" P1D", "P1D ", "P1Y\n", "PT1H30", "P1H", "PT1D", "P1D2W", "without delay"),
        *("P99999999999999D", "PT99999999999999999H"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|negative"):
        check(text)


def test_ends_that_no_calendar_reaches_and_beginnings_without_a_zone_are_refused() -> None:
    for duration in ("P8000Y", "P9000000D", "PT99999999H"):
        with pytest.raises(ValueError, match="beyond the calendar"):
            add(datetime(2027, 1, 1, tzinfo=UTC), duration, "Europe/London")
    with pytest.raises(ValueError, match="no time zone"):
        add(datetime(2027, 1, 1), "P1D", "Europe/London")  # noqa: DTZ001 - what is refused
