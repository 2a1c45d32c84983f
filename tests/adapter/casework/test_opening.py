"""Opening: made once, however many processes come at the same time; one database and transaction with the service."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from safelight.adapter.casework import open_casework
from safelight.app import App
from safelight.model.access import SYSTEM
from safelight.model.case import Draft, Opened
from safelight.model.errors import StorageError
from safelight.settings import read_settings
from safelight.web.container import the_app
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", DATABASES)
def test_several_processes_make_it_at_the_same_time(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path / "home") as target:
        command = [sys.executable, "-m", "tests.adapter.casework.appender", str(target)]
        makers = [
            subprocess.Popen([*command, name, "2"], stdout=subprocess.PIPE, text=True, cwd=ROOT) for name in "abc"
        ]
        assert [maker.communicate()[0] for maker in makers] == [f"{name}.0\n{name}.1\n" for name in "abc"]
        store = open_casework(target, SetClock())
        assert store.projection_flaws() == []
        assert store.head().size == 1 + 3 * 3  # the shared case; a case with an item, and a note, of each
        store.close()


def test_each_log_has_its_own_id(tmp_path: Path) -> None:
    logs = set()
    for name in ("one", "other", "one"):
        store = open_casework(tmp_path / name, SetClock())
        logs.add(store.head().log)
        store.close()
    assert len(logs) == 2


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="file"):
        open_casework(tmp_path / "file", SetClock())


def test_without_the_service_it_is_in_the_data_folder(tmp_path: Path) -> None:
    app = App(read_settings({"SAFELIGHT_HOME": str(tmp_path)}))
    name = app.ids.new()
    app.cases.append([Draft(name, SYSTEM, Opened(""))])
    assert app.cases.case(name).length == 1
    assert app.cases is app.cases
    connections[str(tmp_path / "store.sqlite3")].close()


def test_in_the_service_it_is_behind_the_services_own_connection() -> None:
    cases = the_app().cases
    assert cases.place == DEFAULT_DB_ALIAS  # type: ignore[attr-defined]
    connections[DEFAULT_DB_ALIAS].close()
