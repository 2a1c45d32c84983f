"""What the contract cannot ask of every adapter: segments, merging, the writer's lock, readers beside a writer."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.features import FileFeatureRoom, KeyFile
from safelight.model.local import Sketch
from tests.adapter.features.histories import BANK, add, equal, files, held, owned, read, room_in
from tests.sketches import sketch


def test_segments_stay_few_and_small_enough(tmp_path: Path) -> None:
    room, most = room_in(tmp_path), 0
    for number in range(1, 120):
        add(room, number, number)
        most = max(most, len(files(tmp_path, ".lists")))
    with closing(room.open(BANK)) as index:
        sizes = sorted(len(lists.live) for lists in index.segments())
        assert sum(sizes) == 119
        assert sizes[-1] <= 20  # what SMALL allows
        assert most <= 119 / 20 * 1.5 + 4
        assert equal(read(index), held(owned(1, 119)))


def test_a_segment_with_a_quarter_removed_is_written_again_without_it(tmp_path: Path) -> None:
    room = room_in(tmp_path)
    for first in (1, 7, 13):
        add(room, first, first + 5)
    before = sum(path.stat().st_size for path in files(tmp_path, ".records"))
    with closing(room.open(BANK, write=True)) as writer:
        writer.remove([1])
        assert sum(path.stat().st_size for path in files(tmp_path, ".records")) == before
        writer.remove([2, 3, 4, 5, 6])
        assert sum(path.stat().st_size for path in files(tmp_path, ".records")) < 0.8 * before
        assert all(lists.live.all() for lists in writer.segments())
        writer.remove(range(100))
        assert (len(writer), files(tmp_path, ".records")) == (0, [])


def test_renewing_leaves_no_byte_of_what_was_removed(tmp_path: Path) -> None:
    room = room_in(tmp_path, sealed=False)
    add(room, 1, 12)
    with closing(room.open(BANK, write=True)) as writer:
        writer.remove([5])
    gone = sketch(5, keypoints=10, words=40).x.tobytes()
    assert any(gone in path.read_bytes() for path in files(tmp_path, ".records"))
    room.renew(BANK, lambda ids: ids)
    assert not any(gone in path.read_bytes() for path in files(tmp_path, ".records"))


def test_a_closed_index_is_empty_and_lists_that_were_taken_stay(tmp_path: Path) -> None:
    room = room_in(tmp_path)
    add(room, 1, 5)
    index = room.open(BANK)
    (lists,) = index.segments()
    before = lists.signature.copy()
    index.close()
    index.close()
    assert (len(index), list(index.segments())) == (0, [])
    assert np.array_equal(lists.signature, before)


def changed(**values: object) -> Callable[[Sketch], Sketch]:
    from dataclasses import replace

    return lambda one: replace(one, **values)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        (changed(x=np.zeros(19, np.uint16)), "other types or shapes"),
        (changed(angle=np.zeros(20, np.int64)), "other types or shapes"),
        (changed(signature=np.zeros((20, 3), np.uint64)), "other types or shapes"),
        (changed(word=np.full(20, 4096, np.uint16)), "0 to 4095"),
        (changed(word=np.arange(20, dtype=np.uint16)[::-1]), "in the order of their words"),
        (lambda _one: sketch(1, keypoints=4097), "4097 keypoints; 4096 are the most"),
    ],
)
def test_what_is_no_sketch_is_refused(tmp_path: Path, how: Callable[[Sketch], Sketch], cause: str) -> None:
    with closing(room_in(tmp_path).open(BANK, write=True)) as writer:
        with pytest.raises(ValueError, match=cause):
            writer.add([(1, 0, sketch(0)), (2, 0, how(sketch(1)))])
        with pytest.raises(ValueError, match="not numbers that can be"):
            writer.add([(-1, 0, sketch(0))])
        assert len(writer) == 0


def test_a_picture_takes_few_bytes(tmp_path: Path) -> None:
    """280 keypoints and 25 tiles: at most 8,750 bytes each, everything included, when there are a thousand."""
    room = FileFeatureRoom(tmp_path / "features", KeyFile(tmp_path / "key", own=True), 1)
    with closing(room.open(BANK, write=True)) as writer:
        writer.add((n, 0, sketch(n % 8, keypoints=280)) for n in range(1, 1001))
    sizes = [path.stat().st_size for path in (tmp_path / "features").rglob("*") if path.is_file()]
    assert sum(sizes) / 1000 < 8750
