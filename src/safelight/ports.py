"""What the flows ask of the outside world. Adapters implement these; tests/contract runs one suite over each."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from safelight.model.bank import BadRow, Bank, BankEntry, HashChange, KnownHash, ListNote
from safelight.model.comparison import ComparedPictures, Comparison
from safelight.model.family import DerivationEdge, FamilyMember, Lead, Relations
from safelight.model.fingerprint import Digests
from safelight.model.local import InvertedLists, LocalRequest, Sketch
from safelight.model.scan import Examination, ScanRow, ScanSummary


class Clock(Protocol):
    """The time, as the flows see it."""

    def now(self) -> datetime:
        """The current moment, timezone-aware, UTC."""
        ...


class BankStore(Protocol):
    """Banks and their entries; the source of truth from which the index is built.

    Every PDQ hash that comes or goes gets the next number of its bank's history, so that an index can ask for what
    it has not seen. Names, not ids, are used towards people. All errors are of `model.errors`.
    """

    def create(self, bank: Bank) -> Bank:
        """Store a new bank (its `id` is ignored) and return it. Raises BankExistsError."""
        ...

    def banks(self) -> list[Bank]:
        """All banks by name, each with its number of entries."""
        ...

    def bank(self, name: str) -> Bank:
        """The bank of that name. Raises UnknownBankError."""
        ...

    def update(self, bank: Bank) -> Bank:
        """Store changed settings of `bank.id`."""
        ...

    def delete(self, bank: Bank) -> None:
        """Remove a bank with all its entries."""
        ...

    def add(self, bank: Bank, entries: Iterable[BankEntry]) -> tuple[int, int]:
        """Add entries in batches, durably; return (added, already present by name). Streams: memory is bounded."""
        ...

    def remove(self, bank: Bank, names: Sequence[str]) -> None:
        """Remove entries. Raises UnknownEntryError for the first name that is not there, removing none."""
        ...

    def entries(self, bank: Bank) -> Iterator[BankEntry]:
        """All entries of a bank in the order they came, streamed."""
        ...

    def entry(self, bank: Bank, name: str) -> BankEntry:
        """One entry by its name, expired or not. Raises UnknownEntryError."""
        ...

    def entry_ids(self, bank: Bank, names: Collection[str]) -> dict[str, int]:
        """The ids of the bank's entries of these names, expired or not (names that are not there are left out)."""
        ...

    def existing(self, bank: Bank, ids: Collection[int]) -> set[int]:
        """Those of these ids that are entries of the bank, expired or not."""
        ...

    def by_entry_ids(self, ids: Collection[int]) -> dict[int, BankEntry]:
        """The live entries of these ids, of any bank (ids that are gone or expired are left out)."""
        ...

    def by_hash_ids(self, ids: Sequence[int]) -> dict[int, tuple[BankEntry, KnownHash]]:
        """The live entries that hold these hash ids (ids that are gone are left out)."""
        ...

    def by_digests(self, banks: Sequence[Bank], digests: Digests) -> list[tuple[Bank, BankEntry, KnownHash]]:
        """Each agreement of a live entry of these banks with one of the digests: one with two of them comes twice."""
        ...

    def changes(self, bank: Bank, after: int, limit: int) -> list[HashChange]:
        """The next steps of the bank's history after number `after`, oldest first, at most `limit`."""
        ...

    def last_change(self, bank: Bank) -> int:
        """Number of the newest step of the bank's history, 0 when there is none."""
        ...


class FamilyStore(Protocol):
    """Edges and leads between files that scans saw and entries of banks, and the paths where the files were.

    Items are named by their identities (see `model.family`). All errors are of `model.errors`.
    """

    def record(self, relations: Iterable[Relations], scan: datetime) -> None:
        """Keep what the scan that began at `scan` found, durably, in batches; telling it again changes nothing.

        Of edges that join the same pair in the same way, and of leads, the evidence told last stays.
        """
        ...

    def component(self, identities: Iterable[str]) -> list[DerivationEdge]:
        """Every edge that can be reached from these items over edges, each once, in no particular order."""
        ...

    def leads(self, identities: Iterable[str]) -> list[Lead]:
        """Every lead from or to one of these items, each once, in no particular order."""
        ...

    def members(self, identities: Iterable[str], sightings: int) -> dict[str, FamilyMember]:
        """Those of these files that are kept, each with its newest `sightings`, named by the first of them."""
        ...

    def named(self, family: str) -> str | None:
        """The entry that a family of this id is named after, None when it is not kept."""
        ...

    def forget(self, identities: Iterable[str]) -> None:
        """Remove items with their edges, leads and sightings, and the files that nothing is left to say of."""
        ...

    def forget_bank(self, bank: str) -> None:
        """Forget every entry of a bank."""
        ...


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


@dataclass(frozen=True, slots=True)
class ExamineJob:
    """One top-level file for the examiner.

    `key` comes back with each result. `path` is opened by the parent as it is (it may hold undecodable bytes as
    surrogates); `name` is what results call the file: printable UTF-8. `local`: how to take local features, tile
    hashes and the working picture, with keypoints where `Examiner.run`'s `wanted` says so; None for not at all.
    `pixels`: longest side of the RGB picture to hand over with each result, 0 for none.
    """

    key: int
    path: str
    name: str
    thumbnail: bool = False
    local: LocalRequest | None = None
    pixels: int = 0


@dataclass(frozen=True, slots=True)
class Examined:
    """One result. `member` counts the examinations of one job from 0; `last` marks the job's final one."""

    key: int
    member: int
    examination: Examination
    last: bool


Known = Callable[[int, Digests], bool]
"""Told a job's key and the digests of a file in it, says whether these bytes need not be decoded again."""

Wanted = Callable[[int, Examination], bool]
"""Told a job's key and what is known of a picture in it, tile hashes included: are its keypoints needed, too?"""


class Examiner(Protocol):
    """Examines untrusted files in confined workers. A crash, hang or bomb becomes that file's result."""

    def run(
        self, jobs: Iterable[ExamineJob], known: Known | None = None, wanted: Wanted | None = None
    ) -> AbstractContextManager[Iterator[Examined]]:
        """Results as they come: members of one job in order, jobs in any order. `jobs` is read lazily.

        `known(key, digests)` is asked before a file of job `key` is decoded; True means "digests are enough".
        `wanted(key, examination)` is asked of each decoded picture of a job with `local`, also of one that has no hash,
        and perhaps again after a crash; None means that all are.
        """
        ...

    @property
    def confinement(self) -> dict[str, str]:
        """What holds the workers (rlimits, Landlock, seccomp), as `ScanSummary.confinement`; known once one is up."""
        ...


class ScanJournal(Protocol):
    """The state of one scan on disk: what is to be done, what is done, and every row. Survives kill -9."""

    def begin(self, plan: str) -> bool:
        """Start the scan described by `plan` (any text), or take it up again: True when it had begun before.

        Raises ScanStateError when the journal is of another plan.
        """
        ...

    def list_files(self, paths: Iterable[str]) -> None:
        """Store the paths to examine, once; when they are stored already, nothing is read from `paths`."""
        ...

    def progress(self) -> tuple[int, int]:
        """(files done, files listed)."""
        ...

    def pending(self) -> Iterator[tuple[int, str]]:
        """(key, path) of the files not done, in order, read lazily."""
        ...

    def put(self, key: int, member: int, row: ScanRow, *, last: bool) -> None:
        """Keep one row; `last` marks its file as done."""
        ...

    def path(self, key: int) -> str:
        """The path of a listed file."""
        ...

    def find(self, sha256: str) -> tuple[int, ScanRow] | None:
        """The first row, with the key of its file, that was kept for these bytes and to which nothing was lacking.

        That is one of status `ok` or `unsupported` without an error.
        """
        ...

    def commit(self) -> None:
        """Make all that was put survive a crash."""
        ...

    def add_run(self, started: datetime, seconds: float) -> None:
        """Note one run of this scan and its length, added up over commits."""
        ...

    def runs(self) -> tuple[datetime, int, float]:
        """(start of the first run, number of runs, seconds over all)."""
        ...

    def rows(self) -> Iterator[ScanRow]:
        """All rows in listing order, `duplicate_of` set on each but the first of the same bytes."""
        ...

    def discard(self) -> None:
        """Close and remove the journal: the outputs are written."""
        ...

    def close(self) -> None:
        """Commit and close, to be taken up again later."""
        ...


class ScanOutputs(Protocol):
    """Where a finished scan's rows and summary go."""

    def write(self, rows: Callable[[], Iterator[ScanRow]], summary: ScanSummary) -> dict[str, str]:
        """Write all outputs, each whole or not at all; return their paths by name. `rows` may be called repeatedly."""
        ...


class Masks(Protocol):
    """Where the masks of altered regions go."""

    def put(self, name: str, mask: NDArray[np.bool_]) -> str:
        """Write a mask, shape (height, width), as a PNG, white where it is True; the same name overwrites.

        Returns its path relative to the scan's output folder. Raises StorageError.
        """
        ...


class Progress(Protocol):
    """Tells a person how far a long job is."""

    def start(self, total: int, done: int) -> None:
        """`done` of `total` files are behind us."""
        ...

    def advance(self, files: int, size: int, found: int) -> None:
        """`files` more files of `size` bytes together, `found` matches among their rows."""
        ...


class ListReader(Protocol):
    """Reads hash lists of every format that banks are shared in."""

    def __call__(
        self, stream: BufferedReader, path: str, form: str = "auto", source: str = ""
    ) -> Iterator[BankEntry | BadRow | ListNote]:
        """The rows of a list, streamed: entries, rows that cannot be used, and notes on the list as a whole.

        `path` is what errors call the list, `source` the source of entries that state none. Raises UsageError (no such
        format) and, also while reading, ImportFormatError.
        """
        ...


class ListWriter(Protocol):
    """Writes hash lists."""

    def __call__(self, entries: Iterable[BankEntry], stream: BinaryIO, form: str) -> int:
        """Write entries, streamed; return how many of them the format could hold. Raises UsageError."""
        ...


class Signer(Protocol):
    """Signs with an Ed25519 key that its user keeps."""

    @property
    def public_key(self) -> str:
        """The key to check signatures with: PEM, SubjectPublicKeyInfo."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key's DER form, lower-case hexadecimal."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: 64 bytes."""
        ...


class ComparisonOutputs(Protocol):
    """Where a comparison and its report go."""

    def check(self) -> None:
        """Raise InputError when the place holds something that is no comparison, or leads elsewhere."""
        ...

    def write(self, comparison: Comparison, pictures: ComparedPictures, signer: Signer | None) -> dict[str, str]:
        """Write all files, each whole or not at all; return their paths by name.

        Raises InputError when a comparison of other files is there, StorageError when writing fails.
        """
        ...
