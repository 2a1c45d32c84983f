"""A year in numbers, against counting by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from safelight.case.fold import absorbed
from safelight.flow.transparency import KEPT, LONG, Yearly, transparency
from safelight.model.access import SYSTEM
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
from safelight.model.decision import Outcome
from safelight.model.filing import Body
from safelight.model.statement import Figures
from safelight.model.takedown import Form, NoticeState, RetractionState, Scope
from tests.closing import ANN, CONFIRMED, NOT_ABUSE, World, told
from tests.flow.test_settle import Desk


def counted(world: World, year: int = 2026) -> Figures:
    return transparency(world.cases, world.takedowns, year, "Example Pictures", world.clock.now())


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


def test_figures_of_a_long_log_are_given_again_for_a_while() -> None:
    world, lengths, asked = World(), [LONG], list[int]()

    def count(year: int) -> Figures:
        asked.append(year)
        return counted(world, year)

    yearly = Yearly(count, lambda: lengths[-1], world.clock)
    assert yearly.of(2026) == yearly.of(2026) == counted(world)
    assert asked == [2026, 2026]
    lengths.append(LONG + 1)
    for year in (2026, 2025, 2026, 2025):
        assert yearly.of(year).year == year
    assert asked == [2026, 2026, 2026, 2025]
    world.clock.time += KEPT
    yearly.of(2026)
    world.clock.time -= KEPT  # a clock that was set back
    yearly.of(2026)
    assert asked[4:] == [2026, 2026]


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
    takedowns = World().takedowns
    year = desk.clock.time.year
    assert transparency(desk.store, takedowns, year, "x", desk.clock.time).duties == {"open": 3}
    desk.report("a", "x", "z")
    desk.settle()
    assert transparency(desk.store, takedowns, year, "x", desk.clock.time).duties == {
        "met": 3,
        "open": 1,
    }  # to preserve
    assert transparency(desk.store, takedowns, year + 1, "x", desk.clock.time).duties == {}
