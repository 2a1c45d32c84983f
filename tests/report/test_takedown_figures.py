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
    Retraction,
    RetractionState,
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
    there = Look(NOW if gone is None else gone, Place.PRESENT, 200)
    made = Location(url, "c", "i", "0" * 64, url, START, place, looks=looks, gone=gone, begun=START, there=there)
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


def test_what_nobody_works_on_any_more_counts_only_while_it_was_seen_there() -> None:
    quick = location(gone=START + HOUR, notices=(notice(START),))
    seen = Look(START + timedelta(minutes=1), Place.PRESENT, 200)
    closed = [location(f"https://a.example/{n}", notices=(notice(START),), there=seen, closed="no") for n in (2, 3)]
    (host,) = figures([quick, *closed], START + 300 * DAY).hosts
    assert (host.removed, host.median, host.p90) == (1, HOUR, HOUR)  # it alone was there to be removed after an hour
    dark = location(there=Look(START + 2 * DAY, Place.PRESENT, 200), place=Place.SILENT, notices=(notice(START),))
    assert [one.lasted for _, one in observations(dark, NOW)] == [2 * DAY]
    vouched = location(looks=(Look(START, Place.BARRED, 403),), there=None, notices=(notice(START),))
    assert [one.lasted for _, one in observations(vouched, NOW)] == [timedelta()]


LIVES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from(["gone", "closed", "dark"])), max_size=9
)


@given(LIVES)
def test_hosts_are_measured_by_what_was_seen(lives: list[tuple[int, int, str]]) -> None:
    """Each is told of at hour `asked`, looked at each hour, and found there up to and with hour `last`."""
    locations, seen = [], list[Observation]()
    for number, (asked, last, end) in enumerate(lives):
        looks = [Look(START + hour * HOUR, Place.PRESENT, 200) for hour in range(last + 1)]
        gone = looks[-1].at + HOUR if end == "gone" else None
        locations.append(
            location(
                f"https://a.example/{number}",
                gone,
                notices=(notice(START + asked * HOUR),),
                there=looks[-1],
                closed="no" if end == "closed" else "",
            )
        )
        if gone is None:
            seen.append(Observation(max(last - asked, 0) * HOUR, removed=False))
        elif asked <= last + 1:  # else it went before anybody was told
            seen.append(Observation((last + 1 - asked) * HOUR, removed=True))
    told = figures(locations, NOW).whole
    assert (told.median, told.p90) == (slow_quantile(seen, Fraction(1, 2)), slow_quantile(seen, Fraction(9, 10)))


BACKS = st.lists(
    st.tuples(
        st.sampled_from(NoticeState), st.integers(0, 9), st.sampled_from([None, *RetractionState]), st.booleans()
    ),
    max_size=6,
)


@given(BACKS, st.booleans())
def test_notices_that_were_taken_back_are_as_if_they_had_never_been_sent(
    told: list[tuple[NoticeState, int, RetractionState | None, bool]], gone: bool
) -> None:
    """The oracle leaves them out: those of which word was sent, or was cut off in the middle."""
    notices, backs, left = [], [], []
    for number, (state, hour, back, tried) in enumerate(told):
        sent = START + hour * HOUR if state is not NoticeState.WAITING else None
        notices.append(replace(notice(sent, state), id=f"n{number}"))
        if back is not None:
            backs.append(Retraction(f"r{number}", f"n{number}", back, NOW, tries=int(tried)))
        cut_off = tried and back in {RetractionState.WAITING, RetractionState.UPHELD}
        if back is not RetractionState.SENT and not cut_off:
            left.append(notices[-1])
    whole = location(gone=START + 12 * HOUR if gone else None, notices=tuple(notices), retractions=tuple(backs))
    assert figures([whole], NOW) == figures([replace(whole, notices=tuple(left), retractions=())], NOW)


def test_a_notice_before_a_return_is_not_about_it() -> None:
    """It was not there once, and nobody could tell for days; what was sent meanwhile is no notice of its return."""
    back = Look(START + 9 * DAY, Place.PRESENT, 200)
    looks = (
        Look(START, Place.PRESENT, 200),
        Look(START + DAY, Place.GONE, 404),
        Look(START + 2 * DAY, Place.BARRED, 403),
    )
    sent = tuple(notice(START + days * DAY) for days in (0, 3, 10))
    made = location(
        gone=None, looks=(*looks, back), past=(START + DAY,), notices=sent, there=Look(NOW, Place.PRESENT, 200)
    )
    assert [at - START for at, _ in observations(made, NOW)] == [0 * DAY, 10 * DAY]
