"""Whatever happens at whichever step: the old state or the new one, and what was promised is kept."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from safelight.adapter.vault.reader import SealedIndex
from safelight.adapter.vault.writer import SealedWriter
from safelight.model.errors import StorageError
from tests.adapter.failing_disk import FailingDisk, KilledError, full, killed

Index = SealedIndex[Any, Any, Any]
Writer = SealedWriter[Any, Any, Any]
Held = dict[Any, Any]
"""What a bank holds, by its owner."""
Action = tuple[str, Sequence[Any]]
"""What is done, and with which things or entries."""


@dataclass(frozen=True)
class Play:
    """What is done to one kind of index, and how it is looked at."""

    writer: Callable[[Path], Writer]
    """Opens a folder."""
    reader: Callable[[Path], Index]
    actions: Sequence[Action]
    more: Sequence[Any]
    """Added after a crash; of entries that the actions do not have."""
    held: Callable[[Iterable[Any]], Held]
    entry: Callable[[Any], int]
    """Of an owner."""
    read: Callable[[Any], Held]
    equal: Callable[[Held, Held], bool]

    def after(self, state: Held, action: Action) -> Held:
        """What is held after an action: the obvious way."""
        name, values = action
        if name == "add":
            return state | self.held(values)
        if name == "remove":
            return {owner: one for owner, one in state.items() if self.entry(owner) not in values}
        if name == "renew":
            return {owner: one for owner, one in state.items() if self.entry(owner) in values}
        return state


@dataclass
class Run:
    """The actions on one folder; `promised` is what is held after those that returned, `asked` after the one begun."""

    play: Play
    folder: Path
    writer: Writer | None = None
    promised: Held = field(default_factory=dict)
    asked: Held = field(default_factory=dict)

    def act(self, action: Action) -> None:
        name, values = action
        self.asked = self.play.after(self.promised, action)
        if name == "open":
            self.writer = self.play.writer(self.folder)
        else:
            assert self.writer is not None
            if name == "add":
                self.writer.add(iter(values))
            elif name == "remove":
                self.writer.remove(iter(values))
            elif name == "renew":
                self.writer.renew(lambda ids: {n for n in ids if n in values})
            else:
                self.writer.close()
        self.promised = self.asked

    def act_all(self) -> None:
        for action in self.play.actions:
            self.act(action)

    def abandon(self) -> None:
        """What the kernel does when the process is gone."""
        if self.writer is not None:
            self.writer._release()
            SealedIndex.close(self.writer)

    def check(self, index: Index) -> None:
        """The index is as it was before the action that was interrupted, or as it is after it."""
        seen = self.play.read(index)
        assert self.play.equal(seen, self.promised) or self.play.equal(seen, self.asked)
        assert len(index) == len(seen)


@contextmanager
def quick_sync() -> Iterator[None]:
    """What is synced is followed by the failing disk; the real device need not be."""
    with mock.patch("os.fsync"):
        yield


def steps_in_all(play: Play, tmp_path: Path) -> int:
    """Steps of all actions."""
    run, steps = Run(play, tmp_path / "count"), FailingDisk(tmp_path / "count", 0, None)
    with steps.in_place():
        run.act_all()
    return steps.step


def killed_at(play: Play, tmp_path: Path, at: int) -> None:
    """The process is killed, or power fails, at step `at`."""
    more = {play.entry(owner) for owner in play.held(play.more)}
    run = Run(play, tmp_path / str(at))
    broken = FailingDisk(run.folder, at, killed)
    with broken.in_place(), pytest.raises(KilledError):
        run.act_all()
    run.abandon()
    for name, files in broken.states().items():
        found = restored(tmp_path / f"{at} {name}", files)
        with closing(play.reader(found)) as reader:
            run.check(reader)
            with closing(play.writer(found)) as writer:
                run.check(writer)
                writer.verify()
                writer.add(iter(play.more))
                assert {path.name for path in found.iterdir()} == writer._manifest.files | {"lock"}
            run.check(reader)  # it holds the state that it opened, though its files are gone
    broken.fail = None
    with broken.in_place():  # the next writer's promise holds even if power fails then
        run.act(("open", []))
        run.act(("add", play.more))
    run.abandon()
    with closing(play.reader(restored(tmp_path / f"{at} later", broken.states()["as synced"]))) as reader:
        assert more <= set(reader.entries().tolist())


def full_at(play: Play, tmp_path: Path, at: int, *, lasting: bool) -> None:
    """The disk is full at step `at`, or from then on until the action has failed."""
    run = Run(play, tmp_path / str(at))
    failing = FailingDisk(run.folder, at, full, lasting=lasting)
    errors = []
    with failing.in_place():
        for action in play.actions:
            try:
                run.act(action)
            except StorageError as error:
                errors.append(error)
                failing.fail = None
                with closing(play.reader(run.folder)) as reader:
                    run.check(reader)
                if run.writer is not None and action[0] != "open":
                    run.check(run.writer)
                run.act(action)  # with room again
    assert len(errors) <= 1
    for met in errors:
        assert re.match(rf"{re.escape(str(run.folder))}\S*: No space left on device$", str(met))
    with closing(play.reader(run.folder)) as reader:
        assert play.equal(play.read(reader), run.promised)
        reader.verify()
        assert {path.name for path in run.folder.iterdir()} == reader._manifest.files | {"lock"}


def restored(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
