"""The pages of closing the loop: who reaches them, what acts leave, and that nobody sends what was not read."""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from safelight.adapter.closing.models import PolicyRow
from safelight.case.fold import absorbed
from safelight.model.access import SYSTEM, Role
from safelight.model.case import (
    TOOL,
    Draft,
    DutyDropped,
    DutyMet,
    Merged,
    Noted,
    NoticeAnswered,
    Opened,
    PlaceChanged,
    PreservationSet,
    ReportConfirmed,
    TakedownBegun,
)
from safelight.model.defang import defanged
from safelight.model.filing import Account, CaptureKind, FileTold, Filing, FilingState, IpEvent
from safelight.model.filing import Role as Part
from safelight.model.policy import PolicyState
from safelight.model.takedown import NoticeState, Place
from safelight.model.takedown_events import LocationClosed
from safelight.web.accounts.models import User
from safelight.web.console import duty_pages, filing_pages, policy_pages, takedown_pages
from safelight.web.console.closing_pages import closing_of
from safelight.web.console.closing_words import about
from safelight.web.console.views import takedowns
from safelight.web.container import the_app
from safelight.web.jobs.models import Job
from tests.web.conftest import MakeUser, sign_in
from tests.web.console.closing_material import LENA, Filled, contacts, fill_closing, overturn
from tests.web.console.material import fill

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]
SEEING = {Role.SENIOR, Role.LEAD, Role.AUDITOR}


class Phonebook:
    """Everything is at the same host."""

    def find(self, url: str) -> object:
        return contacts(url, the_app().clock.now())


class NoPost:
    """Takes nothing: the tests here send no mail."""


@pytest.fixture
def closing(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    """A case on its way, in a service to which the law of three places applies, with an account at a test receiver."""
    app = the_app()
    told = replace(
        app.settings.service.closing,
        jurisdictions=("us", "ca", "eu"),
        organisation="Example Provider",
        contact="safety@provider.example",
        ncmec_user="provider",
        ncmec_password="not a secret",
        ncmec_url="http://127.0.0.1:9/ispws",
    )
    monkeypatch.setattr(app, "settings", replace(app.settings, service=replace(app.settings.service, closing=told)))
    kept = dict(vars(app))
    made = (
        *("settle", "reports", "takedown", "policies", "hotline", "reporter"),
        *("directory", "mailer", "statements", "requests", "retractions"),
    )
    for name in made:
        vars(app).pop(name, None)
    vars(app).update(directory=Phonebook(), mailer=NoPost())
    fill(app)
    yield fill_closing(app)
    for name in made:
        vars(app).pop(name, None)
    vars(app).update({name: value for name, value in kept.items() if name in made})


@pytest.fixture
def lena(user: MakeUser, client_of: ClientOf) -> Client:
    return client_of(user(Role.LEAD))


@pytest.fixture
def sami(user: MakeUser, client_of: ClientOf) -> Client:
    return client_of(user(Role.SENIOR))


def bodies(case: str, kind: type) -> list[object]:
    return [one.event.body for one in the_app().cases.events(case) if isinstance(one.event.body, kind)]


def told(client: Client, path: str, form: Mapping[str, object] | None = None) -> str:
    return client.post(path, form or {}, follow=True).content.decode()


def drafted(client: Client, case: str, body: str = "ncmec") -> Filing:
    told(client, f"/cases/{case}/reports", {"body": body})
    return the_app().filings.of_case(case)[-1]


def digest_on(client: Client, page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', client.get(page).content.decode())
    assert found is not None
    return found[1]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_its_pages_and_no_others(
    role: Role, closing: Filled, user: MakeUser, client_of: ClientOf
) -> None:
    client = client_of(user(role))
    pages = (
        "/deadlines",
        "/law",
        "/filings",
        "/takedowns",
        f"/takedowns/{closing.place}",
        "/takedowns/hosts",
        "/policy",
    )
    for path in (*pages, "/transparency/2026"):
        assert client.get(path).status_code == (200 if role in SEEING else 403), path
    nothing = client.get("/takedowns/no-such-place")
    assert nothing.status_code == (404 if role in SEEING else 403)
    home = client.get("/", follow=True).content.decode()
    assert ('href="/deadlines"' in home) is (role in SEEING)
    assert client.get("/policy/write").status_code == (200 if role is Role.LEAD else 403)
    if role is Role.REVIEWER:
        page = client.get(f"/cases/{closing.case}").content.decode()
        assert 'id="law"' not in page


def test_the_history_tells_a_reviewer_of_no_duty_report_or_takedown(
    closing: Filled, user: MakeUser, client_of: ClientOf, lena: Client
) -> None:
    app = the_app()
    mark = f"{closing.place} is told"
    gone = (PlaceChanged(closing.place, Place.GONE), Noted(f"location {mark}"))
    app.cases.append([Draft(closing.case, LENA.actor, body, TOOL) for body in gone])
    app.cases.append([Draft(closing.case, SYSTEM, Noted(f"the clock of {mark}"), TOOL)])
    app.cases.append([Draft(closing.case, LENA.actor, Noted("to colleagues"), TOOL)])
    until = datetime(2099, 7, 1, tzinfo=UTC)
    app.cases.append([Draft(closing.case, SYSTEM, PreservationSet(until, "us/preserve"), TOOL)])
    drafted(lena, closing.case)
    pages = {role: client_of(user(role)).get(f"/cases/{closing.case}").content.decode() for role in Role}
    assert {role for role, page in pages.items() if "kept until 2099-07-01" in page} == SEEING
    history = {role: page.partition('id="history"')[2] for role, page in pages.items() if 'id="history"' in page}
    told = ("duty of the law", "came in at", "asked policy version", "where an item is", "takedown begin")
    for words in (*told, "looked at a place", mark):
        assert {role for role, text in history.items() if words in text} == SEEING, words
    for words in ("opened the case", "decided: confirmed", "noted: to colleagues"):
        assert {role for role, text in history.items() if words in text} == SEEING | {Role.REVIEWER}, words


def test_a_reviewer_learns_nothing_from_ids(closing: Filled, user: MakeUser, client_of: ClientOf, lena: Client) -> None:
    filing = drafted(lena, closing.case)
    rosa = client_of(user(Role.REVIEWER))
    for there, elsewhere in ((f"/filings/{filing.id}", "/filings/x"), (f"/takedowns/{closing.place}", "/takedowns/x")):
        answers = [rosa.get(path) for path in (there, elsewhere)]
        assert {answer.status_code for answer in answers} == {403}
        texts = {re.sub(r"<code>\w+</code>", "", answer.content.decode()) for answer in answers}
        assert len(texts) == 1  # but for the request's id


def test_the_board_says_how_urgent_and_how_sure(closing: Filled, lena: Client) -> None:
    page = lena.get("/deadlines").content.decode()
    order = [page.index(name) for name in ("Overdue", "Due within 24 hours", "Without a fixed time")]
    assert order == sorted(order)
    assert "unverified: informs only" in page
    assert "confirmed" in page
    assert "Report the address to Cybertip.ca" in page
    assert "your own reminder, not the law's" in html.unescape(page)
    only = lena.get("/deadlines?jurisdiction=us&kind=remove").content.decode()
    assert "Remove within 48 hours" in only
    assert "Cybertip.ca" not in only
    assert "No open duty of this kind" in lena.get("/deadlines?jurisdiction=kr").content.decode()


def test_old_packs_are_told_of(closing: Filled) -> None:
    packs = the_app().law.packs()
    us = packs["us"]
    day = the_app().clock.now().replace(year=us.as_of.year, month=us.as_of.month, day=us.as_of.day)
    assert duty_pages.stale([us], day + timedelta(days=180)) == []
    assert duty_pages.stale([us], day + timedelta(days=181)) == [(us.name, "181 days")]


def test_the_law_is_shown_side_by_side(lena: Client) -> None:
    page = lena.get("/law").content.decode()
    for pack in the_app().law.packs().values():
        assert f'id="pack-{pack.id}"' in page
    assert "Wholly synthetic: covered by" in page
    assert "not covered" in page


def test_what_people_note_about_duties(closing: Filled, lena: Client, sami: Client) -> None:
    path = f"/cases/{closing.case}/duties"
    now = the_app().clock.now()
    form = {"rule": "us/take-it-down", "at": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}", "note": "by mail"}
    assert "not in the future" in told(sami, f"{path}/ask", form)
    form["at"] = f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    before = len(the_app().cases.case(closing.case).duties)
    assert "Noted. Remove within 48 hours" in told(sami, f"{path}/ask", form)
    assert "Say why" in told(sami, f"{path}/ask", form | {"note": " "})
    duties = the_app().cases.case(closing.case).duties
    assert len(duties) == before + 1
    assert sami.post(f"{path}/drop", {"duty": duties[0].duty.id, "reason": "x"}).status_code == 403
    assert "does not apply" in told(lena, f"{path}/drop", {"duty": duties[0].duty.id, "reason": "no request of ours"})
    assert "is met" in told(lena, f"{path}/met", {"duty": duties[1].duty.id, "by": "by telephone"})
    assert "was not done" in told(lena, f"{path}/met", {"duty": duties[1].duty.id, "by": "again"})
    assert [len(bodies(closing.case, kind)) for kind in (DutyDropped, DutyMet)] == [1, 1]


def test_a_report_is_sent_by_who_read_it_as_it_is(closing: Filled, lena: Client, sami: Client, user: MakeUser) -> None:
    filing = drafted(sami, closing.case)
    page = sami.get(f"/filings/{filing.id}").content.decode()
    assert "TEST" in page
    assert "&lt;fileViewedByEsp&gt;</span>false" in page
    assert "Send the report" not in page  # who prepares does not send
    assert sami.post(f"/filings/{filing.id}/send", {"read": "on", "digest": "x"}).status_code == 403

    digest = digest_on(lena, f"/filings/{filing.id}")
    assert "Read the report" in told(lena, f"/filings/{filing.id}/send", {"digest": digest})
    item = filing.items[0].item
    change = {"incident": filing.told.incident, f"note-{item}": ["viral", "generativeAi", "nonsense"], "upload": [item]}
    assert "Read the report again" in told(sami, f"/filings/{filing.id}/change", change)
    assert the_app().filings.get(filing.id).told.annotations == {item: ("viral",)}
    assert "has changed meanwhile" in told(lena, f"/filings/{filing.id}/send", {"read": "on", "digest": digest})

    form = {"read": "on", "digest": digest_on(lena, f"/filings/{filing.id}")}
    stale = Client()
    sign_in(stale, user(Role.LEAD), seconds_ago=400)
    asked = stale.post(f"/filings/{filing.id}/send", form, headers={"Accept": "text/html"})
    assert "reauthenticate" in asked["Location"]
    assert bodies(closing.case, ReportConfirmed) == []
    assert "It is being sent" in told(lena, f"/filings/{filing.id}/send", form)
    assert len(bodies(closing.case, ReportConfirmed)) == 1
    assert Job.objects.filter(kind="filings.send", subject=filing.id).count() == 1
    progress = lena.get(f"/filings/{filing.id}/progress")
    assert "HX-Refresh" not in progress
    assert "Report opened" in progress.content.decode()


def test_what_is_told_of_people_is_kept_or_stays_in_the_form(closing: Filled, sami: Client) -> None:
    filing = drafted(sami, closing.case)
    page, item = f"/filings/{filing.id}", filing.items[0].item
    form = {
        "upload": item,
        "note-" + item: "viral",
        "urls": "https://host.example/17",
        "account-1-role": "reported",
        "account-1-esp_identifier": "u-4 & <co>",
        "account-1-ip_events": "203.0.113.7, Upload, 2026-01-01 10:00, 51820, proxy\n203.0.113.8, soon",
        "account-2-role": "victim",
        "account-2-esp_identifier": "u-5",
        f"file-{item}-name": "IMG_0017.jpg",
        f"file-{item}-public": "yes",
    }
    more = sami.post(f"{page}/change", form | {"more": "account"})
    assert more.status_code == 200
    assert 'id="account-3-esp_identifier"' in more.content.decode()
    assert "Not kept yet" not in more.content.decode()

    wrong = sami.post(f"{page}/change", form)
    shown = wrong.content.decode()
    assert wrong.status_code == 200
    assert '<a href="#account-1-ip_events">Account 1, IP addresses it used, one a line: Line 2: part 2 is no' in shown
    assert re.search(
        r'name="account-1-ip_events"[^>]*aria-invalid="true"[^>]*aria-describedby="account-1-ip_events-slip', shown
    )
    assert "203.0.113.8, soon" in shown
    assert 'value="u-4 &amp; &lt;co&gt;"' in shown
    assert 'value="IMG_0017.jpg"' in shown
    assert "Send the report" not in shown
    assert the_app().filings.get(filing.id).told == filing.told

    form["account-1-ip_events"] = "10.0.0.1"
    shown = sami.post(f"{page}/change", form).content.decode()
    assert '<a href="#account-1">account 1, IP event 1: an address of an inner network' in shown

    form["account-1-ip_events"] = "203.0.113.7, Upload, 2026-01-01 10:00, 51820, proxy"
    assert "Read the report again" in told(sami, f"{page}/change", form)
    kept = the_app().filings.get(filing.id).told
    at = datetime(2026, 1, 1, 10, tzinfo=UTC)
    event = IpEvent("203.0.113.7", CaptureKind.UPLOAD, at, possible_proxy=True, port=51820)
    assert kept.accounts == (
        Account(esp_identifier="u-4 & <co>", ip_events=(event,)),
        Account(Part.VICTIM, "u-5"),
    )
    assert kept.files == {item: FileTold("IMG_0017.jpg", public=True)}
    assert kept.annotations == {item: ("viral",)}
    shown = sami.get(page).content.decode()
    assert "203.0.113.7, Upload, 2026-01-01T10:00:00Z, 51820, proxy" in shown
    assert "&lt;originalFileName&gt;</span>IMG_0017.jpg" in shown
    assert "u-4" not in sami.get("/filings").content.decode()
    assert "203.0.113.7" not in str([logged.event for logged in the_app().cases.events(closing.case)])


def test_the_form_for_canada_asks_for_urls_alone(closing: Filled, sami: Client) -> None:
    filing = drafted(sami, closing.case, "cybertip_ca")
    page = sami.get(f"/filings/{filing.id}").content.decode()
    assert 'name="urls"' in page
    assert "account-1" not in page
    form = {"urls": "https://host.example/17", "account-1-esp_identifier": "u-4", "additional": "more"}
    assert "Read the report again" in told(sami, f"/filings/{filing.id}/change", form)
    kept = the_app().filings.get(filing.id).told
    assert kept == replace(filing.told, urls=("https://host.example/17",), additional="more")


def test_forged_posts_are_refused(closing: Filled, user: MakeUser) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, user(Role.LEAD))
    for path in (f"/takedowns/{closing.fresh}/begin", f"/cases/{closing.case}/reports", "/policy/write"):
        assert client.post(path, {"read": "on"}).status_code == 403, path


def test_what_could_not_be_sent_says_what_to_do(closing: Filled, lena: Client) -> None:
    filing = drafted(lena, closing.case)
    dead = replace(filing, state=FilingState.DEAD, cause="submit: 4100: Validation failed", confirmed=filing.created)
    the_app().filings.put(dead, expect=filing)
    page = lena.get(f"/filings/{filing.id}").content.decode()
    assert "takes the document for invalid" in page
    assert "1 could not be sent" in lena.get("/filings").content.decode()
    assert lena.get(f"/filings/{filing.id}/progress")["HX-Refresh"] == "true"
    assert filing_pages.remedy(replace(dead, cause="no answer for 30 days")) == filing_pages.REMEDY


def test_what_was_stopped_and_what_is_not_whole_asks_for_a_person(closing: Filled, lena: Client) -> None:
    filing = drafted(lena, closing.case)
    by_hand = replace(filing, state=FilingState.WITHDRAWN, cause="withdrawn: twice", confirmed=filing.created)
    the_app().filings.put(by_hand, expect=filing)
    assert "stopped on the way" not in lena.get("/filings").content.decode()
    stopped = replace(by_hand, cause="the finding does not stand any more")
    the_app().filings.put(stopped, expect=by_hand)
    page = lena.get(f"/filings/{filing.id}").content.decode()
    assert "stopped on the way, by nobody here" in page
    assert filing_pages.STOPPED_REMEDY in page
    board = lena.get("/filings").content.decode()
    assert "1 was stopped on the way" in board
    assert stopped.cause in board
    finished = replace(stopped, state=FilingState.FINISHED, cause="finished without f7 (item i1)")
    the_app().filings.put(finished, expect=stopped)
    page = lena.get(f"/filings/{filing.id}").content.decode()
    assert "but not as it was sent" in page
    assert filing_pages.FLAW_REMEDY in page
    waiting = replace(finished, state=FilingState.SENDING, cause="it waits: an appeal on the case is open")
    the_app().filings.put(waiting, expect=finished)
    assert f"Why it waits:</b> {waiting.cause}" in lena.get(f"/filings/{filing.id}").content.decode()


def test_a_body_without_an_interface_gets_a_bundle_from_a_person(closing: Filled, lena: Client) -> None:
    filing = drafted(lena, closing.case, "cybertip_ca")
    answer = lena.post(f"/filings/{filing.id}/bundle")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert bundle.namelist()
    assert "Say why" in told(lena, f"/filings/{filing.id}/hand", {"note": ""})
    note = {"note": "by their form, number 3"}
    assert "has changed meanwhile" in told(lena, f"/filings/{filing.id}/hand", note | {"digest": "of an older bundle"})
    form = note | {"digest": digest_on(lena, f"/filings/{filing.id}")}
    assert "it was handed over" in told(lena, f"/filings/{filing.id}/hand", form)
    assert the_app().filings.get(filing.id).state is FilingState.HANDED


def test_of_a_draft_for_which_nothing_stands_any_more_nobody_is_offered_a_bundle(closing: Filled, lena: Client) -> None:
    path = f"/filings/{drafted(lena, closing.case, 'cybertip_ca').id}"
    page = lena.get(path).content.decode()
    assert "Download the bundle</button>" in page
    assert "It was handed over</button>" in page
    overturn(closing.case)
    page = lena.get(path).content.decode()
    assert "Download the bundle" not in page
    assert "It was handed over</button>" not in page
    assert "cannot be handed over before what stands against it is mended" in page
    assert "nobody has confirmed that it is abuse" in told(lena, f"{path}/bundle")


def test_a_draft_is_withdrawn(closing: Filled, sami: Client) -> None:
    filing = drafted(sami, closing.case, "police")
    assert "withdrawn" in told(sami, f"/filings/{filing.id}/withdraw", {"reason": "twice"})
    assert the_app().filings.get(filing.id).state is FilingState.WITHDRAWN


def test_a_takedown_begins_once_it_was_read(closing: Filled, sami: Client) -> None:
    path = f"/takedowns/{closing.fresh}"
    assert "hxxps://forum[.]pictures[.]example" in sami.get(path).content.decode()
    told(sami, f"{path}/contacts")
    page = sami.get(path).content.decode()
    assert "abuse@hosting.example" in page
    assert "https://forum" not in page
    assert "Read what will be sent" in told(sami, f"{path}/begin")
    for digest in ("", "0" * 64):
        assert "This has changed meanwhile" in told(sami, f"{path}/begin", {"read": "on", "digest": digest})
    assert bodies(closing.case, TakedownBegun)[-1] != TakedownBegun(closing.fresh)
    read = {"read": "on", "digest": digest_on(sami, path)}
    assert "Begun." in told(sami, f"{path}/begin", read)
    assert bodies(closing.case, TakedownBegun)[-1] == TakedownBegun(closing.fresh)
    assert Job.objects.filter(kind="takedown.advance", subject=closing.fresh).exists()
    assert "Say why" in told(sami, f"{path}/close", {"reason": ""})
    assert "Ended." in told(sami, f"{path}/close", {"reason": "the wrong URL"})
    assert len(bodies(closing.case, LocationClosed)) == 1
    assert "Take it up again" in sami.get(path).content.decode()
    told(sami, f"{path}/begin", read | {"digest": digest_on(sami, path)})
    assert the_app().takedowns.get(closing.fresh).closed == ""


def test_what_was_read_is_also_whom_it_goes_to(closing: Filled, sami: Client) -> None:
    path, store = f"/takedowns/{closing.fresh}", the_app().takedowns
    told(sami, f"{path}/contacts")
    found = store.get(closing.fresh)
    assert found.contacts is not None
    first, *others = found.contacts.contacts
    assert f"<p>To the {first.scope} ({first.name}, {first.to})</p>" in sami.get(path).content.decode()
    read = {"read": "on", "digest": digest_on(sami, path)}
    elsewhere = replace(found.contacts, contacts=(replace(first, email="abuse@elsewhere.example"), *others))
    store.put(replace(found, contacts=elsewhere), expect=found)
    assert "This has changed meanwhile" in told(sami, f"{path}/begin", read)
    assert store.get(closing.fresh).begun is None
    assert "abuse@elsewhere.example)</p>" in sami.get(path).content.decode()
    assert "Begun." in told(sami, f"{path}/begin", {"read": "on", "digest": digest_on(sami, path)})


def test_a_person_says_what_no_look_can_tell(closing: Filled, sami: Client) -> None:
    path, store = f"/takedowns/{closing.unclear}", the_app().takedowns
    page = sami.get(path).content.decode()
    assert "It is there all the same" in page
    read = {"read": "on", "vouched": "on", "digest": digest_on(sami, path)}
    assert "Begun." in told(sami, f"{path}/begin", read)
    assert store.get(closing.unclear).vouched is not None
    assert "It is there all the same" not in sami.get(path).content.decode()
    assert "It is watched" in told(sami, f"{path}/gone", {"reason": "the page says so"})
    page = sami.get(path).content.decode()
    assert store.get(closing.unclear).gone is not None
    assert "It is there all the same" in page  # a person may contradict that
    assert "<summary>It is gone" not in page
    told(sami, f"{path}/begin", read | {"digest": digest_on(sami, path)})
    found = store.get(closing.unclear)
    assert (found.gone, found.returned, found.vouched is not None) == (None, 1, True)
    assert bodies(closing.case, TakedownBegun)[-1] == TakedownBegun(closing.unclear, vouched=True)
    store.put(replace(found, place=Place.GONE), expect=found)  # by the next look
    assert "A person says that it is there" in sami.get(path).content.decode()


def test_that_it_is_there_can_be_said_when_nobody_is_left_to_be_told(closing: Filled, sami: Client) -> None:
    path, store = f"/takedowns/{closing.unclear}", the_app().takedowns
    found = store.get(closing.unclear)
    assert found.contacts is not None
    store.put(replace(found, contacts=replace(found.contacts, contacts=found.contacts.contacts[:1])), expect=found)
    page = sami.get(path).content.decode()
    assert "It is there all the same" in page
    assert "changed meanwhile" in told(sami, f"{path}/begin", {"read": "on", "vouched": "on", "digest": "0" * 64})
    told(sami, f"{path}/begin", {"read": "on", "vouched": "on", "digest": ""})
    assert store.get(closing.unclear).vouched is not None


def test_whoever_left_a_session_open_left_no_power(closing: Filled, user: MakeUser) -> None:
    """Grave acts want the second factor of the last minutes; without it nothing happens."""
    client = Client()
    sign_in(client, user(Role.LEAD), seconds_ago=5 * 3600)
    before = len(the_app().cases.events(closing.case))
    duty = the_app().cases.case(closing.case).duties[0].duty.id
    place = the_app().takedowns.get(closing.place)
    for path, form in (
        (f"/cases/{closing.case}/duties/drop", {"duty": duty, "reason": "none of ours"}),
        (f"/cases/{closing.case}/duties/met", {"duty": duty, "by": "by telephone"}),
        (f"/takedowns/{closing.fresh}/begin", {"read": "on", "digest": "0" * 64}),
        (f"/takedowns/{closing.place}/by-hand", {"notice": place.notices[0].id}),
    ):
        answer = client.post(path, form, headers={"Accept": "text/html"})
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("mfa_reauthenticate")), path
    assert len(the_app().cases.events(closing.case)) == before
    assert the_app().takedowns.get(closing.place) == place


def test_the_page_of_a_case_has_the_reports_and_places_of_those_merged_into_it(closing: Filled, lena: Client) -> None:
    filing, app = drafted(lena, closing.case), the_app()
    case = app.cases.case(closing.case)
    app.cases.append([Draft("other", SYSTEM, Opened("gate"), TOOL)])
    app.cases.append([Draft("other", SYSTEM, absorbed(case), TOOL), Draft(case.id, SYSTEM, Merged("other"), TOOL)])
    shown = closing_of(LENA, app.cases.case("other"))
    assert filing.id in {one.id for one in shown.filings}
    assert {closing.place, closing.fresh} <= {one.id for one in shown.places}
    page = lena.get("/cases/other").content.decode()
    assert f"/filings/{filing.id}" in page
    assert f"/takedowns/{closing.place}" in page


def test_an_answer_is_noted_and_the_exact_notice_is_a_download(closing: Filled, sami: Client) -> None:
    path = f"/takedowns/{closing.place}"
    notice = the_app().takedowns.get(closing.place).notices[0].id
    assert "Choose what they answered" in told(sami, f"{path}/answer", {"notice": notice, "state": "sent"})
    assert "Only a look makes it true" in told(
        sami, f"{path}/answer", {"notice": notice, "state": "refused", "note": "n"}
    )
    assert isinstance(bodies(closing.case, NoticeAnswered)[-1], NoticeAnswered)
    assert "does not wait to be sent" in told(sami, f"{path}/by-hand", {"notice": notice})
    with zipfile.ZipFile(io.BytesIO(sami.post(f"{path}/letter").content)) as bundle:
        assert the_app().takedowns.get(closing.place).url in bundle.read("notice.txt").decode()


def test_urls_are_added_found_and_filtered(closing: Filled, sami: Client) -> None:
    item = the_app().cases.case(closing.case).items[0].id
    path = f"/cases/{closing.case}/places"
    asked = told(sami, path, {"item": item, "url": "third.example/x"})
    assert "<li>write it with https:// or http://; you wrote: third[.]example/x</li>" in asked
    assert ">\nthird.example/x</textarea>" in asked
    assert 'aria-invalid="true"' in asked
    assert "write it with https:// or http://" in told(sami, path, {"item": item, "url": "file:///etc/hosts"})
    page = told(sami, path, {"item": item, "url": " hxxps://third[.]example/x "})
    assert "hxxps://third[.]example/x" in page
    assert "third[.]example" in sami.get("/takedowns?work=not begun").content.decode()
    assert "third[.]example" not in sami.get("/takedowns?place=altered").content.decode()
    assert "No such URL" in sami.get("/takedowns?work=ended").content.decode()


def test_of_several_urls_the_good_ones_are_taken_and_the_others_stay_in_the_form(
    closing: Filled, sami: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = the_app().cases.case(closing.case).items[-1].id
    path = f"/cases/{closing.case}/places"
    text = "https://4.example/\r\n5.example/a\r\n\r\nhxxp://6[.]example/\r\nhttps:///b"
    page = told(sami, path, {"item": item, "url": text})
    assert "2 URLs are noted" in page
    assert ">\n5.example/a\nhttps:///b</textarea>" in page
    assert "<li>Line 1: write it with https:// or http://; you wrote: 5[.]example/a</li><li>Line 2: its host" in page
    assert f'name="item" value="{item}"' in page
    urls = {one.url for one in the_app().takedowns.of_case(closing.case)}
    assert {"https://4.example/", "http://6.example/"} <= urls
    monkeypatch.setattr(takedowns, "MOST", 1)
    page = told(sami, path, {"item": item, "url": "7.example\nhttps://8.example/"})
    assert ">\n7.example\nhttps://8.example/</textarea>" in page
    assert "The others were not looked at: no more than 1 are taken at a time." in page


def test_a_timeline_is_in_order_and_its_bar_is_whole(closing: Filled, lena: Client, user: MakeUser) -> None:
    location = the_app().takedowns.get(closing.place)
    page = lena.get(f"/takedowns/{closing.place}").content.decode()
    order = [
        page.index(words) for words in ("was begun by", "the site sent", "the host sent", "ticket 4711", "came back:")
    ]
    assert order == sorted(order)
    bar = takedown_pages.bar(location, the_app().clock.now())
    assert abs(sum(float(part.width) for part in bar.stretches) - 100) < 0.1
    assert [part.place for part in bar.stretches] == ["unchecked", "present", "gone", "altered"]
    assert len(bar.marks) == 2


def test_what_comes_next_by_itself_is_told(closing: Filled, lena: Client) -> None:
    app, at = the_app(), the_app().clock.now().replace(second=0, microsecond=0) + timedelta(hours=5)
    before = app.takedowns.get(closing.place)
    last = replace(before.notices[-1], state=NoticeState.SENT, due=at)
    app.takedowns.put(replace(before, next_look=at, gone=None, notices=(*before.notices[:-1], last)), before)
    page = html.unescape(lena.get(f"/takedowns/{closing.place}").content.decode())
    told = re.search(r"<p>Next: look again at ([^;]*) UTC; (.*?)\.</p>", page)
    assert told is not None
    assert told[1] == f"{at:%Y-%m-%d %H:%M}"
    assert told[2].startswith(("next notice to ", "nobody is left")), told[2]
    assert "Next: look" not in lena.get(f"/takedowns/{closing.fresh}").content.decode()


def test_hosts_are_ranked_and_what_is_pressing_is_told(closing: Filled, lena: Client) -> None:
    page = lena.get("/takedowns/hosts").content.decode()
    assert "img[.]pictures[.]example" in page
    assert "is over, and something is still there" in page
    assert "1 day 8 h" in page


def test_a_policy_needs_two_people(closing: Filled, lena: Client, user: MakeUser, client_of: ClientOf) -> None:
    text = the_app().policies.text()
    wrong = text.replace('outcome == "known"', 'outcom == "known"', 1)
    page = told(lena, "/policy/write", {"text": wrong, "note": "n", "do": "propose"})
    assert "<mark>outcom</mark>" in page
    assert the_app().policies.versions() == []
    assert "Tried on" in told(lena, "/policy/write", {"text": text, "do": "try"})
    new = text.replace("the very bytes of a known item", "known bytes")
    assert "in a few words" in told(lena, "/policy/write", {"text": new, "do": "propose"})
    form = {"text": new, "note": "shorter", "do": "propose", "wanted": "shadow"}
    assert "Another person has to agree" in told(lena, "/policy/write", form)
    assert "you proposed this yourself" in told(lena, "/policy/1/answer", {"answer": "approve"})
    otto = client_of(user(Role.LEAD))
    assert "Say why" in told(otto, "/policy/1/answer", {"answer": "reject"})
    row = PolicyRow.objects.get(number=1)
    read = {"answer": "approve", "digest": the_app().policies.version(1).sha256}
    for one in ({"answer": "approve"}, read | {"digest": "0" * 64}):
        assert "read it again" in told(otto, "/policy/1/answer", one)
    PolicyRow.objects.update(value=row.value.replace("known bytes", "unknown bytes"))
    page = otto.get("/policy/1").content.decode()
    assert "Somebody has changed the database" in page
    assert "unknown bytes" not in page
    assert 'value="approve"' not in page
    assert "is not what was proposed" in told(otto, "/policy/1/answer", read)
    row.save()
    assert f'name="digest" value="{read["digest"]}"' in otto.get("/policy/1").content.decode()
    assert "used from now on" in told(otto, "/policy/1/answer", read)
    assert the_app().policies.versions()[0].state is PolicyState.SHADOW
    assert "In shadow: version 1" in lena.get("/policy").content.decode()
    assert "asked no more" in told(lena, "/policy/1/end-shadow")
    assert lena.get("/policy/2").status_code == 404
    auditor = client_of(user(Role.AUDITOR))
    assert auditor.get("/policy/1").status_code == 200
    assert auditor.post("/policy/1/answer", {"answer": "approve"}).status_code == 403


def test_who_approves_a_policy_sees_what_it_would_have_changed(
    closing: Filled, lena: Client, user: MakeUser, client_of: ClientOf
) -> None:
    text = the_app().policies.text().replace("confirmed: a report", "yes: a report")
    futile = text.replace('then = ["hold", "queue"]', 'then = ["block", "queue"]')
    page = told(lena, "/policy/write", {"text": futile, "do": "check"})
    assert "<code>looks-known</code> asks for `block`, but the rails always withhold it" in page
    told(lena, "/policy/write", {"text": futile, "note": "n", "do": "propose", "wanted": "in_force"})
    otto, senior = client_of(user(Role.LEAD)), client_of(user(Role.SENIOR))
    page = otto.get("/policy/1").content.decode()
    assert "What would it have changed?" in page
    assert "<code>looks-known</code> asks for `block`" in page
    assert page.index("What would it have changed?") < page.index('value="approve"')
    page = otto.get("/policy/1?try=past").content.decode()
    assert page.index("Tried on") < page.index('value="approve"')
    assert '<th scope="col" class="num">Matches in force</th><th scope="col" class="num">Would match</th>' in page
    assert '<th scope="col">Withheld</th>' in page
    assert "Tried on" not in senior.get("/policy/1?try=past").content.decode()  # who cannot answer
    told(otto, "/policy/1/answer", {"answer": "reject", "note": "no"})
    assert "Tried on" not in otto.get("/policy/1?try=past").content.decode()


def test_a_year_is_exact_here_and_safe_outside(closing: Filled, lena: Client) -> None:
    year = the_app().clock.now().year
    assert lena.get("/transparency")["Location"] == f"/transparency/{year}"
    assert "there, altered" in lena.get(f"/transparency/{year}").content.decode()
    public = lena.get(f"/transparency/{year}/public.json")
    assert "attachment" in public["Content-Disposition"]
    assert "fewer than 5" in public.content.decode()
    assert lena.get(f"/transparency/{year}/public.html").content.startswith(b"<!")
    for path in (f"/transparency/{year + 1}", "/transparency/1999", f"/transparency/{year}/public.exe"):
        assert lena.get(path).status_code == 404, path


def test_words() -> None:
    assert defanged("http://a.b.example:8080/c.d?e=http://f.g") == "hxxp://a[.]b[.]example:8080/c.d?e=http://f.g"
    assert [about(timedelta(minutes=minutes)) for minutes in (5, 60, 95, 1440, 3000, 20000)] == [
        "5 min",
        "1 h",
        "1 h 35 min",
        "1 day",
        "2 days 2 h",
        "13 days",
    ]
    shown = str(filing_pages.document('<a b="1">x &amp; \u202e</a>\n<script/>', "text/xml"))
    assert "<script" not in shown
    assert "U+202E" in shown
    lines = policy_pages.differences("a\nb", "a\nc")
    assert [(line.kind, line.text) for line in lines] == [("where", ""), ("same", "a"), ("gone", "b"), ("added", "c")]


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("case", b"{"), ("vics", b"{")])
def test_a_case_is_had_as_a_document_by_who_may_read_reports(
    closing: Filled, lena: Client, user: MakeUser, client_of: ClientOf, form: str, begins: bytes
) -> None:
    url = reverse("console:case-document", args=[closing.case, form])
    assert url in lena.get(f"/cases/{closing.case}").content.decode()
    answer = lena.get(url)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer["Content-Disposition"].startswith('attachment; filename="case-')
    assert client_of(user(Role.REVIEWER)).get(url).status_code == 403


def test_there_are_no_other_documents_of_a_case(closing: Filled, lena: Client) -> None:
    assert lena.get(f"/cases/{closing.case}/documents/exe").status_code == 404
    assert lena.get("/cases/unknown/documents/pdf").status_code == 404
