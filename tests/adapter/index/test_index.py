from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.index import FileIndexRoom, FileIndexWriter, Tuning
from safelight.model.bank import HashChange
from safelight.model.errors import StorageError
from safelight.ports import IndexRoom
from tests.adapter.index.history import BANK, SMALL, Oracle, came, code, codes, triples

EVERYTHING = codes(range(1, 101))


def files(room: FileIndexRoom, suffix: str) -> list[Path]:
    return sorted((room.root / str(BANK.id)).glob(f"*.{suffix}"))


def test_an_index_that_nobody_wrote_is_empty_and_leaves_no_trace(room: FileIndexRoom) -> None:
    port: IndexRoom = room
    with closing(port.open(BANK)) as index:
        assert (len(index), index.built_to) == (0, 0)
        assert triples(index.search(EVERYTHING, 31)) == []
    assert not room.root.exists()


def test_a_change_is_found_at_once_by_writer_and_open_reader_and_after_reopening(room: FileIndexRoom) -> None:
    oracle = Oracle()
    with closing(room.open(BANK)) as reader, closing(room.open(BANK, write=True)) as writer:
        for seq in range(1, 40):
            oracle.apply(came(seq, seq))
            writer.apply(came(seq, seq))
            oracle.check(reader, EVERYTHING)
            oracle.check(writer, EVERYTHING)
    with closing(room.open(BANK)) as index:
        oracle.check(index, EVERYTHING)


@pytest.mark.parametrize("radius", [0, 1, 7, 16, 31, 40])
def test_removed_and_replaced_hashes_are_gone_wherever_they_are(room: FileIndexRoom, radius: int) -> None:
    oracle = Oracle()
    history = [
        came(1, 30),  # becomes a segment
        [HashChange(31, 3, None), HashChange(32, 4, code(90)), HashChange(33, 77, None)],  # in the log
        came(34, 60),
        [HashChange(61, 5, None), HashChange(62, 5, code(91)), HashChange(63, 40, None), HashChange(64, 4, None)],
        [HashChange(65 + n, 10 + n, None) for n in range(18)],
    ]
    with closing(room.open(BANK, write=True)) as writer:
        for changes in history:
            oracle.apply(changes)
            writer.apply(changes)
            oracle.check(writer, EVERYTHING, radius)
    with closing(room.open(BANK)) as index:
        oracle.check(index, EVERYTHING, radius)


def test_an_import_ends_in_few_segments_with_tables_and_few_files(room: FileIndexRoom) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        for first in range(1, 1000, 20):
            writer.apply(came(first, first + 19))
    with closing(room.open(BANK)) as index:
        assert len(index) == 1000
        assert all(part.segment.index is not None for part in index._held)
    assert len(files(room, "segment")) <= 2
    assert len(files(room, "log")) == 1


def test_segments_stay_few_when_changes_come_one_by_one(room: FileIndexRoom) -> None:
    most = 0
    with closing(room.open(BANK, write=True)) as writer:
        for seq in range(1, 600):
            writer.apply(came(seq, seq))
            most = max(most, len(files(room, "segment")))
    assert most <= 5


def test_a_segment_that_is_mostly_removed_is_written_again_without_its_dead(room: FileIndexRoom) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply(came(1, 100))
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply([HashChange(100 + n, n, None) for n in range(1, 70)])
    with closing(room.open(BANK)) as index:
        assert (len(index), [part.segment.rows for part in index._held]) == (31, [31])
    assert files(room, "dead") == []
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply([HashChange(200 + n, n, None) for n in range(70, 101)])
        assert (len(writer), len(files(room, "segment"))) == (0, 0)


def test_changes_that_are_held_already_are_passed_over(room: FileIndexRoom) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply(came(1, 4))
        writer.apply([HashChange(2, 2, None), *came(3, 5)])
        writer.apply([])
        assert (writer.built_to, len(writer)) == (5, 5)


def test_wrong_changes_change_nothing(room: FileIndexRoom) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        with pytest.raises(ValueError, match="in their order"):
            writer.apply([HashChange(2, 2, code(2)), HashChange(1, 1, code(1))])
        for count in (1, 30):
            with pytest.raises(ValueError, match="32 bytes"):
                writer.apply([*came(1, count), HashChange(99, 99, b"short")])
        assert (writer.built_to, len(writer)) == (0, 0)


@pytest.mark.parametrize("ids", [[1, 2**33, 2**62], [-(2**63), -5, 2**63 - 1], [2**40, 2**40 + 1, 2**40 + 2**32 - 1]])
def test_any_64_bit_hash_id_is_kept(room: FileIndexRoom, ids: list[int]) -> None:
    changes = [HashChange(seq, hash_id, code(8 * seq)) for seq, hash_id in enumerate(ids, 1)]
    for more in (0, 30):  # in the log, then in a segment
        with closing(room.open(BANK, write=True)) as writer:
            writer.apply(changes)
            writer.apply([HashChange(10 + n, 5000 + n, code(800 + 8 * n)) for n in range(more)])
            assert writer.search(codes(8 * seq for seq in (1, 2, 3)), 5).hash_id.tolist() == ids
            writer.verify()


def test_ids_may_come_in_any_order(room: FileIndexRoom) -> None:
    order = np.random.default_rng(3).permutation(100) + 1
    changes = [HashChange(seq, int(hash_id), code(int(hash_id))) for seq, hash_id in enumerate(order, 1)]
    oracle = Oracle()
    with closing(room.open(BANK, write=True)) as writer:
        for first in range(0, 100, 9):
            oracle.apply(changes[first : first + 9])
            writer.apply(changes[first : first + 9])
            oracle.check(writer, EVERYTHING)


@pytest.mark.parametrize("radius", [-1, 41])
def test_a_radius_beyond_the_bounds_is_refused(room: FileIndexRoom, radius: int) -> None:
    with closing(room.open(BANK)) as index, pytest.raises(ValueError, match="0 to 40"):
        index.search(EVERYTHING, radius)


def test_no_query_gives_no_hit(room: FileIndexRoom) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply(came(1, 30))
        assert triples(writer.search(EVERYTHING[:0], 31)) == []


def test_a_reader_does_not_write_and_a_closed_index_does_nothing(room: FileIndexRoom) -> None:
    index = room.open(BANK)
    with pytest.raises(StorageError, match="reading only"):
        index.apply(came(1, 1))
    index.close()
    index.close()
    with pytest.raises(ValueError, match="closed"):
        index.search(EVERYTHING, 31)


def test_there_is_one_writer_at_a_time_and_the_next_waits_for_it(room: FileIndexRoom) -> None:
    first = room.open(BANK, write=True)
    with pytest.raises(StorageError, match=r"7: another process is writing this index \(waited 0.2 s\)"):
        room.open(BANK, write=True)
    first.close()
    room.open(BANK, write=True).close()


def test_a_dropped_index_is_empty_for_everyone_and_can_be_built_again(room: FileIndexRoom) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        writer.apply(came(1, 30))
    with closing(room.open(BANK)) as reader:
        assert len(reader) == 30
        room.drop(BANK)
        room.drop(BANK)
        assert list(room.root.iterdir()) == []
        assert (len(reader), triples(reader.search(EVERYTHING, 31))) == (0, [])
        with closing(room.open(BANK, write=True)) as writer:
            writer.apply(came(1, 20, ahead=50))
            oracle = Oracle()
            oracle.apply(came(1, 20, ahead=50))
            oracle.check(reader, EVERYTHING)


def test_an_index_in_own_memory_answers_the_same_and_follows_its_writer(room: FileIndexRoom) -> None:
    oracle = Oracle()
    with closing(room.open(BANK, write=True)) as writer, closing(room.open(BANK)) as reader:
        for first in (1, 21, 41):
            oracle.apply(came(first, first + 19))
            writer.apply(came(first, first + 19))
            reader.make_resident()
            oracle.check(reader, EVERYTHING)
    own = FileIndexRoom(room.root, tuning=SMALL, resident=True)
    with closing(own.open(BANK)) as reader:
        oracle.check(reader, EVERYTHING)


def test_with_its_usual_tuning_an_index_of_thousands_has_tables_and_finds_all(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    held = random.integers(0, 256, (20_000, 32), np.uint8)
    changes = [HashChange(seq, seq, row.tobytes()) for seq, row in enumerate(held, 1)]
    index = FileIndexWriter(tmp_path / "1", tuning=Tuning())
    index.apply(changes[:15_000])
    index.close()
    index = FileIndexWriter(tmp_path / "1", tuning=Tuning())
    index.apply(changes[15_000:])
    queries = held[::50] ^ np.uint8(1)  # 32 bits away; then 31
    assert triples(index.search(queries, 31)) == []
    queries[:, 5] ^= np.uint8(1)
    assert index.search(queries, 31).hash_id.tolist() == list(range(1, 20_001, 50))
    assert [part.segment.index is not None for part in index._held] == [True]
    index.close()
