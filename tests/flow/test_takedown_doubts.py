"""Takedowns where hosts deceive, contacts keep silent in every way, rows lie and cases merge: somebody always knows."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from safelight.case.fold import absorbed
from safelight.flow.notices import NoticeWriter
from safelight.flow.takedown_standing import Begun, begun
from safelight.flow.takedown_steps import MAX_FOLLOWED
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Case,
    ContactsFound,
    DutyArose,
    Grave,
    Located,
    LocationClosed,
    Merged,
    NoticeAnswered,
    PlaceChanged,
    Proposed,
    TakedownBegun,
)
from safelight.model.errors import MailDownError, NotNowError
from safelight.model.notice import Written
from safelight.model.takedown import AlarmKind, Contact, Contacts, Location, Notice, NoticeState, Scope
from safelight.model.takedown import Place as At
from safelight.policy.takedown import FINDS, PAUSE
from tests.flow.takedown_place import (
    DAY,
    EVERYBODY,
    HOUR,
    ITEM,
    MINUTE,
    NO_ABUSE,
    OTHER,
    PAGE,
    SENIOR,
    START,
    URL,
    Place,
    there,
    until,
)
from tests.flow.test_takedown import ALL, ELSEWHERE, GONE, duty

THEIRS = MailDownError(to="site", cause="452 mailbox full", theirs=True)
OURS = MailDownError(to="site", cause="the mail server does not answer")


@pytest.fixture
def place() -> Place:
    made = Place()
    made.hosts[URL] = there
    return made


def kinds(place: Place, at: timedelta | None = None) -> list[AlarmKind]:
    """What people are told, at a time after START."""
    return [one.kind for one in place.takedown.overdue(START + at if at is not None else None)]


# What looks cannot tell


def test_a_host_that_shows_us_nothing_ends_no_takedown_that_a_person_vouches_for(place: Place) -> None:
    place.hosts[URL] = lambda _at: GONE
    location = place.begun(vouched=True)
    place.run(4 * DAY)
    assert place.scopes == ALL[:4]
    assert (place.store.get(location.id).place, place.store.get(location.id).gone) == (At.GONE, None)
    assert kinds(place) == [AlarmKind.UNSETTLED]
    place.takedown.begin(SENIOR, location.id, vouched=True)  # they have looked again
    assert kinds(place) == []
    place.takedown.confirm_gone(SENIOR, location.id, "now it is gone")
    assert place.store.get(location.id).gone == START + 4 * DAY
    place.run(40 * DAY)
    assert len(place.mails) == 4


def test_a_person_contradicts_a_removal_and_the_plan_goes_on(place: Place) -> None:
    place.hosts[URL] = until((30 * MINUTE, GONE))
    location = place.begun()
    place.run(5 * HOUR)
    assert place.store.get(location.id).gone is not None
    seen = place.takedown.preview(location.id)
    assert seen is not None
    assert place.takedown.begin(SENIOR, location.id).gone is not None  # it goes on already: nothing is said
    place.takedown.begin(SENIOR, location.id, vouched=True)
    assert place.bodies(TakedownBegun) == [TakedownBegun(location.id), TakedownBegun(location.id, vouched=True)]
    assert place.takedown.begin(SENIOR, location.id, vouched=True) == place.store.get(location.id)
    assert len(place.bodies(TakedownBegun)) == 2  # what they said stands
    place.run(3 * DAY)
    assert place.scopes == [ALL[0], ("host", 5 * HOUR), ("upstream", DAY + 5 * HOUR)]
    assert place.store.get(location.id).returned == 1


@pytest.mark.parametrize("answer", [(403, b""), None, (500, ITEM), (200, OTHER), (404, b"broken")])
def test_what_no_look_ever_saw_is_put_to_people(place: Place, answer: tuple[int, bytes] | None) -> None:
    place.hosts[URL] = lambda _at: answer
    location = place.begun()
    place.run(23 * HOUR)
    assert kinds(place) == []
    place.run(60 * DAY)
    assert (place.mails, kinds(place)) == ([], [AlarmKind.UNSETTLED])
    place.takedown.begin(SENIOR, location.id, vouched=True)
    place.run(61 * DAY)
    assert len(place.mails) == 2


def test_bytes_beneath_any_good_status_are_judged(place: Place) -> None:
    place.hosts[URL] = lambda _at: (203, ITEM)
    place.begun()
    place.run(HOUR)
    assert place.scopes == ALL[:1]


@pytest.mark.parametrize("then", [(403, b""), None])
def test_a_page_that_is_followed_by_silence_still_waits_for_a_person(
    place: Place, then: tuple[int, bytes] | None
) -> None:
    place.hosts[URL] = until((2 * HOUR, (200, PAGE)), (3 * HOUR, then))
    location = place.begun()
    place.run(60 * DAY)
    assert kinds(place) == [AlarmKind.UNCLEAR]
    place.takedown.begin(SENIOR, location.id, vouched=True)
    place.run(62 * DAY)
    assert kinds(place) == []
    assert len(place.mails) > 2


def test_a_page_that_a_person_vouched_for_ends_by_looks_and_its_return_is_told(place: Place) -> None:
    place.hosts[URL] = lambda at: GONE if START + 5 * HOUR <= at < START + 10 * DAY else (200, PAGE)
    location = place.begun(vouched=True)
    place.run(9 * DAY)
    assert place.store.get(location.id).gone == START + 6 * HOUR
    assert place.scopes == ALL[:1]
    place.run(12 * DAY)
    assert kinds(place) == [AlarmKind.UNCLEAR]
    place.takedown.confirm_gone(SENIOR, location.id, "it says that it was removed")
    place.run(90 * DAY)
    assert kinds(place) == []  # the same page
    with pytest.raises(NotNowError):
        place.takedown.confirm_gone(SENIOR, location.id, "again")


def test_what_a_person_says_late_is_watched_as_long_as_anything(place: Place) -> None:
    place.hosts[URL] = until((2 * HOUR, None))
    location = place.begun()
    place.run(210 * DAY)
    place.takedown.confirm_gone(SENIOR, location.id, "the host wrote")
    looks = len(place.looks)
    place.run(420 * DAY)
    watched = [at - START - 210 * DAY for at, _ in place.looks[looks:]]
    assert watched == [days * DAY for days in (1, 4, 11, 25, 55, 115, 205)]


def test_a_host_that_flaps_does_not_have_the_same_told_for_ever(place: Place) -> None:
    def adaptive(_at: datetime) -> tuple[int, bytes]:
        (one,) = place.store.of_url(URL)
        return (200, ITEM) if one.gone is not None or one.last_look is None else GONE

    place.hosts[URL] = adaptive
    location = place.begun()
    place.run(60 * DAY)
    assert [scope for scope, _ in place.scopes] == [scope for scope, _ in ALL]
    assert place.store.get(location.id).returned > 10
    place.hosts[URL] = there
    place.run(62 * DAY)
    assert kinds(place) == [AlarmKind.RETURNED, AlarmKind.EXHAUSTED]


# Contacts


def unreachable(place: Place, *errors: tuple[timedelta, MailDownError]) -> None:
    """Mail to the site fails in these ways, each for so long after START."""
    send = place.send

    def failing(letter: Any) -> bytes:
        now = [error for lasting, error in errors if place.clock.moment - START < lasting]
        if now and letter.to.startswith("site@"):
            raise now[0]
        return send(letter)

    place.send = failing  # type: ignore[method-assign]


def test_who_puts_us_off_for_ever_is_followed_by_the_next(place: Place) -> None:
    unreachable(place, (300 * DAY, THEIRS))
    location = place.begun()
    place.run(2 * DAY)
    assert [scope for scope, _ in place.scopes] == ["host"]
    first = place.store.get(location.id).notices[0]
    assert (first.state, first.cause) == (NoticeState.FAILED, "452 mailbox full")
    assert place.scopes[0][1] - DAY < 2 * HOUR
    assert place.bodies(NoticeAnswered)[0] == NoticeAnswered(first.id, location.id, NoticeState.FAILED)


def test_a_mail_server_of_ours_that_is_down_costs_no_contact_and_people_are_told(place: Place) -> None:
    unreachable(place, (5 * DAY, OURS), (5 * DAY + 2 * HOUR, THEIRS))  # then they ask for a moment, as many do
    location = place.begun()
    place.run(DAY)
    assert kinds(place) == []
    place.run(4 * DAY)
    assert (place.mails, kinds(place)) == ([], [AlarmKind.BY_HAND])
    place.run(6 * DAY)
    assert [scope for scope, _ in place.scopes] == ["site"]
    assert place.store.get(location.id).notices[0].put_off is not None


@pytest.mark.parametrize("mailing", [True, False])
def test_a_notice_asks_for_an_answer_in_time_to_come(mailing: bool) -> None:
    place = Place(mailing=mailing)
    place.hosts[URL] = there
    asked: list[datetime | None] = []
    due = NoticeWriter(lambda _case: None, place.plan)._due  # type: ignore[arg-type, return-value] # only for times

    def write(case: Case, location: Location, notice: Notice) -> Written:
        asked.append(due(notice))
        return place.write(case, location, notice)

    place.takedown._write = write
    place.fails = [OURS, OURS]
    location = place.begun()
    place.run(3 * DAY)
    if mailing:
        assert asked[:3] == [START + DAY] * 3  # a retry says the same
        return
    notice = place.store.get(location.id).notices[0]
    sent = place.takedown.sent_by_hand(SENIOR, location.id, notice.id).notices[0]
    assert asked[-1] == sent.due == START + 4 * DAY


def found_by(place: Place, known: Callable[[datetime], tuple[Contact, ...]], flaws: tuple[str, ...]) -> None:
    """Directories know so much at a time; where that is not everybody, there are these flaws."""

    def find(url: str) -> Contacts:
        place.finds += 1
        contacts = known(place.clock.moment)
        return Contacts(url, place.clock.moment, contacts, flaws=flaws if contacts != EVERYBODY else ())

    place.find = find  # type: ignore[method-assign]


def few(before: timedelta) -> Callable[[datetime], tuple[Contact, ...]]:
    return lambda at: (EVERYBODY[0], EVERYBODY[4]) if at < START + before else EVERYBODY


def test_a_directory_that_is_away_for_a_moment_skips_no_step(place: Place) -> None:
    found_by(place, few(DAY + 30 * MINUTE), ("RDAP: no answer",))
    place.begun()
    place.run(20 * DAY)
    assert place.finds < 10
    assert place.scopes[:2] == [ALL[0], ("host", DAY + PAUSE)]
    assert [scope for scope, _ in place.scopes] == [scope for scope, _ in ALL]


@pytest.mark.parametrize("flaws", [("RDAP: no answer",), ()])
def test_who_was_not_known_in_their_turn_is_told_once_they_are(place: Place, flaws: tuple[str, ...]) -> None:
    found_by(place, few(2 * DAY), flaws)
    place.begun()
    place.run(60 * DAY)
    assert [scope for scope, _ in place.scopes] == ["site", "hotline", "host", "upstream", "registrar"]
    waited = (FINDS - 2) * PAUSE if flaws else 0 * HOUR
    assert place.scopes[1] == ("hotline", DAY + waited)


def test_a_preview_names_who_is_really_told_next(place: Place) -> None:
    place.contacts = tuple(
        replace(one, email="one@abuse.example") if one.scope in {Scope.SITE, Scope.HOST} else one for one in EVERYBODY
    )
    named: list[Scope] = []

    def write(case: Case, location: Location, notice: Notice) -> Written:
        named.append(notice.contact.scope)
        return place.write(case, location, notice)

    location = place.begun()
    place.run(2 * HOUR)
    place.takedown._write = write
    place.takedown.preview(location.id)
    place.run(DAY)
    assert named == [Scope.UPSTREAM, Scope.UPSTREAM]


def test_a_preview_says_the_same_for_as_long_as_one_reads(place: Place) -> None:
    location = place.takedown.add(SENIOR, place.case, "item-1", URL)
    due = NoticeWriter(lambda _case: None, place.plan)._due  # type: ignore[arg-type, return-value] # only for times
    place.takedown._write = lambda _case, _location, notice: Written("notice", str(due(notice)))
    first = place.takedown.preview(location.id)
    place.clock.moment += 50 * MINUTE
    assert place.takedown.preview(location.id) == first


# Rows that lie, and places that are led to


def test_a_row_that_the_log_does_not_vouch_for_sends_nothing(place: Place) -> None:
    location = place.takedown.add(SENIOR, place.case, "item-1", URL)
    place.store.kept[location.id] = replace(location, begun=START, next_look=START)
    place.run(3 * DAY)
    assert place.mails == []
    assert AlarmKind.UNVOUCHED in kinds(place)
    place.takedown.close(SENIOR, location.id, "what is this")
    place.takedown.begin(SENIOR, location.id)
    assert AlarmKind.UNVOUCHED not in kinds(place)
    place.run(4 * DAY)
    assert len(place.mails) > 0


def test_a_notice_whose_row_names_another_recipient_goes_to_nobody(place: Place) -> None:
    place.fails = [MailDownError(to="x", cause="down") for _ in range(100)]
    location = place.begun()
    place.run(HOUR)
    kept = place.store.get(location.id)
    (notice,) = kept.notices
    stranger = replace(notice.contact, email="stranger@elsewhere.example")
    place.store.kept[location.id] = replace(kept, notices=(replace(notice, contact=stranger),))
    place.fails = []
    place.run(2 * DAY)
    assert place.mails == []
    assert AlarmKind.UNVOUCHED in kinds(place)
    kept = place.store.get(location.id)
    place.store.kept[location.id] = replace(kept, notices=(replace(kept.notices[0], contact=notice.contact),))
    place.run(3 * DAY)
    assert [letter.to for _, letter in place.mails][:1] == [notice.contact.email]
    assert AlarmKind.UNVOUCHED not in kinds(place)


def test_who_can_act_is_looked_up_anew_where_the_row_names_whom_no_look_up_named(place: Place) -> None:
    location = place.takedown.add(SENIOR, place.case, "item-1", URL)
    stranger = replace(EVERYBODY[0], email="stranger@elsewhere.example")
    place.store.kept[location.id] = replace(location, contacts=Contacts(URL, START, (stranger,)))
    place.takedown.begin(SENIOR, location.id)
    place.run(3 * DAY)
    told = {letter.to for _, letter in place.mails}
    assert told
    assert told <= {one.email for one in EVERYBODY}


def test_whom_a_look_up_named_is_in_the_log_once(place: Place) -> None:
    place.begun()
    place.run(30 * DAY)
    found = [one.event.body for one in place.cases.events(place.case)]
    (named,) = (body for body in found if isinstance(body, ContactsFound))
    assert (named.url, set(named.to)) == (URL, {one.email for one in EVERYBODY if one.email})


def test_what_the_log_says_of_a_row(place: Place) -> None:
    place.hosts |= {ELSEWHERE: there, URL: lambda _at: (200, ITEM, ELSEWHERE)}
    first = place.begun()
    place.run(HOUR)
    led = next(one for one in place.store.all() if one.url == ELSEWHERE)
    case = place.cases.case(place.case)
    back = place.takedown.came_back("item-1", "https://back.example/")
    assert back is not None
    assert back.found_as

    def log() -> Begun:
        return begun(place.cases, case)

    going = {one.id: log().vouches(one) for one in (first, led, back)}
    assert going == {first.id: True, led.id: True, back.id: False}
    assert not log().vouches(replace(first, url="https://innocent.example/"))
    assert not log().vouches(replace(first, id="unknown"))
    place.takedown.close(SENIOR, first.id, "enough")
    assert not log().vouches(first)
    assert log().vouches(led)  # it goes on
    place.takedown.close(SENIOR, led.id, "enough")
    assert not log().vouches(led)


@pytest.mark.parametrize("state", ["never begun", "closed"])
def test_what_leads_to_where_nobody_works_is_told(place: Place, state: str) -> None:
    place.hosts |= {URL: lambda _at: (200, ITEM, ELSEWHERE), ELSEWHERE: there}
    other = place.takedown.add(SENIOR, place.case, "item-1", ELSEWHERE)
    if state == "closed":
        place.takedown.begin(SENIOR, other.id)
        place.takedown.close(SENIOR, other.id, "by mistake")
    place.begun()
    place.run(HOUR)
    assert kinds(place) == [AlarmKind.ASTRAY]
    place.takedown.begin(SENIOR, other.id)
    assert kinds(place) == []


def test_each_place_that_is_followed_is_in_the_log_as_one_that_a_look_was_led_to(place: Place) -> None:
    place.hosts[URL] = lambda at: (200, ITEM, ELSEWHERE if at < START + HOUR else ELSEWHERE + "?2")
    place.hosts |= {ELSEWHERE: there, ELSEWHERE + "?2": there}
    first = place.begun()
    place.run(2 * HOUR)
    led = [one.led_to for one in place.bodies(PlaceChanged) if one.location == first.id]
    assert led == [ELSEWHERE, ELSEWHERE + "?2"]
    assert len(place.mails) == 3


# What was closed


def test_an_item_that_comes_from_where_work_was_closed_has_it_wait_for_a_person(place: Place) -> None:
    location = place.begun()
    place.run(2 * HOUR)
    place.takedown.close(SENIOR, location.id, "done")
    place.run(20 * DAY)
    back = place.takedown.came_back("item-1", URL)
    assert back is not None
    assert (back.id, back.closed, back.begun, back.vouched) == (location.id, "", None, None)
    assert [(one.kind, one.at) for one in place.takedown.overdue()] == [(AlarmKind.RETURNED, START + 20 * DAY)]
    assert place.bodies(Located)[-1] == Located(location.id, "item-1", URL)
    assert place.takedown.due() == []
    place.run(21 * DAY)
    assert len(place.mails) == 1
    place.takedown.begin(SENIOR, location.id)
    place.run(21 * DAY + HOUR)
    assert [scope for scope, _ in place.scopes] == ["site", "site"]


def test_what_is_no_abuse_stays_closed_whatever_comes_from_there(place: Place) -> None:
    location = place.begun()
    place.run(HOUR)
    place.say(place.case, AppealOpened("a1", "look again"), who=SENIOR)
    place.say(place.case, Proposed(Grave.OVERTURN, "why", NO_ABUSE), who=SENIOR)
    second = replace(SENIOR, actor=replace(SENIOR.actor, id="8"))
    number = place.cases.case(place.case).proposals[0].number
    place.say(place.case, Approved(number), AppealDecided("a1", upheld=False), who=second)
    place.run(2 * DAY)
    assert place.takedown.came_back("item-1", URL) == place.store.get(location.id)
    assert place.store.get(location.id).closed


def test_urls_that_wait_are_counted_however_they_came(place: Place) -> None:
    locations = [place.begun(f"https://h{number}.example/") for number in range(MAX_FOLLOWED + 1)]
    for one in locations[:-1]:
        place.takedown.close(SENIOR, one.id, "done")
        assert place.takedown.came_back("item-1", one.url) is not None
    assert place.takedown.came_back("item-1", URL) is None


# Cases


def merge(place: Place, small: str, big: str) -> None:
    case = place.cases.case(small)
    place.say(small, Merged(big))
    place.say(big, absorbed(case))


@pytest.mark.parametrize("twin", ["never begun", "closed"])
def test_a_merge_ends_no_takedown_for_a_url_that_nobody_works_on(place: Place, twin: str) -> None:
    place.fails = [OURS]
    running = place.begun()
    place.run(2 * HOUR)
    big = place.opened("case-2", "item-2", family="family-2")
    other = place.takedown.add(SENIOR, big, "item-2", URL)
    if twin == "closed":
        place.takedown.begin(SENIOR, other.id)
        place.takedown.close(SENIOR, other.id, "mistake")
    merge(place, place.case, big)
    place.run(20 * DAY)
    gone_on, ended = place.store.get(other.id), place.store.get(running.id)
    assert (gone_on.closed, gone_on.case, gone_on.item, gone_on.begun) == ("", big, "item-1", START)
    assert [one.contact.scope for one in gone_on.notices] == list(Scope)
    assert {one.location for one in gone_on.notices} == {other.id}
    assert [scope for scope, _ in place.scopes] == [scope for scope, _ in ALL]
    assert (ended.notices, ended.next_look) == ((), None)
    assert place.bodies(Located, big)[-1] == Located(other.id, "item-1", URL, running.id)
    assert place.bodies(LocationClosed)[-1] == LocationClosed(running.id, ended.closed)
    assert other.id in ended.closed
    assert kinds(place) == [AlarmKind.EXHAUSTED]


def test_what_a_person_does_about_a_merged_location_is_done_to_what_goes_on(place: Place) -> None:
    running = place.begun()
    place.run(2 * HOUR)
    notice = place.store.get(running.id).notices[0]
    big = place.opened("case-2", "item-2", family="family-2")
    other = place.takedown.add(SENIOR, big, "item-2", URL)
    merge(place, place.case, big)
    after = place.takedown.answer(SENIOR, running.id, notice.id, NoticeState.REFUSED)
    assert (after.id, after.notices[0].state) == (other.id, NoticeState.REFUSED)


@pytest.mark.parametrize("joined", [True, False])
def test_who_is_told_next_is_said_of_the_location_that_goes_on(place: Place, joined: bool) -> None:
    running = place.begun()
    place.run(2 * HOUR)  # the site was told
    big = place.opened("case-2", "item-2", family="family-2")
    other = place.takedown.add(SENIOR, big, "item-2", URL)
    merge(place, place.case, big)
    if joined:
        place.run(9 * HOUR)
        assert place.store.get(running.id).notices == ()
    kept = dict(place.store.kept)
    for one in (running, other):
        if joined or one == running:
            upcoming = place.takedown.preview(one.id)
            assert upcoming is not None
            assert upcoming[0].scope is Scope.HOST
            assert f"case-2 {URL}" in upcoming[1].text
            assert place.takedown.get(one.id).id == other.id
    assert place.store.kept == kept  # it only reads
    found = place.takedown.contacts(SENIOR, running.id)
    assert (found.id, found.contacts) == (other.id, place.find(URL))
    assert place.store.get(running.id).closed


def test_of_two_that_run_the_one_in_the_case_that_stays_goes_on(place: Place) -> None:
    running = place.begun()
    big = place.opened("case-2", "item-2", family="family-2")
    other = place.takedown.begin(SENIOR, place.takedown.add(SENIOR, big, "item-2", URL).id)
    merge(place, place.case, big)
    place.run(DAY)
    assert other.id in place.store.get(running.id).closed
    assert place.store.get(other.id).found_as == ""


def second(place: Place, **more: Any) -> tuple[str, Location]:
    """A second case with the same URL, whose takedown has begun."""
    big = place.opened("case-2", "item-2", family="family-2")
    return big, place.takedown.begin(SENIOR, place.takedown.add(SENIOR, big, "item-2", URL).id, **more)


@pytest.mark.parametrize("days", [13, 300])
def test_what_is_there_goes_on_though_the_other_case_had_found_it_gone(place: Place, days: int) -> None:
    place.hosts[URL] = until((30 * MINUTE, GONE), ((days - 1) * DAY, (200, ITEM)))
    big, other = second(place)
    place.run((days - 1) * DAY - HOUR)
    assert place.store.get(other.id).gone is not None
    place.clock.moment = START + days * DAY
    running = place.begun()
    place.takedown.advance(running.id)
    merge(place, place.case, big)
    told = len(place.mails)
    place.run((days + 12) * DAY)
    after = place.store.get(other.id)
    assert (after.gone, after.begun) == (None, START)
    assert len(after.past) == 1
    assert [one.to for _, one in place.mails[told:]] == [f"{scope}@abuse.example" for scope in list(Scope)[1:]]


def test_whom_either_of_two_told_is_not_told_again(place: Place) -> None:
    running = place.begun()
    place.run(HOUR)
    big, other = second(place)
    merge(place, place.case, big)
    place.clock.moment = START + DAY
    place.takedown.advance(other.id)  # first that of the case that stays, which knows of no notice yet
    place.run(10 * DAY)
    assert [scope for scope, _ in place.scopes] == [scope for scope, _ in ALL]
    assert {one.location for one in place.store.get(other.id).notices} == {other.id}
    assert place.store.get(running.id).notices == ()


def test_a_persons_word_outlives_a_merge(place: Place) -> None:
    place.hosts[URL] = lambda _at: (200, PAGE)
    big, other = second(place)
    place.begun(vouched=True)
    place.run(3 * HOUR)
    merge(place, place.case, big)
    place.run(20 * DAY)
    assert place.store.get(other.id).vouched == START
    assert [scope for scope, _ in place.scopes] == [scope for scope, _ in ALL]


@pytest.mark.parametrize("vouched", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_what_is_begun_at_the_location_of_a_merged_case_begins(place: Place, vouched: bool, closed: bool) -> None:
    place.hosts[URL] = lambda _at: (200, PAGE if vouched else ITEM)
    running = place.begun()
    if closed:
        place.takedown.close(SENIOR, running.id, "mistake")
        big, now = place.opened("case-2", "item-2", family="family-2"), running.id
    else:
        big, other = second(place)
        now = other.id
    merge(place, place.case, big)
    begun = place.takedown.begin(SENIOR, running.id, vouched=vouched)
    assert (begun.id, begun.case, begun.closed) == (now, big, "")
    place.run(HOUR)
    assert [scope for scope, _ in place.scopes] == ["site"]
    assert place.takedown.close(SENIOR, running.id, "done").id == now


def test_a_takedown_killed_anywhere_in_a_merge_tells_nobody_twice() -> None:
    class KilledError(BaseException):
        """As kill -9: no handler of errors sees it."""

    for at in range(1, 40, 3):
        place, left = Place(), [at]
        place.hosts[URL] = there
        running = place.begun()
        place.run(2 * HOUR)
        big, other = second(place)
        merge(place, place.case, big)
        place.clock.moment = START + DAY

        def dying(port: Any, left: list[int] = left) -> Any:
            class Dying:
                def __getattr__(self, name: str) -> Any:
                    left[0] -= name != "transaction"
                    if left[0] == 0:
                        raise KilledError
                    return getattr(port, name)

                def __call__(self, *args: Any) -> Any:
                    return port(*args)

            return Dying()

        with suppress(KilledError):
            place.made(dying).advance(running.id)
        place.run(20 * DAY)
        names = {letter.to: letter.id for _, letter in place.mails}
        assert {letter.id for _, letter in place.mails} == set(names.values())
        assert len(names) == len(Scope)
        assert [one.id for one in place.store.kept.values() if not one.closed] == [other.id]


# What came back before anybody looked


@pytest.mark.parametrize("days", [10, 300])
def test_one_look_after_an_arrival_confirms_no_removal_of_before(place: Place, days: int) -> None:
    place.hosts[URL] = until((30 * MINUTE, GONE))
    location = place.begun()
    place.run(5 * HOUR)
    place.takedown.close(SENIOR, location.id, "done")
    place.run(days * DAY)
    back = place.takedown.came_back("item-1", URL)
    assert back is not None
    assert (back.place, back.last_look) == (At.UNCHECKED, None)
    place.takedown.begin(SENIOR, location.id)
    place.takedown.advance(location.id)
    assert place.store.get(location.id).gone is None
    place.run(days * DAY + 2 * HOUR)
    assert place.store.get(location.id).gone == START + days * DAY


def test_a_person_says_of_no_time_before_an_arrival_that_it_was_gone(place: Place) -> None:
    place.hosts[URL] = until((30 * MINUTE, GONE), (9 * DAY, None))
    location = place.begun()
    place.run(5 * HOUR)
    place.takedown.close(SENIOR, location.id, "done")
    place.run(10 * DAY)
    place.takedown.came_back("item-1", URL)
    place.takedown.begin(SENIOR, location.id)
    with pytest.raises(NotNowError):
        place.takedown.confirm_gone(SENIOR, location.id, "nobody has looked since")
    place.takedown.advance(location.id)
    assert place.takedown.confirm_gone(SENIOR, location.id, "seen it").gone == START + 10 * DAY


# Mail


def test_a_notice_waits_for_people_once_the_mail_server_is_taken_away(place: Place) -> None:
    place.fails = [OURS]
    location = place.begun()
    place.takedown.advance(location.id)
    place.mailing = False
    place.run(2 * DAY, place.made())
    assert [one.state for one in place.store.get(location.id).notices] == [NoticeState.WAITING]
    assert kinds(place) == [AlarmKind.BY_HAND]


def test_time_in_which_nothing_is_tried_does_not_count_against_a_mailbox(place: Place) -> None:
    place.fails = [THEIRS, THEIRS]
    location = place.begun()
    place.takedown.advance(location.id)
    place.say(place.case, AppealOpened("a1", "why"))
    place.run(3 * DAY)
    place.say(place.case, AppealDecided("a1", upheld=True), who=SENIOR)
    place.run(5 * DAY)
    assert place.store.get(location.id).notices[0].state is not NoticeState.FAILED
    assert place.scopes[0][0] == "site"


@pytest.mark.parametrize("sure", [True, False])
def test_words_of_what_nobody_can_have_count_from_the_next_try(place: Place, sure: bool) -> None:
    place.fails = [MailDownError(to="site", cause="down", **({"unsent": True} if sure else {})) for _ in range(30)]
    location = place.begun()
    place.run(2 * DAY)
    notice = place.store.get(location.id).notices[0]
    assert notice.sent is not None
    assert notice.sent > START + DAY
    assert notice.written == (notice.sent if sure else START)


def test_a_look_of_a_clock_that_was_ahead_keeps_nobody_from_looking(place: Place) -> None:
    location = place.begun()
    place.clock.moment = START + 365 * DAY
    place.takedown.advance(location.id)
    place.clock.moment = START + HOUR
    place.takedown.add(SENIOR, place.case, "item-1", URL)
    place.takedown.advance(location.id)  # it may be this clock that is wrong
    place.clock.moment += 10 * MINUTE
    place.takedown.advance(location.id)
    assert place.looks[-1][0] == START + HOUR + 10 * MINUTE


def test_duties_alarm_also_where_no_url_is_known(place: Place) -> None:
    place.say(place.case, DutyArose(duty()))
    assert kinds(place, 36 * HOUR) == [AlarmKind.SOON]
    assert kinds(place, 5 * DAY) == [AlarmKind.LATE]


# Many


def test_one_host_with_many_urls_keeps_no_other_waiting(place: Place) -> None:
    location = place.begun()
    place.run(0 * HOUR)
    base = place.store.get(location.id)
    for number in range(600):
        one = replace(base, id=f"z{number:05}", url=f"https://dump.example/{number}", next_look=START - HOUR)
        place.store.kept[one.id] = replace(one, last_look=None, notices=(), looks=())
    place.clock.moment = START + 2 * DAY
    assert place.takedown.due(50) == ["z00000", location.id]
