"""Features against a dictionary, through any sequence of changes, closings, crashes and forms."""

import shutil
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from safelight.adapter import disk
from safelight.adapter.features import FileFeatureIndex
from tests.adapter.features.histories import BANK, Held, equal, read, room_in
from tests.sketches import sketch

ENTRIES = st.integers(1, 30)
OWNERS = st.lists(st.tuples(ENTRIES, st.integers(0, 1), st.integers(0, 50)), min_size=1, max_size=12)


class FeatureMachine(RuleBasedStateMachine):
    """Entries 1-30, each with up to two frames, come, are replaced and go."""

    @initialize(sealed=st.booleans())
    def begin(self, sealed: bool) -> None:
        self.undo = ExitStack()
        self.undo.enter_context(mock.patch.object(disk, "sync"))  # not what is tested here, and slow
        self.undo.enter_context(mock.patch.object(disk, "sync_folder"))
        self.folder = Path(tempfile.mkdtemp())
        self.undo.callback(shutil.rmtree, self.folder)
        self.sealed = sealed
        self.room = room_in(self.folder, sealed=sealed)
        self.writer = self.room.open(BANK, write=True)
        self.held: Held = {}

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.writer.close()
            self.undo.close()

    @rule(owners=OWNERS)
    def add(self, owners: list[tuple[int, int, int]]) -> None:
        fresh = {(entry, frame): sketch(seed, seed % 9, words=12) for entry, frame, seed in owners}
        assert self.writer.add((*owner, one) for owner, one in fresh.items()) == len(fresh)
        self.held.update(fresh)

    @rule(entries=st.sets(ENTRIES, max_size=8))
    def remove(self, entries: set[int]) -> None:
        self.writer.remove(entries)
        self.held = {owner: one for owner, one in self.held.items() if owner[0] not in entries}

    @rule()
    def reopen(self) -> None:
        self.writer.close()
        self.writer = self.room.open(BANK, write=True)

    @rule()
    def kill(self) -> None:
        self.writer._release()  # type: ignore[attr-defined]  # room.open says FileFeatureIndex; what the kernel would do
        FileFeatureIndex.close(self.writer)
        self.writer = self.room.open(BANK, write=True)

    @rule(gone=st.sets(ENTRIES, max_size=5), other_form=st.booleans())
    def renew(self, gone: set[int], other_form: bool) -> None:
        self.writer.close()
        self.sealed ^= other_form
        self.room = room_in(self.folder, sealed=self.sealed)
        self.room.renew(BANK, lambda ids: set(ids) - gone)
        self.held = {owner: one for owner, one in self.held.items() if owner[0] not in gone}
        if not self.held:  # features that hold nothing are of either form
            self.room.drop(BANK)
        self.writer = self.room.open(BANK, write=True)

    @rule()
    def look(self) -> None:
        assert equal(read(self.writer), self.held)
        with closing(self.room.open(BANK)) as reader:
            assert equal(read(reader), self.held)
            assert len(reader) == len(self.held)
            assert reader.entries().tolist() == sorted({entry for entry, _frame in self.held})


FeatureMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestFeatureMachine = pytest.mark.timeout(120)(FeatureMachine.TestCase)
