"""MD5, SHA-1 and SHA-256 of a stream or a buffer, in one pass over its bytes."""

import hashlib
from collections.abc import Iterator
from typing import Protocol

from safelight.model.fingerprint import Digests

CHUNK = 256 * 1024
"""Bytes hashed at a time: stays in a core's cache while three digests read it, and dwarfs the cost of a call."""


class ByteStream(Protocol):
    """What is asked of a stream: a binary `read` (a `readinto`, where there is one, is preferred)."""

    def read(self, size: int, /) -> bytes | None:
        """At most `size` bytes; none at the end."""
        ...


class ByteBuffer(Protocol):
    """Anything that lends its bytes: bytes, bytearray, memoryview, mmap."""

    def __buffer__(self, flags: int, /) -> memoryview:
        """The bytes."""
        ...


def digest(source: ByteStream | ByteBuffer) -> Digests:
    """Digests of all bytes of a buffer, or of a stream from where it stands to its end.

    MD5 and SHA-1 are only for looking items up in lists that have nothing better: both are broken as proof of
    identity. SHA-256 names an item. Raises what the stream raises, and BlockingIOError when it has no bytes ready.
    """
    md5 = hashlib.md5(usedforsecurity=False)
    sha1 = hashlib.sha1(usedforsecurity=False)
    sha256 = hashlib.sha256()
    size = 0
    for chunk in _chunks(source):
        md5.update(chunk)
        sha1.update(chunk)
        sha256.update(chunk)
        size += len(chunk)
    return Digests(md5=md5.hexdigest(), sha1=sha1.hexdigest(), sha256=sha256.hexdigest(), size=size)


def _chunks(source: ByteStream | ByteBuffer) -> Iterator[memoryview | bytes]:
    """The bytes in order. A chunk is only valid until the next one is asked for."""
    try:
        view = memoryview(source)  # type: ignore[arg-type]  # a stream is told from a buffer by this failing
    except TypeError:
        yield from _stream_chunks(source)  # type: ignore[arg-type]  # not a buffer, so a stream
        return
    with view, view.cast("B") as octets:
        for start in range(0, len(octets), CHUNK):
            with octets[start : start + CHUNK] as chunk:
                yield chunk


def _stream_chunks(stream: ByteStream) -> Iterator[memoryview | bytes]:
    readinto = getattr(stream, "readinto", None)
    buffer = memoryview(bytearray(0 if readinto is None else CHUNK))
    chunk: memoryview | bytes | None
    while True:
        if readinto is None:
            chunk = stream.read(CHUNK)
        else:
            count = readinto(buffer)
            chunk = None if count is None else buffer[:count]
        if chunk is None:
            # A non-blocking stream says None for "nothing yet": taking that for the end would give false digests.
            raise BlockingIOError("the stream has no bytes ready")
        if not chunk:
            return
        yield chunk
