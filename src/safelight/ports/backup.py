"""One file with a copy of everything, and putting it back."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from safelight.model.backup import BackupEntry, BackupManifest


class StoreCopy(Protocol):
    """The database as it was at one moment."""

    name: str
    """Of the file that it becomes; says which database it is of."""

    def blobs(self) -> list[str]:
        """Ids of the media that was not destroyed at that moment, ascending. Raises StorageError."""
        ...

    def parts(self) -> Iterator[bytes]:
        """The bytes of the file. Raises StorageError."""
        ...


class KeptFiles(Protocol):
    """What else is in the data folder and cannot be made again: local features, clips, trust lists."""

    left_out: tuple[str, ...]
    """Folders that are not given, since what is in them is not encrypted."""

    def files(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Name and bytes of each. Raises StorageError."""
        ...


class BackupWriter(Protocol):
    """A backup that is being written."""

    def add(self, name: str, parts: Iterable[bytes]) -> BackupEntry:
        """Add a file. Raises StorageError."""
        ...

    def finish(self, manifest: BackupManifest) -> None:
        """Let the backup be there, durably. Raises StorageError, InputError when something else is in its place."""
        ...


class BackupReader(Protocol):
    """A backup that is there."""

    manifest: BackupManifest

    def parts(self, entry: BackupEntry) -> Iterator[bytes]:
        """The bytes of one of its files. Raises InputError, at the end, when they are not what was written."""
        ...


class RestorePlace(Protocol):
    """Where a backup is put back: nothing is there before, and nothing is in its place before `finish`."""

    def check(self, manifest: BackupManifest) -> None:
        """Raises InputError when something is there already, UsageError when the settings do not fit this backup."""
        ...

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """Put a file where it belongs. Raises StorageError."""
        ...

    def finish(self) -> None:
        """Let all of it be there. Raises StorageError, InputError."""
        ...
