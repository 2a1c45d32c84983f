"""`safelight config check` says what is wrong, and what to do about it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safelight.app import App
from safelight.model.errors import UsageError
from safelight.settings import read_settings
from safelight.web.run import check
from safelight.web.run.check import Finding, Grade


def of(home: Path, **environ: str) -> App:
    return App(read_settings({"SAFELIGHT_HOME": str(home), **environ}))


def grades(findings: Iterator[Finding]) -> dict[str, Grade]:
    return {finding.what: finding.grade for finding in findings}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "secret").touch(mode=0o600)
    return home


def test_a_private_folder_is_fine(home: Path) -> None:
    assert set(grades(check.folder(of(home))).values()) == {Grade.OK}


@pytest.mark.parametrize("open_to_others", ["", "secret"])
def test_what_others_may_open_is_a_failure_with_a_cure(home: Path, open_to_others: str) -> None:
    (home / open_to_others).chmod(0o755)
    failed = [finding for finding in check.folder(of(home)) if finding.grade is Grade.FAIL]
    assert len(failed) == 1
    assert failed[0].todo.startswith("chmod")


def test_no_folder_yet_is_a_warning(tmp_path: Path) -> None:
    assert set(grades(check.folder(of(tmp_path / "none"))).values()) == {Grade.WARN}


@pytest.mark.parametrize(
    ("url", "grade"),
    [
        ("http://127.0.0.1:8411", Grade.OK),
        ("https://safelight.example.org", Grade.OK),
        ("http://safelight.example.org", Grade.FAIL),
    ],
)
def test_passwords_do_not_travel_in_the_clear(home: Path, url: str, grade: Grade) -> None:
    assert set(grades(check.address(of(home, SAFELIGHT_URL=url))).values()) == {grade}


def test_extras_that_settings_ask_for_are_looked_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = of(home, SAFELIGHT_BLOBS="s3://bucket/x", SAFELIGHT_TIMESTAMP_URL="https://tsa.example.org")
    assert grades(check.extras(app)) == {"extra s3 is installed": Grade.OK, "extra timestamp is installed": Grade.OK}
    monkeypatch.setattr(check, "find_spec", lambda _name: None)
    assert set(grades(check.extras(app)).values()) == {Grade.FAIL}
    assert not list(check.extras(of(home)))


def test_blobs_are_written_and_read(home: Path) -> None:
    assert set(grades(check.blobs(of(home))).values()) == {Grade.OK}
    assert not list(of(home).blobs.names())


def test_a_folder_that_cannot_take_blobs_fails_and_says_why(home: Path) -> None:
    (home / "blobs").touch()
    found = list(check._guarded(check.blobs, of(home)))
    assert [finding.grade for finding in found] == [Grade.FAIL]
    assert str(home) in found[0].todo


def test_keys_that_are_not_there_yet_are_warned_of_and_broken_ones_fail(home: Path) -> None:
    assert set(grades(check.keys(of(home))).values()) == {Grade.WARN}
    (home / "evidence.key").write_bytes(b"too short")
    (home / "evidence.key").chmod(0o600)
    assert [finding.grade for finding in check._guarded(check.keys, of(home))] == [Grade.FAIL]


@pytest.mark.parametrize(("apart", "grade"), [(0, Grade.OK), (60, Grade.FAIL), (-60, Grade.FAIL)])
def test_clocks_that_differ_fail(apart: int, grade: Grade) -> None:
    then = datetime.now(UTC) + timedelta(seconds=apart)
    assert [finding.grade for finding in check._clock(then)] == [grade]


def run(home: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, "SAFELIGHT_HOME": str(home), **environ}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-P", "-m", "safelight.web", "check", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_the_whole_of_it_before_the_first_start(home: Path) -> None:
    done = run(home, "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert {one["grade"] for one in found} <= {"ok", "warn"}
    assert {one["what"] for one in found} >= {"settings can be read", "clock", "blob store can be written and read"}
    assert all(one["todo"] for one in found if one["grade"] != "ok")


def test_a_failure_is_an_exit_code(home: Path) -> None:
    home.chmod(0o755)
    done = run(home)
    assert done.returncode == 1
    assert "fail  data folder may be opened by others (mode 755): chmod 700" in done.stdout


def test_the_law_that_applies_is_named_and_what_is_wrong_with_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(grades(check.law(of(home))).values()) == {Grade.WARN}
    app = of(home, SAFELIGHT_JURISDICTIONS="us,es")
    assert grades(check.law(app)) == {"law packs can be read: us, es, eu": Grade.OK}
    monkeypatch.setattr(app.clock, "now", lambda: datetime(2027, 6, 1, tzinfo=UTC))
    late = [finding.what for finding in check.law(app) if finding.grade is Grade.WARN]
    assert [what.split()[-6] for what in late] == ["es", "eu", "us"]
    (wrong,) = check._guarded(check.law, of(home, SAFELIGHT_JURISDICTIONS="us,zz"))
    assert (wrong.grade, "zz" in wrong.todo) == (Grade.FAIL, True)
    (missing,) = check._guarded(check.law, of(home, SAFELIGHT_LAW=str(home / "none"), SAFELIGHT_JURISDICTIONS="us"))
    assert (missing.grade, str(home / "none") in missing.todo) == (Grade.FAIL, True)


@pytest.mark.parametrize(("name", "value"), [("LANGUAGE", "xx"), ("REMIND", "0"), ("REMIND", "soon")])
def test_reminders_and_languages_that_there_are_none_of_are_refused(home: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"SAFELIGHT_{name}"):
        of(home, **{f"SAFELIGHT_{name}": value})


def test_what_is_personal_is_kept_for_days_or_for_ever(home: Path) -> None:
    closing = of(home).settings.service.closing
    assert (closing.keep_requests, closing.keep_reports) == (90, 184)
    closing = of(home, SAFELIGHT_KEEP_REQUESTS="off", SAFELIGHT_KEEP_REPORTS="1").settings.service.closing
    assert (closing.keep_requests, closing.keep_reports) == (None, 1)
    for value in ("0", "-1", "OFF", "36501"):
        with pytest.raises(UsageError, match="SAFELIGHT_KEEP_REPORTS"):
            of(home, SAFELIGHT_KEEP_REPORTS=value)
