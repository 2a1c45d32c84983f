"""The jobs of closing the loop: each is asked for once, does its work again without harm, and tells once."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from safelight.adapter.casework.shelf import Shelf
from safelight.app import App
from safelight.app.stores import SystemClock
from safelight.flow.carry_out import carry_out
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal, Scope, granted
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Decided,
    Draft,
    DutyArose,
    DutyState,
    Finding,
    Grave,
    HoldPlaced,
    ItemAdded,
    ItemDestroyed,
    Noted,
    Opened,
    PreservationSet,
    Proposed,
    ReportFailed,
    Verdict,
)
from safelight.model.closing_events import StatementKind
from safelight.model.decision import Action, Outcome
from safelight.model.errors import HotlineDownError, StorageError
from safelight.model.filing import Body as Taker
from safelight.model.filing import Filing, FilingState
from safelight.model.law import Duty, DutyKind
from safelight.model.policy import Ruling, Stage
from safelight.model.service import Item, ItemState
from safelight.web.closing import jobs, wiring
from safelight.web.container import the_app
from safelight.web.hooks.models import Message
from safelight.web.jobs.kinds import KINDS
from safelight.web.jobs.models import Job, JobState
from tests.fakes import FakeClock
from tests.web.closing.operator import operated

ANN, BEN = Actor(ActorKind.USER, "1"), Actor(ActorKind.USER, "2")
CONFIRMED = Finding(Verdict.CONFIRMED)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    made = FakeClock()
    monkeypatch.setattr(SystemClock, "now", lambda _clock: made.now())
    return made


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """The one of the process, under the law of the United States."""
    return operated(monkeypatch, jurisdictions=("us",), organisation="Example", contact="safety@provider.example")


def put(case: str, *bodies: Body, by: Actor = SYSTEM) -> None:
    the_app().cases.append([Draft(case, by, body, "test 1") for body in bodies])


def added(item: str, outcome: Outcome = Outcome.KNOWN, blob: str | None = None) -> ItemAdded:
    return ItemAdded(item, "a" * 64, 3, "image/png", "items", outcome, "why", blob=blob)


def jobs_of(kind: str) -> list[str]:
    return sorted(Job.objects.filter(kind=kind).values_list("subject", flat=True))


def messages(event: str) -> list[dict[str, str]]:
    return list(Message.objects.filter(event=event).values_list("data", flat=True))


class TestSettling:
    def test_what_is_decided_in_whatever_way_is_settled(self) -> None:
        put("open", Opened("why"), added("i1", Outcome.NEAR), Noted("looked"))
        put("policy", Opened("why"), added("i2"), Decided(CONFIRMED, by_policy=True))
        put("unsure", Opened("why"), added("i3", Outcome.NEAR))
        put("unsure", Decided(Finding(Verdict.UNSURE)), by=ANN)
        put("two", Opened("why"), added("i4", Outcome.NEAR))
        put("two", Proposed(Grave.DECIDE, "sure", CONFIRMED), by=ANN)
        put("two", Approved(2), by=BEN)
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == ["policy", "two"]

    def test_a_report_that_failed_has_its_case_settled(self) -> None:
        put("c", Opened("why"), added("i"), ReportFailed("f1", Taker.NCMEC, "the finding does not stand any more"))
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == ["c"]

    def test_each_entry_of_the_log_is_looked_at_once(self) -> None:
        put("c", Opened("why"), added("i"), Decided(CONFIRMED, by_policy=True))
        jobs.follow("")
        Job.objects.all().delete()
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == []
        put("c", added("i2"))  # it joins a case that is decided, and stays so
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == ["c"]

    def test_a_case_that_cannot_be_read_keeps_no_other_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is damaged in the database, and a process that has it in memory goes on with it."""
        put("a", Opened("why"), added("i1"), Noted("first"), Noted("later"))
        jobs.follow("")
        store = the_app().cases
        noted = store.events("a")[2]
        changed = noted.entry.replace(b"first", b"other")
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("DROP TRIGGER casework_event_no_update")
            cursor.execute(f"UPDATE casework_event SET entry = x'{changed.hex()}' WHERE position = {noted.position}")
        put("a", added("i2"))
        put("b", Opened("why"), added("i3"), Decided(CONFIRMED, by_policy=True))
        monkeypatch.setattr(store, "_shelf", Shelf(DEFAULT_DB_ALIAS))  # this process was started since
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == ["a", "b"]
        with pytest.raises(StorageError, match="its hash is"):
            jobs.settle("a")

    def test_duties_arise_once(self, app: App) -> None:
        put("c", Opened("why"), added("i"), Decided(CONFIRMED, by_policy=True))
        jobs.settle("c")
        case = app.cases.case("c")
        assert "us/report" in {f"{one.duty.jurisdiction}/{one.duty.rule}" for one in case.duties}
        jobs.settle("c")
        assert app.cases.case("c") == case

    def test_uploaders_are_told_where_the_policy_says_so(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        put("c", Opened("why"), added("i"), Decided(CONFIRMED, by_policy=True))
        quiet = Ruling("quiet", Stage.CASE, (Action.REPORT,), ())
        asked = SimpleNamespace(settle=lambda _case: quiet)
        monkeypatch.setitem(vars(app), "settle", asked)
        jobs.settle("c")
        assert app.statements.of_case("c") == ()
        for ruling in (replace(quiet, actions=(Action.NOTIFY,), degraded=True), None):
            asked.settle = lambda _case, ruling=ruling: ruling
            jobs.settle("c")
            assert app.statements.of_case("c") == ()
        asked.settle = lambda _case: replace(quiet, actions=(Action.NOTIFY,))
        for _ in range(2):
            jobs.settle("c")
        [told] = app.statements.of_case("c")
        assert (told.item, told.kind) == ("i", StatementKind.REASONS)
        put("c", AppealOpened("a", "look again"), by=ANN)
        put("c", AppealDecided("a", upheld=True), by=BEN)
        asked.settle = lambda _case: quiet  # who was told is told on
        jobs.settle("c")
        assert [one.kind for one in app.statements.of_case("c")] == [StatementKind.REASONS, StatementKind.UPHELD]

    def test_what_was_told_meets_its_duty_soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        app = operated(monkeypatch, jurisdictions=("eu",))
        put("c", Opened("why"), added("i"), Decided(CONFIRMED, by_policy=True))
        jobs.follow("")
        jobs.settle("c")
        [made] = app.statements.of_case("c")
        Job.objects.all().delete()
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == [], "nobody was told yet"
        platform = Principal(Actor(ActorKind.KEY, "7"), granted((), [Scope.REPORT]))
        app.statements.told(platform, "c", made.id)
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == ["c"]
        jobs.settle("c")
        states = {one.duty.rule: one.state for one in app.cases.case("c").duties}
        assert states["statement"] is DutyState.MET
        Job.objects.all().delete()
        jobs.follow("")
        assert jobs_of(wiring.SETTLE) == []

    def test_the_default_policy_has_reports_prepared_and_everything_kept(
        self, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
    ) -> None:
        app = operated(
            monkeypatch, jurisdictions=("us", "uk"), organisation="Example", contact="safety@provider.example"
        )
        clock.time = clock.time.replace(year=2026, month=6)  # the law of the United Kingdom is from 7 April 2026
        put("c", Opened("why"), added("i"))
        app.cases.put_item(Item("i", ItemState.DONE, clock.now(), "items", sha256="a" * 64, case="c"))
        put("c", Decided(CONFIRMED), by=ANN)
        for _ in range(2):
            jobs.settle("c")
            [draft] = app.filings.of_case("c")  # not for NCMEC: there is no account
            assert (draft.body, draft.state) == (Taker.NCA, FilingState.DRAFT)
        case = app.cases.case("c")
        assert case.preserve_until is not None
        assert (case.preserve_until - case.updated).days in {364, 365, 366}
        [kept] = [one.event.body for one in app.cases.events("c") if isinstance(one.event.body, PreservationSet)]
        assert kept.rule == "policy:us/preserve"

    def test_no_report_is_prepared_where_the_policy_does_not_ask_or_nobody_answers_questions(
        self, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
    ) -> None:
        clock.time = clock.time.replace(year=2026, month=6)
        app = operated(monkeypatch, jurisdictions=("uk",), contact="")
        put("c", Opened("why"), added("i"))
        app.cases.put_item(Item("i", ItemState.DONE, clock.now(), "items", sha256="a" * 64, case="c"))
        put("c", Decided(CONFIRMED), by=ANN)
        jobs.settle("c")
        assert app.filings.of_case("c") == []
        app = operated(monkeypatch, jurisdictions=("uk",), contact="safety@provider.example")
        monkeypatch.setattr(app.policies, "of_case", lambda _case: Ruling("none", Stage.CASE, (Action.PRESERVE,), ()))
        jobs.settle("c")
        assert app.filings.of_case("c") == []


def duty(name: str, clock: FakeClock, hours: float | None, kind: DutyKind = DutyKind.REPORT) -> DutyArose:
    due = None if hours is None else clock.now() + timedelta(hours=hours)
    facts = ("us", "report", kind, "title", "to", clock.now(), due, "words", "basis", "url", "2026-11-21")
    return DutyArose(Duty(name, *facts, drives=True))


class TestAlarms:
    def test_soon_and_late_are_told_once_each(self, clock: FakeClock) -> None:
        put("c", Opened("why"), duty("far", clock, 40), duty("near", clock, 11), duty("in words", clock, None))
        put("d", Opened("why"), duty("keep", clock, 1, DutyKind.PRESERVE), duty("late", clock, -1))
        for _ in range(2):
            jobs.alarm("")
        assert messages("duty.due_soon") == [{"case": "c", "duty": "near"}]
        assert messages("duty.overdue") == [{"case": "d", "duty": "late"}]
        clock.time += timedelta(hours=30)
        for _ in range(2):
            jobs.alarm("")
        assert [one["duty"] for one in messages("duty.due_soon")] == ["near", "far"]
        assert [one["duty"] for one in messages("duty.overdue")] == ["late", "near"]

    def test_where_the_law_names_no_time_people_are_reminded_after_their_own(
        self, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
    ) -> None:
        operated(monkeypatch, remind=6)
        put("c", Opened("why"), duty("in words", clock, None), duty("keep", clock, None, DutyKind.PRESERVE))
        put("c", duty("timed", clock, 30))
        clock.time += timedelta(hours=5, minutes=59)
        jobs.alarm("")
        assert messages("duty.reminder") == []
        clock.time += timedelta(minutes=1)
        for _ in range(2):
            jobs.alarm("")
        assert messages("duty.reminder") == [{"case": "c", "duty": "in words"}]
        assert messages("duty.due_soon") == messages("duty.overdue") == []

    def test_what_need_not_be_kept_any_more_says_so_by_itself(self, app: App, clock: FakeClock) -> None:
        put("c", Opened("why"), duty("keep", clock, 1, DutyKind.PRESERVE), duty("open", clock, 40))
        put("d", Opened("why"), duty("longer", clock, 3, DutyKind.PRESERVE), duty("late", clock, -1))
        jobs.alarm("")
        assert jobs_of(wiring.SETTLE) == []
        clock.time += timedelta(hours=2)
        for _ in range(2):
            jobs.alarm("")
        assert jobs_of(wiring.SETTLE) == ["c"]
        jobs.settle("c")
        assert [(one.duty.id, one.state) for one in app.cases.case("c").duties] == [
            ("keep", DutyState.MET),
            ("open", DutyState.OPEN),
        ]
        assert list(wiring.kept(clock.now())) == []

    def test_old_law_is_warned_of(self, app: App, clock: FakeClock) -> None:
        packs = {pack.id: pack for pack in app.jurisdictions}
        clock.time = clock.time.replace(year=packs["us"].as_of.year, month=packs["us"].as_of.month)
        assert wiring.stale_packs(clock.now()) == []
        clock.time += timedelta(days=250)
        assert [pack.id for pack in wiring.stale_packs(clock.now())] == ["us"]


class TestReports:
    def filing(self, app: App, name: str, state: FilingState = FilingState.SENDING) -> Filing:
        made = Filing(name, "c", Taker.NCMEC, state, app.clock.now(), ())
        app.filings.put(made)
        return made

    def test_what_was_confirmed_has_one_job_until_it_is_sent(self, app: App) -> None:
        for name, state in (("f1", FilingState.SENDING), ("f2", FilingState.DRAFT), ("f3", FilingState.FINISHED)):
            self.filing(app, name, state)
        jobs.resume_filings("")
        jobs.resume_filings("")
        assert jobs_of(wiring.SEND) == ["f1"]
        job = Job.objects.get(kind=wiring.SEND)
        assert not job.again
        Job.objects.update(state=JobState.DONE)
        jobs.resume_filings("")
        assert jobs_of(wiring.SEND) == ["f1", "f1"]

    def test_it_is_tried_for_thirty_days_and_then_given_up(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        given_up: list[tuple[str, str]] = []
        fake = SimpleNamespace(give_up=lambda *what: given_up.append(what), send=down)
        monkeypatch.setitem(vars(app), "reports", fake)
        kind = KINDS[wiring.SEND]
        assert timedelta(days=29) < sum(kind.delays, timedelta()) < timedelta(days=30)
        with pytest.raises(HotlineDownError):
            kind.work("f1")
        assert kind.dead is not None
        kind.dead("f1")
        [(filing, cause)] = given_up
        assert (filing, cause.startswith("tried in vain for 30 days")) == ("f1", True)
        assert jobs_of(wiring.TAKE_BACK) == ["f1"]  # what asks over the network is not in that transaction

    def test_what_was_begun_of_one_that_is_given_up_is_taken_back(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        monkeypatch.setitem(vars(app), "reports", SimpleNamespace(take_back=asked.append))
        KINDS[wiring.TAKE_BACK].work("f1")
        assert asked == ["f1"]


def down(_filing: str) -> None:
    raise HotlineDownError(call="submit", cause="no answer")


@dataclass
class Takedowns:
    """Notes what it is asked for."""

    asked: list[Any] = field(default_factory=list)

    def due(self, _limit: int) -> list[str]:
        return ["l1", "l2"]

    def advance(self, location: str) -> None:
        self.asked.append(location)

    def came_back(self, item: str, url: str) -> None:
        self.asked.append((item, url))

    def freed(self, case: str) -> tuple[str, ...]:
        self.asked.append(case)
        return ("l3",)


class TestTakedowns:
    @pytest.fixture
    def takedown(self, app: App, monkeypatch: pytest.MonkeyPatch) -> Takedowns:
        made = Takedowns()
        monkeypatch.setitem(vars(app), "takedown", made)
        return made

    def test_each_that_is_due_has_a_job_of_its_own(self, takedown: Takedowns) -> None:
        jobs.advance_all("")
        jobs.advance_all("")
        assert jobs_of(wiring.ADVANCE) == ["l1", "l2"]
        KINDS[wiring.ADVANCE].work("l1")
        assert takedown.asked == ["l1"]

    def test_what_a_case_held_goes_on_once_people_have_answered(self, takedown: Takedowns) -> None:
        put("c", Opened("why"), added("i"), Decided(CONFIRMED, by_policy=True))
        put("c", AppealOpened("a", "look again"), by=ANN)
        jobs.follow("")
        Job.objects.all().delete()
        jobs.follow("")
        assert jobs_of(wiring.FREE) == []
        put("c", AppealDecided("a", upheld=True), by=BEN)
        jobs.follow("")
        assert jobs_of(wiring.FREE) == ["c"]
        KINDS[wiring.FREE].work("c")
        assert (takedown.asked, jobs_of(wiring.ADVANCE)) == (["c"], ["l3"])

    def test_what_came_by_its_url_and_matched_may_have_returned(self, app: App, takedown: Takedowns) -> None:
        for item in (
            Item("i1", ItemState.DONE, app.clock.now(), "items", case="c", url="https://host.example/1"),
            Item("i2", ItemState.DONE, app.clock.now(), "items", url="https://host.example/2"),
            Item("i3", ItemState.DONE, app.clock.now(), "items", case="c"),
        ):
            app.cases.put_item(item)
            jobs.returned(item.id)
        assert takedown.asked == [("i1", "https://host.example/1")]


class TestWhatHadToWait:
    @pytest.fixture
    def agreed(self, app: App, clock: FakeClock) -> Callable[..., str]:
        def make(case: str, *before: Body) -> str:
            blob = app.evidence.put(io.BytesIO(case.encode()), "image/png")
            item = replace(added(f"{case}-i", Outcome.NEAR, blob.id), sha256=blob.sha256)
            app.cases.put_item(
                Item(item.item, ItemState.DONE, clock.now(), "items", blob=blob.id, sha256=blob.sha256, case=case)
            )
            put(case, Opened("why"), item, *before)
            put(case, Proposed(Grave.DESTROY, "the time is over", item=item.item), by=ANN)
            put(case, Approved(app.cases.case(case).length - 1), by=BEN)
            return blob.id

        return make

    def test_media_goes_once_preservation_and_holds_have_ended(
        self, app: App, clock: FakeClock, agreed: Callable[..., str]
    ) -> None:
        until = clock.now() + timedelta(hours=1)
        agreed("a", PreservationSet(until, "us/preserve"))
        agreed("b", HoldPlaced("h", "an order", until))
        agreed("c", HoldPlaced("h", "an order"))

        def gone() -> list[str]:
            return [case.id for case in app.cases.cases() if case.items[0].destroyed]

        jobs.carry_out_agreed("")
        assert gone() == []
        clock.time += timedelta(hours=2)
        jobs.carry_out_agreed("")
        jobs.carry_out_agreed("")
        assert gone() == ["a", "b"]
        assert [case.id for case in app.cases.agreed()] == ["c"]
        receipts = [one.event for one in app.cases.events("a") if isinstance(one.event.body, ItemDestroyed)]
        assert [event.actor for event in receipts] == [SYSTEM]

    def test_a_case_that_fails_keeps_no_other_waiting(
        self, app: App, agreed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("a", "b", "c"):
            agreed(name)

        def failing(who: Principal, case: str, *stores: Any) -> object:
            if case == "a":
                raise StorageError(path="vault", cause="it is away")
            return carry_out(who, case, *stores)

        monkeypatch.setattr(jobs, "carry_out", failing)
        with pytest.raises(StorageError):
            jobs.carry_out_agreed("")
        assert [case.id for case in app.cases.cases() if case.items[0].destroyed] == ["b", "c"]
        assert [case.id for case in app.cases.agreed()] == ["a"]
