"""Where data lives: banks, cases, media, indexes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.model.local import Codebook
from safelight.ports import (
    BankStore,
    BlobStore,
    CaseStore,
    ClipRoom,
    EvidenceVault,
    FamilyStore,
    FeatureRoom,
    Ids,
    IndexRoom,
    KeyWrap,
)
from safelight.settings import Settings

if TYPE_CHECKING:
    from safelight.adapter.vault.keys import KeyFile
    from safelight.ports.backup import BackupReader, BackupWriter, KeptFiles, RestorePlace, StoreCopy


class SystemClock:
    """`ports.Clock` by the machine's clock."""

    def now(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)


class Stores:
    """Where data lives: banks, cases, media, indexes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()

    @property
    def _database(self) -> Path | str:
        return self.settings.service.database_url or self.settings.home

    @property
    def database(self) -> dict[str, Any]:
        """The database in Django's form, for the service."""
        from safelight.adapter.store.opening import database

        return database(self._database)

    @cached_property
    def store(self) -> BankStore:
        """The store of banks, made when absent: embedded in the data folder, or the server that the settings name."""
        from safelight.adapter.store import open_store

        return open_store(self._database, self.clock)

    @cached_property
    def families(self) -> FamilyStore:
        """What is kept of families, in the store of banks."""
        from safelight.adapter.store import open_families

        return open_families(self._database)

    @cached_property
    def ids(self) -> Ids:
        """Gives names to new things."""
        from safelight.adapter.casework import TimeIds

        return TimeIds(self.clock)

    @cached_property
    def cases(self) -> CaseStore:
        """The log, cases and items, in the store of banks."""
        from safelight.adapter.casework import open_casework

        return open_casework(self._database, self.clock)

    def has_log(self) -> bool:
        """Whether the store of banks has a log; asking `cases` makes one."""
        from safelight.adapter.casework import has_casework

        return has_casework(self._database)

    @cached_property
    def room(self) -> IndexRoom:
        """The banks' indexes under the data folder."""
        from safelight.adapter.index import FileIndexRoom

        return FileIndexRoom(self.settings.home / "index")

    @cached_property
    def codebook(self) -> Codebook:
        """The quantiser that the program ships."""
        from safelight.adapter.codebook import load_codebook

        return load_codebook()

    @cached_property
    def features(self) -> FeatureRoom:
        """The banks' local features under the data folder."""
        from safelight.adapter.features import FileFeatureRoom

        folder, version = self.settings.home / "features", self.codebook.version
        return FileFeatureRoom(folder, self._keys, version, sealed=not self.settings.volume_encrypted)

    @cached_property
    def _keys(self) -> "KeyFile":
        from safelight.adapter.vault.keys import KeyFile

        home, key = self.settings.home, self.settings.key_file
        return KeyFile(key or home / "key", own=key is None, roots=(home / "features", home / "clips"))

    @cached_property
    def clips(self) -> ClipRoom:
        """The clips of the banks' videos under the data folder."""
        from safelight.adapter.clips import FileClipRoom

        return FileClipRoom(self.settings.home / "clips", self._keys, sealed=not self.settings.volume_encrypted)

    @cached_property
    def blobs(self) -> BlobStore:
        """Where sealed media lies: in the data folder, another folder, or a bucket. Raises UsageError."""
        service = self.settings.service
        if "://" in service.blobs:
            from safelight.adapter.blob.s3 import S3BlobStore, S3Place

            access = service.s3_access_key, service.s3_secret_key
            return S3BlobStore(S3Place.of_url(service.blobs, service.s3_endpoint, service.s3_region, *access))
        from safelight.adapter.blob.files import FileBlobStore

        return FileBlobStore(Path(service.blobs).absolute() if service.blobs else self.settings.home / "blobs")

    @cached_property
    def evidence(self) -> EvidenceVault:
        """Media as evidence. Keys are opened when they are first needed. Raises StorageError, UsageError."""
        from safelight.adapter.evidence import open_vault
        from safelight.adapter.evidence.keys import KeyRing

        service = self.settings.service
        old = [partial(self._evidence_key, source) for source in service.evidence_old_keys]
        keys = KeyRing(partial(self._evidence_key, service.evidence_key), old)
        return open_vault(self._database, self.blobs, keys, self.ids, self.clock)

    def evidence_key_id(self) -> str:
        """Id of the key-encryption key in force; none is made. Raises VaultKeyError, PluginError, UsageError."""
        return self._evidence_key(self.settings.service.evidence_key, make=False).id

    def _evidence_key(self, source: str, make: bool) -> KeyWrap:
        if source.startswith("plugin:"):
            from safelight.plugin.keys import load_key

            return load_key(source.removeprefix("plugin:"))
        from safelight.adapter.evidence.keys import open_key

        return open_key(source, self.settings.home, make=make)

    @contextmanager
    def backup_writer(self, path: Path) -> Iterator["tuple[BackupWriter, StoreCopy, KeptFiles]"]:
        """A new backup at `path`, and what goes into it besides media. Raises InputError, StorageError, UsageError."""
        from safelight.adapter.backup.archive import write_archive
        from safelight.adapter.backup.copies import copy_of
        from safelight.adapter.backup.place import HomeFiles

        with write_archive(path) as writer, copy_of(self._database, path) as copy:
            yield writer, copy, HomeFiles(self.settings.home)

    def backup_reader(self, path: Path) -> AbstractContextManager["BackupReader"]:
        """The backup at `path`. Raises InputError."""
        from safelight.adapter.backup.archive import read_archive

        return read_archive(path)

    def restore_place(self) -> AbstractContextManager["RestorePlace"]:
        """Where these settings say that everything is; nothing may be there yet."""
        from safelight.adapter.backup.place import HomePlace

        service = self.settings.service
        return closing(HomePlace(self.settings.home, service.database_url, self.blobs if service.blobs else None))

    def seal_keys(self, passphrase: str) -> bytes:
        """The keys in the data folder, sealed by a passphrase; empty where there are none. Raises StorageError."""
        from safelight.adapter.backup.keys import seal_keys

        return seal_keys(self.settings.home, passphrase)

    def open_keys(self, sealed: bytes, passphrase: str) -> dict[str, bytes]:
        """What `seal_keys` gave, by names of files. Raises VaultKeyError."""
        from safelight.adapter.backup.keys import open_keys

        return open_keys(sealed, passphrase)
