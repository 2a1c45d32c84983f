"""What a log says of takedowns, read on from where it was read last: it is what reading all of it says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.flow import takedown_standing
from safelight.flow.takedown_standing import Begun, Logs, begun
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    Body,
    Case,
    CaseEvent,
    CaseState,
    ContactsFound,
    Located,
    LocationClosed,
    Opened,
    PlaceChanged,
    TakedownBegun,
)
from safelight.model.errors import UnknownCaseError
from safelight.model.takedown import Place

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANN = Actor(ActorKind.USER, "1")
URLS = ("https://a.example/1", "https://a.example/2")
PLACES = ("l1", "l2", "l3")
BODIES: st.SearchStrategy[Body] = st.one_of(
    st.builds(Located, st.sampled_from(PLACES), st.just("i"), st.sampled_from(URLS), st.sampled_from(("", *PLACES))),
    st.builds(TakedownBegun, st.sampled_from(PLACES)),
    st.builds(LocationClosed, st.sampled_from(PLACES), st.just("over")),
    st.builds(PlaceChanged, st.sampled_from(PLACES), st.just(Place.MOVED), led_to=st.sampled_from(URLS)),
    st.builds(ContactsFound, st.sampled_from(PLACES), st.sampled_from(URLS), st.just(("abuse@a.example",))),
)


class Log:
    """Cases, each with its entries; `asked`: how many were read."""

    def __init__(self) -> None:
        self.entries: list[LoggedEvent] = []
        self.asked = self.written = 0
        for case in "abc":
            self.add(case, SYSTEM, Opened("why"))

    def add(self, case: str, who: Actor, body: Body) -> None:
        self.written += 1
        seq = sum(one.event.case == case for one in self.entries)
        event = CaseEvent(case, seq, NOW, who, body, "")
        self.entries.append(LoggedEvent(len(self.entries), f"hash {self.written}", b"", event))

    def events(self, case: str, after: int = 0) -> list[LoggedEvent]:
        found = [one for one in self.entries if one.event.case == case][after:]
        if not found:
            raise UnknownCaseError(case=case)
        self.asked += len(found)
        return found


def case(name: str) -> Case:
    return Case(name, 1, "", CaseState.DECIDED, NOW, NOW, "why", 0, "default")


def said(one: Begun) -> dict[str, Any]:
    return vars(one)


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from((ANN, SYSTEM)), BODIES | st.sampled_from(("merge", "undo", "ask"))
    ),
    max_size=30,
)


@given(STEPS)
def test_it_is_what_all_of_it_says(steps: list[tuple[str, Actor, Body | str]]) -> None:
    log, into = Log(), {name: name for name in "abc"}
    store: Any = log
    logs = Logs(store)
    for name, who, act in steps:
        if isinstance(act, str):
            _ACTS[act](log, into, name)
        else:
            log.add(name, who, act)
        for each in "abc":
            if act == "ask" or each == name:
                assert said(logs.begun(case(each))) == said(begun(store, case(each)))


def _merge(log: Log, into: dict[str, str], name: str) -> None:
    other = "abc"[("abc".index(name) + 1) % 3]
    if into[other] == other and into[name] == name and name not in _within(into, other):
        into[other] = name
        log.add(name, SYSTEM, Absorbed(other, ()))


def _within(into: dict[str, str], name: str) -> set[str]:
    return {one for one in into if one == name or into[one] == name}


def _undo(log: Log, into: dict[str, str], _name: str) -> None:
    """The last entry was never written: its transaction was undone. Another one may come in its place."""
    last = log.entries[-1].event
    if last.seq and not isinstance(last.body, Absorbed):
        del log.entries[-1]


_ACTS: dict[str, Callable[[Log, dict[str, str], str], None]] = {
    "merge": _merge,
    "undo": _undo,
    "ask": lambda _log, _into, _name: None,
}


def test_no_more_is_read_than_what_is_new() -> None:
    log = Log()
    store: Any = log
    logs = Logs(store)
    for _ in range(100):
        log.add("a", ANN, TakedownBegun("l1"))
    logs.begun(case("a"))
    log.asked = 0
    log.add("a", ANN, LocationClosed("l1", "over"))
    assert not logs.begun(case("a")).running
    assert log.asked == 2


def test_what_one_who_was_slower_wrote_before_what_was_read_counts_in_its_place() -> None:
    """Two cases that are one by now: of what is written to both at once, the later may be read first."""
    log = Log()
    store: Any = log
    logs = Logs(store)
    log.add("a", SYSTEM, Absorbed("b", ()))
    log.add("b", ANN, TakedownBegun("l1"))
    late = log.entries.pop()
    log.add("a", ANN, LocationClosed("l1", "over"))
    log.entries[-1] = replace(log.entries[-1], position=late.position + 1)
    assert not logs.begun(case("a")).running
    log.entries.append(late)
    assert not logs.begun(case("a")).running
    assert said(logs.begun(case("a"))) == said(begun(store, case("a")))


def test_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takedown_standing, "RECENT", 2)
    log = Log()
    store: Any = log
    logs = Logs(store)
    for name in "abcab":
        logs.begun(case(name))
    log.asked = 0
    logs.begun(case("b"))
    assert log.asked == 1


def test_what_was_asked_for_stays_when_others_read_on_and_undo() -> None:
    log = Log()
    store: Any = log
    log.add("a", ANN, Located("l1", "i", URLS[0]))
    logs = Logs(store)
    asked = logs.begun(case("a"))
    log.add("a", ANN, TakedownBegun("l1"))
    assert logs.begun(case("a")).running == {"l1"}
    log.entries.pop()
    assert asked.running == set()
    assert said(asked) == said(logs.begun(case("a"))) == said(begun(store, case("a")))
