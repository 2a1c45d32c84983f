"""Bad input: one line that names the cause, the documented exit code, no traceback (the runner asserts that)."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def assert_refused(run: Run, code: int, says: str, *arguments: object, env: dict[str, str] | None = None) -> None:
    done = run(*arguments, env=env)
    assert (done.code, len(done.err.strip().splitlines())) == (code, 1), done.err
    assert says in done.err


def test_unknown_bank(prepared: Path, run: Run, tmp_path: Path) -> None:
    assert_refused(
        run, 10, "no bank is called 'knwon'", "scan", prepared / "files", "--bank", "knwon", "--out", tmp_path
    )


def test_bank_of_that_name_exists(run: Run) -> None:
    assert_refused(run, 11, "'known' exists already", "bank", "create", "known")


def test_empty_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    arguments = ("scan", tmp_path / "empty", "--bank", "known", "--out", tmp_path / "out")
    assert_refused(run, 13, "no files to examine", *arguments)


def test_path_that_is_not_there(run: Run, tmp_path: Path) -> None:
    arguments = ("scan", tmp_path / "nowhere", "--bank", "known", "--out", tmp_path / "out")
    assert_refused(run, 13, "nowhere: no such file or folder", *arguments)


@pytest.mark.parametrize(
    ("text", "says"),
    [("ab" * 31, "62 hexadecimal digits"), ("zz" * 32, "neither hexadecimal nor the path of a file")],
)
def test_what_is_no_hash(run: Run, text: str, says: str) -> None:
    assert_refused(run, 2, says, "match", "--bank", "known", text)


def test_hash_of_a_missing_file(run: Run) -> None:
    assert_refused(run, 13, "no-such.jpg: no such file", "hash", "no-such.jpg")


def test_output_folder_that_cannot_be_made(prepared: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    arguments = ("scan", prepared / "files", "--bank", "known", "--out", tmp_path / "file" / "out")
    assert_refused(run, 15, "file/out", *arguments)


def test_data_folder_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert_refused(run, 15, "file", "bank", "list", env={"SAFELIGHT_HOME": str(tmp_path / "file")})


def test_number_of_processes_that_is_none(run: Run) -> None:
    assert_refused(run, 2, "SAFELIGHT_PROCESSES is 'many'", "bank", "list", env={"SAFELIGHT_PROCESSES": "many"})


def test_bad_row_is_named_and_the_rest_imported(fresh: Run, tmp_path: Path) -> None:
    good = ["ab" * 32, "cd" * 32]
    (tmp_path / "list.txt").write_text(f"{good[0]}\nnot a hash\n{good[1]}\n")
    assert fresh("bank", "create", "list").code == 0
    done = fresh("bank", "import", "list", tmp_path / "list.txt", "--format", "pdq-text")
    assert "row 2" in done.err
    assert [row["matches"][0]["distance"] for row in fresh("match", "--bank", "list", "--json", *good).rows()] == [0, 0]


def test_half_finished_scan_of_something_else(prepared: Path, run: Run, tmp_path: Path) -> None:
    from safelight.adapter.journal.sqlite import SqliteJournal

    journal = SqliteJournal(tmp_path / "scan-journal.sqlite")
    journal.begin("another plan")
    journal.close()
    arguments = ("scan", prepared / "files", "--bank", "known", "--out", tmp_path)
    assert_refused(run, 17, "--restart", *arguments)
    assert run(*arguments, "--restart", "--quiet").code == 1
