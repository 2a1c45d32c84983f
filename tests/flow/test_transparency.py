"""A year in numbers, against counting by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from safelight.flow.transparency import transparency
from safelight.model.case import ItemAdded, NoticeAnswered, NoticeSent, ReportFinished
from safelight.model.decision import Outcome
from safelight.model.filing import Body
from safelight.model.statement import Figures
from safelight.model.takedown import Form, NoticeState, Scope
from tests.closing import NOT_ABUSE, World, told


def counted(world: World, year: int = 2026) -> Figures:
    return transparency(world.cases, world.takedowns, year, "Example Pictures", world.clock.now())


def busy() -> World:
    world = World()
    told(world)
    world.log(ReportFinished("f1", Body.NCMEC, "77", ("i1",), "d" * 64, production=True))
    world.log(ReportFinished("f2", Body.NCMEC, "78", ("i1",), "d" * 64))  # to the test system
    world.log(NoticeSent("n1", "l1", Scope.HOST, Form.XARF, "abuse@host.example.com", "d" * 64))
    world.log(NoticeAnswered("n1", "l1", NoticeState.ACKNOWLEDGED))
    world.log(NoticeAnswered("n1", "l1", NoticeState.REMOVED))
    world.uphold()
    world.overturn(NOT_ABUSE)
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
    assert found.notices == {"removed": 1}
    assert found.removals == {"gone": 1}
    assert (found.removal_hours, found.timed) == (12.0, 1)
    assert found.statements == {"reasons": 2, "withdrawn": 2}


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


def test_more_than_a_page_of_items_is_counted() -> None:
    world = World()
    item = world.cases.kept_items["i1"]
    for number in range(1100):
        world.cases.put_item(replace(item, id=f"x{number:05}", created=item.created + timedelta(seconds=number)))
    assert counted(world).items["gate"] == 1101
