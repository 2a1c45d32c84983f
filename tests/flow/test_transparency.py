"""A year in numbers, against counting by hand."""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.case.fold import absorbed
from safelight.flow.transparency import Yearly
from safelight.model.access import SYSTEM
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Absorbed,
    Draft,
    Finding,
    ItemAdded,
    Merged,
    NoticeAnswered,
    NoticeRetracted,
    NoticeSent,
    Opened,
    ReportFinished,
    RetractionConfirmed,
    RetractionEnded,
)
from safelight.model.case import Body as Event
from safelight.model.decision import Outcome
from safelight.model.filing import Body
from safelight.model.statement import Figures
from safelight.model.takedown import Form, NoticeState, RetractionState, Scope
from tests.closing import ANN, CONFIRMED, NOT_ABUSE, World, told
from tests.contract.memory_case_store import MemoryCaseStore
from tests.flow import closing_histories
from tests.flow.slow_closing import slow_figures
from tests.flow.test_settle import Desk


class Memory:
    """`ports.Memo`, with all that was ever put."""

    def __init__(self) -> None:
        self.puts: list[bytes | None] = [None]
        self.there = 0

    def get(self) -> bytes | None:
        return self.puts[self.there]

    def put(self, data: bytes) -> None:
        self.there = len(self.puts)
        self.puts.append(data)


class Counted(MemoryCaseStore):
    """A store that knows how many entries were read of its log."""

    read = 0

    def log(self, after: int, limit: int, kinds: Collection[type[Event]] = ()) -> list[LoggedEvent]:
        found = super().log(after, limit, kinds)
        self.read += len(found)
        return found


def counted(world: World, year: int = 2026, memo: Memory | None = None) -> Figures:
    return Yearly(world.cases, world.takedowns, memo or Memory(), "Example Pictures", world.clock).of(year)


def busy(*findings: Finding) -> World:
    world = World()
    told(world)
    world.log(ReportFinished("f1", Body.NCMEC, "77", ("i1",), "d" * 64, production=True))
    world.log(ReportFinished("f2", Body.NCMEC, "78", ("i1",), "d" * 64))  # to the test system
    world.log(NoticeSent("n1", "l1", Scope.HOST, Form.XARF, "abuse@host.example.com", "d" * 64))
    world.log(NoticeAnswered("n1", "l1", NoticeState.ACKNOWLEDGED))
    world.log(NoticeAnswered("n1", "l1", NoticeState.REMOVED))
    world.uphold()
    for finding in findings or (NOT_ABUSE,):
        world.overturn(finding)
    told(world)
    return world


def test_figures_are_those_of_the_year() -> None:
    found = counted(busy())
    assert found.items == {"gate": 1, "items": 1}
    assert found.outcomes == {"derivative": 1, "known": 1}
    assert found.detections == {"derivative image": 1, "known image": 1}
    assert found.decisions == {"confirmed": 1, "not_abuse": 1}
    assert found.deciders == {"two_people": 2}
    assert found.appeals == {"overturned": 1, "upheld": 1}
    assert found.reports == {"ncmec": 1}
    assert found.notices == {"mistaken": 1}  # two people have found that it is no abuse
    assert found.removals == {}
    assert (found.removal_hours, found.timed) == (None, 0)
    assert found.statements == {"reasons": 2, "withdrawn": 2}


def test_what_stays_abuse_was_removed() -> None:
    found = counted(busy(NOT_ABUSE, CONFIRMED))
    assert found.notices == {"removed": 1}
    assert found.removals == {"gone": 1}
    assert (found.removal_hours, found.timed) == (12.0, 1)


def test_what_was_taken_back_is_counted_against_nobody_even_should_it_be_abuse_after_all() -> None:
    """One notice is taken back, of the other nobody can be told; in the next year it is abuse again."""
    world = busy(NOT_ABUSE)
    world.log(NoticeSent("n2", "elsewhere", Scope.SITE, Form.XARF, "abuse@site.example.com", "d" * 64))
    world.log(RetractionConfirmed("l1", ("n1", "n2")), who=ANN)
    assert counted(world).retractions == {"waiting": 2}
    world.log(NoticeRetracted("r1", "n1", "l1", "abuse@host.example.com", "d" * 64))
    world.clock.time = datetime(2027, 1, 1, tzinfo=UTC)
    world.log(RetractionEnded("r2", "n2", "l1", RetractionState.GIVEN_UP, "they are no more"), who=ANN)
    world.overturn(CONFIRMED)
    assert counted(world).retractions == {"given_up": 1, "sent": 1}
    assert counted(world).notices == {"mistaken": 1, "sent": 1}
    assert counted(world).removals == {"gone": 1}
    assert counted(world, 2027).retractions == {}


def test_other_years_are_left_out() -> None:
    found = counted(busy(), 2025)
    assert (found.items, found.decisions, found.notices, found.removals, found.removal_hours) == ({}, {}, {}, {}, None)


def test_a_year_ends_at_midnight_utc_and_answers_come_later() -> None:
    world = World()
    world.clock.time = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    world.log(NoticeSent("n1", "l1", Scope.HOST, Form.XARF, "abuse@host.example.com", "d" * 64))
    world.log(NoticeAnswered("n1", "l1", NoticeState.REFUSED))
    world.clock.time = datetime(2027, 1, 1, tzinfo=UTC)
    world.log(NoticeSent("n2", "l1", Scope.HOST, Form.XARF, "abuse@host.example.com", "d" * 64))
    assert counted(world, 2026).notices == {"refused": 1}
    assert counted(world, 2027).notices == {"sent": 1}


def test_detections_are_what_the_log_added() -> None:
    world = World()
    for number, outcome in enumerate(Outcome):
        world.add(f"more-{number}", outcome)
    events = [one.event.body for one in world.cases.entries]
    by_hand: dict[str, int] = {}
    for body in events:
        if isinstance(body, ItemAdded) and body.outcome in {"known", "near", "derivative"}:
            by_hand[f"{body.outcome} image"] = by_hand.get(f"{body.outcome} image", 0) + 1
    assert counted(world).detections == by_hand
    assert sum(counted(world).items.values()) == 2 + len(Outcome)


@settings(max_examples=25, deadline=None)
@given(
    closing_histories.histories() | closing_histories.histories(closing_histories.OWED),
    st.lists(st.integers(0, 4), min_size=4, max_size=4),
)
def test_whatever_happens_and_whatever_was_kept_figures_are_those_of_the_whole_log(
    acts: list[closing_histories.Act], back: list[int]
) -> None:
    """Years are asked for in between; what is found kept then is what this or a slower process had put."""
    story, memo = closing_histories.Story(), Memory()
    world, third = story.world, max(len(acts) // 3, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("safelight.flow.transparency.STEP", 2)
        patch.setattr("safelight.flow.tally.STEP", 7)
        for number in range(4):
            for act in acts[number * third : (number + 1) * third]:
                story.happen(act)
            memo.there = max(len(memo.puts) - 1 - back[number], 0)
            for year in (2025, 2026, 2027):
                assert counted(world, year, memo) == slow_figures(world.cases, world.takedowns, year, world.clock.now())


def test_what_was_counted_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.flow.transparency.STEP", 5)
    world, memo = busy(), Memory()
    cases = Counted(world.clock)
    cases.entries = world.cases.entries
    yearly = Yearly(cases, world.takedowns, memo, "x", world.clock)
    assert yearly.of(2026).appeals == {"overturned": 1, "upheld": 1}
    world.uphold()
    cases.read = 0
    assert yearly.of(2026).appeals == {"upheld": 2, "overturned": 1}
    assert cases.read == 2  # the new one that counts, and the one up to which it was counted
    assert len(memo.puts) == 2  # so little is not worth being kept


def test_what_was_kept_of_another_log_or_by_another_version_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.flow.transparency.STEP", 1)
    world, memo = busy(), Memory()
    Yearly(world.cases, world.takedowns, memo, "x", world.clock).of(2026)
    good = memo.puts[-1] or b""
    other = World().cases.entries
    tally = json.loads(good)
    tally["years"]["2026"]["counts"]["appeals"]["upheld"] = 99
    others: tuple[object, ...] = (
        {**tally, "hash": other[-1].hash},
        {**tally, "position": len(world.cases.entries)},
        {**tally, "position": -1},
        {**tally, "tool": "safelight 0"},
        {**tally, "years": []},
        [],
    )
    for wrong in others:
        memo.put(json.dumps(wrong).encode())
        assert counted(world, memo=memo) == counted(world)
    for damaged in (b"", good[:-1], b"\xff" + good, b"[" * 100_000):
        memo.put(damaged)
        assert counted(world, memo=memo) == counted(world)
    assert tally["asked"] == {}, "all was answered"
    memo.put(json.dumps(tally).encode())
    assert counted(world, memo=memo).appeals["upheld"] == 99, "what fits is believed"


def test_a_case_that_was_merged_into_one_of_no_abuse_blames_nobody() -> None:
    world = busy(NOT_ABUSE)
    world.log(Opened("again"), case="c2")
    world.log(Merged("c1"), case="c2")
    world.log(Absorbed("c2", ()))
    place = world.takedowns.get("l1")
    world.takedowns.kept["l1"] = replace(place, case="c2")
    assert counted(world).notices == {"mistaken": 1}


def test_more_than_a_page_of_items_is_counted() -> None:
    world = World()
    item = world.cases.kept_items["i1"]
    for number in range(1100):
        world.cases.put_item(replace(item, id=f"x{number:05}", created=item.created + timedelta(seconds=number)))
    assert counted(world).items["gate"] == 1101


def test_duties_of_a_case_that_was_merged_are_met_in_the_one_that_took_it_in() -> None:
    desk = Desk("us")
    desk.decided(case="last", items="z")
    desk.settle("last")
    desk.decided(case="other", items="x")
    desk.settle("other")
    desk.decided()
    desk.settle()
    for gone, into in (("last", "other"), ("other", "case")):
        body = absorbed(desk.store.case(gone))
        desk.store.append([Draft(into, SYSTEM, body), Draft(gone, SYSTEM, Merged(into))])
    year = desk.clock.time.year
    yearly = Yearly(desk.store, World().takedowns, Memory(), "x", desk.clock)
    assert yearly.of(year).duties == {"open": 3}
    desk.report("a", "x", "z")
    desk.settle()
    assert yearly.of(year).duties == {"met": 3, "open": 1}  # to preserve
    assert yearly.of(year + 1).duties == {}
