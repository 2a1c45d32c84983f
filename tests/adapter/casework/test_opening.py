"""Opening: made once, however many processes come at the same time; one database and transaction with the service."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from safelight.adapter.casework import open_casework
from safelight.adapter.casework.models import CaseRow
from safelight.app import App
from safelight.case.fold import FOREVER
from safelight.flow.owing import owing
from safelight.model.access import SYSTEM
from safelight.model.case import Decided, Draft, DutyArose, Opened, Verdict
from safelight.model.decision import Outcome
from safelight.model.errors import StorageError
from safelight.model.law import Duty, DutyKind
from safelight.settings import read_settings
from safelight.web.container import the_app
from tests.adapter.casework.prompt import run
from tests.case.histories import ANN, CONFIRMED, added
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


@pytest.mark.parametrize("kind", DATABASES)
def test_what_an_older_version_said_of_duties_is_said_anew(kind: str, tmp_path: Path) -> None:
    """It counted what is only to be kept, and put what has no time at the end of time: pages went on from there."""
    clock = SetClock()
    last = FOREVER if kind == "postgresql" else FOREVER.replace(tzinfo=None)
    with database(kind, tmp_path, "casework") as target:
        store = open_casework(target, clock)
        for case, what, due in (
            ("kept", DutyKind.PRESERVE, clock.moment),
            ("in words", DutyKind.REMOVE, None),
            ("timed", DutyKind.REPORT, clock.moment),
        ):
            known = ("us", "us.rule", what, "title", "to", clock.moment, due, "words", "basis", "url", "")
            store.append(
                [Draft(case, SYSTEM, body) for body in (Opened(""), DutyArose(Duty(case, *known, drives=True)))]
            )
        run(store, "UPDATE casework_case SET due = (SELECT due FROM casework_case WHERE id = 'timed')")
        run(store, f"UPDATE casework_case SET due = '{last.isoformat(' ')}' WHERE id = 'in words'")
        run(store, "DELETE FROM django_migrations WHERE app = 'casework' AND name >= '0002_due'")
        store.close()
        store = open_casework(target, clock)
        assert [case.id for case in owing(store)] == ["timed", "in words", "kept"]
        assert store.due_before(clock.moment + timedelta(hours=1)) == 1
        assert store.projection_flaws() == []
        # Whatever a row says, all are seen once.
        run(store, f"UPDATE casework_case SET due = '{last.isoformat(' ')}' WHERE id = 'timed'")
        assert [case.id for case in owing(store)] == ["in words", "kept", "timed"]
        store.close()


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("damaged", [False, True])
def test_what_an_older_version_did_not_say_of_cases_is_said(kind: str, tmp_path: Path, damaged: bool) -> None:
    with database(kind, tmp_path, "casework") as target:
        store = open_casework(target, SetClock())
        store.append([Draft("a", SYSTEM, Opened("")), Draft("a", SYSTEM, added("i1"))])
        store.append([Draft("a", ANN, Decided(CONFIRMED)), Draft("a", SYSTEM, added("i2", Outcome.NEAR))])
        case = store.case("a")
        assert case.undone == {Verdict.CONFIRMED}
        row = CaseRow.objects.using(store.place).get()
        row.case = json.dumps({name: value for name, value in json.loads(row.case).items() if name != "undone"})
        row.save()
        assert store.projection_flaws() != []
        run(store, "DELETE FROM django_migrations WHERE app = 'casework' AND name = '0003_undone'")
        if damaged:
            run(store, "DELETE FROM casework_event WHERE seq = 2", unguarded=True)
        store.close()
        store = open_casework(target, SetClock())
        assert bool(store.projection_flaws()) is damaged
        assert [one.undone for one in store.cases()] == [frozenset() if damaged else case.undone]
        store.close()


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
