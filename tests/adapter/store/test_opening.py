"""Opening: made when absent, cheap when there is nothing to do, one-line errors when it cannot be."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from safelight.adapter.store import open_store
from safelight.model.bank import Bank
from safelight.model.errors import StorageError
from tests.conftest import ROOT
from tests.contract.memory_bank_store import SetClock

CLOCK = SetClock()
OPEN = """
import sys
from pathlib import Path
from safelight.adapter.store import open_store
from tests.contract.memory_bank_store import SetClock
store = open_store(Path(sys.argv[1]), SetClock())
"""


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    open_store(home, CLOCK).close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "store.sqlite3").is_file()


def test_what_was_stored_is_there_when_opened_again(tmp_path: Path) -> None:
    store = open_store(tmp_path, CLOCK)
    store.create(Bank(0, "kept"))
    store.close()
    again = open_store(tmp_path, CLOCK)
    assert [bank.name for bank in again.banks()] == ["kept"]
    again.close()


def test_two_stores_in_one_process_are_two(tmp_path: Path) -> None:
    one, other = open_store(tmp_path / "one", CLOCK), open_store(tmp_path / "other", CLOCK)
    one.create(Bank(0, "a"))
    assert other.banks() == []
    one.close()
    other.close()


def test_commits_are_durable_and_readers_are_not_kept_waiting(tmp_path: Path) -> None:
    store = open_store(tmp_path, CLOCK)
    from django.db import connections

    with connections[str(tmp_path / "store.sqlite3")].cursor() as cursor:
        pragmas = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {name}")
            pragmas[name] = cursor.fetchone()[0]
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}
    store.close()


def test_processes_that_open_a_new_store_together_all_succeed(tmp_path: Path) -> None:
    code = OPEN + "from safelight.model.bank import Bank\nstore.create(Bank(0, sys.argv[2]))"
    processes = [python(code, tmp_path, name) for name in "abc"]
    assert [process.communicate()[1] for process in processes] == [""] * 3
    store = open_store(tmp_path, CLOCK)
    assert [bank.name for bank in store.banks()] == ["a", "b", "c"]
    store.close()


def test_a_store_that_is_up_to_date_opens_without_the_slow_parts_of_django(tmp_path: Path) -> None:
    open_store(tmp_path, CLOCK).close()
    unwanted = ("django.db.migrations", "django.contrib", "django.core.management", "django.urls", "django.test")
    code = OPEN + f"print([name for name in sys.modules if name.startswith({unwanted!r})])"
    out, errors = python(code, tmp_path).communicate()
    assert (out.strip(), errors) == ("[]", "")


def test_models_and_migrations_agree(tmp_path: Path) -> None:
    open_store(tmp_path, CLOCK).close()
    from django.core.management import call_command

    call_command("makemigrations", "store", check_changes=True, dry_run=True, verbosity=0)


def test_a_store_of_an_older_version_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its banks keep all they hold, and have no local features until somebody asks for them."""
    store = open_store(tmp_path, CLOCK)
    store.close()
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    connection = connections[str(tmp_path / "store.sqlite3")]
    with connection.constraint_checks_disabled():
        MigrationExecutor(connection).migrate([("store", "0001_initial")])
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO store_bank VALUES (5, 'old', 31, 50, 1, 0, '', 1)")
        columns = "id, bank_id, name, name_key, classification, source, metadata"
        cursor.execute(f"INSERT INTO store_entry ({columns}) VALUES (1, 5, 'a', x'00', '', '', '')")
    connection.close()
    store = open_store(tmp_path, CLOCK)
    assert store.banks() == [Bank(5, "old", entries=1, local=False)]
    assert [entry.name for entry in store.entries(store.bank("old"))] == ["a"]
    assert store.create(Bank(0, "new")).local
    assert store.bank("new").id == 6
    store.close()


def test_an_interrupted_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(MigrationRecorder, "record_applied", fail)
        with pytest.raises(StorageError):
            open_store(tmp_path, CLOCK)
    with sqlite3.connect(tmp_path / "store.sqlite3") as database:
        assert database.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'store%'").fetchall() == []
    database.close()
    store = open_store(tmp_path, CLOCK)
    assert store.banks() == []
    store.close()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    open_store(tmp_path, CLOCK).close()
    with sqlite3.connect(tmp_path / "store.sqlite3") as database:
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('store', '0099_x', '2030-01-01')")
    database.close()
    with pytest.raises(StorageError, match=r"store\.sqlite3: was made by a newer version of Safelight .*0099_x"):
        open_store(tmp_path, CLOCK)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file/home: Not a directory"):
        open_store(tmp_path / "file" / "home", CLOCK)
    with pytest.raises(StorageError, match="file: File exists"):
        open_store(tmp_path / "file", CLOCK)


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3").write_bytes(os.urandom(5000))
    with pytest.raises(StorageError, match=r"store\.sqlite3: is not a store of Safelight, or is damaged$"):
        open_store(tmp_path, CLOCK)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3").mkdir()
    with pytest.raises(StorageError, match=r"store\.sqlite3: cannot be opened or made$"):
        open_store(tmp_path, CLOCK)
