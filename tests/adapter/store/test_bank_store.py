"""What the contract cannot ask of every adapter: crashes, full disks, concurrent processes, use of indexes."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from safelight.adapter.store import open_store
from safelight.flow.banks import create_bank
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.errors import StorageError, UsageError
from safelight.model.fingerprint import Digests
from safelight.ports import BankStore
from tests.conftest import ROOT
from tests.contract.memory_bank_store import SetClock
from tests.contract.test_bank_store import Follower, Store, live
from tests.databases import DATABASES, database

MODULE = "safelight.adapter.store.bank_store"


def entry(n: int) -> BankEntry:
    value = sha256(str(n).encode()).hexdigest()
    return BankEntry(str(n), (KnownHash("md5", value[:32]), KnownHash("pdq", value, 100)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path, SetClock())
    yield opened
    opened.close()


@pytest.fixture
def cursor(store: Store, tmp_path: Path) -> Iterator[Any]:
    """A cursor of the very connection that the store uses."""
    from django.db import connections

    with connections[str(tmp_path / "store.sqlite3")].cursor() as opened:
        yield opened


def assert_sound(store: BankStore, bank: Bank) -> None:
    """Counts, entries, hashes and history tell the same."""
    entries = list(store.entries(bank))
    assert store.bank(bank.name).entries == len(entries)
    assert all(len(found.hashes) == 2 for found in entries)
    follower = Follower(store, bank)
    follower.catch_up(1000)
    assert follower.live == live(store, bank)


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize(
    ("last", "hours"), [(datetime.max.replace(tzinfo=UTC), -12), (datetime.min.replace(tzinfo=UTC), 12)]
)
def test_what_expires_beyond_the_calendar_is_refused(last: datetime, hours: int, kind: str, tmp_path: Path) -> None:
    """PostgreSQL would keep it, and its bank could not be read any more."""
    beyond = last.replace(tzinfo=timezone(timedelta(hours=hours)))
    with database(kind, tmp_path, "store") as target:
        store = open_store(target, SetClock())
        bank = create_bank(store, "b")
        with pytest.raises(UsageError, match="1 to 9999"):
            store.add(bank, [entry(1), replace(entry(2), expires=beyond)])
        assert store.add(bank, [replace(entry(3), expires=last)]) == (1, 0)
        assert [found.expires for found in store.entries(bank)] == [last]
        store.close()


IMPORT = """
import sys
from pathlib import Path
from safelight.adapter.store import open_store
from safelight.flow.banks import create_bank
from tests.contract.memory_bank_store import SetClock
store = open_store(Path(sys.argv[1]), SetClock())
from safelight.adapter.store import bank_store
from tests.adapter.store.test_bank_store import entry
bank_store.BATCH = 500
print(store.add(store.bank("known"), (entry(n) for n in range(int(sys.argv[2])))))
"""


def test_an_import_that_is_killed_leaves_whole_batches_and_can_be_repeated(store: Store, tmp_path: Path) -> None:
    bank = store.create(Bank(0, "known"))
    command = [sys.executable, "-c", IMPORT, str(tmp_path)]
    for least in (1, 6000):
        with subprocess.Popen([*command, "1000000"], cwd=ROOT) as importer:
            while store.bank("known").entries < least and importer.poll() is None:
                time.sleep(0.005)
            importer.kill()
        assert importer.returncode == -signal.SIGKILL
        assert store.bank("known").entries % 500 == 0
        assert store.bank("known").entries >= least
        assert_sound(store, bank)
    before = store.bank("known").entries
    out = subprocess.run([*command, str(before + 700)], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert out.strip() == str((700, before))
    assert [found.name for found in store.entries(bank)] == [str(n) for n in range(before + 700)]
    assert_sound(store, bank)


def test_readers_see_whole_batches_while_one_writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{MODULE}.BATCH", 100)
    bank = store.create(Bank(0, "known"))
    failures: list[BaseException] = []

    def write() -> None:
        try:
            store.add(bank, (entry(n) for n in range(3000)))
            store.remove(bank, [str(n) for n in range(0, 3000, 3)])
        except BaseException as error:  # noqa: BLE001 (handed to the test's own thread)
            failures.append(error)
        finally:
            store.close()

    writer = threading.Thread(target=write)
    writer.start()
    follower = Follower(store, bank)
    sizes = set()
    while writer.is_alive():
        sizes.add(store.bank("known").entries)
        follower.step(64)
        follower.step(999)
        time.sleep(0.001)  # lets the writer have the interpreter
    writer.join()
    assert not failures
    assert all(size % 100 == 0 for size in sizes)
    follower.catch_up(1000)
    assert follower.live == live(store, bank)
    assert len(follower.live) == 2000


def test_writers_at_the_same_time_give_one_history(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{MODULE}.BATCH", 50)
    bank = store.create(Bank(0, "known"))

    def write(first: int) -> None:
        store.add(bank, (entry(n) for n in range(first, first + 1500)))
        store.close()

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 1000, 2000)]
    for writer in writers:
        writer.start()
    follower = Follower(store, bank)
    while any(writer.is_alive() for writer in writers):
        follower.step(70)
        time.sleep(0.001)
    follower.catch_up(1000)
    assert len(follower.live) == 3500
    assert_sound(store, bank)


def test_a_full_disk_costs_the_batch_only(
    store: Store, cursor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MODULE}.BATCH", 100)
    bank = store.create(Bank(0, "known"))
    store.add(bank, [entry(-1)])
    cursor.execute("PRAGMA page_count")
    cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 30}")
    message = f"{tmp_path}/store.sqlite3: the disk is full; nothing of the last step was stored"
    with pytest.raises(StorageError) as caught:
        store.add(bank, (entry(n) for n in range(5000)))
    assert str(caught.value) == message
    kept = store.bank("known").entries
    assert 1 < kept < 5001
    assert kept % 100 == 1
    assert_sound(store, bank)
    cursor.execute("PRAGMA max_page_count = 1000000")
    assert store.add(bank, (entry(n) for n in range(5000))) == (5001 - kept, kept - 1)
    assert_sound(store, bank)


def test_a_read_only_store_can_be_read(store: Store, cursor: Any) -> None:
    bank = store.create(Bank(0, "known"))
    cursor.execute("PRAGMA query_only = ON")
    for write in (
        lambda: store.add(bank, [entry(1)]),
        lambda: store.create(Bank(0, "other")),
        lambda: store.update(bank),
        lambda: store.delete(bank),
        lambda: store.remove(bank, []),
    ):
        with pytest.raises(StorageError, match=r"store\.sqlite3: is read-only$"):
            write()
    assert store.bank("known").entries == 0


def test_a_writer_that_never_ends(store: Store, cursor: Any, tmp_path: Path) -> None:
    bank = store.create(Bank(0, "known"))
    cursor.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(
        StorageError, match=r"store\.sqlite3: another process has been writing for too long; try again$"
    ):
        store.add(bank, [entry(1)])
    assert store.banks() == [bank], "readers go on"
    other.execute("ROLLBACK")
    other.close()
    assert store.add(bank, [entry(1)]) == (1, 0)


def test_a_damaged_file_is_named(store: Store, tmp_path: Path, cursor: Any) -> None:
    bank = store.create(Bank(0, "known"))
    store.add(bank, (entry(n) for n in range(2000)))
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    path = tmp_path / "store.sqlite3"
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xaa" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"store\.sqlite3: is damaged; restore it from a backup$"):
        list(store.entries(bank))


def test_a_deletion_that_was_interrupted_is_finished_by_the_next(
    store: Store, cursor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MODULE}.BATCH", 100)
    doomed, next_one = store.create(Bank(0, "doomed")), store.create(Bank(0, "next"))
    store.add(doomed, (entry(n) for n in range(1000)))
    delete_batch = type(store)._delete_batch  # type: ignore[attr-defined]
    calls = iter(range(3))

    def interrupted(*arguments: object) -> bool:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        more: bool = delete_batch(*arguments)
        return more

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "_delete_batch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.delete(doomed)
    assert [bank.name for bank in store.banks()] == ["next"], "gone at once for everybody"
    store.create(Bank(0, "doomed"))
    store.delete(next_one)
    cursor.execute("SELECT (SELECT count(*) FROM store_entry), (SELECT count(*) FROM store_hash)")
    assert cursor.fetchone() == (0, 0)
    assert [bank.name for bank in store.banks()] == ["doomed"]


def test_a_source_that_is_slow_is_stored_every_few_seconds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(1000))
    monkeypatch.setattr(f"{MODULE}.monotonic", lambda: float(next(seconds)))
    bank = store.create(Bank(0, "known"))
    seen = []

    def source() -> Iterator[BankEntry]:
        for n in range(9):
            yield entry(n)
            seen.append(store.bank("known").entries)

    store.add(bank, source())
    assert seen[-1] >= 3


def test_no_call_of_a_scan_reads_a_whole_table(store: Store, cursor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement is answered from an index; nothing is sorted that may be large."""
    from django.db.backends.utils import CursorWrapper

    bank, other = store.create(Bank(0, "known")), store.create(Bank(0, "other"))
    store.add(bank, (entry(n) for n in range(300)))
    store.remove(bank, ["1"])
    asked: list[tuple[str, Any]] = []
    execute = CursorWrapper.execute

    def noting(self: Any, sql: str, params: Any = None) -> Any:
        asked.append((sql, params))
        return execute(self, sql, params)

    with monkeypatch.context() as patch:
        patch.setattr(CursorWrapper, "execute", noting)
        store.by_hash_ids([2, 3, 4])
        store.by_digests([bank, other], Digests("0" * 32, "0" * 40, "0" * 64, 0))
        store.changes(bank, 10, 100)
        store.last_change(bank)
        list(store.entries(bank))
    assert len(asked) >= 6
    for sql, params in asked:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = "; ".join(row[3] for row in cursor.fetchall())
        assert not [step for step in plan.split("; ") if step.startswith("SCAN") and "store_" in step], plan
        if sql.lstrip().startswith("SELECT id, id"):
            assert "MERGE (UNION ALL)" in plan
            assert "TEMP B-TREE" not in plan
