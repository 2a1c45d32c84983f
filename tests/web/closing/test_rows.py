"""Rows of the database that the log does not bear out are told of: once each, to those who may read cases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from safelight.adapter.closing.models import LocationRow
from safelight.app import App
from safelight.app.stores import SystemClock
from safelight.flow.borne_out import Doubt, doubts
from safelight.flow.requests import _valid
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.case import (
    Body,
    Decided,
    Draft,
    DutyArose,
    Finding,
    ItemAdded,
    Located,
    LocationClosed,
    Opened,
    ReportConfirmed,
    ReportFailed,
    RequestErased,
    RequestTaken,
    TakedownBegun,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.filing import Body as Taker
from safelight.model.filing import FiledItem, Filing, FilingState
from safelight.model.law import Duty, DutyKind
from safelight.model.notice import RemovalRequest
from safelight.model.removal import Received
from safelight.model.service import Item, ItemState
from safelight.model.takedown import Location
from safelight.web.closing import jobs
from safelight.web.closing.models import Alarm
from safelight.web.closing.wiring import ADVANCE, UNVOUCHED
from safelight.web.container import the_app
from safelight.web.hooks.models import Message
from safelight.web.jobs.models import Job
from safelight.web.ops.metrics import exposition
from tests.fakes import FakeClock

ANN = Actor(ActorKind.USER, "1")
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
URL = "https://host.example/a"
ITEMS = (FiledItem("c-i", "a" * 64, "", viewed=True),)

pytestmark = pytest.mark.usefixtures("db")


def put(case: str, *bodies: Body, by: Actor = SYSTEM) -> None:
    the_app().cases.append([Draft(case, by, body, "test 1") for body in bodies])


def found() -> list[Doubt]:
    app = the_app()
    return list(doubts(app.cases, app.takedowns, app.filings, app.request_store))


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """A case with a takedown that a person had begin, a report that one confirmed, and a valid request."""
    clock = FakeClock()
    monkeypatch.setattr(SystemClock, "now", lambda _clock: clock.now())
    app = the_app()
    for case in ("c", "d"):
        app.cases.put_item(Item(f"{case}-i", ItemState.DONE, NOW, "items", case=case))
        added = ItemAdded(f"{case}-i", "a" * 64, 3, "image/png", "items", Outcome.KNOWN, "why")
        put(case, Opened("why"), added, Decided(Finding(Verdict.CONFIRMED), by_policy=True))
    put("c", Located("l", "c-i", URL), TakedownBegun("l"), by=ANN)
    app.takedowns.put(Location("l", "c", "c-i", "a" * 64, URL, NOW, begun=NOW, next_look=NOW))
    put("c", ReportConfirmed("f", Taker.NCMEC, ("c-i",), "agreed", production=False), by=ANN)
    app.filings.put(Filing("f", "c", Taker.NCMEC, FilingState.SENDING, NOW, ITEMS, agreed="agreed"))
    request = Received("r", "c", "c-i", NOW, RemovalRequest(name="n"), "salt", valid=NOW)
    put("c", _valid(request), by=ANN)
    app.request_store.put(request)
    return app


def location(app: App, **changed: Any) -> None:
    one = app.takedowns.get("l")
    app.takedowns.put(replace(one, **changed), expect=one)


def filing(app: App, **changed: Any) -> None:
    one = app.filings.get("f")
    app.filings.put(replace(one, **changed), expect=one)


def request(app: App, **changed: Any) -> None:
    [one] = app.request_store.of_case("c")
    app.request_store.put(replace(one, **changed), expect=one)


def test_what_people_did_is_borne_out(app: App) -> None:
    assert found() == []
    put("c", LocationClosed("l", "done"), by=ANN)
    location(app, closed="done", next_look=None)
    put("c", ReportFailed("f", Taker.NCMEC, "stopped"))
    filing(app, state=FilingState.WITHDRAWN)
    put("c", RequestErased("r", "its takedown has ended"), by=ANN)
    request(app, said=None, salt="", erased=NOW)
    assert found() == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda app: location(app, url="https://innocent.example/"), "location"),
        (lambda app: location(app, closed="nothing to see"), "location"),
        (lambda app: location(app, begun=None, next_look=None), "location"),
        (lambda app: filing(app, agreed="other words"), "filing"),
        (lambda app: filing(app, state=FilingState.WITHDRAWN), "filing"),
        (lambda app: filing(app, state=FilingState.DRAFT), "filing"),
        (lambda app: request(app, said=RemovalRequest(name="another")), "request"),
        (lambda app: request(app, pass_on=True), "request"),
        (lambda app: request(app, valid=None, lacks=("signature",)), "request"),
        (lambda app: request(app, said=None, salt="", erased=NOW), "request"),
    ],
    ids=range(10),
)
def test_a_row_that_says_more_or_less_than_the_log_is_told_of(
    app: App, change: Callable[[App], None], what: str
) -> None:
    change(app)
    assert found() == [Doubt(what, "c", {"location": "l", "filing": "f", "request": "r"}[what])]


def test_rows_that_came_from_nowhere_and_rows_that_went_are_told_of(app: App) -> None:
    app.takedowns.put(Location("m", "d", "d-i", "a" * 64, URL, NOW, begun=NOW, next_look=NOW))
    app.filings.put(Filing("g", "d", Taker.NCMEC, FilingState.SENDING, NOW, ITEMS))
    put("c", TakedownBegun("deleted"), by=ANN)
    put("d", ReportConfirmed("deleted", Taker.NCMEC, ("d-i",), "agreed"), by=ANN)
    put("d", RequestTaken("deleted", "d-i", NOW), by=ANN)
    assert found() == [
        Doubt("filing", "d", "deleted"),
        Doubt("filing", "d", "g"),
        Doubt("location", "c", "deleted"),
        Doubt("location", "d", "m"),
        Doubt("request", "d", "deleted"),
    ]


def test_what_is_written_between_two_readings_is_no_doubt(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    of_case = app.request_store.of_case

    def meanwhile(case: str) -> list[Received]:
        monkeypatch.undo()
        rows = of_case(case)
        with app.cases.transaction():
            location(app, closed="done", next_look=None)
            put("c", LocationClosed("l", "done"), by=ANN)
        return rows

    monkeypatch.setattr(app.request_store, "of_case", meanwhile)
    assert found() == []


def test_it_is_told_once_and_again_only_if_it_is_changed_again(
    app: App, client_of: Callable[..., Client], user: Any
) -> None:
    location(app, closed="nothing to see", next_look=None)
    for _ in range(3):
        jobs.check_rows("")
    told = Message.objects.filter(event=UNVOUCHED)
    assert [one.data for one in told] == [{"case": "c", "location": "l"}]
    assert b"safelight_rows_unvouched 1.0" in exposition()
    page = client_of(user("auditor")).get("/deadlines").content.decode()
    assert "The database says of location <code>l</code> what the log does not" in page
    location(app, closed="", next_look=NOW)
    jobs.check_rows("")
    assert not Alarm.objects.filter(event=UNVOUCHED).exists()
    assert b"safelight_rows_unvouched 0.0" in exposition()
    filing(app, agreed="other words")
    location(app, closed="again")
    jobs.check_rows("")
    assert [one.data for one in told.order_by("created")][1:] == [
        {"case": "c", "filing": "f"},
        {"case": "c", "location": "l"},
    ]


@pytest.mark.parametrize("hidden", [False, True])
def test_a_row_that_keeps_a_url_from_being_looked_at_is_told_of_and_the_url_is_due(app: App, hidden: bool) -> None:
    now = app.clock.now()
    location(app, begun=now, added=now, next_look=now + timedelta(hours=1 if hidden else 999), as_of=now)
    jobs.check_rows("")
    assert not Message.objects.filter(event=UNVOUCHED).exists() or not hidden
    if hidden:  # what the row says is as it should be, and nothing finds it
        LocationRow.objects.filter(id="l").update(look=None)
        jobs.check_rows("")
    assert [one.data for one in Message.objects.filter(event=UNVOUCHED)] == [{"case": "c", "location": "l"}]
    (asked,) = Job.objects.filter(kind="rows.right")
    jobs.put_right(asked.subject)
    assert app.takedowns.due(app.clock.now(), 9) == ["l"]
    assert Job.objects.filter(kind=ADVANCE, subject="l").exists()
    asked.delete()
    jobs.check_rows("")
    assert not Alarm.objects.filter(event=UNVOUCHED).exists()
    assert not Job.objects.filter(kind="rows.right").exists()


def test_who_may_not_read_reports_sees_nothing_of_it(app: App, client_of: Callable[..., Client], user: Any) -> None:
    location(app, closed="nothing to see")
    jobs.check_rows("")
    assert client_of(user("integrator")).get("/deadlines").status_code in {403, 404}


def test_alarms_by_a_clock_that_was_ahead_are_given_anew_in_their_time(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr(SystemClock, "now", lambda _clock: clock.now())
    due = clock.now() + timedelta(days=2)
    facts = ("us", "remove", DutyKind.REMOVE, "title", "to", clock.now(), due, "words", "basis", "url", "2026-11-21")
    put("c", DutyArose(Duty("u", *facts, drives=True)))
    clock.time += timedelta(days=365)
    jobs.alarm("")
    assert Message.objects.filter(event="duty.overdue").count() == 1
    clock.time -= timedelta(days=365)
    jobs.alarm("")
    assert not Alarm.objects.filter(event="duty.overdue").exists()
    clock.time += timedelta(days=3)
    jobs.alarm("")
    jobs.alarm("")
    assert Message.objects.filter(event="duty.overdue").count() == 2
