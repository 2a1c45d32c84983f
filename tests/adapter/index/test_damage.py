"""Files that are not as they were written: an error that names the file, never a wrong answer or a crash."""

import os
from collections.abc import Callable
from contextlib import closing, suppress
from math import inf
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.index import FileIndexRoom, delta
from safelight.adapter.index.delta import decode, encode
from safelight.adapter.index.segment import open_segment, verify, write_segment
from safelight.match import mih
from safelight.match.hamming import as_words
from safelight.match.mih import permute
from safelight.model.bank import HashChange
from safelight.model.errors import IndexCorruptError
from tests.adapter.index.history import BANK, Oracle, came, codes

QUERIES = codes(range(1, 61))


def folder_of(room: FileIndexRoom) -> Path:
    """An index with two segments, dead rows and a log of three batches."""
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply(came(1, 30))
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply([*came(31, 36), HashChange(37, 4, None)])
        for seq in (38, 39, 40):
            writer.apply(came(seq, seq))
    folder = room.root / str(BANK.id)
    assert {path.suffix for path in folder.iterdir()} == {"", ".segment", ".dead", ".log"}
    return folder


def change(path: Path, how: Callable[[bytearray], object]) -> None:
    data = bytearray(path.read_bytes())
    how(data)
    path.write_bytes(data)


def flip(position: int) -> Callable[[bytearray], object]:
    def how(data: bytearray) -> None:
        data[position] ^= 0x40

    return how


@pytest.mark.parametrize("suffix", [".segment", ".dead", ".log"])
def test_a_missing_file_is_named(room: FileIndexRoom, suffix: str) -> None:
    next(folder_of(room).glob("*" + suffix)).unlink()
    with pytest.raises(IndexCorruptError, match="files that it names are missing"):
        room.open(BANK)


@pytest.mark.parametrize("name", ["manifest", "*.segment", "*.dead", "*.log"])
@pytest.mark.parametrize("how", [flip(3), flip(20), lambda data: data.__delitem__(slice(9, None)), bytearray.clear])
def test_a_damaged_head_is_noticed_at_opening(
    room: FileIndexRoom, name: str, how: Callable[[bytearray], object]
) -> None:
    path = next(folder_of(room).glob(name))
    if name == "*.dead":
        how = flip(0)
    change(path, how)
    with pytest.raises(IndexCorruptError, match=str(path)):
        room.open(BANK)
    with pytest.raises(IndexCorruptError, match=str(path)):
        room.open(BANK, write=True)
    room.drop(BANK)
    room.open(BANK, write=True).close()


def test_a_segment_that_was_cut_or_exchanged_is_noticed_at_opening(room: FileIndexRoom) -> None:
    folder = folder_of(room)
    first, second = sorted(folder.glob("*.segment"))
    whole, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    with pytest.raises(IndexCorruptError, match="not the file that the manifest names"):
        room.open(BANK)
    for damaged in (whole[:-4096], whole + bytes(1)):
        first.write_bytes(damaged)
        with pytest.raises(IndexCorruptError, match="cut short, or longer"):
            room.open(BANK)


def test_files_of_another_version_are_refused(room: FileIndexRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(room)
    monkeypatch.setattr("safelight.adapter.index.segment.VERSION", 2)
    with pytest.raises(IndexCorruptError, match="its format is 1, this version reads 2"):
        room.open(BANK)
    monkeypatch.setattr("safelight.adapter.index.manifest.FORMAT", 2)
    with pytest.raises(IndexCorruptError, match="its format is 1, this version reads 2"):
        room.open(BANK)


def test_a_changed_byte_anywhere_in_a_segment_is_found_by_verify(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    words = permute(as_words(codes(range(40))))
    crc = write_segment(path, np.arange(40, dtype=np.int64), words, tables=True)
    whole = path.read_bytes()
    verify(open_segment(path, 40, crc))
    used = [position for position in range(4096, len(whole), 61) if whole[position]]  # else maybe the rest of a page
    assert len(used) > 40
    for position in used:
        change(path, flip(position))
        with pytest.raises(IndexCorruptError, match="not those that were written"):
            verify(open_segment(path, 40, crc))
        path.write_bytes(whole)


def test_damaged_tables_never_make_a_search_read_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mih, "_SCAN_COST", inf)  # probe the tables, few as the codes are
    mih._plan.cache_clear()
    words = permute(as_words(codes(range(1000))))
    path = tmp_path / "a.segment"
    crc = write_segment(path, np.arange(1000, dtype=np.int64), words, tables=True)
    whole = path.read_bytes()
    noticed = 0
    for position in range(4096 * 9, len(whole), 900):
        path.write_bytes((whole[:position] + b"\xff" * 900 + whole[position + 900 :])[: len(whole)])
        segment = open_segment(path, 1000, crc)
        with suppress(IndexCorruptError):
            noticed += 1
            assert segment.search(words[::10], 31).row.max() < 1000
            noticed -= 1
    mih._plan.cache_clear()
    assert noticed > 3


def test_what_a_dead_writer_left_of_a_batch_counts_for_nothing(room: FileIndexRoom) -> None:
    oracle = Oracle()
    for first in (1, 3):
        with closing(room.open(BANK, write=True)) as writer:
            oracle.apply(came(first, first + 1))
            writer.apply(came(first, first + 1))
    log = next((room.root / str(BANK.id)).glob("*.log"))
    whole = log.read_bytes()
    batch = encode(came(5, 7), 2, 7, int(log.stem))
    for length in (1, 63, 64, 100, 128, 191):
        log.write_bytes(whole + batch[:length])
        with closing(room.open(BANK)) as reader:
            oracle.check(reader, QUERIES)
    with closing(room.open(BANK, write=True)) as writer:
        oracle.check(writer, QUERIES)
        oracle.apply(came(5, 5))
        writer.apply(came(5, 5))
        oracle.check(writer, QUERIES)
        assert not log.exists()  # nothing is appended after half a batch


def test_a_record_damaged_before_a_later_batch_is_damage(room: FileIndexRoom) -> None:
    log = next(folder_of(room).glob("*.log"))
    change(log, flip(delta.HEAD + 20))
    with pytest.raises(IndexCorruptError, match="a record is damaged"):
        room.open(BANK)


@pytest.mark.parametrize("name", ["*.segment", "*.dead", "*.log"])
def test_verify_reads_every_file_again(room: FileIndexRoom, name: str) -> None:
    path = max(folder_of(room).glob(name))
    with closing(room.open(BANK)) as index:
        index.verify()
        file = os.open(path, os.O_WRONLY)
        position = {"*.segment": 4096 * 2, "*.dead": 0, "*.log": delta.HEAD + 16}[name]
        os.pwrite(file, bytes([path.read_bytes()[position] ^ 1]), position)
        os.close(file)
        with pytest.raises(IndexCorruptError, match=str(path)):
            index.verify()


def test_records_tell_their_batches_apart() -> None:
    first, second = encode(came(1, 3), 0, 3, 9), encode([HashChange(4, 2, None)], 1, 2, 9)
    records, damaged = decode(first + second, 0, 9)
    assert (records["seq"].tolist(), damaged) == ([1, 2, 3, 4], False)
    assert (records["id"].tolist(), records["live"].tolist()) == ([1, 2, 3, 2], [3, 3, 3, 2])
    assert (records["flags"] & delta.CAME).tolist() == [1, 1, 1, 0]
    assert len(decode(first + second, 0, 8)[0]) == 0  # the log of another generation
    torn = first + second[:40]
    assert [len(decode(torn[:cut], 0, 9)[0]) for cut in (0, 64, 191, 192, 232)] == [0, 0, 0, 3, 3]
    assert len(decode(second, 1, 9)[0]) == 1
