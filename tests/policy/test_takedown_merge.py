"""Two locations of one URL that become one: nothing of either is lost, and it is what one location would have been."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight.model.takedown import (
    Contact,
    Form,
    Location,
    Look,
    Notice,
    NoticeState,
    Place,
    Scope,
)
from safelight.policy.takedown import open_notice, was_told
from safelight.policy.takedown_looks import (
    THERE,
    arrived,
    asks,
    by_person,
    looked,
    may_be_gone,
    may_vouch,
    stopped,
    vouched_for,
)
from safelight.policy.takedown_merge import joined

START: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TWIN: Final = Location("l1", "c1", "i1", "1" * 64, "https://a.example/x", START, family="f1")
OTHER: Final = Location("l2", "c2", "i2", "2" * 64, "HTTPS://A.example/x", START, family="f2")
FOUND: Final = (Place.PRESENT, Place.ALTERED, Place.GONE, Place.UNCLEAR, Place.BARRED, Place.SILENT)
STATES: Final = (NoticeState.ACKNOWLEDGED, NoticeState.REMOVED, NoticeState.REFUSED, NoticeState.FAILED)


def contact(scope: Scope, form: str = "") -> Contact:
    return Contact(scope, f"the {scope}", "" if form else f"{scope}@abuse.example", form)


# What happens to a location, as the flow has it


class Happened(NamedTuple):
    """What happened at a time, to the first, the second, or both."""

    at: datetime
    whom: int
    what: str
    which: int


def seen(location: Location, at: datetime, place: Place) -> Location:
    status = {Place.GONE: 404, Place.SILENT: None, Place.BARRED: 403}.get(place, 200)
    return looked(location, Look(at, place, status))


def told(location: Location, at: datetime, which: int) -> Location:
    """A notice to somebody: once the last one's time is over, as mails do, that was sent, or that may have been."""
    to = contact(tuple(Scope)[which % 5])
    last = open_notice(location)
    if not asks(location) or was_told(location, to) or (last and last.state is NoticeState.WAITING):
        return location
    before = (replace(one, state=NoticeState.SILENT, due=None) if one == last else one for one in location.notices)
    name = f"{location.id}-{len(location.notices)}"
    new = Notice(name, location.id, to, Form.XARF, "en", NoticeState.WAITING, at, message=name)
    if which % 3 == 1:
        new = replace(new, tries=1, due=at + HOUR, written=at if which % 2 else None)
    elif which % 3 == 2:
        new = replace(new, tries=1, written=at, sent=at, due=at + DAY, state=NoticeState.SENT)
    return replace(location, notices=(*before, new))


def answered(location: Location, at: datetime, which: int) -> Location:
    last, state = open_notice(location), STATES[which % 4]
    if last is None or last.state is NoticeState.WAITING:
        return location
    new = replace(last, state=state, answered=at, due=last.due if which % 4 < 2 else None)
    return replace(location, notices=tuple(new if one == last else one for one in location.notices))


def happened(location: Location, one: Happened) -> Location:
    """The location after something, if the flow lets it happen then."""
    at, runs = one.at, location.begun is not None and not location.closed
    new = location
    match one.what:
        case "begun":
            new = replace(location, begun=location.begun or at, closed="", next_look=at)
        case "arrived" if location.closed:
            new = arrived(location, at)
        case "closed" if runs:
            new = replace(location, closed="why", next_look=None)
        case "vouched" if runs and may_vouch(location, at):
            new = vouched_for(location, at)
        case "said to be gone" if runs and may_be_gone(location):
            new = by_person(location, at, "why")
        case "looked" if runs:
            new = seen(location, at, FOUND[one.which % 6])
        case "told" if runs:
            new = told(location, at, one.which)
        case "answered" if runs:
            new = answered(location, at, one.which)
    return new


LOOKS: Final = ("looked", "looked", "looked", "vouched", "said to be gone")
ALL: Final = (*LOOKS, "told", "told", "told", "answered", "closed", "arrived", "begun")


def histories(what: Sequence[str] = ALL) -> st.SearchStrategy[list[Happened]]:
    """What happens to two locations, each thing at a time of its own."""
    one = st.tuples(st.sampled_from((20, 90, 400, 5_000)), st.integers(0, 1), st.sampled_from(what), st.integers(0, 29))

    def timed(drawn: list[tuple[int, int, str, int]]) -> list[Happened]:
        at, found = START, [Happened(START, 0, "begun", 0), Happened(START, 1, "begun", 0)]
        for number, (minutes, whom, act, which) in enumerate(drawn):
            at += timedelta(minutes=minutes, seconds=number + 1)
            found.append(Happened(at, whom, act, which))
        return found

    return st.lists(one, min_size=6, max_size=20).map(timed)


def after(history: Sequence[Happened]) -> tuple[Location, Location, datetime]:
    pair = [TWIN, OTHER]
    for one in history:
        pair[one.whom] = happened(pair[one.whom], one)
    return pair[0], pair[1], history[-1].at + timedelta(minutes=10)


def left_us(notice: Notice) -> bool:
    return notice.state is not NoticeState.WAITING or notice.written is not None


# What holds of all


@given(histories())
def test_nothing_that_was_sent_said_or_seen_is_lost(history: list[Happened]) -> None:
    twin, other, now = after(history)
    one = joined(twin, other, now)
    before = {told.id: told for told in (*twin.notices, *other.notices)}
    kept = {told.id: told for told in one.notices}
    assert len(kept) == len(one.notices)
    assert kept.keys() >= {told.id for told in before.values() if left_us(told)}
    for told in kept.values():
        was = replace(before[told.id], location=twin.id)
        assert told in (was, *stopped((was,)))
    assert set(one.looks) >= {*twin.looks, *other.looks}
    assert [look.at for look in one.looks] == sorted(look.at for look in one.looks)
    assert (one.id, one.case, one.added) == (twin.id, twin.case, START)
    assert (one.item, one.sha256, one.url) in [(row.item, row.sha256, row.url) for row in (twin, other)]
    assert one.found_as == ("" if one.url == twin.url else other.id)


@given(histories())
def test_whether_it_is_worked_on_says_whoever_works_on_it_else_who_waits(history: list[Happened]) -> None:
    twin, other, now = after(history)

    def life(row: Location) -> int:
        return 2 if row.closed else int(row.begun is None)

    one = joined(twin, other, now)
    assert life(one) == min(life(twin), life(other))
    assert one.next_look == (None if life(one) else now)
    assert one.begun is None or one.begun in {row.begun for row in (twin, other) if life(row) == life(one)}


@given(histories())
def test_at_most_one_notice_goes_on_and_what_goes_on_can_end(history: list[Happened]) -> None:
    twin, other, now = after(history)
    one = joined(twin, other, now)
    waiting = [told for told in one.notices if told.state is NoticeState.WAITING]
    asked = [told for told in one.notices if told.due is not None and told.state is not NoticeState.SILENT]
    going = {told.id for told in (*waiting, *asked)}
    assert len(going) <= 1
    assert not going or one.notices[-1].id in going
    last = open_notice(one)
    assert {last.id if last else ""} == (going or {""})  # else it would be due for ever
    assert one.gone is None or not going
    # Of two that were tried and may or may not have arrived one is tried again: else nobody may ever hear of it.
    unsure = {told.id for row in (twin, other) for told in row.notices if told.state is NoticeState.WAITING}
    for told in waiting:
        others = replace(one, notices=tuple(n for n in one.notices[:-1] if n.id not in unsure or not told.tries))
        assert not was_told(others, told.contact)


@given(histories())
def test_whom_either_told_in_this_round_counts_as_told(history: list[Happened]) -> None:
    twin, other, now = after(history)
    one = joined(twin, other, now)
    for row in (twin, other):
        for told in row.notices:
            if left_us(told) and (one.anew is None or told.created >= one.anew):
                assert was_told(one, told.contact)
    assert one.anew is None or one.past or one.anew in {twin.anew, other.anew}


def test_whom_the_one_that_was_closed_may_have_told_is_not_told_by_the_other() -> None:
    history = [
        Happened(START + number * HOUR, whom, what, which)
        for number, (whom, what, which) in enumerate(
            [(0, "begun", 0), (1, "begun", 0), (0, "looked", 0), (0, "told", 25), (0, "closed", 0), (1, "looked", 0)]
        )
    ]
    twin, other, now = after([*history, Happened(START + DAY, 1, "told", 0)])
    (tried,), (waits,) = twin.notices, other.notices
    assert (tried.contact, tried.state, tried.tries) == (waits.contact, NoticeState.WAITING, 1)
    assert [one.id for one in joined(twin, other, now).notices] == [tried.id]


@given(histories())
def test_no_time_is_later_than_it_was_and_gone_is_what_nobody_has_seen_since(history: list[Happened]) -> None:
    twin, other, now = after(history)
    one = joined(twin, other, now)
    assert one.last_look == max((row.last_look for row in (twin, other) if row.last_look), default=None)
    sights = [look.at for row in (twin, other) for look in (*row.looks, row.there) if look and look.place in THERE]
    ends = [row.gone for row in (twin, other) if row.gone]
    words = [look.at for look in one.looks if look.place is Place.GONE and look.status is None]
    if one.gone is not None:
        assert ends
        assert one.vouched is None
        assert one.gone in {*ends, *words}
        assert all(at < one.gone for at in sights)
    if one.vouched is not None:
        assert one.vouched in {twin.vouched, other.vouched}
        assert all(at < one.vouched for at in (*sights, *words))
    assert one.returned == len(one.past) <= twin.returned + other.returned + len(ends)
    assert set(one.past) <= {*twin.past, *other.past, *ends}


@given(histories())
def test_which_of_two_takes_in_the_other_makes_no_difference_but_to_its_names(history: list[Happened]) -> None:
    twin, other, now = after(history)
    assume(twin.last_look != other.last_look)

    def nameless(row: Location) -> Location:
        notices = tuple(replace(told, location="") for told in row.notices)
        row = replace(row, id="", case="", item="", sha256="", url="", found_as="", family="", closed="")
        return replace(row, notices=notices)

    assert nameless(joined(twin, other, now)) == nameless(joined(other, twin, now))


@given(histories())
def test_one_of_which_nothing_was_done_changes_nothing(history: list[Happened]) -> None:
    twin, _, now = after(history)
    empty = replace(OTHER, closed="why")
    once = joined(twin, empty, now)
    assert joined(once, empty, now) == once
    assert (once.gone, once.vouched, once.past, once.back) == (twin.gone, twin.vouched, twin.past, twin.back)
    assert asks(once) == asks(twin) or once.place is Place.UNCHECKED


@pytest.mark.parametrize("place", [Place.PRESENT, Place.GONE, Place.SILENT])
@given(history=histories())
def test_looks_go_on_to_tell_what_is_so(place: Place, history: list[Happened]) -> None:
    twin, other, now = after(history)
    one = joined(twin, other, now)
    assume(one.begun is not None and not one.closed)
    for number in range(4):
        one = seen(one, now + number * HOUR, place)
    if place is Place.PRESENT:
        assert (one.gone, asks(one)) == (None, True)
    elif place is Place.GONE:
        assert one.gone is not None or one.vouched is not None


# What one location would have been


@given(histories(LOOKS))
def test_it_is_gone_and_vouched_for_as_one_location_would_be_that_was_looked_at_all_the_times(
    history: list[Happened],
) -> None:
    """The obvious version: one row to which all happened, where people may say the same of the one as of the two."""
    twin, other, now = after(history)
    pair, whole = [TWIN, OTHER], TWIN
    for one in history:
        part, before = pair[one.whom], whole
        pair[one.whom], whole = happened(part, one), happened(whole, one)
        assume(one.what in {"looked", "begun"} or (pair[one.whom] == part) == (whole == before))
        # A row keeps no look that finds what its last one did, also where the other row saw something else meanwhile.
        assume(len(pair[one.whom].looks) > len(part.looks) or len(whole.looks) == len(before.looks))
    both = joined(twin, other, now)
    if both.gone is not None or whole.gone is None:
        # Else only looks of both together found it gone: the next one, which is due now, says so.
        assert both.vouched == whole.vouched
    for number in range(3):
        both, whole = (seen(row, now + number * HOUR, Place.GONE) for row in (both, whole))
    assert (both.gone is None, both.vouched) == (whole.gone is None, whole.vouched)
