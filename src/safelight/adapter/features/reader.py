"""The features of one bank as a reader sees them."""

from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np

from safelight.adapter.features.manifest import FeatureEntry
from safelight.adapter.features.segment import Segment
from safelight.adapter.vault import manifest
from safelight.adapter.vault.keys import MasterKey
from safelight.adapter.vault.manifest import Manifest
from safelight.adapter.vault.reader import SealedIndex
from safelight.model.local import InvertedLists, Sketch

Owned = tuple[int, int, Sketch]
"""Entry id, frame, sketch."""


class FileFeatureIndex(SealedIndex[Owned, FeatureEntry, Segment]):
    """One bank's features, open for reading: `ports.FeatureIndex`, as they were when it was opened.

    Lists are decrypted when they are first asked for, once for each open index; processes that are forked afterwards
    share that memory.
    """

    noun = "features"

    def segments(self) -> Sequence[InvertedLists]:
        """The searchable part of every segment; see `ports.FeatureIndex.segments`."""
        return [held.segment.lists(held.live) for held in self._held]

    def owner(self, segment: int, picture: int) -> tuple[int, int]:
        """(entry id, frame) of a sketch."""
        row = self._held[segment].segment.directory[picture]
        return int(row["entry"]), int(row["frame"])

    def sketch(self, segment: int, picture: int) -> Sketch:
        """One sketch, put together again. Raises IndexCorruptError, StorageError."""
        return self._held[segment].segment.sketch(picture)

    def of_entry(self, entry: int) -> list[Sketch]:
        """All live sketches of an entry, by frame. Raises IndexCorruptError, StorageError."""
        found = [
            (int(held.segment.directory["frame"][picture]), held.segment, picture)
            for held in self._held
            for picture in np.flatnonzero((held.segment.directory["entry"] == entry) & held.live).tolist()
        ]
        return [segment.sketch(picture) for _frame, segment, picture in sorted(found, key=itemgetter(0))]

    def _parse(self, path: Path, data: bytes) -> Manifest[FeatureEntry]:
        return manifest.parse(path, data, Manifest[FeatureEntry])

    def _segment(self, entry: FeatureEntry, key: MasterKey | None) -> Segment:
        return Segment(self.folder, entry, key)
