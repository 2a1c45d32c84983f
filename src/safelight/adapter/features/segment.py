"""A segment: sketches in a pair of files that never change.

`*.lists`: a header; the run of bytes that `lists` describes, in chunks of 4 MiB; the tags of the chunks.
`*.records`: a header; the directory with its tag; each record with its tag.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import memory
from safelight.adapter.disk import naming
from safelight.adapter.features import lists, records
from safelight.adapter.features.manifest import FeatureEntry
from safelight.adapter.features.records import RECORDS
from safelight.adapter.vault import container
from safelight.adapter.vault.container import HEAD, Form, Kind, Part, SealedFile
from safelight.adapter.vault.keys import MasterKey
from safelight.adapter.vault.records import Directory, RecordFile, write_records
from safelight.adapter.vault.seal import Data, Role
from safelight.model.errors import IndexCorruptError
from safelight.model.local import InvertedLists, Sketch

_LISTS = Kind(".lists", b"SLFLISTS", "features .lists")


class Segment:
    """An open segment. The directory is in memory, the lists are when they were asked for, records stay on disk."""

    def __init__(self, folder: Path, entry: FeatureEntry, key: MasterKey | None) -> None:
        """Open a pair of files. Raises IndexCorruptError, OSError."""
        self.entry = entry
        self.weights = np.ones(entry.pictures, np.int64)
        self._mutex = Lock()
        self._sections: dict[str, NDArray[Any]] | None = None
        self._length = lists.run_length(entry.pictures, entry.keypoints)
        self._lists = SealedFile(folder / f"{entry.file}.lists", _LISTS, entry.lists, key)
        try:
            self._chunks = -(-self._length // self._lists.chunk)
            self._lists.expect(HEAD + self._length + self._chunks * self._lists.tag)
            self._records = RecordFile(folder / f"{entry.file}.records", RECORDS, entry.records, key, entry.pictures)
        except BaseException:
            self._lists.close()
            raise
        self.directory = self._records.directory

    def lists(self, live: NDArray[np.bool_]) -> InvertedLists:
        """The searchable part, decrypted into memory of this process, or mapped. Raises IndexCorruptError."""
        return InvertedLists(**self._held(), live=live)

    def record(self, picture: int) -> Data:
        """The record of a sketch. Raises IndexCorruptError, StorageError."""
        return self._records.record(picture)

    def sketch(self, picture: int) -> Sketch:
        """A sketch, put together from its record and the lists. Raises IndexCorruptError, StorageError."""
        everywhere = np.ones(self.entry.pictures, np.bool_)
        return records.unpack(self.record(picture), picture, self.lists(everywhere))

    def verify(self) -> None:
        """Read every part of both files. Raises IndexCorruptError, StorageError."""
        self._held()
        for picture in range(self.entry.pictures):
            self.record(picture)

    def close(self) -> None:
        """Let go of the files; lists that somebody holds stay."""
        self._lists.close()
        self._records.close()
        self._sections = None

    def _held(self) -> dict[str, NDArray[Any]]:
        with self._mutex:
            if self._sections is None:
                with naming(self._lists.path):
                    run = self._decrypted() if self._lists.is_encrypted else self._mapped()
                run.flags.writeable = False
                sections = lists.views(run, self.entry.pictures, self.entry.keypoints)
                if not _is_sound(sections, self.entry):  # plain files may be of anybody's making
                    raise IndexCorruptError(path=self._lists.path, cause="lists that point outside of themselves")
                self._sections = sections
            return self._sections

    def _decrypted(self) -> NDArray[np.uint8]:
        run = memory.confidential(self._length)
        for number, (start, end), tag_at in self._places():
            part = self._lists.read(Role.CHUNK, number, self._chunks, HEAD + start, end - start, tag_at)
            run[start:end] = np.frombuffer(part, np.uint8)
        return run

    def _mapped(self) -> NDArray[np.uint8]:
        run = self._lists.mapped()[HEAD : HEAD + self._length]
        for number, (start, end), tag_at in self._places():
            self._lists.check(Role.CHUNK, number, self._chunks, run[start:end].data, tag_at)
        return run

    def _places(self) -> Iterator[tuple[int, tuple[int, int], int]]:
        """(number, first and last byte of the run, where the tag is) of each chunk."""
        for number, span in enumerate(_spans(self._length, self._lists.chunk)):
            yield number, span, HEAD + self._length + number * self._lists.tag


def _is_sound(sections: dict[str, NDArray[Any]], entry: FeatureEntry) -> bool:
    """Whether compiled code can follow every number in the lists."""
    starts, picture = sections["starts"], sections["picture"]
    return bool(
        starts[0] == 0
        and starts[-1] == entry.keypoints
        and (starts[1:] >= starts[:-1]).all()
        and (picture < entry.pictures).all()
    )


def write_segment(
    folder: Path, name: str, form: Form, run: NDArray[np.uint8], directory: Directory, packed: Iterable[Data]
) -> FeatureEntry:
    """Write and sync a segment of at least one sketch; its names are not synced. Raises OSError.

    Args:
        folder: where.
        name: of the files, without their endings.
        form: how.
        run: the lists, of `lists.build`.
        directory: a row for each sketch.
        packed: the records, in its order.
    """
    counts = len(directory), int(directory["keypoints"].sum())
    spans = _spans(len(run), form.chunk)
    chunks: list[Part] = [(Role.CHUNK, n, len(spans), run[start:end].data) for n, (start, end) in enumerate(spans)]
    lists_digest = container.write(folder / f"{name}.lists", _LISTS, form, counts, chunks, tags_last=True)
    records_digest = write_records(folder / f"{name}.records", RECORDS, form, counts, directory, packed)
    return FeatureEntry(file=name, pictures=counts[0], keypoints=counts[1], lists=lists_digest, records=records_digest)


def _spans(length: int, chunk: int) -> list[tuple[int, int]]:
    return [(start, min(start + chunk, length)) for start in range(0, length, chunk)]
