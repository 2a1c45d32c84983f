"""`ports.FeatureRoom` in plain lists: the obvious version that the others are compared with."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from safelight.match.local.sketch import lists_of
from safelight.model.bank import Bank
from safelight.model.errors import StorageError
from safelight.model.local import InvertedLists, Sketch


@dataclass
class MemoryFeatures:
    """All sketches of a bank in one segment, by (entry id, frame)."""

    held: dict[tuple[int, int], Sketch] = field(default_factory=dict)
    writable: bool = False

    def __len__(self) -> int:
        return len(self.held)

    def add(self, sketches: Iterable[tuple[int, int, Sketch]]) -> int:
        self._expect_writable()
        fresh = {(entry, frame): sketch for entry, frame, sketch in sketches}
        self.held.update(fresh)
        return len(fresh)

    def remove(self, entries: Iterable[int]) -> None:
        self._expect_writable()
        for owner in [owner for gone in set(entries) for owner in self.held if owner[0] == gone]:
            del self.held[owner]

    def entries(self) -> NDArray[np.int64]:
        return np.array(sorted({entry for entry, _frame in self.held}), np.int64)

    def segments(self) -> Sequence[InvertedLists]:
        return [lists_of(list(self.held.values()))] if self.held else []

    def owner(self, segment: int, picture: int) -> tuple[int, int]:
        assert segment == 0
        return list(self.held)[picture]

    def sketch(self, segment: int, picture: int) -> Sketch:
        return self.held[self.owner(segment, picture)]

    def of_entry(self, entry: int) -> list[Sketch]:
        return [sketch for owner, sketch in sorted(self.held.items(), key=lambda item: item[0]) if owner[0] == entry]

    def close(self) -> None:
        """Nothing is open."""

    def _expect_writable(self) -> None:
        if not self.writable:
            raise StorageError(path="memory", cause="open for reading only")


class MemoryFeatureRoom:
    """`ports.FeatureRoom`."""

    def __init__(self) -> None:
        self.indexes: dict[int, dict[tuple[int, int], Sketch]] = {}

    def open(self, bank: Bank, *, write: bool = False) -> MemoryFeatures:
        return MemoryFeatures(self.indexes.setdefault(bank.id, {}), write)

    def renew(self, bank: Bank, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        held = self.indexes.setdefault(bank.id, {})
        staying = stays({entry for entry, _frame in held})
        for owner in [owner for owner in held if owner[0] not in staying]:
            del held[owner]

    def drop(self, bank: Bank) -> None:
        self.indexes.pop(bank.id, None)
