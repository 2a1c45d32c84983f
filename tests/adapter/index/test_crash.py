"""Whatever happens at whichever step: the old state or the new one, and what was promised is kept."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from safelight.adapter.index import FileIndex, FileIndexWriter
from safelight.model.bank import HashChange
from safelight.model.errors import StorageError
from tests.adapter.failing_disk import FailingDisk, KilledError, full, killed
from tests.adapter.index.history import SMALL, Oracle, came, codes

QUERIES = codes(range(1, 61))
BATCHES: list[list[HashChange]] = [
    came(1, 3),
    came(4, 4),
    came(5, 8),  # the log is full: a segment
    came(9, 10),
    [HashChange(11, 3, None), HashChange(12, 4, QUERIES[50].tobytes()), *came(13, 14)],
    came(15, 17),  # a merge, with tables
    [HashChange(18 + n, 5 + n, None) for n in range(4)],
    came(22, 24),  # dead rows in the older segment
    came(25, 38),  # an import: no tables yet
    came(39, 40),
]
Action = str | list[HashChange]
ACTIONS: list[Action] = [
    "open",
    *BATCHES[:5],
    "close",
    "open",
    *BATCHES[5:],
    "close",
    "open",
]  # closing merges the import


@dataclass
class Run:
    """The actions on one folder; `promised` is the last step of history that `apply` returned from."""

    folder: Path
    promised: int = 0
    writer: FileIndexWriter | None = None
    asked: list[HashChange] = field(default_factory=list)

    def act(self, action: Action) -> None:
        if action == "open":
            self.writer = FileIndexWriter(self.folder, tuning=SMALL, patience=0)
        elif action == "close":
            assert self.writer is not None
            self.writer.close()
        else:
            assert self.writer is not None
            assert not isinstance(action, str)
            self.asked = action
            self.writer.apply(action)
            self.promised = action[-1].seq

    def act_all(self) -> None:
        for action in ACTIONS:
            self.act(action)

    def abandon(self) -> None:
        if self.writer is not None:
            self.writer._release()
            FileIndex.close(self.writer)


def check(index: FileIndex, run: Run) -> None:
    """The index is at what was promised, or at the batch that was being applied; and holds just that."""
    seen = index.built_to
    assert seen in {run.promised, run.asked[-1].seq if run.asked else 0}
    oracle = Oracle()
    for batch in BATCHES:
        oracle.apply([change for change in batch if change.seq <= seen])
    oracle.check(index, QUERIES, 20)


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
    run.abandon()
    return steps.step


def test_killed_or_out_of_power_at_every_step(tmp_path: Path) -> None:
    steps = steps_in_all(tmp_path)
    assert steps > 100
    for at in range(1, steps + 1):
        run = Run(tmp_path / str(at))
        broken = FailingDisk(run.folder, at, killed)
        with broken.in_place(), pytest.raises(KilledError):
            run.act_all()
        run.abandon()
        for name, files in broken.states().items():
            found = restored(tmp_path / f"{at} {name}", files)
            with closing(FileIndex(found)) as reader:
                check(reader, run)
                with closing(FileIndexWriter(found, tuning=SMALL, patience=0)) as writer:
                    check(writer, run)
                    writer.verify()
                    writer.apply([HashChange(100, 100, QUERIES[0].tobytes())])
                    assert reader.built_to == 100
                    assert {path.name for path in found.iterdir()} == writer._manifest.files | {"manifest", "lock"}
        broken.fail = None
        with broken.in_place():  # the next writer's promise holds even if power fails then
            run.act("open")
            run.act([HashChange(100, 100, QUERIES[0].tobytes())])
        run.abandon()
        with closing(FileIndex(restored(tmp_path / f"{at} later", broken.states()["as synced"]))) as reader:
            assert reader.built_to == 100


@pytest.mark.parametrize("lasting", [False, True])
def test_disk_full_at_every_step(tmp_path: Path, lasting: bool) -> None:
    for at in range(1, steps_in_all(tmp_path) + 1):
        run = Run(tmp_path / str(at))
        failing = FailingDisk(run.folder, at, full, lasting=lasting)
        with failing.in_place():
            errors = [attempt(run, failing, action) for action in ACTIONS]
        assert sum(error is not None for error in errors) <= 1
        for error in filter(None, errors):
            assert re.match(rf"{re.escape(str(run.folder))}\S*: No space left on device$", str(error))
        assert run.writer is not None
        check(run.writer, run)
        assert run.writer.built_to == BATCHES[-1][-1].seq
        run.writer.verify()
        names = {path.name for path in run.folder.iterdir()}
        assert names == run.writer._manifest.files | {"manifest", "lock"}
        run.abandon()


def attempt(run: Run, failing: FailingDisk, action: Action) -> StorageError | None:
    """Act; if the disk is full, see that nothing is lost, and act again with room. Returns the error there was."""
    try:
        run.act(action)
    except StorageError as error:
        failing.fail = None
        if action != "close":
            with closing(FileIndex(run.folder)) as reader:
                check(reader, run)
            run.act(action)
            found = restored(run.folder.with_name(f"{run.folder.name} synced"), failing.states()["as synced"])
            with closing(FileIndex(found)) as reader:
                assert reader.built_to == run.promised
        return error
    return None
