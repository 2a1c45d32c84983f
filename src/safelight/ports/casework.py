"""Cases, items, the log, and media as evidence."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol, runtime_checkable

from safelight.model.audit import Consistency, Flaw, Inclusion, LoggedEvent, SignedHead, TreeHead
from safelight.model.case import Body, Case, CaseState, Draft
from safelight.model.scan import Examination
from safelight.model.service import Blob, Item, VaultStatus
from safelight.ports.examining import ExamineJob, Known, Wanted


class Ids(Protocol):
    """Names for new things."""

    def new(self) -> str:
        """A name that was never given before: lower-case UUID version 7 (RFC 9562), which sorts by time."""
        ...


class CaseStore(Protocol):
    """The log of events, and what is folded from it: cases and items to be found and listed.

    The log is the source of truth; all else can be made from it again. All errors are of `model.errors`.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """All that is done within is done at once or not at all. May be nested."""
        ...

    def append(self, drafts: Sequence[Draft], expect: int | None = None) -> list[LoggedEvent]:
        """Take events in, durably, all or none; numbered and chained in the order given.

        `expect`: the length that the case of the drafts must have, so that nobody acts on a case that others have
        changed meanwhile. Raises ConflictError then, TransitionError for what the case does not allow.
        """
        ...

    def case(self, case: str) -> Case:
        """A case as it is now, by its entries in the log, whatever else is kept of it. Raises UnknownCaseError.

        So does `case_of_family`; lists of cases may come from what is kept beside the log, and nothing acts on these.
        """
        ...

    def events(self, case: str, after: int = 0) -> list[LoggedEvent]:
        """The events of a case but for its first `after`, in order. Raises UnknownCaseError when there are none."""
        ...

    def log(self, after: int, limit: int, kinds: Collection[type[Body]] = ()) -> list[LoggedEvent]:
        """The next events of the whole log after position `after` (-1 for the beginning), at most `limit`.

        `kinds`: only events of these; none: of all.
        """
        ...

    def of_cases(self, cases: Collection[str], kinds: Collection[type[Body]]) -> dict[str, list[LoggedEvent]]:
        """The events of these kinds of several cases, by case, in order; cases without any are left out."""
        ...

    def told(self, begin: datetime, end: datetime, after: int = -1, limit: int = 100) -> list[LoggedEvent]:
        """The next statements of reasons (`StatementMade`) of this time, `begin` included, after position `after`.

        What lies outside of that time is not read: it costs next to nothing.
        """
        ...

    def cases(
        self, states: Sequence[CaseState] = (), queue: str | None = None, after: str = "", limit: int = 100
    ) -> list[Case]:
        """Cases by id, oldest first, after that of id `after`; of these states (none: of all) and that queue."""
        ...

    def waiting(self, queues: Sequence[str], limit: int) -> list[Case]:
        """Open cases of these queues (none: of all), the highest priority first, then the oldest."""
        ...

    def agreed(self, after: str = "", limit: int = 100) -> list[Case]:
        """Cases by id after that one, with something that two people agreed on and that is not done yet."""
        ...

    def owing(self, after: tuple[datetime, str] | None = None, limit: int = 100) -> list[tuple[datetime, Case]]:
        """Cases with open duties, by what `case.fold.first_due` says of them and then by id, after that place.

        Each with that time as it is kept: with the case's id the place from which to go on.
        """
        ...

    def due_before(self, at: datetime) -> int:
        """How many cases have an open duty that is due before then, as `case.fold.first_due` has it."""
        ...

    def case_of_family(self, family: str) -> Case | None:
        """The case, open or not, that is about this family; merged ones left out."""
        ...

    def item(self, item: str) -> Item:
        """An item. Raises UnknownItemError."""
        ...

    def put_item(self, item: Item) -> None:
        """Keep an item, in place of the one of its id if there is one."""
        ...

    def items(self, after: str = "", limit: int = 100, sha256: str | None = None) -> list[Item]:
        """Items by id, oldest first, after that of id `after`; with `sha256`, of these bytes alone."""
        ...

    def came(self, year: int) -> Counter[tuple[str, str | None]]:
        """How many items came in a year (UTC), by source and by what comparing said of them (None: nothing yet)."""
        ...

    def head(self) -> TreeHead:
        """The tree over the whole log as it is now."""
        ...

    def inclusion(self, position: int, size: int) -> Inclusion:
        """The proof for one entry in the tree over the first `size`."""
        ...

    def consistency(self, first: int, second: int) -> Consistency:
        """The proof that the tree over the first `first` entries is the beginning of that over `second`."""
        ...

    def projection_flaws(self) -> list[Flaw]:
        """What is wrong with the log as it is stored, and where cases and the tree are not what it says."""
        ...

    def put_head(self, head: SignedHead) -> None:
        """Keep a signed head."""
        ...

    def heads(self, limit: int = 100) -> list[SignedHead]:
        """Signed heads, the newest first."""
        ...


class BlobStore(Protocol):
    """Sealed bytes under names; knows nothing of what they are. Files, or S3."""

    def put(self, name: str, parts: Iterable[bytes]) -> int:
        """Keep bytes under a new name, durably, whole or not at all; return how many. Raises StorageError."""
        ...

    def get(self, name: str) -> AbstractContextManager[BinaryIO]:
        """The bytes, to be read once, in order. Raises UnknownBlobError, StorageError."""
        ...

    def delete(self, name: str) -> None:
        """Remove them; nothing happens where there are none."""
        ...

    def names(self) -> Iterator[str]:
        """All names, in any order; of what was interrupted while it was put, none."""
        ...

    def sweep(self, before: datetime) -> int:
        """Remove what is left of interrupted puts that began before that time; return how many."""
        ...

    def check(self) -> None:
        """Return when it can be used. Raises StorageError."""
        ...


@runtime_checkable
class KeyWrap(Protocol):
    """The key-encryption key: in a file, in the environment, or behind a key-management service."""

    id: str
    """Says which key it is, and nothing about it."""

    def wrap(self, key: bytes) -> bytes:
        """A data key of 32 bytes, wrapped. Raises VaultKeyError."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """What was wrapped. Raises VaultKeyError for what this key did not wrap."""
        ...


class EvidenceVault(Protocol):
    """Media, encrypted, once for each content, verified when it is read. Plain bytes never touch a disk."""

    def put(self, plain: BinaryIO, mime: str) -> Blob:
        """Keep all that `plain` gives; the blob that is there already when the content is. Raises StorageError.

        `seal` and `admit` in one.
        """
        ...

    def seal(self, plain: BinaryIO, mime: str) -> Blob:
        """Encrypt and keep all that `plain` gives, durably, without a record: nobody finds it, and `sweep` removes it.

        It takes as long as there are bytes, so it belongs before a transaction. Raises StorageError, VaultKeyError.
        """
        ...

    def admit(self, sealed: Blob) -> Blob:
        """Record what was sealed; the blob that is there already when the content is, and the sealed bytes go.

        Until the end of the transaction that this is called in, nobody destroys it. Raises StorageError.
        """
        ...

    def lock(self, blob: str) -> None:
        """Until the end of the transaction, nobody else admits or destroys this content; nothing where it is gone."""
        ...

    def read(self, blob: str) -> AbstractContextManager[BinaryIO]:
        """The plain bytes as an open file in anonymous memory, verified as a whole against their digest before.

        Raises UnknownBlobError, EvidenceDamagedError, VaultKeyError.
        """
        ...

    def blob(self, blob: str) -> Blob:
        """What is known of a blob, also when its media is destroyed. Raises UnknownBlobError."""
        ...

    def destroy(self, blob: str) -> Blob:
        """Destroy its data key, then its bytes; idempotent. What is left is the record without key."""
        ...

    def rewrap(self, say: Callable[[int, int], None]) -> int:
        """Wrap all data keys with the current key-encryption key; return how many were not. `say`: done, of all."""
        ...

    def sweep(self, before: datetime) -> int:
        """Remove sealed bytes that no record names and that are older; return how many."""
        ...

    def check(self, blob: str) -> None:
        """Verify a blob as `read` does, but in the memory of a few frames; a destroyed one is whole.

        Raises UnknownBlobError, EvidenceDamagedError, VaultKeyError.
        """
        ...

    def blobs(self, after: str = "", limit: int = 100) -> list[Blob]:
        """Blobs by id, oldest first, after that of id `after`; destroyed ones too."""
        ...

    def status(self) -> VaultStatus:
        """How much there is, and which keys wrap it."""
        ...


class StandingExaminer(Protocol):
    """Confined decoders that stay: files are handed in one by one, from any thread."""

    def examine(
        self, file: BinaryIO, job: ExamineJob, known: Known | None = None, wanted: Wanted | None = None
    ) -> "Future[list[Examination]]":
        """Examine an open file (`job.path` is not opened): its examinations, archive members before the archive.

        `known` and `wanted` are called in the examiner's own thread, and must be quick. Raises BusyError at once when
        too many files wait already.
        """
        ...

    def close(self) -> None:
        """End all processes; what waits fails with SandboxError."""
        ...
