"""Law, duties, reports, takedown, policy and statements by the API."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from msgspec import to_builtins

from safelight.app import App
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal, Scope
from safelight.model.case import Body, Draft, DutyArose, Opened, ReportConfirmed
from safelight.model.filing import FilingState
from safelight.model.law import Duty, DutyKind
from safelight.model.policy import PolicyState
from safelight.model.service import Item
from safelight.model.takedown import NoticeState, Retraction, RetractionState
from safelight.web.container import the_app
from tests.report.cybertip.told_material import WHOLE, WHOLE_FILE
from tests.web.api.conftest import KNOWN, NEAR, at_work
from tests.web.closing.operator import operated

Clients = Callable[..., Client]
Take = Callable[..., Item]

API = "/api/v1"
NOBODY = "00000000-0000-7000-8000-000000000000"
PERSONAL = ("thief-", "second-", "third-", "other-", "203.0.113.7", "490154203237518", "IMG_0017", "room-17")
PERSON = Actor(ActorKind.USER, "1")

pytestmark = pytest.mark.usefixtures("db", "listed")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    return operated(monkeypatch, jurisdictions=("us",), organisation="Example", contact="safety@provider.example")


@pytest.fixture
def one(client: Clients) -> Client:
    """A program that reports."""
    return client(Scope.REPORT)


def sent(client: Client, path: str, body: object, method: str = "post") -> Any:
    return getattr(client, method)(f"{API}{path}", body, content_type="application/json")


def got(client: Client, path: str, **query: str | int | None) -> Any:
    return client.get(f"{API}{path}", {name: value for name, value in query.items() if value is not None}).json()


class TestDuties:
    def test_a_request_starts_the_clock_once(self, app: App, one: Client, take: Take) -> None:
        case = take(b"1", KNOWN).case
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        asked = {"rule": "us/take-it-down", "at": at.isoformat(), "note": "ticket 4711"}
        first = sent(one, f"/cases/{case}/requests", asked)
        assert first.status_code == 201
        told = first.json()
        assert (told["kind"], told["state"], told["drives"]) == ("remove", "open", True)
        assert datetime.fromisoformat(told["due"]) == at + timedelta(hours=48)
        assert sent(one, f"/cases/{case}/requests", asked).json() == told
        assert [duty["id"] for duty in got(one, f"/cases/{case}/duties")["duties"]] == [told["id"]]
        met = sent(one, f"/cases/{case}/duties/{told['id']}/met", {"by": "removed, ticket 4711"})
        assert (met.status_code, met.json()["state"], met.json()["by"]) == (200, "met", "removed, ticket 4711")
        assert got(one, "/duties")["duties"] == []
        assert app.cases.events(case or "")[-1].event.actor.kind is ActorKind.KEY
        assert sent(one, f"/cases/{case}/duties/{told['id']}/met", {"by": "again"}).status_code == 409

    def test_no_key_says_that_something_was_reported(self, app: App, one: Client, take: Take) -> None:
        case = take(b"1", KNOWN).case or ""
        app.settle.settle(case)
        [report] = [told["id"] for told in got(one, f"/cases/{case}/duties")["duties"] if told["kind"] == "report"]
        assert sent(one, f"/cases/{case}/duties/{report}/met", {"by": "on paper"}).status_code == 403
        assert [told["state"] for told in got(one, f"/cases/{case}/duties")["duties"]] == ["open"]

    def test_what_cannot_be_recorded(self, app: App, one: Client, take: Take) -> None:
        del app
        case = take(b"1", KNOWN).case
        now = datetime.now(UTC)
        for rule, at, status in (
            ("us/no-such", now, 400),
            ("us/report", now, 400),
            ("us/take-it-down", now + timedelta(hours=1), 400),
            ("take-it-down", now, 422),
        ):
            assert sent(one, f"/cases/{case}/requests", {"rule": rule, "at": at}).status_code == status
        assert sent(one, f"/cases/{NOBODY}/requests", {"rule": "us/take-it-down", "at": now}).status_code == 404
        assert sent(one, f"/cases/{case}/duties/us/x/1/met", {"by": "x"}).status_code == 404

    def test_open_ones_come_by_their_time(self, one: Client) -> None:
        app, now = the_app(), datetime.now(UTC)
        cases = [app.ids.new() for _ in range(3)]
        for case, due in zip(cases, ((9, None), (-2, 30), (4,)), strict=True):
            arose = [DutyArose(duty(str(number), hours, now)) for number, hours in enumerate(due)]
            bodies: list[Body] = [Opened("why"), *arose]
            app.cases.append([Draft(case, SYSTEM, body) for body in bodies])
        page = got(one, "/duties", limit=2)
        assert [(one["case_id"], one["id"]) for one in page["duties"]] == [
            *((cases[1], f"us/rule/{n}") for n in range(2)),
            (cases[2], "us/rule/0"),
        ]
        rest = got(one, "/duties", cursor=page["next_cursor"])
        assert (page["more"], rest["more"]) == (True, False)
        assert [one["due"] is None for one in rest["duties"]] == [False, True]
        kept: list[Body] = [Opened("why"), DutyArose(duty("kept", -3, now))]  # which is never late
        app.cases.append([Draft(NOBODY, SYSTEM, body) for body in kept])
        late = got(one, "/duties", overdue="true")
        assert [one["case_id"] for one in late["duties"]] == [cases[1]]
        assert not late["more"]
        first = got(one, "/duties", limit=3)
        assert NOBODY not in {one["case_id"] for one in first["duties"]}, "it needs nothing: it comes last"
        last = got(one, "/duties", cursor=first["next_cursor"])
        assert ([one["case_id"] for one in last["duties"]], last["more"]) == ([NOBODY], False)
        assert got(one, "/duties", jurisdiction="eu")["duties"] == []
        assert len(got(one, "/duties", kind="report")["duties"]) == 5
        assert one.get(f"{API}/duties", {"cursor": "x"}).status_code == 422

    def test_law(self, app: App, one: Client) -> None:
        packs = {pack["id"]: pack["used"] for pack in got(one, "/law")["packs"]}
        assert packs["us"]
        assert not packs["kr"]
        whole = got(one, "/law/us")
        rule = next(rule for rule in whole["rules"] if rule["id"] == "take-it-down")
        assert (rule["deadline"], rule["trigger"], rule["status"]) == ("PT48H", "request", "confirmed")
        assert {"real", "altered", "synthetic"} == {one["material"] for one in whole["covered"]}
        assert one.get(f"{API}/law/zz").status_code == 404
        assert app.law.packs()["us"].sha256 == whole["sha256"]


def duty(number: str, hours: float | None, now: datetime) -> Duty:
    due = None if hours is None else now + timedelta(hours=hours)
    kind = DutyKind.PRESERVE if number == "kept" else DutyKind.REPORT
    return Duty(f"us/rule/{number}", "us", "rule", kind, "t", "to", now, due, "w", "b", "url", "", drives=True)


class TestReports:
    def test_programs_prepare_and_people_send(self, app: App, one: Client, take: Take) -> None:
        item = take(b"1", KNOWN)
        made = sent(
            one, f"/cases/{item.case}/filings", {"body": "ncmec", "told": {"accounts": [{"screen_name": "u-4"}]}}
        )
        assert made.status_code == 201
        told = made.json()
        assert (told["state"], [one["item_id"] for one in told["items"]]) == ("draft", [item.id])
        changed = sent(one, f"/filings/{told['id']}", {"uploads": {item.id: False}}, "patch")
        assert changed.status_code == 200
        assert [one["upload"] for one in changed.json()["items"]] == [False]
        assert app.filings.get(told["id"]).told.accounts[0].screen_name == "u-4"
        shown = got(one, f"/filings/{told['id']}/preview")
        assert "u-4" in shown["documents"][0]["text"]
        assert len(shown["digest"]) == 64
        assert [one["id"] for one in got(one, "/filings", state="draft", body="ncmec")["filings"]] == [told["id"]]
        assert got(one, "/filings", state="finished")["filings"] == []
        assert got(one, f"/filings/{told['id']}")["case_id"] == item.case
        for verb in ("confirm", "send", "hand"):
            assert sent(one, f"/filings/{told['id']}/{verb}", {"digest": shown["digest"]}).status_code == 404
        assert app.filings.get(told["id"]).state is FilingState.DRAFT
        events = [logged.event.body for logged in app.cases.events(item.case or "")]
        assert not any(isinstance(body, ReportConfirmed) for body in events)

    def test_all_that_can_be_told_is_told_to_the_receiver_and_to_no_list(
        self, app: App, one: Client, take: Take
    ) -> None:
        item = take(b"1", KNOWN)
        told = replace(WHOLE, when=None, files={item.id: WHOLE_FILE})
        past = to_builtins(told)
        past["when"] = "2026-01-01T00:00:00Z"
        events = [event for account in past["accounts"] for event in (*account["ip_events"], *account["devices"])]
        file = past["files"][item.id]
        for event in (*events, file["ip_event"], *file["devices"]):
            event["at"] = "2026-01-01T00:00:00+00:00" if event["at"] else None
        file["uploaded"] = "2026-01-01T09:00:00+09:00"
        past["annotations"] = {}
        made = sent(one, f"/cases/{item.case}/filings", {"body": "ncmec", "told": past})
        assert made.status_code == 201, made.content
        kept = app.filings.get(made.json()["id"])
        assert kept.told.accounts[0].esp_identifier == "third-id"
        assert kept.told.files is not None
        assert kept.told.files[item.id].uploaded == datetime(2026, 1, 1, tzinfo=UTC)
        shown = got(one, f"/filings/{kept.id}/preview")
        assert [flaw for flaw in shown["flaws"] if "SAFELIGHT_NCMEC_USER" not in flaw] == []
        assert all(word in "".join(paper["text"] for paper in shown["documents"]) for word in PERSONAL)
        lists = [got(one, path) for path in ("/filings", f"/filings/{kept.id}", f"/cases/{item.case}", "/duties")]
        log = [logged.event for logged in app.cases.events(item.case or "")]
        assert [word for word in PERSONAL if word in f"{made.json()} {lists} {log}"] == []

    def test_what_the_receiver_would_not_take_is_named_and_not_repeated(
        self, app: App, one: Client, take: Take
    ) -> None:
        item = take(b"1", KNOWN)
        draft = sent(one, f"/cases/{item.case}/filings", {"body": "ncmec"}).json()
        account: dict[str, object] = {"esp_identifier": "u-4", "ip_events": [{"address": "10.1.2.3"}]}
        answer = sent(one, f"/filings/{draft['id']}", {"told": {"accounts": [account]}}, "patch")
        assert answer.status_code == 400
        assert "account 1, IP event 1: an address of an inner network" in answer.content.decode()
        assert "10.1.2.3" not in answer.content.decode()
        for event in (
            {"address": "203.0.113.7", "port": 0},
            {"address": "203.0.113.7", "at": "2026-01-01T00:00:00"},
            {},
        ):
            body = {"told": {"accounts": [account | {"ip_events": [event]}]}}
            assert sent(one, f"/filings/{draft['id']}", body, "patch").status_code == 422
        body = {"told": {"accounts": [{"name": "no such field"}]}}
        assert sent(one, f"/filings/{draft['id']}", body, "patch").status_code == 422
        assert app.filings.get(draft["id"]).told.accounts == ()

    def test_what_cannot_be_prepared(self, app: App, one: Client, take: Take) -> None:
        undecided = take(b"1", NEAR).case
        refused = sent(one, f"/cases/{undecided}/filings", {"body": "ncmec"})
        assert refused.status_code == 409
        assert "nobody has confirmed that it is abuse; it waits for a decision on 1 item" in refused.content.decode()
        assert sent(one, f"/cases/{NOBODY}/filings", {"body": "ncmec"}).status_code == 404
        assert sent(one, f"/filings/{NOBODY}", {}, "patch").status_code == 404
        known = take(b"2", KNOWN).case
        draft = sent(one, f"/cases/{known}/filings", {"body": "ncmec", "told": {"when": "2999-01-01T00:00:00Z"}})
        assert draft.status_code == 400
        assert app.filings.all() == []

    @pytest.mark.parametrize(("form", "mime"), [("case", "application/ld+json"), ("vics", "application/json")])
    def test_documents_of_a_case(self, app: App, one: Client, take: Take, form: str, mime: str) -> None:
        case = take(b"1", KNOWN).case
        answer = one.get(f"{API}/cases/{case}/documents/{form}")
        assert (answer.status_code, answer["Content-Type"]) == (200, mime)
        assert json.loads(answer.content) == json.loads(app.case_document(case or "", form).content)

    def test_a_summary_and_what_is_no_document(self, one: Client, take: Take, client: Clients) -> None:
        case = take(b"1", KNOWN).case
        answer = one.get(f"{API}/cases/{case}/documents/pdf")
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        assert one.get(f"{API}/cases/{case}/documents/doc").status_code == 404
        assert one.get(f"{API}/cases/{NOBODY}/documents/pdf").status_code == 404
        assert client(Scope.REVIEW).get(f"{API}/cases/{case}/documents/pdf").status_code == 403


class TestTakedown:
    def test_a_location_is_added_once_and_waits_for_a_person(self, app: App, one: Client, take: Take) -> None:
        item = take(b"1", KNOWN)
        where = {"item_id": item.id, "url": "https://host.example/1"}
        first = sent(one, f"/cases/{item.case}/locations", where)
        assert (first.status_code, first.json()["begun"], first.json()["notices"]) == (201, None, [])
        assert sent(one, f"/cases/{item.case}/locations", where).json()["id"] == first.json()["id"]
        assert [one["url"] for one in got(one, "/locations", case=item.case)["locations"]] == [where["url"]]
        assert len(got(one, "/locations")["locations"]) == 1
        assert (
            sent(
                one, f"/cases/{item.case}/locations", where | {"item_id": NOBODY, "url": "https://b.example/"}
            ).status_code
            == 409
        )
        assert sent(one, f"/cases/{item.case}/locations", where | {"url": "ftp://x"}).status_code == 400
        passed_on = sent(one, f"/cases/{item.case}/locations", where | {"url": "hxxps://host[.]example/1"})
        assert passed_on.json()["id"] == first.json()["id"]
        assert sent(one, f"/cases/{NOBODY}/locations", where).status_code == 404
        assert one.get(f"{API}/locations", {"case": NOBODY}).status_code == 404
        assert app.takedown.due() == []

    def test_answers_are_passed_on(self, app: App, one: Client, take: Take) -> None:
        item = take(b"1", KNOWN)
        work = at_work(item.case or "", item.id)
        path = f"/locations/{work.location}/notices/{work.notice}/answer"
        answer = sent(one, path, {"state": "removed", "note": "their ticket 12"})
        assert answer.status_code == 200
        [notice] = answer.json()["notices"]
        assert (notice["state"], notice["contact"]["email"]) == ("removed", "abuse@host.example")
        assert app.takedowns.get(work.location).notices[0].state is NoticeState.REMOVED
        assert got(one, f"/locations/{work.location}")["looks"][0]["place"] == "present"
        assert sent(one, path.replace(work.notice, NOBODY), {"state": "removed"}).status_code == 404
        for state in ("sent", "refused", "failed"):  # the last two send notices, which people do
            assert sent(one, path, {"state": state}).status_code == 422

    def test_what_is_taken_back_is_read_and_no_more(self, app: App, one: Client, take: Take) -> None:
        item = take(b"1", KNOWN)
        work = at_work(item.case or "", item.id)
        before = app.takedowns.get(work.location)
        back = Retraction("r1", work.notice, RetractionState.SENT, before.added, sent=before.added, message="r1@desk")
        app.takedowns.put(replace(before, retractions=(back,)), expect=before)
        [told] = got(one, f"/locations/{work.location}")["retractions"]
        assert (told["notice"], told["state"], told["message"]) == (work.notice, "sent", "r1@desk")
        assert {"by", "who", "actor"} & set(told) == set()
        assert sent(one, f"/locations/{work.location}/retractions", {}).status_code == 404

    def test_figures(self, one: Client, take: Take) -> None:
        item = take(b"1", KNOWN)
        at_work(item.case or "", item.id)
        told = got(one, "/takedown-figures")
        assert (told["whole"]["urls"], told["hosts"][0]["name"], told["hosts"][0]["median"]) == (
            1,
            "host.example",
            None,
        )


class TestPolicy:
    def test_it_is_read_with_its_history(self, app: App, one: Client) -> None:
        default = got(one, "/policy")
        assert (default["version"], default["trouble"]) == (None, "")
        assert "[[rule]]" in default["text"]
        everything = frozenset(Permission)
        app.policies.propose(Principal(PERSON, everything), default["text"], "as it is", PolicyState.IN_FORCE)
        [version] = got(one, "/policy/versions")["versions"]
        assert (version["number"], version["state"], version["note"]) == (1, "proposed", "as it is")
        assert "by" not in version


class TestStatements:
    def test_they_are_passed_on_and_exported(self, app: App, one: Client, take: Take) -> None:
        item = take(b"1", KNOWN, reference="post-17", account="uploader-17")
        path = f"/cases/{item.case}/statements"
        assert got(one, path) == {"statements": [], "owed": [{"item_id": item.id, "kind": "reasons"}]}
        made = app.statements.make(None, item.case or "", item.id)
        told = got(one, path)
        assert (told["owed"], told["statements"][0]["text"]) == ([], made.text)
        assert told["statements"][0]["told_at"] is None
        assert got(one, f"/cases/{NOBODY}/statements")["status"] == 404
        year = {"begin": "2026-01-01T00:00:00Z", "end": "2036-01-01T00:00:00Z"}
        page = got(one, "/statements/tdb", **year)
        [batch] = page["batches"]
        assert ([one["puid"] for one in batch["statements"]], page["more"]) == ([made.id], False)
        second = take(b"2", KNOWN, account="uploader-18")
        again = app.statements.make(None, second.case or "", second.id)
        first, then = (
            got(one, "/statements/tdb", limit=1, **year, **more) for more in ({}, {"cursor": page["next_cursor"]})
        )
        assert (first["batches"], first["more"], first["next_cursor"]) == ([batch], True, page["next_cursor"])
        assert [one["puid"] for one in then["batches"][0]["statements"]] == [again.id]
        assert got(one, "/statements/tdb", cursor=then["next_cursor"], **year)["batches"] == []
        assert got(one, "/statements/tdb", cursor="made up", **year)["status"] == 422
        assert one.get(f"{API}/statements/tdb", {"begin": year["end"], "end": year["begin"]}).status_code == 422

    def test_the_platform_says_that_it_passed_one_on(
        self, monkeypatch: pytest.MonkeyPatch, one: Client, client: Clients, take: Take
    ) -> None:
        app = operated(monkeypatch, jurisdictions=("eu",), organisation="Example", contact="safety@provider.example")
        item = take(b"1", KNOWN, account="uploader-17")
        case, path = item.case or "", f"/cases/{item.case}/statements"

        def states() -> list[str]:
            duties = got(one, f"/cases/{case}/duties")["duties"]
            return [duty["state"] for duty in duties if duty["rule"] == "statement"]

        app.settle.settle(case)
        made = app.statements.make(None, case, item.id)
        app.settle.settle(case)
        assert states() == ["open"]
        assert sent(client(Scope.GATE), f"{path}/{made.id}/told", {}).status_code == 403
        assert sent(client(Scope.REVIEW), f"{path}/{made.id}/told", {}).status_code == 403
        assert sent(one, f"{path}/{NOBODY}/told", {}).status_code == 404
        assert sent(one, f"/cases/{NOBODY}/statements/{made.id}/told", {}).status_code == 404
        first, again = (sent(one, f"{path}/{made.id}/told", {}) for _ in range(2))
        assert (first.status_code, first.json()) == (200, again.json())
        assert first.json()["told_at"] == got(one, path)["statements"][0]["told_at"]
        app.settle.settle(case)
        assert states() == ["met"]

    def test_nobody_is_told_of_what_came_without_an_account(
        self, monkeypatch: pytest.MonkeyPatch, one: Client, take: Take
    ) -> None:
        app = operated(monkeypatch, jurisdictions=("eu",), organisation="Example", contact="safety@provider.example")
        case = take(b"1", KNOWN).case or ""
        app.settle.settle(case)
        assert "statement" not in {duty["rule"] for duty in got(one, f"/cases/{case}/duties")["duties"]}
        assert got(one, f"/cases/{case}/statements") == {"statements": [], "owed": []}

    def test_a_year_in_figures(self, app: App, one: Client, take: Take) -> None:
        take(b"1", KNOWN)
        year = app.clock.now().year
        assert got(one, f"/transparency/{year}", inside="true")["decisions"] == {"confirmed": 1}
        assert got(one, f"/transparency/{year}")["decisions"] != {"confirmed": 1}  # few are nobody's business
        assert got(one, f"/transparency/{year - 1}", inside="true")["decisions"] == {}
        assert one.get(f"{API}/transparency/12").status_code == 422
