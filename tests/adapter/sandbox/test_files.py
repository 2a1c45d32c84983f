import os
from pathlib import Path

import pytest

from safelight.adapter.sandbox.files import NotOpenedError, open_regular
from safelight.model.scan import Status


def test_a_file_is_opened_for_reading_only(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    file = open_regular(str(tmp_path / "x"))
    assert os.read(file.fd, 9) == b"abc"
    assert not os.get_inheritable(file.fd)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(file.fd, b"x")
    os.close(file.fd)


def test_names_that_are_no_text_are_opened(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff"
    Path(os.fsdecode(path)).write_bytes(b"abc")
    file = open_regular(os.fsdecode(path))
    os.close(file.fd)
    assert file.stored <= 3


def test_holes_do_not_count_as_stored(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.truncate(1 << 40)
    opened = open_regular(str(tmp_path / "x"))
    os.close(opened.fd)
    assert opened.stored < 1 << 20


def test_a_path_that_changes_between_looking_and_opening_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    honest = os.lstat(tmp_path / "x")
    (tmp_path / "x").unlink()
    os.mkfifo(tmp_path / "x")
    files = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(os, "lstat", lambda _path: honest)
    with pytest.raises(NotOpenedError) as caught:
        open_regular(str(tmp_path / "x"))
    assert (caught.value.status, caught.value.cause) == (Status.SKIPPED, "named pipe")
    assert len(list(Path("/proc/self/fd").iterdir())) == files


def test_a_link_put_in_place_after_looking_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "target").write_bytes(b"abc")
    honest = os.lstat(tmp_path / "target")
    (tmp_path / "x").symlink_to("target")
    monkeypatch.setattr(os, "lstat", lambda _path: honest)
    with pytest.raises(NotOpenedError) as caught:
        open_regular(str(tmp_path / "x"))
    assert (caught.value.status, caught.value.cause) == (Status.UNREADABLE, "Too many levels of symbolic links")


def test_a_name_too_long_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotOpenedError) as caught:
        open_regular(str(tmp_path / ("x" * 300)))
    assert (caught.value.status, caught.value.cause) == (Status.UNREADABLE, "File name too long")
