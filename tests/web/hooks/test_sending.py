"""Telling integrators."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    AppealOpened,
    Approved,
    Body,
    CaseEvent,
    Classification,
    Decided,
    Draft,
    DutyArose,
    Finding,
    Grave,
    ItemAdded,
    Noted,
    NoticeAnswered,
    NoticeRetracted,
    Opened,
    PlaceChanged,
    Proposed,
    ReportFailed,
    ReportFinished,
    Routed,
    StatementMade,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import FetchError
from safelight.model.filing import Body as Taker
from safelight.model.law import Duty, DutyKind
from safelight.model.takedown import NoticeState, Place
from safelight.ports import Posted
from safelight.web.container import the_app
from safelight.web.hooks import jobs
from safelight.web.hooks.events import OPEN, told_of
from safelight.web.hooks.models import Delivery, Endpoint, Message
from safelight.web.hooks.sending import (
    KEPT,
    OVERLAP,
    SCHEDULE,
    NotDeliveredError,
    add_endpoint,
    deliver,
    emit,
    hears,
    rotate,
    tell_log,
)
from safelight.web.jobs.models import Job
from tests.web.jobs.draining import drain

pytestmark = pytest.mark.usefixtures("db")


@dataclass
class Receiver:
    """A server that keeps what it is sent, and answers as it is told."""

    answers: list[int] = field(default_factory=list)
    wait: int | None = None
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        self.got.append((url, dict(headers), body))
        status = self.answers.pop(0) if self.answers else 204
        if not status:
            raise FetchError(cause="silence")
        return Posted(status, self.wait)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    made = Receiver()
    monkeypatch.setitem(the_app().__dict__, "poster", made)
    return made


def waiting() -> Delivery:
    return Delivery.objects.select_related("endpoint", "message").get()


def test_a_message_is_signed_and_holds_ids_alone(receiver: Receiver) -> None:
    _, secret = add_endpoint("https://host.example/hook")
    emit("item.done", {"item": "0199"})
    deliver(waiting())
    [(url, headers, body)] = receiver.got
    assert url == "https://host.example/hook"
    told = Webhook(secret).verify(body, headers)
    assert told["type"] == "item.done"
    assert told["data"] == {"item": "0199"}
    assert set(told) == {"type", "timestamp", "data"}
    assert headers["webhook-id"] == Message.objects.get().id
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"0199", b"0198"), headers)
    found = waiting()
    assert (found.attempts, found.status, found.done is None) == (1, 204, False)


def test_it_is_sent_in_the_transaction_that_it_is_about() -> None:
    add_endpoint("https://host.example/")
    emit("item.done", {"item": "1"})
    assert Job.objects.get(kind="hook.deliver").subject == str(Delivery.objects.get().pk)


def test_endpoints_hear_what_they_asked_for() -> None:
    add_endpoint("https://all.example/", cases=True)
    add_endpoint("https://some.example/", ["case.decided"], cases=True)
    add_endpoint("https://open.example/")
    add_endpoint("https://never.example/", ["case.decided"])
    add_endpoint("https://off.example/", cases=True)
    Endpoint.objects.filter(url="https://off.example/").update(disabled=timezone.now())
    emit("item.done", {})
    emit("case.decided", {})
    assert sorted((one.endpoint.url, one.message.event) for one in Delivery.objects.all()) == [
        ("https://all.example/", "case.decided"),
        ("https://all.example/", "item.done"),
        ("https://open.example/", "item.done"),
        ("https://some.example/", "case.decided"),
    ]
    with pytest.raises(ValueError, match=r"no event 'item\.gone'"):
        add_endpoint("https://all.example/", ["item.gone"])


@pytest.mark.parametrize("status", [0, 301, 400, 404, 429, 500, 503])
def test_what_is_not_taken_is_tried_again(receiver: Receiver, status: int) -> None:
    add_endpoint("https://host.example/")
    emit("item.done", {})
    receiver.answers[:] = [status]
    with pytest.raises(NotDeliveredError):
        deliver(waiting())
    assert waiting().done is None
    assert waiting().status == (status or None)
    deliver(waiting())
    assert (waiting().attempts, waiting().status) == (2, 204)
    deliver(waiting())
    assert len(receiver.got) == 2
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1


def test_the_waits_are_those_of_standard_webhooks() -> None:
    assert [wait.total_seconds() for wait in SCHEDULE] == [5, 300, *(3600 * h for h in (0.5, 2, 5, 10, 14, 20, 24))]


def test_who_is_gone_is_not_asked_again(receiver: Receiver) -> None:
    add_endpoint("https://host.example/")
    emit("item.done", {})
    receiver.answers[:] = [410]
    deliver(waiting())
    assert waiting().failed is not None
    assert Endpoint.objects.get().reason == "it answered 410 Gone"
    deliver(waiting())
    assert len(receiver.got) == 1
    emit("item.done", {})
    assert Delivery.objects.count() == 1


def test_both_secrets_sign_while_one_is_rotated(receiver: Receiver) -> None:
    endpoint, old = add_endpoint("https://host.example/")
    new = rotate(endpoint)
    emit("item.done", {})
    deliver(waiting())
    [(_, headers, body)] = receiver.got
    assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
    Endpoint.objects.update(old_expires=timezone.now() - timedelta(seconds=1))
    Delivery.objects.update(done=None)
    deliver(waiting())
    _, headers, body = receiver.got[1]
    assert Webhook(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)
    assert timedelta(days=1) == OVERLAP


def test_secrets_are_kept_sealed() -> None:
    _, secret = add_endpoint("https://host.example/")
    assert secret.encode() not in bytes(Endpoint.objects.get().secret)
    assert len(Webhook(secret).__dict__["_whsecret"]) == 32


def test_who_may_not_read_cases_hears_of_no_match() -> None:
    """That an item of his joined a case would say that it matched."""
    add_endpoint("https://host.example/")
    added = ItemAdded("mine", "a" * 64, 5, "image/jpeg", "items", Outcome.DERIVED, "why")
    the_app().cases.append([Draft("0199-b", SYSTEM, Opened("why")), Draft("0199-b", SYSTEM, added)])
    tell_log()
    assert not Delivery.objects.exists()
    assert {"item.done", "endpoint.test"} == OPEN


def test_a_decision_is_told_however_it_is_made() -> None:
    one, two = Actor(ActorKind.USER, "1"), Actor(ActorKind.USER, "2")
    added = ItemAdded("i", "a" * 64, 5, "image/jpeg", "items", Outcome.NEAR, "why")
    known = replace(added, outcome=Outcome.KNOWN)
    confirmed, wrong = Finding(Verdict.CONFIRMED, Classification.B1), Finding(Verdict.NOT_ABUSE)
    story = (
        (SYSTEM, Opened("why"), "case.opened"),
        (SYSTEM, added, "item.added"),
        (one, Decided(Finding(Verdict.UNSURE)), None),
        (one, Proposed(Grave.DECIDE, "two", confirmed), None),
        (two, Approved(3), "case.decided"),
        (one, AppealOpened("a", "look again"), "appeal.opened"),
        (two, Proposed(Grave.OVERTURN, "he is right", wrong), None),
        (one, Approved(6), "case.decided"),
        (two, Proposed(Grave.DESTROY, "old", item="i"), None),
        (one, Approved(8), None),
    )
    cases = the_app().cases
    cases.append([Draft("0199-c", actor, body) for actor, body, _ in story])
    told = [told_of(logged, cases.events) for logged in cases.events("0199-c")]
    assert [one and one[0] for one in told] == [name for *_, name in story]
    cases.append([Draft("0199-d", SYSTEM, Opened("why")), Draft("0199-d", SYSTEM, known)])
    cases.append([Draft("0199-d", SYSTEM, Decided(confirmed, by_policy=True))])
    assert told_of(cases.events("0199-d")[-1], cases.events) == ("case.decided", {"case": "0199-d"})


def test_each_event_of_the_log_is_told_once() -> None:
    add_endpoint("https://host.example/", cases=True)
    the_app().cases.append([Draft("0199-a", SYSTEM, Opened("why")), Draft("0199-a", SYSTEM, Noted("private"))])
    tell_log()
    tell_log()
    the_app().cases.append([Draft("0199-a", SYSTEM, Routed("senior", 3, "private"))])
    tell_log()
    told = [(one.event, one.data) for one in Message.objects.order_by("created") if one.data.get("case") == "0199-a"]
    assert told == [("case.opened", {"case": "0199-a"}), ("case.routed", {"case": "0199-a"})]
    assert "private" not in json.dumps([one.data for one in Message.objects.all()])


def test_the_job_delivers_and_gives_up(receiver: Receiver) -> None:
    add_endpoint("https://host.example/")
    emit("item.done", {})
    number = str(waiting().pk)
    receiver.answers[:] = [500]
    with pytest.raises(NotDeliveredError):
        jobs.deliver_one(number)
    jobs._give_up(number)
    assert waiting().failed is not None
    jobs.deliver_one(number)
    assert len(receiver.got) == 1
    jobs.deliver_one("999999")


@pytest.mark.parametrize(
    ("asked", "waits"), [(None, 5), (1, 5), (600, 600), (999_999, 86_400)], ids=["nothing", "less", "more", "too much"]
)
def test_a_server_that_asks_for_time_is_given_it(receiver: Receiver, asked: int | None, waits: int) -> None:
    add_endpoint("https://host.example/")
    emit("item.done", {})
    receiver.answers[:], receiver.wait = [429], asked
    before = timezone.now()
    assert drain(1) == 1
    row = Job.objects.get(kind="hook.deliver")
    assert (row.due - before).total_seconds() == pytest.approx(waits, rel=0.2)


def test_old_messages_are_forgotten() -> None:
    add_endpoint("https://host.example/")
    emit("item.done", {})
    jobs.prune("")
    assert Message.objects.count() == 1
    Message.objects.update(created=timezone.now() - KEPT - timedelta(seconds=1))
    jobs.prune("")
    assert Message.objects.count() == Delivery.objects.count() == 0


MOMENT = datetime(2026, 11, 22, 17, tzinfo=UTC)
DUTY = Duty("us/report/1", "us", "report", DutyKind.REPORT, "t", "to", MOMENT, None, "w", "b", "url", "", drives=True)


@pytest.mark.parametrize(
    ("body", "event", "ids"),
    [
        (DutyArose(DUTY), "duty.arose", {"duty": "us/report/1"}),
        (ReportFinished("f", Taker.NCMEC, "4711", ("i",), "d" * 64), "report.finished", {"filing": "f"}),
        (ReportFailed("f", Taker.NCMEC, "no answer"), "report.failed", {"filing": "f"}),
        (PlaceChanged("l", Place.GONE, "exact", 404, "https://host.example"), "location.changed", {"location": "l"}),
        (NoticeAnswered("n", "l", NoticeState.REFUSED, "no"), "notice.answered", {"location": "l", "notice": "n"}),
        (NoticeRetracted("r", "n", "l", "to", "0" * 64), "notice.retracted", {"location": "l", "notice": "n"}),
        (StatementMade("s", "i", "d" * 64, text="words"), "statement.made", {"item": "i", "statement": "s"}),
    ],
)
def test_what_follows_a_decision_is_told_by_ids_to_those_who_hear_of_cases(
    body: Body, event: str, ids: dict[str, str]
) -> None:
    logged = LoggedEvent(0, "h", b"", CaseEvent("c", 0, MOMENT, SYSTEM, body, ""))
    assert told_of(logged, lambda _case: []) == (event, {"case": "c", **ids})
    assert event not in OPEN
    plain, _ = add_endpoint("https://host.example/plain", [event])
    hearing, _ = add_endpoint("https://host.example/cases", [event], cases=True)
    assert (hears(plain, event), hears(hearing, event)) == (False, True)
