"""The head that was signed last, in its file."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelight.adapter import disk
from safelight.adapter.last_head import LastHeadFile
from safelight.model.audit import TreeHead
from safelight.model.errors import StorageError

HEAD = TreeHead("log", 7, "ab" * 32, datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture
def last(tmp_path: Path) -> LastHeadFile:
    (tmp_path / "key.pem").write_bytes(b"key")
    return LastHeadFile(tmp_path / "head.json", tmp_path / "key.pem")


def test_what_is_put_is_there_for_the_owner_alone(last: LastHeadFile, tmp_path: Path) -> None:
    assert last.get() is None
    last.put(HEAD)
    assert last.get() == HEAD
    assert (tmp_path / "head.json").stat().st_mode & 0o777 == 0o600


def test_it_is_replaced_as_a_whole_or_not_at_all(
    last: LastHeadFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last.put(HEAD)

    def full(_file: int, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "append", full)
    with pytest.raises(StorageError, match="No space"):
        last.put(TreeHead("log", 8, "cd" * 32, HEAD.at))
    assert last.get() == HEAD
    (tmp_path / "head.json").write_bytes(b"{")
    with pytest.raises(StorageError, match="damaged"):
        last.get()


def test_one_signs_at_a_time(last: LastHeadFile) -> None:
    inside, seen = threading.Event(), list[bool]()

    def other() -> None:
        with last.alone():
            seen.append(inside.is_set())

    with last.alone():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()
        inside.set()
    thread.join()
    assert seen == [True]


def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    with pytest.raises(StorageError), LastHeadFile(tmp_path / "head.json", tmp_path / "key.pem").alone():
        pass
