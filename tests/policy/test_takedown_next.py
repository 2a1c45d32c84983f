"""What a takedown says that it does next, and that it does so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safelight.model.takedown import Contact, Contacts, Form, Location, Look, Notice, NoticeState, Place, Scope
from safelight.policy.takedown import DEFAULT_PLAN, Do, lapsed, next_act
from safelight.policy.takedown_next import Coming, Onward, coming
from safelight.policy.takedown_phase import Phase

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER, DUE = NOW + timedelta(hours=1), NOW + timedelta(days=1)
SITE, HOST = Contact(Scope.SITE, "Site", "abuse@a.example"), Contact(Scope.HOST, "Host", "abuse@h.example")
FORM = Contact(Scope.HOTLINE, "Hotline", form="https://hotline.example/")
URL = "https://a.example/x.jpg"
SENT = Notice("n", "l", SITE, Form.XARF, "en", NoticeState.SENT, NOW, NOW, DUE)
WAITING = replace(SENT, state=NoticeState.WAITING, sent=None, due=LATER)
THERE = Location(
    *("l", "c", "i", "0" * 64, URL, NOW, Place.PRESENT),
    begun=NOW,
    next_look=LATER,
    last_look=NOW,
    looks=(Look(NOW, Place.PRESENT, 200, kind="exact"),),
    contacts=Contacts(URL, NOW, (SITE, HOST)),
    notices=(SENT,),
)


@pytest.mark.parametrize(
    ("location", "phase", "mails", "told"),
    [
        (THERE, Phase.GO, True, Coming(LATER, Onward.TELL, HOST, DUE)),
        (replace(THERE, notices=()), Phase.GO, True, Coming(LATER, Onward.TELL, SITE, LATER)),
        (replace(THERE, notices=(WAITING,)), Phase.GO, True, Coming(LATER, Onward.TELL, SITE, LATER)),
        (replace(THERE, notices=(WAITING,)), Phase.GO, False, Coming(LATER, Onward.BY_HAND, SITE, LATER)),
        (
            replace(THERE, notices=(replace(WAITING, contact=FORM, due=DUE),)),
            *(Phase.GO, True, Coming(LATER, Onward.BY_HAND, FORM, DUE)),
        ),
        (replace(THERE, contacts=None, notices=()), Phase.GO, True, Coming(LATER, Onward.FIND, at=LATER)),
        (replace(THERE, contacts=Contacts(URL, NOW, (SITE,))), Phase.GO, True, Coming(LATER, Onward.NOBODY, at=DUE)),
        (THERE, Phase.HELD, True, Coming(LATER, Onward.HELD)),
        (THERE, Phase.PAUSED, True, Coming(LATER, Onward.HELD)),
        (THERE, Phase.OVER, True, Coming(None, Onward.NONE)),
        (
            replace(THERE, place=Place.BARRED, looks=(Look(NOW, Place.BARRED, 403),)),
            *(Phase.GO, True, Coming(LATER, Onward.UNSEEN)),
        ),
        (
            replace(THERE, place=Place.UNCHECKED, looks=(), last_look=None, notices=()),
            *(Phase.GO, True, Coming(LATER, Onward.TELL, SITE, LATER)),
        ),
        (replace(THERE, gone=NOW, place=Place.GONE), Phase.GO, True, Coming(LATER, Onward.NONE)),
        (replace(THERE, begun=None), Phase.GO, True, Coming(None, Onward.NONE)),
        (replace(THERE, closed="over"), Phase.GO, True, Coming(None, Onward.NONE)),
    ],
)
def test_what_comes_next_is_told(location: Location, phase: Phase, mails: bool, told: Coming) -> None:
    assert coming(location, DEFAULT_PLAN, phase, mails=mails) == told


def test_it_is_what_is_done_then() -> None:
    told = coming(THERE, DEFAULT_PLAN, Phase.GO, mails=True)
    assert told.at is not None
    over = next_act(replace(THERE, last_look=told.at), DEFAULT_PLAN, Phase.GO, told.at)
    assert over.do is Do.LAPSE
    then = replace(THERE, notices=(lapsed(SENT),), last_look=told.at, next_look=told.at)
    act = next_act(then, DEFAULT_PLAN, Phase.GO, told.at)
    assert (act.do, act.contact) == (Do.ASK, told.contact)
