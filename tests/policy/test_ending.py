"""When what is personal ends: nothing by one wrong look, all by a week of right ones; times by the order of a log."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.model.access import SYSTEM
from safelight.model.audit import LoggedEvent
from safelight.model.case import Body, CaseEvent, ErasureFreed, ErasureHeld, Noted
from safelight.policy.ending import APART, NOTICE, held, over_since, reached, ripe

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def log(*said: tuple[int, Body]) -> list[LoggedEvent]:
    """Events at so many hours from `NOW`, in this order."""
    return [
        LoggedEvent(number, "", b"", CaseEvent("c", number, NOW + hours * HOUR, SYSTEM, body, ""))
        for number, (hours, body) in enumerate(said)
    ]


@given(st.lists(st.tuples(st.integers(-9000, 9000), st.sampled_from("ab")), max_size=12))
@settings(max_examples=60, deadline=None)
def test_what_was_said_is_not_older_than_what_was_said_before_it(said: list[tuple[int, str]]) -> None:
    events = log(*((hours, Noted(text)) for hours, text in said))
    last = max((number for number, (_, text) in enumerate(said) if text == "a"), default=None)
    wanted = None if last is None else NOW + max(hours for hours, _ in said[: last + 1]) * HOUR
    assert reached(events, lambda body: body == Noted("a")) == wanted


@given(st.lists(st.tuples(st.sampled_from("hf"), st.sampled_from(("filing:1", "request:1")), st.text(max_size=2))))
@settings(max_examples=40, deadline=None)
def test_a_row_is_held_by_the_last_word_on_it(words: list[tuple[str, str, str]]) -> None:
    said = [(0, (ErasureHeld if do == "h" else ErasureFreed)(of, why)) for do, of, why in words]
    mine = [(do, why) for do, of, why in words if of == "filing:1"]
    assert held(log(*said), "filing:1") == (mine[-1][1] if mine and mine[-1][0] == "h" else None)


def slow_ripe(looks: Sequence[tuple[datetime, bool]]) -> bool:
    """Whether the last look ends it: a run of looks up to it, all of which found it over, none far from the next."""
    run: list[datetime] = []
    for at, over in looks:
        if not over:
            run = []
        elif run and timedelta() <= at - run[-1] <= APART:
            run.append(at)
        else:
            run = [at]
    return bool(run) and run[-1] - run[0] >= NOTICE


@given(
    st.lists(
        st.tuples(
            st.sampled_from((0, 1, 20, 24, 47, 48, 49, 200, -1, -30, 8760, -8760)),
            st.sampled_from((True,) * 9 + (False,)),
        ),
        max_size=40,
    )
)
@settings(max_examples=120, deadline=None)
def test_it_ends_by_a_run_of_looks_of_a_week_and_by_no_other(steps: list[tuple[int, bool]]) -> None:
    now, looks, kept = NOW, list[tuple[datetime, bool]](), None
    for hours, over in steps:
        now += hours * HOUR
        looks.append((now, over))
        if not over:
            kept = None
            continue
        since = over_since(kept[0], kept[1], now) if kept else now
        kept = since, now
        assert ripe(since, now) is slow_ripe(looks)


def test_a_clock_that_is_a_year_ahead_for_an_hour_ends_nothing_however_often() -> None:
    """Also if the service looks at no other hour, so that no right clock ever says that it is not over."""
    kept = None
    for week in range(60):
        now = NOW + timedelta(days=365 + 8 * week)
        since = over_since(*kept, now) if kept else now
        kept = since, now
        assert not ripe(since, now)
