"""The life of a report over the stores that are really used: what was begun in a transaction is undone with it.

On PostgreSQL, workers at the same report at the same time come to one finished report, as one alone does.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import uniform
from threading import Barrier, BrokenBarrierError, Lock
from time import sleep
from typing import Any

import pytest

from safelight.adapter.casework import open_casework
from safelight.adapter.closing import open_filings
from safelight.demo.cybertip_server import Fault
from safelight.model.errors import ConflictError, HotlineDownError, TransitionError
from safelight.model.filing import Body as Taker
from safelight.model.filing import Filing, FilingState
from safelight.ports import HotlineAnswer
from tests.databases import DATABASES, close_place, database
from tests.flow.filing_world import LEAD, Crash, Direct, Steps, World


class Stepping:
    """A store of which some acts are moments at which the process may die."""

    def __init__(self, store: Any, *acts: str) -> None:
        self.store, self.acts, self.steps = store, acts, Steps()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)
        if name not in self.acts:
            return found

        def act(*values: Any, **named: Any) -> Any:
            with self.steps.around():
                return found(*values, **named)

        return act


class Real(World):
    """The same world over a database."""

    def __init__(self, target: Path | str) -> None:
        memory = World()
        self.__dict__.update(vars(memory))
        self.cases = Stepping(open_casework(target, self.clock), "append")  # type: ignore[assignment] # as it is used
        self.rows = Stepping(open_filings(target), "put")  # type: ignore[assignment] # as above
        for item in memory.cases.items():
            self.cases.put_item(item)
        for logged in memory.cases.log(-1, 100):
            self.log(logged.event.case, logged.event.body, who=logged.event.actor)

    def filings(self, steps: Steps | None = None, **changed: Any) -> Any:
        steps = steps or Steps()
        made = super().filings(steps, **changed)
        self.rows.steps = steps  # type: ignore[attr-defined] # as above
        return made

    def close(self) -> None:
        """Close this thread's connection."""
        close_place(self.cases.place)  # type: ignore[attr-defined] # as above


class InTurn(Direct):
    """The server takes one call at a time; between two of them, others have time to come."""

    turn = Lock()

    def _call(self, call: str, sent: bytes | dict[str, bytes] = b"") -> HotlineAnswer:
        sleep(uniform(0, 0.01))
        with self.turn:
            return super()._call(call, sent)


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Real]:
    with database(request.param, tmp_path, "casework", "closing") as target:
        made = Real(target)
        yield made
        made.close()


def is_finished_once(world: Real, name: str) -> None:
    filing: Filing = world.rows.get(name)
    assert filing.state is FilingState.FINISHED
    assert [one.number for one in world.server.finished()] == [filing.number]
    assert [one.filing for one in world.cases.case("c1").reports] == [name]
    assert not world.cases.projection_flaws()


@pytest.mark.parametrize("at", [None, 11, 29, 47, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 70, 2))])
@pytest.mark.parametrize("fault", [None, ("upload", Fault())])
def test_it_is_finished_once_wherever_we_die(world: Real, at: int | None, fault: tuple[str, Fault] | None) -> None:
    name = world.confirmed()
    if fault:
        world.server.faults[fault[0]] = [fault[1]]
    with suppress(Crash, HotlineDownError):
        world.filings(Steps(at)).send(name)
    filing: Filing = world.carry(name)
    assert filing == world.rows.get(name)
    is_finished_once(world, name)


def test_a_draft_is_withdrawn_and_one_that_is_refused_is_a_dead_letter(world: Real) -> None:
    filings = world.filings()
    first = filings.draft(LEAD, "c1", Taker.NCMEC)
    assert filings.withdraw(LEAD, first.id, "not yet").state is FilingState.WITHDRAWN
    name = world.confirmed()
    world.server.faults["fileinfo"] = [Fault(code=4100)]
    dead = world.filings().send(name)
    assert (dead.state, dead.abandoned) == (FilingState.DEAD, dead.retracted)
    assert "4100" in dead.cause
    assert world.cases.case("c1").reports == ()
    again = world.confirmed()
    world.carry(again)
    is_finished_once(world, again)


@pytest.mark.parametrize("workers", [2, *(pytest.param(n, marks=pytest.mark.soak) for n in (2, 3, 4) * 5)])
def test_workers_at_one_report_finish_it_once(world: Real, workers: int) -> None:
    name = world.confirmed()
    hotline = InTurn(world.server, world.xsd, Steps())

    def work(worker: int) -> None:
        sleep(worker * uniform(0, 0.02))
        try:
            # Whoever is not the only one any more leaves it: the job is no longer theirs.
            with suppress(ConflictError, HotlineDownError):
                world.filings(hotline=hotline).send(name)
        finally:
            world.close()

    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, range(workers)))
    world.carry(name)
    is_finished_once(world, name)


def test_of_two_who_confirm_at_once_one_does(world: Real) -> None:
    filings = world.filings()
    draft = filings.draft(LEAD, "c1", Taker.NCMEC)
    digest = filings.preview(draft.id).digest

    def confirm(_person: int) -> bool:
        try:
            return filings.confirm(LEAD, draft.id, digest).state is FilingState.SENDING
        except (ConflictError, TransitionError):
            return False
        finally:
            world.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(confirm, range(2))) == [False, True]
    world.carry(draft.id)
    is_finished_once(world, draft.id)


def test_of_two_who_draft_at_once_there_is_one_draft(world: Real) -> None:
    both = Barrier(2)

    class Meeting(Stepping):
        def of_case(self, case: str) -> list[Filing]:
            found: list[Filing] = self.store.of_case(case)
            with suppress(BrokenBarrierError):
                both.wait(0.3)
            return found

    rows = Meeting(world.rows)

    def draft(_person: int) -> None:
        try:
            with suppress(ConflictError):
                world.filings(store=rows).draft(LEAD, "c1", Taker.NCA)
        finally:
            world.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(draft, range(2)))
    assert [one.state for one in world.rows.of_case("c1")] == [FilingState.DRAFT]
