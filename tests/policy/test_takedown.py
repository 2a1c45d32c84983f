"""What to do next about a URL: the table of places, and what holds whatever hosts do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.takedown import Contact, Contacts, Form, Judged, Location, Notice, NoticeState, Place, Scope
from safelight.policy.takedown import DEFAULT_PLAN, Do, lapsed, next_act, open_notice, schedule
from safelight.policy.takedown_looks import CONFIRM, ENDS, THERE, asks, look_of, looked, was_seen
from safelight.policy.takedown_phase import Phase

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://a.example/x.jpg"
NEW = Location("l", "c", "i", "0" * 64, URL, START, begun=START, next_look=START)
EXACT, ALTERED, NONE, UNSURE = Judged("0", "exact"), Judged("1", "near"), Judged("2"), Judged("3", sure=False)
PAGE = Judged("4", sure=False, unlike=True)


def step(location: Location, phase: Phase, now: datetime, answers: Place, mails: bool) -> tuple[Location, Do]:
    """One thing done, as the flow would do it."""
    act = next_act(location, DEFAULT_PLAN, phase, now, mails=mails)
    match act.do:
        case Do.LOOK:
            status = {Place.GONE: 404, Place.BARRED: 403, Place.SILENT: None}.get(answers, 200)
            judged = {
                Place.PRESENT: EXACT,
                Place.ALTERED: ALTERED,
                Place.MOVED: EXACT,
                Place.REPLACED: NONE,
                Place.UNCLEAR: PAGE,
            }
            led_to = "https://b.example/" if answers is Place.MOVED else ""
            location = looked(location, look_of(location, now, status, led_to, judged.get(answers)))
        case Do.FIND:
            everybody = tuple(Contact(scope, scope, f"{scope}@a.example") for scope in Scope)
            location = replace(location, contacts=Contacts(URL, now, everybody))
        case Do.ASK:
            assert act.contact is not None
            name = str(len(location.notices))
            notice = Notice(name, "l", act.contact, Form.XARF, "en", NoticeState.WAITING, now)
            location = replace(location, notices=(*location.notices, notice))
        case Do.SEND | Do.LAPSE:
            assert act.notice is not None
            sent = replace(act.notice, state=NoticeState.SENT, sent=now, due=now + 24 * HOUR)
            changed = sent if act.do is Do.SEND else lapsed(act.notice)
            location = replace(location, notices=(*location.notices[:-1], changed))
        case Do.REST:
            location = replace(location, next_look=act.at)
        case Do.CLOSE:
            location = replace(location, closed="over")
    return location, act.do


DAYS = st.lists(
    st.tuples(
        st.integers(10, 3_000),
        st.sampled_from([place for place in Place if place is not Place.UNCHECKED]),
        st.sampled_from([Phase.GO, Phase.GO, Phase.GO, Phase.PAUSED, Phase.HELD]),
    ),
    max_size=30,
)


@given(DAYS, st.booleans(), st.booleans())
def test_whatever_hosts_do(days: list[tuple[int, Place, Phase]], vouched: bool, mails: bool) -> None:
    location, now = replace(NEW, vouched=START if vouched else None), START
    for minutes, answers, phase in days:
        now += timedelta(minutes=minutes)
        for _ in range(40):
            before = location
            location, done = step(location, phase, now, answers, mails)
            if phase is Phase.PAUSED:
                assert done in {Do.REST, Do.LAPSE}
            if phase is Phase.HELD:
                assert done in {Do.REST, Do.LAPSE, Do.LOOK}
            if done in {Do.ASK, Do.SEND}:
                assert asks(before)
                assert vouched or was_seen(before)
                assert before.gone is None
                assert before.place is not Place.UNCLEAR or before.vouched is not None
                assert before.place not in ENDS or before.vouched is not None
            if done is Do.ASK:
                assert open_notice(before) is None
            if location.gone is not None and before.gone is None:
                assert location.place in ENDS
                assert location.looks[-1].place in ENDS
                since = next(look.at for look in location.looks if look.at == location.gone)
                later = [look.place for look in location.looks if look.at > since]
                assert not THERE.intersection(later)
                assert before.last_look is not None
                assert now - location.gone >= CONFIRM
                assert was_seen(location) or location.place is Place.GONE
                seen = (*THERE, Place.UNCLEAR)  # what a person vouches for ends by no look before a look has seen it
                assert not vouched or any(look.place in seen for look in location.looks)
            if location.returned > before.returned:
                assert (location.gone, location.place in THERE, location.back) == (None, True, now)
                assert location.past[-1] == before.gone
            if done is Do.REST:
                break
        else:
            pytest.fail("it never rests")
        assert location.returned == len(location.past)
        states = [notice.state for notice in location.notices[:-1]]
        assert NoticeState.WAITING not in states
        if location.gone is None:
            assert location.next_look is not None
        anew = location.anew
        told = [one.contact.email for one in location.notices if anew is None or one.created >= anew]
        assert len(told) == len(set(told))


@given(st.integers(0, 400 * 24 * 60))
def test_looks_come_by_the_plans_waits(minutes: int) -> None:
    now = START + timedelta(minutes=minutes)
    there = looked(NEW, look_of(NEW, START, 200, "", EXACT))
    waits, at, number = DEFAULT_PLAN.looks, START, 0
    while at <= now:
        at += waits[min(number, len(waits) - 1)]
        number += 1
    assert schedule(there, DEFAULT_PLAN, now) == at
    gone = replace(there, gone=START)
    times = [START + sum(DEFAULT_PLAN.watch[: n + 1], timedelta()) for n in range(len(DEFAULT_PLAN.watch))]
    assert schedule(gone, DEFAULT_PLAN, now) == next((time for time in times if time > now), None)
