"""`ports.ScanJournal` on SQLite.

Rows are kept as they come, in any order; the order of the outputs is that of the listing. A file counts as done only
with its last row, so that a crash in the middle of an archive leaves nothing half-told: the rows of files that are not
done are removed when the journal is opened again.
"""

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from safelight.model.codec import from_json, to_json
from safelight.model.errors import ScanStateError, StorageError
from safelight.model.scan import ScanRow, Status

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE file (id INTEGER PRIMARY KEY, path BLOB NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX file_pending ON file (id) WHERE done = 0;
CREATE TABLE row (file INTEGER NOT NULL, member INTEGER NOT NULL, sha256 TEXT, whole INTEGER NOT NULL,
                  json BLOB NOT NULL, PRIMARY KEY (file, member)) WITHOUT ROWID;
CREATE INDEX row_sha256 ON row (sha256, file, member) WHERE sha256 IS NOT NULL;
"""
_PAGE = 512


def files_of(path: Path) -> tuple[Path, ...]:
    """The files that a journal at `path` may consist of."""
    return tuple(Path(f"{path}{ending}") for ending in ("", "-wal", "-shm"))


class SqliteJournal:
    """One scan's journal at `path`. Raises StorageError when the file cannot be written or read."""

    def __init__(self, path: Path, wait_seconds: float = 1.0) -> None:
        self._path = path
        with self._guard():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._refuse_foreign()
            self._db = sqlite3.connect(path, isolation_level=None, timeout=wait_seconds)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("BEGIN IMMEDIATE")

    def begin(self, plan: str) -> bool:
        """Start or take up again; see `ports.ScanJournal.begin`."""
        with self._guard():
            if not self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._set("plan", plan)
                self.commit()
                return False
            if self._get("plan") != plan:
                raise ScanStateError(
                    path=self._path.parent,
                    cause="holds an unfinished scan of other paths, options or bank contents; "
                    "choose another --out, or start over with --restart",
                )
            self._db.execute("DELETE FROM row WHERE file IN (SELECT id FROM file WHERE done = 0)")
            return True

    def list_files(self, paths: Iterable[str]) -> None:
        """Store the listing once; all of it or nothing."""
        with self._guard():
            if self._get("listed"):
                return
            self._db.executemany("INSERT INTO file (path) VALUES (?)", ((os.fsencode(path),) for path in paths))
            self._set("listed", 1)
            self.commit()

    def progress(self) -> tuple[int, int]:
        """(files done, files listed)."""
        with self._guard():
            done, total = self._db.execute("SELECT coalesce(sum(done), 0), count(*) FROM file").fetchone()
        return int(done), int(total)

    def pending(self) -> Iterator[tuple[int, str]]:
        """(key, path) of the files not done, a page at a time."""
        after = 0
        while True:
            with self._guard():
                page = self._db.execute(
                    "SELECT id, path FROM file WHERE done = 0 AND id > ? ORDER BY id LIMIT ?", (after, _PAGE)
                ).fetchall()
            if not page:
                return
            for key, path in page:
                yield key, os.fsdecode(path)
            after = page[-1][0]

    def put(self, key: int, member: int, row: ScanRow, *, last: bool) -> None:
        """Keep one row; durable with the next `commit`."""
        with self._guard():
            whole = row.status in {Status.OK, Status.UNSUPPORTED} and row.error is None
            sha256 = row.sha256 if row.size else None  # empty files are no duplicates of each other
            self._db.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?)", (key, member, sha256, whole, to_json(row)))
            if last:
                self._db.execute("UPDATE file SET done = 1 WHERE id = ?", (key,))

    def path(self, key: int) -> str:
        """The path of a listed file."""
        with self._guard():
            (path,) = self._db.execute("SELECT path FROM file WHERE id = ?", (key,)).fetchone()
        return os.fsdecode(path)

    def find(self, sha256: str) -> tuple[int, ScanRow] | None:
        """The first whole row kept for these bytes, with the key of its file."""
        with self._guard():
            found = self._db.execute(
                "SELECT file, json FROM row WHERE sha256 = ? AND whole ORDER BY file, member LIMIT 1", (sha256,)
            ).fetchone()
        return (found[0], from_json(found[1], ScanRow)) if found else None

    def commit(self) -> None:
        """End the transaction and begin the next."""
        with self._guard():
            self._db.execute("COMMIT")
            self._db.execute("BEGIN IMMEDIATE")

    def add_run(self, started: datetime, seconds: float) -> None:
        """Note a run; called once with zero seconds at its start, then with what has passed since the last call."""
        with self._guard():
            if not self._get("started"):
                self._set("started", started.isoformat())
            if seconds == 0:
                self._set("runs", int(self._get("runs") or 0) + 1)
            self._set("seconds", float(self._get("seconds") or 0) + seconds)

    def runs(self) -> tuple[datetime, int, float]:
        """(start of the first run, number of runs, seconds over all)."""
        with self._guard():
            started, runs, seconds = (self._get(name) for name in ("started", "runs", "seconds"))
        return datetime.fromisoformat(str(started)), int(runs), float(seconds)

    def rows(self) -> Iterator[ScanRow]:
        """All rows in listing order, duplicates pointing to the first row of the same bytes."""
        query = """
            SELECT json, (SELECT first.json FROM row AS first WHERE first.sha256 = row.sha256
                          ORDER BY first.file, first.member LIMIT 1)
            FROM row ORDER BY file, member"""
        with self._guard():
            cursor = self._db.execute(query)
        while True:
            with self._guard():
                page = cursor.fetchmany(_PAGE)
            if not page:
                return
            for own, first in page:
                row = from_json(own, ScanRow)
                original = from_json(first, ScanRow).path if first is not None and first != own else None
                yield replace(row, duplicate_of=original)

    def discard(self) -> None:
        """Close and remove the files."""
        self.close()
        for file in files_of(self._path):
            file.unlink(missing_ok=True)

    def close(self) -> None:
        """Commit and close."""
        with self._guard():
            self._db.execute("COMMIT")
            self._db.close()

    def _refuse_foreign(self) -> None:
        """The output folder may lie within reach of whoever made the scanned files: take no journal from them."""
        try:
            status = self._path.lstat()
        except FileNotFoundError:
            return
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise StorageError(path=self._path, cause="is a link or another user's file, not a journal of ours")

    def _get(self, name: str) -> str | int | float:
        found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return found[0] if found else 0

    def _set(self, name: str, value: str | float) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            cause = "another scan is writing here" if "locked" in str(error) else str(error)
            raise StorageError(path=self._path, cause=cause) from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise StorageError(path=self._path, cause=error) from error
