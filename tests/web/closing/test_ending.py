"""What is personal ends by itself: a week of looks, each row alone, told of before; and people hold it on its page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import structlog
from django.test import Client

from safelight.adapter.closing.models import FilingRow, RequestRow
from safelight.app import App
from safelight.app.stores import SystemClock
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Role, Scope, granted
from safelight.model.case import Body, Draft, HoldPlaced, Opened, ReportErased, ReportFinished, RequestTaken
from safelight.model.errors import ConflictError
from safelight.model.filing import Account, FiledItem, Filing, FilingState, Told
from safelight.model.filing import Body as Taker
from safelight.model.notice import RemovalRequest
from safelight.model.removal import Received
from safelight.web.accounts.models import User
from safelight.web.closing import jobs
from safelight.web.closing.models import Over
from safelight.web.jobs.kinds import KINDS
from tests.fakes import FakeClock
from tests.web.closing.operator import operated
from tests.web.conftest import MakeUser

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]
DAY, MARK = timedelta(days=1), "planted-marker"
LENA = Principal(Actor(ActorKind.USER, "901"), granted([Role.LEAD]))
TOLD = Told(accounts=(Account(esp_identifier=MARK, screen_name=MARK),), additional=MARK)
ITEMS = (FiledItem("i1", "a" * 64, "b" * 32, viewed=True),)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    made = FakeClock()
    monkeypatch.setattr(SystemClock, "now", lambda _clock: made.now())
    return made


@pytest.fixture
def app(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> App:
    """Nothing of the law applies, and `clock` is its clock."""
    return operated(monkeypatch, jurisdictions=(), keep_reports=30, keep_requests=30)


def put(app: App, case: str, *bodies: Body) -> None:
    app.cases.append([Draft(case, SYSTEM, body, "test 1") for body in bodies])


def filed(app: App, name: str) -> str:
    """A report that is finished now, about a case of its own."""
    now, case = app.clock.now(), f"case-{name}"
    put(app, case, Opened("why"), ReportFinished(name, Taker.NCMEC, "7", ("i1",), "d"))
    app.filings.put(
        Filing(
            name, case, Taker.NCMEC, FilingState.FINISHED, now, ITEMS, TOLD, number="7", finished=now, agreed="e" * 64
        )
    )
    return name


def asked(app: App, name: str) -> str:
    """A request to which nothing came that it lacks."""
    case = f"case-{name}"
    put(app, case, Opened("why"), RequestTaken(name, "i1", app.clock.now(), ("signature",)))
    said = RemovalRequest(contact=MARK, name=MARK)
    app.request_store.put(Received(name, case, "i1", app.clock.now(), said, "salt", ("signature",)))
    return name


def look(clock: FakeClock, after: timedelta = DAY) -> None:
    clock.time += after
    jobs.end_personal("")


def left() -> list[str]:
    """Ids of rows that still say it."""
    rows = (table.objects.order_by("id").values_list("id", "value") for table in (FilingRow, RequestRow))
    return [name for table in rows for name, value in table if MARK in value]


def test_it_is_looked_at_each_day() -> None:
    assert KINDS["personal.end"].every == DAY


def test_it_is_told_of_for_a_week_and_then_erased(app: App, clock: FakeClock) -> None:
    filed(app, "f1")
    asked(app, "r1")
    for _ in range(30):
        look(clock)
    assert [one.of for one in Over.objects.order_by("of")] == ["filing:f1", "request:r1"]
    with structlog.testing.capture_logs() as logs:
        for _ in range(6):
            look(clock)
        assert left() == ["f1", "r1"]
        look(clock)
    assert left() == []
    assert not Over.objects.exists()
    look(clock)
    erased = [one.event.body for one in app.cases.events("case-f1")][-1]
    assert erased == ReportErased("f1", "30 days after it was over, nothing had it kept")
    assert "what was missing never came" in str(app.cases.events("case-r1")[-1].event.body)
    assert MARK not in str(logs)


def test_a_clock_that_is_a_year_ahead_for_an_hour_erases_nothing(app: App, clock: FakeClock) -> None:
    filed(app, "f1")
    asked(app, "r1")
    now = clock.time
    look(clock, 365 * DAY)
    look(clock, timedelta(hours=1))
    assert Over.objects.count() == 2
    clock.time = now
    look(clock)
    assert not Over.objects.exists()
    assert left() == ["f1", "r1"]
    look(clock, 365 * DAY)  # and once more, when the first time was a week ago by whatever clock
    clock.time = now + 9 * DAY
    look(clock, 365 * DAY)
    assert left() == ["f1", "r1"]


def test_a_service_that_was_off_begins_its_week_anew(app: App, clock: FakeClock) -> None:
    filed(app, "f1")
    look(clock, 31 * DAY)
    look(clock, 40 * DAY)
    assert left() == ["f1"]
    for _ in range(7):
        look(clock)
    assert left() == []


def test_what_cannot_be_read_or_is_in_use_keeps_no_other_waiting(
    app: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("f1", "f2", "f3"):
        filed(app, name)
    asked(app, "r1")
    FilingRow.objects.filter(id="f1").update(value='{"told": "planted-marker"')
    end, fails = type(app.endings).end, {"filing:f2"}

    def busy(endings: object, name: str) -> bool:
        if name in fails:
            raise ConflictError(what=name)
        return end(endings, name)  # type: ignore[arg-type] # the very method

    monkeypatch.setattr(type(app.endings), "end", busy)
    for day in range(39):
        with pytest.raises(ValueError, match="Expected"):
            look(clock, 31 * DAY if not day else DAY)
        if day == 20:
            assert left() == ["f1", "f2"]
            fails.clear()
    assert left() == ["f1"]


def test_a_hold_of_its_case_and_one_of_its_own_keep_it_and_later_a_week_begins(app: App, clock: FakeClock) -> None:
    filed(app, "f1")
    filed(app, "f2")
    app.endings.hold(LENA, "filing:f1", "police 7")
    put(app, "case-f2", HoldPlaced("h1", "order 7", clock.time + 60 * DAY))
    for _ in range(50):
        look(clock)
    assert left() == ["f1", "f2"]
    app.endings.free(LENA, "filing:f1", "they have it")
    for day in range(20):
        look(clock)
        assert ("f1" in left()) is (day < 7)
        assert ("f2" in left()) is (day < 16)


def test_people_read_when_it_goes_and_hold_it(app: App, clock: FakeClock, user: MakeUser, client_of: ClientOf) -> None:
    filed(app, "f1")
    asked(app, "r1")
    lead, senior = client_of(user(Role.LEAD)), client_of(user(Role.SENIOR))
    goes = clock.time + 37 * DAY
    page = lead.get("/filings/f1").content.decode()
    assert f"{goes:%Y-%m-%d}</time> or soon after" in page
    assert "Erased soon" not in lead.get("/deadlines").content.decode()
    look(clock, 31 * DAY)
    board = lead.get("/deadlines").content.decode()
    assert board.count(f'"when"><time datetime="{clock.time + 7 * DAY:%Y-%m-%d}') == 2
    assert MARK not in board
    assert senior.post("/filings/f1/hold", {"do": "hold", "reason": "police 7"}).status_code == 403
    assert "Held." in lead.post("/filings/f1/hold", {"do": "hold", "reason": "police 7"}, follow=True).content.decode()
    assert "Held: police 7" in lead.get("/filings/f1").content.decode()
    form = {"do": "hold", "reason": "a court asks"}
    assert "Held." in lead.post("/cases/case-r1/removal/r1/hold", form, follow=True).content.decode()
    assert "Held: a court asks" in lead.get("/cases/case-r1/removal/r1").content.decode()
    assert "Erased soon" not in lead.get("/deadlines").content.decode()
    lead.post("/filings/f1/hold", {"do": "free", "reason": "they have it"})
    assert "Say why" in lead.post("/filings/f1/hold", {"do": "hold", "reason": " "}, follow=True).content.decode()
    for _ in range(8):
        look(clock)
    assert left() == ["r1"]
    page = lead.get("/filings/f1").content.decode()
    assert f"was erased on {app.filings.get('f1').erased:%Y-%m-%d}" in page
    assert "e" * 64 in page  # the digest of what was confirmed
    assert MARK not in page
    assert "Download the bundle" not in page
    assert "erased on" in lead.post("/filings/f1/bundle", follow=True).content.decode()
    assert "nothing had it kept" in lead.get("/cases/case-f1").content.decode()


def test_programs_read_that_it_was_erased(
    app: App, clock: FakeClock, key: Callable[..., str], api_client: Callable[[str], Client]
) -> None:
    name = filed(app, "00000000-0000-0000-0000-000000000001")
    look(clock, 31 * DAY)
    for _ in range(7):
        look(clock)
    program = api_client(key(Scope.REPORT))
    found = program.get(f"/api/v1/filings/{name}").json()
    assert (found["state"], found["erased"][:10]) == ("finished", f"{clock.time:%Y-%m-%d}")
    shown = program.get(f"/api/v1/filings/{name}/preview").json()
    assert (shown["documents"], shown["digest"]) == ([], "e" * 64)
    assert "was erased on" in shown["flaws"][0]
    refused = program.patch(f"/api/v1/filings/{name}", {"uploads": {}}, content_type="application/json")
    assert refused.status_code == 409
