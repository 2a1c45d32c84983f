"""Every change that the indexes make on disk goes through these few functions, in the order that durability asks for.

A file is written under a name that nothing refers to, synced, and its folder synced, before the manifest that names
it takes the old one's place. The tests replace these functions to fail, stop or lose power at each step.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safelight.model.errors import StorageError

_PIECE = 64 << 20  # bytes given to the system in one call


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn an OSError into the StorageError that names `path` and the cause."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from error


def storage_error(path: Path, error: OSError) -> StorageError:
    """The StorageError that names `path` and the cause."""
    return StorageError(path=path, cause=error.strerror or str(error))


def create(path: Path) -> int:
    """A new empty file for its owner alone, open for reading and writing; one under the name is overwritten."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)


def append(file: int, data: bytes | bytearray | memoryview) -> None:
    """Write all of `data` where the file stands."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view[:_PIECE]) :]


def write_at(file: int, data: bytes, position: int) -> None:
    """Write a short `data` at a byte position."""
    if os.pwrite(file, data, position) != len(data):
        raise OSError(0, "short write")


def sync(file: int) -> None:
    """Return when the file's bytes and size are on the device."""
    os.fsync(file)


def replace(new: Path, path: Path) -> None:
    """Let `new` take the place of `path`, at once for every process."""
    new.replace(path)


def sync_folder(folder: Path) -> None:
    """Return when the folder's names are on the device."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def remove(path: Path) -> None:
    """Remove a file that nothing refers to any more. If that fails, the next writer tries again."""
    with suppress(OSError):
        path.unlink()


def write(path: Path, data: bytes) -> None:
    """A new file with these bytes, synced; its name is not."""
    file = create(path)
    try:
        append(file, data)
        sync(file)
    finally:
        os.close(file)


def publish(path: Path, data: bytes) -> None:
    """Let these bytes be the file `path`, as a whole and durably."""
    new = path.with_name(f"{path.name}.new")
    write(new, data)
    replace(new, path)
    sync_folder(path.parent)
