"""The index against a dictionary, through any sequence of changes, closings, crashes and readers."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from safelight.adapter import disk
from safelight.adapter.index import FileIndex, FileIndexRoom
from safelight.adapter.index.merge import due
from safelight.model.bank import HashChange
from tests.adapter.index.history import BANK, SMALL, Oracle, code, codes

NUMBERS = st.integers(0, 40)
STEPS = st.lists(st.tuples(NUMBERS, st.none() | NUMBERS), min_size=1, max_size=20)
QUERIES = codes(range(0, 41, 3))


class IndexMachine(RuleBasedStateMachine):
    """Hash ids 0-40 come with any of 41 codes (eight at a time near each other) and go."""

    @initialize()
    def begin(self) -> None:
        self.undo = ExitStack()
        self.undo.enter_context(mock.patch.object(disk, "sync"))  # not what is tested here, and slow
        self.undo.enter_context(mock.patch.object(disk, "sync_folder"))
        root = Path(tempfile.mkdtemp())
        self.undo.callback(shutil.rmtree, root)
        self.room = FileIndexRoom(root / "index", tuning=SMALL, patience=0)
        self.writer = self.room.open(BANK, write=True)
        self.reader = self.room.open(BANK)
        self.oracle = Oracle()

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.reader.close()
            self.writer.close()
            self.undo.close()

    @rule(steps=STEPS)
    def change(self, steps: list[tuple[int, int | None]]) -> None:
        first = self.oracle.built_to + 1
        changes = [
            HashChange(seq, hash_id, None if number is None else code(number))
            for seq, (hash_id, number) in enumerate(steps, first)
        ]
        self.oracle.apply(changes)
        self.writer.apply(changes)

    @rule()
    def reopen_writer(self) -> None:
        self.writer.close()
        self.writer = self.room.open(BANK, write=True)

    @rule()
    def kill_writer(self) -> None:
        self.writer._release()  # type: ignore[attr-defined]  # room.open says FileIndex; what the kernel would do
        FileIndex.close(self.writer)
        self.writer = self.room.open(BANK, write=True)

    @rule()
    def reopen_reader(self) -> None:
        self.reader.close()
        self.reader = self.room.open(BANK)

    @rule()
    def own_memory(self) -> None:
        self.reader.make_resident()

    @rule()
    def drop(self) -> None:
        self.writer.close()
        self.room.drop(BANK)
        self.oracle = Oracle()
        self.writer = self.room.open(BANK, write=True)

    @rule(radius=st.integers(0, 40), by_writer=st.booleans())
    def search(self, radius: int, by_writer: bool) -> None:
        self.oracle.check(self.writer if by_writer else self.reader, QUERIES, radius)

    @rule()
    def verify(self) -> None:
        self.reader.verify()

    @invariant()
    def counts(self) -> None:
        if hasattr(self, "undo"):
            assert (len(self.reader), self.reader.built_to) == (len(self.oracle.live), self.oracle.built_to)

    @rule()
    def nothing_is_due_after_closing(self) -> None:
        self.writer.close()
        with_state = self.room.open(BANK)
        assert due(with_state._held, 0, SMALL.closing_ratio, SMALL) == []
        with_state.close()
        self.writer = self.room.open(BANK, write=True)


IndexMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestIndexMachine = pytest.mark.timeout(120)(IndexMachine.TestCase)
