"""Files that are not as they were written: an error that names the file, never a wrong answer or a crash."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.clips import FileClipRoom, records
from safelight.adapter.clips.segment import write_segment
from safelight.adapter.vault import manifest
from safelight.adapter.vault.container import Form
from safelight.adapter.vault.manifest import Manifest
from safelight.model.errors import IndexCorruptError
from tests.adapter.clips import histories
from tests.adapter.clips.histories import BANK, equal, files, held, owned, read, room_in, two_segments
from tests.adapter.vault.damage import flipped, read_all
from tests.clips import clip


@pytest.fixture(params=[True, False], ids=["encrypted", "plain"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> FileClipRoom:
    return two_segments(tmp_path, sealed=request.param)


def test_a_changed_bit_anywhere_is_noticed(room: FileClipRoom, tmp_path: Path) -> None:
    """In every byte of the manifest, header and directory; in many of each record, and of its tag."""
    for path, step in ((files(tmp_path, "manifest")[0], 1), (files(tmp_path, ".clips")[0], 13)):
        whole = path.read_bytes()
        for position in {*range(min(len(whole), 280)), *range(0, len(whole), step), len(whole) - 1}:
            path.write_bytes(flipped(whole, position))
            with pytest.raises(IndexCorruptError, match=str(path)):
                read_all(room, histories)
        path.write_bytes(whole)
    read_all(room, histories)


def test_rows_and_clips_are_never_of_damaged_records(room: FileClipRoom, tmp_path: Path) -> None:
    path = files(tmp_path, ".clips")[0]
    whole = path.read_bytes()
    path.write_bytes(flipped(whole, len(whole) - 40))  # the last record, of entry 5
    with closing(room.open(BANK)) as index:
        with pytest.raises(IndexCorruptError, match=f"{path}: record 4 is not what was written there"):
            index.rows()
        with pytest.raises(IndexCorruptError, match="record 4"):
            index.clip(5)
        assert equal({4: index.clip(4)}, held(owned(4, 4)))


def test_records_in_each_others_place_are_noticed(room: FileClipRoom, tmp_path: Path) -> None:
    """Two records of one length, exchanged with their tags."""
    with closing(room.open(BANK, write=True)) as writer:
        writer.remove(range(100))
        writer.add([(1, clip(1)), (2, clip(2))])
        file = writer._held[0].segment._records
        (one, other), size = file.starts[:2].tolist(), int(file.starts[1] - file.starts[0])
    (path,) = files(tmp_path, ".clips")
    whole = path.read_bytes()
    changed = bytearray(whole)
    changed[one : one + size], changed[other : other + size] = whole[other : other + size], whole[one : one + size]
    path.write_bytes(changed)
    with closing(room.open(BANK)) as index, pytest.raises(IndexCorruptError, match="record 0 is not what was"):
        index.clip(1)


def test_an_older_state_of_the_files_is_noticed_under_a_newer_manifest(room: FileClipRoom, tmp_path: Path) -> None:
    older = {path: path.read_bytes() for path in files(tmp_path, ".clips")}
    with closing(room.open(BANK, write=True)) as writer:
        writer.remove([3, 4, 5])
    assert {path.name for path in files(tmp_path, ".clips")} != {path.name for path in older}
    for path in files(tmp_path, ".clips"):
        path.unlink()
    for path, data in older.items():
        path.write_bytes(data)
    with pytest.raises(IndexCorruptError):
        room.open(BANK)


def test_what_cannot_be_read_is_neither_merged_nor_lost(room: FileClipRoom, tmp_path: Path) -> None:
    """A writer that meets a damaged record stops, and leaves everything as it was."""
    path = files(tmp_path, ".clips")[0]
    whole = path.read_bytes()
    path.write_bytes(flipped(whole, len(whole) - 30))
    with closing(room.open(BANK, write=True)) as writer:
        with pytest.raises(IndexCorruptError, match=str(path)):
            writer.remove([3, 4])
        assert len(writer) == 6
    with pytest.raises(IndexCorruptError, match=str(path)):
        room.renew(BANK, lambda ids: ids)
    path.write_bytes(whole)
    with closing(room.open(BANK)) as index:
        assert equal(read(index), held([*owned(2, 5), *owned(7, 8)]))


def test_plain_files_of_anybodys_making_give_no_wrong_clip(tmp_path: Path) -> None:
    """Checksums fit, but what they are of is no clip, or not the one that the directory has."""
    room = room_in(tmp_path, sealed=False)
    good = records.pack(clip(1))
    wrong = good[:40] + np.full(8, np.nan, "<f4").tobytes() + good[72:]
    # As long as a record of 8 rows and 2 with tiles, but of other numbers.
    other = records.pack(clip(2, rows=8, every=8))
    cases: list[tuple[tuple[int, int, int], bytes, str]] = [
        ((1, 8, 2), wrong, "clip 0: time of a clip: its values are out of range"),
        ((1, 8, 2), other + bytes(len(good) - len(other)), "clip 0: its record is not as long as"),
        ((1, 65537, 0), bytes(40 + 43 * 65537), "its directory has numbers that cannot be"),
        ((1, 1, 2), bytes(40 + 43 + 2 * 532), "its directory has numbers that cannot be"),
    ]
    for row, record, cause in cases:
        room.drop(BANK)
        room.open(BANK, write=True).close()
        folder = tmp_path / "clips" / "7"
        entry = write_segment(folder, "00000001", Form(0, None), np.array([row], records.DIRECTORY), [record])
        manifest.write(folder, Manifest(BANK.id, 1, 0, "", (entry,)), None, "clips manifest")
        with pytest.raises(IndexCorruptError, match=cause), closing(room.open(BANK)) as index:
            index.rows()


@pytest.mark.parametrize("dead", [b"\x01", b"\x05\0\0\0"])
def test_a_plain_manifest_of_anybodys_making_removes_nothing_that_is_not_there(tmp_path: Path, dead: bytes) -> None:
    room = room_in(tmp_path, sealed=False)
    with closing(room.open(BANK, write=True)) as writer:
        writer.add(owned(1, 2))
        state = writer._manifest
    state = replace(state, segments=(replace(state.segments[0], dead=dead),))
    manifest.write(tmp_path / "clips" / "7", state, None, "clips manifest")
    with pytest.raises(IndexCorruptError, match="what it says was removed of 00000001 was never there"):
        room.open(BANK)
