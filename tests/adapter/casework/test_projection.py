"""What is made from the log is found out when it is changed, and can be made again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.adapter.casework import open_casework
from safelight.adapter.casework.case_store import DjangoCaseStore
from safelight.case.fold import absorbed
from safelight.model.access import SYSTEM
from safelight.model.case import SERVICE_CASE, Draft, Merged, Noted, Opened, Revealed, ServiceEvent
from safelight.model.errors import StorageError
from tests.adapter.casework.prompt import run
from tests.case.histories import ANN, added
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DjangoCaseStore]:
    with database(request.param, tmp_path, "casework") as target:
        opened = open_casework(target, SetClock())
        monkeypatch.setattr("safelight.adapter.casework.projection.PAGE", 3)
        for case in "abc":
            drafts = [Draft(case, SYSTEM, body) for body in (Opened("", 1, "q", f"f{case}"), added(f"i{case}"))]
            opened.append(drafts)
        opened.append([Draft("a", ANN, Revealed("ia", "to decide")), Draft(SERVICE_CASE, ANN, ServiceEvent("x.y"))])
        opened.append([Draft("b", ANN, Merged("c")), Draft("c", ANN, absorbed(opened.case("b")))])
        opened.append([Draft("a", ANN, Noted(f"note {number}")) for number in range(7)])
        yield opened
        opened.close()


DAMAGE = (
    ("UPDATE casework_case SET priority = 9 WHERE id = 'a'", "case a"),
    ("UPDATE casework_case SET family = 'other' WHERE id = 'a'", "case a"),
    ("UPDATE casework_case SET state = 'open' WHERE id = 'b'", "case b"),
    ("UPDATE casework_case SET head = 'other' WHERE id = 'c'", "case c"),
    ("UPDATE casework_case SET updated = opened, opened = '2020-01-01 00:00:00' WHERE id = 'c'", "case c"),
    (
        """UPDATE casework_case SET "case" = replace("case", '"viewed":["ia"]', '"viewed":[]') WHERE id = 'a'""",
        "case a",
    ),
    ("""UPDATE casework_case SET "case" = '{' WHERE id = 'a'""", "case a"),
    ("UPDATE casework_case SET length = 99 WHERE id = 'a'", "case a"),
    ("UPDATE casework_case SET length = 1 WHERE id = 'a'", "case a"),
    ("DELETE FROM casework_case_item WHERE \"case\" = 'a'", "case a"),
    ("UPDATE casework_case_item SET number = 1 - number, item = '{}' WHERE \"case\" = 'a'", "case a"),
    ("UPDATE casework_case SET items = 0 WHERE id = 'a'", "case a"),
    ("DELETE FROM casework_case WHERE id = 'b'", "case b"),
    ("DELETE FROM casework_case WHERE id = 'service'", "case service"),
    ("UPDATE casework_case SET id = 'z' WHERE id = 'b'", "case z"),
    ("DELETE FROM casework_node WHERE id = 3", "tree node 3"),
    ("UPDATE casework_node SET hash = entry FROM casework_event WHERE id = 5 AND position = 0", "tree node 5"),
    ("UPDATE casework_logstate SET size = 16", "tree"),
    ("UPDATE casework_logstate SET size = 18", "entry 17"),
    ("UPDATE casework_logstate SET peaks = entry FROM casework_event WHERE position = 0", "tree"),
)


@pytest.mark.parametrize(("statement", "where"), DAMAGE)
def test_what_is_made_from_the_log(store: DjangoCaseStore, statement: str, where: str) -> None:
    cases, root = store.cases(), store.head().root
    assert store.projection_flaws() == []
    run(store, statement)
    assert where in {flaw.where for flaw in store.projection_flaws()}
    store.rebuild()
    assert store.projection_flaws() == []
    assert (store.cases(), store.head().root) == (cases, root)
    store.append([Draft("a", ANN, Noted("on it goes"))])
    assert store.projection_flaws() == []


NEXT = "FROM casework_event AS other WHERE casework_event.position = 3 AND other.position = 4"
TAMPERING = (
    (f"UPDATE casework_event SET entry = other.entry {NEXT}", 3),
    (f"UPDATE casework_event SET hash = other.hash {NEXT}", 3),
    ("UPDATE casework_event SET hash = entry WHERE position = 16", 16),
    ("UPDATE casework_event SET seq = 77 WHERE position = 9", 9),
    ("""UPDATE casework_event SET "case" = 'z' WHERE position = 1""", 1),
    ("UPDATE casework_event SET kind = 'case.noted' WHERE position = 6", 6),
    ("UPDATE casework_event SET told = '2026-01-01 00:00:00' WHERE position = 2", 2),
    ("UPDATE casework_event SET position = 20 WHERE position = 16", 16),
    ("DELETE FROM casework_event WHERE position = 11", 11),
    ("DELETE FROM casework_event WHERE position = 16", 16),
)


@pytest.mark.parametrize(("statement", "position"), TAMPERING)
def test_entries_that_were_tampered_with(store: DjangoCaseStore, statement: str, position: int) -> None:
    cases = store.cases()
    run(store, statement, unguarded=True)
    assert f"entry {position}" in {flaw.where for flaw in store.projection_flaws()}
    if position != 16:  # the last one leaves no gap in its case
        with pytest.raises(StorageError):
            store.rebuild()
        assert store.cases() == cases  # nothing was changed


def test_bytes_that_are_no_entry(store: DjangoCaseStore) -> None:
    run(store, "UPDATE casework_event SET entry = hash WHERE position = 2", unguarded=True)
    (flaw, *_) = store.projection_flaws()
    assert flaw.where == "entry 2"
    with pytest.raises(StorageError, match="entry 2"):
        store.log(-1, 9)
    with pytest.raises(StorageError, match="entry 2"):
        store.events("b")
