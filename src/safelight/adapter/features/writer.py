"""The features of one bank as their writer sees them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.features import lists, records
from safelight.adapter.features.manifest import FeatureEntry
from safelight.adapter.features.reader import FileFeatureIndex, Owned
from safelight.adapter.features.segment import Segment, write_segment
from safelight.adapter.vault.container import Form
from safelight.adapter.vault.reader import Held
from safelight.adapter.vault.seal import Data
from safelight.adapter.vault.writer import SealedWriter


class FileFeatureWriter(SealedWriter[Owned, FeatureEntry, Segment], FileFeatureIndex):
    """One bank's features, open for writing (and reading): `ports.FeatureIndex`."""

    def add(self, items: Iterable[Owned]) -> int:
        """Take in (entry id, frame, sketch), durably, in batches; return how many.

        A sketch takes the place of an older one of the same entry and frame. Raises ValueError for what is no sketch
        or no owner; StorageError (disk full ...): the batches before are kept.
        """
        source, count = iter(items), 0
        while batch := list(islice(source, self._tuning.batch)):
            for entry, frame, sketch in batch:
                records.check(sketch)
                if not (0 <= entry < 1 << 63 and 0 <= frame < 1 << 32):
                    raise ValueError(f"entry {entry}, frame {frame}: not numbers that can be")
            newest = {(entry, frame): (entry, frame, sketch) for entry, frame, sketch in batch}
            self._commit([_replaced(held, newest) for held in self._held], list(newest.values()))
            count += len(newest)
        return count

    def _weight(self, fresh: Sequence[Owned]) -> int:
        return len(fresh)

    def _merge(self, name: str, form: Form, parts: Sequence[Held[Segment]], fresh: Sequence[Owned]) -> FeatureEntry:
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

        return write_segment(self.folder, name, form, lists.build(columns), np.concatenate(directories), packed())


def _replaced(held: Held[Segment], newest: Collection[tuple[int, int]]) -> NDArray[np.bool_]:
    """What stays live in a segment when sketches of these entries and frames come."""
    rows = held.segment.directory
    ids = np.array(sorted({entry for entry, _frame in newest}), np.int64)
    live = held.live.copy()
    for picture in np.flatnonzero(live & np.isin(rows["entry"], ids)).tolist():
        live[picture] = (int(rows["entry"][picture]), int(rows["frame"][picture])) not in newest
    return live
