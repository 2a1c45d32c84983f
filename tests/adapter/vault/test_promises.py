"""What the vault promises of every index that it keeps: damage, forms, writers and readers beside one another."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from safelight.model.errors import IndexCorruptError, StorageError, VaultKeyError
from tests.adapter.clips import histories as clips
from tests.adapter.features import histories as features
from tests.adapter.vault.damage import read_all

BANK = clips.BANK
KINDS = pytest.mark.parametrize("kind", [clips, features], ids=["clips", "features"])
FILES = pytest.mark.parametrize(
    ("kind", "suffix"), [(kind, suffix) for kind in (clips, features) for suffix in (*kind.SUFFIXES, "manifest")]
)
SEGMENT_FILES = pytest.mark.parametrize(
    ("kind", "suffix"), [(kind, suffix) for kind in (clips, features) for suffix in kind.SUFFIXES]
)
SEALED = pytest.mark.parametrize("sealed", [True, False], ids=["encrypted", "plain"])

Room = Any
"""A room of either kind."""


@KINDS
def test_there_is_one_writer_at_a_time_and_the_next_waits_for_it(kind: ModuleType, tmp_path: Path) -> None:
    room: Room = kind.room_in(tmp_path)
    first = room.open(BANK, write=True)
    with pytest.raises(StorageError, match=r"7: another process is writing this index \(waited 0.2 s\)"):
        room.open(BANK, write=True)
    first.close()
    first.close()
    room.open(BANK, write=True).close()


@KINDS
def test_a_reader_holds_the_state_that_it_opened(kind: ModuleType, tmp_path: Path) -> None:
    room: Room = kind.room_in(tmp_path)
    kind.add(room, 1, 5)
    with closing(room.open(BANK)) as reader:
        kind.add(room, 6, 11)  # merges, so the files that the reader has open are gone
        with closing(room.open(BANK, write=True)) as writer:
            writer.remove([3])
        assert kind.equal(kind.read(reader), kind.held(kind.owned(1, 5)))
        reader.verify()
        room.drop(BANK)
        assert kind.equal(kind.read(reader), kind.held(kind.owned(1, 5)))


@KINDS
@SEALED
def test_the_other_form_is_refused_until_it_is_written_anew(kind: ModuleType, tmp_path: Path, sealed: bool) -> None:
    kind.add(kind.room_in(tmp_path, sealed=sealed), 1, 20)
    room: Room = kind.room_in(tmp_path, sealed=not sealed)
    for write in (False, True):
        with pytest.raises(VaultKeyError, match="`safelight bank reindex`"):
            room.open(BANK, write=write)
    room.renew(BANK, lambda ids: ids)
    with closing(room.open(BANK)) as index:
        assert kind.equal(kind.read(index), kind.held(kind.owned(1, 20)))


@FILES
@SEALED
@pytest.mark.parametrize(
    "how",
    [
        lambda data: data[:0],
        lambda data: data[:60],
        lambda data: data[:-1],
        lambda data: data[:-16],
        lambda data: data + b"\0",
    ],
)
def test_a_file_that_was_cut_or_lengthened_is_noticed_at_opening(
    kind: ModuleType, suffix: str, sealed: bool, how: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    room: Room = kind.two_segments(tmp_path, sealed=sealed)
    path = kind.files(tmp_path, suffix)[0]
    path.write_bytes(how(path.read_bytes()))
    for write in (False, True):
        with pytest.raises(IndexCorruptError, match=str(path)):
            room.open(BANK, write=write)
    room.drop(BANK)
    room.open(BANK, write=True).close()


@SEGMENT_FILES
@SEALED
def test_a_missing_or_foreign_file_is_noticed_at_opening(
    kind: ModuleType, suffix: str, sealed: bool, tmp_path: Path
) -> None:
    room: Room = kind.two_segments(tmp_path, sealed=sealed)
    first, second = kind.files(tmp_path, suffix)
    whole = first.read_bytes()
    first.write_bytes(second.read_bytes())
    with pytest.raises(IndexCorruptError, match="not the file that the manifest names"):
        room.open(BANK)
    first.unlink()
    with pytest.raises(IndexCorruptError, match="files that it names are missing"):
        room.open(BANK)
    first.write_bytes(whole)
    read_all(room, kind)


@KINDS
@SEALED
def test_what_another_bank_has_is_noticed(kind: ModuleType, sealed: bool, tmp_path: Path) -> None:
    room: Room = kind.two_segments(tmp_path, sealed=sealed)
    (room.root / "7").rename(room.root / "8")
    with pytest.raises(IndexCorruptError, match="is of bank 7, not of 8"):
        room.open(type(BANK)(8, "other"))
