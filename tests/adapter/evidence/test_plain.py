"""Plain media in anonymous memory."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.adapter.evidence.plain import in_memory


def test_it_is_read_from_the_beginning_and_cannot_be_changed() -> None:
    with in_memory([b"one", b"", b"two"]) as file:
        assert file.read() == b"onetwo"
        assert str(Path(f"/proc/self/fd/{file.fileno()}").readlink()).startswith("/memfd:")
        for change in (lambda: os.write(file.fileno(), b"x"), lambda: os.ftruncate(file.fileno(), 2)):
            with pytest.raises(PermissionError):
                change()
        assert not os.get_inheritable(file.fileno())


def test_nothing_stays_open_when_the_bytes_cannot_be_had() -> None:
    def parts() -> Iterator[bytes]:
        yield b"one"
        raise KeyError

    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(KeyError):
        in_memory(parts())
    assert len(list(Path("/proc/self/fd").iterdir())) == before
