"""Duties of several cases that grow, merge and are decided anew, against a slow oracle that follows each item."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

import pytest

from safelight.case.fold import absorbed
from safelight.flow.merged import current
from safelight.model.access import SYSTEM, Actor
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseState,
    Decided,
    Draft,
    DutyState,
    Finding,
    Grave,
    ItemAdded,
    Merged,
    Opened,
    Proposed,
    ReportFinished,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.filing import Body as Taker
from safelight.model.law import Duty
from tests.flow.test_settle import ANN, BEN, CONFIRMED, Desk

ACTS = (
    *("opened", "redecided", "overturned", "ended"),
    *("joined", "confirmed", "finished", "merged") * 2,
    *("settled",) * 4,
)
"""What may happen; that a case is settled comes as often as it does in life."""
Name = tuple[str, str]
"""A case, and the id of a duty in it."""


@dataclass
class Oracle:
    """What is owed, told of each item by itself. `about`: of each duty, the items that it is about."""

    known: dict[str, datetime] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)
    reported: set[str] = field(default_factory=set)
    about: dict[Name, set[str]] = field(default_factory=dict)

    def sees(self, case: Case, at: datetime) -> None:
        """Something has happened to the case."""
        verdict = case.finding.verdict if case.finding else None
        for item in (one.id for one in case.items):
            if verdict is Verdict.NOT_ABUSE:
                self.known.pop(item, None)
            elif verdict is Verdict.CONFIRMED and item not in self.known:
                self.known[item] = at
                self.excused.discard(item)

    def arises(self, case: Case, duty: Duty) -> None:
        items = {one.id for one in case.items if one.id in self.known and self.known[one.id] <= duty.began}
        self.about[case.id, duty.id] = items - self.excused

    def ended(self, case: Case, duty: str) -> None:
        """A person ended it: for its items, and if it is the last one, for what has joined."""
        rest = set() if len(owing(case)) > 1 else {one.id for one in case.items if one.id in self.known}
        self.excused |= {item for item in self.about[case.id, duty] | rest if item in self.known}

    def merged(self, one: Case, into: Case) -> None:
        for duty in one.duties:
            self.about.setdefault((into.id, duty.duty.id), set()).update(self.about[one.id, duty.duty.id])

    def owes(self, case: Case) -> set[str]:
        return {one.id for one in case.items if one.id in self.known} - self.reported - self.excused


def owing(case: Case) -> list[Duty]:
    return [one.duty for one in case.duties if one.duty.rule == "report" and one.state is DutyState.OPEN]


class Office(Desk):
    """Cases that all sorts of things happen to, with the oracle beside them."""

    def __init__(self, random: Random) -> None:
        super().__init__("us")
        self.random, self.oracle, self.number = random, Oracle(), count()
        self.live: list[str] = []
        self.sending: list[tuple[str, tuple[str, ...]]] = []
        self.done: list[str] = []

    def write(self, *acts: tuple[str, Body], who: Actor = SYSTEM) -> None:
        at = self.store.append([Draft(case, who, body) for case, body in acts])[-1].event.at
        for case in self.live:
            self.oracle.sees(self.store.case(case), at)

    def one(self) -> Case:
        return self.store.case(self.random.choice(self.live))

    def fresh(self, outcome: Outcome) -> ItemAdded:
        name = f"{next(self.number):02}"
        return ItemAdded(name, (name * 32)[:64], 5, "image/png", "items", outcome, "why")

    def act(self) -> None:
        name = self.random.choice(ACTS)
        self.clock.time += timedelta(minutes=self.random.choice((0, 1, 5000)))
        self.done.append(name)
        getattr(self, name)()

    def opened(self) -> None:
        """One or two at once, decided in the same moment."""
        names = [f"c{next(self.number)}" for _ in range(self.random.choice((1, 2)))]
        self.live += names
        self.write(*((name, Opened("why")) for name in names), *((name, self.fresh(Outcome.KNOWN)) for name in names))
        self.write(*((name, Decided(CONFIRMED)) for name in names), who=ANN.actor)

    def joined(self) -> None:
        self.write((self.one().id, self.fresh(self.random.choice((Outcome.KNOWN, Outcome.KNOWN, Outcome.NEAR)))))

    def redecided(self) -> None:
        if (case := self.one()).state is CaseState.OPEN:
            self.write((case.id, Decided(CONFIRMED)), who=ANN.actor)

    def overturned(self) -> None:
        case = self.one()
        if case.state is CaseState.DECIDED and case.finding:
            was = case.finding.verdict is Verdict.CONFIRMED
            appeal = f"p{next(self.number)}"
            self.write((case.id, AppealOpened(appeal, "why")))
            finding = Finding(Verdict.NOT_ABUSE) if was else CONFIRMED
            self.write((case.id, Proposed(Grave.OVERTURN, "why", finding)), who=ANN.actor)
            self.write((case.id, Approved(self.store.case(case.id).proposals[0].number)), who=BEN)
            self.write((case.id, AppealDecided(appeal, upheld=False)), who=BEN)

    def confirmed(self) -> None:
        """A report that holds what is there now; it arrives later."""
        case = self.one()
        left = tuple(one.id for one in case.items if one.id not in self.oracle.reported)
        if left and case.state is CaseState.DECIDED and case.finding and case.finding.verdict is Verdict.CONFIRMED:
            self.sending.append((case.id, self.random.choice((left, left[:1]))))

    def finished(self) -> None:
        if self.sending:
            name, items = self.sending.pop()
            report = ReportFinished(f"f{next(self.number)}", Taker.NCMEC, "1", items, "0" * 64)
            self.oracle.reported.update(items)
            self.write((current(self.store, name).id, report))

    def ended(self) -> None:
        case = self.one()
        if found := owing(case):
            duty = self.random.choice(found).id
            self.oracle.ended(case, duty)
            if self.random.random() < 0.5:
                self.flow.met(ANN, case.id, duty, "on paper")
            else:
                self.flow.drop(ANN, case.id, duty, "counsel says so")

    def merged(self) -> None:
        if len(self.live) > 1:
            gone, stays = (self.store.case(name) for name in self.random.sample(self.live, 2))
            self.live.remove(gone.id)
            self.oracle.merged(gone, stays)
            self.write((stays.id, absorbed(gone)), (gone.id, Merged(stays.id)))

    def settled(self) -> None:
        self.all_settled((self.one().id,))

    def all_settled(self, names: Sequence[str]) -> None:
        for name in names:
            before = self.store.case(name)
            there = {one.duty.id for one in before.duties}
            owed = self.oracle.owes(before)
            self.flow.settle(name)
            case = self.store.case(name)
            for one in case.duties:
                if one.duty.id not in there and one.duty.rule == "report":
                    assert one.duty.began in {self.oracle.known[item] for item in owed}, "nothing is asked for twice"
                if one.duty.id not in there:
                    self.oracle.arises(case, one.duty)
            self.holds(case)

    def holds(self, case: Case) -> None:
        """What is true of each case that was just settled."""
        found = owing(case)
        assert bool(found) or not self.oracle.owes(case), "an item that nobody dealt with is under no duty"
        for duty in found:
            assert self.oracle.about[case.id, duty.id] - self.oracle.reported, "all was reported, and it is open"
        assert len({one.duty.id for one in case.duties}) == len(case.duties)
        length = len(self.store.entries)
        self.flow.settle(case.id)
        assert len(self.store.entries) == length


def play(seed: int, acts: int) -> None:
    office = Office(Random(seed))
    office.opened()
    for _ in range(acts):
        try:
            office.act()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error} after {office.done}") from error
    office.all_settled(office.live)
    for name in office.live:  # whoever reports all that is left is done
        if left := tuple(office.oracle.owes(office.store.case(name)) | unreported(office, name)):
            office.sending.append((name, left))
            office.finished()
    office.all_settled(office.live)
    assert not any(owing(office.store.case(name)) for name in office.live)


def unreported(office: Office, name: str) -> set[str]:
    return {one.id for one in office.store.case(name).items} - office.oracle.reported


@pytest.mark.parametrize("seed", range(24))
def test_each_item_is_dealt_with_once_whatever_happens(seed: int) -> None:
    play(seed, 20)


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, 1000, 50))
def test_each_item_is_dealt_with_once_in_long_histories(first: int) -> None:
    for seed in range(first, first + 50):
        play(1000 + seed, 25)
