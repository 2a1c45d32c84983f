"""A row that says of a report what the log does not: nothing is sent, finished or taken back by it."""

from dataclasses import replace

import pytest

from safelight.case.fold import absorbed
from safelight.demo.cybertip_server import Fault, When
from safelight.flow.filing_log import Way, way_of
from safelight.model.case import (
    AppealOpened,
    DutyArose,
    DutyState,
    Merged,
    Opened,
    ReportFailed,
    ReportFinished,
    ReportFinishing,
    ReportOpened,
)
from safelight.model.errors import HotlineDownError, TransitionError
from safelight.model.filing import Body as Taker
from safelight.model.filing import FileStep, Filing, FilingState
from tests.flow.filing_world import ANN, LEAD, World
from tests.flow.test_filing import LAW

SENDING = FilingState.SENDING


def begun(call: str = "fileinfo", fault: Fault | None = None) -> tuple[World, Filing]:
    """A report of which this call was not answered."""
    world = World()
    name = world.confirmed()
    world.server.faults[call] = [fault or Fault(When.BEFORE)]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    world.server.calls.clear()
    return world, world.rows.get(name)


def forged(world: World, filing: Filing) -> Filing:
    """The row as somebody writes it into the database; what becomes of it."""
    world.cases.rows[filing.id] = filing
    return world.carry(filing.id)


def failed(world: World, case: str = "c1") -> list[str]:
    return [one.event.body.cause for one in world.cases.events(case) if isinstance(one.event.body, ReportFailed)]


def test_numbers_and_the_intent_to_finish_are_in_the_log() -> None:
    world = World()
    name = world.confirmed()
    world.server.faults["upload"] = [Fault(When.AFTER)]
    done = world.carry(name)
    told = [one.event.body for one in world.cases.events("c1")]
    (first,) = done.abandoned
    assert [body for body in told if isinstance(body, ReportOpened | ReportFinishing | ReportFinished)] == [
        ReportOpened(name, Taker.NCMEC, first),
        ReportOpened(name, Taker.NCMEC, done.number),
        ReportFinishing(name, Taker.NCMEC, done.number),
        ReportFinished(name, Taker.NCMEC, done.number, ("i1", "i2"), done.digest),
    ]
    assert way_of(world.cases, done) == Way(confirmed=True, ended=True, numbers=(first,))


def test_what_nobody_confirmed_meets_no_duty_by_the_number_of_a_report_that_was_finished_there() -> None:
    world = World()
    done = world.carry(world.confirmed())
    world.log("c1", DutyArose(LAW))
    row = replace(done, id="forged", state=SENDING, finishing=True, finished=None)
    world.server.calls.clear()
    ended = forged(world, row)
    assert (ended.state, ended.cause) == (FilingState.WITHDRAWN, "the log does not say that a person confirmed it")
    assert (ended.number, ended.finishing, world.server.calls) == ("", False, [])
    assert world.cases.case("c1").duties[0].state is DutyState.OPEN
    assert [one.filing for one in world.cases.case("c1").reports] == [done.id]


@pytest.mark.parametrize("finishing", [True, False])
def test_what_a_person_withdrew_is_not_finished(finishing: bool) -> None:
    world, open_ = begun()
    world.filings().withdraw(LEAD, open_.id, "by mistake")
    ended = forged(world, replace(open_, finishing=finishing))
    assert ended.stopped
    assert (world.server.finished(), ended.retracted, world.server.calls) == ([], (open_.number,), ["retract"])


def test_while_an_appeal_is_open_no_row_has_it_finished() -> None:
    world, open_ = begun()
    world.log("c1", AppealOpened("a1", "look again"), who=ANN)
    ended = forged(world, replace(open_, finishing=True))
    assert (ended.stopped, ended.cause) == (True, "the log does not say that it came as far as its row says")
    assert world.server.finished() == []


@pytest.mark.parametrize("number", ["the one before", "4711"])
def test_only_the_number_that_was_given_last_is_finished(number: str) -> None:
    world, _ = begun("upload", Fault(When.AFTER))
    world.server.faults["fileinfo"] = [Fault(When.BEFORE)]
    with pytest.raises(HotlineDownError):
        world.filings().send("f1")
    row = world.rows.get("f1")
    assert row.number not in {"", *row.abandoned}
    whole = tuple(replace(one, step=FileStep.DESCRIBED) for one in row.items)
    ended = forged(world, replace(row, number=number if number.isdigit() else row.abandoned[0], items=whole))
    assert (ended.stopped, ended.abandoned) == (True, (*row.abandoned, row.number))
    assert world.server.finished() == []


def test_nothing_is_taken_back_that_the_log_does_not_give_up() -> None:
    world, open_ = begun()
    dead = replace(open_, state=FilingState.DEAD, number="", abandoned=(open_.number,))
    for row in (dead, replace(dead, id="other"), replace(dead, state=FilingState.WITHDRAWN)):
        world.cases.rows[row.id] = row
        assert world.filings().take_back(row.id) == row
    assert world.server.calls == []
    assert forged(world, open_).state is FilingState.FINISHED


@pytest.mark.parametrize("ended", [True, False])
def test_the_number_of_another_report_is_not_taken_back(ended: bool) -> None:
    world, open_ = begun()
    fresh = tuple(replace(one, step=FileStep.WAITING, number="") for one in open_.items)
    row = replace(open_, number="", opened=None, touched=None, items=fresh, abandoned=("4711", open_.number))
    if ended:
        world.filings().withdraw(LEAD, open_.id, "by mistake")
        row = replace(world.rows.get(open_.id), abandoned=row.abandoned)
    world.cases.rows[open_.id] = row
    filings = world.filings()
    assert filings.take_back(open_.id).retracted == ((open_.number,) if ended else ())
    if not ended:
        assert filings.send(open_.id).retracted == (open_.number,)
    assert world.server.calls.count("retract") == 1


@pytest.mark.parametrize("when", [When.BEFORE, When.AFTER])
def test_a_row_that_forgets_that_it_may_be_finished_begins_no_second_report(when: When) -> None:
    world, open_ = begun("finish", Fault(when))
    assert open_.finishing
    bare = replace(open_, finishing=False, number="", items=tuple(replace(one, number="") for one in open_.items))
    ended = forged(world, bare)
    assert (ended.state, ended.number, ended.finishing) == (FilingState.DEAD, open_.number, True)
    assert f"ask NCMEC with report number {open_.number}" in failed(world)[0]
    assert world.server.calls == []
    assert len(world.server.finished()) == (when is When.AFTER)
    assert world.filings().hand(LEAD, ended.id, "they have it").state is FilingState.FINISHED


def test_a_person_is_not_asked_about_a_number_that_the_receiver_did_not_give() -> None:
    world, open_ = begun("finish")
    world.filings().give_up(open_.id, "tried in vain")
    dead = world.rows.get(open_.id)
    fewer = replace(dead, items=dead.items[:1])
    for row in (replace(dead, number="4711"), fewer, replace(dead, id="forged")):
        world.cases.rows[row.id] = row
        with pytest.raises(TransitionError, match="the log does not say that it may have been finished there"):
            world.filings().hand(LEAD, row.id, "they have it")
    assert not world.cases.case("c1").reports


@pytest.mark.parametrize("at", ["upload", "finish"])
def test_how_far_it_came_is_known_also_in_the_case_that_took_it_in(at: str) -> None:
    world, open_ = begun(at)
    world.log("c2", Opened("why"))
    world.log("c2", absorbed(world.cases.case("c1")))
    world.log("c1", Merged("c2"))
    done = world.carry(open_.id)
    assert [done.number] == [one.number for one in world.server.finished()]
    assert done.state is FilingState.FINISHED
    assert way_of(world.cases, done).ended


def test_a_password_that_is_not_taken_is_no_finish_that_may_have_worked() -> None:
    world, open_ = begun("finish", Fault(code=2000))
    assert (open_.finishing, way_of(world.cases, open_).finishing) == (False, "")
    assert forged(world, open_).state is FilingState.FINISHED
