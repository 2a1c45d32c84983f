"""`safelight takedown`, on the stores of a data folder."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.app import App
from safelight.cli.takedown import takedown
from safelight.model.access import SYSTEM
from safelight.model.case import Draft, ItemAdded, Located, Opened
from safelight.model.decision import Outcome
from safelight.model.errors import FetchError, UnknownCaseError, UnknownLocationError
from safelight.model.takedown import Contact, Contacts, Form, Location, Look, Notice, NoticeState, Place, Scope
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
        "l1  gone since 2026-03-01 15:00, notices: 1  https://a.example/1",
        "l2  not begun, notices: 0  https://b.example/2",
    ]
    assert run(app, "list", "--case", "case-2").output.startswith("l2")
    assert run(app, "list", "--alarms").output == "returned  2026-03-01 09:00  case case-2  l2\n"
    (first, second) = map(json.loads, run(app, "list", "--json").output.splitlines())
    assert (first["place"], second["found_as"]) == ("gone", "l1")
    assert json.loads(run(app, "list", "--alarms", "--json").output)["kind"] == "returned"


def test_shows_one(app: App) -> None:
    lines = run(app, "show", "l1").output.splitlines()
    assert lines[3:] == [
        "contact  host      abuse@host.example  Host (rdap)",
        "flaw     rdap: no answer",
        "notice   2026-03-01 09:00  host      sent",
        "look     2026-03-01 09:00  present 200 exact",
        "look     2026-03-01 15:00  gone 404",
    ]
    assert json.loads(run(app, "show", "l1", "--json").output)["notices"][0]["contact"]["email"] == HOST.email
    assert isinstance(run(app, "show", "l9").exception, UnknownLocationError)


def test_adds_but_begins_nothing(app: App) -> None:
    name = run(app, "add", "case-1", "item-1", "https://c.example/3").output.strip()
    found = app.takedowns.get(name)
    assert (found.url, found.begun, found.case) == ("https://c.example/3", None, "case-1")
    last = app.cases.events("case-1")[-1].event
    assert (last.actor, last.body) == (SYSTEM, Located(name, "item-1", "https://c.example/3", found_as="l1"))
    assert isinstance(run(app, "add", "case-1", "item-1", "file:///etc/passwd").exception, FetchError)
    assert isinstance(run(app, "add", "case-9", "item-1", "https://c.example/3").exception, UnknownCaseError)


def test_advances_what_is_due_and_there_is_nothing(app: App) -> None:
    assert run(app, "advance").output == ""
    assert run(app, "advance", "l2").output == "l2  not begun, notices: 0  https://b.example/2\n"


def test_tells_how_long_hosts_take(app: App) -> None:
    lines = run(app, "stats").output.splitlines()
    assert lines[1].split() == ["1", "1", "1", "0", "0", "0", "6.0", "h", "6.0", "h", "all"]
    assert lines[2].split()[-1] == "a.example"
    assert lines[3] == "2026-03: asked 1, removed 1, median 6.0 h"
    assert json.loads(run(app, "stats", "--json").output)["hosts"][0]["median"] == "PT21600S"
