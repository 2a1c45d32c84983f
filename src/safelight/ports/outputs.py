"""What a job leaves behind, reads and tells: journals, results, lists, progress, seals."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from io import BufferedReader
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from safelight.model.bank import BadRow, BankEntry, ListNote
from safelight.model.comparison import Compared, Comparison
from safelight.model.maps import Maps
from safelight.model.scan import ScanRow, ScanSummary
from safelight.model.signal import Prompt, Signal


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


class ExaminerPage(Protocol):
    """Where the examiner's page of a picture goes."""

    def write(self, maps: Maps, signals: Sequence[Signal], name: str, sha256: str, made: datetime) -> str:
        """Write the page and its maps; returns where it is. Raises InputError, StorageError."""
        ...


class Prompts(Protocol):
    """Where the prompts go that files carry: apart from all other results, for those alone who need them."""

    def clear(self) -> None:
        """Remove what an earlier scan kept. Raises StorageError."""
        ...

    def keep(self, media: str, sha256: str, prompts: Sequence[Prompt]) -> bool:
        """Keep the prompts of the file at path `media`, which has this digest, in place of earlier ones.

        False where there is no more room. Raises StorageError.
        """
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

    def write(self, comparison: Comparison, pictures: Compared, signer: Signer | None) -> dict[str, str]:
        """Write all files, each whole or not at all; return their paths by name.

        Raises InputError when a comparison of other files is there, StorageError when writing fails.
        """
        ...
