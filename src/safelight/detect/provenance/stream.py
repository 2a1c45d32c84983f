"""A whole file in memory as the SDK wants it: a stream that can be read and sought, and refuses to be written."""

import io

from safelight.detect.buffer import Buffer


class BufferStream(io.RawIOBase):
    """Reads straight from the buffer: nothing but what is asked for is copied."""

    def __init__(self, data: Buffer) -> None:
        super().__init__()
        self._view = memoryview(data)
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # typeshed's is wider
        """Fill the buffer as far as there is anything left; returns the number of bytes."""
        piece = self._view[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Stand at a byte, which may lie behind the end. Raises ValueError for one before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        if base + offset < 0:
            raise ValueError("before the start")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Where it stands."""
        return self._at
