"""A segment: clips in a file that never changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from safelight.adapter.clips.records import CLIPS, MOST_ROWS, unpack
from safelight.adapter.vault.container import Form
from safelight.adapter.vault.keys import MasterKey
from safelight.adapter.vault.manifest import SegmentEntry
from safelight.adapter.vault.records import Directory, RecordFile, write_records
from safelight.adapter.vault.seal import Data
from safelight.model.clip import Clip
from safelight.model.errors import IndexCorruptError


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipEntry(SegmentEntry):
    """A file, `file`.clips, of so many clips, which have so many rows. `header`: SHA-256 of its header, hexadecimal."""

    clips: int
    rows: int
    header: str

    @property
    def count(self) -> int:
        """Number of clips."""
        return self.clips

    @property
    def files(self) -> tuple[str, ...]:
        """Name of the file."""
        return (f"{self.file}{CLIPS.suffix}",)


class ClipSegment:
    """An open segment. The directory is in memory, clips stay on disk. They weigh their bytes."""

    def __init__(self, folder: Path, entry: ClipEntry, key: MasterKey | None) -> None:
        """Open a file. Raises IndexCorruptError, OSError."""
        self.entry = entry
        self._records = RecordFile(folder / entry.files[0], CLIPS, entry.header, key, entry.clips)
        self.directory = self._records.directory
        self.weights = self._records.lengths
        # Plain files may be of anybody's making; what reads the directory makes room for as much as it says.
        if (self.directory["rows"] > MOST_ROWS).any() or (self.directory["keyed"] > self.directory["rows"]).any():
            self.close()
            raise IndexCorruptError(path=self._records.path, cause="its directory has numbers that cannot be")

    def record(self, number: int) -> Data:
        """The record of a clip. Raises IndexCorruptError, StorageError."""
        return self._records.record(number)

    def clip(self, number: int) -> Clip:
        """A clip. Raises IndexCorruptError, StorageError."""
        try:
            clip = unpack(self.record(number))
        except ValueError as error:
            raise IndexCorruptError(path=self._records.path, cause=f"clip {number}: {error}") from error
        if len(clip.keyed) != self.directory["keyed"][number]:
            raise IndexCorruptError(path=self._records.path, cause=f"clip {number} is not what its directory says")
        return clip

    def verify(self) -> None:
        """Read every clip. Raises IndexCorruptError, StorageError."""
        for number in range(self.entry.clips):
            self.clip(number)

    def close(self) -> None:
        """Let go of the file; clips that somebody holds stay."""
        self._records.close()


def write_segment(folder: Path, name: str, form: Form, directory: Directory, packed: Iterable[Data]) -> ClipEntry:
    """Write and sync a segment of at least one clip; its name is not synced. Raises OSError.

    Args:
        folder: where.
        name: of the file, without its ending.
        form: how.
        directory: a row for each clip.
        packed: their records, in its order.
    """
    counts = len(directory), int(directory["rows"].sum(dtype=np.int64))
    header = write_records(folder / f"{name}{CLIPS.suffix}", CLIPS, form, counts, directory, packed)
    return ClipEntry(file=name, clips=counts[0], rows=counts[1], header=header)
