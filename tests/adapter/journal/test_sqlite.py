import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelight.adapter.journal.sqlite import SqliteJournal
from safelight.model.errors import ScanStateError, StorageError
from safelight.model.scan import Status
from tests.rows import row_of


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(tmp_path / "out" / "journal.sqlite")
    opened.begin("plan")
    yield opened
    opened.close()


def test_first_run_begins_and_second_resumes(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = SqliteJournal(path)
    assert first.begin("plan") is False
    first.list_files(["a", "b"])
    first.put(1, 0, row_of("a"), last=True)
    first.close()
    second = SqliteJournal(path)
    assert second.begin("plan") is True
    assert second.progress() == (1, 2)
    assert list(second.pending()) == [(2, "b")]
    second.close()


def test_another_plan_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = SqliteJournal(path)
    first.begin("plan")
    first.list_files(["a"])
    first.close()
    other = SqliteJournal(path)
    with pytest.raises(ScanStateError, match="--restart"):
        other.begin("another plan")
    other.close()
    again = SqliteJournal(path)
    assert again.begin("plan") is True
    assert again.progress() == (0, 1)
    again.close()


def test_listing_is_stored_once(journal: SqliteJournal) -> None:
    journal.list_files(["a"])
    journal.list_files(["never read", "nor this"])
    assert [path for _, path in journal.pending()] == ["a"]


def test_undecodable_names_come_back_as_they_were(journal: SqliteJournal) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    journal.list_files([name])
    assert list(journal.pending()) == [(1, name)]


def test_rows_come_in_listing_order_and_name_the_first_of_the_same_bytes(journal: SqliteJournal) -> None:
    journal.list_files(["a", "b", "c"])
    journal.put(3, 0, row_of("c", 7), last=True)
    journal.put(2, 1, row_of("b!/x", 7), last=False)
    journal.put(2, 2, row_of("b", 9), last=True)
    journal.put(2, 0, row_of("b!/w", 8), last=False)
    journal.put(1, 0, row_of("a"), last=True)
    assert [(row.path, row.duplicate_of) for row in journal.rows()] == [
        ("a", None),
        ("b!/w", None),
        ("b!/x", None),
        ("b", None),
        ("c", "b!/x"),
    ]


def test_find_gives_the_first_row_of_the_same_bytes_to_which_nothing_lacks(journal: SqliteJournal) -> None:
    journal.list_files(["a", "b", "c"])
    journal.put(1, 0, replace(row_of("a", 7), status=Status.DEGRADED), last=True)
    journal.put(2, 0, replace(row_of("b", 7), error="cut short"), last=True)
    assert journal.find(row_of("", 7).sha256 or "") is None
    journal.put(3, 0, row_of("c", 7), last=True)
    found = journal.find(row_of("", 7).sha256 or "")
    assert found is not None
    assert (found[0], found[1].path, journal.path(found[0])) == (3, "c", "c")
    assert journal.find("00") is None


def test_empty_files_are_no_duplicates(journal: SqliteJournal) -> None:
    journal.list_files(["a", "b"])
    journal.put(1, 0, replace(row_of("a", 7), size=0), last=True)
    journal.put(2, 0, replace(row_of("b", 7), size=0), last=True)
    assert [row.duplicate_of for row in journal.rows()] == [None, None]


def test_a_planted_journal_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.sqlite"
    SqliteJournal(elsewhere).close()
    before = elsewhere.read_bytes()
    (tmp_path / "journal.sqlite").symlink_to(elsewhere)
    with pytest.raises(StorageError, match="is a link"):
        SqliteJournal(tmp_path / "journal.sqlite")
    assert elsewhere.read_bytes() == before


def test_half_told_archive_is_forgotten_on_resume(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = SqliteJournal(path)
    first.begin("plan")
    first.list_files(["a.zip"])
    first.put(1, 0, row_of("a.zip!/x"), last=False)
    first.close()
    second = SqliteJournal(path)
    second.begin("plan")
    assert list(second.rows()) == []
    assert list(second.pending()) == [(1, "a.zip")]
    second.close()


def test_what_was_committed_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    program = (
        "import os, pathlib, signal, sys\n"
        "from safelight.adapter.journal.sqlite import SqliteJournal\n"
        "from tests.rows import row_of\n"
        "j = SqliteJournal(pathlib.Path(sys.argv[1])); j.begin('plan'); j.list_files(['a', 'b', 'c'])\n"
        "j.put(1, 0, row_of('a'), last=True); j.commit(); j.put(2, 0, row_of('b'), last=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[3]
    killed = subprocess.run([sys.executable, "-c", program, str(path)], cwd=root, check=False)
    assert killed.returncode == -9
    journal = SqliteJournal(path)
    assert journal.begin("plan") is True
    assert journal.progress() == (1, 3)
    assert [row.path for row in journal.rows()] == ["a"]
    journal.close()


def test_runs_add_up(journal: SqliteJournal) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    journal.add_run(start, 0)
    journal.add_run(start, 1.5)
    journal.add_run(datetime(2026, 1, 2, tzinfo=UTC), 0)
    journal.add_run(start, 2.0)
    assert journal.runs() == (start, 2, 3.5)


def test_two_scans_cannot_write_to_one_folder(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = SqliteJournal(path, wait_seconds=0.05)
    with pytest.raises(StorageError, match="another scan is writing here"):
        SqliteJournal(path, wait_seconds=0.05)
    first.close()


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_text("this is not a database, but it is long enough to be looked at as one " * 20)
    with pytest.raises(StorageError, match=r"journal\.sqlite: file is not a database"):
        SqliteJournal(path)


def test_discard_leaves_no_file(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    journal.begin("plan")
    journal.discard()
    assert list(tmp_path.iterdir()) == []
