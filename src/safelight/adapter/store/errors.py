"""Database errors in the words of `model.errors`."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, InterfaceError

from safelight.model.errors import StorageError

_CAUSES = {
    "SQLITE_FULL": "the disk is full; nothing of the last step was stored",
    "SQLITE_BUSY": "another process has been writing for too long; try again",
    "SQLITE_READONLY": "is read-only",
    "SQLITE_CANTOPEN": "cannot be opened or made",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_NOTADB": "is not a store of Safelight, or is damaged",
    "SQLITE_IOERR": "input/output error of the disk",
}


@contextmanager
def storage_errors(place: str) -> Iterator[None]:
    """Turn errors of the database or of the file system into StorageError, which names `place` and the cause."""
    try:
        yield
    except (Error, InterfaceError, sqlite3.Error) as error:
        raise StorageError(path=place, cause=_cause(error)) from error
    except OSError as error:
        raise StorageError(path=error.filename or place, cause=error.strerror or str(error)) from error


def _cause(error: BaseException) -> str:
    origin = error.__cause__ or error
    # Extended codes (SQLITE_IOERR_WRITE, SQLITE_BUSY_SNAPSHOT ...) begin with the code they refine.
    name = "_".join(getattr(origin, "sqlite_errorname", "").split("_")[:2])
    return _CAUSES.get(name) or (str(error).splitlines() or [type(error).__name__])[0]
