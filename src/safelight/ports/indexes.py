"""What is searched: PDQ hashes, local features and clips."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safelight.model.bank import Bank, HashChange
from safelight.model.clip import Clip, ClipRows
from safelight.model.local import InvertedLists, Sketch


@dataclass(frozen=True, slots=True)
class Hits:
    """Result of a batch search: three arrays of one length, sorted by (query, distance, hash_id).

    `query` int64: row of the query. `hash_id` int64. `distance` int64: bits of 256.
    """

    query: NDArray[np.int64]
    hash_id: NDArray[np.int64]
    distance: NDArray[np.int64]


class HashIndex(Protocol):
    """Exact radius search over one bank's PDQ hashes. One writer, many readers, crash-safe."""

    @property
    def built_to(self) -> int:
        """Number of the last history step that this index holds."""
        ...

    def __len__(self) -> int:
        """Number of live hashes."""
        ...

    def apply(self, changes: Sequence[HashChange]) -> None:
        """Take in the next steps, durably. Raises StorageError (disk full ...); the old state stays whole."""
        ...

    def search(self, queries: NDArray[np.uint8], radius: int) -> Hits:
        """Every live hash within `radius` (0-40) of each query. `queries`: uint8, shape (n, 32)."""
        ...

    def close(self) -> None:
        """Let go of files and memory."""
        ...


class IndexRoom(Protocol):
    """Where the indexes of all banks are."""

    def open(self, bank: Bank, *, write: bool = False) -> HashIndex:
        """Open a bank's index (made empty when absent). Raises IndexCorruptError."""
        ...

    def drop(self, bank: Bank) -> None:
        """Remove a bank's index."""
        ...


class FeatureIndex(Protocol):
    """The sketches of one bank's pictures, kept encrypted, searched in memory. One writer, many readers, crash-safe.

    Sketches come in segments, numbered from 0 and searched one by one; a sketch is named by its segment and its
    number there, and belongs to a frame of an entry.
    """

    def __len__(self) -> int:
        """Number of live sketches."""
        ...

    def add(self, sketches: Iterable[tuple[int, int, Sketch]]) -> int:
        """Take in (entry id, frame, sketch), durably, in batches; return how many. Raises StorageError."""
        ...

    def remove(self, entries: Iterable[int]) -> None:
        """Forget all sketches of these entries, durably; their bytes go with the next compaction."""
        ...

    def entries(self) -> NDArray[np.int64]:
        """Ids of the entries that have live sketches, ascending."""
        ...

    def segments(self) -> Sequence[InvertedLists]:
        """The searchable part of every segment, in anonymous memory. Raises IndexCorruptError."""
        ...

    def owner(self, segment: int, picture: int) -> tuple[int, int]:
        """(entry id, frame) of a sketch."""
        ...

    def sketch(self, segment: int, picture: int) -> Sketch:
        """One sketch, put together again. Raises IndexCorruptError."""
        ...

    def of_entry(self, entry: int) -> list[Sketch]:
        """All sketches of an entry, by frame."""
        ...

    def close(self) -> None:
        """Let go of files and memory."""
        ...


class FeatureRoom(Protocol):
    """Where the feature indexes of all banks are."""

    def open(self, bank: Bank, *, write: bool = False) -> FeatureIndex:
        """Open a bank's feature index (made empty when absent). Raises IndexCorruptError, VaultKeyError."""
        ...

    def renew(self, bank: Bank, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        """Write a bank's feature index anew, if there is one, encrypted or not as the settings say now.

        Nothing is left of what was removed. `stays` is told entry ids and says which of them are to stay. Raises
        IndexCorruptError, VaultKeyError, StorageError; what was there before stays whole.
        """
        ...

    def drop(self, bank: Bank) -> None:
        """Remove a bank's feature index, which need not be readable."""
        ...


class ClipIndex(Protocol):
    """The clips of one bank's videos, kept encrypted as local features are. One writer, many readers, crash-safe."""

    def __len__(self) -> int:
        """Number of live clips."""
        ...

    def add(self, clips: Iterable[tuple[int, Clip]]) -> int:
        """Take in (entry id, clip), durably, in batches; return how many. A clip takes the place of an older one.

        Raises StorageError; ValueError for what is no clip.
        """
        ...

    def remove(self, entries: Iterable[int]) -> None:
        """Forget the clips of these entries, durably."""
        ...

    def entries(self) -> NDArray[np.int64]:
        """Ids of the entries that have live clips, ascending."""
        ...

    def rows(self) -> ClipRows:
        """The keyed rows of all live clips, in anonymous memory; made once. Raises IndexCorruptError."""
        ...

    def clip(self, entry: int) -> Clip:
        """One clip. Raises IndexCorruptError, KeyError."""
        ...

    def close(self) -> None:
        """Let go of files and memory."""
        ...


class ClipRoom(Protocol):
    """Where the clips of all banks are."""

    def open(self, bank: Bank, *, write: bool = False) -> ClipIndex:
        """Open a bank's clips (made empty when absent). Raises IndexCorruptError, VaultKeyError."""
        ...

    def renew(self, bank: Bank, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        """Write a bank's clips anew, if there are any, as `FeatureRoom.renew` does."""
        ...

    def drop(self, bank: Bank) -> None:
        """Remove a bank's clips, which need not be readable."""
        ...
