"""Copies of the database at one moment: SQLite's by its online backup, PostgreSQL's by `pg_dump`; and back.

Sources: SQLite's documentation, "SQLite Backup API"; PostgreSQL's, `pg_dump` and "Snapshot Synchronization Functions".
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from safelight.adapter import disk
from safelight.adapter.store.errors import storage_errors
from safelight.adapter.store.opening import FILE, database
from safelight.model.errors import InputError, StorageError, UsageError
from safelight.ports.backup import StoreCopy

SQLITE, POSTGRESQL = FILE, "store.pgdump"
"""Names of the copies."""

_PIECE = 1 << 20
_IDS = "SELECT id FROM evidence_sealedmedia WHERE destroyed IS NULL ORDER BY id"


@contextmanager
def copy_of(target: Path | str, beside: Path) -> Iterator[StoreCopy]:
    """The database as it is now, until the block ends.

    Args:
        target: data folder or server; see `adapter.store.open_store`.
        beside: a copy of an SQLite file is held beside this one meanwhile.

    Raises:
        UsageError: there is no `pg_dump`.
        StorageError: it cannot be read.
    """
    if isinstance(target, str):
        with _postgresql(target) as copy:
            yield copy
    else:
        with _sqlite(target / FILE, beside) as copy:
            yield copy


class _SqliteCopy:
    name = SQLITE

    def __init__(self, file: Path) -> None:
        self._file = file

    def blobs(self) -> list[str]:
        with storage_errors(str(self._file)), closing(_connect(self._file, "ro")) as connection:
            named = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'evidence_sealedmedia'").fetchone()
            return [name for (name,) in connection.execute(_IDS)] if named else []

    def parts(self) -> Iterator[bytes]:
        with storage_errors(str(self._file)), self._file.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


@contextmanager
def _sqlite(file: Path, beside: Path) -> Iterator[_SqliteCopy]:
    if not file.exists():
        raise InputError(path=file, cause="is not there: there is nothing to back up")
    copy = beside.with_name(f".{beside.name}.store")
    try:
        with storage_errors(str(copy)):
            os.close(disk.create(copy))
            with closing(_connect(file, "rw")) as source, closing(_connect(copy, "rw")) as into:
                source.backup(into)  # in one step: a reader of one moment, and writers go on
                into.execute("PRAGMA journal_mode = DELETE")  # no log beside the copy
        yield _SqliteCopy(copy)
    finally:
        disk.remove(copy)


def check_sqlite(file: Path) -> None:
    """Raises InputError when the file is not a sound store."""
    try:
        with closing(_connect(file, "ro")) as connection:
            (told,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        told = str(error)
    if told != "ok":
        raise InputError(path=file.name, cause=f"the backup's database is damaged: {told}")


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=60)


class _PostgresqlCopy:
    name = POSTGRESQL

    def __init__(self, wanted: dict[str, Any], snapshot: str, ids: list[str]) -> None:
        self._wanted, self._snapshot, self._ids = wanted, snapshot, ids

    def blobs(self) -> list[str]:
        return self._ids

    def parts(self) -> Iterator[bytes]:
        """What `pg_dump` gives: its own format, without owners and rights, which belong to a server."""
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={self._snapshot}"]
        with tempfile.TemporaryFile() as said:
            command, environ = _command("pg_dump", self._wanted, *options)
            with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=said) as process:  # noqa: S603 (our own command)
                assert process.stdout
                while piece := process.stdout.read(_PIECE):
                    yield piece
            _need_success("pg_dump", process.returncode, said)


@contextmanager
def _postgresql(url: str) -> Iterator[_PostgresqlCopy]:
    _program("pg_dump")
    # The transaction stays open while pg_dump reads: both see the same moment.
    with _cursor(url) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot(), to_regclass('evidence_sealedmedia') IS NOT NULL")
        snapshot, named = cursor.fetchone()
        ids = [name for (name,) in cursor.execute(_IDS)] if named else []
        yield _PostgresqlCopy(database(url), snapshot, ids)


def check_empty(url: str) -> None:
    """Raises InputError when the database on the server has any table, UsageError without `pg_restore`."""
    _program("pg_restore")
    with _cursor(url) as cursor:
        tables = cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
    if tables:
        cause = f"has tables already ({tables[0]}); a backup is restored into an empty database"
        raise InputError(path=_shown(url), cause=cause)


@contextmanager
def _cursor(url: str) -> Iterator[Any]:
    """A cursor in a transaction. Raises StorageError, UsageError."""
    try:
        psycopg = import_module("psycopg")
    except ImportError as error:
        raise UsageError(detail="a store on PostgreSQL takes psycopg: pip install 'safelight[postgresql]'") from error
    wanted = database(url)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    try:
        with (
            psycopg.connect(**{name: wanted[key] for name, key in names.items() if wanted[key]}) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor
    except psycopg.Error as error:
        raise StorageError(path=_shown(url), cause=" ".join(str(error).split())) from error


def load_postgresql(url: str, dump: Path) -> None:
    """Put a dump into an empty database, all or nothing. Raises StorageError."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(dump)]
    wanted = database(url)
    command, environ = _command("pg_restore", wanted, f"--dbname={wanted['NAME']}", *options)
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=said, check=False)  # noqa: S603 (our own command)
        _need_success("pg_restore", done.returncode, said)


def _command(program: str, wanted: dict[str, Any], *options: str) -> tuple[list[str], dict[str, str]]:
    """The command and its environment, which has the password: other users see the arguments of commands."""
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environ = os.environ | {name: wanted[key] for name, key in names.items() if wanted[key]}
    return [_program(program), "--no-password", *options], environ


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        cause = f"a store on PostgreSQL is backed up and restored by `{name}`, which is not installed"
        raise UsageError(detail=f"{cause}: install PostgreSQL's client programs, of the server's version or newer")
    return found


def _need_success(program: str, code: int, said: Any) -> None:  # noqa: ANN401 - a temporary file has no nameable type
    if code:
        said.seek(0)
        lines = said.read().decode(errors="replace").split("\n")
        told = next((line for line in lines if "error" in line), f"ended with {code}")
        raise StorageError(path=program, cause=told.removeprefix(f"{program}: ").removeprefix("error: "))


def _shown(url: str) -> str:
    wanted = database(url)
    return f"postgresql://{wanted['HOST']}/{wanted['NAME']}"
