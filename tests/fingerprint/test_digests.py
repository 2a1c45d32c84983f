"""Digests equal hashlib's own, whatever the bytes come in."""

import hashlib
import io
import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.fingerprint.digests import CHUNK, digest
from safelight.model.fingerprint import Digests


def expected(data: bytes) -> Digests:
    return Digests(
        hashlib.md5(data).hexdigest(), hashlib.sha1(data).hexdigest(), hashlib.sha256(data).hexdigest(), len(data)
    )


class ReadOnly:
    """A stream with nothing but `read`, which gives fewer bytes than it is asked for."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self._inner.read(min(size, 1000))


class NotReady(io.RawIOBase):
    def readinto(self, _buffer: object, /) -> None:
        return None


@given(st.binary(max_size=3000))
def test_any_bytes_give_what_hashlib_gives(data: bytes) -> None:
    assert digest(data) == expected(data)
    assert digest(io.BytesIO(data)) == expected(data)
    assert digest(ReadOnly(data)) == expected(data)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_chunks_join_without_a_seam(size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    for source in (data, bytearray(data), memoryview(data), io.BytesIO(data), io.BufferedReader(io.BytesIO(data))):
        assert digest(source) == expected(data)


def test_published_values() -> None:
    # RFC 1321, FIPS 180 examples.
    assert digest(b"abc") == Digests(
        md5="900150983cd24fb0d6963f7d28e17f72",
        sha1="a9993e364706816aba3e25717850c26c9cd0d89d",
        sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        size=3,
    )


def test_a_mapped_file_is_a_buffer_and_can_be_closed_after(tmp_path: Path) -> None:
    path = tmp_path / "file"
    data = b"mapped " * 100_000
    path.write_bytes(data)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        mapped.read(5)  # where the map was read to does not matter
        assert digest(mapped) == expected(data)


def test_a_view_of_wider_items_is_hashed_by_its_bytes() -> None:
    array = np.arange(12, dtype=np.uint16).reshape(3, 4)
    assert digest(array.data) == expected(array.tobytes())


def test_a_stream_is_read_from_where_it_stands() -> None:
    stream = io.BytesIO(b"headbody")
    stream.seek(4)
    assert digest(stream) == expected(b"body")


def test_a_stream_that_is_not_ready_is_not_taken_for_an_empty_one() -> None:
    with pytest.raises(BlockingIOError):
        digest(NotReady())
