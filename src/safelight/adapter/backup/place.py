"""What of a data folder goes into a backup besides the database and media, and the folder that one is restored to."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from safelight.adapter import disk, folders
from safelight.adapter.backup import copies
from safelight.adapter.blob.files import FileBlobStore
from safelight.adapter.disk import naming
from safelight.adapter.vault import manifest as manifests
from safelight.model.backup import BackupManifest
from safelight.model.errors import InputError, UsageError
from safelight.ports import BlobStore

_PIECE = 1 << 20
_PATIENCE = 60.0  # seconds to wait for who writes a bank's folder
_BLOBS = "blobs"


class HomeFiles:
    """`ports.backup.KeptFiles`: the encrypted folders of all banks, and trust lists.

    Files of a bank never change, but go when others take their place; so all of them are opened at one moment at which
    nobody writes, and read later.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        banks = sorted(folder for root in ("features", "clips") for folder in (home / root).glob("[0-9]*"))
        sealed = [folder for folder in banks if manifests.is_sealed(folder / manifests.NAME)]
        self._banks = sealed
        self.left_out = tuple(str(folder.relative_to(home)) for folder in banks if folder not in sealed)

    def files(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Name and bytes of each; see `ports.backup.KeptFiles.files`."""
        for folder in self._banks:
            yield from self._of_folder(folder, lock=True)
        if (self._home / "trust").is_dir():
            yield from self._of_folder(self._home / "trust", lock=False)

    def _of_folder(self, folder: Path, *, lock: bool) -> Iterator[tuple[str, Iterable[bytes]]]:
        with naming(folder), ExitStack() as opened:
            held = folders.take_lock(folder, _PATIENCE) if lock else None
            try:
                names = sorted(path for path in folder.iterdir() if path.is_file() and path.name != folders.LOCK)
                files = [(path, opened.enter_context(path.open("rb"))) for path in names if path.name[0] != "."]
            finally:
                if held is not None:
                    os.close(held)
            for path, file in files:
                yield str(path.relative_to(self._home)), _pieces(file)


class HomePlace:
    """`ports.backup.RestorePlace`: a data folder that is not there yet, and where the settings say that the rest is.

    Everything is put into a folder beside, which takes the name at the end.
    """

    def __init__(self, home: Path, url: str, blobs: BlobStore | None) -> None:
        """`url`: of the database, empty for the one in the folder; `blobs`: None for those in the folder."""
        self._home, self._url = home, url
        self._blobs = blobs
        self._new: Path | None = None

    def check(self, manifest: BackupManifest) -> None:
        """Whether it can be restored here; see `ports.backup.RestorePlace.check`."""
        if self._home.exists() and (not self._home.is_dir() or any(self._home.iterdir())):
            raise InputError(path=self._home, cause="is there already; a backup is restored where nothing is")
        if (manifest.store == copies.POSTGRESQL) != bool(self._url):
            held, word = ("PostgreSQL", "set") if manifest.store == copies.POSTGRESQL else ("SQLite", "unset")
            raise UsageError(detail=f"this backup is of a store on {held}: {word} SAFELIGHT_DATABASE_URL")
        if self._url:
            copies.check_empty(self._url)
        own = {entry.name.partition("/")[2] for entry in manifest.entries if entry.name.startswith(f"{_BLOBS}/")}
        if self._blobs and any(name not in own for name in self._blobs.names()):
            raise InputError(
                path=self._blobs, cause="holds other media already; restore to a folder or prefix of its own"
            )

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """Put a file beside the place; see `ports.backup.RestorePlace.put`."""
        first, _, rest = name.partition("/")
        if first == _BLOBS:
            (self._blobs or FileBlobStore(self._beside() / _BLOBS)).put(rest, parts)
            return
        path = self._beside() / name
        with naming(path):
            folders.make(path.parent)
            file = disk.create(path)
            try:
                for part in parts:
                    disk.append(file, part)
                disk.sync(file)
            finally:
                os.close(file)
            disk.sync_folder(path.parent)

    def finish(self) -> None:
        """Let all of it be there; see `ports.backup.RestorePlace.finish`."""
        new = self._beside()
        if self._url:
            copies.load_postgresql(self._url, new / copies.POSTGRESQL)
            disk.remove(new / copies.POSTGRESQL)
        else:
            copies.check_sqlite(new / copies.SQLITE)
        with naming(self._home):
            disk.replace(new, self._home)  # fails when somebody has put something there meanwhile
            disk.sync_folder(self._home.parent)
        self._new = None

    def close(self) -> None:
        """Remove what was not finished."""
        if self._new:
            shutil.rmtree(self._new, ignore_errors=True)

    def _beside(self) -> Path:
        if not self._new:
            with naming(self._home):
                folders.make(self._home.parent)
                self._new = Path(tempfile.mkdtemp(prefix=f".{self._home.name}-", dir=self._home.parent))
        return self._new


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
