"""The clips of one bank as a reader sees them."""

from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import memory
from safelight.adapter.clips.segment import ClipEntry, ClipSegment
from safelight.adapter.vault import manifest
from safelight.adapter.vault.keys import MasterKey
from safelight.adapter.vault.manifest import Manifest
from safelight.adapter.vault.reader import Held, SealedIndex, Vault
from safelight.model.clip import CLIP_TILES, Clip, ClipRows

Scalar = TypeVar("Scalar", bound=np.generic)

Owned = tuple[int, Clip]
"""Entry id, clip."""


class FileClipIndex(SealedIndex[Owned, ClipEntry, ClipSegment]):
    """One bank's clips, open for reading: `ports.ClipIndex`, as they were when it was opened.

    Rows are decrypted when they are first asked for, once for each open index; processes that are forked afterwards
    share that memory.
    """

    noun = "clips"

    def __init__(self, folder: Path, bank: int, vault: Vault, *, any_form: bool = False) -> None:
        """Open what is there; see `SealedIndex`."""
        self._mutex = Lock()
        self._rows: ClipRows | None = None
        super().__init__(folder, bank, vault, any_form=any_form)

    def rows(self) -> ClipRows:
        """The keyed rows of all live clips, by entry, ascending. Raises IndexCorruptError, StorageError."""
        with self._mutex:
            if self._rows is None:
                self._rows = _rows_of(self._held)
            return self._rows

    def clip(self, entry: int) -> Clip:
        """The clip of an entry. Raises IndexCorruptError, StorageError; KeyError when there is none."""
        for held in self._held:
            for number in np.flatnonzero((held.segment.directory["entry"] == entry) & held.live).tolist():
                return held.segment.clip(number)
        raise KeyError(entry)

    def _take(self, state: Manifest[ClipEntry], key: MasterKey | None, held: tuple[Held[ClipSegment], ...]) -> None:
        super()._take(state, key, held)
        self._rows = None

    def _parse(self, path: Path, data: bytes) -> Manifest[ClipEntry]:
        return manifest.parse(path, data, Manifest[ClipEntry])

    def _segment(self, entry: ClipEntry, key: MasterKey | None) -> ClipSegment:
        return ClipSegment(self.folder, entry, key)


def _rows_of(parts: tuple[Held[ClipSegment], ...]) -> ClipRows:
    """The keyed rows of what is live in these segments, one clip at a time in memory besides them."""
    found = sorted(
        (int(part.segment.directory["entry"][number]), place, number)
        for place, part in enumerate(parts)
        for number in np.flatnonzero(part.live).tolist()
    )
    total = sum(int(part.segment.directory["keyed"][part.live].sum(dtype=np.int64)) for part in parts)
    rows = ClipRows(
        entry=_confidential((total,), np.int64),
        row=_confidential((total,), np.int32),
        codes=_confidential((total, 32), np.uint8),
        quality=_confidential((total,), np.uint8),
        tiles=_confidential((total, CLIP_TILES, 32), np.uint8),
        tile_quality=_confidential((total, CLIP_TILES), np.uint8),
    )
    start = 0
    for entry, place, number in found:
        clip = parts[place].segment.clip(number)
        span = slice(start, start + len(clip.keyed))
        rows.entry[span] = entry
        rows.row[span] = clip.keyed
        rows.codes[span] = clip.codes[clip.keyed]
        rows.quality[span] = clip.quality[clip.keyed]
        rows.tiles[span] = clip.tiles
        rows.tile_quality[span] = clip.tile_quality
        start = span.stop
    for array in (rows.entry, rows.row, rows.codes, rows.quality, rows.tiles, rows.tile_quality):
        array.flags.writeable = False
    return rows


def _confidential(shape: tuple[int, ...], kind: type[Scalar]) -> NDArray[Scalar]:
    """Zeros that no core dump holds."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    return memory.confidential(size).view(kind).reshape(shape)
