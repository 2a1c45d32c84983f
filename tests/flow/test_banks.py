"""Bank use cases on the embedded store, with an index that is a dictionary."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.adapter.lists import read_list, write_list
from safelight.flow import banks
from safelight.model.bank import BadRow, Bank, BankEntry, HashChange, KnownHash
from safelight.model.errors import (
    BankExistsError,
    ImportFormatError,
    InputError,
    StorageError,
    UnknownBankError,
    UnknownEntryError,
    UsageError,
)
from safelight.ports import Hits
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.contract.memory_features import MemoryFeatureRoom
from tests.sketches import sketch


@dataclass
class DictIndex:
    """`ports.HashIndex` without search."""

    live: dict[int, bytes] = field(default_factory=dict)
    built_to: int = 0
    applied: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.live)

    def apply(self, changes: Sequence[HashChange]) -> None:
        self.applied.append(len(changes))
        for change in changes:
            assert change.seq > self.built_to
            self.built_to = change.seq
            if change.pdq is None:
                self.live.pop(change.hash_id, None)
            else:
                self.live[change.hash_id] = change.pdq

    def search(self, queries: NDArray[np.uint8], radius: int) -> Hits:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


class DictRoom:
    """`ports.IndexRoom` that notes who asked to write."""

    def __init__(self) -> None:
        self.indexes: dict[int, DictIndex] = {}
        self.writers = 0

    def open(self, bank: Bank, *, write: bool = False) -> DictIndex:
        self.writers += write
        return self.indexes.setdefault(bank.id, DictIndex())

    def drop(self, bank: Bank) -> None:
        self.indexes.pop(bank.id, None)


@pytest.fixture
def store() -> MemoryBankStore:
    return MemoryBankStore(SetClock())


@pytest.fixture
def room() -> DictRoom:
    return DictRoom()


@pytest.fixture
def features() -> MemoryFeatureRoom:
    return MemoryFeatureRoom()


def sketched(store: MemoryBankStore, features: MemoryFeatureRoom, bank: Bank) -> dict[str, int]:
    """Give every entry of a bank local features; return the ids of the entries by name."""
    ids = {found.name: found.id for found in store.entries(bank)}
    features.open(bank, write=True).add((number, 0, sketch(number)) for number in ids.values())
    return ids


def code(n: int) -> str:
    return f"{n:064x}"


def entry(n: int) -> BankEntry:
    return BankEntry(code(n), (KnownHash("pdq", code(n), 100),))


class TestOptions:
    def test_create(self, store: MemoryBankStore) -> None:
        bank = banks.create_bank(store, "known-1.a_é", threshold=40, min_quality=0, negative=True, description="d")
        assert (bank.threshold, bank.min_quality, bank.enabled, bank.negative) == (40, 0, True, True)
        assert bank.local
        assert not banks.create_bank(store, "lists-only", local=False).local
        assert banks.create_bank(store, "usual").threshold == 31
        with pytest.raises(BankExistsError):
            banks.create_bank(store, "usual")

    @pytest.mark.parametrize("name", ["", " a", "a b", "-a", ".a", "a/b", "a\n", "x" * 101])
    def test_names_that_cannot_be(self, store: MemoryBankStore, name: str) -> None:
        with pytest.raises(UsageError, match="cannot name a bank"):
            banks.create_bank(store, name)

    @pytest.mark.parametrize(
        ("options", "cause"),
        [
            ({"threshold": 41}, "a threshold of 41 cannot be: it is 0 to 40 bits of 256"),
            ({"threshold": -1}, "a threshold of -1 cannot be"),
            ({"min_quality": 101}, "a minimum quality of 101 cannot be: it is 0 to 100"),
            ({"min_quality": -1}, "a minimum quality of -1 cannot be"),
        ],
    )
    def test_options_out_of_range(self, store: MemoryBankStore, options: dict[str, int], cause: str) -> None:
        with pytest.raises(UsageError, match=cause):
            banks.create_bank(store, "a", **options)  # type: ignore[arg-type] # all of them are numbers
        assert store.banks() == []
        banks.create_bank(store, "a")
        with pytest.raises(UsageError, match=cause):
            banks.change_bank(store, "a", **options)  # type: ignore[arg-type] # as above
        assert store.bank("a").threshold == 31

    def test_change_leaves_what_is_not_named(self, store: MemoryBankStore) -> None:
        banks.create_bank(store, "a", threshold=5, description="d")
        assert banks.change_bank(store, "a", enabled=False).enabled is False
        assert banks.change_bank(store, "a", threshold=0, negative=True).threshold == 0
        assert banks.change_bank(store, "a", local=False).local is False
        bank = banks.change_bank(store, "a", enabled=True, min_quality=1, description="")
        assert not bank.local
        assert (bank.threshold, bank.min_quality, bank.negative, bank.enabled, bank.description) == (
            0,
            1,
            True,
            True,
            "",
        )
        with pytest.raises(UnknownBankError):
            banks.change_bank(store, "b", enabled=True)


class TestImport:
    def test_entries_are_stored_and_indexed(self, store: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        path = tmp_path / "list.txt"
        path.write_text(f"{code(1)}\n{code(2)},60\nbad\n{code(1)}\n")
        bank = banks.create_bank(store, "a")
        told: list[BadRow] = []
        report = banks.import_list(store, room, read_list, "a", path, form="pdq-text", on_bad=told.append)
        assert (report.read, report.added, report.present, report.bad_total, report.notes) == (4, 2, 1, 1, ())
        assert list(report.bad) == told
        assert told[0].row == 3
        assert [(found.name, found.source, found.hashes[0].quality) for found in store.entries(bank)] == [
            (code(1), "list.txt", 100),
            (code(2), "list.txt", 60),
        ]
        assert sorted(room.indexes[bank.id].live.values()) == [bytes.fromhex(code(1)), bytes.fromhex(code(2))]
        again = banks.import_list(store, room, read_list, "a", path, form="pdq-text", source="other")
        assert (again.added, again.present) == (0, 3)

    def test_source_can_be_given(self, store: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        path = tmp_path / "list.csv"
        path.write_text(f"md5,source\n{'1' * 32},own\n{'2' * 32},\n")
        banks.create_bank(store, "a")
        banks.import_list(store, room, read_list, "a", path, source="given")
        assert [found.source for found in store.entries(store.bank("a"))] == ["own", "given"]

    def test_many_bad_rows_are_all_told_but_not_all_kept(
        self, store: MemoryBankStore, room: DictRoom, tmp_path: Path
    ) -> None:
        path = tmp_path / "list.txt"
        path.write_text("bad\n" * 5000)
        banks.create_bank(store, "a")
        told: list[BadRow] = []
        progress: list[tuple[int, int, int]] = []
        report = banks.import_list(
            store,
            room,
            read_list,
            "a",
            path,
            form="pdq-text",
            on_bad=told.append,
            on_progress=lambda *numbers: progress.append(numbers),
        )
        assert (report.read, report.bad_total, len(report.bad), len(told)) == (5000, 5000, 100, 5000)
        assert progress == [(4096, 16_384, 20_000), (5000, 20_000, 20_000)]

    def test_notes_on_the_list(self, store: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        path = tmp_path / "set.json"
        context = "http://github.com/ICMEC/ProjectVic/DataModels/1.2.xml#Media"
        path.write_text(f'{{"odata.metadata":"{context}","value":[{{"MD5":"{"0" * 32}"}}]}}')
        banks.create_bank(store, "a")
        report = banks.import_list(store, room, read_list, "a", path)
        assert len(report.notes) == 1
        assert "negative bank" in report.notes[0]
        assert (report.read, report.added) == (1, 1)

    def test_a_list_that_breaks_off_keeps_what_came_before(
        self, store: MemoryBankStore, room: DictRoom, tmp_path: Path
    ) -> None:
        path = tmp_path / "set.json"
        context = "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"
        whole = f'{{"odata.metadata":"{context}","value":[{{"MD5":"{"0" * 32}"}},{{"MD5":"{"1" * 32}"}},{{"MD'
        path.write_text(whole)
        banks.create_bank(store, "a")
        with pytest.raises(ImportFormatError) as caught:
            banks.import_list(store, room, read_list, "a", path)
        assert str(caught.value) == (
            f"{path}: not valid JSON after record 2: ends too early; entries added before that: 2"
        )
        assert store.bank("a").entries == 2

    def test_what_is_no_list(self, store: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        banks.create_bank(store, "a")
        for name, content in (("empty", b""), ("binary", b"\0\1\2"), ("json", b"[1]")):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(ImportFormatError, match=f"^{tmp_path}/{name}: [^;]+$"):
                banks.import_list(store, room, read_list, "a", tmp_path / name)
        (tmp_path / "set").write_text('{"@odata.context":"x/DataModels/2.0.xml/US/$metadata#Media", no')
        with pytest.raises(ImportFormatError, match=r"after record 0: expected a key$"):
            banks.import_list(store, room, read_list, "a", tmp_path / "set")

    def test_what_cannot_be_opened(self, store: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        banks.create_bank(store, "a")
        with pytest.raises(InputError, match=r"none: No such file or directory$"):
            banks.import_list(store, room, read_list, "a", tmp_path / "none")
        with pytest.raises(InputError, match=r"Is a directory$"):
            banks.import_list(store, room, read_list, "a", tmp_path)
        with pytest.raises(UnknownBankError):
            banks.import_list(store, room, read_list, "b", tmp_path / "none")

    def test_a_disk_that_fails_while_reading(self, store: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        (tmp_path / "list").write_text("x")
        banks.create_bank(store, "a")

        def failing(*_: object) -> Iterator[BankEntry]:
            yield entry(1)
            raise OSError(5, "Input/output error")

        with pytest.raises(InputError, match=r"list: Input/output error; entries added before that: 1$"):
            banks.import_list(store, room, failing, "a", tmp_path / "list")  # type: ignore[arg-type] # a reader that fails

    def test_from_a_pipe(self, store: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        text = f"md5\n{'0' * 32}\n"
        writer = Thread(target=lambda: pipe.write_text(text))
        writer.start()
        banks.create_bank(store, "a")
        progress: list[tuple[int, int, int]] = []
        report = banks.import_list(
            store, room, read_list, "a", pipe, on_progress=lambda *numbers: progress.append(numbers)
        )
        writer.join()
        assert report.added == 1
        assert progress == [(1, 0, 0)]


class TestExport:
    @pytest.fixture
    def filled(self, store: MemoryBankStore) -> MemoryBankStore:
        bank = banks.create_bank(store, "a")
        store.add(bank, [entry(1), BankEntry("digest", (KnownHash("md5", "0" * 32),)), entry(2)])
        return store

    def test_to_a_stream(self, filled: MemoryBankStore) -> None:
        out = BytesIO()
        assert banks.export_bank(filled, write_list, "a", "pdq-text", out) == (2, 1)
        assert out.getvalue().decode() == f"{code(1)},100\n{code(2)},100\n"

    def test_to_a_file_and_back(self, filled: MemoryBankStore, room: DictRoom, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        assert banks.export_bank_file(filled, write_list, "a", "jsonl", path) == (3, 0)
        banks.create_bank(filled, "b")
        assert banks.import_list(filled, room, read_list, "b", path, source="").added == 3
        again = tmp_path / "b.jsonl"
        banks.export_bank_file(filled, write_list, "b", "jsonl", again)
        assert again.read_bytes() == path.read_bytes()

    def test_a_failed_export_leaves_the_old_file(
        self, filled: MemoryBankStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_text("old")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StorageError, match=r"a\.csv: No space left on device$"):
                banks.export_bank_file(filled, write_list, "a", "csv", path)
        for name, form in (("none", "csv"), ("a", "xml")):
            with pytest.raises((UnknownBankError, UsageError)):
                banks.export_bank_file(filled, write_list, name, form, path)
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_folder_that_is_not_there(self, filled: MemoryBankStore, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match=r"none/a\.csv: No such file or directory$"):
            banks.export_bank_file(filled, write_list, "a", "csv", tmp_path / "none" / "a.csv")


class TestIndex:
    def test_removal_reaches_the_index_and_the_features(
        self, store: MemoryBankStore, room: DictRoom, features: MemoryFeatureRoom
    ) -> None:
        bank = banks.create_bank(store, "a")
        store.add(bank, [entry(1), entry(2), entry(3)])
        ids = sketched(store, features, bank)
        banks.remove_entries(store, room, features, MemoryFamilyStore(), "a", [code(1), code(3)])
        assert list(room.indexes[bank.id].live.values()) == [bytes.fromhex(code(2))]
        assert banks.count_local(features, bank) == 1
        with pytest.raises(UnknownEntryError):
            banks.remove_entries(store, room, features, MemoryFamilyStore(), "a", [code(2), "x"])
        assert len(room.indexes[bank.id]) == 1
        assert list(features.indexes[bank.id]) == [(ids[code(2)], 0)]

    def test_features_whose_removal_was_interrupted_go_with_the_next_one(
        self, store: MemoryBankStore, room: DictRoom, features: MemoryFeatureRoom
    ) -> None:
        bank = banks.create_bank(store, "a")
        store.add(bank, map(entry, range(6)))
        ids = sketched(store, features, bank)
        store.remove(bank, [code(0), code(1)])  # killed here
        banks.remove_entries(store, room, features, MemoryFamilyStore(), "a", [code(2)])
        assert sorted(entry for entry, _frame in features.indexes[bank.id]) == [ids[code(n)] for n in (3, 4, 5)]
        store.remove(bank, [code(3)])
        banks.reindex(store, room, features, "a")
        assert sorted(entry for entry, _frame in features.indexes[bank.id]) == [ids[code(n)] for n in (4, 5)]

    def test_catching_up_goes_by_pages(
        self, store: MemoryBankStore, room: DictRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(banks, "PAGE", 4)
        bank = banks.create_bank(store, "a")
        store.add(bank, map(entry, range(10)))
        banks.sync_index(store, room, bank)
        assert room.indexes[bank.id].applied == [4, 4, 2]
        assert room.indexes[bank.id].built_to == store.last_change(bank)

    def test_an_index_that_is_up_to_date_is_not_opened_for_writing(
        self, store: MemoryBankStore, room: DictRoom
    ) -> None:
        bank = banks.create_bank(store, "a")
        banks.sync_index(store, room, bank)
        assert room.writers == 0
        store.add(bank, [entry(1)])
        for _ in range(3):
            banks.sync_index(store, room, bank)
        assert room.writers == 1

    def test_an_index_ahead_of_its_store_is_built_again(self, store: MemoryBankStore, room: DictRoom) -> None:
        bank = banks.create_bank(store, "a")
        store.add(bank, [entry(1)])
        room.indexes[bank.id] = DictIndex({77: b"\0" * 32}, built_to=10**6)
        banks.sync_index(store, room, bank)
        assert list(room.indexes[bank.id].live.values()) == [bytes.fromhex(code(1))]
        assert room.indexes[bank.id].built_to == store.last_change(bank)

    def test_reindex(self, store: MemoryBankStore, room: DictRoom, features: MemoryFeatureRoom) -> None:
        bank = banks.create_bank(store, "a")
        store.add(bank, [entry(1), entry(2)])
        room.indexes[bank.id] = DictIndex({77: b"\0" * 32}, built_to=store.last_change(bank))
        sketched(store, features, bank)
        assert banks.reindex(store, room, features, "a") == 2
        assert banks.count_local(features, bank) == 2
        assert banks.reindex(store, room, features, "a", drop_local=True) == 2
        assert banks.count_local(features, bank) == 0
        assert sorted(room.indexes[bank.id].live.values()) == [bytes.fromhex(code(1)), bytes.fromhex(code(2))]

    def test_delete(self, store: MemoryBankStore, room: DictRoom, features: MemoryFeatureRoom) -> None:
        bank = banks.create_bank(store, "a")
        store.add(bank, [entry(1)])
        sketched(store, features, bank)
        banks.sync_index(store, room, bank)
        banks.delete_bank(store, room, features, MemoryFamilyStore(), "a")
        assert store.banks() == []
        assert room.indexes == {}
        assert features.indexes == {}
        with pytest.raises(UnknownBankError):
            banks.delete_bank(store, room, features, MemoryFamilyStore(), "a")
