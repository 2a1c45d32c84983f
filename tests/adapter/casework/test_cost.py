"""What an act costs the database does not grow with the log: the statements of an append, and how rows are found."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from safelight.adapter.casework import open_casework
from safelight.adapter.casework.case_store import DjangoCaseStore
from safelight.case.fold import FOREVER
from safelight.model.access import SYSTEM
from safelight.model.case import CaseState, Draft, Noted, Opened
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database


def opened(target: Path | str) -> DjangoCaseStore:
    store = open_casework(target, SetClock())
    for number in range(9):
        store.append([Draft(f"c{number}", SYSTEM, Opened("", number, "q", f"f{number}"))])
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DjangoCaseStore]:
    found = opened(tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize("kind", DATABASES)
def test_an_append_takes_few_statements_however_long_the_log(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path, "casework") as target:
        store, taken = opened(target), []
        for _ in range(40):
            with CaptureQueriesContext(connections[store.place]) as caught:
                store.append([Draft("c1", SYSTEM, Noted("looked"))])
            taken.append(sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in caught))
        assert set(taken) == {5, 6}  # the lock, the case, the end, the entry, nodes if any were completed, the case
        with CaptureQueriesContext(connections[store.place]) as caught:
            store.append([Draft("c1", SYSTEM, Noted("looked")) for _ in range(100)])
        assert len(caught) <= 9
        store.close()


DAY = datetime(2026, 1, 1, tzinfo=UTC)
READS: tuple[Callable[[DjangoCaseStore], Any], ...] = (
    lambda store: store.case("c3"),
    lambda store: store.events("c3"),
    lambda store: store.log(3, 2),
    lambda store: store.of_cases(("c3", "c4"), (Opened, Noted)),
    lambda store: store.told(DAY, DAY, 3, 2),
    lambda store: store.cases(after="c3", limit=2),
    lambda store: store.cases([CaseState.OPEN], after="c3", limit=2),
    lambda store: store.cases(queue="q", after="c3", limit=2),
    lambda store: store.waiting([], 2),
    lambda store: store.waiting(["q"], 2),
    lambda store: store.case_of_family("f3"),
    lambda store: store.agreed("c3", 2),
    lambda store: store.owing(None, 2),
    lambda store: store.owing((FOREVER, "c3"), 2),
    lambda store: store.due_before(DAY),
    lambda store: store.items("i3", 2),
    lambda store: store.items("i3", 2, "00"),
    lambda store: store.came(2026),
    lambda store: store.inclusion(3, 8),
    lambda store: store.consistency(3, 8),
    lambda store: store.heads(2),
)


@pytest.mark.parametrize("read", READS)
def test_rows_are_found_by_an_index_in_their_order(store: DjangoCaseStore, read: Callable[[Any], Any]) -> None:
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    connection = connections[store.place]
    with connection.execute_wrapper(note):
        read(store)
    assert asked
    for sql, params in asked:  # with their parameters apart, as they were asked: that is what the planner sees
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = " | ".join(row[3] for row in cursor.fetchall())
        if "casework_logstate" not in sql and "casework_head" not in sql:
            assert plan.startswith("SEARCH"), (plan, sql)
        assert "TEMP B-TREE" not in plan, (plan, sql)
        assert ('"told" >=' in sql) == ("casework_event_told" in plan), "what was told is found among its like alone"
