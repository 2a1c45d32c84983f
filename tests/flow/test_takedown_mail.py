"""Mail that is refused: by whom it is for no plan stalls, and by our own server no contact is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from safelight.adapter.mail import SmtpMailer
from safelight.flow.takedown_retract import BY_HAND, left_us
from safelight.flow.takedown_steps import ALIKE
from safelight.model.case import NoticeAnswered
from safelight.model.errors import ForbiddenError, MailDownError, NotNowError
from safelight.model.takedown import AlarmKind, NoticeState, RetractionState
from safelight.ports import Letter
from tests.flow.takedown_place import DAY, EVERYBODY, HOUR, MACHINE, SENIOR, START, URL, Place, there
from tests.flow.test_takedown_retract import confirm, flow, overturn, settle, told

OURS = MailDownError(to="site", cause="the mail server does not answer")
THEIRS = MailDownError(to="site", cause="the mail server says 451 later", answer=451, theirs=True, alike=False)

Answer = Callable[[str, timedelta], str]
"""What the server says to the recipient's name, at a time after START; empty: it takes the letter."""


def at_its_own_domain(place: Place, answer: Answer) -> None:
    """Each contact has a domain of its own, and the mail server answers so, once it knows for whom a letter is."""
    sending, take = SmtpMailer("smtp://127.0.0.1", "desk@desk.example", place.clock), place.send

    def send(letter: Letter) -> bytes:
        scope = letter.to.partition("@")[0]
        code, _, words = answer(scope, place.clock.moment - START).partition(" ")
        if code:
            raise sending._refused(Letter("1@a.example", f"abuse@{scope}.example", "s", "t"), int(code), words)
        sending._answers.taken()
        return take(letter)

    place.send = send  # type: ignore[method-assign]


@pytest.fixture
def place() -> Place:
    return Place(hosts={URL: there})


def states(place: Place, location: str) -> list[str]:
    return [f"{one.contact.scope} {one.state}" for one in place.store.get(location).notices]


@pytest.mark.parametrize(
    "words", ["550 5.7.1 <abuse@site.example>: Access denied", "450 4.7.1 greylisted", "530 sign in", "554 5.7.1 relay"]
)
def test_what_the_site_s_own_server_says_keeps_nobody_from_being_told(place: Place, words: str) -> None:
    at_its_own_domain(place, lambda scope, _: words if scope == "site" else "")
    location = place.begun()
    place.run(DAY + 2 * HOUR)
    assert states(place, location.id) == ["site failed", "host sent"]
    place.run(30 * DAY)
    assert [scope for scope, _ in place.scopes] == ["host", "upstream", "registrar", "hotline"]


@pytest.mark.parametrize(
    "words",
    ["550 relay not permitted", "551 we do not relay", "550 5.4.5 Daily limit exceeded", "554 5.7.1 blocked URL"],
)
def test_a_day_in_which_our_server_refuses_all_costs_no_contact(place: Place, words: str) -> None:
    at_its_own_domain(place, lambda _, since: words if since < DAY - HOUR else "")
    place.begun()
    place.run(20 * DAY)
    assert [scope for scope, _ in place.scopes] == [str(one.scope) for one in EVERYBODY]
    assert place.bodies(NoticeAnswered)[0].state is NoticeState.SILENT


def test_words_that_nobody_knows_cost_one_contact_and_people_have_a_week_for_the_others(place: Place) -> None:
    at_its_own_domain(place, lambda _, since: "554 no" if since < 6 * DAY else "")
    location = place.begun()
    place.run(2 * DAY)
    assert states(place, location.id) == ["site failed", "host waiting"]
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.BY_HAND]
    place.run(20 * DAY)
    assert [scope for scope, _ in place.scopes] == ["host", "upstream", "registrar", "hotline"]


def test_what_two_say_alike_stalls_the_plan_for_no_longer_than_a_week(place: Place) -> None:
    at_its_own_domain(place, lambda scope, _: "550 5.7.1 no" if scope in {"site", "host"} else "")
    location = place.begun()
    place.run(DAY + ALIKE + 2 * HOUR)
    assert states(place, location.id) == ["site failed", "host failed", "upstream sent"]


def test_a_person_may_say_that_a_notice_that_waits_failed(place: Place) -> None:
    place.fails = [OURS] * 40
    location = place.begun()
    place.run(DAY)
    (notice,) = place.store.get(location.id).notices
    for state in (NoticeState.ACKNOWLEDGED, NoticeState.REMOVED, NoticeState.REFUSED):
        with pytest.raises(NotNowError):
            place.takedown.answer(SENIOR, location.id, notice.id, state)
    with pytest.raises(ForbiddenError):
        place.takedown.answer(MACHINE, location.id, notice.id, NoticeState.FAILED)
    place.fails = []
    place.takedown.answer(SENIOR, location.id, notice.id, NoticeState.FAILED, "their domain has lapsed")
    assert place.bodies(NoticeAnswered) == [
        NoticeAnswered(notice.id, location.id, NoticeState.FAILED, "their domain has lapsed")
    ]
    place.run(DAY + HOUR)
    assert states(place, location.id) == ["site failed", "host sent"]
    assert left_us(place.store.get(location.id).notices[0])  # nobody knows what became of the tries


def test_who_puts_off_the_word_that_it_is_taken_back_is_told_by_a_person(place: Place) -> None:
    location = told(place, HOUR)
    overturn(place)
    confirm(place, location.id)
    place.fails = [THEIRS] * 60
    settle(place, flow(place), HOUR + BY_HAND)
    (one,) = place.store.get(location.id).retractions
    assert one.state is RetractionState.WAITING
    settle(place, flow(place), HOUR + BY_HAND + 2 * HOUR)
    (one,) = place.store.get(location.id).retractions
    assert (one.state, one.cause) == (RetractionState.FAILED, "the mail server says 451 later")
    flow(place).sent_by_hand(SENIOR, location.id, one.id)
