"""Rows of the database that somebody changed: what the log knows of a place is not what a row has it say later."""

from dataclasses import replace

import pytest

from safelight.case.fold import absorbed
from safelight.flow.takedown_retract import Retractions
from safelight.flow.takedown_standing import begun
from safelight.model.case import ContactsFound, Located, Merged, NoticeAnswered, PlaceChanged
from safelight.model.takedown import AlarmKind, NoticeState, RetractionState
from tests.flow.takedown_place import HOUR, SENIOR, START, URL, Place, there
from tests.flow.test_takedown_retract import REPORTER, overturn

INNOCENT = "https://innocent.example/front-page"


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
