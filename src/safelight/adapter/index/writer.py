"""The index of one bank as its writer sees it: changes go to the log, logs to segments, segments to larger ones."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import disk, folders
from safelight.adapter.disk import naming
from safelight.adapter.folders import take_lock
from safelight.adapter.index import delta, manifest, merge
from safelight.adapter.index.delta import Recent
from safelight.adapter.index.manifest import Manifest, SegmentEntry
from safelight.adapter.index.merge import Tuning
from safelight.adapter.index.reader import FileIndex, Held, among
from safelight.adapter.index.segment import write_segment
from safelight.match.hamming import as_words
from safelight.match.mih import permute
from safelight.model.bank import HashChange
from safelight.model.errors import StorageError


class FileIndexWriter(FileIndex):
    """One bank's index, open for writing (and reading): `ports.HashIndex`. There is one at a time.

    What `apply` has returned from survives a power cut. Now and then it merges segments, up to all of them, and closing
    merges what an import left behind: about a second for each million hashes. Searches by other handles go on
    meanwhile. A process that dies before closing loses nothing but speed.
    """

    def __init__(
        self, folder: Path, *, tuning: Tuning | None = None, resident: bool = False, patience: float = 30.0
    ) -> None:
        self._tuning = tuning or Tuning()
        self._lock_file: int | None = take_lock(folder, patience)
        with ExitStack() as undo:
            undo.callback(self._release)
            super().__init__(folder, resident=resident)
            undo.callback(super().close)
            with self._mutex:
                self._begin()
            undo.pop_all()

    def apply(self, changes: Sequence[HashChange]) -> None:
        """Take in the next steps, durably: all of them or, when StorageError is raised, none.

        Steps that the index holds already are passed over. Raises ValueError for steps out of order and codes that
        have not 32 bytes; StorageError (disk full ...): the old state stays whole.
        """
        with self._mutex:
            self._refresh()
            fresh = [change for change in changes if change.seq > self._delta.built_to]
            if any(later.seq <= earlier.seq for earlier, later in pairwise(fresh)):
                raise ValueError("history steps must come in their order")
            if (self._spoilt and changes) or self._delta.records + len(fresh) > self._tuning.log_rows:
                self._absorb(fresh)
            elif fresh:
                self._append(fresh)

    def close(self) -> None:
        """Merge what is due, let go of files, memory and the right to write. Raises StorageError, but is closed."""
        if self._lock_file is None:
            return
        try:
            with self._mutex:
                self._refresh()
                if due := merge.due(self._held, 0, self._tuning.closing_ratio, self._tuning):
                    self._commit(self._delta.recent(), due, self._delta.built_to, tables=True)
        finally:
            super().close()
            self._release()

    def _release(self) -> None:
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _begin(self) -> None:
        """Start from what is there: nothing, or a state with what a dead writer left beside it."""
        with naming(self.folder):
            if self._manifest.generation == 0:
                self._publish(Manifest(1, 0, 0, ""), [])
                self._refresh()
            # A writer that died may not have come to sync the names seen here; what is promised builds on them.
            disk.sync_folder(self.folder)
            # Nothing is appended to a log that ends in part of a batch, nor after a step that failed: what of it is
            # durable is then unknown, so the next change makes all of it anew.
            self._spoilt = (self.folder / self._manifest.log).stat().st_size != self._log_end
        folders.sweep(self.folder, self._manifest.files | {manifest.NAME})
        ids, came, _codes = self._delta.history()
        self._came: dict[int, bool] = dict(zip(ids.tolist(), came.tolist(), strict=True))

    def _append(self, changes: Sequence[HashChange]) -> None:
        """Add a batch to the log."""
        came = {change.hash_id: change.pdq is not None for change in changes}
        live = self._delta.live - self._count_live(list(came)) + sum(came.values())
        data = delta.encode(changes, self._delta.batches, live, self._manifest.generation)
        path = self.folder / self._manifest.log
        self._spoilt = True
        with naming(path):
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                disk.append(file, data)
                disk.sync(file)
            finally:
                os.close(file)
        self._spoilt = False
        self._read_log()
        self._came.update(came)

    def _count_live(self, ids: Sequence[int]) -> int:
        """How many of these different hash ids are live now."""
        count = sum(self._came.get(hash_id, False) for hash_id in ids)
        older = np.array([hash_id for hash_id in ids if hash_id not in self._came], np.int64)
        for part in self._held:
            rows = part.segment.find(older)
            rows = rows[rows >= 0]
            count += len(rows) - int(among(rows, part.dead).sum())
        return count

    def _absorb(self, changes: Sequence[HashChange]) -> None:
        """Make a segment of the log and `changes`; merge it with others unless this is the middle of an import."""
        older, codes = self._delta.history(), permute(as_words(delta.codes_of(changes)))
        ids = np.array([change.hash_id for change in changes], np.int64)
        came = np.array([change.pdq is not None for change in changes], np.bool_)
        recent = delta.settle((np.append(older[0], ids), np.append(older[1], came), np.concatenate([older[2], codes])))
        merged, tables = self._to_merge(len(recent.ids), importing=len(changes) > self._tuning.log_rows)
        self._commit(recent, merged, changes[-1].seq if changes else self._delta.built_to, tables=tables)

    def _to_merge(self, new_rows: int, *, importing: bool) -> tuple[list[Held], bool]:
        """The segments to merge with new rows, and whether the result is to have tables.

        In the middle of an import that is put off: a segment is merged once or twice in the end, not every time.
        """
        raw = [part for part in self._held if part.segment.index is None]
        if importing and new_rows + sum(part.live for part in raw) <= self._tuning.raw_rows:
            return [], False
        if importing and len(self._held) - len(raw) < self._tuning.segments:
            return merge.unfinished(self._held, self._tuning), True
        return merge.due(self._held, new_rows, self._tuning.ratio, self._tuning), True

    def _commit(self, recent: Recent, merged: Sequence[Held], built_to: int, *, tables: bool) -> None:
        """Replace the log and the segments `merged` by one segment; `recent` is all that came after the segments."""
        self._spoilt = True
        generation = self._manifest.generation + 1
        chosen = [merge.bury(part, recent.touched) for part in merged]
        kept = [merge.bury(part, recent.touched) for part in self._held if part not in merged]
        kept = [part for part in kept if part.live]
        ids, codes = merge.gather(recent, chosen)
        path = self.folder / f"{generation:08}.segment"
        entries = [SegmentEntry(p.segment.path.name, p.segment.rows, p.segment.crc, len(p.dead)) for p in kept]
        live = len(ids) + sum(part.live for part in kept)
        try:
            with naming(self.folder):
                if len(ids):
                    crc = write_segment(path, ids, codes, tables=tables and len(ids) >= self._tuning.table_rows)
                    entries.append(SegmentEntry(path.name, len(ids), crc, 0))
                self._publish(Manifest(generation, built_to, live, "", tuple(entries)), [part.dead for part in kept])
        except StorageError:
            self._refresh()
            folders.sweep(self.folder, self._manifest.files | {manifest.NAME})
            raise
        self._refresh()
        folders.sweep(self.folder, self._manifest.files | {manifest.NAME})
        self._came, self._spoilt = {}, False

    def _publish(self, state: Manifest, dead: Sequence[NDArray[np.uint32]]) -> None:
        """Write the dead rows and an empty log of a new state, then make it the state. Its segments are synced."""
        name = f"{state.generation:08}"
        log = name + ".log"
        buried = b"".join(rows.astype("<u4").tobytes() for rows in dead)
        if buried:
            disk.write(self.folder / f"{name}.dead", buried)
            state = replace(state, dead=f"{name}.dead", dead_crc=crc32(buried))
        disk.write(self.folder / log, delta.head(state.generation))
        disk.sync_folder(self.folder)
        manifest.write(self.folder, replace(state, log=log))
