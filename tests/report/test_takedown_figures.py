"""Figures of takedowns, against the estimator written down as its definition says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from safelight.model.takedown import (
    Contact,
    Contacts,
    Form,
    Location,
    Look,
    Notice,
    NoticeState,
    Place,
    Scope,
)
from safelight.report.takedown_figures import Observation, figures, observations, quantile

START = datetime(2026, 3, 30, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = START + 30 * DAY
HOST = Contact(Scope.HOST, "Host", "abuse@host.example", network="192.0.2.0/24")


def location(url: str = "https://a.example/1", gone: datetime | None = None, **more: object) -> Location:
    place = Place.GONE if gone else Place.PRESENT
    looks = (Look(START, Place.PRESENT, 200), *((Look(gone, Place.GONE, 404),) if gone else ()))
    made = Location(url, "c", "i", "0" * 64, url, START, place, looks=looks, gone=gone, begun=START)
    return replace(made, **more)  # type: ignore[arg-type]  # tests name the fields


def notice(sent: datetime | None, state: NoticeState = NoticeState.SENT) -> Notice:
    return Notice("n", "l", HOST, Form.XARF, "en", state, sent or START, sent)


def slow_quantile(seen: list[Observation], share: Fraction) -> timedelta | None:
    """S(t) is the product over all times up to t of 1 - removed / at risk; the first t at which it is 1 - share."""
    for time in sorted({one.lasted for one in seen}):
        product = Fraction(1)
        for earlier in sorted({one.lasted for one in seen if one.lasted <= time}):
            removed = sum(one.removed for one in seen if one.lasted == earlier)
            product *= 1 - Fraction(removed, sum(one.lasted >= earlier for one in seen))
        if product <= 1 - share:
            return time
    return None


OBSERVATIONS = st.lists(st.builds(Observation, st.integers(0, 12).map(lambda n: n * HOUR), st.booleans()), max_size=14)


@given(OBSERVATIONS, st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(1, 4)]))
def test_quantiles_are_those_of_the_definition(seen: list[Observation], share: Fraction) -> None:
    assert quantile(seen, float(share)) == slow_quantile(seen, share)


def test_what_is_still_there_is_no_quick_removal() -> None:
    quick = location(gone=START + HOUR, notices=(notice(START),))
    ignored = [location(f"https://a.example/{n}", notices=(notice(START),)) for n in range(2, 12)]
    (host,) = figures([quick, *ignored], NOW).hosts
    assert (host.removed, host.there, host.median, host.p90) == (1, 10, None, None)
    (host,) = figures([quick], NOW).hosts
    assert host.median == HOUR


def test_each_return_is_another_removal() -> None:
    twice = location(
        gone=START + 9 * DAY,
        past=(START + 6 * HOUR,),
        returned=1,
        notices=(notice(START), notice(START + 8 * DAY), notice(START + 8 * DAY + HOUR)),
    )
    assert [(at - START, one.lasted, one.removed) for at, one in observations(twice, NOW)] == [
        (0 * DAY, 6 * HOUR, True),
        (8 * DAY, DAY, True),
    ]
    told = figures([twice], NOW)
    assert (told.whole.removed, told.whole.returned, told.whole.notices, told.whole.unasked) == (2, 1, 3, 0)
    assert [(month.month, month.asked, month.removed) for month in told.months] == [
        ("2026-03", 1, 1),
        ("2026-04", 1, 1),
    ]


def test_hosts_are_ranked_and_silence_is_unknown() -> None:
    at_network = Contacts("", START, (HOST,))
    slow = location("https://slow.example/", START + 9 * DAY, notices=(notice(START),), contacts=at_network)
    quick = location("https://quick.example/", START + HOUR, notices=(notice(START),))
    never = location("https://never.example/", notices=(notice(START, NoticeState.SILENT),), contacts=at_network)
    dark = location("https://dark.example/", looks=(Look(START, Place.SILENT),), place=Place.SILENT)
    unasked = location("https://unasked.example/", START + HOUR, notices=(notice(None, NoticeState.WAITING),))
    not_begun = location("https://later.example/", begun=None)
    told = figures([quick, slow, dark, never, unasked, not_begun], NOW)
    assert [one.name.partition(".")[0] for one in told.hosts] == ["never", "slow", "quick", "dark", "unasked"]
    by_name = {one.name: one for one in told.hosts}
    assert (by_name["dark.example"].there, by_name["dark.example"].unknown) == (0, 1)
    assert (by_name["unasked.example"].removed, by_name["unasked.example"].unasked) == (0, 1)
    assert (by_name["never.example"].silent, by_name["never.example"].there) == (1, 1)
    assert [(one.name, one.urls) for one in told.networks] == [("192.0.2.0/24", 2), ("", 3)]
    assert figures([], NOW).hosts == ()
