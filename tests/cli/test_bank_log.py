"""Changes of banks on the command line are in the log, where there is one."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from safelight.app import App
from safelight.cli import bank_log
from safelight.cli.bank import bank
from safelight.flow import banks
from safelight.model.access import SYSTEM
from safelight.model.case import SERVICE_CASE, ServiceEvent
from safelight.model.errors import StorageError, UnknownCaseError
from safelight.settings import read_settings


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(read_settings({"SAFELIGHT_HOME": str(tmp_path / "home")}))


def run(app: App, *words: str, code: int = 0) -> None:
    done = CliRunner().invoke(bank, words, obj=app, catch_exceptions=bool(code))
    assert bool(done.exit_code) is bool(code), done.output


def told(app: App) -> list[tuple[str, dict[str, str]]]:
    events = [logged.event for logged in app.cases.events(SERVICE_CASE)]
    assert {(event.actor, event.tool) for event in events} == {(SYSTEM, bank_log.COMMAND_LINE)}
    return [(one.body.what, one.body.details) for one in events if isinstance(one.body, ServiceEvent)]


def test_without_a_service_nobody_keeps_a_log(app: App) -> None:
    run(app, "create", "known")
    run(app, "disable", "known")
    assert not app.has_log()
    with pytest.raises(UnknownCaseError):
        app.cases.events(SERVICE_CASE)


def test_one_event_for_each_change(app: App, tmp_path: Path) -> None:
    _ = app.cases
    folder, hashes = tmp_path / "files", tmp_path / "list.csv"
    folder.mkdir()
    for number in range(2):
        Image.new("RGB", (9 + number, 9), "navy").save(folder / f"{number}.png")
    hashes.write_text("md5\n" + "\n".join(f"{number:032x}" for number in range(3)))
    run(app, "create", "known", "--negative", "--no-local")
    run(app, "set", "known", "--threshold", "7", "--positive")
    run(app, "disable", "known")
    run(app, "enable", "known")
    run(app, "add", "known", str(folder), "--processes", "1")
    run(app, "add", "known", str(folder), "--processes", "1")  # nothing is new
    run(app, "import", "known", str(hashes), "--format", "csv")
    run(app, "remove", "known", "0.png")
    run(app, "delete", "known", "--yes")
    name = {"bank": "known"}
    assert told(app) == [
        ("bank.created", name),
        ("bank.changed", {**name, "threshold": "7", "negative": "False"}),
        ("bank.changed", {**name, "enabled": "False"}),
        ("bank.changed", {**name, "enabled": "True"}),
        ("bank.entries_added", {**name, "count": "2"}),
        ("bank.entries_added", {**name, "count": "3"}),
        ("bank.entries_removed", {**name, "count": "1"}),
        ("bank.deleted", {**name, "entries": "4"}),
    ]
    app.close_gate()


def test_a_change_that_cannot_be_told_is_not_made(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_what: object) -> None:
        raise StorageError(path="log", cause="it is full")

    _ = app.cases
    run(app, "create", "known")
    monkeypatch.setattr(type(app.cases), "append", broken)
    run(app, "disable", "known", code=1)
    assert app.store.bank("known").enabled


def test_what_was_added_before_it_broke_off_is_told(app: App, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _ = app.cases
    run(app, "create", "known", "--no-local")
    whole = banks.import_list

    def stopped(*given: object, **more: object) -> None:
        whole(*given, **more)  # type: ignore[arg-type] # as it was called
        raise KeyboardInterrupt

    monkeypatch.setattr(banks, "import_list", stopped)
    (tmp_path / "list.csv").write_text("md5\n" + "ab" * 16)
    run(app, "import", "known", str(tmp_path / "list.csv"), "--format", "csv", code=1)
    assert told(app)[-1] == ("bank.entries_added", {"bank": "known", "count": "1"})
