"""One suite over every adapter of `ports.ClipIndex` and `ports.ClipRoom`."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.clips import FileClipRoom
from safelight.adapter.vault.keys import KeyFile
from safelight.adapter.vault.writer import Tuning
from safelight.model.bank import Bank
from safelight.model.clip import CLIP_TILES, Clip, ClipRows
from safelight.model.errors import StorageError
from safelight.ports import ClipIndex, ClipRoom
from tests.clips import clip, same_clip
from tests.fakes import MemoryClipRoom, MemoryClips

BANK, OTHER = Bank(7, "test"), Bank(8, "other")
SMALL = Tuning(batch=10_000, most=60_000)
Owned = tuple[int, Clip]


@pytest.fixture(params=["memory", "encrypted", "plain"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> ClipRoom:
    if request.param == "memory":
        return MemoryClipRoom()
    keys = KeyFile(tmp_path / "key", own=True)
    return FileClipRoom(tmp_path / "clips", keys, sealed=request.param == "encrypted", tuning=SMALL)


def owned(ids: Iterable[int], *, seed: int = 0) -> list[Owned]:
    return [(n, clip(n + seed, rows=n % 13)) for n in ids]


def add(room: ClipRoom, clips: Iterable[Owned], bank: Bank = BANK) -> int:
    with closing(room.open(bank, write=True)) as index:
        return index.add(clips)


def remove(room: ClipRoom, ids: Iterable[int]) -> None:
    with closing(room.open(BANK, write=True)) as index:
        index.remove(ids)


def rows_of(rows: ClipRows, entry: int) -> ClipRows:
    """The rows of one clip."""
    return ClipRows(*(getattr(rows, field.name)[rows.entry == entry] for field in fields(ClipRows)))


def check(index: ClipIndex, expected: Iterable[Owned]) -> None:
    """The index holds just these clips, and its rows are what the clips say."""
    by_entry = dict(expected)
    assert len(index) == len(by_entry)
    assert index.entries().tolist() == sorted(by_entry)
    assert all(same_clip(index.clip(entry), by_entry[entry]) for entry in by_entry)
    rows = index.rows()
    assert len(rows.entry) == sum(len(clip.keyed) for clip in by_entry.values())
    assert np.count_nonzero(np.diff(rows.entry)) + bool(len(rows.entry)) == len(np.unique(rows.entry))  # grouped
    for entry, kept in by_entry.items():
        found, obvious = rows_of(rows, entry), MemoryClips({entry: kept}).rows()
        for field in fields(ClipRows):
            one, other = getattr(found, field.name), getattr(obvious, field.name)
            assert one.dtype == other.dtype
            assert np.array_equal(one, other)


def test_clips_that_nobody_wrote_are_none(room: ClipRoom) -> None:
    with closing(room.open(BANK)) as index:
        check(index, [])
        assert index.rows().tiles.shape == (0, CLIP_TILES, 32)
        with pytest.raises(KeyError):
            index.clip(3)


def test_what_was_added_is_there_when_opened_again(room: ClipRoom) -> None:
    clips = owned(range(1, 60))
    assert add(room, iter(clips[:30])) == 30
    for first in range(30, 59, 3):
        add(room, clips[first : first + 3])
    with closing(room.open(BANK)) as index:
        check(index, clips)


def test_a_writer_sees_what_it_has_changed(room: ClipRoom) -> None:
    with closing(room.open(BANK, write=True)) as index:
        index.add(owned([4, 2]))
        check(index, owned([2, 4]))
        index.add(owned([3]))
        check(index, owned([2, 3, 4]))
        index.remove([4])
        check(index, owned([2, 3]))


def test_a_clip_takes_the_place_of_an_older_one(room: ClipRoom) -> None:
    add(room, owned(range(1, 20)))
    newer = owned([4, 17], seed=500)
    assert add(room, [*owned([4], seed=900), *newer]) == 2
    with closing(room.open(BANK)) as index:
        check(index, [*(one for one in owned(range(1, 20)) if one[0] not in {4, 17}), *newer])


def test_removed_entries_are_gone(room: ClipRoom) -> None:
    add(room, owned(range(1, 40)))
    remove(room, [])
    remove(room, [3, 4, 999])
    remove(room, range(20, 35))
    left = [one for one in owned(range(1, 40)) if one[0] not in {3, 4, *range(20, 35)}]
    with closing(room.open(BANK)) as index:
        check(index, left)
        with pytest.raises(KeyError):
            index.clip(3)
    add(room, owned([3], seed=7))
    with closing(room.open(BANK)) as index:
        check(index, [*left, *owned([3], seed=7)])
    remove(room, range(100))
    with closing(room.open(BANK)) as index:
        check(index, [])


def test_clips_without_rows_or_tiles_are_kept(room: ClipRoom) -> None:
    clips = [(1, clip(1, rows=0)), (2, clip(2, rows=3, every=1)), (3, clip(3, rows=0))]
    add(room, clips)
    with closing(room.open(BANK)) as index:
        check(index, clips)


def test_banks_are_apart_and_dropped_alone(room: ClipRoom) -> None:
    add(room, owned([1, 2]))
    add(room, owned([3], seed=50), OTHER)
    room.drop(BANK)
    room.drop(BANK)
    with closing(room.open(BANK)) as index, closing(room.open(OTHER)) as other:
        check(index, [])
        check(other, owned([3], seed=50))
    add(room, owned([9]))
    with closing(room.open(BANK)) as index:
        check(index, owned([9]))


def test_renewing_keeps_what_stays(room: ClipRoom) -> None:
    add(room, owned(range(1, 40)))
    remove(room, [5])
    asked: list[int] = []

    def stays(ids: Iterable[int]) -> set[int]:
        asked.extend(ids)
        return {n for n in asked if n % 3} | {1000}

    room.renew(BANK, stays)
    room.renew(OTHER, stays)
    assert sorted(asked) == [n for n in range(1, 40) if n != 5]
    with closing(room.open(BANK)) as index:
        check(index, [one for one in owned(range(1, 40)) if one[0] % 3 and one[0] != 5])


def test_a_reader_does_not_write(room: ClipRoom) -> None:
    with closing(room.open(BANK)) as index:
        with pytest.raises(StorageError, match="reading only"):
            index.add(owned([1]))
        with pytest.raises(StorageError, match="reading only"):
            index.remove([1])
