"""`safelight takedown`, on the stores of a data folder."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from safelight.app import App
from safelight.cli.takedown import takedown
from safelight.cli.takedown_lines import lines
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Body,
    CaseEvent,
    Decided,
    Draft,
    Finding,
    ItemAdded,
    Located,
    LocationClosed,
    NoticeAnswered,
    Opened,
    TakedownBegun,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import NotNowError, UnknownCaseError, UnknownLocationError, UsageError
from safelight.model.service import Item, ItemState
from safelight.model.takedown import Contact, Contacts, Form, Location, Look, Notice, NoticeState, Place, Scope
from safelight.policy.takedown_next import Coming, Onward
from safelight.settings import read_settings

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOST = Contact(Scope.HOST, "Host", "abuse@host.example", how="rdap")
SENT = Notice("n1", "l1", HOST, Form.XARF, "en", NoticeState.SENT, START, START, START + timedelta(days=1))
GONE = Location(
    *("l1", "case-1", "item-1", "0" * 64, "https://a.example/1", START, Place.GONE),
    contacts=Contacts("https://a.example/1", START, (HOST,), flaws=("rdap: no answer",)),
    notices=(replace(SENT, due=None),),
    looks=(Look(START, Place.PRESENT, 200, kind="exact"), Look(START + timedelta(hours=6), Place.GONE, 404)),
    gone=START + timedelta(hours=6),
    begun=START,
)
BACK = Location("l2", "case-2", "item-2", "0" * 64, "https://b.example/2", START, found_as="l1")


@pytest.fixture
def app(tmp_path: Path) -> App:
    made = App(read_settings({"SAFELIGHT_HOME": str(tmp_path)}))
    added = ItemAdded("item-1", "0" * 64, 5, "image/png", "gate", Outcome.NEAR, "why")
    made.cases.append([Draft("case-1", SYSTEM, Opened("near")), Draft("case-1", SYSTEM, added)])
    made.cases.append([Draft("case-2", SYSTEM, Opened("near"))])
    made.takedowns.put(GONE)
    made.takedowns.put(BACK)
    return made


def run(app: App, *arguments: str) -> Result:
    return CliRunner().invoke(takedown, arguments, obj=app)


def test_lists_what_is_worked_on(app: App) -> None:
    assert run(app, "list").output.splitlines() == [
        "l1  gone since 2026-03-01 15:00, notices: 1  hxxps://a[.]example/1",
        "l2  not begun, notices: 0  hxxps://b[.]example/2",
    ]
    assert run(app, "list", "--live").output.splitlines()[1].endswith("  https://b.example/2")
    assert run(app, "list", "--case", "case-2").output.startswith("l2")
    assert run(app, "list", "--alarms").output == "returned  2026-03-01 09:00  case case-2  l2\n"
    (first, second) = map(json.loads, run(app, "list", "--json").output.splitlines())
    assert (first["place"], second["found_as"]) == ("gone", "l1")
    assert json.loads(run(app, "list", "--alarms", "--json").output)["kind"] == "returned"


def test_shows_one_with_a_timeline(app: App) -> None:
    later = START + timedelta(hours=2)
    events: tuple[Body, ...] = (
        Located("l1", "item-1", GONE.url),
        TakedownBegun("l1", vouched=True),
        NoticeAnswered("n1", "l1", NoticeState.REMOVED, "ticket 1"),
        TakedownBegun("l2"),
        LocationClosed("l1", "over"),
    )
    people = Actor(ActorKind.USER, "4")
    logged = [
        LoggedEvent(number, "", b"", CaseEvent("case-1", number, START, people, body, ""))
        for number, body in enumerate(events)
    ]
    answered = replace(SENT, due=None, answered=later)
    silent = replace(SENT, id="n2", state=NoticeState.SILENT, due=START + timedelta(hours=4))
    found = replace(GONE, notices=(answered, silent), next_look=START + timedelta(days=1))
    assert [line.split("  ", 1) for line in list(lines(found, logged))[3:]] == [
        ["contact", "host      abuse@host.example  Host (rdap)"],
        ["flaw", "   rdap: no answer"],
        ["2026-03-01 09:00", "1 contacts found"],
        ["2026-03-01 09:00", "added by user:4"],
        ["2026-03-01 09:00", "begun by user:4, who vouches that it is there"],
        ["2026-03-01 09:00", "ended by user:4: over"],
        ["2026-03-01 09:00", "look     present 200 exact"],
        ["2026-03-01 09:00", "notice   n1  host abuse@host.example: sent"],
        ["2026-03-01 09:00", "notice   n2  host abuse@host.example: silent, next step 2026-03-01 13:00"],
        ["2026-03-01 11:00", "answer   n1  removed, noted by user:4: ticket 1"],
        ["2026-03-01 13:00", "silent   n2  no answer in time"],
        ["2026-03-01 15:00", "look     gone 404"],
        ["2026-03-02 09:00", "next     look"],
    ]


def test_shows_one(app: App) -> None:
    shown = run(app, "show", "l1").output.splitlines()
    assert shown[0].endswith("  hxxps://a[.]example/1")
    assert not any(line.startswith("next:") for line in shown)  # it is gone, and no look is planned
    there = replace(BACK, begun=START, next_look=START, contacts=Contacts(BACK.url, START, (HOST,)))
    app.takedowns.put(there, BACK)
    assert (
        "next: look again at 2026-03-01 09:00 UTC; no notice goes out while the case is undecided, or somebody objects"
    ) in run(app, "show", "l2").output.splitlines()
    told = Coming(START, Onward.TELL, HOST, START + timedelta(hours=1))
    assert (
        "next: look again at 2026-03-01 09:00 UTC; "
        "next notice to host abuse@host.example at 2026-03-01 10:00 UTC, if it is still there"
    ) in list(lines(there, [], then=told))
    moved = replace(GONE, looks=(Look(START, Place.MOVED, 200, led_to="https://m.example/1"),))
    app.takedowns.put(moved, GONE)
    assert "https://" not in run(app, "show", "l1").output
    assert "-> hxxps://m[.]example/1" in run(app, "show", "l1").output
    live = run(app, "show", "l1", "--live").output
    assert "-> https://m.example/1" in live
    assert "  https://a.example/1\n" in live
    assert shown[3] == "contact  host      abuse@host.example  Host (rdap)"
    assert shown[-1] == "2026-03-01 15:00  look     gone 404"
    assert json.loads(run(app, "show", "l1", "--json").output)["notices"][0]["contact"]["email"] == HOST.email
    assert isinstance(run(app, "show", "l9").exception, UnknownLocationError)


def test_finds_contacts_and_shows_the_next_notice(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Actor(ActorKind.USER, "4")
    item = Item("item-1", ItemState.DONE, START, "gate", sha256="0" * 64, case="case-1")
    app.cases.put_item(item)
    app.cases.append([Draft("case-1", person, Decided(Finding(Verdict.CONFIRMED)))])
    name = run(app, "add", "case-1", "item-1", "https://c.example/3").output.strip()
    found = Contacts("https://c.example/3", START, (HOST,))
    monkeypatch.setitem(vars(app), "directory", SimpleNamespace(find=lambda _url: found))
    vars(app).pop("takedown", None)  # which has the other directory
    assert "contact  host      abuse@host.example  Host (rdap)" in run(app, "contacts", name).output.splitlines()
    assert app.takedowns.get(name).contacts == found
    shown, upcoming = run(app, "preview", name), app.takedown.preview(name)
    assert upcoming is not None
    contact, written = upcoming
    assert "https://c.example/3" in shown.stdout
    assert contact == HOST
    assert shown.stderr.splitlines()[-2:] == [f"to: {HOST.email}", f"digest: {written.digest(HOST)}"]
    monkeypatch.setattr(app.takedown, "preview", lambda _location: None)
    assert isinstance(run(app, "preview", name).exception, NotNowError)


def test_adds_but_begins_nothing(app: App) -> None:
    name = run(app, "add", "case-1", "item-1", "https://c.example/3").output.strip()
    found = app.takedowns.get(name)
    assert (found.url, found.begun, found.case) == ("https://c.example/3", None, "case-1")
    last = app.cases.events("case-1")[-1].event
    assert (last.actor, last.body) == (SYSTEM, Located(name, "item-1", "https://c.example/3", found_as="l1"))
    assert isinstance(run(app, "add", "case-1", "item-1", "file:///etc/passwd").exception, UsageError)
    assert isinstance(run(app, "add", "case-9", "item-1", "https://c.example/3").exception, UnknownCaseError)


def test_of_several_urls_those_that_are_none_are_named(app: App) -> None:
    done = run(app, "add", "case-1", "item-1", "hxxps://c[.]example/3", "d.example/4", "https://e.example/5")
    urls = [app.takedowns.get(name).url for name in done.output.split()]
    assert urls == ["https://c.example/3", "https://e.example/5"]
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == "URL 2: write it with https:// or http://; you wrote: d[.]example/4"


def test_advances_what_is_due_and_there_is_nothing(app: App) -> None:
    assert run(app, "advance").output == ""
    assert run(app, "advance", "l2").output == "l2  not begun, notices: 0  hxxps://b[.]example/2\n"


def test_tells_how_long_hosts_take(app: App) -> None:
    lines = run(app, "stats").output.splitlines()
    assert lines[1].split() == ["1", "1", "1", "0", "0", "0", "6.0", "h", "6.0", "h", "all"]
    assert lines[2].split()[-1] == "a.example"
    assert lines[3] == "2026-03: asked 1, removed 1, median 6.0 h"
    assert json.loads(run(app, "stats", "--json").output)["hosts"][0]["median"] == "PT21600S"
