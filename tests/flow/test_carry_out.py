"""What two people agreed on, done: only what may be done, and all of that."""

from datetime import UTC, datetime

import pytest

from safelight.flow.carry_out import carry_out
from safelight.model.access import SYSTEM, Actor, ActorKind, Principal
from safelight.model.case import (
    Approved,
    Case,
    Classification,
    Decided,
    Draft,
    Finding,
    Grave,
    HoldPlaced,
    ItemAdded,
    Opened,
    Proposal,
    Proposed,
    ReportConfirmed,
    ReportFinished,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.filing import Body
from safelight.model.service import Item, ItemState
from tests.contract.memory_case_store import MemoryCaseStore
from tests.fakes import FakeClock

ANN, BEN = Actor(ActorKind.USER, "1"), Actor(ActorKind.USER, "2")
START = datetime(2026, 1, 1, tzinfo=UTC)


class Vault:
    def __init__(self) -> None:
        self.destroyed: list[str] = []
        self.locked: list[str] = []

    def lock(self, blob: str) -> None:
        self.locked.append(blob)

    def destroy(self, blob: str) -> None:
        assert blob in self.locked
        self.destroyed.append(blob)


class Evidence:
    """A store and a vault; items of any case, some with the same bytes."""

    def __init__(self) -> None:
        self.store, self.vault = MemoryCaseStore(FakeClock()), Vault()

    def add(self, case: str, item: str, content: str) -> None:
        if case not in {one.id for one in self.store.cases()}:
            self.store.append([Draft(case, SYSTEM, Opened("why"))])
        added = ItemAdded(item, content * 64, 5, "image/png", "items", Outcome.NEAR, "why", blob=f"blob-{content}")
        self.store.append([Draft(case, SYSTEM, added)])
        self.keep(item, content, case)

    def keep(self, item: str, content: str, case: str | None) -> None:
        there = Item(item, ItemState.DONE, START, "items", blob=f"blob-{content}", sha256=content * 64, case=case)
        self.store.put_item(there)

    def agree(self, case: str, asked: Proposed) -> None:
        self.store.append([Draft(case, ANN, asked)])
        number = self.store.case(case).proposals[-1].number
        self.store.append([Draft(case, BEN, Approved(number))])

    def hold(self, case: str, hold: str) -> None:
        self.store.append([Draft(case, ANN, HoldPlaced(hold, "an order"))])

    def carry_out(self, case: str) -> tuple[Proposal, ...]:
        return carry_out(Principal(BEN, frozenset()), case, self.store, self.vault)  # type: ignore[arg-type] # as asked

    def gone(self, case: str) -> list[str]:
        return [item.id for item in self.case(case).items if item.destroyed]

    def case(self, case: str) -> Case:
        return self.store.case(case)


def destroy(item: str) -> Proposed:
    return Proposed(Grave.DESTROY, "the time is over", item=item)


def lift(hold: str) -> Proposed:
    return Proposed(Grave.LIFT_HOLD, "the order ended", hold=hold)


@pytest.fixture
def evidence() -> Evidence:
    return Evidence()


def test_what_was_agreed_on_before_a_hold_is_not_done_after_it(evidence: Evidence) -> None:
    evidence.add("c1", "i1", "a")
    evidence.agree("c1", destroy("i1"))
    evidence.hold("c1", "h1")
    evidence.agree("c1", lift("h1"))
    assert evidence.carry_out("c1") == ()
    assert evidence.case("c1").holds == ()
    assert evidence.vault.destroyed == []


def test_what_has_to_wait_keeps_nothing_else_waiting(evidence: Evidence) -> None:
    evidence.add("c1", "i1", "a")
    evidence.hold("c1", "h1")
    evidence.hold("c1", "h2")
    evidence.agree("c1", destroy("i1"))
    evidence.agree("c1", lift("h1"))
    assert [one.what.item for one in evidence.carry_out("c1")] == ["i1"]
    assert [hold.id for hold in evidence.case("c1").holds] == ["h2"]
    evidence.agree("c1", lift("h2"))
    assert evidence.carry_out("c1") == ()
    assert evidence.vault.destroyed == ["blob-a"]


def test_the_same_bytes_in_two_cases_go_when_both_have_agreed(evidence: Evidence) -> None:
    evidence.add("c1", "i1", "a")
    evidence.add("c1", "i2", "b")
    evidence.add("c2", "i3", "a")
    evidence.agree("c1", destroy("i1"))
    evidence.agree("c1", destroy("i2"))
    assert [one.what.item for one in evidence.carry_out("c1")] == ["i1"]
    assert evidence.vault.destroyed == ["blob-b"]
    evidence.agree("c2", destroy("i3"))
    assert evidence.carry_out("c2") == ()
    assert evidence.vault.destroyed == ["blob-b", "blob-a"]
    assert (evidence.gone("c1"), evidence.gone("c2")) == (["i1", "i2"], ["i3"])
    assert evidence.case("c1").approved == ()


def test_a_hold_on_another_case_protects_the_same_bytes(evidence: Evidence) -> None:
    evidence.add("c1", "i1", "a")
    evidence.add("c2", "i2", "a")
    evidence.hold("c2", "h1")
    evidence.agree("c2", destroy("i2"))  # in the knowledge of the hold: it waits for its end
    evidence.agree("c1", destroy("i1"))
    assert len(evidence.carry_out("c1")) == 1
    assert (evidence.gone("c1"), evidence.vault.destroyed) == ([], [])


def test_no_number_of_copies_hides_a_case_that_needs_the_media(evidence: Evidence) -> None:
    evidence.add("c1", "i1", "a")
    evidence.agree("c1", destroy("i1"))
    for number in range(1_001):
        evidence.keep(f"copy-{number:04}", "a", None)
    evidence.add("c9", "z", "a")
    evidence.hold("c9", "h1")
    assert len(evidence.carry_out("c1")) == 1
    assert evidence.vault.destroyed == []


def test_what_a_report_still_has_to_send_is_left_for_the_next_time(evidence: Evidence) -> None:
    evidence.add("a", "one", "1")
    evidence.store.append([Draft("a", ANN, Decided(Finding(Verdict.CONFIRMED, Classification.OTHER)))])
    evidence.agree("a", destroy("one"))
    evidence.store.append([Draft("a", ANN, ReportConfirmed("f1", Body.NCMEC, ("one",), "0" * 64))])
    assert len(evidence.carry_out("a")) == 1
    assert (evidence.vault.destroyed, evidence.gone("a")) == ([], [])
    evidence.store.append([Draft("a", SYSTEM, ReportFinished("f1", Body.NCMEC, "1", ("one",), "0" * 64))])
    assert evidence.carry_out("a") == ()
    assert (evidence.vault.destroyed, evidence.gone("a")) == (["blob-1"], ["one"])
