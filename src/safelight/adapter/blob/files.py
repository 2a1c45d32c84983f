"""`ports.BlobStore` in a folder: one file a blob, in folders by the end of its name."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from safelight.adapter import disk, folders
from safelight.adapter.blob import check_name
from safelight.adapter.disk import naming
from safelight.model.errors import UnknownBlobError

_NEW = "."
"""First character of a file that is still being written."""


class FileBlobStore:
    """Sealed bytes under `root`, which is made when it is needed: folders 0700, files 0600.

    The name `...c7` is the file `c7/...c7`: names may begin with the time, but their ends are spread evenly, so that no
    folder becomes large. A file gets its name when all its bytes are on the device. Any number of processes may write.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def __str__(self) -> str:
        return str(self._root)

    def put(self, name: str, parts: Iterable[bytes]) -> int:
        """Keep bytes under a new name; see `ports.BlobStore.put`. Raises StorageError."""
        path = self._path(name)
        new = path.with_name(_NEW + name)
        with naming(path):
            folders.make(path.parent)
            file = disk.create(new)
            try:
                size = 0
                for part in parts:
                    disk.append(file, part)
                    size += len(part)
                disk.sync(file)
                disk.replace(new, path)
            except BaseException:
                disk.remove(new)
                raise
            finally:
                os.close(file)
            disk.sync_folder(path.parent)
        return size

    @contextmanager
    def get(self, name: str) -> Iterator[BinaryIO]:
        """The bytes; see `ports.BlobStore.get`. Raises UnknownBlobError, StorageError."""
        path = self._path(name)
        with naming(path):
            try:
                file = path.open("rb")
            except FileNotFoundError as error:
                raise UnknownBlobError(blob=name) from error
            with file:
                yield file

    def delete(self, name: str) -> None:
        """Remove them; see `ports.BlobStore.delete`. Raises StorageError."""
        path = self._path(name)
        with naming(path):
            try:
                path.unlink()
            except FileNotFoundError:
                return
            disk.sync_folder(path.parent)

    def names(self) -> Iterator[str]:
        """All names; see `ports.BlobStore.names`. Raises StorageError."""
        return (path.name for path in self._files() if not path.name.startswith(_NEW))

    def sweep(self, before: datetime) -> int:
        """Remove what a killed process had begun; see `ports.BlobStore.sweep`. Raises StorageError."""
        count = 0
        for path in self._files():
            if path.name.startswith(_NEW) and _written(path) < before:
                disk.remove(path)
                count += 1
        return count

    def check(self) -> None:
        """Whether a file can be made here; see `ports.BlobStore.check`. Raises StorageError."""
        with naming(self._root):
            folders.make(self._root)
            if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(0, "may not be written by this account")

    def _path(self, name: str) -> Path:
        return self._root / check_name(self._root, name)[-2:] / name

    def _files(self) -> Iterator[Path]:
        with naming(self._root):
            for folder in sorted(self._root.iterdir()) if self._root.is_dir() else ():
                if folder.is_dir():
                    yield from sorted(folder.iterdir())


def _written(path: Path) -> datetime:
    """When it was last written to; for one that has just gone, the end of time."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)
