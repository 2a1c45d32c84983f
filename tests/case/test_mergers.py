"""What people said last of an item is overruled by no merger, nor by what joins: the obvious way to say so."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.case.fold import absorbed
from safelight.case.rules import DECISIONS
from safelight.model.access import SYSTEM, Actor
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseState,
    Decided,
    Grave,
    Merged,
    Opened,
    Proposal,
    Proposed,
    Rejected,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import TransitionError
from tests.case.histories import ANN, BEN, BENIGN, CONFIRMED, KEY, Log, added

CASES = ("c0", "c1", "c2")


@dataclass
class Desk:
    """Cases, and by item what people found, or proposed and had no answer to, since all were last looked at."""

    log: Log = field(default_factory=Log)
    said: dict[str, set[Verdict]] = field(default_factory=dict)

    def case(self, name: str) -> Case:
        return self.log.cases[name]

    def act(self, name: str, actor: Actor, body: Body) -> None:
        before = self.case(name)
        after = self.log.add(name, actor, body)
        answered = body.proposal if isinstance(body, Approved | Rejected) else None
        for lost in _asked(before) - _asked(after):
            if lost.number != answered:
                self._say(before, {lost.what.finding.verdict} if lost.what.finding else set())
        if after.finding and isinstance(body, Decided | Approved | AppealDecided):
            for item in after.items:
                self.said[item.id] = {after.finding.verdict}

    def merge(self, other: str, into: str) -> None:
        case = self.case(other)
        for lost in _asked(case):
            self._say(case, {lost.what.finding.verdict} if lost.what.finding else set())
        self.act(other, SYSTEM, Merged(into))
        self.act(into, SYSTEM, absorbed(case))

    def _say(self, case: Case, verdicts: set[Verdict]) -> None:
        for item in case.items:
            self.said[item.id] |= verdicts


def _asked(case: Case) -> set[Proposal]:
    return {one for one in case.proposals if one.what.action in DECISIONS}


NUMBERS = st.integers(0, 2)
STEPS = st.lists(st.tuples(st.sampled_from("aaffpynokmmmm"), NUMBERS, NUMBERS, st.booleans()), min_size=3, max_size=12)


@settings(max_examples=500)
@given(st.text("fp-", min_size=3, max_size=3), st.lists(st.booleans(), min_size=3, max_size=3), STEPS)
def test_what_people_said_last_of_an_item_is_never_overruled(
    begun: str, abuse: list[bool], steps: list[tuple[str, int, int, bool]]
) -> None:
    """Of three cases with known bytes; `begun`: found by two people, or asked for by one, or nothing."""
    desk = Desk()
    for which, name in enumerate(CASES):
        desk.log.add(name, KEY, Opened("gate"))
        _done(desk, -1 - which, "a", which, 2, yes=False)
        _done(desk, 0, begun[which], which, 0, yes=abuse[which])
    for number, step in enumerate(steps):
        try:
            _done(desk, number, *step)
        except TransitionError:
            continue
        for case in map(desk.case, CASES):
            if case.finding is None or case.state is CaseState.MERGED:
                continue
            otherwise = set[Verdict]().union(*(desk.said[item.id] for item in case.items)) - {case.finding.verdict}
            # Who asked for another finding, until something joined, is remembered until the appeal has its answer.
            assert not otherwise or (case.appeals and otherwise <= case.undone)


def _done(desk: Desk, number: int, step: str, which: int, other: int, yes: bool) -> None:
    name, case = CASES[which], desk.case(CASES[which])
    action = Grave.OVERTURN if case.state is CaseState.APPEALED else Grave.DECIDE
    asked = Proposed(action, "a reason", CONFIRMED if yes else BENIGN)
    waiting = [one.number for one in case.proposals]
    match step:
        case "a":
            desk.said[f"i{number}"] = set()
            outcome = Outcome.NEAR if other == 0 else Outcome.KNOWN
            desk.act(name, KEY, added(f"i{number}", outcome, "alike" if yes else "", degraded=other == 1))
        case "f":  # by two
            desk.act(name, ANN, asked)
            desk.act(name, BEN, Approved(desk.case(name).length - 1))
        case "p":
            desk.act(name, ANN, asked)
        case "y" | "n" if waiting:
            answer: Callable[[int], Body] = Approved if step == "y" else Rejected
            desk.act(name, BEN, answer(waiting[0]))
        case "o":
            desk.act(name, KEY, AppealOpened(f"p{number}", "mine"))
        case "k" if case.appeals:
            desk.act(name, BEN, AppealDecided(case.appeals[0], upheld=True))
        case "m" if other != which and CaseState.MERGED not in {case.state, desk.case(CASES[other]).state}:
            desk.merge(CASES[other], name)
        case _:
            pass
