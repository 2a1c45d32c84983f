"""A file of records: a directory with a row for each of them, in memory, and the records, which stay on disk.

After the header come the directory with its tag, then each record with its tag.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.disk import naming
from safelight.adapter.vault import container
from safelight.adapter.vault.container import HEAD, Form, Kind, Part, SealedFile
from safelight.adapter.vault.keys import MasterKey
from safelight.adapter.vault.seal import Data, Role

Directory = NDArray[np.void]
"""Structured rows; their field `entry`, int64, is the id of the entry that a record is of."""


@dataclass(frozen=True, slots=True)
class RecordKind(Kind):
    """A kind of file of records. `row`: type of the directory's rows. `lengths`: bytes of each record, int64."""

    row: "np.dtype[np.void]"
    lengths: Callable[[Directory], NDArray[np.int64]]


class RecordFile:
    """An open file of records. Several threads may read from it at once."""

    def __init__(self, path: Path, kind: RecordKind, digest: str, key: MasterKey | None, count: int) -> None:
        """Open the file of `count` records whose header has that SHA-256. Raises IndexCorruptError, OSError."""
        self._count = count
        self._file = SealedFile(path, kind, digest, key)
        try:
            size = count * kind.row.itemsize
            self.directory: Directory = np.frombuffer(self._file.read(Role.DIRECTORY, 0, count, HEAD, size), kind.row)
            self.lengths = kind.lengths(self.directory)
            first = HEAD + size + self._file.tag
            self.starts = first + np.append(0, np.cumsum(self.lengths + self._file.tag))
            self._file.expect(int(self.starts[-1]))
        except BaseException:
            self._file.close()
            raise

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._file.path

    def record(self, number: int) -> Data:
        """One record. Raises IndexCorruptError, StorageError."""
        with naming(self.path):
            start, length = int(self.starts[number]), int(self.lengths[number])
            return self._file.read(Role.RECORD, number, self._count, start, length)

    def close(self) -> None:
        """Let go of the file; the directory stays."""
        self._file.close()


def write_records(
    path: Path, kind: RecordKind, form: Form, counts: tuple[int, int], directory: Directory, packed: Iterable[Data]
) -> str:
    """Write and sync a file of records; its name is not synced. Return the SHA-256 of its header. Raises OSError.

    Args:
        path: where.
        kind: what.
        form: how.
        counts: see `container.write`.
        directory: a row for each record.
        packed: the records, in its order, as long as `kind.lengths` says.
    """
    total = len(directory)

    def parts() -> Iterator[Part]:
        yield Role.DIRECTORY, 0, total, directory.tobytes()
        for number, record in enumerate(packed):
            yield Role.RECORD, number, total, record

    return container.write(path, kind, form, counts, parts(), tags_last=False)
