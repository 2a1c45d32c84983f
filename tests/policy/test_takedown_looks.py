"""What looks and people say of a URL: the table of places, and whose word holds when they disagree."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safelight.model.takedown import Contact, Form, Judged, Location, Look, Notice, NoticeState, Place, Scope
from safelight.policy.takedown_looks import (
    CONFIRM,
    RELAPSE,
    UNSEEN,
    UNSETTLED,
    asks,
    by_person,
    elsewhere,
    look_of,
    looked,
    may_be_gone,
    may_vouch,
    stopped,
    unclear_since,
    unsettled,
    vouched_for,
)

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://a.example/x.jpg"
NEW = Location("l", "c", "i", "0" * 64, URL, START, begun=START, next_look=START)
EXACT, ALTERED, NONE, UNSURE = Judged("0", "exact"), Judged("1", "near"), Judged("2"), Judged("3", sure=False)
PAGE = Judged("4", sure=False, unlike=True)


@pytest.mark.parametrize(
    ("status", "judged", "led_to", "place"),
    [
        (200, EXACT, "", Place.PRESENT),
        (200, EXACT, "http://a.example/x.jpg", Place.PRESENT),
        (200, EXACT, "https://a.example/y.jpg", Place.MOVED),
        (200, ALTERED, "", Place.ALTERED),
        (200, ALTERED, "https://b.example/x.jpg", Place.MOVED),
        (200, NONE, "", Place.REPLACED),
        (200, NONE, "https://b.example/", Place.REPLACED),
        (200, UNSURE, "", Place.SILENT),
        (200, None, "", Place.SILENT),
        (200, PAGE, "", Place.UNCLEAR),
        (200, PAGE, "https://a.example/", Place.UNCLEAR),
        (404, None, "https://b.example/", Place.GONE),
        (404, EXACT, "", Place.PRESENT),
        (410, ALTERED, "", Place.ALTERED),
        *[(404, judged, "", Place.GONE) for judged in (NONE, PAGE)],
        *[(status, UNSURE, "", Place.SILENT) for status in (203, 404, 410)],  # a browser may well show it
        *[(203, EXACT, "", Place.PRESENT), (206, NONE, "", Place.REPLACED), (203, PAGE, "", Place.UNCLEAR)],
        (500, EXACT, "", Place.SILENT),
        (403, None, "https://b.example/", Place.BARRED),
        (410, None, "", Place.GONE),
        (401, None, "", Place.BARRED),
        (403, None, "", Place.BARRED),
        (451, None, "", Place.BARRED),
        *[(status, None, "", Place.SILENT) for status in (None, 204, 206, 400, 405, 408, 429, 500, 502, 503, 504)],
    ],
)
def test_what_an_answer_says(status: int | None, judged: Judged | None, led_to: str, place: Place) -> None:
    look = look_of(NEW, START, status, led_to, judged)
    assert look.place is place
    assert bool(look.cause) is (place in {Place.SILENT, Place.UNCLEAR})


@pytest.mark.parametrize(
    ("other", "is_elsewhere"),
    [
        *[("http://a.example/x.jpg", False), ("https://a.example:443/x.jpg", False), (f"{URL}#part", False)],
        *[
            ("https://a.example/x.jpg?1", True),
            ("https://a.example:8443/x.jpg", True),
            ("https://b.example/x.jpg", True),
        ],
    ],
)
def test_what_is_elsewhere(other: str, is_elsewhere: bool) -> None:
    assert elsewhere(URL, other) is is_elsewhere


def after(*answers: tuple[timedelta, Place], location: Location = NEW) -> Location:
    """A location after looks that found this, so long after START."""
    for at, place in answers:
        status = 404 if place is Place.GONE else None if place is Place.SILENT else 200
        location = looked(location, Look(START + at, place, status))
    return location


def test_while_a_person_vouches_for_it_no_look_that_never_saw_it_ends_it() -> None:
    for place in (Place.GONE, Place.REPLACED):
        vouched = after(*((hours * HOUR, place) for hours in range(50)), location=replace(NEW, vouched=START))
        assert (vouched.gone, asks(vouched)) == (None, True)
        assert unsettled(vouched, START + UNSETTLED - HOUR) is None
        assert unsettled(vouched, START + UNSETTLED) == START  # they are told that looks deny it
        assert may_vouch(vouched, START + UNSETTLED)
        again = vouched_for(vouched, START + UNSETTLED)
        assert unsettled(again, START + UNSETTLED + DAY) is None
        assert not may_vouch(again, START + UNSETTLED + DAY)
        assert by_person(again, START + 9 * DAY, "why").gone == START + 9 * DAY


@pytest.mark.parametrize("seen", [Place.PRESENT, Place.UNCLEAR])
def test_once_a_look_has_seen_what_a_person_vouched_for_looks_end_it(seen: Place) -> None:
    seen_once = after((0 * HOUR, seen), (HOUR, Place.GONE), location=replace(NEW, vouched=START))
    assert not asks(seen_once)
    assert after((2 * HOUR, Place.GONE), location=seen_once).gone == START + HOUR


def test_a_person_contradicts_a_removal() -> None:
    gone = after((0 * HOUR, Place.PRESENT), (HOUR, Place.GONE), (2 * HOUR, Place.GONE))
    assert (gone.gone, may_vouch(gone, START + DAY)) == (START + HOUR, True)
    there = vouched_for(gone, START + DAY)
    assert (there.gone, there.past, there.returned, there.back) == (None, (START + HOUR,), 1, START + DAY)
    assert asks(there)
    still = after(*((days * DAY, Place.GONE) for days in range(2, 9)), location=there)
    assert (still.gone, asks(still)) == (None, True)
    found = after((9 * DAY, Place.PRESENT), location=still)  # now looks tell again
    assert (found.vouched, found.returned) == (None, 1)
    assert after((10 * DAY, Place.GONE), (11 * DAY, Place.GONE), location=found).gone == START + 10 * DAY


def test_what_comes_back_soon_or_again_does_not_begin_the_plan_anew() -> None:
    gone = after((0 * HOUR, Place.PRESENT), (HOUR, Place.GONE), (HOUR + CONFIRM, Place.GONE))
    soon, late = (after((HOUR + wait, Place.PRESENT), location=gone) for wait in (RELAPSE - HOUR, RELAPSE))
    assert (soon.anew, late.anew) == (None, START + HOUR + RELAPSE)
    away = after((30 * DAY, Place.GONE), (31 * DAY, Place.GONE), (90 * DAY, Place.PRESENT), location=late)
    assert (away.returned, away.anew) == (2, late.anew)


@pytest.mark.parametrize("later", [Place.BARRED, Place.SILENT])
def test_a_page_that_nobody_judged_asks_for_a_person_whatever_comes_after(later: Place) -> None:
    page = after((0 * HOUR, Place.PRESENT), (HOUR, Place.UNCLEAR), (2 * HOUR, later))
    assert (asks(page), unclear_since(page)) == (False, START + HOUR)
    assert may_vouch(page, START + DAY)
    assert unclear_since(vouched_for(page, START + DAY)) is None


def test_a_page_where_it_was_gone_asks_for_a_person_once() -> None:
    gone = after((0 * HOUR, Place.PRESENT), (HOUR, Place.GONE), (2 * HOUR, Place.GONE), (DAY, Place.UNCLEAR))
    assert (gone.gone, unclear_since(gone), may_be_gone(gone)) == (START + HOUR, START + DAY, True)
    said = by_person(gone, START + 2 * DAY, "it says so")
    assert (said.gone, may_be_gone(said)) == (START + HOUR, False)
    same = after((3 * DAY, Place.UNCLEAR), (4 * DAY, Place.BARRED), (5 * DAY, Place.UNCLEAR), location=said)
    assert unclear_since(same) is None  # that page was judged
    other = after((6 * DAY, Place.GONE), (7 * DAY, Place.UNCLEAR), location=same)
    assert unclear_since(other) == START + 7 * DAY
    assert asks(vouched_for(other, START + 8 * DAY))


def test_a_word_about_silence_is_none_about_the_page_that_follows() -> None:
    silent = after((0 * HOUR, Place.PRESENT), (HOUR, Place.SILENT))
    assert unclear_since(by_person(silent, START + DAY, "no host")) is None
    page = after((2 * DAY, Place.UNCLEAR), location=by_person(silent, START + DAY, "no host"))
    assert unclear_since(page) == START + 2 * DAY


@pytest.mark.parametrize("place", [Place.BARRED, Place.SILENT, Place.REPLACED])
def test_what_no_look_has_ever_seen_is_put_to_people_after_a_day(place: Place) -> None:
    unseen = after((0 * HOUR, place))
    assert unsettled(unseen, START + UNSEEN - HOUR) is None
    assert unsettled(unseen, START + UNSEEN) == START
    assert unsettled(vouched_for(unseen, START + UNSEEN), START + UNSEEN + DAY) is None
    assert unsettled(replace(unseen, begun=None), START + 9 * DAY) is None
    assert unsettled(after((HOUR, Place.UNCLEAR), location=unseen), START + 9 * DAY) is None  # another alarm tells it
    assert unsettled(after((HOUR, Place.PRESENT), (DAY, place), location=unseen), START + 9 * DAY) is None


def test_nobody_waits_for_notices_about_what_is_over() -> None:
    contact = Contact(Scope.SITE, "a", "a@a.example")
    new = Notice("n", "l", contact, Form.XARF, "en", NoticeState.WAITING, START, due=START)
    tried, sent = replace(new, tries=1), replace(new, state=NoticeState.SENT)
    refused = replace(new, state=NoticeState.REFUSED, due=None)
    assert [(one.state, one.due) for one in stopped((new, tried, sent, refused))] == [
        (NoticeState.FAILED, None),
        (NoticeState.SENT, None),
        (NoticeState.REFUSED, None),
    ]
