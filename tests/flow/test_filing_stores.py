"""The life of a report over the stores that are really used: what was begun in a transaction is undone with it."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from safelight.adapter.casework import open_casework
from safelight.adapter.closing import open_filings
from safelight.demo.cybertip_server import Fault
from safelight.model.errors import HotlineDownError
from safelight.model.filing import Filing, FilingState
from tests.flow.filing_world import Crash, Steps, World


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
    """The same world over SQLite."""

    def __init__(self, folder: Path) -> None:
        memory = World()
        self.__dict__.update(vars(memory))
        self.cases = Stepping(open_casework(folder, self.clock), "append")  # type: ignore[assignment] # as it is used
        self.rows = Stepping(open_filings(folder), "put")  # type: ignore[assignment] # as above
        for item in memory.cases.items():
            self.cases.put_item(item)
        for logged in memory.cases.log(-1, 100):
            self.log(logged.event.case, logged.event.body, who=logged.event.actor)

    def filings(self, steps: Steps | None = None, **changed: Any) -> Any:
        steps = steps or Steps()
        made = super().filings(steps, **changed)
        self.rows.steps = steps  # type: ignore[attr-defined] # as above
        return made


@pytest.mark.parametrize("at", [None, 11, 29, 47])
@pytest.mark.parametrize("fault", [None, ("upload", Fault())])
def test_it_is_finished_once_wherever_we_die(tmp_path: Path, at: int | None, fault: tuple[str, Fault] | None) -> None:
    world = Real(tmp_path)
    name = world.confirmed()
    if fault:
        world.server.faults[fault[0]] = [fault[1]]
    with suppress(Crash, HotlineDownError):
        world.filings(Steps(at)).send(name)
    filing: Filing = world.carry(name)
    assert filing == world.rows.get(name)
    assert filing.state is FilingState.FINISHED
    assert [one.number for one in world.server.finished()] == [filing.number]
    assert [one.filing for one in world.cases.case("c1").reports] == [name]
