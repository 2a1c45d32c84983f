"""The index of one bank as a reader sees it."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.disk import naming, storage_error
from safelight.adapter.index import delta, manifest
from safelight.adapter.index.delta import Delta
from safelight.adapter.index.manifest import Manifest, SegmentEntry
from safelight.adapter.index.segment import Segment, open_segment, verify
from safelight.match.hamming import as_words, frozen, radius_search
from safelight.match.mih import MAX_RADIUS, permute
from safelight.model.bank import HashChange
from safelight.model.errors import IndexCorruptError, StorageError
from safelight.ports import Hits

NO_HITS = Hits(*[frozen(np.empty(0, np.int64))] * 3)
NOTHING = Manifest(generation=0, built_to=0, live=0, log="")

_TRIES = 20  # a state may be replaced while it is being opened; so many in a row means something else


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An open segment and the rows of it (uint32, ascending) that no longer count."""

    segment: Segment
    dead: NDArray[np.uint32]

    @property
    def live(self) -> int:
        """Number of rows that count."""
        return self.segment.rows - len(self.dead)

    def hits(self, queries: NDArray[np.uint64], radius: int, touched: NDArray[np.int64]) -> Hits:
        """Live hits of permuted queries, leaving out the ids in `touched`."""
        found = self.segment.search(queries, radius)
        if not len(found.row):
            return NO_HITS
        hits = Hits(found.query, self.segment.ids_of(found.row), found.distance)
        if len(self.dead) or len(touched):
            kept = ~(among(found.row, self.dead) | among(hits.hash_id, touched))
            hits = Hits(hits.query[kept], hits.hash_id[kept], hits.distance[kept])
        return hits


class FileIndex:
    """One bank's index, open for reading: `ports.HashIndex`.

    A search sees every change that a writer, in this process or another, had made when the search began. Several
    threads may search at once, each without the interpreter's lock. An index whose folder is not there is empty until
    somebody writes it.
    """

    def __init__(self, folder: Path, *, resident: bool = False) -> None:
        self.folder = folder
        self._resident = resident
        self._mutex = Lock()
        self._closed = False
        self._manifest_path = str(folder / manifest.NAME)
        self._manifest = NOTHING
        self._manifest_file: int | None = None
        self._identity = (0, 0)  # device and number of that file
        self._log_file: int | None = None
        self._log_end = delta.HEAD
        self._delta = Delta(0, 0)
        self._held: tuple[Held, ...] = ()
        with self._mutex:
            self._refresh()

    @property
    def built_to(self) -> int:
        """Number of the last history step that this index holds."""
        with self._mutex:
            self._refresh()
            return self._delta.built_to

    def __len__(self) -> int:
        """Number of live hashes."""
        with self._mutex:
            self._refresh()
            return self._delta.live

    def apply(self, changes: Sequence[HashChange]) -> None:
        """Refused: this index is open for reading. Raises StorageError."""
        raise StorageError(path=self.folder, cause=f"{len(changes)} changes for an index that is open for reading only")

    def search(self, queries: NDArray[np.uint8], radius: int) -> Hits:
        """Every live hash within `radius` (0-40) of each query. `queries`: uint8, shape (n, 32).

        Raises IndexCorruptError; ValueError for other radii, types and shapes.
        """
        if not 0 <= radius <= MAX_RADIUS:
            raise ValueError(f"a radius is 0 to {MAX_RADIUS}, not {radius}")
        words = permute(as_words(queries))
        with self._mutex:
            self._refresh()
            held, recent = self._held, self._delta.recent()
        found = [part.hits(words, radius, recent.touched) for part in held]
        if len(recent.ids):
            near = radius_search(words, recent.codes, radius)
            found.append(Hits(near.query, recent.ids[near.row], near.distance))
        return joined([hits for hits in found if len(hits.query)])

    def make_resident(self) -> None:
        """Copy the tables, now and when they change, into memory of this process, on huge pages where there are any.

        For processes that live long and search much; the memory is no longer shared, and a new segment is copied by the
        search that first meets it. docs/benchmarks.md says what it gains.
        """
        with self._mutex:
            self._resident = True
            self._held = tuple(replace(part, segment=part.segment.resident()) for part in self._held)

    def verify(self) -> None:
        """Read all files of the present state and compare them with their checksums.

        Raises IndexCorruptError; StorageError, also when a writer merges at the same time.
        """
        with self._mutex:
            self._refresh()
            held, state, batches = self._held, self._manifest, self._delta.batches
        for part in held:
            with naming(part.segment.path):
                verify(part.segment)
        with naming(self.folder):
            read_dead(self.folder, state)
            if state.log:
                log = self.folder / state.log
                records, _torn = delta.decode(log.read_bytes()[delta.HEAD :], 0, state.generation)
                if ((records["flags"] & delta.LAST) > 0).sum() < batches:
                    raise IndexCorruptError(path=log, cause="a record is damaged")

    def close(self) -> None:
        """Let go of files and memory."""
        with self._mutex:
            self._closed = True
            self._forget()

    def _refresh(self) -> None:
        """Take up what writers have done since: another manifest, or more records in the log."""
        if self._closed:
            raise ValueError("this index was closed")
        path = self.folder / manifest.NAME
        for _ in range(_TRIES):
            try:
                present = os.stat(self._manifest_path)  # noqa: PTH116  half the time of Path.stat, in every search
                # The manifest in use is kept open, so that no other file can have its number.
                if (present.st_dev, present.st_ino) != self._identity:
                    self._load(path)
                self._read_log()
            except FileNotFoundError:
                if not path.exists():
                    self._forget()
                    return
                # Else the state was replaced, and its files removed, while it was being opened.
            except OSError as error:
                raise storage_error(path, error) from error
            else:
                return
        raise IndexCorruptError(path=path, cause="files that it names are missing")

    def _load(self, path: Path) -> None:
        """Open the state that the manifest names; nothing of `self` changes unless all of it could be opened."""
        opened = {(part.segment.path.name, part.segment.crc): part.segment for part in self._held}
        with ExitStack() as undo:
            manifest_file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            undo.callback(os.close, manifest_file)
            state = manifest.parse(path, delta.read(manifest_file, 0))
            log_file = os.open(self.folder / state.log, os.O_RDONLY | os.O_CLOEXEC)
            undo.callback(os.close, log_file)
            if os.pread(log_file, delta.HEAD, 0) != delta.head(state.generation):
                raise IndexCorruptError(path=self.folder / state.log, cause="not the log that the manifest names")
            segments = [opened.get((entry.file, entry.crc)) or self._open(entry) for entry in state.segments]
            dead = read_dead(self.folder, state)
            undo.pop_all()
        self._forget()
        self._manifest, self._manifest_file, self._log_file = state, manifest_file, log_file
        status = os.fstat(manifest_file)
        self._identity = status.st_dev, status.st_ino
        self._delta = Delta(state.built_to, state.live)
        self._held = tuple(Held(segment, rows) for segment, rows in zip(segments, dead, strict=True))

    def _open(self, entry: SegmentEntry) -> Segment:
        segment = open_segment(self.folder / entry.file, entry.rows, entry.crc)
        return segment.resident() if self._resident else segment

    def _read_log(self) -> None:
        """Take in the whole batches that were added to the log."""
        assert self._log_file is not None
        for last_try in (False, True):
            if os.fstat(self._log_file).st_size == self._log_end:
                return
            data = delta.read(self._log_file, self._log_end)
            records, damaged = delta.decode(data, self._delta.batches, self._manifest.generation)
            if not damaged:
                break
            if last_try:  # the first time, a writer may have been at work between two pieces that were read
                raise IndexCorruptError(path=self.folder / self._manifest.log, cause="a record is damaged")
        if len(records):
            self._delta.extend(records)
            self._log_end += len(records) * delta.SIZE

    def _forget(self) -> None:
        """Be an index that nobody has written."""
        for file in (self._manifest_file, self._log_file):
            if file is not None:
                os.close(file)
        self._manifest, self._manifest_file, self._log_file = NOTHING, None, None
        self._identity = (0, 0)
        self._held, self._delta, self._log_end = (), Delta(0, 0), delta.HEAD


def read_dead(folder: Path, state: Manifest) -> list[NDArray[np.uint32]]:
    """The dead rows of each segment, ascending: little-endian uint32, one segment after the other in one file."""
    ends = np.cumsum([entry.dead for entry in state.segments], dtype=np.int64)
    if not state.dead:
        return [np.empty(0, np.uint32) for _ in state.segments]
    data = (folder / state.dead).read_bytes()
    if crc32(data) != state.dead_crc or len(data) != ends[-1] * 4:
        raise IndexCorruptError(path=folder / state.dead, cause="not the file that the manifest names")
    return np.split(np.frombuffer(data, "<u4"), ends[:-1])


def among(values: NDArray[np.int64], ascending: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which of `values` are in `ascending`; values that its type cannot hold must not come."""
    if not len(ascending):
        return np.zeros(len(values), np.bool_)
    wanted = values.astype(ascending.dtype)  # else numpy would convert the other, which may be long
    place = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    same: NDArray[np.bool_] = ascending[place] == wanted
    return same


def joined(found: Sequence[Hits]) -> Hits:
    """One result of several, each sorted by (query, distance, hash_id), as is the whole."""
    if len(found) == 1:
        return found[0]
    if not found:
        return NO_HITS
    query = np.concatenate([hits.query for hits in found])
    hash_id = np.concatenate([hits.hash_id for hits in found])
    distance = np.concatenate([hits.distance for hits in found])
    order = np.lexsort((hash_id, distance, query))
    return Hits(query[order], hash_id[order], distance[order])
