"""Cases, families and feeds by the API."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from msgspec import to_builtins

from safelight.case.fold import absorbed
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal, Scope
from safelight.model.case import (
    Approved,
    CaseState,
    Decided,
    Draft,
    Finding,
    Grave,
    Hidden,
    Located,
    Merged,
    Noted,
    PreservationSet,
    Proposed,
    Revealed,
    Verdict,
)
from safelight.model.service import Item
from safelight.web.api.feeds import event_of
from safelight.web.container import the_app
from tests.web.api.conftest import KNOWN, NEAR, at_work

Clients = Callable[..., Client]
Take = Callable[..., Item]

CASES = "/api/v1/cases"
ONE, TWO = Actor(ActorKind.USER, "1"), Actor(ActorKind.USER, "2")
FINDING = Finding(Verdict.CONFIRMED, note="for colleagues")

pytestmark = pytest.mark.usefixtures("db", "listed")


def sent(client: Client, path: str, body: object) -> Any:
    return client.post(path, body, content_type="application/json")


def acted(case: str, *drafts: tuple[Actor, Any]) -> None:
    the_app().cases.append([Draft(case, actor, body) for actor, body in drafts])


class TestReading:
    def test_a_case(self, client: Clients, take: Take) -> None:
        item = take(b"1", NEAR)
        told = client(Scope.REVIEW).get(f"{CASES}/{item.case}").json()
        expected = {"id": item.case, "state": "open", "priority": 200, "queue": "default", "finding": None, "length": 2}
        assert expected.items() <= told.items()
        assert [one["id"] for one in told["items"]] == [item.id]
        assert "blob" not in told["items"][0]

    def test_lists(self, client: Clients, take: Take) -> None:
        near, known = take(b"1", NEAR), take(b"2", KNOWN)
        one = client(Scope.REVIEW)
        every = [case["id"] for case in one.get(CASES).json()["cases"]]
        assert every == [near.case, known.case]
        page = one.get(CASES, {"limit": 1}).json()
        assert (page["more"], [case["id"] for case in page["cases"]]) == (True, every[:1])
        rest = one.get(CASES, {"cursor": page["next_cursor"]}).json()
        assert (rest["more"], [case["id"] for case in rest["cases"]]) == (False, every[1:])
        assert [case["id"] for case in one.get(CASES, {"state": "decided"}).json()["cases"]] == [known.case]
        assert one.get(CASES, {"queue": "none"}).json()["cases"] == []
        assert one.get(CASES, {"state": "nonsense"}).status_code == 422

    def test_a_family(self, client: Clients, take: Take) -> None:
        item = take(b"1", NEAR)
        one = client(Scope.REVIEW)
        family = one.get(f"{CASES}/{item.case}").json()["family_id"]
        told = one.get(f"/api/v1/families/{family}").json()
        assert [member["identity"] for member in told["members"]] == ["listed/a", item.sha256]
        assert [(edge["kind"], edge["distance"]) for edge in told["edges"]] == [("near", 8)]
        assert told["case_id"] == item.case
        assert one.get(f"/api/v1/families/{'0' * 16}").status_code == 404


class TestAdding:
    def test_notes_routes_holds(self, client: Clients, take: Take) -> None:
        case = f"{CASES}/{take(b'1', NEAR).case}"
        one = client(Scope.REVIEW, Scope.REPORT)
        assert sent(one, f"{case}/notes", {"text": "seen before"}).json()["kind"] == "case.noted"
        routed = sent(one, f"{case}/route", {"queue": "urgent", "priority": 900, "reason": "law"})
        assert (routed.status_code, routed.json()["body"]["queue"]) == (201, "urgent")
        held = sent(one, f"{case}/holds", {"basis": "order 7", "until": "2030-01-01T00:00:00Z"})
        assert held.status_code == 201
        now = one.get(case).json()
        assert (now["queue"], now["priority"]) == ("urgent", 900)
        (hold,) = now["holds"]
        assert hold == {"id": held.json()["body"]["hold"], "basis": "order 7", "until": "2030-01-01T00:00:00Z"}
        assert sent(one, f"{case}/holds", {"basis": "x", "until": "2030-01-01T00:00:00"}).status_code == 422
        beyond = {"basis": "x", "until": "9999-12-31T23:59:59-12:00"}
        assert sent(one, f"{case}/holds", beyond).status_code == 422

    def test_the_key_is_who_acts(self, client: Clients, take: Take) -> None:
        item = take(b"1", NEAR)
        sent(client(Scope.REVIEW), f"{CASES}/{item.case}/notes", {"text": "x"})
        actor = the_app().cases.events(item.case or "")[-1].event.actor
        assert actor.kind is ActorKind.KEY

    def test_an_appeal(self, client: Clients, take: Take) -> None:
        near, known = take(b"1", NEAR), take(b"2", KNOWN)
        one = client(Scope.REVIEW)
        assert sent(one, f"{CASES}/{near.case}/appeals", {"text": "mine"}).status_code == 409
        answer = sent(one, f"{CASES}/{known.case}/appeals", {"text": "mine", "item_id": known.id})
        assert answer.status_code == 201
        assert the_app().cases.case(known.case or "").state is CaseState.APPEALED

    @pytest.mark.parametrize("what", ["notes", "route", "appeals", "holds"])
    def test_no_case(self, client: Clients, what: str) -> None:
        bodies = {"notes": {"text": "x"}, "route": {"queue": "q", "priority": 1}, "appeals": {"text": "x"}}
        path = f"{CASES}/00000000-0000-7000-8000-000000000000/{what}"
        assert sent(client(), path, bodies.get(what, {"basis": "x"})).status_code == 404


class TestFeeds:
    def test_the_log_is_thin_and_goes_on(self, client: Clients, take: Take) -> None:
        one = client(Scope.REVIEW)
        take(b"1", NEAR)
        page = one.get("/api/v1/events", {"limit": 1}).json()
        (event,) = page["events"]
        assert page["more"]
        assert (event["kind"], event["actor"], event["body"]) == ("case.opened", None, None)
        rest = one.get("/api/v1/events", {"cursor": page["next_cursor"]}).json()
        assert [event["kind"] for event in rest["events"]] == ["item.added"]
        take(b"2", KNOWN)
        later = one.get("/api/v1/events", {"cursor": rest["next_cursor"]}).json()
        assert [event["position"] for event in later["events"]] == [2, 3, 4]

    def test_whoever_may_read_the_log_reads_it(self, client: Clients, take: Take) -> None:
        take(b"1", NEAR)
        (opened, _) = client(Scope.REVIEW, Scope.ADMIN).get("/api/v1/events").json()["events"]
        assert (opened["actor"], opened["body"]["priority"]) == ("system", 200)

    def test_exposure_is_nobody_s_business(self, client: Clients, take: Take) -> None:
        item = take(b"1", NEAR)
        acted(item.case or "", (ONE, Revealed(item.id, "to look")), (ONE, Hidden(item.id, 3.0)))
        path = f"{CASES}/{item.case}/events"
        plain = client(Scope.REVIEW).get(path).json()["events"]
        assert [event["kind"] for event in plain] == ["case.opened", "item.added"]
        reader = client(Scope.REVIEW, Scope.ADMIN).get(path).json()["events"]
        assert reader[-1]["body"]["seconds"] == 3.0

    def test_what_the_law_asks_for_is_for_who_reads_reports(self, client: Clients, take: Take) -> None:
        item = take(b"1", NEAR)
        acted(item.case or "", (ONE, Located("l1", item.id, "https://pictures.example/1")), (ONE, Noted("found it")))
        path = f"{CASES}/{item.case}/events"
        for scopes, seen in (((Scope.REVIEW,), 2), ((Scope.REPORT,), 4), ((Scope.REVIEW, Scope.ADMIN), 4)):
            assert len(client(*scopes).get(path).json()["events"]) == seen

    def test_the_feed_tells_who_reads_no_reports_nothing_of_them(self, client: Clients, take: Take) -> None:
        item = take(b"1", NEAR)
        acted(item.case or "", (ONE, Located("l1", item.id, "https://pictures.example/1")), (ONE, Noted("found it")))
        for scopes, seen in (((Scope.REVIEW,), False), ((Scope.REPORT,), True), ((Scope.REVIEW, Scope.ADMIN), True)):
            page = client(*scopes).get("/api/v1/events").json()
            assert ("item.located" in {one["kind"] for one in page["events"]}) is seen
            assert client(*scopes).get("/api/v1/events", {"cursor": page["next_cursor"]}).json()["events"] == []

    def test_what_came_along_when_cases_became_one_is_left_out_likewise(self, client: Clients, take: Take) -> None:
        near, known = take(b"1", NEAR), take(b"2", KNOWN)
        into, other = near.case or "", known.case or ""
        at_work(other, known.id)
        acted(other, (SYSTEM, PreservationSet(datetime(2027, 7, 1, tzinfo=UTC), "us/preserve")))
        acted(other, (ONE, Revealed(known.id, "to look")))
        moving = absorbed(the_app().cases.case(other))
        acted(other, (SYSTEM, Merged(into)))
        acted(into, (SYSTEM, moving))
        closing, seen = {"duties", "reports", "reporting", "preserve_until"}, {"viewed"}
        every = set(to_builtins(moving))
        for scopes, left in (
            ((Scope.REVIEW,), closing | seen),
            ((Scope.REPORT,), seen),
            ((Scope.ADMIN, Scope.REVIEW), set()),
        ):
            one = client(*scopes)
            event = one.get(f"{CASES}/{into}/events").json()["events"][-1]
            assert (event["kind"], set(event["body"])) == ("case.absorbed", every - left)
            kept = {one.get(f"{CASES}/{into}").json()["preserve_until"]}
            kept |= {case["preserve_until"] for case in one.get(CASES).json()["cases"]}
            assert kept == ({None} if closing <= left else {"2027-07-01T00:00:00Z"})

    def test_decisions(self, client: Clients, take: Take) -> None:
        near, known = take(b"1", NEAR), take(b"2", KNOWN)
        case = near.case or ""
        acted(case, (ONE, Decided(Finding(Verdict.UNSURE))))
        acted(case, (ONE, Proposed(Grave.DECIDE, "sure", FINDING)))
        number = the_app().cases.case(case).proposals[0].number
        acted(case, (TWO, Approved(number)))
        one = client(Scope.REVIEW)
        page = one.get("/api/v1/decisions", {"limit": 1}).json()
        (first,) = page["decisions"]
        assert (first["case_id"], first["by_policy"], first["verdict"]) == (known.case, True, "confirmed")
        (second,) = one.get("/api/v1/decisions", {"cursor": page["next_cursor"]}).json()["decisions"]
        assert (second["case_id"], second["by_policy"]) == (case, False)
        assert "note" not in second

    def test_an_event_for_one_who_may_not_read_the_log(self, take: Take) -> None:
        item = take(b"1", NEAR)
        nobody = Principal(ONE, frozenset({Permission.CASE_READ}))
        logged = the_app().cases.events(item.case or "")[0]
        assert event_of(logged, nobody).body is None
        assert event_of(logged, nobody, of_case=True).body is not None
        assert event_of(logged, nobody).at <= datetime.now(UTC)
