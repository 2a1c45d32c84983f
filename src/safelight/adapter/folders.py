"""Folders that many processes read and one at a time writes: the right to write, and removal as a whole."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from os.path import samestat
from pathlib import Path

from safelight.adapter import disk
from safelight.adapter.disk import naming
from safelight.model.errors import StorageError

LOCK = "lock"

_DROPPED = ".dropped-"
_POLL = 0.02  # seconds between two looks at a lock


def make(folder: Path) -> None:
    """Make a folder, and those above it, durably and for its owner alone."""
    if not folder.is_dir():
        make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        disk.sync_folder(folder.parent)


def take_lock(folder: Path, patience: float) -> int:
    """The right to write the index in `folder`, which is made when absent: a file to be closed when done.

    Raises StorageError when another writer still has it after `patience` seconds.
    """
    with naming(folder):
        until = time.monotonic() + patience
        while True:
            make(folder)
            file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever had the lock may have dropped the folder; a lock in a folder that is gone guards nothing.
                if samestat(os.fstat(file), (folder / LOCK).stat()):
                    return file
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    os.close(file)
                    cause = f"another process is writing this index (waited {patience:g} s)"
                    raise StorageError(path=folder, cause=cause) from error
                time.sleep(_POLL)
            except FileNotFoundError:
                time.sleep(_POLL)
            os.close(file)


def drop(folder: Path, patience: float) -> None:
    """Remove an index's folder, if there is one; readers see it empty. Raises StorageError."""
    if not folder.is_dir():
        return
    root = folder.parent
    lock = take_lock(folder, patience)
    try:
        with naming(folder):
            gone = Path(tempfile.mkdtemp(prefix=_DROPPED, dir=root))
            disk.replace(folder, gone / folder.name)
            disk.sync_folder(root)
    finally:
        os.close(lock)
    for left in root.glob(f"{_DROPPED}*/*"):  # also what processes that died left behind
        shutil.rmtree(left, ignore_errors=True)
    with suppress(OSError):
        gone.rmdir()


def sweep(folder: Path, kept: Collection[str]) -> None:
    """Remove the files that are not `kept` (the lock is): former states, and what was to be the next one."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name not in kept and path.name != LOCK:
                disk.remove(path)
