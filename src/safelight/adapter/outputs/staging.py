"""Files that appear together and whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from safelight.adapter.disk import naming
from safelight.model.errors import StorageError


@contextmanager
def staged(folder: Path, names: Sequence[str]) -> Iterator[dict[str, BinaryIO]]:
    """Open a file for each name; when the block ends well, all take the place of what has these names.

    Until then they are called `.<name>.part`. At the end each is synced, then all are renamed, then the folder is
    synced. A run that fails or is killed leaves the old files as they were (and, when killed, `.part` files, which
    the next run replaces). The renames come one after the other: a crash between two of them can leave old and new
    files side by side, each of them whole. Raises StorageError.
    """
    parts = {name: folder / f".{name}.part" for name in names}
    try:
        with ExitStack() as stack:
            files: dict[str, BinaryIO] = {}
            for name, part in parts.items():
                files[name] = _create(part)
                stack.callback(_close, files[name])
            yield files
            for name, file in files.items():
                with storage_errors(folder / name):
                    file.flush()
                    os.fsync(file.fileno())
        for name, part in parts.items():
            with storage_errors(folder / name):
                part.replace(folder / name)
        with storage_errors(folder):
            _sync(folder)
    except BaseException:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise


def refuse_link(folder: Path, what: str) -> None:
    """Raise StorageError when the folder is a link, which could lead anywhere. `what`: what would be written."""
    if folder.is_symlink():
        raise StorageError(path=folder, cause=f"is a link; {what} are not written through links")


@contextmanager
def whole(path: Path, what: str) -> Iterator[BinaryIO]:
    """Write one file among many that come as a scan goes on: whole or not at all, for its owner only.

    Its folder is made when it is not there. `what`: such files, for the error when the folder is a link. Not synced:
    the scan that is interrupted writes it anew. Raises StorageError.
    """
    folder = path.parent
    with naming(path):
        refuse_link(folder, what)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file, part = tempfile.mkstemp(prefix=".", dir=folder)
        try:
            with os.fdopen(file, "wb") as stream:
                yield stream
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OSError inside the block into a StorageError that names the file and the cause."""
    try:
        yield
    except OSError as error:
        raise StorageError(path=error.filename or path, cause=error.strerror or str(error)) from error


def _create(part: Path) -> BinaryIO:
    with storage_errors(part):
        part.unlink(missing_ok=True)
        return part.open("xb")  # "x": a link that somebody put there meanwhile is refused, not followed


def _close(file: BinaryIO) -> None:
    # What was not synced by now is thrown away, and closing tries once more to write it: a full disk says so again.
    with suppress(OSError):
        file.close()


def _sync(folder: Path) -> None:
    """Make the renames durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
