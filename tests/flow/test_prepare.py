"""Reports that policy has prepared: one draft for each receiver that is owed one, and never more than a draft."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from safelight.flow.prepare import PREPARER, prepare
from safelight.model.access import Permission
from safelight.model.case import Decided, DutyArose, DutyMet
from safelight.model.decision import Outcome
from safelight.model.errors import ForbiddenError
from safelight.model.filing import Body as Taker
from safelight.model.filing import FilingState, Reporter
from safelight.model.law import Duty, DutyKind
from tests.flow.filing_world import ANN, CONFIRMED, LEAD, World


def duty(name: str, taker: str, at: datetime, kind: DutyKind = DutyKind.REPORT, *, drives: bool = True) -> DutyArose:
    facts = ("xx", name, kind, "title", "to", at, None, "words", "basis", "url", "2026-11-21")
    return DutyArose(Duty(f"xx/{name}/{at.isoformat()}", *facts, drives=drives, taker=taker))


@pytest.fixture
def world() -> World:
    """The case of `World`, with duties to report to NCMEC and to the NCA, and others."""
    made = World()
    at = made.clock.now()
    made.log(
        "c1",
        duty("report", "ncmec", at),
        duty("again", "ncmec", at),
        duty("nca", "nca", at),
        duty("unsure", "police", at, drives=False),
        duty("keep", "ncmec", at, DutyKind.PRESERVE),
        duty("somebody", "", at),
    )
    return made


def drafts(world: World) -> list[tuple[Taker, FilingState, int]]:
    return [(one.body, one.state, len(one.items)) for one in world.rows.all()]


def test_each_receiver_that_is_owed_a_report_has_one_draft(world: World) -> None:
    made = prepare(world.filings(), "c1")
    assert [(one.body, one.state, one.confirmed_by) for one in made] == [
        (Taker.NCMEC, FilingState.DRAFT, ""),
        (Taker.NCA, FilingState.DRAFT, ""),
    ]
    for _ in range(2):
        assert prepare(world.filings(), "c1") == ()
    assert len(drafts(world)) == 2


def test_who_prepares_may_send_nothing(world: World) -> None:
    assert PREPARER.permissions == {Permission.REPORT_PREPARE}
    filings = world.filings()
    ncmec, nca = prepare(filings, "c1")
    with pytest.raises(ForbiddenError):
        filings.confirm(PREPARER, ncmec.id, filings.preview(ncmec.id).digest)
    with pytest.raises(ForbiddenError):
        filings.hand(PREPARER, nca.id)


def test_what_people_chose_stays_when_an_item_joins(world: World) -> None:
    filings = world.filings()
    ncmec, _nca = prepare(filings, "c1")
    told = replace(ncmec.told, additional="ticket 12")
    filings.change(LEAD, ncmec.id, told, {"i1": False})
    assert prepare(filings, "c1") == ()
    world.add("c1", "i3", Outcome.NEAR)
    assert prepare(filings, "c1") == ()  # nobody has confirmed it yet
    world.log("c1", Decided(CONFIRMED), who=ANN)
    renewed, _ = prepare(filings, "c1")
    assert (renewed.id, renewed.told) == (ncmec.id, told)
    assert [(one.item, one.upload) for one in renewed.items] == [("i1", False), ("i2", True), ("i3", True)]
    assert world.rows.get(ncmec.id) == renewed


def test_nothing_is_prepared_that_nobody_could_send(world: World) -> None:
    assert prepare(world.filings(reporter=Reporter("Example", "")), "c1") == ()
    made = prepare(world.filings(hotline=None), "c1")
    assert [one.body for one in made] == [Taker.NCA]


def test_what_was_sent_or_is_on_its_way_is_not_prepared_again(world: World) -> None:
    filings = world.filings()
    ncmec, nca = prepare(filings, "c1")
    filings.confirm(LEAD, ncmec.id, filings.preview(ncmec.id).digest)
    filings.hand(LEAD, nca.id)
    assert prepare(filings, "c1") == ()
    filings.send(ncmec.id)
    assert world.rows.get(ncmec.id).state is FilingState.FINISHED
    assert prepare(filings, "c1") == ()
    assert len(drafts(world)) == 2


def test_what_a_person_withdrew_is_not_prepared_again_for_the_same_duty(world: World) -> None:
    filings = world.filings()
    ncmec, _nca = prepare(filings, "c1")
    filings.withdraw(LEAD, ncmec.id, "it goes by another way")
    assert prepare(filings, "c1") == ()
    for one in world.cases.case("c1").duties:
        if one.duty.taker == Taker.NCMEC:
            world.log("c1", DutyMet(one.duty.id, "on paper"), who=ANN)
    world.clock.time = world.cases.case("c1").updated.replace(year=2040)
    world.log("c1", duty("report", "ncmec", world.clock.now()))
    assert [one.body for one in prepare(filings, "c1")] == [Taker.NCMEC]


def test_a_draft_that_was_renewed_counts_from_when_it_was_withdrawn(world: World) -> None:
    filings = world.filings()
    ncmec, _nca = prepare(filings, "c1")
    for one in world.cases.case("c1").duties:
        if one.duty.taker == Taker.NCMEC:
            world.log("c1", DutyMet(one.duty.id, "on paper"), who=ANN)
    world.clock.time += timedelta(days=1)
    world.add("c1", "i3", Outcome.KNOWN)
    world.log("c1", duty("report", "ncmec", world.clock.now()))
    assert ncmec.id in {one.id for one in prepare(filings, "c1")}
    world.clock.time += timedelta(days=1)
    withdrawn = filings.withdraw(LEAD, ncmec.id, "it goes by another way")
    assert withdrawn.withdrawn == world.clock.now() > withdrawn.created
    world.log("c1", duty("keep", "ncmec", world.clock.now() + timedelta(days=1), DutyKind.PRESERVE))
    assert prepare(filings, "c1") == ()


def test_what_a_person_withdrew_on_its_way_is_not_prepared_again(world: World) -> None:
    filings = world.filings()
    ncmec, _nca = prepare(filings, "c1")
    filings.confirm(LEAD, ncmec.id, filings.preview(ncmec.id).digest)
    assert filings.withdraw(LEAD, ncmec.id, "it goes by another way").withdrawn == world.clock.now()
    assert prepare(filings, "c1") == ()


def test_what_no_person_withdrew_is_prepared_again(world: World) -> None:
    filings = world.filings()
    ncmec, _nca = prepare(filings, "c1")
    filings.confirm(LEAD, ncmec.id, filings.preview(ncmec.id).digest)
    other = world.filings(reporter=Reporter("Other", "new@example.org"))
    assert other.send(ncmec.id).stopped  # what was read is not what would be sent
    assert [one.body for one in prepare(other, "c1")] == [Taker.NCMEC]
