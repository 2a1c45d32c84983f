"""What the contract cannot ask of every adapter: segments, merging, forms, readers beside a writer, memory."""

import math
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.clips import FileClipRoom
from safelight.adapter.vault.keys import KeyFile
from safelight.model.clip import Clip
from tests.adapter.clips.histories import BANK, add, equal, files, held, owned, read, room_in
from tests.adapter.mappings import mapping_flags
from tests.clips import clip


def test_segments_stay_few_and_small_enough(tmp_path: Path) -> None:
    room, most = room_in(tmp_path), 0
    for number in range(1, 80):
        add(room, number, number)
        most = max(most, len(files(tmp_path, ".clips")))
    with closing(room.open(BANK)) as index:
        sizes = [int(part.segment.weights.sum()) for part in index._held]
        assert max(sizes) <= 20_000  # what SMALL allows
        assert most <= sum(sizes) / 20_000 * 1.5 + 4
        assert equal(read(index), held(owned(1, 79)))


def test_what_is_added_at_once_becomes_durable_in_batches(tmp_path: Path) -> None:
    room = room_in(tmp_path)

    def watched() -> Iterator[tuple[int, Clip]]:
        for entry, one in owned(1, 40):
            if entry == 30:
                with closing(room.open(BANK)) as reader:
                    assert len(reader) > 10
            yield entry, one

    with closing(room.open(BANK, write=True)) as writer:
        assert writer.add(watched()) == 40
        assert equal(read(writer), held(owned(1, 40)))


def test_what_is_no_clip_or_no_entry_is_refused_and_the_rest_kept(tmp_path: Path) -> None:
    with closing(room_in(tmp_path).open(BANK, write=True)) as writer:
        writer.add(owned(1, 3))
        with pytest.raises(ValueError, match="duration of a clip: inf seconds cannot be"):
            writer.add([(4, clip(4)), (5, replace(clip(5), duration=math.inf))])
        with pytest.raises(ValueError, match="entry -1: not a number that can be"):
            writer.add([(-1, clip(4))])
        assert equal(read(writer), held(owned(1, 3)))


def test_a_segment_with_a_quarter_removed_is_written_again_without_it(tmp_path: Path) -> None:
    room = room_in(tmp_path, sealed=False)
    with closing(room.open(BANK, write=True)) as writer:
        writer.add((n, clip(n, rows=2)) for n in range(1, 9))
        before = files(tmp_path, ".clips")
        writer.remove([1, 2])
        assert files(tmp_path, ".clips") == before
        writer.remove([3])
        (after,) = files(tmp_path, ".clips")
        for n in range(1, 9):
            assert (clip(n, rows=2).tiles.tobytes() in after.read_bytes()) is (n > 3)
        writer.remove(range(100))
        assert (len(writer), files(tmp_path, ".clips")) == (0, [])


def test_renewing_leaves_no_byte_of_what_was_removed(tmp_path: Path) -> None:
    room = room_in(tmp_path, sealed=False)
    add(room, 1, 6)
    with closing(room.open(BANK, write=True)) as writer:
        writer.remove([2])
    gone = clip(2, rows=2).codes.tobytes()
    assert any(gone in path.read_bytes() for path in files(tmp_path, ".clips"))
    room.renew(BANK, lambda ids: ids)
    assert not any(gone in path.read_bytes() for path in files(tmp_path, ".clips"))


def test_rows_are_made_once_out_of_core_dumps_and_stay_when_closed(tmp_path: Path) -> None:
    room = room_in(tmp_path)
    add(room, 1, 5)
    index = room.open(BANK)
    rows = index.rows()
    assert index.rows() is rows
    assert "dd" in mapping_flags(rows.tiles.ctypes.data)
    with pytest.raises(ValueError, match="read-only"):
        rows.codes[0] = 0
    before = rows.codes.copy()
    index.close()
    index.close()
    assert (len(index), len(index.rows().entry)) == (0, 0)
    assert np.array_equal(rows.codes, before)


def test_clips_that_are_read_cannot_be_changed(tmp_path: Path) -> None:
    for sealed in (True, False):
        room = room_in(tmp_path / str(sealed), sealed=sealed)
        add(room, 5, 5)
        with closing(room.open(BANK)) as index, pytest.raises(ValueError, match="read-only"):
            index.clip(5).codes[0] = 0


def test_nothing_of_a_clip_can_be_read_without_the_key(tmp_path: Path) -> None:
    """The same files in plain form hold the bytes that are looked for here."""
    for folder, sealed in ((tmp_path / "sealed", True), (tmp_path / "plain", False)):
        add(room_in(folder, sealed=sealed), 1, 6)
        data = b"".join(path.read_bytes() for path in files(folder, ".clips"))
        for _entry, one in owned(1, 6):
            for array in (one.codes[0], one.tiles[0, 3], one.tile_quality[0]):
                assert (array.tobytes() in data) is not sealed


def test_everything_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        add(room_in(tmp_path / "home"), 1, 5)
    finally:
        os.umask(before)
    for path in (tmp_path / "home").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_an_hour_of_video_takes_few_bytes(tmp_path: Path) -> None:
    """Four rows a second and tiles once a second: at most 2.6 MB, everything included."""
    room = FileClipRoom(tmp_path / "clips", KeyFile(tmp_path / "key", own=True))
    with closing(room.open(BANK, write=True)) as writer:
        writer.add((n, clip(n, rows=900)) for n in range(1, 17))  # four hours, in 16 clips
    sizes = [path.stat().st_size for path in (tmp_path / "clips").rglob("*") if path.is_file()]
    assert sum(sizes) / 4 < 2.6e6
