"""What the log takes in about takedowns, and from whom."""

import pytest

from safelight.model.access import SYSTEM, Actor, ActorKind, Principal
from safelight.model.case import (
    Body,
    LocationClosed,
    NoticeRetracted,
    NoticeSent,
    RetractionConfirmed,
    RetractionEnded,
    TakedownBegun,
)
from safelight.model.errors import TransitionError
from safelight.model.takedown import Form, RetractionState, Scope
from tests.contract.memory_bank_store import SetClock
from tests.flow.takedown_place import NO_ABUSE, SENIOR, START, Place

KEY = Actor(ActorKind.KEY, "3")
SENT = NoticeSent("n", "l", Scope.HOST, Form.XARF, "abuse@host.example", "0" * 64)

ASKED, BACK = RetractionConfirmed("l", ("n",)), NoticeRetracted("r", "n", "l", "abuse@host.example", "0" * 64)
ENDED = RetractionEnded("r", "n", "l", RetractionState.GIVEN_UP, "they are no more")


@pytest.fixture
def place() -> Place:
    made = Place(SetClock(START))
    made.opened("undecided", "item-2", None, family="two")
    made.opened("no abuse", "item-3", NO_ABUSE, family="three")
    return made


@pytest.mark.parametrize(
    ("case", "actor", "body", "allowed"),
    [
        ("case-1", SENIOR.actor, TakedownBegun("l"), True),
        ("case-1", KEY, TakedownBegun("l"), False),
        ("case-1", SYSTEM, TakedownBegun("l"), False),
        ("undecided", SENIOR.actor, TakedownBegun("l"), False),
        ("no abuse", SENIOR.actor, TakedownBegun("l"), False),
        ("case-1", SYSTEM, SENT, True),
        ("case-1", KEY, SENT, False),
        ("undecided", SYSTEM, SENT, False),
        ("no abuse", SYSTEM, SENT, False),
        ("no abuse", SYSTEM, LocationClosed("l", "no abuse"), True),
        ("no abuse", KEY, LocationClosed("l", "no abuse"), False),
        ("no abuse", SENIOR.actor, ASKED, True),
        ("no abuse", SENIOR.actor, RetractionConfirmed("l", ()), False),
        ("no abuse", SENIOR.actor, RetractionConfirmed("l", ("n", "n")), False),
        ("no abuse", SYSTEM, ASKED, False),
        ("no abuse", KEY, ASKED, False),
        ("case-1", SENIOR.actor, ASKED, False),
        ("undecided", SENIOR.actor, ASKED, False),
        ("no abuse", SYSTEM, BACK, False),  # nobody was ever told: it was no abuse from the start
        ("case-1", SYSTEM, BACK, True),  # what was sent was sent, whatever happened meanwhile
        ("case-1", SENIOR.actor, BACK, True),
        ("case-1", KEY, BACK, False),
        ("no abuse", SYSTEM, ENDED, True),
        ("no abuse", KEY, ENDED, False),
    ],
)
def test_who_may_say_what(place: Place, case: str, actor: Actor, body: Body, allowed: bool) -> None:
    before = place.cases.case(case).length
    try:
        place.say(case, body, who=None if actor == SYSTEM else Principal(actor, frozenset()))
    except TransitionError:
        assert not allowed
    else:
        assert allowed
    assert place.cases.case(case).length == before + allowed
