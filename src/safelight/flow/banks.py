"""Keeping banks: make, fill from lists, export, change, remove; and bringing the index up with the store.

Listing banks and showing one are the store's own `banks()` and `bank(name)`.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from safelight.flow.walk import display
from safelight.model.bank import BadRow, Bank, BankEntry, ImportReport, ListNote
from safelight.model.errors import ImportFormatError, InputError, StorageError, UsageError
from safelight.model.family import entry_identity
from safelight.ports import BankStore, ClipRoom, FamilyStore, FeatureRoom, IndexRoom, ListReader, ListWriter, Shortlist

MAX_THRESHOLD = 40
"""Largest PDQ distance that the index answers exactly."""
KEPT_BAD_ROWS = 100
"""Bad rows that an import report holds; all go to `on_bad`."""
PAGE = 100_000
"""Steps of history that the index takes in at once."""

_BUFFER = 1 << 16
_PROGRESS_ROWS = 4096
_NAME = re.compile(r"\w[\w.-]{0,99}")

OnProgress = Callable[[int, int, int], None]
"""Told (rows read, bytes read, bytes in all) now and then; the last is 0 when it is not known."""


def create_bank(
    store: BankStore,
    name: str,
    *,
    threshold: int = 31,
    min_quality: int = 50,
    negative: bool = False,
    description: str = "",
    local: bool = True,
) -> Bank:
    """Make an empty bank.

    Raises:
        UsageError: a name or an option that cannot be used.
        BankExistsError: a bank of that name is there.
    """
    bank = Bank(0, name, threshold, min_quality, negative=negative, description=description, local=local)
    return store.create(_checked(bank))


def change_bank(
    store: BankStore,
    name: str,
    *,
    threshold: int | None = None,
    min_quality: int | None = None,
    enabled: bool | None = None,
    negative: bool | None = None,
    description: str | None = None,
    local: bool | None = None,
) -> Bank:
    """Change the options that are given; disabling a bank is `enabled=False`.

    Raises:
        UsageError: an option that cannot be used.
        UnknownBankError: no bank of that name.
    """
    bank = store.bank(name)
    changed = replace(
        bank,
        threshold=bank.threshold if threshold is None else threshold,
        min_quality=bank.min_quality if min_quality is None else min_quality,
        enabled=bank.enabled if enabled is None else enabled,
        negative=bank.negative if negative is None else negative,
        description=bank.description if description is None else description,
        local=bank.local if local is None else local,
    )
    return store.update(_checked(changed))


def delete_bank(
    store: BankStore,
    room: IndexRoom,
    features: FeatureRoom,
    families: FamilyStore,
    name: str,
    shortlists: Iterable[Shortlist] = (),
    clips: ClipRoom | None = None,
) -> None:
    """Remove a bank: entries, index, local features and clips, what shortlists keep of it, its part in families.

    Raises UnknownBankError, PluginError.
    """
    bank = store.bank(name)
    for shortlist in shortlists:  # first: of all that is interrupted here, these must not be left behind
        shortlist.drop(bank.id)
    features.drop(bank)
    if clips is not None:
        clips.drop(bank)
    families.forget_bank(bank.name)
    store.delete(bank)
    room.drop(bank)


def import_list(
    store: BankStore,
    room: IndexRoom,
    read: ListReader,
    name: str,
    path: Path,
    *,
    form: str = "auto",
    source: str | None = None,
    on_progress: OnProgress | None = None,
    on_bad: Callable[[BadRow], None] | None = None,
) -> ImportReport:
    """Add the entries of a hash list to a bank, as a stream; an interrupted import can simply be repeated.

    Args:
        store: where the bank is.
        room: where its index is; it is brought up to date at the end.
        read: reads lists.
        name: the bank.
        path: the list.
        form: its format, or `auto` to tell it by content.
        source: what entries that state no source get; by default the list's file name.
        on_progress: told how far the import is.
        on_bad: told of each row that was passed over.

    Raises:
        UnknownBankError, UsageError: no such bank or format.
        InputError: the list cannot be opened or read.
        ImportFormatError: the list as a whole cannot be read; what came before a break is kept, and its number told.
        StorageError: the store or the index cannot be written; what was committed before is kept.
    """
    bank = store.bank(name)
    with _opened(path) as stream:
        rows = _ListRows(stream, on_progress, on_bad)
        shown = display(path.name) if source is None else source
        added, present = store.add(bank, rows.entries(read(stream, display(str(path)), form, shown)))
    sync_index(store, room, bank)
    if rows.broken is not None:
        raise _told_with_count(rows.broken, path, rows.read, added)
    return ImportReport(rows.read, added, present, tuple(rows.bad), rows.bad_total, tuple(rows.notes))


def export_bank(store: BankStore, write: ListWriter, name: str, form: str, out: BinaryIO) -> tuple[int, int]:
    """Write a bank to an open stream; return (entries written, entries that the format cannot hold).

    Raises:
        UnknownBankError, UsageError: no such bank or format.
    """
    seen = 0

    def entries() -> Iterator[BankEntry]:
        nonlocal seen
        for entry in store.entries(store.bank(name)):
            seen += 1
            yield entry

    written = write(entries(), out, form)
    return written, seen - written


def export_bank_file(store: BankStore, write: ListWriter, name: str, form: str, path: Path) -> tuple[int, int]:
    """Write a bank to a file, whole or not at all; see `export_bank`. Raises StorageError when it cannot be written."""
    store.bank(name)
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            with part.open("wb") as out:
                counts = export_bank(store, write, name, form, out)
                out.flush()
                os.fsync(out.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(path=display(str(path)), cause=error.strerror or str(error)) from error
    return counts


def remove_entries(
    store: BankStore,
    room: IndexRoom,
    features: FeatureRoom,
    families: FamilyStore,
    name: str,
    entries: Sequence[str],
    shortlists: Iterable[Shortlist] = (),
    clips: ClipRoom | None = None,
) -> None:
    """Remove entries, all or none: local features and clips, what shortlists keep, their part in families, too.

    Raises UnknownBankError, UnknownEntryError, PluginError.
    """
    bank = store.bank(name)
    for shortlist in shortlists:  # first: afterwards nobody knows the numbers of what was to be forgotten
        shortlist.remove(bank.id, [store.entry(bank, entry).id for entry in entries])
    store.remove(bank, entries)
    families.forget(entry_identity(bank.name, entry) for entry in entries)
    sync_index(store, room, bank)
    sync_features(store, features, bank)
    if clips is not None:
        sync_features(store, clips, bank)


def sync_index(store: BankStore, room: IndexRoom, bank: Bank) -> None:
    """Bring a bank's index up to the newest step of its history; several processes may do so at the same time.

    An index ahead of its store (the store was put back from a backup) holds what no longer is: it is built again.

    Raises:
        IndexCorruptError, StorageError: the index cannot be read or written; its old state stays whole.
    """
    newest = store.last_change(bank)
    with closing(room.open(bank)) as index:
        if index.built_to == newest:
            return
        ahead = index.built_to > newest
    if ahead and store.last_change(bank) == newest:
        room.drop(bank)
    with closing(room.open(bank, write=True)) as index:
        while changes := store.changes(bank, index.built_to, PAGE):
            index.apply(changes)


def sync_features(store: BankStore, features: FeatureRoom | ClipRoom, bank: Bank) -> None:
    """Forget the local features, or clips, of entries that are gone, also of those whose removal was interrupted.

    Those that are missing cannot be made from the store: `bank_media.add_media` makes them when it meets the media.
    Raises IndexCorruptError, VaultKeyError, StorageError.
    """
    with closing(features.open(bank)) as index:
        held = set(index.entries().tolist())
    gone = held - store.existing(bank, held)
    if gone:
        with closing(features.open(bank, write=True)) as index:
            index.remove(gone)


def count_local(features: FeatureRoom, bank: Bank) -> int:
    """How many entries of a bank have local features. Raises IndexCorruptError, VaultKeyError, StorageError."""
    with closing(features.open(bank)) as index:
        return len(index.entries())


def reindex(
    store: BankStore,
    room: IndexRoom,
    features: FeatureRoom,
    name: str,
    *,
    drop_local: bool = False,
    shortlists: Iterable[Shortlist] = (),
    clips: ClipRoom | None = None,
) -> int:
    """Build a bank's index again from the store; return the number of its PDQ hashes.

    Local features and clips cannot be made from the store. They are written anew: without those of entries that are
    gone, and encrypted or not as the settings say now. With `drop_local` they are removed, readable or not, with what
    shortlists keep of the bank.

    Raises:
        UnknownBankError: no bank of that name.
        IndexCorruptError, VaultKeyError, StorageError: local features that cannot be read or written; they stay.
        PluginError: a shortlist failed.
    """
    bank = store.bank(name)
    room.drop(bank)
    sync_index(store, room, bank)
    if drop_local:
        for shortlist in shortlists:
            shortlist.drop(bank.id)
        features.drop(bank)
    else:
        features.renew(bank, partial(store.existing, bank))
    if clips is not None and drop_local:
        clips.drop(bank)
    elif clips is not None:
        clips.renew(bank, partial(store.existing, bank))
    with closing(room.open(bank)) as index:
        return len(index)


@dataclass(slots=True)
class _ListRows:
    """Passes the entries of a list on to the store and keeps count of all else."""

    stream: BufferedReader
    on_progress: OnProgress | None
    on_bad: Callable[[BadRow], None] | None
    read: int = 0
    bad: list[BadRow] = field(default_factory=list)
    bad_total: int = 0
    notes: list[str] = field(default_factory=list)
    broken: ImportFormatError | OSError | None = None

    def entries(self, rows: Iterable[BankEntry | BadRow | ListNote]) -> Iterator[BankEntry]:
        """The entries; a list that breaks off ends here, so that what came before is stored."""
        seekable = self.stream.seekable()
        total = os.fstat(self.stream.fileno()).st_size if seekable else 0
        try:
            for row in rows:
                if isinstance(row, ListNote):
                    self.notes.append(row.text)
                    continue
                self.read += 1
                if self.on_progress and self.read % _PROGRESS_ROWS == 0:
                    self.on_progress(self.read, self.stream.tell() if seekable else 0, total)
                if isinstance(row, BankEntry):
                    yield row
                else:
                    self._pass_over(row)
        except (ImportFormatError, OSError) as error:
            self.broken = error
        else:
            if self.on_progress:
                self.on_progress(self.read, total, total)

    def _pass_over(self, row: BadRow) -> None:
        self.bad_total += 1
        if len(self.bad) < KEPT_BAD_ROWS:
            self.bad.append(row)
        if self.on_bad:
            self.on_bad(row)


def _opened(path: Path) -> BufferedReader:
    try:
        return BufferedReader(path.open("rb", buffering=0), _BUFFER)
    except OSError as error:
        raise InputError(path=display(str(path)), cause=error.strerror or str(error)) from error


def _told_with_count(error: ImportFormatError | OSError, path: Path, read: int, added: int) -> Exception:
    """The error of a list that broke off, with what was stored before."""
    kept = f"; entries added before that: {added:,}" if read else ""
    if isinstance(error, OSError):
        return InputError(path=display(str(path)), cause=f"{error.strerror or error}{kept}")
    return ImportFormatError(path=display(str(path)), cause=f"{error.details['cause']}{kept}") if kept else error


def _checked(bank: Bank) -> Bank:
    if not _NAME.fullmatch(bank.name):
        raise UsageError(detail=f"{bank.name!r} cannot name a bank: 1 to 100 letters, digits, `_`, `.` and `-` can")
    if not 0 <= bank.threshold <= MAX_THRESHOLD:
        raise UsageError(detail=f"a threshold of {bank.threshold} cannot be: it is 0 to {MAX_THRESHOLD} bits of 256")
    if not 0 <= bank.min_quality <= 100:
        raise UsageError(detail=f"a minimum quality of {bank.min_quality} cannot be: it is 0 to 100")
    return bank
