"""One suite over every adapter of `ports.FeatureIndex` and `ports.FeatureRoom`."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.features import FileFeatureRoom, KeyFile, Tuning
from safelight.model.bank import Bank
from safelight.model.errors import StorageError
from safelight.model.local import COARSE_TILES, WORDS, Sketch
from safelight.ports import FeatureIndex, FeatureRoom
from tests.contract.memory_features import MemoryFeatureRoom
from tests.sketches import same, sketch

BANK, OTHER = Bank(7, "test"), Bank(8, "other")
SMALL = Tuning(batch=5, ratio=2, most=40, chunk=1024)
Owned = tuple[int, int, Sketch]


@pytest.fixture(params=["memory", "encrypted", "plain"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> FeatureRoom:
    if request.param == "memory":
        return MemoryFeatureRoom()
    keys = KeyFile(tmp_path / "key", own=True)
    return FileFeatureRoom(tmp_path / "features", keys, 1, sealed=request.param == "encrypted", tuning=SMALL)


def owned(ids: Iterable[int], *, frame: int = 0, seed: int = 0, words: int = WORDS) -> list[Owned]:
    return [(n, frame, sketch(n + seed, keypoints=n % 23, words=words)) for n in ids]


def add(room: FeatureRoom, sketches: Iterable[Owned], bank: Bank = BANK) -> int:
    with closing(room.open(bank, write=True)) as index:
        return index.add(sketches)


def remove(room: FeatureRoom, ids: Iterable[int]) -> None:
    with closing(room.open(BANK, write=True)) as index:
        index.remove(ids)


def check(index: FeatureIndex, expected: Iterable[Owned]) -> None:
    """The index holds just these sketches, and its lists are what the sketches say."""
    by_owner = {(entry, frame): sketch for entry, frame, sketch in expected}
    assert len(index) == len(by_owner)
    assert index.entries().tolist() == sorted({entry for entry, _frame in by_owner})
    found = set()
    for number, lists in enumerate(index.segments()):
        for picture in np.flatnonzero(lists.live).tolist():
            owner = index.owner(number, picture)
            found.add(owner)
            kept = by_owner[owner]
            assert same(index.sketch(number, picture), kept)
            mine = np.flatnonzero(lists.picture == picture)
            words = np.searchsorted(lists.starts, mine, side="right") - 1
            assert words.tolist() == kept.word.tolist()
            assert np.array_equal(lists.signature[mine], kept.signature)
            assert np.array_equal(lists.size[mine], kept.size)
            assert np.array_equal(lists.angle[mine], kept.angle)
            assert np.array_equal(lists.tiles[picture], kept.tiles.codes[:COARSE_TILES])
            assert np.array_equal(lists.tile_quality[picture], kept.tiles.quality[:COARSE_TILES])
    assert found == set(by_owner)
    for entry in {entry for entry, _frame in by_owner}:
        of_entry = [by_owner[owner] for owner in sorted(by_owner) if owner[0] == entry]
        assert all(same(one, other) for one, other in zip(index.of_entry(entry), of_entry, strict=True))


def test_features_that_nobody_wrote_are_empty(room: FeatureRoom) -> None:
    with closing(room.open(BANK)) as index:
        check(index, [])
        assert index.of_entry(3) == []


@pytest.mark.parametrize("words", [WORDS, 3])
def test_what_was_added_is_there_when_opened_again(room: FeatureRoom, words: int) -> None:
    """With 3 words, a picture has several keypoints of one."""
    sketches = owned(range(1, 80), words=words)
    assert add(room, iter(sketches[:30])) == 30
    for first in range(30, 79, 3):
        add(room, sketches[first : first + 3])
    with closing(room.open(BANK)) as index:
        check(index, sketches)


def test_lists_are_sorted_by_word_and_then_by_picture(room: FeatureRoom) -> None:
    add(room, owned(range(1, 40), words=7))
    with closing(room.open(BANK)) as index:
        for lists in index.segments():
            words = np.repeat(np.arange(WORDS), np.diff(lists.starts))
            assert (lists.starts[0], lists.starts[-1]) == (0, len(lists.picture))
            assert np.array_equal(np.lexsort((lists.picture, words)), np.arange(len(words)))
            assert lists.starts.dtype == lists.picture.dtype == np.uint32
            assert len(lists.live) == len(lists.tiles) == len(lists.tile_quality)


def test_several_frames_of_an_entry_come_in_their_order(room: FeatureRoom) -> None:
    sketches = [(5, frame, sketch(frame)) for frame in (3, 0, 1)] + [(6, 0, sketch(9))]
    add(room, sketches)
    with closing(room.open(BANK)) as index:
        check(index, sketches)
        assert [found.width - 1600 for found in index.of_entry(5)] == [0, 1, 3]


def test_a_sketch_takes_the_place_of_an_older_one(room: FeatureRoom) -> None:
    add(room, owned(range(1, 30)))
    newer = owned([4, 17], seed=500)
    assert add(room, [*owned([4], seed=900), *newer]) == 2
    with closing(room.open(BANK)) as index:
        check(index, [*(one for one in owned(range(1, 30)) if one[0] not in {4, 17}), *newer])


def test_removed_entries_are_gone_with_all_their_frames(room: FeatureRoom) -> None:
    sketches = [*owned(range(1, 60)), *owned(range(1, 60, 2), frame=1, seed=100)]
    add(room, sketches)
    remove(room, [])
    remove(room, [3, 4, 999])
    remove(room, range(20, 50))
    left = [one for one in sketches if one[0] not in {3, 4, *range(20, 50)}]
    with closing(room.open(BANK)) as index:
        check(index, left)
        assert index.of_entry(3) == []
    add(room, owned([3], seed=7))
    with closing(room.open(BANK)) as index:
        check(index, [*left, *owned([3], seed=7)])
    remove(room, range(100))
    with closing(room.open(BANK)) as index:
        check(index, [])


def test_a_sketch_without_keypoints_is_kept(room: FeatureRoom) -> None:
    sketches = [(1, 0, sketch(1, 0)), (2, 0, sketch(2, 0))]
    add(room, sketches)
    with closing(room.open(BANK)) as index:
        check(index, sketches)


def test_banks_are_apart_and_dropped_alone(room: FeatureRoom) -> None:
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


def test_renewing_keeps_what_stays(room: FeatureRoom) -> None:
    add(room, owned(range(1, 70)))
    remove(room, [5])
    asked: list[int] = []

    def stays(ids: Iterable[int]) -> set[int]:
        asked.extend(ids)
        return {n for n in asked if n % 3} | {1000}

    room.renew(BANK, stays)
    room.renew(OTHER, stays)
    assert sorted(asked) == [n for n in range(1, 70) if n != 5]
    with closing(room.open(BANK)) as index:
        check(index, [one for one in owned(range(1, 70)) if one[0] % 3 and one[0] != 5])


def test_a_reader_does_not_write(room: FeatureRoom) -> None:
    with closing(room.open(BANK)) as index:
        with pytest.raises(StorageError, match="reading only"):
            index.add(owned([1]))
        with pytest.raises(StorageError, match="reading only"):
            index.remove([1])
