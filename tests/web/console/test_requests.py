"""Requests of people depicted on the pages: who takes them down, who reads them, who erases them, and who sees none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from safelight.adapter.closing.models import RequestRow
from safelight.app import App
from safelight.model.access import Role
from safelight.model.case import RequestReleased
from safelight.model.removal import Received
from safelight.model.takedown import Contact, Contacts
from safelight.model.takedown import Scope as SiteScope
from safelight.web.accounts.models import User
from safelight.web.console.cards import short
from tests.web.closing.operator import operated
from tests.web.conftest import MakeUser, sign_in
from tests.web.console.closing_material import LENA, Filled, fill_closing
from tests.web.console.material import fill

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]
MARK = "planted-marker"
NAMES = ("identification", "belief", "contact", "signature", "name", "acting_for")


@pytest.fixture
def app(db: None, monkeypatch: pytest.MonkeyPatch) -> App:
    return operated(monkeypatch, jurisdictions=("us",), organisation="Example", contact="safety@provider.example")


@pytest.fixture
def case(app: App) -> Filled:
    fill(app)
    return fill_closing(app)


@pytest.fixture
def lena(user: MakeUser, client_of: ClientOf) -> Client:
    return client_of(user(Role.LEAD))


@pytest.fixture
def sami(user: MakeUser, client_of: ClientOf) -> Client:
    return client_of(user(Role.SENIOR))


def told(client: Client, path: str, form: dict[str, str]) -> str:
    return unescape(client.post(path, form, follow=True).content.decode())


def form(app: App, case: Filled, hours: float = 1, **change: str) -> dict[str, str]:
    at = app.clock.now() - timedelta(hours=hours)
    said = {name: f"{MARK} {name}" for name in NAMES}
    item = app.cases.case(case.case).items[0].id
    return {"item": item, "at": f"{at:%Y-%m-%dT%H:%M}", **said} | change


def kept(app: App, case: Filled) -> list[Received]:
    return list(app.requests.of_case(LENA, case.case))


def test_one_is_taken_down_read_by_few_and_erased(
    app: App, case: Filled, lena: Client, sami: Client, user: MakeUser, client_of: ClientOf
) -> None:
    path = f"/cases/{case.case}"
    page = told(sami, f"{path}/removal", form(app, case, pass_on="on"))
    [one] = kept(app, case)
    own = f"{path}/removal/{one.id}"
    assert f"valid. It is to be removed by {one.received + timedelta(hours=48):%Y-%m-%d %H:%M} UTC" in page
    assert own not in page
    assert sami.get(own).status_code == 403
    assert told(lena, f"{path}/removal", form(app, case, pass_on="on")).count("Read or erase request") == 1
    read = lena.get(own)
    assert all(f"{MARK} {name}" in read.content.decode() for name in NAMES)
    assert "no-store" in read["Cache-Control"]
    auditor, reviewer = (client_of(user(role)) for role in (Role.AUDITOR, Role.REVIEWER))
    for client in (lena, sami, auditor, reviewer):
        for elsewhere in (path, "/log", "/cases", "/deadlines", "/takedowns", f"/takedowns/{case.fresh}", "/queue"):
            assert MARK not in client.get(elsewhere).content.decode()
    assert "Requests of people depicted" not in reviewer.get(path).content.decode()
    assert MARK.encode() not in b"".join(one.entry for one in app.cases.events(case.case))

    assert "Say why" in told(lena, f"{own}/erase", {})
    assert "It is still needed" in told(lena, f"{own}/erase", {"why": "ended"})
    assert "Erased." in told(lena, f"{own}/erase", {"why": "withdrawn"})
    assert not RequestRow.objects.filter(value__contains=MARK).exists()
    gone = lena.get(own).content.decode()
    assert "It was erased." in gone
    assert MARK not in gone
    assert "erased" in sami.get(path).content.decode()


def released(app: App, case: Filled) -> list[object]:
    return [one.event.body for one in app.cases.events(case.case) if isinstance(one.event.body, RequestReleased)]


def test_where_it_can_go_is_shown_and_released_by_a_person_who_files(
    app: App, case: Filled, lena: Client, sami: Client, user: MakeUser
) -> None:
    told(sami, f"/cases/{case.case}/removal", form(app, case, pass_on="on"))
    [one] = kept(app, case)
    own = f"/cases/{case.case}/removal/{one.id}"
    assert "no address that it can go to now" in lena.get(own).content.decode()
    fresh = app.takedowns.get(case.fresh)
    site = Contact(SiteScope.SITE, "Forum", "abuse@forum.example", how="guess")
    app.takedowns.put(replace(fresh, contacts=Contacts(fresh.url, app.clock.now(), (site,))), expect=fresh)
    page = lena.get(own).content.decode()
    assert "can go to <b>abuse@forum.example</b>" in page
    assert "I know that this site is in the United States" in page
    assert fresh.url not in page
    wanted = {"location": case.fresh, "to": site.email, "read": "on", "vouched": "on"}
    assert sami.post(f"{own}/release", wanted).status_code == 403
    late = Client(headers={"Accept": "text/html"})
    sign_in(late, user(Role.LEAD), seconds_ago=3_600)
    assert "/reauthenticate/" in late.post(f"{own}/release", wanted)["Location"]
    assert "Say that their words may go" in told(lena, f"{own}/release", wanted | {"read": ""})
    assert "say so if you know it" in told(lena, f"{own}/release", wanted | {"vouched": ""})
    assert "cannot go there" in told(lena, f"{own}/release", wanted | {"to": "abuse@evil.example"})
    assert released(app, case) == []
    page = told(lena, f"{own}/release", wanted)
    assert "Released to abuse@forum.example" in page
    assert "· released" in page
    assert released(app, case) == [RequestReleased(one.id, case.fresh, site.email, vouched=True)]
    assert "sent on (abuse@forum.example)" in lena.get(f"/cases/{case.case}").content.decode()


def test_those_that_lack_something_are_listed_until_it_comes(
    app: App, case: Filled, sami: Client, user: MakeUser, client_of: ClientOf
) -> None:
    path = f"/cases/{case.case}"
    for hours, lacks in ((2, {"signature": ""}), (5, {"contact": " ", "belief": "?"}), (1, {})):
        told(sami, f"{path}/removal", form(app, case, hours, **lacks))
    whole, late, early = sorted(kept(app, case), key=lambda one: one.received, reverse=True)
    auditor = client_of(user(Role.AUDITOR))
    for client in (sami, auditor):
        page = client.get("/removal-requests").content.decode()
        rows = page.partition("<tbody>")[2].split("</tr>")[:-1]
        assert len(rows) == 2
        for row, one, missing in (
            (rows[0], early, "statement of good faith, contact information"),
            (rows[1], late, "signature"),
        ):
            assert f"<td>{missing}</td>" in row
            assert f"{one.received:%Y-%m-%d %H:%M}" in row
            assert f'href="{path}#requests"' in row
        assert MARK not in page
        assert short(whole.id) not in page
    told(sami, f"{path}/removal/{late.id}/complete", form(app, case, 1))
    assert "<td>signature</td>" not in sami.get("/removal-requests").content.decode()
    assert client_of(user(Role.REVIEWER)).get("/removal-requests").status_code == 403
    assert 'href="/removal-requests"' in sami.get("/deadlines").content.decode()


def test_what_is_missing_is_asked_for_and_starts_the_clock_when_it_comes(app: App, case: Filled, sami: Client) -> None:
    path = f"/cases/{case.case}"
    before = len(app.cases.case(case.case).duties)
    page = told(sami, f"{path}/removal", form(app, case, 2, signature="", contact=" "))
    assert "ask the person for this: signature, contact information" in page
    assert "not complete: no clock runs" in page
    assert len(app.cases.case(case.case).duties) == before
    [one] = kept(app, case)
    more = form(app, case, 1) | {"belief": "something else"}
    assert "The request is valid" in told(sami, f"{path}/removal/{one.id}/complete", more)
    [one] = kept(app, case)
    assert one.said is not None
    assert one.said.belief == f"{MARK} belief"
    assert len(app.cases.case(case.case).duties) == before + 1


def test_reading_and_erasing_want_the_second_factor_again(app: App, case: Filled, user: MakeUser, lena: Client) -> None:
    told(lena, f"/cases/{case.case}/removal", form(app, case))
    [one] = kept(app, case)
    late = Client(headers={"Accept": "text/html"})
    sign_in(late, user(Role.LEAD), seconds_ago=3_600)
    own = f"/cases/{case.case}/removal/{one.id}"
    for answer in (late.get(own), late.post(f"{own}/erase", {"why": "withdrawn"})):
        assert answer.status_code == 302
        assert "/reauthenticate/" in answer["Location"]
    assert kept(app, case) == [one]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"at": ""}, "a time in UTC that is not in the future"),
        ({"at": "2099-01-01T00:00"}, "a time in UTC that is not in the future"),
        ({"item": "nothing"}, "no such item"),
        ({"belief": "x" * 2_001}, "belief is longer"),
    ],
)
def test_what_cannot_be_is_told_on_the_page(
    app: App, case: Filled, sami: Client, change: dict[str, str], said: str
) -> None:
    assert said in told(sami, f"/cases/{case.case}/removal", form(app, case) | change)
    assert kept(app, case) == []


def test_an_id_of_another_case_leads_nowhere(app: App, case: Filled, lena: Client) -> None:
    told(lena, f"/cases/{case.case}/removal", form(app, case))
    [one] = kept(app, case)
    other = next(found.id for found in app.cases.cases() if found.id != case.case)
    for name in (one.id, "nothing"):
        path = f"/cases/{other}/removal/{name}"
        assert lena.get(path).status_code == 302
        assert "no such request" in told(lena, f"{path}/erase", {"why": "withdrawn"})
        assert "no such request" in told(lena, f"{path}/complete", form(app, case))
