"""Takedown over stores in memory: each host, each answer, each state of the case, and kills at every point."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO

import pytest

from safelight.case.fold import absorbed
from safelight.flow import takedown_steps
from safelight.flow.takedown import MAX_OF_HOST
from safelight.flow.takedown_steps import MAX_CHAIN, MAX_FOLLOWED, MAX_MOVES
from safelight.model.access import SYSTEM
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Case,
    Decided,
    DutyArose,
    DutyMet,
    Grave,
    ItemAdded,
    Located,
    LocationClosed,
    Merged,
    Noted,
    NoticeAnswered,
    NoticeSent,
    PlaceChanged,
    Proposed,
    TakedownBegun,
)
from safelight.model.decision import Outcome
from safelight.model.errors import (
    FetchError,
    ForbiddenError,
    MailDownError,
    MailRefusedError,
    NotNowError,
    TransitionError,
    UsageError,
)
from safelight.model.law import Coverage, Duty, DutyKind
from safelight.model.notice import Written
from safelight.model.service import Item, ItemState
from safelight.model.takedown import AlarmKind, Contact, Judged, Location, Notice, NoticeState, Scope
from safelight.model.takedown import Place as At
from tests.flow.takedown_place import (
    ALTERED,
    CONFIRMED,
    DAY,
    EVERYBODY,
    HOUR,
    ITEM,
    MACHINE,
    MINUTE,
    NO_ABUSE,
    OTHER,
    PAGE,
    SENIOR,
    START,
    URL,
    Place,
    shortened,
    there,
    until,
)

GONE = (404, b"")
ALL = [("site", 0 * HOUR), ("host", DAY), ("upstream", 2 * DAY), ("registrar", 4 * DAY), ("hotline", 6 * DAY)]
ELSEWHERE = "https://other.example/b.jpg"


def duty(kind: DutyKind = DutyKind.REMOVE, due: datetime | None = START + 2 * DAY) -> Duty:
    return Duty(
        *("duty-1", "us", "us-take-it-down", kind, "remove", "host", START, due, "48 hours", "basis", "source"),
        as_of=str(date(2026, 1, 1)),
        drives=True,
        covered=Coverage.YES,
    )


@pytest.fixture
def place() -> Place:
    made = Place()
    made.hosts[URL] = there
    return made


# Adding and beginning


def test_nothing_happens_before_a_person_begins(place: Place) -> None:
    location = place.takedown.add(SENIOR, place.case, "item-1", URL)
    place.run(3 * DAY)
    place.takedown.advance(location.id)
    assert (place.mails, place.looks, place.takedown.due()) == ([], [], [])
    assert place.bodies(Located) == [Located(location.id, "item-1", URL)]


def test_who_may_not_learns_nothing(place: Place) -> None:
    acts: tuple[Callable[[], object], ...] = (
        lambda: place.takedown.add(MACHINE, "no case", "no item", URL),
        lambda: place.takedown.begin(MACHINE, "nowhere"),
        lambda: place.takedown.contacts(MACHINE, "nowhere"),
        lambda: place.takedown.answer(MACHINE, "nowhere", "n", NoticeState.REFUSED),
        lambda: place.takedown.sent_by_hand(MACHINE, "nowhere", "n"),
        lambda: place.takedown.close(MACHINE, "nowhere", "done"),
    )
    for act in acts:
        with pytest.raises(ForbiddenError):
            act()


def test_only_a_case_that_is_decided_as_abuse_is_begun(place: Place) -> None:
    for name, finding in (("case-2", None), ("case-3", NO_ABUSE)):
        place.opened(name, f"item of {name}", finding, family=name)
        location = place.takedown.add(SENIOR, name, f"item of {name}", URL)
        with pytest.raises(TransitionError):
            place.takedown.begin(SENIOR, location.id)
        assert place.store.get(location.id).begun is None


def test_a_case_has_a_url_once(place: Place) -> None:
    first = place.takedown.add(SENIOR, place.case, "item-1", URL)
    assert place.takedown.add(SENIOR, place.case, "item-1", URL) == first
    assert len(place.bodies(Located)) == 1
    with pytest.raises(TransitionError):
        place.takedown.add(SENIOR, place.case, "item-9", ELSEWHERE)
    with pytest.raises(UsageError):
        place.takedown.add(SENIOR, place.case, "item-1", "javascript:alert(1)")


# Hosts


def test_everybody_is_asked_in_turn_each_on_the_clock(place: Place) -> None:
    location = place.begun()
    place.run(30 * DAY)
    assert place.scopes == ALL
    found = place.store.get(location.id)
    assert [notice.state for notice in found.notices] == [NoticeState.SILENT] * 5
    assert found.notices[-1].due == START + 9 * DAY
    assert (found.place, found.gone) == (At.PRESENT, None)
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.EXHAUSTED]
    assert found.next_look is not None  # it is looked at for as long as it is there
    assert len(place.bodies(PlaceChanged)) == 1
    assert place.bodies(TakedownBegun) == [TakedownBegun(location.id)]


def test_each_notice_follows_a_look_at_the_same_moment(place: Place) -> None:
    place.begun()
    place.run(10 * DAY)
    assert {at for at, _ in place.mails} <= {at for at, _ in place.looks}


def test_removal_counts_once_a_second_look_confirms_it(place: Place) -> None:
    place.hosts[URL] = until((5 * HOUR, GONE))
    location = place.begun()
    place.run(6 * HOUR + 59 * MINUTE)
    once = place.store.get(location.id)
    assert (once.place, once.gone) == (At.GONE, None)
    place.run(7 * HOUR)
    assert place.store.get(location.id).gone == START + 6 * HOUR
    place.run(300 * DAY)
    watched = [at - START - 6 * HOUR for at, _ in place.looks if at > START + 7 * HOUR]
    assert watched == [days * DAY for days in (1, 4, 11, 25, 55, 115, 205)]
    assert place.store.get(location.id).next_look is None
    assert len(place.mails) == 1


def test_a_host_that_flaps_has_removed_nothing(place: Place) -> None:
    place.hosts[URL] = until((2 * HOUR, GONE), (2 * HOUR + 30 * MINUTE, (200, ITEM)))
    location = place.begun()
    place.run(2 * DAY)
    found = place.store.get(location.id)
    assert [look.place for look in found.looks] == [At.PRESENT, At.GONE, At.PRESENT]
    assert (found.gone, found.returned) == (None, 0)
    assert place.scopes == ALL[:3]


def test_what_comes_back_starts_the_plan_anew(place: Place) -> None:
    place.hosts[URL] = until((5 * HOUR, GONE), (3 * DAY, (200, ALTERED)))
    location = place.begun()
    place.run(6 * DAY)
    found = place.store.get(location.id)
    back = 6 * HOUR + 4 * DAY
    assert place.scopes == [ALL[0], ("site", back), ("host", back + DAY)]
    assert (found.place, found.returned, found.past) == (At.ALTERED, 1, (START + 6 * HOUR,))
    assert "again after 2026-03-01" in place.mails[1][1].text
    assert [(one.kind, one.at) for one in place.takedown.overdue()] == [(AlarmKind.RETURNED, START + back)]
    assert [(body.place, body.kind) for body in place.bodies(PlaceChanged)][-1] == (At.ALTERED, "derivative")


def test_no_answer_is_no_removal(place: Place) -> None:
    place.hosts[URL] = until((HOUR, None))
    location = place.begun()
    place.run(60 * DAY)
    assert place.store.get(location.id).gone is None
    assert place.scopes == ALL  # it was seen there, and nothing since says that it is gone


@pytest.mark.parametrize("answer", [None, (451, b""), (403, b""), (500, b""), (200, b""), (200, b"broken"), (429, b"")])
def test_what_never_answered_us_is_asked_about_only_if_a_person_vouches(
    place: Place, answer: tuple[int, bytes] | None
) -> None:
    place.hosts[URL] = lambda _at: answer
    location = place.begun()
    place.run(10 * DAY)
    assert place.mails == []
    found = place.store.get(location.id)
    assert found.place is (At.BARRED if answer and answer[0] in {451, 403} else At.SILENT)
    place.takedown.begin(SENIOR, location.id, vouched=True)
    place.run(11 * DAY + HOUR)
    assert place.scopes == [("site", 10 * DAY), ("host", 11 * DAY)]
    assert place.store.get(location.id).gone is None


@pytest.mark.parametrize("then", [(403, b""), None, (500, b"")])
def test_one_404_does_not_stall_a_takedown(place: Place, then: tuple[int, bytes] | None) -> None:
    place.hosts[URL] = until((2 * HOUR, GONE), (3 * HOUR - MINUTE, then))
    location = place.begun()
    place.run(30 * DAY)
    found = place.store.get(location.id)
    assert found.gone is None
    assert [scope for scope, _ in place.scopes] == [scope for scope, _ in ALL]
    alarm = place.takedown.overdue(START + 4 * DAY)[0]
    assert (alarm.kind, alarm.at) == (AlarmKind.UNSETTLED, START + 2 * HOUR)
    place.takedown.confirm_gone(SENIOR, location.id, "seen from elsewhere")
    assert place.store.get(location.id).gone == START + 2 * HOUR


def test_a_removal_is_confirmed_across_looks_that_say_nothing(place: Place) -> None:
    answers: list[tuple[int, bytes] | None] = []

    def alternating(at: datetime) -> tuple[int, bytes] | None:
        if at < START + 2 * HOUR:
            return 200, ITEM
        answers.append(None if len(answers) % 2 else GONE)
        return answers[-1]

    place.hosts[URL] = alternating
    location = place.begun()
    place.run(DAY)
    found = place.store.get(location.id)
    assert [look.place for look in found.looks] == [At.PRESENT, At.GONE, At.SILENT, At.GONE]
    assert found.gone == START + 2 * HOUR
    assert place.scopes == ALL[:1]


def test_a_page_in_place_of_the_file_is_for_a_person(place: Place) -> None:
    place.hosts[URL] = until((2 * HOUR, (200, PAGE)))
    location = place.begun()
    place.run(5 * DAY)
    found = place.store.get(location.id)
    assert (found.place, found.gone) == (At.UNCLEAR, None)
    assert place.scopes == ALL[:1]  # nobody is told of what nobody has looked at
    assert [(one.kind, one.at) for one in place.takedown.overdue()] == [(AlarmKind.UNCLEAR, START + 2 * HOUR)]
    place.takedown.begin(SENIOR, location.id, vouched=True)  # the page shows it
    place.run(8 * DAY)
    assert [scope for scope, _ in place.scopes] == ["site", "host", "upstream", "registrar"][: len(place.mails)]
    assert len(place.mails) > 2


def test_what_a_person_vouched_for_before_is_not_the_page(place: Place) -> None:
    place.hosts[URL] = until((2 * HOUR, (200, PAGE)))
    location = place.begun(vouched=True)
    place.run(5 * DAY)
    assert place.store.get(location.id).vouched is None
    assert place.scopes == ALL[:1]


def test_a_person_confirms_that_a_page_says_that_it_was_removed(place: Place) -> None:
    place.hosts[URL] = until((2 * HOUR, (200, PAGE)), (20 * DAY, (200, ITEM)))
    location = place.begun()
    for name in ("nothing looked at", "still there"):
        with pytest.raises(NotNowError):
            place.takedown.confirm_gone(SENIOR, location.id, name)
        place.run(HOUR)
    place.run(2 * DAY)
    with pytest.raises(NotNowError):
        place.takedown.confirm_gone(SENIOR, location.id, " ")
    with pytest.raises(ForbiddenError):
        place.takedown.confirm_gone(MACHINE, "nowhere", "why")
    place.takedown.confirm_gone(SENIOR, location.id, "the page says so")
    found = place.store.get(location.id)
    assert (found.place, found.gone) == (At.GONE, START + 2 * HOUR)
    assert place.takedown.overdue() == ()
    (event,) = [one.event for one in place.cases.events(place.case) if isinstance(one.event.body, Noted)]
    assert event.actor == SENIOR.actor
    assert "the page says so" in place.bodies(Noted)[0].text
    assert place.bodies(PlaceChanged)[-1] == PlaceChanged(location.id, At.GONE)
    with pytest.raises(NotNowError):
        place.takedown.confirm_gone(SENIOR, location.id, "again")
    place.run(30 * DAY)
    assert place.store.get(location.id).returned == 1  # it was watched
    assert [scope for scope, _ in place.scopes][:2] == ["site", "site"]


@pytest.mark.parametrize("status", [404, 410])
def test_not_found_with_the_file_beneath_is_there(place: Place, status: int) -> None:
    place.hosts[URL] = until((2 * HOUR, (status, ITEM)), (30 * HOUR, (status, ALTERED)), (3 * DAY, (status, OTHER)))
    location = place.begun()
    place.run(DAY)
    assert place.store.get(location.id).place is At.PRESENT
    place.run(2 * DAY)
    assert place.store.get(location.id).place is At.ALTERED
    place.run(5 * DAY)
    assert place.store.get(location.id).gone is not None


def test_a_host_without_an_address_is_put_to_a_person(place: Place) -> None:
    def vanishes(at: datetime) -> tuple[int, bytes]:
        if at < START + 30 * HOUR:
            return 200, ITEM
        raise FetchError(cause="its host is not known", no_host=True)

    place.hosts[URL] = vanishes
    location = place.begun()
    place.run(8 * DAY)
    assert AlarmKind.NO_HOST not in [one.kind for one in place.takedown.overdue()]
    place.run(10 * DAY)
    alarm = place.takedown.overdue()[0]
    assert alarm.kind is AlarmKind.NO_HOST
    place.takedown.confirm_gone(SENIOR, location.id, "the domain is gone")
    found = place.store.get(location.id)
    assert found.gone == alarm.at == next(look.at for look in found.looks if look.place is At.SILENT)
    assert place.takedown.overdue() == ()


def test_one_answer_of_another_kind_begins_the_week_without_an_address_anew(place: Place) -> None:
    def host(at: datetime) -> tuple[int, bytes] | None:
        if at < START + 30 * HOUR:
            return 200, ITEM
        if START + 5 * DAY < at < START + 6 * DAY + HOUR:
            return None  # it is known, and does not answer
        raise FetchError(cause="its host is not known", no_host=True)

    place.hosts[URL] = host
    place.begun()
    place.run(12 * DAY)
    assert AlarmKind.NO_HOST not in [one.kind for one in place.takedown.overdue()]
    place.run(15 * DAY)
    assert AlarmKind.NO_HOST in [one.kind for one in place.takedown.overdue()]


def test_two_cases_with_one_url_have_one_open_notice(place: Place) -> None:
    place.opened("case-2", "item-2", family="two")
    place.begun()
    other = place.takedown.add(SENIOR, "case-2", "item-2", URL)
    place.takedown.begin(SENIOR, other.id)
    place.run(20 * DAY)
    told = sorted((notice.contact.scope, notice.sent) for one in place.store.all() for notice in one.notices)
    assert len(told) == 10  # each of the five is told of both cases in the end
    for scope in Scope:
        first, second = (at for one, at in told if one is scope)
        assert first is not None
        assert second is not None
        assert second - first >= next(step.wait for step in place.plan.steps if step.scope is scope)


def test_chains_of_places_are_followed_to_an_end_and_people_are_told(place: Place) -> None:
    def leading(number: int) -> Callable[[datetime], tuple[int, bytes, str]]:
        return lambda _at: (200, ITEM, f"https://h{number + 1}.example/")

    place.hosts |= {f"https://h{number}.example/": leading(number) for number in range(20)}
    place.begun("https://h0.example/")
    place.run(3 * DAY)
    assert len(place.store.all()) == 1 + MAX_CHAIN
    last = max(place.store.all(), key=lambda one: one.followed)
    assert [(one.kind, one.location) for one in place.takedown.overdue()] == [(AlarmKind.ASTRAY, last.id)]


def test_a_case_follows_so_many_places(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takedown_steps, "MAX_FOLLOWED", 12)
    urls = [f"https://h{number}.example/" for number in range(17)]
    for number, url in enumerate(urls):
        place.hosts[url] = lambda _at, number=number: (200, ITEM, f"https://to{number}.example/")  # type: ignore[misc]
        place.hosts[f"https://to{number}.example/"] = there
        place.begun(url)
    place.run(DAY)
    assert sum(one.followed > 0 for one in place.store.all(limit=500)) == 12
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.ASTRAY] * 5


def test_notices_wait_for_no_other_url_of_their_host(place: Place) -> None:
    urls = [f"https://images.example/{number}" for number in range(30)]
    place.hosts |= dict.fromkeys(urls, there)
    place.fails = [MailDownError(to="site", cause="451")] * 30
    for url in urls:
        place.begun(url)
        place.clock.moment += MINUTE
        for location in place.takedown.due():
            place.takedown.advance(location)
    place.clock.moment = START + 5 * HOUR
    for location in place.takedown.due():
        place.takedown.advance(location)
    assert len({letter.id for _, letter in place.mails}) == 30


def test_something_else_is_a_removal_only_where_it_was_seen_before(place: Place) -> None:
    page = "https://images.example/page"
    place.hosts |= {page: lambda _at: (200, OTHER), URL: until((5 * HOUR, (200, OTHER)))}
    seen, unseen = place.begun(), place.begun(page)
    place.run(10 * DAY)
    assert place.store.get(seen.id).gone == START + 6 * HOUR
    assert place.store.get(unseen.id).gone is None
    assert len(place.mails) == 1
    place.takedown.begin(SENIOR, unseen.id, vouched=True)
    place.run(10 * DAY + HOUR)
    assert len(place.mails) == 2


def test_where_it_leads_is_worked_on_too(place: Place) -> None:
    place.hosts[ELSEWHERE] = until((2 * DAY, GONE))

    def moved(at: datetime) -> tuple[int, bytes] | tuple[int, bytes, str]:
        return (200, ITEM) if at < START + HOUR else (*place.hosts[ELSEWHERE](at), ELSEWHERE)[:3]  # type: ignore[misc]

    place.hosts[URL] = moved
    first = place.begun()
    place.run(DAY)
    (second,) = [one for one in place.store.of_case(place.case) if one.url == ELSEWHERE]
    assert (second.found_as, second.begun) == (first.id, START + HOUR)
    assert place.store.get(first.id).place is At.MOVED
    place.run(5 * DAY)
    assert all(one.gone for one in place.store.of_case(place.case))
    assert {one.place for one in place.store.of_case(place.case)} == {At.GONE}


def test_a_host_that_leads_somewhere_else_every_time_makes_no_end_of_work(place: Place) -> None:
    place.hosts[URL] = lambda at: (200, ITEM, f"https://images.example/{at.timestamp()}")
    for hour in range(5_000):
        place.hosts[f"https://images.example/{(START + hour * HOUR).timestamp()}"] = lambda _at: GONE
    place.hosts |= {
        f"https://images.example/{(START + k * MINUTE).timestamp()}": lambda _at: GONE for k in range(5_000)
    }
    place.begun()
    for _ in range(60):
        place.clock.moment += HOUR
        location = place.store.of_case(place.case)[0]
        place.store.put(replace(location, next_look=place.clock.moment), expect=location)
        place.takedown.advance(location.id)
    assert len(place.store.all()) == 1 + MAX_MOVES


def test_one_look_at_a_host_in_a_minute(place: Place) -> None:
    urls = [f"https://images.example/{number}" for number in range(5)]
    place.hosts |= dict.fromkeys(urls, there)
    for url in urls:
        place.begun(url)
    for second in range(0, 301, 20):
        place.clock.moment = START + timedelta(seconds=second)
        for location in place.takedown.due():
            place.takedown.advance(location)
    times = [at - START for at, _ in place.looks]
    assert times == [minute * MINUTE for minute in range(5)]
    assert [at - START for at, _ in place.mails] == times


# Answers


def test_who_acknowledges_has_the_same_time_once_more(place: Place) -> None:
    location = place.begun()
    place.run(10 * HOUR)
    notice = place.store.get(location.id).notices[0].id
    place.takedown.answer(SENIOR, location.id, notice, NoticeState.ACKNOWLEDGED, "ticket 5")
    place.run(20 * HOUR)
    place.takedown.answer(SENIOR, location.id, notice, NoticeState.ACKNOWLEDGED)
    place.run(3 * DAY)
    assert place.scopes == [("site", 0 * HOUR), ("host", 34 * HOUR), ("upstream", 58 * HOUR)]
    assert place.store.get(location.id).notices[0].state is NoticeState.ACKNOWLEDGED
    assert place.bodies(NoticeAnswered)[0] == NoticeAnswered(notice, location.id, NoticeState.ACKNOWLEDGED, "ticket 5")


def test_who_refuses_is_followed_by_the_next_at_once(place: Place) -> None:
    location = place.begun()
    place.run(10 * HOUR)
    notice = place.store.get(location.id).notices[0].id
    place.takedown.answer(SENIOR, location.id, notice, NoticeState.REFUSED)
    place.run(40 * HOUR)
    assert place.scopes == [("site", 0 * HOUR), ("host", 10 * HOUR), ("upstream", 34 * HOUR)]


def test_that_it_was_removed_a_look_has_to_show(place: Place) -> None:
    location = place.begun()
    place.run(3 * HOUR)
    notice = place.store.get(location.id).notices[0].id
    place.takedown.answer(SENIOR, location.id, notice, NoticeState.REMOVED)
    place.run(3 * HOUR + MINUTE)
    assert place.looks[-1][0] == START + 3 * HOUR
    assert place.store.get(location.id).gone is None
    place.run(2 * DAY)
    assert place.scopes == ALL[:3]
    assert place.store.get(location.id).notices[0].state is NoticeState.REMOVED


@pytest.mark.parametrize("mailing", [True, False])
def test_what_a_person_says_of_a_notice_takes_no_look_away_that_is_due(mailing: bool) -> None:
    place = Place(hosts={URL: there}, mailing=mailing)
    location = place.begun()
    place.takedown.advance(location.id)
    due = place.store.get(location.id).next_look
    assert due is not None
    place.clock.moment = due + MINUTE
    [notice] = place.store.get(location.id).notices
    if mailing:
        after = place.takedown.answer(SENIOR, location.id, notice.id, NoticeState.ACKNOWLEDGED)
    else:
        after = place.takedown.sent_by_hand(SENIOR, location.id, notice.id)
    assert after.next_look == due


def test_a_late_answer_is_kept_and_changes_no_clock(place: Place) -> None:
    location = place.begun()
    place.run(30 * HOUR)
    notice = place.store.get(location.id).notices[0]
    assert notice.state is NoticeState.SILENT
    place.takedown.answer(SENIOR, location.id, notice.id, NoticeState.REFUSED, "no")
    place.run(60 * HOUR)
    assert place.scopes == ALL[:3]
    assert place.store.get(location.id).notices[0].state is NoticeState.REFUSED
    for state in (NoticeState.SENT, NoticeState.WAITING, NoticeState.SILENT):
        with pytest.raises(NotNowError):
            place.takedown.answer(SENIOR, location.id, notice.id, state)
    with pytest.raises(NotNowError):
        place.takedown.answer(SENIOR, location.id, "no such notice", NoticeState.REFUSED)


# Mail


def test_scopes_without_contact_are_passed_over_and_nobody_is_told_twice(place: Place) -> None:
    same = replace(EVERYBODY[1], scope=Scope.UPSTREAM)
    place.contacts = (EVERYBODY[1], same, EVERYBODY[4])
    place.begun()
    place.run(10 * DAY)
    assert place.scopes == [("host", 0 * HOUR), ("hotline", DAY)]


def test_a_mailbox_that_is_none_is_followed_by_the_next_of_its_scope(place: Place) -> None:
    second = Contact(Scope.SITE, "the site", "webmaster@abuse.example")
    place.contacts = (EVERYBODY[0], second, *EVERYBODY[1:])
    place.fails = [MailRefusedError(to="site", cause="550 no such user")]
    location = place.begun()
    place.run(DAY)
    assert place.scopes == [("webmaster", 0 * HOUR), ("host", DAY)]
    assert [one.state for one in place.store.get(location.id).notices][:2] == [NoticeState.FAILED, NoticeState.SILENT]
    assert place.bodies(NoticeAnswered)[0].state is NoticeState.FAILED


def test_while_mail_is_down_the_same_letter_is_tried_again(place: Place) -> None:
    place.fails = [MailDownError(to="site", cause="451")] * 3
    location = place.begun()
    place.run(3 * HOUR)
    assert place.scopes == [("site", 5 * MINUTE + 15 * MINUTE + HOUR)]
    (notice,) = place.store.get(location.id).notices
    assert (notice.tries, notice.sent) == (4, START + 80 * MINUTE)
    assert notice.due == START + 80 * MINUTE + DAY


def test_without_a_mail_server_a_person_sends() -> None:
    place = Place(mailing=False)
    place.hosts[URL] = there
    location = place.begun()
    place.run(3 * DAY)
    (notice,) = place.store.get(location.id).notices
    assert notice.state is NoticeState.WAITING
    assert [(one.kind, one.what) for one in place.takedown.overdue()] == [(AlarmKind.BY_HAND, notice.id)]
    place.takedown.sent_by_hand(SENIOR, location.id, notice.id)
    (sent,) = [one.event for one in place.cases.events(place.case) if isinstance(one.event.body, NoticeSent)]
    assert sent.actor == SENIOR.actor
    assert [body.due for body in place.bodies(NoticeSent)] == [START + 4 * DAY]
    with pytest.raises(NotNowError):
        place.takedown.sent_by_hand(SENIOR, location.id, notice.id)
    place.run(4 * DAY)
    assert [one.contact.scope for one in place.store.get(location.id).notices] == [Scope.SITE, Scope.HOST]
    assert place.mails == []


def test_a_form_for_people_waits_for_them_as_long_as_its_step(place: Place) -> None:
    place.contacts = (Contact(Scope.SITE, "the site", form="https://images.example/abuse"), EVERYBODY[1])
    location = place.begun()
    place.run(2 * DAY)
    assert place.scopes == [("host", DAY)]
    first = place.store.get(location.id).notices[0]
    assert (first.state, first.cause) == (NoticeState.FAILED, "nobody has sent it")


def test_the_rule_of_the_next_deadline_is_shown_and_shortens_nothing(place: Place) -> None:
    place.say(place.case, DutyArose(duty()))
    place.begun()
    place.run(3 * DAY)
    assert {body.basis for body in place.bodies(NoticeSent)} == {"us-take-it-down"}
    assert place.scopes == ALL[:3]


# The case


def test_no_look_meets_a_duty_for_it_is_about_our_own_copy(place: Place) -> None:
    place.say(place.case, DutyArose(duty()))
    place.hosts[URL] = until((5 * HOUR, GONE), (3 * DAY, (200, ITEM)))
    place.begun()
    place.run(2 * DAY)
    assert place.bodies(DutyMet) == []
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.LATE]  # also once the URL is gone
    place.run(8 * DAY)
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.LATE, AlarmKind.RETURNED]


def test_the_clock_of_a_duty_alarms(place: Place) -> None:
    place.say(place.case, DutyArose(duty()), DutyArose(replace(duty(due=None), id="without a time")))
    location = place.begun()
    place.run(HOUR)
    assert place.takedown.overdue(START + 35 * HOUR) == ()
    (soon,) = place.takedown.overdue(START + 36 * HOUR)
    assert (soon.kind, soon.at, soon.what, soon.case) == (AlarmKind.SOON, START + 2 * DAY, "duty-1", place.case)
    assert place.takedown.overdue(START + 49 * HOUR)[0].kind is AlarmKind.LATE
    place.takedown.close(SENIOR, location.id, "another desk has it")
    assert [one.kind for one in place.takedown.overdue(START + 49 * HOUR)] == [AlarmKind.LATE]  # a person has to say


def test_an_appeal_stops_notices_and_looks_go_on(place: Place) -> None:
    location = place.begun()
    place.run(10 * HOUR)
    place.say(place.case, AppealOpened("a1", "look again"), who=MACHINE)  # a key may
    looks = len(place.looks)
    place.run(DAY)
    assert [one.kind for one in place.takedown.overdue(START + 33 * HOUR)] == []
    place.run(3 * DAY)
    assert len(place.looks) > looks
    assert place.scopes == ALL[:1]
    assert place.store.get(location.id).notices[0].state is NoticeState.SILENT
    (alarm,) = place.takedown.overdue()
    assert (alarm.kind, alarm.at, alarm.case) == (AlarmKind.PAUSED, START + 10 * HOUR, place.case)
    place.say(place.case, AppealDecided("a1", upheld=True), who=SENIOR)
    place.run(3 * DAY + HOUR)
    assert [scope for scope, _ in place.scopes] == ["site", "host"]
    assert place.takedown.overdue() == ()


def test_a_removal_is_seen_while_an_appeal_is_open(place: Place) -> None:
    place.hosts[URL] = until((12 * HOUR, GONE))
    location = place.begun()
    place.run(10 * HOUR)
    place.say(place.case, AppealOpened("a1", "look again"), who=SENIOR)
    place.run(2 * DAY)
    gone = place.store.get(location.id).gone
    assert gone is not None
    assert START + 12 * HOUR <= gone <= START + 18 * HOUR
    assert place.takedown.overdue() == ()


def joined(place: Place, item: str = "item-9") -> None:
    """A variant joins the case: nobody has decided about it."""
    place.say(
        place.case, ItemAdded(item, sha256(item.encode()).hexdigest(), 8, "image/jpeg", "gate", Outcome.NEAR, "why")
    )
    place.cases.put_item(Item(item, ItemState.DONE, START, "gate", case=place.case))


def test_what_was_confirmed_goes_on_when_a_variant_joins(place: Place) -> None:
    place.begun()
    place.run(2 * HOUR)
    joined(place)
    assert place.cases.case(place.case).finding is None
    written: list[Case] = []

    def write(case: Case, location: Location, notice: Notice) -> Written:
        written.append(case)
        return place.write(case, location, notice)

    place.takedown._write = write
    place.run(20 * DAY)
    assert place.scopes == ALL
    assert {case.finding for case in written} == {CONFIRMED}  # what was found of this item
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.EXHAUSTED]


def test_what_joined_later_waits_for_a_decision(place: Place) -> None:
    joined(place)
    location = place.takedown.add(SENIOR, place.case, "item-9", ELSEWHERE)
    place.hosts[ELSEWHERE] = there
    with pytest.raises(TransitionError):
        place.takedown.begin(SENIOR, location.id)
    begun = replace(location, begun=START, next_look=START)  # as if it had been
    place.store.put(begun, expect=location)
    place.run(2 * DAY)
    assert (place.looks, place.mails) == ([], [])
    assert AlarmKind.PAUSED in [one.kind for one in place.takedown.overdue()]
    place.say(place.case, Decided(CONFIRMED), who=SENIOR)
    place.run(2 * DAY + HOUR)
    assert (len(place.looks), place.mails) == (1, [])  # no person had it begin, whatever the row says
    place.say(place.case, TakedownBegun(location.id), who=SENIOR)
    place.run(2 * DAY + 2 * HOUR)
    assert [scope for scope, _ in place.scopes] == ["site"]


def test_what_two_people_found_to_be_no_abuse_is_not_confirmed_any_more(place: Place) -> None:
    location = place.begun()
    place.run(HOUR)
    joined(place)
    place.say(place.case, Proposed(Grave.DECIDE, "why", NO_ABUSE), who=SENIOR)
    place.run(2 * DAY)
    assert place.scopes == ALL[:1]  # somebody objects
    second = replace(SENIOR, actor=replace(SENIOR.actor, id="8"))
    place.say(place.case, Approved(place.cases.case(place.case).proposals[0].number), who=second)
    joined(place, "item-10")
    place.run(4 * DAY)
    assert place.scopes == ALL[:1]
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.PAUSED]
    assert place.store.get(location.id).closed == ""  # somebody has to decide


def test_a_case_that_is_overturned_closes_its_locations(place: Place) -> None:
    location = place.begun()
    place.run(HOUR)
    place.say(place.case, AppealOpened("a1", "look again"), who=SENIOR)
    place.say(place.case, Proposed(Grave.OVERTURN, "why", NO_ABUSE), who=SENIOR)
    second = replace(SENIOR, actor=replace(SENIOR.actor, id="8"))
    number = place.cases.case(place.case).proposals[0].number
    place.say(place.case, Approved(number), AppealDecided("a1", upheld=False), who=second)
    place.run(3 * DAY)
    found = place.store.get(location.id)
    assert found.closed == "the case was decided anew: it is no abuse"
    assert place.scopes == ALL[:1]
    assert place.bodies(LocationClosed) == [LocationClosed(location.id, found.closed)]


def test_locations_follow_a_case_that_is_merged(place: Place) -> None:
    place.opened("case-0", "item-0", family="the older one")
    kept = place.takedown.add(SENIOR, "case-0", "item-0", URL)
    place.hosts[ELSEWHERE] = until((2 * DAY, GONE))
    doubled, moving = place.begun(), place.begun(ELSEWHERE)
    merging = place.cases.case(place.case)
    place.say(place.case, Merged("case-0"))
    place.say("case-0", absorbed(merging))
    place.run(5 * DAY)
    assert place.store.get(doubled.id).closed
    assert place.store.get(moving.id).case == "case-0"
    assert place.store.get(moving.id).gone is not None
    assert {one.location for one in place.bodies(Located, "case-0")} == {kept.id, moving.id}
    assert place.bodies(NoticeSent, "case-0")


def test_a_person_closes_and_takes_up_again(place: Place) -> None:
    location = place.begun()
    place.run(HOUR)
    with pytest.raises(NotNowError):
        place.takedown.close(SENIOR, location.id, " ")
    place.takedown.close(SENIOR, location.id, "another desk has it")
    with pytest.raises(NotNowError):
        place.takedown.close(SENIOR, location.id, "again")
    place.run(3 * DAY)
    assert place.scopes == ALL[:1]
    place.takedown.begin(SENIOR, location.id)
    place.run(3 * DAY + HOUR)
    assert [scope for scope, _ in place.scopes] == ["site", "host"]


# Its return elsewhere


def test_an_item_of_a_family_that_was_taken_down_brings_its_url(place: Place) -> None:
    place.hosts |= {URL: until((5 * HOUR, GONE)), ELSEWHERE: there}
    first = place.begun()
    assert place.takedown.came_back("item-1", "not a URL") is None
    place.run(DAY)
    back = place.takedown.came_back("item-1", ELSEWHERE)
    assert back is not None
    assert (back.found_as, back.begun, back.url) == (first.id, None, ELSEWHERE)
    (event,) = [one.event for one in place.cases.events(place.case) if one.event.body == place.bodies(Located)[-1]]
    assert event.actor == SYSTEM
    assert [(one.kind, one.location) for one in place.takedown.overdue()] == [(AlarmKind.RETURNED, back.id)]
    place.run(2 * DAY)
    assert place.scopes == ALL[:1]  # a machine begins nothing
    place.takedown.begin(SENIOR, back.id)
    place.run(2 * DAY + HOUR)
    assert len(place.mails) == 2
    assert place.takedown.came_back("item-1", ELSEWHERE) is not None
    assert place.store.get(back.id).next_look == place.clock.moment  # said to be there: looked at at once


def test_so_many_urls_wait_for_a_person_and_no_more(place: Place) -> None:
    place.hosts[URL] = until((5 * HOUR, GONE))
    place.begun()
    place.run(DAY)
    urls = [f"https://h{number}.example/" for number in range(MAX_FOLLOWED + 5)]
    back = [place.takedown.came_back("item-1", url) for url in urls]
    assert [one is not None for one in back] == [True] * MAX_FOLLOWED + [False] * 5


def test_one_host_keeps_no_other_from_being_waited_for_and_what_people_closed_does_not_wait(place: Place) -> None:
    place.begun()
    urls = [f"{ELSEWHERE}/{number}" for number in range(MAX_OF_HOST + 5)]
    back = [place.takedown.came_back("item-1", url) for url in urls]
    assert [one is not None for one in back] == [True] * MAX_OF_HOST + [False] * 5
    assert place.takedown.came_back("item-1", "https://third.example/") is not None
    for one in filter(None, back):
        place.takedown.close(SENIOR, one.id, "it is not there")
    assert place.takedown.came_back("item-1", urls[-1]) is not None


def test_what_was_never_taken_down_does_not_come_back(place: Place) -> None:
    place.takedown.add(SENIOR, place.case, "item-1", URL)
    assert place.takedown.came_back("item-1", ELSEWHERE) is None


def test_a_new_url_after_a_takedown_names_the_one_that_was_gone(place: Place) -> None:
    place.hosts[URL] = until((5 * HOUR, GONE))
    first = place.begun()
    place.run(DAY)
    assert place.takedown.add(SENIOR, place.case, "item-1", ELSEWHERE).found_as == first.id


def test_a_preview_is_the_notice_that_would_go_next(place: Place) -> None:
    location = place.takedown.add(SENIOR, place.case, "item-1", URL)
    seen = place.takedown.preview(location.id)
    assert seen is not None
    contact, written = seen
    assert (contact.scope, URL in written.text) == (Scope.SITE, True)
    assert place.store.get(location.id) == location
    place.contacts = ()
    assert place.takedown.preview(location.id) is None
    assert place.takedown.contacts(SENIOR, location.id).contacts is not None


# Kills


class Killed(BaseException):
    """As if by kill -9: nothing after it runs."""


class Mortal:
    """Ports of which the `at`th call kills, before it takes effect or after."""

    def __init__(self, at: int, *, before: bool) -> None:
        self.at, self.before, self.names = at, before, list[str]()

    def __call__(self, port: Any) -> Any:
        return _Fated(port, self)

    def call(self, name: str, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        self.names.append(name)
        now = len(self.names) == self.at
        if now and self.before:
            raise Killed
        answer = function(*given, **named)
        if now:
            raise Killed
        return answer


class _Fated:
    def __init__(self, port: Any, fate: Mortal) -> None:
        self._port, self._fate = port, fate

    def __call__(self, *given: Any) -> Any:
        return self._fate.call("", self._port, *given)

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **named: self._fate.call(name, getattr(self._port, name), *given, **named)


def scenario() -> Place:
    """Two who do not answer, a removal, a return as an altered copy that leads elsewhere, and all is gone at last."""
    place = Place(plan=shortened(looks=(6 * HOUR, 18 * HOUR), watch=(3 * DAY,)))
    place.hosts[URL] = until((26 * HOUR, GONE), (3 * DAY, (200, ALTERED)), (130 * HOUR, GONE))
    place.say(place.case, DutyArose(duty()))
    place.begun()
    return place


def outcome(place: Place) -> object:
    """What is the same however often it was killed."""
    told = {(letter.id, letter.to, letter.text, at) for at, letter in place.mails}
    return (
        [
            (one.url, one.place, one.gone, one.past, one.looks, one.back, one.anew)
            for one in sorted(place.store.all(), key=lambda one: one.url)
        ],
        sorted((at, to) for _, to, _, at in told),
        [replace(body, notice="", location="", digest="") for body in place.bodies(NoticeSent)],
        [replace(body, notice="", location="") for body in place.bodies(NoticeAnswered)],
        [replace(body, location="") for body in place.bodies(PlaceChanged)],
        len(place.bodies(DutyMet)),
    )


def test_killed_at_any_point_it_comes_to_the_same_end() -> None:
    place = scenario()
    fate = Mortal(-1, before=True)
    place.run(6 * DAY, place.made(fate))
    wanted, calls = outcome(place), fate.names
    assert [scope for scope, _ in place.scopes] == ["site", "host", "site", "host"]
    assert len(calls) > 100
    for at, name in enumerate(calls, 1):
        # After a call that leaves nothing behind is before the next one.
        for before in (True, False) if name in {"append", "put", "send"} else (True,):
            place = scenario()
            with pytest.raises(Killed):
                place.run(6 * DAY, place.made(Mortal(at, before=before)))
            place.run(6 * DAY)  # another process, at the same moment
            assert outcome(place) == wanted, (at, before)
            ids = {notice.message: notice.id for one in place.store.all() for notice in one.notices}
            assert {letter.id for _, letter in place.mails} == set(ids)
            assert len(ids) == 4


def test_one_that_fails_each_time_keeps_no_other_of_its_host_waiting(place: Place) -> None:
    other = "https://images.example/b.jpg"
    place.hosts[other] = there
    failing, fine = place.begun(), place.begun(other)
    judge = place.judge

    def fails(file: BinaryIO, location: Location) -> Judged:
        if location.id == failing.id:
            raise OSError
        return judge(file, location)

    place.judge = fails  # type: ignore[assignment, method-assign] # of this one place
    takedown, raised = place.made(), 0
    while place.clock.moment < START + 3 * HOUR:
        for name in takedown.due():
            try:
                takedown.advance(name)
            except OSError:
                assert name == failing.id
                raised += 1
        place.clock.moment += MINUTE
    assert place.store.get(fine.id).place is At.PRESENT
    assert 2 <= raised <= 4  # it is tried again, after a while
