"""What the contract cannot ask of every adapter: use of indexes, whole batches, one file for banks and families."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from safelight.adapter.store import open_families, open_store
from safelight.model.bank import Bank
from safelight.model.errors import StorageError
from safelight.model.family import Relations
from tests.contract.memory_bank_store import SetClock
from tests.contract.test_family_store import Store
from tests.kin import edge, file, lead, relations

MODULE = "safelight.adapter.store.family_store"
MOMENT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_families(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def statements(store: Store, tmp_path: Path) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that the store executes, with its values."""
    from django.db import connections

    kept: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        kept.append((sql, values))
        return execute(sql, values, many, context)

    with connections[str(tmp_path / "store.sqlite3")].execute_wrapper(note):
        yield kept


def test_nothing_reads_a_whole_table(store: Store, statements: list[tuple[str, Any]], tmp_path: Path) -> None:
    store.record((relations(n, edge(n, f"a/{n % 7}"), lead(n, "b/1")) for n in range(50)), MOMENT)
    statements.clear()
    store.component([file(1)])
    store.leads([file(1)])
    store.members([file(1)], 3)
    store.named("00" * 8)
    store.forget([file(1)])
    store.forget_bank("b")
    asked = [(sql, values) for sql, values in statements if sql.lstrip().startswith(("SELECT", "DELETE"))]
    assert len(asked) > 10
    from django.db import connections

    with connections[str(tmp_path / "store.sqlite3")].cursor() as cursor:
        for sql, values in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            plan = [row[3] for row in cursor.fetchall()]
            scanned = [line for line in plan if line.startswith("SCAN") and "store_" in line]
            assert scanned == [], (sql, plan)


def test_a_scan_that_breaks_off_leaves_whole_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{MODULE}.BATCH", 5)

    def source() -> Iterator[Relations]:
        yield from (relations(n, edge(n, "a/1")) for n in range(12))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.record(source(), MOMENT)
    assert len(store.component(["a/1"])) == 10
    store.record((relations(n, edge(n, "a/1")) for n in range(12)), MOMENT)
    assert len(store.component(["a/1"])) == 12


def test_banks_and_families_share_one_file(store: Store, tmp_path: Path) -> None:
    banks = open_store(tmp_path, SetClock())
    banks.create(Bank(0, "a"))
    store.record([relations(1, edge(1, "a/1"))], MOMENT)
    banks.close()
    assert len(store.component(["a/1"])) == 1
    assert [path.name for path in tmp_path.glob("*.sqlite3")] == ["store.sqlite3"]


def test_a_damaged_store_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(StorageError, match=r"store\.sqlite3: is not a store of Safelight, or is damaged$"):
        open_families(tmp_path)
