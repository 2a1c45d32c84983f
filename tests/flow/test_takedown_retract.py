"""Taking notices back: who is owed it, who confirms it, that it is sent once, and that it is not sent in doubt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from safelight.case.fold import absorbed
from safelight.flow.takedown_retract import BY_HAND, Retractions, left_us, of_abuse, to_take_back
from safelight.model.access import SYSTEM, Principal
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Decided,
    Finding,
    Grave,
    ItemAdded,
    Merged,
    NoticeRetracted,
    Proposed,
    RetractionConfirmed,
    RetractionEnded,
)
from safelight.model.decision import Outcome
from safelight.model.errors import (
    ConflictError,
    ForbiddenError,
    MailDownError,
    MailRefusedError,
    NotNowError,
    TransitionError,
)
from safelight.model.filing import Reporter
from safelight.model.takedown import (
    AlarmKind,
    Contact,
    Form,
    Location,
    NoticeState,
    Retraction,
    RetractionState,
    Scope,
)
from safelight.policy.takedown import PAUSE, RETRY
from safelight.policy.takedown_looks import OVER, stopped
from safelight.report.takedown_figures import figures
from tests.flow.takedown_place import (
    CONFIRMED,
    DAY,
    EVERYBODY,
    HOUR,
    MACHINE,
    MINUTE,
    NO_ABUSE,
    SENIOR,
    START,
    URL,
    Place,
    there,
)
from tests.flow.test_takedown import Killed, Mortal

SECOND = replace(SENIOR, actor=replace(SENIOR.actor, id="8"))
REPORTER = Reporter("Desk", "notices@desk.example")
DOWN, REFUSED = MailDownError(to="x", cause="away"), MailRefusedError(to="x", cause="no such mailbox")


def flow(place: Place, wrap: Callable[[Any], Any] = lambda port: port) -> Retractions:
    mailer = wrap(place) if place.mailing else None
    stores = wrap(place.cases), wrap(place.store)
    return Retractions(*stores, mailer, REPORTER, wrap(place.clock), wrap(place.ids), "desk.example")


def overturn(place: Place, finding: Finding = NO_ABUSE, case: str = "") -> None:
    """An appeal, and two people who decide anew."""
    case, appeal = case or place.case, place.ids.new()
    place.clock.moment += MINUTE
    place.say(case, AppealOpened(appeal, "look again"), who=SENIOR)
    place.say(case, Proposed(Grave.OVERTURN, "why", finding), who=SENIOR)
    number = place.cases.case(case).proposals[0].number
    place.say(case, Approved(number), AppealDecided(appeal, upheld=False), who=SECOND)


def confirm(place: Place, location: str) -> Location:
    owed = flow(place).owed(place.store.get(location))
    return flow(place).confirm(SENIOR, location, tuple(one.id for one in owed))


def settle(place: Place, retracting: Retractions, until: timedelta) -> None:
    """Let time pass to so much after START, with all that is to be taken back on its way."""
    while due := [one for one in (retract.due for found in place.store.all() for retract in found.retractions) if one]:
        if min(due) > START + until:
            break
        place.clock.moment = max(min(due), place.clock.moment)
        for location in retracting.due():
            retracting.advance(location)
    place.clock.moment = max(START + until, place.clock.moment)


def told(place: Place, until: timedelta = 2 * DAY + HOUR) -> Location:
    """Three who were told: silent, silent, and one who still has time."""
    place.hosts[URL] = there
    location = place.begun()
    place.run(until)
    return place.store.get(location.id)


@pytest.fixture
def place() -> Place:
    return Place()


def test_all_who_were_told_are_told_that_it_is_no_abuse(place: Place) -> None:
    location = told(place)
    assert flow(place).owed(location) == ()  # it is abuse
    overturn(place)
    place.run(2 * DAY + 2 * HOUR)
    location = place.store.get(location.id)
    assert location.closed
    assert [one.contact.scope for one in flow(place).owed(location)] == [Scope.SITE, Scope.HOST, Scope.UPSTREAM]
    sent = len(place.mails)
    settle(place, flow(place), 3 * DAY)
    assert len(place.mails) == sent  # nobody has confirmed it
    confirm(place, location.id)
    settle(place, flow(place), 4 * DAY)
    back = [letter for _, letter in place.mails[sent:]]
    notices = {one.id: one for one in location.notices}
    found = place.store.get(location.id).retractions
    assert [one.state for one in found] == [RetractionState.SENT] * 3
    for letter, one in zip(back, found, strict=True):
        first = notices[one.notice]
        assert letter.to == first.contact.email
        assert letter.id == one.message not in {each.message for each in notices.values()}
        assert letter.headers == (("In-Reply-To", f"<{first.message}>"), ("References", f"<{first.message}>"))
        assert first.id in letter.text
        assert URL in letter.text
        assert letter.attachments == ()
        assert "user:" not in letter.text
    assert len({one.message for one in found}) == 3
    assert place.bodies(RetractionConfirmed) == [
        RetractionConfirmed(location.id, tuple(notices), tuple(one.contact.to for one in notices.values()))
    ]
    assert [one.notice for one in place.bodies(NoticeRetracted)] == list(notices)
    assert {one.digest for one in place.bodies(NoticeRetracted)} == {one.sha256 for one in found}
    assert flow(place).owed(place.store.get(location.id)) == ()


@pytest.mark.parametrize(
    ("state", "sent", "tries", "wanted"),
    [
        *(
            (state, True, 1, state is not NoticeState.FAILED)
            for state in NoticeState
            if state is not NoticeState.WAITING
        ),
        (NoticeState.SENT, True, 0, True),  # by hand
        (NoticeState.WAITING, False, 0, False),
        (NoticeState.WAITING, False, 2, True),  # cut off in the middle: it may be there
        (NoticeState.FAILED, False, 1, False),
        (NoticeState.FAILED, False, 2, True),  # refused at last: what came of the try before, nobody knows
    ],
)
def test_what_left_us(place: Place, state: NoticeState, sent: bool, tries: int, wanted: bool) -> None:
    notice = told(place, HOUR).notices[0]
    told_so = replace(notice, state=state, sent=START if sent else None, tries=tries)
    assert left_us(told_so) is wanted
    assert not left_us(replace(told_so, form=Form.TAKE_IT_DOWN))  # theirs who asked for it


def test_a_person_confirms_and_confirms_what_is_owed(place: Place) -> None:
    location = told(place)
    wanted = tuple(one.id for one in location.notices)
    with pytest.raises(ConflictError):  # it is abuse
        flow(place).confirm(SENIOR, location.id, wanted)
    overturn(place)
    for who in (MACHINE, Principal(SYSTEM, SENIOR.permissions), Principal(MACHINE.actor, SENIOR.permissions)):
        with pytest.raises((ForbiddenError, TransitionError)):
            flow(place).confirm(who, location.id, wanted)
    for wrong in ((), wanted[:2], (*wanted, "another")):
        with pytest.raises(ConflictError):
            flow(place).confirm(SENIOR, location.id, wrong)
    assert place.store.get(location.id).retractions == ()
    flow(place).confirm(SENIOR, location.id, wanted)
    with pytest.raises(ConflictError):
        flow(place).confirm(SENIOR, location.id, wanted)


def test_it_is_an_alarm_until_it_is_done(place: Place) -> None:
    def alarmed() -> list[Any]:
        return [one for one in place.takedown.overdue() if one.kind is AlarmKind.RETRACT]

    location = told(place)
    assert alarmed() == []
    overturn(place)
    at = place.clock.moment
    place.run(3 * DAY)
    assert [(one.location, one.what, one.at) for one in alarmed()] == [(location.id, location.notices[0].id, at)]
    confirm(place, location.id)
    assert len(alarmed()) == 1
    settle(place, flow(place), 4 * DAY)
    assert alarmed() == []


def test_what_is_confirmed_as_abuse_again_is_not_taken_back(place: Place) -> None:
    location = told(place)
    overturn(place)
    confirm(place, location.id)
    overturn(place, CONFIRMED)
    sent = len(place.mails)
    settle(place, flow(place), 4 * DAY)
    assert len(place.mails) == sent
    found = place.store.get(location.id)
    assert {one.state for one in found.retractions} == {RetractionState.UPHELD}
    assert len(place.bodies(RetractionEnded)) == 3
    assert found.in_force == found.notices
    assert to_take_back(place.cases, place.store, found) == ""
    overturn(place)  # and then no abuse after all: a person confirms anew
    confirm(place, location.id)
    settle(place, flow(place), 5 * DAY)
    assert [one.state for one in place.store.get(location.id).retractions[3:]] == [RetractionState.SENT] * 3


def test_who_was_told_that_it_is_no_abuse_is_told_anew_should_it_be_so_after_all(place: Place) -> None:
    location = told(place)
    overturn(place)
    confirm(place, location.id)
    settle(place, flow(place), 3 * DAY)
    place.run(3 * DAY)
    overturn(place, CONFIRMED)
    place.takedown.begin(SENIOR, location.id)
    sent = len(place.mails)
    place.run(5 * DAY - HOUR)
    assert [scope for scope, _ in place.scopes[sent:]] == ["site", "host"]
    found = place.store.get(location.id)
    assert [one.contact.scope for one in found.in_force] == [Scope.SITE, Scope.HOST]
    (host,) = figures(of_abuse(place.cases, place.store), place.clock.moment).hosts
    assert (host.notices, host.silent) == (2, 1)  # what was taken back blames nobody


def test_in_doubt_it_waits(place: Place) -> None:
    location = told(place)
    overturn(place)
    confirm(place, location.id)
    place.say(place.case, ItemAdded("item-9", "9" * 64, 8, "image/jpeg", "gate", Outcome.NEAR, "why"))
    sent = len(place.mails)
    settle(place, flow(place), 2 * DAY + 5 * HOUR)
    assert len(place.mails) == sent
    assert list(of_abuse(place.cases, place.store)) == []  # of this item nobody has found anything else
    place.say(place.case, Proposed(Grave.DECIDE, "why", NO_ABUSE), who=SENIOR)
    place.say(place.case, Approved(place.cases.case(place.case).proposals[0].number), who=SECOND)
    settle(place, flow(place), 2 * DAY + 5 * HOUR + PAUSE)
    assert len(place.mails) == sent + 3


def test_nobody_is_asked_to_put_back_what_another_case_says_is_abuse(place: Place) -> None:
    location = told(place)
    place.opened("case-2", "item-2", family="another")
    other = place.takedown.add(SENIOR, "case-2", "item-2", URL)
    overturn(place)
    assert flow(place).owed(location) == ()
    assert to_take_back(place.cases, place.store, location) == ""
    overturn(place, case="case-2")
    assert len(flow(place).owed(location)) == 3
    assert flow(place).owed(place.store.get(other.id)) == ()  # nobody was told of that one


def test_who_is_away_is_tried_again_and_who_refuses_is_for_people(place: Place) -> None:
    location = told(place, HOUR)
    overturn(place)
    confirm(place, location.id)
    place.fails = [DOWN, DOWN, REFUSED]
    begun = place.clock.moment
    settle(place, flow(place), 3 * DAY)
    (one,) = place.store.get(location.id).retractions
    assert (one.state, one.tries, one.cause) == (RetractionState.FAILED, 3, "no such mailbox")
    (ended,) = [each for each in place.cases.events(place.case) if isinstance(each.event.body, RetractionEnded)]
    assert ended.event.at == begun + RETRY[0] + RETRY[1]
    assert [each.kind for each in place.takedown.overdue()] == [AlarmKind.RETRACT]
    found = flow(place).sent_by_hand(SENIOR, location.id, one.id)
    assert found.retractions[0].state is RetractionState.SENT
    assert place.takedown.overdue() == ()
    assert [each.digest for each in place.bodies(NoticeRetracted)] == [found.retractions[0].sha256]


@pytest.mark.parametrize(
    ("contact", "mailing"),
    [
        (EVERYBODY[0], False),
        (Contact(Scope.SITE, "a form", form="https://site.example/abuse"), True),
        (Contact(Scope.SITE, "gallery", "gallery@platform.invalid", how="platform"), True),
    ],
)
def test_who_has_no_mail_is_told_by_a_person(contact: Contact, mailing: bool) -> None:
    place = Place(contacts=(contact,), mailing=mailing)
    location = told(place, HOUR)
    (notice,) = location.notices
    if notice.state is NoticeState.WAITING:
        place.takedown.sent_by_hand(SENIOR, location.id, notice.id)
    overturn(place)
    confirm(place, location.id)
    sent = len(place.mails)
    settle(place, flow(place), HOUR + BY_HAND + BY_HAND / 2)
    assert len(place.mails) == sent
    (one,) = place.store.get(location.id).retractions
    assert one.state is RetractionState.WAITING
    given_up = partial(flow(place).give_up, reason="why")
    for act in (flow(place).sent_by_hand, given_up):
        with pytest.raises(NotNowError, match="waits for nobody"):
            act(SENIOR, location.id, "another")
        with pytest.raises(ForbiddenError):
            act(MACHINE, location.id, one.id)
    with pytest.raises(NotNowError):
        flow(place).give_up(SENIOR, location.id, one.id, " ")
    found = flow(place).give_up(SENIOR, location.id, one.id, "they are no more")
    assert (found.retractions[0].state, found.retractions[0].cause) == (RetractionState.GIVEN_UP, "they are no more")
    assert place.takedown.overdue() == ()
    assert flow(place).owed(found) == ()


def test_one_by_hand_is_not_sent_once_it_is_abuse_again(place: Place) -> None:
    place.mailing = False
    place.takedown = place.made()
    location = told(place, HOUR)
    place.takedown.sent_by_hand(SENIOR, location.id, location.notices[0].id)
    overturn(place)
    (one,) = confirm(place, location.id).retractions
    overturn(place, CONFIRMED)
    with pytest.raises(NotNowError, match="does not say now"):
        flow(place).sent_by_hand(SENIOR, location.id, one.id)
    settle(place, flow(place), HOUR + BY_HAND + HOUR)
    assert place.store.get(location.id).retractions[0].state is RetractionState.UPHELD


def test_a_mail_that_is_on_its_way_is_not_for_people(place: Place) -> None:
    location = told(place, HOUR)
    overturn(place)
    (one,) = confirm(place, location.id).retractions
    with pytest.raises(NotNowError, match="goes out by mail"):
        flow(place).sent_by_hand(SENIOR, location.id, one.id)


def test_it_follows_a_case_that_was_merged(place: Place) -> None:
    location = told(place, HOUR)
    overturn(place)
    place.run(2 * HOUR)
    place.opened("case-0", "item-0", None, family="older")
    merging = place.cases.case(place.case)
    place.say(place.case, Merged("case-0"))
    place.say("case-0", absorbed(merging))
    assert flow(place).owed(place.store.get(location.id)) == ()  # nobody has decided about the whole
    place.say("case-0", Proposed(Grave.DECIDE, "why", NO_ABUSE), who=SENIOR)
    place.say("case-0", Approved(place.cases.case("case-0").proposals[0].number), who=SECOND)
    confirm(place, location.id)
    settle(place, flow(place), DAY)
    assert len(place.bodies(NoticeRetracted, "case-0")) == 1


def test_two_at_once_send_it_once(place: Place) -> None:
    location = told(place, HOUR)
    overturn(place)
    found = confirm(place, location.id)
    (one,) = found.retractions
    sent = len(place.mails)

    first = flow(place)
    first.advance(location.id)
    with pytest.raises(ConflictError):
        flow(place)._next(found, one, place.clock.moment)
    assert len(place.mails) == sent + 1
    assert first.advance(location.id) == place.store.get(location.id)


def test_whoever_decides_alone_that_it_is_no_abuse_has_told_nobody(place: Place) -> None:
    place.opened("case-2", "item-2", None, family="another")
    place.say("case-2", Decided(NO_ABUSE), who=SENIOR)
    location = place.takedown.add(SENIOR, "case-2", "item-2", URL)
    assert flow(place).owed(location) == ()
    assert list(of_abuse(place.cases, place.store)) == []


def over(place: Place) -> Location:
    """Three who were told, and the case decided anew."""
    location = told(place)
    overturn(place)
    place.run(2 * DAY + 2 * HOUR)
    return place.store.get(location.id)


def test_a_row_that_says_so_takes_nothing_back(place: Place) -> None:
    location = over(place)
    forged = Retraction(
        "r", location.notices[0].id, RetractionState.WAITING, START, due=START, message="r@desk.example"
    )
    place.store.put(replace(location, retractions=(forged,)), expect=location)
    sent = len(place.mails)
    [one] = flow(place).advance(location.id).retractions
    assert (one.state, one.due, one.tries) == (RetractionState.WAITING, place.clock.moment + PAUSE, 0)
    assert len(place.mails) == sent


@pytest.mark.parametrize("when", ["before", "after"])
def test_no_row_chooses_where_it_goes(place: Place, when: str) -> None:
    location = over(place)
    first = location.notices[0]
    evil = replace(first, contact=replace(first.contact, email="stranger@evil.example"))
    if when == "after":
        location = confirm(place, location.id)
    place.store.put(replace(location, notices=(evil, *location.notices[1:])), expect=location)
    if when == "before":
        confirm(place, location.id)  # a person may overlook it: the log has the address that was written to
    settle(place, flow(place), 3 * DAY)
    assert not any("evil" in letter.to for _, letter in place.mails)
    states = [one.state for one in place.store.get(location.id).retractions]
    assert states == [RetractionState.WAITING, RetractionState.SENT, RetractionState.SENT]


def test_what_was_confirmed_once_is_sent_once_whatever_a_row_says(place: Place) -> None:
    location = over(place)
    confirm(place, location.id)
    settle(place, flow(place), 3 * DAY)
    done, sent = place.store.get(location.id), len(place.mails)
    again = replace(done.retractions[0], id="r", state=RetractionState.WAITING, due=START, message="r@desk.example")
    place.store.put(replace(done, retractions=(*done.retractions, again)), expect=done)
    flow(place).advance(location.id)
    assert len(place.mails) == sent


def test_what_was_confirmed_is_sent_when_the_case_has_been_merged(place: Place) -> None:
    location = over(place)
    confirm(place, location.id)
    place.opened("case-0", "item-0", None, family="older")
    merging = place.cases.case(place.case)
    place.say(place.case, Merged("case-0"))
    place.say("case-0", absorbed(merging))
    place.say("case-0", Proposed(Grave.DECIDE, "why", NO_ABUSE), who=SENIOR)
    place.say("case-0", Approved(place.cases.case("case-0").proposals[0].number), who=SECOND)
    settle(place, flow(place), 5 * DAY)
    assert [one.state for one in place.store.get(location.id).retractions] == [RetractionState.SENT] * 3


@pytest.mark.parametrize("url", [URL, URL + "#x", URL + "?", URL.replace("https://images", "HTTPS://IMAGES"),
                                 URL.replace(".example", ".example:443")])  # fmt: skip
def test_nothing_is_owed_while_another_case_has_abuse_there_however_the_url_is_spelled(place: Place, url: str) -> None:
    location = told(place)
    place.opened("case-2", "item-2", family="another")
    other = place.cases.item("item-2")
    place.cases.put_item(replace(other, sha256="d" * 64))  # not the same bytes
    place.takedown.add(SENIOR, "case-2", "item-2", url)
    overturn(place)
    place.run(2 * DAY + 2 * HOUR)
    location = place.store.get(location.id)
    assert location.closed
    assert flow(place).owed(location) == ()
    overturn(place, case="case-2")
    assert len(flow(place).owed(location)) == 3


def test_nothing_is_owed_while_another_case_has_the_very_bytes_confirmed(place: Place) -> None:
    location = over(place)
    place.opened("case-2", "item-2", family="another")
    place.cases.put_item(replace(place.cases.item("item-2"), sha256=location.sha256))
    assert flow(place).owed(location) == ()
    overturn(place, case="case-2")
    assert len(flow(place).owed(location)) == 3


def test_a_second_job_that_comes_while_the_first_is_at_it_sends_nothing(place: Place, monkeypatch: Any) -> None:
    location = over(place)
    confirm(place, location.id)
    before, send = len(place.mails), place.send

    def slow(letter: Any) -> bytes:
        monkeypatch.setattr(place, "send", send)
        flow(place).advance(location.id)
        return send(letter)

    monkeypatch.setattr(place, "send", slow)
    flow(place).advance(location.id)
    settle(place, flow(place), 3 * DAY)
    ids = [letter.id for _, letter in place.mails[before:]]
    assert len(ids) == len(set(ids)) == 3


def test_one_that_was_over_in_the_middle_may_have_arrived(place: Place) -> None:
    notice = replace(told(place, HOUR).notices[0], state=NoticeState.WAITING, sent=None, tries=1)
    [ended] = stopped((notice,))
    assert (ended.state, ended.cause) == (NoticeState.FAILED, OVER)
    assert left_us(ended)


# Kills


def scenario() -> tuple[Place, str]:
    """Three notices; one contact is away once, one refuses."""
    place = Place()
    location = told(place)
    overturn(place)
    place.run(2 * DAY + 2 * HOUR)
    confirm(place, location.id)
    return place, location.id


def outcome(place: Place, location: str) -> object:
    """What became of it; a letter that was cut off is tried again some minutes later."""
    found = place.store.get(location)
    back = {one.message for one in found.retractions}
    return (
        [replace(one, tries=0, sent=one.sent and one.sent.replace(minute=0)) for one in found.retractions],
        sorted({(letter.id, letter.to, letter.text) for _, letter in place.mails if letter.id in back}),
        sorted(place.bodies(NoticeRetracted), key=repr),
        place.bodies(RetractionEnded),
    )


def test_killed_at_any_point_it_comes_to_the_same_end() -> None:
    place, location = scenario()
    fate = Mortal(-1, before=True)
    settle(place, flow(place, fate), 4 * DAY)
    wanted, calls = outcome(place, location), fate.names
    assert [one.state for one in place.store.get(location).retractions] == [RetractionState.SENT] * 3
    assert calls.count("send") == 3
    for at, name in enumerate(calls, 1):
        for before in (True, False) if name in {"append", "put", "send"} else (True,):
            place, location = scenario()
            with pytest.raises(Killed):
                settle(place, flow(place, Mortal(at, before=before)), 4 * DAY)
            settle(place, flow(place), 4 * DAY)  # another process, at the same moment
            assert outcome(place, location) == wanted, (at, before)
            ids = {one.message for one in place.store.get(location).retractions}
            assert len(ids) == 3
            assert len({letter.id for _, letter in place.mails}) == 6
