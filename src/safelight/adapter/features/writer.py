"""The features of one bank as their writer sees them: each batch becomes a segment, small segments larger ones."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import disk, folders, tiers
from safelight.adapter.disk import naming
from safelight.adapter.features import lists, manifest, records
from safelight.adapter.features.container import Form
from safelight.adapter.features.manifest import Manifest, SegmentEntry
from safelight.adapter.features.reader import FileFeatureIndex, Held, Vault
from safelight.adapter.features.seal import Data
from safelight.adapter.features.segment import write_segment
from safelight.model.errors import StorageError
from safelight.model.local import Sketch

Owned = tuple[int, int, Sketch]
"""Entry id, frame, sketch."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """When what is merged. The tests make all of it small.

    `batch`: sketches that become durable together, some 35 MB. `ratio`: segments are merged when one of them is at most
    this many times as large as all smaller ones together. `most`: sketches of a merged segment; merging needs memory
    for some three times its size. `chunk`: bytes of the lists that are sealed at once.
    """

    batch: int = 4096
    ratio: int = 2
    most: int = 100_000
    chunk: int = 4 << 20


class FileFeatureWriter(FileFeatureIndex):
    """One bank's features, open for writing (and reading): `ports.FeatureIndex`. There is one at a time.

    What `add` and `remove` have returned from survives a power cut. Other handles go on reading meanwhile.
    """

    def __init__(
        self, folder: Path, bank: int, vault: Vault, *, tuning: Tuning, patience: float, any_form: bool = False
    ) -> None:
        """Open for writing; see `FileFeatureIndex`. `patience`: seconds to wait for another writer.

        There is a key afterwards: who has opened features is not kept from writing for want of one.
        """
        self._tuning = tuning
        self._lock_file: int | None = folders.take_lock(folder, patience)
        with ExitStack() as undo:
            undo.callback(self._release)
            super().__init__(folder, bank, vault, any_form=any_form)
            undo.callback(super().close)
            self._key_to_write = (self._key or vault.key_to_write()) if vault.sealed else None
            with naming(folder):
                # A writer that died may not have come to sync the names seen here; what is promised builds on them.
                disk.sync_folder(folder)
            folders.sweep(folder, self._manifest.files)
            undo.pop_all()

    def add(self, sketches: Iterable[Owned]) -> int:
        """Take in (entry id, frame, sketch), durably, in batches; return how many.

        A sketch takes the place of an older one of the same entry and frame. Raises ValueError for what is no sketch
        or no owner; StorageError (disk full ...): the batches before are kept.
        """
        source, count = iter(sketches), 0
        while batch := list(islice(source, self._tuning.batch)):
            for entry, frame, sketch in batch:
                records.check(sketch)
                if not (0 <= entry < 1 << 63 and 0 <= frame < 1 << 32):
                    raise ValueError(f"entry {entry}, frame {frame}: not numbers that can be")
            newest = {(entry, frame): (entry, frame, sketch) for entry, frame, sketch in batch}
            self._commit([_replaced(held, newest) for held in self._held], list(newest.values()))
            count += len(newest)
        return count

    def remove(self, entries: Iterable[int]) -> None:
        """Forget all sketches of these entries, durably. Raises StorageError, and then forgets none.

        Their bytes go when their segment is merged, at the latest when a quarter of it is removed.
        """
        gone = np.array(sorted(set(entries)), np.int64)
        live = [held.live & ~np.isin(held.segment.directory["entry"], gone) for held in self._held]
        if sum(int(after.sum()) for after in live) < len(self):
            self._commit(live, [])

    def renew(self, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        """Write everything anew, in the form of this room: nothing is left of what was removed.

        `stays` is told entry ids and says which of them are to stay. Raises IndexCorruptError, StorageError,
        VaultKeyError; what was there before stays whole.
        """
        staying = np.array(sorted(stays(self.entries().tolist())), np.int64)
        live = [held.live & np.isin(held.segment.directory["entry"], staying) for held in self._held]
        self._write(live, range(len(live)), [])

    def close(self) -> None:
        """Let go of files, memory and the right to write."""
        super().close()
        self._release()

    def _release(self) -> None:
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _commit(self, live: Sequence[NDArray[np.bool_]], fresh: Sequence[Owned]) -> None:
        """Make a state of what is live in each segment and of fresh sketches, merging what is due."""
        sizes = [int(after.sum()) for after in live]
        due = [n for n, after in enumerate(live) if 4 * (len(after) - sizes[n]) > len(after)]
        rest = sorted((n for n in range(len(live)) if n not in due), key=sizes.__getitem__)
        rows = len(fresh) + sum(sizes[n] for n in due)
        due += rest[: tiers.joining([sizes[n] for n in rest], rows, self._tuning.ratio, self._tuning.most)]
        self._write(live, due, fresh)

    def _write(self, live: Sequence[NDArray[np.bool_]], merged: Collection[int], fresh: Sequence[Owned]) -> None:
        """Make a new state, with the segments of these numbers and the fresh sketches written anew."""
        parts = [Held(held.segment, after) for held, after in zip(self._held, live, strict=True)]
        kept = [_entry(part) for number, part in enumerate(parts) if number not in merged and part.live.any()]
        groups = _grouped([parts[number] for number in sorted(merged)], len(fresh), self._tuning.most)
        try:
            self._publish(kept, groups, fresh)
        except StorageError:
            self._take_up()  # the new state may be the one in force nevertheless
            raise
        self._take_up()

    def _publish(self, kept: list[SegmentEntry], groups: Sequence[Sequence[Held]], fresh: Sequence[Owned]) -> None:
        key = self._key_to_write
        form = Form(self._vault.codebook, key, self._tuning.chunk)
        generation = self._manifest.generation + 1
        with naming(self.folder):
            for number, group in enumerate(groups):
                taken = fresh if number == 0 else []
                kept.append(_merge(self.folder, f"{generation + number:08}", form, group, taken))
            disk.sync_folder(self.folder)
            generation += max(len(groups) - 1, 0)
            state = Manifest(self._bank, generation, form.codebook, key.id if key else "", tuple(kept))
            manifest.write(self.folder, state, key)

    def _take_up(self) -> None:
        self._load()
        folders.sweep(self.folder, self._manifest.files)


def _grouped(parts: Sequence[Held], fresh: int, most: int) -> list[list[Held]]:
    """Parts that are written as one segment each time, of at most `most` sketches; the fresh ones go to the first."""
    groups: list[list[Held]] = [[]] if fresh else []
    size = fresh
    for part in parts:
        more = int(part.live.sum())
        if not more:
            continue
        if not groups or size + more > most:
            groups.append([])
            size = 0
        groups[-1].append(part)
        size += more
    return groups


def _merge(folder: Path, name: str, form: Form, parts: Sequence[Held], fresh: Sequence[Owned]) -> SegmentEntry:
    """Write one segment of the live sketches of these parts and of the fresh ones."""
    columns = [lists.of_live(part.segment.lists(part.live)) for part in parts]
    directories = [part.segment.directory[part.live] for part in parts]
    if fresh:
        columns.append(lists.of_sketches([sketch for _entry, _frame, sketch in fresh]))
        directories.append(records.directory_of(fresh))

    def packed() -> Iterator[Data]:
        for part in parts:
            yield from map(part.segment.record, np.flatnonzero(part.live).tolist())
        for _entry, _frame, sketch in fresh:
            yield records.pack(sketch)

    return write_segment(folder, name, form, lists.build(columns), np.concatenate(directories), packed())


def _entry(part: Held) -> SegmentEntry:
    """The manifest's entry of a segment that stays, with what is no longer live in it."""
    return replace(part.segment.entry, dead=np.flatnonzero(~part.live).astype("<u4").tobytes())


def _replaced(held: Held, newest: Collection[tuple[int, int]]) -> NDArray[np.bool_]:
    """What stays live in a segment when sketches of these entries and frames come."""
    rows = held.segment.directory
    ids = np.array(sorted({entry for entry, _frame in newest}), np.int64)
    live = held.live.copy()
    for picture in np.flatnonzero(live & np.isin(rows["entry"], ids)).tolist():
        live[picture] = (int(rows["entry"][picture]), int(rows["frame"][picture])) not in newest
    return live
