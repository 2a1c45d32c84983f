"""The database itself refuses to change or remove an entry."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.adapter.casework import append_only, open_casework
from safelight.adapter.casework.case_store import DjangoCaseStore
from safelight.model.access import SYSTEM
from safelight.model.case import Draft, Noted, Opened
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database

TRIES = (
    "UPDATE casework_event SET hash = hash",
    "UPDATE casework_event SET seq = seq + 1 WHERE position = 0",
    "DELETE FROM casework_event",
    "DELETE FROM casework_event WHERE position = 1",
    """INSERT INTO casework_event (position, "case", seq, kind, entry, hash)
    SELECT position, 'b', 0, kind, entry, hash FROM casework_event WHERE position = 1""",
    """INSERT INTO casework_event (position, "case", seq, kind, entry, hash)
    SELECT 2, "case", seq, kind, entry, hash FROM casework_event WHERE position = 1""",
)
OWN_TRIES = {
    "sqlite": tuple(text.replace("INSERT INTO", "INSERT OR REPLACE INTO") for text in TRIES[-2:]),
    "postgresql": ("TRUNCATE casework_event", "TRUNCATE casework_event CASCADE"),
}


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DjangoCaseStore]:
    with database(request.param, tmp_path, "casework") as target:
        opened = open_casework(target, SetClock())
        yield opened
        opened.close()


def test_entries_stay_what_they_are(store: DjangoCaseStore) -> None:
    from django.db import DatabaseError, connections, transaction

    store.append([Draft("a", SYSTEM, Opened("")), Draft("a", SYSTEM, Noted("looked"))])
    before = store.log(-1, 9)
    connection = connections[store.place]
    for statement in (*TRIES, *OWN_TRIES[connection.vendor]):
        with pytest.raises(DatabaseError) as caught, transaction.atomic(using=store.place):
            connection.cursor().execute(statement)
        if "INSERT INTO" not in statement:  # those meet the rules of uniqueness
            assert append_only.MESSAGE in str(caught.value)
        assert store.log(-1, 9) == before
    assert store.projection_flaws() == []
