"""The life of a report: whatever fails, and wherever we die, one finished report, or a dead letter that says why."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.adapter.hotline.cybertip import NO_ACCOUNT
from safelight.demo.cybertip_server import CODES, Fault, When
from safelight.flow.filing_send import BEGINS, GONE, MARGIN, over
from safelight.model.decision import Outcome
from safelight.model.errors import ConflictError, HotlineDownError
from safelight.model.filing import FileStep, Filing, FilingState
from safelight.model.service import Item
from safelight.ports import HotlineAnswer
from tests.flow.filing_world import START, Crash, Direct, Steps, World

CALLS = ("submit", "upload", "fileinfo", "finish")
LOST = (
    Fault(When.BEFORE),
    Fault(When.AFTER),
    Fault(When.BEFORE, http=500),
    Fault(When.AFTER, http=503),
    Fault(When.BEFORE, silent=1.0),
    Fault(When.AFTER, silent=1.0),
)
"""No answer, of a call that had no effect or that had it."""
STRICT = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="report"/>
<xs:element name="fileDetails" type="xs:int"/></xs:schema>"""
"""A schema that takes no description of a file."""
LIES = {("finish", 5102)}
"""The one answer that would be false: the server has finished nothing."""
FAULTS = (
    *product(CALLS, LOST),
    *((call, Fault(code=code)) for call in CALLS for code in CODES if code and (call, code) not in LIES),
    ("upload", Fault(receipt=True)),
)
ONE_OF_EACH = (
    *product(CALLS, (LOST[0], LOST[1])),
    *((call, Fault(code=code)) for call in CALLS for code in (1110, 1210, 4100, 5001)),
    ("upload", Fault(receipt=True)),
)
"""The kinds of faults that we tell apart."""


def held(world: World, name: str) -> Filing:
    """What has to hold at the end, whatever happened."""
    filing, finished = world.rows.get(name), world.server.finished()
    assert filing.state in {FilingState.FINISHED, FilingState.DEAD}, filing
    told = [one for one in world.cases.case("c1").reports if one.filing == name]
    if filing.state is FilingState.FINISHED:
        assert [one.number for one in finished] == [filing.number] == [one.number for one in told]
        files = list(finished[0].files.values())
        assert sorted(file.media for file in files) == sorted(world.vault.media.values())
        assert all(file.details and finished[0].number.encode() in file.details for file in files)
        assert world.after == ["c1"]
    else:
        assert filing.cause
        assert not told
        assert len(finished) <= 1
        assert not finished or (filing.finishing and f"report number {finished[0].number}" in filing.cause)
    return filing


def run(at: int | None, *faults: tuple[str, Fault]) -> tuple[Filing, bool]:
    """Send with these faults; die at one moment, and go on with fresh objects. Returns whether we died."""
    world = World()
    name = world.confirmed()
    for call, fault in faults:
        world.server.faults.setdefault(call, []).append(fault)
    died = False
    try:
        world.filings(Steps(at)).send(name)
    except Crash:
        died = True
    except HotlineDownError:
        world.clock.time += timedelta(minutes=5)
    world.carry(name)
    return held(world, name), died


def test_it_is_sent_step_by_step() -> None:
    world = World()
    name = world.confirmed()
    world.filings().send(name)
    filing = held(world, name)
    assert filing.state is FilingState.FINISHED
    assert world.server.calls == ["submit", "upload", "fileinfo", "upload", "fileinfo", "finish"]
    assert {one.step for one in filing.items} == {FileStep.DESCRIBED}
    assert world.filings().send(name) == filing
    assert len(world.server.calls) == 6


@pytest.mark.shared
def test_it_is_what_ncmecs_own_schema_takes(shared: Path) -> None:
    world = World((shared / "schemas" / "cyber_tipline.xsd").read_bytes())
    name = world.confirmed()
    world.filings().send(name)
    assert held(world, name).state is FilingState.FINISHED


def test_wherever_we_die_it_is_finished_once() -> None:
    moments = 0
    for at in range(1, 500):
        filing, died = run(at)
        assert filing.state is FilingState.FINISHED
        if not died:
            break
        moments += 1
    assert moments > 40


@pytest.mark.parametrize(("call", "fault"), FAULTS)
def test_whatever_fails_once_it_is_finished_or_dead_for_that_reason(call: str, fault: Fault) -> None:
    filing, _ = run(None, (call, fault))
    permanent = (fault.code >= 2000 and fault.code not in NO_ACCOUNT) or fault.code == 1210
    begun_anew = fault.code in GONE and call in {"upload", "fileinfo"}
    if permanent and not begun_anew:
        assert filing.state is FilingState.DEAD
        assert str(fault.code) in filing.cause
        assert ("finish unknown: ask NCMEC with report number" in filing.cause) is (call == "finish")
    else:
        assert filing.state is FilingState.FINISHED


def dies_and_fails(faults: tuple[tuple[str, Fault], ...]) -> int:
    runs = 0
    for call, fault in faults:
        for at in range(1, 500):
            _, died = run(at, (call, fault))
            runs += 1
            if not died:
                break
    return runs


def test_wherever_we_die_while_something_fails() -> None:
    assert dies_and_fails(ONE_OF_EACH) > 500


@pytest.mark.soak
def test_wherever_we_die_whatever_fails() -> None:
    assert dies_and_fails(FAULTS) > 2500


@pytest.mark.parametrize("first", LOST[:2])
@pytest.mark.parametrize("second", LOST[:2])
def test_two_things_fail_and_we_die(first: Fault, second: Fault) -> None:
    for one, other in product(CALLS, CALLS):
        for at in range(1, 60, 11):
            run(at, (one, first), (other, second))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", LOST[:3])
def test_what_fails_again_and_again_ends_and_is_never_finished_twice(call: str, fault: Fault) -> None:
    world = World()
    name = world.confirmed()
    world.server.faults[call] = [fault] * 1000
    filing = world.carry(name)
    assert held(world, name) == filing
    if filing.state is FilingState.DEAD:
        assert len(filing.abandoned) <= BEGINS
        assert "in vain" in filing.cause


@settings(max_examples=120)
@given(
    st.lists(st.sampled_from(FAULTS), max_size=6),
    st.lists(st.tuples(st.none() | st.integers(1, 60), st.sampled_from((0, 1, 2, 23, 30))), max_size=6),
)
def test_any_number_of_faults_deaths_and_hours(
    faults: list[tuple[str, Fault]], runs: list[tuple[int | None, int]]
) -> None:
    world = World()
    name = world.confirmed()
    for call, fault in faults:
        world.server.faults.setdefault(call, []).append(fault)
    for at, hours in runs:
        with suppress(Crash, HotlineDownError):
            world.filings(Steps(at)).send(name)
        world.clock.time += timedelta(hours=hours)
    world.carry(name)
    held(world, name)


def test_a_receipt_that_does_not_fit_begins_it_anew_once() -> None:
    filing, _ = run(None, ("upload", Fault(receipt=True)))
    assert (filing.state, filing.mismatches, len(filing.abandoned)) == (FilingState.FINISHED, 1, 1)
    filing, _ = run(None, ("upload", Fault(receipt=True)), ("upload", Fault(receipt=True)))
    assert filing.state is FilingState.DEAD
    assert "receipt" in filing.cause
    assert "i1" in filing.cause


def test_a_file_of_which_it_is_not_known_whether_it_arrived_is_not_sent_twice_in_a_report() -> None:
    world = World()
    name = world.confirmed()
    world.server.faults["upload"] = [Fault(When.AFTER)]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    world.carry(name)
    filing = held(world, name)
    first, second = world.server.reports.values()
    assert (first.state, second.state) == ("retracted", "finished")
    assert filing.abandoned == filing.retracted == (first.number,)


def test_an_open_report_that_was_deleted_there_is_begun_anew() -> None:
    world = World()
    name = world.confirmed()
    world.server.faults["fileinfo"] = [Fault(http=503)]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    world.clock.time += timedelta(hours=30)
    assert world.filings().send(name).state is FilingState.FINISHED
    first, second = world.server.reports.values()
    assert (first.state, second.state) == ("deleted", "finished")
    assert held(world, name).number == second.number


def test_a_whole_report_that_was_deleted_there_before_it_was_finished_is_begun_anew() -> None:
    for at in range(1, 500):
        world = World()
        name = world.confirmed()
        with suppress(Crash):
            world.filings(Steps(at)).send(name)
        filing = world.rows.get(name)
        if all(one.step is FileStep.DESCRIBED for one in filing.items):
            break
    assert not filing.finishing
    world.clock.time += timedelta(hours=30)
    world.carry(name)
    assert held(world, name).abandoned == (filing.number,)


@pytest.mark.parametrize(("when", "state"), [(When.AFTER, FilingState.FINISHED), (When.BEFORE, FilingState.DEAD)])
def test_after_a_finish_that_may_have_worked_nothing_is_begun_anew(when: When, state: FilingState) -> None:
    world = World()
    name = world.confirmed()
    world.server.faults["finish"] = [Fault(when)]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    world.clock.time += timedelta(hours=30)
    filing = world.filings().send(name)
    assert held(world, name) == filing
    assert filing.state is state
    assert len(world.server.reports) == 1


def test_the_life_of_an_open_report() -> None:
    world = World()
    filing = world.rows.get(world.confirmed())
    assert not over(filing, START + timedelta(days=99))  # nothing is open there
    fresh = replace(filing, opened=START, touched=START)
    assert not over(fresh, START + timedelta(hours=23))
    assert over(fresh, START + timedelta(hours=24) - MARGIN)
    touched = replace(fresh, touched=START + timedelta(hours=23, minutes=30))
    assert not over(touched, START + timedelta(hours=24))
    assert over(touched, START + timedelta(hours=24, minutes=30))


@dataclass
class Raced(Direct):
    """Another job does the whole work in the moment before call number `nth`."""

    nth: int = 0
    other: Callable[[], object] = lambda: None

    def _call(self, call: str, sent: bytes | dict[str, bytes] = b"") -> HotlineAnswer:
        self.nth -= 1
        if self.nth == -1:
            self.other()
        return super()._call(call, sent)


@pytest.mark.parametrize("nth", range(6))
def test_two_jobs_at_the_same_report_never_finish_two(nth: int) -> None:
    world = World()
    name = world.confirmed()
    raced = Raced(world.server, world.xsd, Steps(), nth=nth, other=lambda: world.carry(name))
    with suppress(ConflictError, HotlineDownError):
        world.filings(hotline=raced).send(name)
    assert raced.nth < 0
    assert held(world, name).state is FilingState.FINISHED


def test_another_schema_is_asked_for_again_and_an_invalid_document_is_never_sent() -> None:
    world = World()
    name = world.confirmed()
    broken = Direct(world.server, b"<html/>", Steps())
    with pytest.raises(HotlineDownError, match="xsd"):
        world.filings(hotline=broken).send(name)
    filing = world.filings(hotline=Direct(world.server, STRICT, Steps())).send(name)
    assert filing.state is FilingState.DEAD
    assert "line 2" in filing.cause
    assert not world.server.reports


def test_media_that_cannot_be_read_is_told_and_the_open_report_is_retracted() -> None:
    world = World()
    name = world.confirmed()
    world.vault.media.clear()
    filing = world.filings().send(name)
    assert filing.state is FilingState.DEAD
    assert "the media of item i1 cannot be read" in filing.cause
    assert [one.state for one in world.server.reports.values()] == ["retracted"]
    assert held(world, name).retracted == filing.abandoned


def test_documents_are_made_anew_only_when_the_case_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a report on many files would take the square of their number."""
    world = World()
    for number in range(20):
        world.add("c1", f"more-{number}", Outcome.KNOWN)
    name = world.confirmed()
    asked: list[str] = []
    found = world.cases.item

    def item(one: str) -> Item:
        asked.append(one)
        return found(one)

    monkeypatch.setattr(world.cases, "item", item)
    assert world.filings().send(name).state is FilingState.FINISHED
    assert len(world.server.finished()[0].files) == 22
    assert len(asked) < 22 * 8


def test_a_report_for_the_test_system_does_not_go_on_at_the_real_one() -> None:
    world = World()
    name = world.confirmed()
    world.server.faults["fileinfo"] = [Fault()]
    with pytest.raises(HotlineDownError):
        world.filings().send(name)
    calls = list(world.server.calls)
    filing = world.filings(hotline=Direct(world.server, world.xsd, Steps(), production=True)).send(name)
    assert filing.state is FilingState.DEAD
    assert world.server.calls == calls
