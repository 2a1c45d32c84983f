"""Times that a clock which was ahead wrote down: none is to come any more, and they come in the same order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

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
from safelight.policy.takedown_clock import LONGEST_REST, SKEW, ahead_by, rebased

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TIMES = st.integers(-1000, 1000).map(lambda number: NOW + number * timedelta(hours=1) - 30 * timedelta(minutes=1))


@st.composite
def locations(draw: st.DrawFn) -> Location:
    begun, made, sent, looked, found, gone, due, back = (draw(TIMES) for _ in range(8))
    contact = Contact(Scope.SITE, "site", draw(st.sampled_from(["", "a@site.example"])), "https://site.example/")
    state = draw(st.sampled_from(NoticeState))
    notice = Notice("n", "l", contact, Form.XARF, "en", state, made, sent=sent, due=max(due, sent, made), written=sent)
    return Location(
        "l",
        "c",
        "i",
        "0" * 64,
        "https://a.example/",
        min(begun, made),
        contacts=Contacts("https://a.example/", found, ()),
        notices=(notice,),
        looks=(Look(looked, Place.PRESENT), Look(gone, Place.GONE)),
        last_look=gone,
        next_look=draw(TIMES),
        gone=draw(st.sampled_from([None, gone])),
        begun=begun,
        past=(back,),
        back=back,
        anew=back,
        as_of=draw(st.sampled_from([None, sent])),
        retractions=(Retraction("r", "n", RetractionState.WAITING, made, due=due),),
    )


def times(location: Location) -> list[datetime]:
    """All times of what has happened, in one order."""
    [notice], [taken] = location.notices, location.retractions
    found = [
        location.added,
        location.begun,
        location.last_look,
        location.gone,
        location.back,
        location.anew,
        location.as_of,
        notice.created,
        notice.sent,
        notice.written,
        taken.asked,
        *location.past,
        *(look.at for look in location.looks),
    ]
    assert location.contacts is not None
    return [location.contacts.found, *(time for time in found if time is not None)]


@given(locations())
def test_nothing_that_has_happened_is_to_come_and_all_is_in_its_order(location: Location) -> None:
    after = rebased(location, NOW)
    before, then = times(location), times(after)
    assert max(then) <= NOW
    assert ahead_by(after, NOW) == timedelta()
    assert [one for one, was in zip(then, before, strict=True) if was <= NOW] == [one for one in before if one <= NOW]
    assert sorted(range(len(then)), key=lambda n: (before[n], n)) == sorted(
        range(len(then)), key=lambda n: (then[n], n)
    )
    assert [a == b for a, b in pairwise(then)] == [a == b for a, b in pairwise(before)]
    assert rebased(after, NOW) == after
    if max(before) <= NOW:
        assert replace(after, retractions=()) == replace(location, retractions=())
    else:
        assert after.next_look == NOW
    [taken], [was] = after.retractions, location.retractions
    assert taken.due is not None
    assert taken.due <= NOW + LONGEST_REST
    assert taken.due in {was.due, NOW}


@given(locations())
def test_no_wait_is_longer_than_it_was(location: Location) -> None:
    [was], [now] = location.notices, rebased(location, NOW).notices
    assert was.due is not None
    assert now.due is not None
    if was.state is NoticeState.WAITING and was.contact.email and ahead_by(location, NOW) > SKEW:
        assert now.due == NOW
    elif max(was.created, was.sent or was.created) > NOW:
        assert now.due - NOW <= was.due - NOW
        assert now.due >= NOW
    else:
        assert now.due == was.due


def test_a_clock_that_is_a_little_ahead_changes_no_plan() -> None:
    location = Location("l", "c", "i", "0" * 64, "https://a.example/", NOW, begun=NOW, as_of=NOW + 30 * SECOND)
    planned = replace(location, next_look=NOW + timedelta(hours=1), last_look=NOW + 30 * SECOND)
    after = rebased(planned, NOW)
    assert after.next_look == planned.next_look
    assert after.last_look is not None
    assert after.last_look < NOW
    assert rebased(replace(planned, closed="done", as_of=NOW + timedelta(days=9)), NOW).next_look == planned.next_look
