"""Whatever happens at whichever step: the old state or the new one, and what was promised is kept."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from safelight.adapter.features import FileFeatureIndex, FileFeatureWriter
from safelight.model.errors import StorageError
from tests.adapter.failing_disk import FailingDisk, KilledError, full, killed
from tests.adapter.features.histories import BANK, Held, Owned, equal, held, owned, read, vault_in, writer_in

Action = tuple[str, list[Owned] | list[int]]
ACTIONS: list[Action] = [
    ("open", []),
    ("add", owned(1, 3)),
    ("add", owned(4, 8)),
    ("remove", [2]),
    ("add", owned(9, 9)),
    ("close", []),
    ("open", []),
    ("add", [*owned(10, 13), *owned(4, 4, seed=100)]),  # one of them takes another's place
    ("remove", [5, 6, 7, 8, 10]),
    ("add", owned(14, 19, frame=1)),
    ("renew", [1, 3, 4, 9, 11, 12, 14, 15, 16, 17]),
    ("remove", [1, 3, 4, 9, 11, 12, 14, 15, 16, 17]),
    ("add", owned(20, 21)),
    ("close", []),
]


def after(state: Held, action: Action) -> Held:
    """What is held after an action: the obvious way."""
    name, values = action
    if name == "add":
        return state | held(value for value in values if isinstance(value, tuple))
    if name == "remove":
        return {owner: sketch for owner, sketch in state.items() if owner[0] not in values}
    if name == "renew":
        return {owner: sketch for owner, sketch in state.items() if owner[0] in values}
    return state


@dataclass
class Run:
    """The actions on one folder; `promised` is what is held after those that returned, `asked` after the one begun."""

    folder: Path
    writer: FileFeatureWriter | None = None
    promised: Held = field(default_factory=dict)
    asked: Held = field(default_factory=dict)

    def act(self, action: Action) -> None:
        name, values = action
        self.asked = after(self.promised, action)
        if name == "open":
            self.writer = writer_in(self.folder, vault_in(self.folder.parent))
        else:
            assert self.writer is not None
            if name == "add":
                self.writer.add(value for value in values if isinstance(value, tuple))
            elif name == "remove":
                self.writer.remove(value for value in values if isinstance(value, int))
            elif name == "renew":
                self.writer.renew(lambda ids: {n for n in ids if n in values})
            else:
                self.writer.close()
        self.promised = self.asked

    def act_all(self) -> None:
        for action in ACTIONS:
            self.act(action)

    def abandon(self) -> None:
        if self.writer is not None:
            self.writer._release()
            FileFeatureIndex.close(self.writer)

    def check(self, index: FileFeatureIndex) -> None:
        """The index is as it was before the action that was interrupted, or as it is after it."""
        seen = read(index)
        assert equal(seen, self.promised) or equal(seen, self.asked)
        assert len(index) == len(seen)


@pytest.fixture(autouse=True)
def quick_sync() -> Iterator[None]:
    """What is synced is followed by the failing disk; the real device need not be."""
    with mock.patch("os.fsync"):
        yield


def restored(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def steps_in_all(tmp_path: Path) -> int:
    run, steps = Run(tmp_path / "count"), FailingDisk(tmp_path / "count", 0, None)
    with steps.in_place():
        run.act_all()
    return steps.step


def test_killed_or_out_of_power_at_every_step(tmp_path: Path) -> None:
    steps = steps_in_all(tmp_path)
    vault = vault_in(tmp_path)
    assert steps > 120
    for at in range(1, steps + 1):
        run = Run(tmp_path / str(at))
        broken = FailingDisk(run.folder, at, killed)
        with broken.in_place(), pytest.raises(KilledError):
            run.act_all()
        run.abandon()
        for name, files in broken.states().items():
            found = restored(tmp_path / f"{at} {name}", files)
            with closing(FileFeatureIndex(found, BANK.id, vault)) as reader:
                run.check(reader)
                with closing(writer_in(found, vault)) as writer:
                    run.check(writer)
                    writer.verify()
                    writer.add(owned(50, 51))
                    assert {path.name for path in found.iterdir()} == writer._manifest.files | {"lock"}
                run.check(reader)  # it holds the state that it opened, though its files are gone
        broken.fail = None
        with broken.in_place():  # the next writer's promise holds even if power fails then
            run.act(("open", []))
            run.act(("add", owned(50, 51)))
        run.abandon()
        with closing(
            FileFeatureIndex(restored(tmp_path / f"{at} later", broken.states()["as synced"]), BANK.id, vault)
        ) as reader:
            assert {50, 51} <= set(reader.entries().tolist())


@pytest.mark.parametrize("lasting", [False, True])
def test_disk_full_at_every_step(tmp_path: Path, lasting: bool) -> None:
    vault = vault_in(tmp_path)
    for at in range(1, steps_in_all(tmp_path) + 1):
        run = Run(tmp_path / str(at))
        failing = FailingDisk(run.folder, at, full, lasting=lasting)
        errors = []
        with failing.in_place():
            for action in ACTIONS:
                try:
                    run.act(action)
                except StorageError as error:
                    errors.append(error)
                    failing.fail = None
                    with closing(FileFeatureIndex(run.folder, BANK.id, vault)) as reader:
                        run.check(reader)
                    if run.writer is not None and action[0] != "open":
                        run.check(run.writer)
                    run.act(action)  # with room again
        assert len(errors) <= 1
        for met in errors:
            assert re.match(rf"{re.escape(str(run.folder))}\S*: No space left on device$", str(met))
        with closing(FileFeatureIndex(run.folder, BANK.id, vault)) as reader:
            assert equal(read(reader), run.promised)
            reader.verify()
            assert {path.name for path in run.folder.iterdir()} == reader._manifest.files | {"lock"}
