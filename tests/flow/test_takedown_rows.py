"""Rows of the database that somebody changed: what the log knows of a place is not what a row has it say later."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from safelight.case.fold import absorbed
from safelight.flow.borne_out import Doubt, stalled
from safelight.flow.takedown_retract import Retractions
from safelight.flow.takedown_standing import begun
from safelight.flow.takedown_steps import PATIENCE
from safelight.model.case import ContactsFound, Located, LocationClosed, Merged, Noted, NoticeAnswered, PlaceChanged
from safelight.model.errors import NotNowError
from safelight.model.takedown import AlarmKind, Contacts, Location, NoticeState, RetractionState
from tests.flow.takedown_place import DAY, EVERYBODY, HOUR, ITEM, SENIOR, START, URL, Host, Place, there, until
from tests.flow.test_takedown_retract import REPORTER, overturn

INNOCENT = "https://innocent.example/front-page"
GONE_LATER: Host = until((2 * DAY, (404, b"")), (40 * DAY, (200, ITEM)), (60 * DAY, (404, b"")))
NOTHING: Host = until((timedelta(), None))


@pytest.fixture
def place() -> Place:
    return Place(hosts={URL: there, INNOCENT: there})


def test_a_url_that_we_noted_from_a_changed_row_of_a_merged_case_has_nobody_told(place: Place) -> None:
    one = place.begun()
    place.takedown.advance(one.id)
    place.opened("case-0", "item-0", None, family="older")
    merging = place.cases.case(place.case)
    place.say(place.case, Merged("case-0"))
    place.say("case-0", absorbed(merging))
    place.mails.clear()
    now = place.clock.moment
    row = replace(place.store.get(one.id), url=INNOCENT, case="case-1", notices=(), vouched=now, next_look=now)
    place.store.kept[one.id] = row
    place.clock.moment += HOUR
    place.takedown.advance(one.id)
    assert INNOCENT in {body.url for body in place.bodies(Located, "case-0")}  # it went along with its case
    assert place.mails == []
    assert AlarmKind.UNVOUCHED in {one.kind for one in place.takedown.overdue()}


def test_a_look_at_another_url_than_the_log_knows_leads_nowhere(place: Place) -> None:
    """Not even while the row is changed for one look alone, and then put back."""
    elsewhere = "https://elsewhere.example/x"
    place.hosts[elsewhere] = lambda at: (200, there(at)[1], INNOCENT)
    one = place.begun()
    place.takedown.advance(one.id)
    place.mails.clear()
    place.clock.moment += HOUR
    good = place.store.get(one.id)
    place.store.kept[one.id] = replace(good, url=elsewhere, contacts=None, next_look=place.clock.moment)
    place.takedown.advance(one.id)
    assert not {INNOCENT, elsewhere} & {body.url for body in place.bodies(Located)}
    assert INNOCENT not in {body.led_to for body in place.bodies(PlaceChanged)}
    assert elsewhere not in {body.url for body in place.bodies(ContactsFound)}
    assert place.mails == []
    assert AlarmKind.UNVOUCHED in {one.kind for one in place.takedown.overdue()}


def test_a_url_that_arrives_where_a_row_says_so_has_nobody_told(place: Place) -> None:
    one = place.begun()
    place.takedown.advance(one.id)
    place.mails.clear()
    place.store.kept[one.id] = replace(place.store.get(one.id), url=INNOCENT, closed="it is over")
    place.takedown.came_back("item-1", INNOCENT)
    now = place.clock.moment
    again = replace(place.store.get(one.id), begun=START, notices=(), vouched=now, next_look=now)
    place.store.kept[one.id] = again
    place.clock.moment += HOUR
    place.takedown.advance(one.id)
    assert place.mails == []


def test_no_row_chooses_the_url_that_is_taken_back(place: Place) -> None:
    one = place.begun()
    place.takedown.advance(one.id)
    overturn(place)
    back = Retractions(place.cases, place.store, place, REPORTER, place.clock, place.ids, "desk.example")
    back.confirm(SENIOR, one.id, tuple(notice.id for notice in back.owed(place.store.get(one.id))))
    place.mails.clear()
    confirmed = place.store.get(one.id)
    place.store.kept[one.id] = replace(confirmed, url=INNOCENT)
    back.advance(one.id)
    assert place.mails == []
    place.store.kept[one.id] = confirmed
    back.advance(one.id)
    assert [one.state for one in place.store.get(one.id).retractions] == [RetractionState.SENT]
    assert len(place.mails) == 1


def test_the_same_answer_again_changes_nothing(place: Place) -> None:
    one = place.begun()
    place.takedown.advance(one.id)
    [notice] = place.store.get(one.id).notices
    first = place.takedown.answer(SENIOR, one.id, notice.id, NoticeState.ACKNOWLEDGED)
    place.clock.moment += HOUR
    assert place.takedown.answer(SENIOR, one.id, notice.id, NoticeState.ACKNOWLEDGED) == first
    assert len(place.bodies(NoticeAnswered)) == 1


def test_a_row_that_says_of_a_place_that_goes_on_for_a_merged_case_that_it_is_over_is_told_of(place: Place) -> None:
    place.opened("case-0", "item-0", family="older")
    place.takedown.add(SENIOR, "case-0", "item-0", URL)
    one = place.begun()
    merging = place.cases.case(place.case)
    place.say(place.case, Merged("case-0"))
    place.say("case-0", absorbed(merging))
    place.takedown.advance(one.id)
    (live,) = (each for each in place.store.all() if not each.closed)
    log = begun(place.cases, place.cases.case("case-0"))
    assert log.bears_out(live)
    assert live.id not in log.running
    assert not log.bears_out(replace(live, closed="done", next_look=None))


def kinds(place: Place) -> set[AlarmKind]:
    return {one.kind for one in place.takedown.overdue()}


STRANGER = replace(EVERYBODY[0], email="", form="https://stranger.example/upload")


def test_no_row_names_a_page_that_people_are_sent_to(place: Place) -> None:
    one = place.takedown.add(SENIOR, place.case, "item-1", URL)
    place.store.kept[one.id] = replace(one, contacts=Contacts(URL, START, (STRANGER,)))
    place.takedown.begin(SENIOR, one.id)
    place.run(3 * DAY)
    assert [notice.contact for notice in place.store.get(one.id).notices] == [*EVERYBODY][:3]
    assert {body.to for body in place.bodies(ContactsFound)} == {tuple(each.to for each in EVERYBODY)}


def test_a_notice_that_waits_for_a_stranger_is_neither_shown_nor_sent(place: Place) -> None:
    one = place.begun()
    place.takedown.advance(one.id)
    kept = place.store.get(one.id)
    (notice,) = kept.notices
    waiting = replace(notice, contact=STRANGER, state=NoticeState.WAITING, sent=None)
    place.store.kept[one.id] = replace(kept, notices=(waiting,))
    assert AlarmKind.UNVOUCHED in kinds(place)
    for act in (lambda: place.takedown.preview(one.id), lambda: place.takedown.sent_by_hand(SENIOR, one.id, notice.id)):
        with pytest.raises(NotNowError, match="log does not say"):
            act()
    place.takedown.answer(SENIOR, one.id, notice.id, NoticeState.FAILED)
    place.takedown.advance(one.id)
    assert place.store.get(one.id).notices[-1].contact in EVERYBODY
    assert AlarmKind.UNVOUCHED not in kinds(place)


LED_TO = "https://other.example/moved"


def followed(place: Place) -> tuple[Location, Location]:
    """A URL that leads to another place, which is followed."""
    place.hosts |= {URL: lambda at: (200, there(at)[1], LED_TO), LED_TO: there}
    one = place.begun()
    place.takedown.advance(one.id)
    (other,) = (each for each in place.store.all() if each.id != one.id)
    assert (other.url, other.found_as, bool(other.begun)) == (LED_TO, one.id, True)
    return one, other


def run_by_its_row(place: Place, name: str) -> Location:
    """The place as somebody writes it into its row: it goes on."""
    now = place.clock.moment
    row = replace(place.store.get(name), begun=START, closed="", notices=(), vouched=now, next_look=now)
    place.store.kept[name] = row
    return row


def test_a_followed_place_that_a_person_closed_goes_on_once_a_person_says_so(place: Place) -> None:
    _, other = followed(place)
    place.takedown.close(SENIOR, other.id, "it is ours")
    place.takedown.came_back("item-1", LED_TO)
    waiting = place.store.get(other.id)
    assert (waiting.closed, waiting.begun) == ("", None)
    log = begun(place.cases, place.cases.case(place.case))
    assert log.bears_out(waiting)
    assert not log.vouches(run_by_its_row(place, other.id))
    place.mails.clear()
    place.clock.moment += HOUR
    place.takedown.advance(other.id)
    assert place.mails == []
    assert AlarmKind.UNVOUCHED in kinds(place)
    place.store.kept[other.id] = waiting
    place.takedown.begin(SENIOR, other.id)
    place.clock.moment += HOUR
    place.takedown.advance(other.id)
    assert {notice.state for notice in place.store.get(other.id).notices} == {NoticeState.SENT}


def test_where_a_closed_place_leads_to_by_its_row_nobody_is_told(place: Place) -> None:
    one = place.begun()
    place.takedown.advance(one.id)
    place.takedown.close(SENIOR, one.id, "it is ours")
    place.mails.clear()
    place.hosts |= {URL: lambda at: (200, there(at)[1], LED_TO), LED_TO: there}
    run_by_its_row(place, one.id)
    for _ in range(3):
        place.clock.moment += HOUR
        for each in place.store.all():
            place.takedown.advance(each.id)
    assert place.mails == []
    log = begun(place.cases, place.cases.case(place.case))
    assert not any(log.vouches(each) for each in place.store.all())


def test_what_was_followed_before_its_origin_was_closed_goes_on(place: Place) -> None:
    one, other = followed(place)
    place.takedown.close(SENIOR, one.id, "another way is enough")
    assert begun(place.cases, place.cases.case(place.case)).bears_out(place.store.get(other.id))


@pytest.mark.parametrize("closed", [False, True])
def test_what_goes_on_for_a_merged_case_does_so_if_nobody_had_closed_it_there(place: Place, closed: bool) -> None:
    place.opened("case-0", "item-0", family="older")
    twin = place.takedown.add(SENIOR, "case-0", "item-0", URL)
    place.takedown.close(SENIOR, twin.id, "not here")
    one = place.begun()
    if closed:
        place.takedown.close(SENIOR, one.id, "nor here")
        run_by_its_row(place, one.id)
    merging = place.cases.case(place.case)
    place.say(place.case, Merged("case-0"))
    place.say("case-0", absorbed(merging))
    place.mails.clear()
    place.clock.moment += HOUR
    place.takedown.advance(twin.id)
    assert {body.found_as for body in place.bodies(Located, "case-0")} == {"", one.id}
    log = begun(place.cases, place.cases.case("case-0"))
    assert log.vouches(place.store.get(twin.id)) is not closed
    assert bool(place.mails) is not closed
    assert len(place.bodies(LocationClosed)) == 1 + closed


@pytest.mark.parametrize("gone", [False, True])
def test_a_row_that_puts_the_next_look_off_is_told_of(place: Place, gone: bool) -> None:
    one = place.begun()
    place.run(2 * DAY)
    if gone:
        place.hosts[URL] = lambda _: (404, b"", "")
        place.run(10 * DAY)
    good = place.store.get(one.id)
    assert (good.gone is not None) is gone
    assert AlarmKind.UNVOUCHED not in kinds(place)
    changes: list[dict[str, Any]] = [{"next_look": None}, {"next_look": good.next_look and good.next_look + 99 * DAY}]
    late = [replace(each, due=place.clock.moment + 99 * DAY) for each in good.notices[-1:]]
    changes += [] if gone else [{"notices": (*good.notices[:-1], *late)}]
    for change in changes:
        place.store.kept[one.id] = replace(good, **change)
        assert AlarmKind.UNVOUCHED in kinds(place), change


@pytest.mark.parametrize("change", ["next look", "none", "notice", "begun", "sent"])
def test_what_a_row_has_put_off_is_looked_at_now_and_in_the_log(place: Place, change: str) -> None:
    one = place.begun()
    place.run(HOUR)
    place.clock.moment += PATIENCE
    good, late = place.store.get(one.id), place.clock.moment + 99 * DAY
    (notice,) = good.notices
    changes: dict[str, dict[str, Any]] = {
        "next look": {"next_look": late},
        "none": {"next_look": None},
        "notice": {"notices": (replace(notice, due=late),)},
        "begun": {"next_look": late, "begun": late, "notices": ()},
        "sent": {"next_look": late, "notices": (replace(notice, sent=late, due=late),)},
    }
    place.store.kept[one.id] = replace(good, **changes[change])
    assert stalled(place.cases, place.store, place.plan, place.clock.moment) == (Doubt("location", "case-1", one.id),)
    assert AlarmKind.UNVOUCHED in kinds(place)
    place.takedown.put_right(one.id)
    assert one.id in place.bodies(Noted)[-1].text
    place.looks.clear()
    place.takedown.advance(one.id)
    if change in {"begun", "sent"}:  # as if a clock had been ahead
        place.clock.moment += PATIENCE
        place.takedown.advance(one.id)
    assert place.looks[0][0] == place.clock.moment
    place.run(4 * DAY)
    assert place.scopes[1][0] == ("site" if change == "begun" else "host")
    assert stalled(place.cases, place.store, place.plan, place.clock.moment) == ()


def test_what_is_looked_at_in_time_is_not_said_to_be_late(place: Place) -> None:
    hosts = {f"https://h{number}.example/": host for number, host in enumerate((there, GONE_LATER, NOTHING))}
    place.hosts |= hosts
    for url in hosts:
        place.begun(url)
    place.takedown.add(SENIOR, place.case, "item-1", URL)
    place.takedown.close(SENIOR, place.begun(INNOCENT).id, "it is ours")
    for hours in range(0, 24 * 250, 30):
        place.run(hours * HOUR)
        assert stalled(place.cases, place.store, place.plan, place.clock.moment) == ()


def test_of_a_case_that_was_merged_it_is_put_right_in_the_one_that_goes_on(place: Place) -> None:
    place.opened("case-0", "item-0", family="older")
    one = place.begun()
    place.takedown.advance(one.id)
    good = place.store.get(one.id)
    place.store.kept[one.id] = replace(good, next_look=place.clock.moment + 99 * DAY)
    merging = place.cases.case(place.case)
    place.say(place.case, Merged("case-0"))
    place.say("case-0", absorbed(merging))
    assert place.takedown.put_right(one.id).next_look == place.clock.moment
    assert any(one.id in body.text for body in place.bodies(Noted, "case-0"))
