"""What is kept of one bank as its writer sees it: each batch becomes a segment, small segments larger ones."""

import os
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import disk, folders, tiers
from safelight.adapter.disk import naming
from safelight.adapter.vault import manifest
from safelight.adapter.vault.container import Form
from safelight.adapter.vault.manifest import E, Manifest
from safelight.adapter.vault.reader import F, Held, S, SealedIndex, Vault
from safelight.model.errors import StorageError


@dataclass(frozen=True, slots=True)
class Tuning:
    """When what is merged, by weight: a sketch weighs 1, a clip its bytes. The tests make all of it small.

    `batch`: weight of what becomes durable together. `most`: weight of a merged segment. `ratio`: segments are merged
    when one of them is at most this many times as heavy as all smaller ones together. `chunk`: bytes of lists that are
    sealed at once.
    """

    batch: int
    most: int
    ratio: int = 2
    chunk: int = 4 << 20


class SealedWriter(SealedIndex[F, E, S]):
    """One bank's state, open for writing (and reading). There is one at a time.

    What `add` and `remove` have returned from survives a power cut. Other handles go on reading meanwhile.
    """

    def __init__(
        self, folder: Path, bank: int, vault: Vault, *, tuning: Tuning, patience: float, any_form: bool = False
    ) -> None:
        """Open for writing; see `SealedIndex`. `patience`: seconds to wait for another writer.

        There is a key afterwards: who has opened a bank is not kept from writing for want of one.
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

    def remove(self, entries: Iterable[int]) -> None:
        """Forget all that is of these entries, durably. Raises StorageError, and then forgets nothing.

        Its bytes go when their segment is merged, at the latest when a quarter of it is removed.
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

    @abstractmethod
    def _weight(self, fresh: Sequence[F]) -> int:
        """What so much weighs, as `OpenSegment.weights` has it."""

    @abstractmethod
    def _merge(self, name: str, form: Form, parts: Sequence[Held[S]], fresh: Sequence[F]) -> E:
        """Write one segment, of files named so, of what is live in these parts and of what is fresh. Raises OSError."""

    def _release(self) -> None:
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _commit(self, live: Sequence[NDArray[np.bool_]], fresh: Sequence[F]) -> None:
        """Make a state of what is live in each segment and of what is fresh, merging what is due."""
        weights = [held.segment.weights for held in self._held]
        sizes = [int(weight[after].sum()) for weight, after in zip(weights, live, strict=True)]
        due = [n for n, weight in enumerate(weights) if 4 * (int(weight.sum()) - sizes[n]) > int(weight.sum())]
        rest = sorted((n for n in range(len(live)) if n not in due), key=sizes.__getitem__)
        rows = self._weight(fresh) + sum(sizes[n] for n in due)
        due += rest[: tiers.joining([sizes[n] for n in rest], rows, self._tuning.ratio, self._tuning.most)]
        self._write(live, due, fresh)

    def _write(self, live: Sequence[NDArray[np.bool_]], merged: Collection[int], fresh: Sequence[F]) -> None:
        """Make a new state, with the segments of these numbers and what is fresh written anew."""
        parts = [Held(held.segment, after) for held, after in zip(self._held, live, strict=True)]
        kept: list[E] = [
            _remaining(part.segment.entry, part.live)
            for number, part in enumerate(parts)
            if number not in merged and part.live.any()
        ]
        groups = _grouped([parts[number] for number in sorted(merged)], self._weight(fresh), self._tuning.most)
        try:
            self._publish(kept, groups, fresh)
        except StorageError:
            self._take_up()  # the new state may be the one in force nevertheless
            raise
        self._take_up()

    def _publish(self, kept: list[E], groups: Sequence[Sequence[Held[S]]], fresh: Sequence[F]) -> None:
        key = self._key_to_write
        form = Form(self._vault.codebook, key, self._tuning.chunk)
        generation = self._manifest.generation + 1
        with naming(self.folder):
            for number, group in enumerate(groups):
                taken = fresh if number == 0 else []
                kept.append(self._merge(f"{generation + number:08}", form, group, taken))
            disk.sync_folder(self.folder)
            generation += max(len(groups) - 1, 0)
            state = Manifest(self._bank, generation, form.codebook, key.id if key else "", tuple(kept))
            manifest.write(self.folder, state, key, self._purpose)

    def _take_up(self) -> None:
        self._load()
        folders.sweep(self.folder, self._manifest.files)


def _grouped(parts: Sequence[Held[S]], fresh: int, most: int) -> list[list[Held[S]]]:
    """Parts that are written as one segment each time, of at most `most` weight; the fresh ones go to the first."""
    groups: list[list[Held[S]]] = [[]] if fresh else []
    size = fresh
    for part in parts:
        more = int(part.segment.weights[part.live].sum())
        if not more:
            continue
        if not groups or size + more > most:
            groups.append([])
            size = 0
        groups[-1].append(part)
        size += more
    return groups


def _remaining(entry: E, live: NDArray[np.bool_]) -> E:
    """The manifest's entry of a segment that stays, with what is no longer live in it."""
    return replace(entry, dead=np.flatnonzero(~live).astype("<u4").tobytes())
