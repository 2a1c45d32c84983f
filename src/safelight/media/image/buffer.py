"""The bytes of one file, however they are held."""

import io
from typing import IO, TypeAlias, cast

Buffer: TypeAlias = bytes | bytearray | memoryview
"""A whole file in memory; a memoryview must be of bytes. Pass a mapped file as one: it is not copied."""


class _BufferFile:
    """A read-only binary file over a buffer, for decoders that want one (`io.BytesIO` would copy a mapping)."""

    def __init__(self, view: bytearray | memoryview) -> None:
        self._view = view  # and no view of it: the caller must be able to release it
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._view) if size < 0 else self._at + size
        piece = bytes(self._view[self._at : end])
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readline(self) -> bytes:
        end = bytes(self._view[self._at : self._at + 65536]).find(b"\n")
        return self.read(end + 1 if end >= 0 else 65536)

    def close(self) -> None:
        """Nothing to close; decoders call it."""


def as_file(data: Buffer) -> IO[bytes]:
    """A seekable binary file that reads `data` without copying all of it."""
    return io.BytesIO(data) if isinstance(data, bytes) else cast("IO[bytes]", _BufferFile(data))
