"""What follows once people know: duties that arise once, end once, and come back only for what nobody dealt with."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.adapter.law import TomlLaw
from safelight.case.fold import absorbed
from safelight.flow.merged import TRIES
from safelight.flow.settle import KEPT, Settle
from safelight.flow.settle_facts import NOBODY
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal
from safelight.model.assessment import Artificialness
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Answer,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseState,
    Classification,
    Decided,
    Draft,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    Finding,
    Grave,
    ItemAdded,
    Merged,
    Noted,
    Opened,
    PolicyApplied,
    PreservationSet,
    Proposed,
    ReportFinished,
    StatementMade,
    StatementTold,
    Verdict,
)
from safelight.model.closing_events import StatementKind
from safelight.model.decision import Action, Outcome, RuleTrace
from safelight.model.errors import ConflictError, ForbiddenError, TransitionError, UsageError
from safelight.model.filing import Body as Taker
from safelight.model.law import Coverage, Duty, DutyKind
from safelight.model.policy import Ruling, Stage
from safelight.model.service import Item, ItemState
from safelight.model.signal import RuleStatus
from tests.contract.memory_case_store import MemoryCaseStore
from tests.fakes import FakeClock

PACKS = TomlLaw().packs()
ANN = Principal(Actor(ActorKind.USER, "1"), frozenset((Permission.REPORT_PREPARE, Permission.REPORT_FILE)))
KEY = Principal(Actor(ActorKind.KEY, "7"), frozenset((Permission.REPORT_PREPARE,)))
BEN = Actor(ActorKind.USER, "2")
CONFIRMED = Finding(Verdict.CONFIRMED, Classification.B2)
START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Desk:
    """One store, one clock, cases to work on."""

    def __init__(self, *jurisdictions: str, production: bool = False) -> None:
        self.clock = FakeClock()
        self.clock.time = START
        self.store = MemoryCaseStore(self.clock)
        self.asked: list[str] = []
        self.version = 3
        self.actions: tuple[Action, ...] = (Action.REPORT,)
        self.degraded = False
        self.flow = Settle(self.store, PACKS, jurisdictions, self.rule, self.clock, production=production)

    def rule(self, case: Case) -> Ruling:
        self.asked.append(case.id)
        traces = (RuleTrace("report-all", matched=True, reason=""), RuleTrace("other", matched=False, reason=""))
        return Ruling("default", Stage.CASE, self.actions, traces, version=self.version, degraded=self.degraded)

    def add(self, *bodies: Body, case: str = "case", who: Actor = SYSTEM) -> datetime:
        return self.store.append([Draft(case, who, body) for body in bodies])[-1].event.at

    def item(
        self, item: str, case: str = "case", outcome: Outcome = Outcome.KNOWN, account: bool | None = True
    ) -> datetime:
        added = ItemAdded(item, item * 64, 5, "image/png", "items", outcome, "why", from_account=account)
        return self.add(added, case=case)

    def keep(self, item: str, account: str) -> None:
        """What the service knows of an item beside the log."""
        self.store.put_item(Item(item, ItemState.DONE, START, "items", account=account))

    def decided(
        self,
        finding: Finding = CONFIRMED,
        case: str = "case",
        items: str = "a",
        outcome: Outcome = Outcome.NEAR,
        account: bool | None = True,
    ) -> datetime:
        self.add(Opened("why"), case=case)
        for item in items:
            self.item(item, case, outcome, account)
        return self.add(Decided(finding), case=case, who=ANN.actor)

    def report(self, *items: str, taker: Taker = Taker.NCMEC, production: bool = False, filing: str = "f1") -> datetime:
        return self.add(ReportFinished(filing, taker, "4711", items, "0" * 64, production))

    def settle(self, case: str = "case") -> Ruling | None:
        """It is settled, and being settled again changes nothing."""
        ruling = self.flow.settle(case)
        before = len(self.store.entries)
        self.flow.settle(case)
        assert [one.event.body for one in self.store.entries[before:]] == []
        return ruling

    @property
    def case(self) -> Case:
        return self.store.case("case")

    def states(self, rule: str = "") -> list[tuple[str, str, str]]:
        """Rule, state and by what, of all duties."""
        found = ((f"{one.duty.jurisdiction}/{one.duty.rule}", str(one.state), one.by) for one in self.case.duties)
        return [one for one in found if rule in {"", one[0]}]

    def open(self, rule: str) -> list[Duty]:
        """Open duties by a rule."""
        return [one.duty for one in self.case.duties if one.duty.rule == rule and one.state is DutyState.OPEN]

    def bodies(self, kind: type[Body], case: str = "case") -> list[Body]:
        return [one.event.body for one in self.store.events(case) if isinstance(one.event.body, kind)]


def test_nothing_follows_before_abuse_is_confirmed() -> None:
    desk = Desk("us", "ca")
    desk.add(Opened("why"))
    desk.item("a")
    assert desk.settle() is None
    desk.add(Decided(Finding(Verdict.UNSURE)), who=ANN.actor)
    assert desk.settle() is None
    assert (desk.case.length, desk.asked) == (3, [])
    other = Desk("us")
    other.decided(Finding(Verdict.NOT_ABUSE))
    assert other.settle() is None
    assert other.states() == []


def test_duties_and_policy_follow_a_decision_at_its_time() -> None:
    desk = Desk("us", "uk", "eu")
    at = desk.decided()
    ruling = desk.settle()
    duties = {f"{one.duty.jurisdiction}/{one.duty.rule}": one.duty for one in desk.case.duties}
    assert set(duties) == {"us/report", "uk/report", "eu/suspicion", "eu/statement"}
    assert {duty.began for duty in duties.values()} == {at}
    assert duties["us/report"].id == f"us/report/{at.isoformat()}"
    assert (duties["us/report"].taker, duties["us/report"].drives, duties["eu/suspicion"].drives) == (
        "ncmec",
        True,
        False,
    )
    assert desk.bodies(PolicyApplied) == [PolicyApplied(3, Stage.CASE, (Action.REPORT,), ("report-all",))]
    assert ruling is not None
    assert {duty.id for duty in ruling.duties} == {duty.id for duty in duties.values()}
    assert desk.case.preserve_until is None
    desk.version = 4
    desk.settle()
    assert [body.version for body in desk.bodies(PolicyApplied) if isinstance(body, PolicyApplied)] == [3, 4]


def test_a_report_meets_its_duty_and_sets_preservation_by_confirmed_rules_alone() -> None:
    desk = Desk("us", "ca")
    desk.decided()
    desk.settle()
    at = desk.report("a")
    desk.settle()
    assert desk.states("us/report") == [("us/report", "met", "filing:f1")]
    assert desk.states("ca/report-address")[0][1] == "open"
    assert desk.case.preserve_until == at.replace(year=2027)
    (kept,) = desk.bodies(PreservationSet)
    assert isinstance(kept, PreservationSet)
    assert (kept.rule, kept.as_of) == ("us/preserve", "2026-11-21")
    assert kept.source.startswith("https://")
    assert {rule for rule, *_ in desk.states() if "preserve" in rule} == {
        "us/preserve",
        "ca/preserve",
        "ca/preserve-c16",
    }


def test_an_unverified_rule_never_preserves() -> None:
    desk = Desk("ca")
    desk.decided()
    at = desk.report("a", taker=Taker.CYBERTIP_CA)
    desk.settle()
    assert desk.case.preserve_until == at + timedelta(days=21)
    (longer,) = (one.duty for one in desk.case.duties if one.duty.rule == "preserve-c16")
    assert (longer.drives, longer.due) == (False, at.replace(year=2027))


def test_preservation_ends_and_says_so() -> None:
    desk = Desk("ca")
    desk.decided()
    desk.report("a", taker=Taker.CYBERTIP_CA)
    desk.settle()
    desk.clock.time += timedelta(days=22)
    desk.settle()
    assert desk.states("ca/preserve") == [("ca/preserve", "met", KEPT)]
    assert desk.states("ca/preserve-c16")[0][1] == "open"


def test_what_ended_long_ago_is_not_set_any_more() -> None:
    desk = Desk("ca")
    desk.decided()
    desk.report("a", taker=Taker.CYBERTIP_CA)
    desk.clock.time += timedelta(days=22)
    desk.settle()
    assert desk.states("ca/preserve") == [("ca/preserve", "met", KEPT)]
    assert desk.bodies(PreservationSet) == []


def test_in_production_what_a_test_system_has_does_not_count() -> None:
    desk = Desk("us", "uk", production=True)
    desk.decided()
    desk.report("a")
    desk.report("a", taker=Taker.NCA, filing="f2")  # by hand: there is no test system
    desk.settle()
    assert desk.states("us/report")[0][1] == "open"
    assert desk.states("us/preserve") == []
    assert desk.states("uk/report") == []  # it was done before anybody asked
    desk.report("a", production=True, filing="f3")
    desk.settle()
    assert desk.states("us/report") == [("us/report", "met", "filing:f3")]
    assert len(desk.states("us/preserve")) == 1


def test_part_of_a_report_meets_nothing() -> None:
    desk = Desk("us")
    desk.decided(items="ab")
    desk.settle()
    desk.report("a")
    desk.settle()
    assert desk.states("us/report")[0][1] == "open"
    desk.report("b", filing="f2")
    desk.settle()
    assert desk.states("us/report")[0][1] == "met"


def test_what_joins_later_is_under_the_open_duty_and_starts_a_new_one_after_it() -> None:
    desk = Desk("us")
    desk.decided()
    desk.settle()
    second = desk.item("b")
    desk.settle()
    assert len(desk.states("us/report")) == 1
    desk.report("a")
    desk.settle()
    assert desk.states("us/report")[0][1] == "met"
    first, again = [one.duty.began for one in desk.case.duties if one.duty.rule == "report"]
    assert first < second == again
    desk.report("b", filing="f2")
    desk.settle()
    assert {state for _, state, _ in desk.states("us/report")} == {"met"}


def test_a_variant_that_waits_for_a_decision_is_neither_under_the_duty_nor_in_its_way() -> None:
    desk = Desk("us")
    desk.decided()
    desk.item("b", outcome=Outcome.DERIVED)
    desk.settle()
    assert desk.case.state is CaseState.OPEN
    desk.report("a")
    desk.settle()
    assert [state for _, state, _ in desk.states("us/report")] == ["met"]
    since = desk.add(Decided(CONFIRMED), who=ANN.actor)
    desk.settle()
    assert [one.began for one in desk.open("report")] == [since]
    desk.report("b", filing="f2")
    desk.settle()
    assert {state for _, state, _ in desk.states("us/report")} == {"met"}


def test_who_sends_a_report_may_meet_its_duty_and_what_it_left_out_is_asked_for() -> None:
    desk = Desk("us")
    desk.decided()
    desk.settle()
    at = desk.item("b")
    sent = ReportFinished("f1", Taker.NCMEC, "4711", ("a",), "0" * 64)
    desk.add(sent, DutyMet(desk.case.duties[0].duty.id, "filing:f1"))
    desk.settle()
    assert [one.duty.began for one in desk.case.duties if one.duty.rule == "report"][1:] == [at]


def test_a_request_on_a_case_that_waits_is_open_until_it_is_done() -> None:
    desk = Desk("us", "eu")
    desk.add(Opened("why"))
    desk.item("a")
    desk.flow.request(KEY, "case", desk.clock.time, "eu/outcome")
    duty = desk.flow.request(KEY, "case", desk.clock.time, "us/take-it-down")
    assert desk.settle() is None
    assert [state for _, state, _ in desk.states()] == ["open", "open"]
    desk.flow.met(KEY, "case", duty.id, "location:1")
    assert desk.states("us/take-it-down")[0][1:] == ("met", "location:1")


def test_what_was_dropped_comes_back_for_later_items_alone() -> None:
    desk = Desk("us")
    desk.decided()
    desk.settle()
    desk.item("b")
    duty = desk.case.duties[0].duty.id
    with pytest.raises(UsageError, match="say why"):
        desk.flow.drop(ANN, "case", duty, " ")
    with pytest.raises(ForbiddenError):
        desk.flow.drop(KEY, "case", duty, "why")
    desk.flow.drop(ANN, "case", duty, "counsel says so")
    desk.settle()
    assert desk.states("us/report") == [("us/report", "dropped", "counsel says so")]
    at = desk.item("c")
    desk.settle()
    assert [one.duty.began for one in desk.case.duties if one.state is DutyState.OPEN] == [at]
    with pytest.raises(TransitionError, match="no open duty"):
        desk.flow.drop(ANN, "case", duty, "again")


def test_what_was_met_by_hand_stays_met() -> None:
    desk = Desk("uk")
    desk.decided()
    desk.settle()
    duty = desk.case.duties[0].duty.id
    with pytest.raises(UsageError, match="say how"):
        desk.flow.met(ANN, "case", duty, "")
    desk.flow.met(ANN, "case", duty, "handed over on paper")
    desk.settle()
    assert desk.states() == [("uk/report", "met", "handed over on paper")]
    with pytest.raises(ForbiddenError):
        desk.flow.met(Principal(ANN.actor, frozenset()), "case", duty, "x")


def test_statements_to_uploaders_meet_theirs() -> None:
    desk = Desk("eu")
    desk.decided(items="ab")
    desk.settle()
    desk.add(StatementMade("s1", "a", "0" * 64), StatementMade("s2", "b", "0" * 64))
    desk.settle()
    assert desk.states("eu/statement")[0][1] == "open", "there are words, and nobody was told"
    desk.add(StatementTold("s1", "a"), who=KEY.actor)
    desk.settle()
    assert desk.states("eu/statement")[0][1] == "open"
    desk.add(StatementTold("s2", "b"), who=ANN.actor)
    desk.settle()
    assert desk.states("eu/statement")[0][1:] == ("met", "statement:s2")


def test_nobody_is_to_be_told_of_what_came_without_an_account() -> None:
    desk = Desk("eu")
    desk.decided(items="ab", outcome=Outcome.KNOWN, account=False)
    desk.settle()
    assert (desk.states("eu/statement"), len(desk.states("eu/suspicion"))) == ([], 1)
    desk.item("c")
    desk.settle()
    assert [one[1] for one in desk.states("eu/statement")] == ["open"]
    desk.add(StatementMade("s1", "c", "0" * 64))
    desk.add(StatementTold("s1", "c"), who=KEY.actor)
    desk.settle()
    assert [one[1:] for one in desk.states("eu/statement")] == [("met", "statement:s1")]


@pytest.mark.parametrize("account", [True, None])
def test_whether_there_is_anybody_to_tell_is_what_the_log_says(account: bool | None) -> None:
    """None: by a version that did not say so, which ends no duty."""
    desk = Desk("eu")
    desk.keep("a", "")  # as somebody may have edited it
    desk.decided(outcome=Outcome.KNOWN, account=account)
    desk.settle()
    assert desk.states("eu/statement") == [("eu/statement", "open", "")]


def test_statements_that_hold_no_more_or_only_uphold_do_not_meet_it() -> None:
    desk = Desk("eu")
    desk.decided()
    desk.settle()
    desk.add(StatementMade("s1", "a", "0" * 64), StatementMade("s2", "a", "0" * 64, StatementKind.UPHELD))
    desk.add(StatementTold("s2", "a"), who=KEY.actor)
    desk.settle()
    assert desk.states("eu/statement")[0][1] == "open"
    desk.add(StatementMade("s3", "a", "0" * 64))
    desk.add(StatementTold("s1", "a"), who=KEY.actor)
    desk.settle()
    assert desk.states("eu/statement")[0][1] == "open", "they were told other reasons"
    desk.add(StatementTold("s3", "a"), who=KEY.actor)
    desk.settle()
    assert desk.states("eu/statement")[0][1:] == ("met", "statement:s3")


def test_duties_of_a_case_that_was_merged_are_neither_lost_nor_doubled() -> None:
    desk = Desk("us")
    desk.decided(case="other", items="x")
    desk.settle("other")
    desk.decided(items="a")
    desk.settle()
    other = desk.store.case("other")
    desk.store.append([Draft("case", SYSTEM, absorbed(other)), Draft("other", SYSTEM, Merged("case"))])
    desk.settle("other")
    assert [state for _, state, _ in desk.states()] == ["open", "open"]
    desk.report("a")
    desk.settle()
    assert sorted(state for _, state, _ in desk.states("us/report")) == ["met", "open"]
    desk.report("x", filing="f2")
    desk.settle("other")
    assert [state for _, state, _ in desk.states("us/report")] == ["met", "met"]
    assert desk.store.case("other").state is CaseState.MERGED


def test_what_was_done_before_a_merge_is_not_asked_for_again() -> None:
    desk = Desk("us", "uk")
    desk.decided(case="other", items="x", outcome=Outcome.KNOWN)
    desk.settle("other")
    (uk,) = (one.duty.id for one in desk.store.case("other").duties if one.duty.jurisdiction == "uk")
    desk.flow.met(ANN, "other", uk, "on paper")
    desk.store.append([Draft("other", SYSTEM, ReportFinished("f9", Taker.NCMEC, "1", ("x",), "0" * 64))])
    desk.settle("other")
    desk.decided(items="a")
    desk.settle()
    for duty in [one.duty.id for one in desk.case.duties]:
        desk.flow.met(ANN, "case", duty, "on paper, too")
    other = desk.store.case("other")
    desk.store.append([Draft("case", SYSTEM, absorbed(other)), Draft("other", SYSTEM, Merged("case"))])
    assert desk.case.state is CaseState.DECIDED
    desk.settle()
    assert [one for one in desk.states() if one[1] == "open" and one[0].endswith("/report")] == []


def merge(desk: Desk, other: str = "other") -> None:
    there = desk.store.case(other)
    desk.store.append([Draft("case", SYSTEM, absorbed(there)), Draft(other, SYSTEM, Merged("case"))])


def test_a_merge_settles_nothing_of_what_the_other_case_never_held() -> None:
    desk = Desk("us")
    desk.decided(outcome=Outcome.KNOWN)
    desk.settle()
    joined = desk.item("b")
    desk.clock.time += timedelta(hours=1)
    desk.decided(case="other", items="c", outcome=Outcome.KNOWN)
    desk.settle("other")
    desk.add(ReportFinished("f9", Taker.NCMEC, "1", ("c",), "0" * 64), case="other")
    desk.settle("other")
    merge(desk)
    desk.settle()
    desk.report("a")
    desk.settle()
    assert [one.began for one in desk.open("report")] == [joined]


@pytest.mark.parametrize("settled", [True, False])
def test_what_was_met_on_paper_elsewhere_is_not_met_here(settled: bool) -> None:
    """Also where the merge comes before this case was ever settled."""
    desk = Desk("us")
    desk.decided(case="other", items="x", outcome=Outcome.KNOWN)
    desk.settle("other")
    at = desk.decided()
    if settled:
        desk.settle()
    desk.flow.met(ANN, "other", desk.store.case("other").duties[0].duty.id, "on paper")
    desk.item("y", "other")  # after that, and never settled there
    merge(desk)
    desk.settle()
    assert [one.began for one in desk.open("report")] == [at]
    desk.report("a")
    desk.settle()
    (left,) = desk.open("report")
    assert left.began > at
    desk.report("y", filing="f2")
    desk.settle()
    assert {state for _, state, _ in desk.states("us/report")} == {"met"}


def test_duties_that_began_at_the_same_moment_in_two_cases_stay_two() -> None:
    desk = Desk("us")
    for case, item in (("case", "a"), ("other", "x")):
        desk.add(Opened("why"), case=case)
        desk.item(item, case)
    desk.store.append([Draft(case, ANN.actor, Decided(CONFIRMED)) for case in ("case", "other")])
    desk.settle("other")
    (duty,) = (one.duty for one in desk.store.case("other").duties)
    desk.flow.drop(ANN, "other", duty.id, "counsel says so")
    merge(desk)
    desk.settle()
    assert [(one.duty.id, one.state) for one in desk.case.duties] == [
        (duty.id, DutyState.DROPPED),
        (f"{duty.id}/again", DutyState.OPEN),
    ]


def test_a_statement_of_a_case_that_was_merged_meets_its_duty() -> None:
    desk = Desk("eu")
    desk.decided(case="other", items="x", outcome=Outcome.KNOWN)
    desk.settle("other")
    desk.decided(outcome=Outcome.KNOWN)
    desk.settle()
    desk.add(StatementMade("s1", "x", "0" * 64), case="other")
    merge(desk)
    desk.add(StatementTold("s1", "x"), who=KEY.actor)
    desk.settle()
    assert sorted(one[1:] for one in desk.states("eu/statement")) == [("met", "statement:s1"), ("open", "")]


@pytest.mark.parametrize("by", ["filing:f1", " statement:s1", NOBODY])
def test_nobody_says_by_hand_what_a_report_or_a_statement_says(by: str) -> None:
    desk = Desk("eu")
    desk.decided()
    desk.settle()
    duty = next(one.duty.id for one in desk.case.duties if one.duty.kind is DutyKind.INFORM)
    for who in (ANN, KEY):
        with pytest.raises(UsageError, match="in other words"):
            desk.flow.met(who, "case", duty, by)
    assert desk.bodies(DutyMet) == []


def test_others_may_change_the_case_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk("us")
    desk.decided()
    append, busy = desk.store.append, [2]

    def racing(drafts: Sequence[Draft], expect: int | None = None) -> list[LoggedEvent]:
        if expect is not None and busy[0]:
            busy[0] -= 1
            append([Draft("case", ANN.actor, Noted("meanwhile"))])
            raise ConflictError(what="case")
        return append(drafts, expect)

    monkeypatch.setattr(desk.store, "append", racing)
    desk.flow.settle("case")
    assert len(desk.bodies(DutyArose)) == 1
    busy[0] = TRIES * 2
    desk.version += 1
    with pytest.raises(ConflictError):
        desk.flow.settle("case")


def test_a_request_starts_48_hours_once() -> None:
    desk = Desk("us")
    desk.decided(replace(CONFIRMED, artificialness=Artificialness.FULLY_SYNTHETIC))
    at = desk.clock.time - timedelta(hours=1)
    duty = desk.flow.request(KEY, "case", at, "us/take-it-down", "ticket 12")
    assert (duty.kind, duty.due, duty.drives) == (DutyKind.REMOVE, at + timedelta(hours=48), True)
    assert desk.flow.request(KEY, "case", at, "us/take-it-down", "ticket 12") == duty
    assert desk.bodies(DutyArose) == [DutyArose(duty)]
    (note,) = (one.event for one in desk.store.events("case") if isinstance(one.event.body, Noted))
    assert (note.actor, note.body) == (KEY.actor, Noted(f"us/take-it-down: came in at {at.isoformat()}: ticket 12"))
    desk.flow.met(KEY, "case", duty.id, "location:1")
    assert desk.bodies(DutyMet) == [DutyMet(duty.id, "location:1")]


@pytest.mark.parametrize(
    ("rule", "ahead", "says"),
    [
        ("us/report", timedelta(0), "begins by itself"),
        ("us/other", timedelta(0), "known: us/take-it-down"),
        ("kr/remove", timedelta(0), "no rule"),
        ("take-it-down", timedelta(0), "no rule"),
        ("us/take-it-down", timedelta(minutes=5), "not later than now"),
        ("us/take-it-down", -timedelta(days=40 * 365), "nor years ago"),
        ("us/take-it-down", timedelta(days=-30), "not in force then"),
    ],
)
def test_what_cannot_be_recorded(rule: str, ahead: timedelta, says: str) -> None:
    desk = Desk("us")
    desk.decided()
    with pytest.raises(UsageError, match=says):
        desk.flow.request(ANN, "case", desk.clock.time + ahead, rule)
    with pytest.raises(UsageError, match="time zone"):
        desk.flow.request(ANN, "case", datetime(2026, 6, 1), "us/take-it-down")  # noqa: DTZ001 - what is refused
    assert desk.bodies(DutyArose) == []


def test_who_may_not_prepare_reports_records_nothing() -> None:
    desk = Desk("us")
    desk.decided()
    with pytest.raises(ForbiddenError):
        desk.flow.request(Principal(ANN.actor, frozenset()), "case", START, "us/take-it-down")


def test_a_jurisdiction_without_a_pack_is_named() -> None:
    with pytest.raises(UsageError, match="no law pack is called zz"):
        Desk("us", "zz")


def test_a_decision_that_was_overturned_starts_no_more_clocks() -> None:
    desk, ben = Desk("us"), Actor(ActorKind.USER, "2")
    desk.decided()
    desk.settle()
    overturned = Proposed(Grave.OVERTURN, "it is none", Finding(Verdict.NOT_ABUSE))
    number = desk.case.length + 1
    desk.add(AppealOpened("p1", "look again"))
    desk.add(overturned, who=ANN.actor)
    desk.add(Approved(number), who=ben)
    desk.add(AppealDecided("p1", upheld=False), who=ben)
    assert desk.settle() is None
    assert desk.states() == [("us/report", "open", "")]  # a person has to say that it does not apply
    Settle(desk.store, PACKS, ("us", "uk"), desk.rule, desk.clock).settle("case")
    assert desk.states() == [("us/report", "open", "")]


def overturn(desk: Desk, appeal: str, finding: Finding) -> datetime:
    """Somebody objects, and two people find something else."""
    desk.add(AppealOpened(appeal, "look again"))
    desk.add(Proposed(Grave.OVERTURN, "it is another", finding), who=ANN.actor)
    at = desk.add(Approved(desk.case.length - 1), who=BEN)
    desk.add(AppealDecided(appeal, upheld=False), who=BEN)
    return at


@pytest.mark.parametrize("made", Artificialness)
@pytest.mark.parametrize("shown", Answer)
def test_what_was_reported_is_kept_whatever_it_is(made: Artificialness, shown: Answer) -> None:
    us, ca = Desk("us", production=True), Desk("ca", production=True)
    found = Finding(Verdict.CONFIRMED, Classification.A1, made, shown)
    for desk in (us, ca):
        desk.decided(found)
        desk.settle()
    at = us.report("a", production=True)
    us.settle()
    assert us.case.preserve_until == at.replace(year=2027)
    at = ca.report("a", taker=Taker.CYBERTIP_CA, production=True)
    ca.settle()
    assert ca.case.preserve_until == at + timedelta(days=21)


@pytest.mark.parametrize("dropped", [True, False])
def test_what_is_found_to_be_abuse_after_all_is_to_be_reported_anew(dropped: bool) -> None:
    desk = Desk("us", "eu")
    first = desk.decided()
    desk.settle()
    overturn(desk, "p1", Finding(Verdict.NOT_ABUSE))
    if dropped:
        drop_all(desk)
    desk.settle()
    desk.clock.time += timedelta(days=3)
    again = overturn(desk, "p2", CONFIRMED)
    desk.settle()
    began = {one.duty.began for one in desk.case.duties if one.state is DutyState.OPEN and one.duty.rule == "report"}
    assert began == {again if dropped else first}
    desk.report("a")
    desk.settle()
    assert [one for one in desk.states("us/report") if one[1] == "open"] == []  # also the one from before


def test_what_was_reported_before_it_was_overturned_is_not_reported_twice() -> None:
    desk = Desk("us")
    desk.decided()
    desk.settle()
    desk.report("a")
    overturn(desk, "p1", Finding(Verdict.NOT_ABUSE))
    overturn(desk, "p2", CONFIRMED)
    desk.settle()
    assert [state for _, state, _ in desk.states("us/report")] == ["met"]


def test_who_was_told_that_it_fell_is_to_be_told_anew() -> None:
    desk = Desk("eu")
    desk.decided()
    desk.settle()
    desk.add(StatementMade("s1", "a", "0" * 64))
    desk.add(StatementTold("s1", "a"), who=KEY.actor)
    desk.settle()
    overturn(desk, "p1", Finding(Verdict.NOT_ABUSE))
    desk.add(StatementMade("s2", "a", "0" * 64, StatementKind.WITHDRAWN))
    overturn(desk, "p2", CONFIRMED)
    desk.settle()
    assert [one[1:] for one in desk.states("eu/statement")] == [("met", "statement:s1"), ("open", "")]
    desk.add(StatementMade("s3", "a", "0" * 64))
    desk.add(StatementTold("s3", "a"), who=KEY.actor)
    desk.settle()
    assert [one[1:] for one in desk.states("eu/statement")] == [("met", "statement:s1"), ("met", "statement:s3")]


def test_what_only_the_test_system_got_is_to_be_reported_in_production() -> None:
    desk = Desk("us", "uk")
    at = desk.decided()
    desk.settle()
    desk.report("a")
    desk.report("a", taker=Taker.NCA, filing="f2")
    desk.settle()
    assert {state for _, state, _ in desk.states() if "report" in _} <= {"met"}
    desk.flow = Settle(desk.store, PACKS, ("us", "uk"), desk.rule, desk.clock, production=True)
    desk.settle()
    assert desk.states("us/report") == [("us/report", "met", "filing:f1"), ("us/report", "open", "")]
    new = next(one.duty for one in desk.case.duties if one.state is DutyState.OPEN and one.duty.kind is DutyKind.REPORT)
    assert (new.id, new.began) == (f"us/report/{at.isoformat()}/production", at)
    desk.report("a", production=True, filing="f3")
    desk.settle()
    assert desk.states("us/report") == [("us/report", "met", "filing:f1"), ("us/report", "met", "filing:f3")]
    assert [state for _, state, _ in desk.states("uk/report")] == ["met"]


def test_programs_and_who_may_not_report_do_not_say_that_a_report_was_made() -> None:
    desk = Desk("us", "eu")
    desk.decided()
    desk.settle()
    report = next(one.duty.id for one in desk.case.duties if one.duty.kind is DutyKind.REPORT)
    both = frozenset((Permission.REPORT_PREPARE, Permission.REPORT_FILE))
    for who in (KEY, Principal(KEY.actor, both), Principal(SYSTEM, both), Principal(ANN.actor, KEY.permissions)):
        with pytest.raises(ForbiddenError):
            desk.flow.met(who, "case", report, "done")
    inform = next(one.duty.id for one in desk.case.duties if one.duty.kind is DutyKind.INFORM)
    desk.flow.met(KEY, "case", inform, "told by the platform")
    request = desk.flow.request(KEY, "case", desk.clock.time, "us/take-it-down")
    desk.flow.met(KEY, "case", request.id, "removed")
    assert {one[0] for one in desk.states() if one[1] == "met"} == {"eu/statement", "us/take-it-down"}
    desk.flow.met(ANN, "case", report, "on paper")


def test_where_policy_says_so_everything_is_kept_from_the_decision_on() -> None:
    desk = Desk("ca", "us", "kr")
    desk.actions = (Action.REPORT, Action.PRESERVE)
    desk.degraded = True
    at = desk.decided()
    desk.settle()
    assert desk.case.preserve_until is None
    desk.degraded = False
    desk.settle()
    assert desk.case.preserve_until == at.replace(year=2027)
    (kept,) = desk.bodies(PreservationSet)
    assert isinstance(kept, PreservationSet)
    assert kept.rule == "policy:us/preserve"  # what the unverified rule of three years asks for does not count
    sent = desk.report("a")
    desk.settle()
    assert desk.case.preserve_until == sent.replace(year=2027)
    later = desk.item("b")
    desk.settle()
    assert desk.case.preserve_until == later.replace(year=2027)


def test_where_no_confirmed_rule_names_a_time_policy_keeps_nothing() -> None:
    desk = Desk("uk", "eu")
    desk.actions = (Action.PRESERVE,)
    desk.decided()
    desk.settle()
    assert desk.case.preserve_until is None


def drop_all(desk: Desk) -> None:
    for one in desk.case.duties:
        if one.state is DutyState.OPEN:
            desk.flow.drop(ANN, "case", one.duty.id, "why")


ACTS: dict[str, Callable[[Desk], object]] = {
    "settle": lambda desk: desk.flow.settle("case"),
    "join": lambda desk: desk.item(chr(ord("a") + len(desk.case.items))),
    "report": lambda desk: desk.report(*(one.id for one in desk.case.items), filing=f"f{desk.case.length}"),
    "report one": lambda desk: desk.report(desk.case.items[-1].id, filing=f"f{desk.case.length}"),
    "drop": drop_all,
    "wait": lambda desk: setattr(desk.clock, "time", desk.clock.time + timedelta(days=20)),
    "request": lambda desk: desk.flow.request(ANN, "case", desk.clock.time, "us/take-it-down"),
}


@settings(max_examples=40, deadline=None)
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=8))
def test_whatever_happens_every_duty_arises_once_and_everything_known_is_dealt_with(acts: list[str]) -> None:
    desk = Desk("us", "ca")
    desk.decided()
    for act in acts:
        ACTS[act](desk)
    desk.flow.settle("case")
    length = desk.case.length
    desk.flow.settle("case")
    assert desk.case.length == length
    case = desk.case
    assert len({one.duty.id for one in case.duties}) == len(case.duties)
    sent = {item for one in case.reports for item in one.items if one.taker is Taker.NCMEC}
    duties = [one for one in case.duties if one.duty.rule == "report"]
    if not desk.bodies(DutyDropped) and {item.id for item in case.items} - sent:
        assert any(one.state is DutyState.OPEN for one in duties)
    if {item.id for item in case.items} <= sent:
        assert all(one.state is not DutyState.OPEN for one in duties)
    keep = [
        one.duty.due
        for one in case.duties
        if one.duty.kind is DutyKind.PRESERVE and one.duty.drives and one.state is not DutyState.DROPPED
    ]
    if any(due and due > desk.clock.time for due in keep):
        assert case.preserve_until is not None
        assert all(due is None or due <= case.preserve_until for due in keep)


@pytest.mark.parametrize("dropped", [False, True])
def test_a_rule_that_counsel_confirms_later_preserves_from_then_on_unless_it_was_dropped(dropped: bool) -> None:
    desk = Desk("ca")
    desk.decided()
    at = desk.report("a", taker=Taker.CYBERTIP_CA)
    desk.settle()
    (longer,) = (one.duty.id for one in desk.case.duties if one.duty.rule == "preserve-c16")
    if dropped:
        desk.flow.drop(ANN, "case", longer, "not in force yet")
    rules = tuple(replace(rule, status=RuleStatus.CONFIRMED) for rule in PACKS["ca"].rules)
    sure = {**PACKS, "ca": replace(PACKS["ca"], rules=rules, as_of=date(2026, 12, 1))}
    Settle(desk.store, sure, ("ca",), desk.rule, desk.clock).settle("case")
    assert desk.case.preserve_until == (at + timedelta(days=21) if dropped else at.replace(year=2027))


def test_coverage_that_is_not_known_informs() -> None:
    desk = Desk("eu", "ca")
    desk.decided(replace(CONFIRMED, artificialness=Artificialness.FULLY_SYNTHETIC))
    desk.settle()
    found = {f"{one.duty.jurisdiction}/{one.duty.rule}": one.duty for one in desk.case.duties}
    assert (found["eu/statement"].covered, found["eu/statement"].drives) == (Coverage.YES, True)
    assert (found["eu/suspicion"].covered, found["eu/suspicion"].drives) == (Coverage.SOME, False)
    assert (found["ca/report-address"].covered, found["ca/report-address"].drives) == (Coverage.YES, False)
