"""What files promise besides the contract: modes, durability, and what a crash leaves."""

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safelight.adapter.blob.files import FileBlobStore
from safelight.model.errors import StorageError
from tests.adapter.failing_disk import FailingDisk, KilledError, full, killed

NAME = "01a203bb-b6a2-7b67-bc23-1e2fb4d3d005"
PARTS = [b"first", b"second"]


@pytest.fixture
def store(tmp_path: Path) -> FileBlobStore:
    return FileBlobStore(tmp_path / "blobs")


def test_folders_and_files_are_for_their_owner_alone(store: FileBlobStore, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store.put(NAME, PARTS)
    finally:
        os.umask(old)
    file = tmp_path / "blobs" / "05" / NAME
    modes = [path.stat().st_mode & 0o777 for path in (file, file.parent, file.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def steps(tmp_path: Path) -> int:
    disk = FailingDisk(tmp_path / "count" / "05", 0, None)
    with disk.in_place():
        FileBlobStore(tmp_path / "count").put(NAME, PARTS)
    return disk.step


def test_a_blob_is_whole_or_not_there_after_a_power_cut_at_any_step(tmp_path: Path) -> None:
    assert steps(tmp_path) == 6  # create, two appends, sync, replace, sync of the folder
    for at in range(1, 7):
        root = tmp_path / f"cut{at}"
        store = FileBlobStore(root)
        disk = FailingDisk(root / "05", at, killed)
        with disk.in_place(), pytest.raises(KilledError):
            store.put(NAME, PARTS)
        for state in disk.states().values():
            assert state.get(NAME, b"firstsecond") == b"firstsecond"
        assert set(store.names()) <= {NAME}


def test_a_put_that_returned_survives_a_power_cut(tmp_path: Path) -> None:
    disk = FailingDisk(tmp_path / "05", 0, None)
    with disk.in_place():
        FileBlobStore(tmp_path).put(NAME, PARTS)
    assert disk.states()["as synced"] == {NAME: b"firstsecond"}


@pytest.mark.parametrize("at", range(1, 7))
def test_a_full_disk_is_told_and_leaves_no_part(tmp_path: Path, at: int) -> None:
    store = FileBlobStore(tmp_path)
    with FailingDisk(tmp_path / "05", at, full).in_place(), pytest.raises(StorageError, match="No space left"):
        store.put(NAME, PARTS)
    assert [path.name for path in (tmp_path / "05").iterdir()] == ([NAME] if at == 6 else [])


def test_sweep_removes_what_a_killed_process_had_begun_and_is_old(store: FileBlobStore, tmp_path: Path) -> None:
    store.put(NAME, PARTS)
    left = tmp_path / "blobs" / "05" / f".{NAME[:-3]}105"
    left.write_bytes(b"half")
    now = datetime.now(UTC)
    assert list(store.names()) == [NAME]
    assert store.sweep(now - timedelta(hours=1)) == 0
    assert left.exists()
    assert store.sweep(now + timedelta(hours=1)) == 1
    assert not left.exists()
    assert list(store.names()) == [NAME]


def test_sweeping_beside_a_put_that_finishes_just_now(
    store: FileBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(NAME, PARTS)
    gone = tmp_path / "blobs" / "05" / ".gone-meanwhile"

    def files(_self: FileBlobStore) -> Iterator[Path]:
        yield gone

    monkeypatch.setattr(FileBlobStore, "_files", files)
    assert store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blobs").mkdir()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StorageError, match="blobs"):
        FileBlobStore(tmp_path / "blobs").check()


def test_bytes_that_cannot_be_deleted_are_told(store: FileBlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(NAME, PARTS)

    def refuse(_path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StorageError, match="Read-only"):
        store.delete(NAME)
