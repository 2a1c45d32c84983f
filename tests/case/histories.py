"""Random histories of cases, and their logs; and a few ready bodies."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from safelight.case.chain import entry_bytes, leaf_hash
from safelight.case.fold import apply, check
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.assessment import Artificialness
from safelight.model.audit import NO_HASH, LoggedEvent
from safelight.model.case import (
    SOURCE,
    Absorbed,
    Answer,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseEvent,
    CaseItem,
    Classification,
    Decided,
    Finding,
    Grave,
    Hidden,
    Hold,
    HoldLifted,
    HoldPlaced,
    ItemAdded,
    ItemDestroyed,
    ItemExported,
    Merged,
    Noted,
    Opened,
    PreservationSet,
    Proposed,
    Rejected,
    Revealed,
    Routed,
    Seconded,
    Verdict,
    Verified,
)
from safelight.model.decision import Outcome
from safelight.model.errors import TransitionError

START = datetime(2026, 1, 1, tzinfo=UTC)
ANN, BEN, KEY = Actor(ActorKind.USER, "1"), Actor(ActorKind.USER, "2"), Actor(ActorKind.KEY, "1")
CONFIRMED = Finding(Verdict.CONFIRMED, Classification.OTHER)
BENIGN = Finding(Verdict.NOT_ABUSE)
UNSURE = Finding(Verdict.UNSURE)


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def added(item: str, outcome: Outcome = Outcome.KNOWN, content: str = "", *, degraded: bool = False) -> ItemAdded:
    return ItemAdded(
        item, digest(content or item), 3, "image/png", "gate", outcome, "why", blob=f"b-{item}", degraded=degraded
    )


class Log:
    """A log in a list: numbers, chains and folds what it is given."""

    def __init__(self) -> None:
        self.entries: list[LoggedEvent] = []
        self.cases: dict[str, Case] = {}
        self.now = START

    def add(self, case: str, actor: Actor, body: Body) -> Case:
        """Append; raise TransitionError when the rules do not allow it."""
        check(self.cases.get(case), body, actor, self.now)
        return self.force(case, actor, body)

    def force(self, case: str, actor: Actor, body: Body) -> Case:
        """Append whatever it is."""
        there = self.cases.get(case)
        event = CaseEvent(
            case, there.length if there else 0, self.now, actor, body, there.head if there else NO_HASH, "test 1"
        )
        entry = entry_bytes(event)
        logged = LoggedEvent(len(self.entries), leaf_hash(entry), entry, event)
        self.cases[case] = apply(there, event, logged.hash)
        self.entries.append(logged)
        return self.cases[case]

    def of(self, case: str) -> list[LoggedEvent]:
        return [entry for entry in self.entries if entry.event.case == case]


_ITEMS = st.sampled_from(["i1", "i2", "i3"])
_TIMES = st.none() | st.integers(-5, 40).map(lambda days: START + timedelta(days=days))
_HOLDS = st.sampled_from(["h1", "h2"])
_NUMBERS = st.integers(0, 12)
_OUTCOMES = st.sampled_from([Outcome.KNOWN, Outcome.NEAR, Outcome.DERIVED])
FINDINGS = st.builds(
    Finding,
    st.sampled_from(Verdict),
    st.sampled_from(Classification),
    st.sampled_from(Artificialness),
    st.sampled_from(Answer),
    st.text(max_size=5),
)
_SHARES = st.floats(-0.1, 1.1)
BODIES: st.SearchStrategy[Body] = st.one_of(
    st.builds(Opened, st.text(max_size=5), st.integers(-3, 3), family=st.none() | st.just("f")),
    st.builds(added, _ITEMS, _OUTCOMES, st.sampled_from(["", "same"]), degraded=st.booleans()),
    st.builds(Merged, st.sampled_from(["a", "b"])),
    st.builds(
        lambda items, hold, until: Absorbed(
            "z",
            tuple(items),
            tuple(CaseItem(i, digest(i), 3, "image/png", "gate", Outcome.NEAR, "why", START) for i in items),
            (Hold(hold, "order", until),),
            until,
            ("p9",),
            tuple(items[:1]),
            confirmed=bool(items),
        ),
        st.lists(_ITEMS, max_size=2, unique=True),
        _HOLDS,
        _TIMES,
    ),
    st.builds(Routed, st.sampled_from(["q", "r"]), st.integers(-3, 3)),
    st.builds(
        Revealed,
        _ITEMS,
        st.just("why"),
        st.sampled_from(["item", SOURCE]),
        region=st.tuples(_SHARES, _SHARES, _SHARES, _SHARES),
    ),
    st.builds(Hidden, _ITEMS, st.floats(-1, 100)),
    st.builds(
        Proposed,
        st.sampled_from(Grave),
        st.just("why"),
        st.none() | FINDINGS,
        st.none() | _ITEMS,
        st.none() | _HOLDS,
    ),
    st.builds(Proposed, st.just(Grave.DESTROY), st.just("why"), item=_ITEMS),
    st.builds(Proposed, st.just(Grave.LIFT_HOLD), st.just("why"), hold=_HOLDS),
    st.builds(Seconded, _NUMBERS, st.sampled_from(Artificialness), st.sampled_from(Answer)),
    st.builds(Approved, _NUMBERS),
    st.builds(Rejected, _NUMBERS),
    st.builds(Decided, FINDINGS, st.booleans(), st.booleans()),
    st.builds(AppealOpened, st.sampled_from(["p1", "p2"]), st.text(max_size=5), st.none() | _ITEMS),
    st.builds(AppealDecided, st.sampled_from(["p1", "p2"]), st.booleans()),
    st.builds(HoldPlaced, _HOLDS, st.just("order"), _TIMES),
    st.builds(HoldLifted, _HOLDS, st.just("over")),
    st.builds(PreservationSet, _TIMES, st.just("rule")),
    st.builds(ItemExported, _ITEMS, st.just("e"), st.booleans(), st.just("why")),
    st.builds(lambda item: ItemDestroyed(item, digest(item), "key destroyed", "why"), _ITEMS),
    st.builds(Verified, _ITEMS, st.just("x"), st.booleans()),
    st.builds(Noted, st.text(max_size=9)),
)
"""Any body, mostly about things that may be there."""

STEPS = st.lists(st.tuples(st.sampled_from([ANN, BEN, KEY, SYSTEM]), BODIES, st.integers(-3, 9)), max_size=40)
"""Who does what, and how many days later (clocks do run backwards)."""


def allowed_of(steps: Iterable[tuple[Actor, Body, int]], begin: Sequence[Body] = (Opened("x"), added("i1"))) -> Log:
    """The log of one case "a" with those of the steps that the rules allow."""
    log = Log()
    for body in begin:
        log.add("a", SYSTEM, body)
    for actor, body, days in steps:
        log.now += timedelta(days=days)
        try:
            log.add("a", actor, body)
        except TransitionError:
            continue
    return log
