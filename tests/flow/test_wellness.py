"""Breaks and limits: the slow obvious count is the oracle."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.flow.wellness import (
    DAY,
    FEWEST_PEOPLE,
    LONGEST,
    SHORTEST,
    Exposure,
    Limits,
    Standing,
    Stop,
    may_look,
    standing,
    totals,
)
from safelight.model.errors import NotNowError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = Limits(day=1800, stretch=300, rest=600)


def looks(*pairs: tuple[float, float]) -> list[Exposure]:
    """Each began so many seconds ago and took so many seconds."""
    return [Exposure(NOW - timedelta(seconds=ago), seconds) for ago, seconds in pairs]


def test_nothing_seen() -> None:
    assert standing([], LIMITS, NOW) == Standing(0, 0, 0, None, None, LONGEST)


def test_a_stretch_ends_in_a_break_that_begins_when_the_last_look_ended() -> None:
    found = standing(looks((400, 60), (300, 60), (200, 60), (130, 60), (70, 60)), LIMITS, NOW)
    assert (found.stop, found.stretch, found.left) == (Stop.BREAK, 300, 0)
    assert found.until == NOW - timedelta(seconds=10) + timedelta(seconds=600)
    later = standing(looks((1010, 60), (910, 60), (810, 60), (740, 60), (680, 60)), LIMITS, NOW)
    assert (later.stop, later.stretch, later.seconds) == (None, 0, 300)


def test_pauses_shorter_than_a_break_do_not_end_a_stretch() -> None:
    found = standing(looks((1200, 60), (580, 60), (10, 10)), LIMITS, NOW)
    assert found.stretch == 130
    assert standing(looks((1300, 60), (580, 60), (10, 10)), LIMITS, NOW).stretch == 70


def test_the_last_look_of_a_stretch_is_as_long_as_what_is_left() -> None:
    found = standing(looks((350, 60), (280, 60), (210, 60), (140, 60), (60, 30)), LIMITS, NOW)
    assert (found.stop, found.left) == (None, 30)


def test_a_day_is_the_last_24_hours() -> None:
    many = looks(*((86_000 - 700 * number, 60) for number in range(30)))
    found = standing(many, LIMITS, NOW)
    assert found.stop is Stop.DAY
    assert found.until == many[0].ended + DAY
    tomorrow = standing(many, LIMITS, found.until + timedelta(seconds=1))
    assert tomorrow.stop is None
    assert tomorrow.left > 0


def test_looks_in_a_blink_add_up() -> None:
    blinks = looks(*((number + 1, 0.02) for number in reversed(range(100))))
    assert standing(blinks[1:], LIMITS, NOW).stop is None
    found = standing(blinks, LIMITS, NOW)
    assert (found.stop, found.seconds, found.looks) == (Stop.BREAK, 100 * SHORTEST, 100)


def test_a_limit_of_nothing_shows_nothing() -> None:
    found = standing([], Limits(0, 300, 600), NOW)
    assert (found.stop, found.until, found.left) == (Stop.DAY, None, 0)


def test_a_pause_comes_before_all_and_ends_when_the_person_says() -> None:
    found = standing(looks((30, 20)), LIMITS, NOW, paused=True)
    assert (found.stop, found.until) == (Stop.PAUSED, None)
    with pytest.raises(NotNowError, match="whenever you like"):
        may_look(found)


def test_who_may_not_look_is_told_when_again() -> None:
    with pytest.raises(NotNowError, match=r"break: media is shown to you again from 12:10 UTC on"):
        may_look(standing(looks(*((70 * n + 60, 60) for n in (4, 3, 2, 1, 0))), LIMITS, NOW))


@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 60)), max_size=40),
    st.integers(0, 2000),
    st.integers(60, 4000),
    st.integers(1, 600),
    st.integers(1, 1200),
)
def test_it_is_the_obvious_count(gaps: list[tuple[int, int]], since: int, day: int, stretch: int, rest: int) -> None:
    at, seen = 0, []
    for gap, seconds in gaps:
        at += gap
        seen.append((at, at + seconds))
        at += seconds
    now = at + since
    base = NOW - timedelta(seconds=now)
    found = standing([Exposure(base + timedelta(seconds=a), b - a) for a, b in seen], Limits(day, stretch, rest), NOW)
    recent = [(a, b) for a, b in seen if b > now - 86_400]
    total, run, last = 0, 0, None
    for a, b in recent:
        if last is not None and a - last >= rest:
            run = 0
        counts = max(3, b - a)
        run, total, last = run + counts, total + counts, b
    if last is None or now - last >= rest:
        run = 0
    assert (found.seconds, found.stretch) == (total, run)
    assert (found.stop is Stop.DAY) == (total >= day)
    assert (found.left > 0) == (found.stop is None)
    assert found.left <= min(LONGEST, max(day - total, 0))


def test_sums_over_few_people_are_shown_to_nobody() -> None:
    one = standing(looks((30, 20)), LIMITS, NOW)
    assert totals([one] * (FEWEST_PEOPLE - 1) + [standing([], LIMITS, NOW)] * 9) is None
    found = totals([one] * FEWEST_PEOPLE)
    assert found is not None
    assert (found.people, found.seconds, found.mean, found.at_limit) == (5, 100, 20, 0)
