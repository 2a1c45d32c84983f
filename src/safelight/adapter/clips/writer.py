"""The clips of one bank as their writer sees them."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from safelight.adapter.clips import records
from safelight.adapter.clips.reader import FileClipIndex, Owned
from safelight.adapter.clips.records import DIRECTORY
from safelight.adapter.clips.segment import ClipEntry, ClipSegment, write_segment
from safelight.adapter.vault.container import Form
from safelight.adapter.vault.reader import Held
from safelight.adapter.vault.seal import Data
from safelight.adapter.vault.writer import SealedWriter
from safelight.model.clip import Clip


class FileClipWriter(SealedWriter[Owned, ClipEntry, ClipSegment], FileClipIndex):
    """One bank's clips, open for writing (and reading): `ports.ClipIndex`."""

    def add(self, items: Iterable[Owned]) -> int:
        """Take in (entry id, clip), durably, in batches; return how many.

        A clip takes the place of an older one of the same entry. Raises ValueError for what is no clip or no entry;
        StorageError (disk full ...): the batches before are kept.
        """
        count = 0
        for batch in _batches(items, self._tuning.batch):
            ids = np.array(sorted(entry for entry, _clip in batch), np.int64)
            self._commit([held.live & ~np.isin(held.segment.directory["entry"], ids) for held in self._held], batch)
            count += len(batch)
        return count

    def _weight(self, fresh: Sequence[Owned]) -> int:
        return sum(records.length(clip) for _entry, clip in fresh)

    def _merge(self, name: str, form: Form, parts: Sequence[Held[ClipSegment]], fresh: Sequence[Owned]) -> ClipEntry:
        rows = np.array([(entry, len(clip.time), len(clip.keyed)) for entry, clip in fresh], DIRECTORY)
        directory = np.concatenate([*(part.segment.directory[part.live] for part in parts), rows])

        def packed() -> Iterator[Data]:
            for part in parts:
                yield from map(part.segment.record, np.flatnonzero(part.live).tolist())
            for _entry, clip in fresh:
                yield records.pack(clip)

        return write_segment(self.folder, name, form, directory, packed())


def _batches(items: Iterable[Owned], weight: int) -> Iterator[list[Owned]]:
    """Clips in groups of about so many bytes, the last of each entry in its group. Raises ValueError."""
    batch: dict[int, Clip] = {}
    size = 0
    for entry, clip in items:
        if not 0 <= entry < 1 << 63:
            raise ValueError(f"entry {entry}: not a number that can be")
        records.check(clip)
        batch[entry] = clip
        size += records.length(clip)
        if size >= weight:
            yield list(batch.items())
            batch, size = {}, 0
    if batch:
        yield list(batch.items())
