"""Files that are not as they were written: an error that names the file, never a wrong answer or a crash."""

from contextlib import closing
from pathlib import Path

import pytest

from safelight.adapter.features import FileFeatureRoom
from safelight.model.errors import IndexCorruptError
from tests.adapter.features import histories
from tests.adapter.features.histories import BANK, equal, files, held, owned, read, room_in, two_segments
from tests.adapter.vault.damage import flipped, read_all


@pytest.fixture(params=[True, False], ids=["encrypted", "plain"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> FileFeatureRoom:
    return two_segments(tmp_path, sealed=request.param)


@pytest.mark.parametrize("suffix", [".lists", ".records", "manifest"])
def test_a_changed_bit_anywhere_is_noticed(room: FileFeatureRoom, tmp_path: Path, suffix: str) -> None:
    """In header, lists, directory, records and tags; in every byte of the manifest."""
    path = files(tmp_path, suffix)[0]
    whole = path.read_bytes()
    step = {"manifest": 1, ".lists": 97, ".records": 29}[suffix]
    for position in {*range(0, len(whole), step), len(whole) - 1}:
        path.write_bytes(flipped(whole, position))
        with pytest.raises(IndexCorruptError, match=str(path)):
            read_all(room, histories)
    path.write_bytes(whole)
    read_all(room, histories)


def test_parts_in_each_others_place_are_noticed(room: FileFeatureRoom, tmp_path: Path) -> None:
    """Two chunks of the lists, and two records of one length, exchanged with their tags."""
    path = files(tmp_path, ".lists")[0]
    whole = path.read_bytes()
    chunk, tag = 4096, 16 if room._vault.sealed else 4
    tags = len(whole) - tag * -(-(len(whole) - 128) // (chunk + tag))
    first, second = whole[128 : 128 + chunk], whole[128 + chunk : 128 + 2 * chunk]
    ends = whole[tags : tags + tag], whole[tags + tag : tags + 2 * tag]
    path.write_bytes(
        whole[:128] + second + first + whole[128 + 2 * chunk : tags] + ends[1] + ends[0] + whole[tags + 2 * tag :]
    )
    with closing(room.open(BANK)) as index, pytest.raises(IndexCorruptError, match="chunk 0 is not what was written"):
        index.segments()
    path.write_bytes(whole)

    path = files(tmp_path, ".records")[0]
    whole = path.read_bytes()
    with closing(room.open(BANK)) as index:
        segment = index._held[0].segment
        lengths = (segment._records.lengths + segment._records._file.tag).tolist()
        one, other = next((a, b) for a in range(20) for b in range(a + 1, 20) if lengths[a] == lengths[b])
        (a, b), size = segment._records.starts[[one, other]].tolist(), lengths[one]
    changed = bytearray(whole)
    changed[a : a + size], changed[b : b + size] = whole[b : b + size], whole[a : a + size]
    path.write_bytes(changed)
    with closing(room.open(BANK)) as index, pytest.raises(IndexCorruptError, match=f"record {one} is not what was"):
        index.sketch(0, one)


def test_an_older_state_of_the_files_is_noticed_under_a_newer_manifest(room: FileFeatureRoom, tmp_path: Path) -> None:
    older = {path: path.read_bytes() for suffix in (".lists", ".records") for path in files(tmp_path, suffix)}
    with closing(room.open(BANK, write=True)) as writer:
        writer.add(owned(30, 33))
    for path in [path for suffix in (".lists", ".records") for path in files(tmp_path, suffix)]:
        path.unlink()
    for path, data in older.items():
        path.write_bytes(data)
    with pytest.raises(IndexCorruptError):
        room.open(BANK)


def test_other_versions_and_codebooks_are_refused(
    room: FileFeatureRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = room_in(tmp_path, sealed=room._vault.sealed, codebook=2)
    with pytest.raises(IndexCorruptError, match="made with codebook 1, this version has 2"):
        newer.open(BANK)
    monkeypatch.setattr("safelight.adapter.vault.container.VERSION", 2)
    with pytest.raises(IndexCorruptError, match=r"lists: its format is 1, this version reads 2"):
        room.open(BANK)
    monkeypatch.setattr("safelight.adapter.vault.manifest.FORMAT", 2)
    with pytest.raises(IndexCorruptError, match=r"manifest: its format is 1, this version reads 2"):
        room.open(BANK)


def test_what_cannot_be_read_is_neither_merged_nor_lost(room: FileFeatureRoom, tmp_path: Path) -> None:
    """A writer that meets a damaged record stops, and leaves everything as it was."""
    path = files(tmp_path, ".records")[0]
    whole = path.read_bytes()
    path.write_bytes(flipped(whole, len(whole) - 30))
    with closing(room.open(BANK, write=True)) as writer:
        with pytest.raises(IndexCorruptError, match=str(path)):
            writer.remove(range(1, 12))
        assert len(writer) == 21
    with pytest.raises(IndexCorruptError, match=str(path)):
        room.renew(BANK, lambda ids: ids)
    path.write_bytes(whole)
    with closing(room.open(BANK)) as index:
        assert equal(read(index), held(one for one in owned(1, 22) if one[0] != 2))
