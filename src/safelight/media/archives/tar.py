"""Members of tar archives, plain or compressed, and of single compressed files."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Protocol, cast

import zstandard

from safelight.media.archives.member import CHUNK, Budget, ByteSource, Member, cause_of, unpack
from safelight.media.archives.names import safe_name
from safelight.media.formats import TAR
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.errors import LimitExceededError, MediaError

_LONGEST_HEADER = 16 << 20
_ZSTD_STEP = 1 << 10  # packed bytes at a time: they may unpack to 32,000 times as many
_GZIP_HAS_EXTRA, _GZIP_HAS_NAME = 0x04, 0x08
UNNAMED = "content"
"""Name of the one member of a compressed file that does not say its own."""


class _Unpacker(Protocol):
    """A decompressing stream: what we use of it."""

    def read(self, size: int, /) -> bytes: ...


class _Zstd:
    """Reads frame after frame. The package's own stream reader takes a frame that is cut short for a whole one."""

    def __init__(self, stream: ByteSource) -> None:
        self._stream = stream
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._unused = b""
        self._ready = memoryview(b"")
        self._begun = False

    def read(self, size: int, /) -> bytes:
        while not self._ready:
            packed = self._unused or self._stream.read(_ZSTD_STEP)
            if not packed:
                if self._begun:
                    raise EOFError
                return b""
            self._ready = memoryview(self._frame.decompress(packed))
            self._begun, self._unused = True, b""
            if self._frame.eof:
                self._begun, self._unused = False, self._frame.unused_data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
        piece, self._ready = bytes(self._ready[:size]), self._ready[size:]
        return piece


_OPENERS: dict[str, Callable[[ByteSource], _Unpacker]] = {
    "application/gzip": lambda stream: gzip.GzipFile(fileobj=cast("IO[bytes]", stream)),
    "application/x-xz": lambda stream: lzma.LZMAFile(cast("IO[bytes]", stream)),  # noqa: SIM115 - opens no file
    "application/x-bzip2": lambda stream: bz2.BZ2File(cast("IO[bytes]", stream)),
    "application/zstd": _Zstd,
}


class _Forward:
    """A stream that only moves forward, for tarfile: each byte unpacked is charged to the budget once.

    Going back is refused: only a forged header (a negative size) makes tarfile do so, and then it never ends.
    """

    def __init__(self, source: _Unpacker, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._position = 0
        self.last = b""

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        if size > _LONGEST_HEADER:  # contents are read by the chunk, so this is a header
            raise LimitExceededError(f"a header of more than {_LONGEST_HEADER:,} bytes; the rest is not read")
        pieces: list[bytes] = []
        while size > 0 and (piece := self._piece(size, first=not pieces)):
            pieces.append(piece)
            size -= len(piece)
        self.last = b"".join(pieces)
        self._advance(len(self.last))
        return self.last

    def _piece(self, size: int, *, first: bool) -> bytes:
        """What there is; damage behind it comes up at the next read, so that nothing before it is lost."""
        try:
            return self._source.read(size)
        except Exception:
            if first:
                raise
            return b""

    def seek(self, position: int) -> None:
        if position < self._position:
            raise MediaError("damaged header; the rest of the archive is unread")
        while self._position < position:
            piece = self._source.read(min(CHUNK, position - self._position))
            if not piece:
                return
            self._advance(len(piece))

    def _advance(self, count: int) -> None:
        self._position += count
        self._budget.spend(count)


class _ForwardSeekable(_Forward):
    """The same over a plain file, where passing over a member costs nothing."""

    def __init__(self, source: ByteSource, budget: Budget) -> None:
        super().__init__(source, budget)
        self._plain = source

    def seek(self, position: int) -> None:
        if position < self._position:
            raise MediaError("damaged header; the rest of the archive is unread")
        self._plain.seek(position)
        self._position = position


def walk_tar(stream: ByteSource, budget: Budget, skip: int) -> Iterator[Member]:
    """Members of an uncompressed tar. Raises MediaError at a damaged header: the rest is unread."""
    return _walk(_ForwardSeekable(stream, budget), budget, skip)


def walk_compressed(stream: ByteSource, budget: Budget, skip: int, mime: str) -> Iterator[Member]:
    """Members of a compressed tar, or the one member of a compressed single file."""
    stream.seek(0)
    name = _gzip_name(stream) if mime == "application/gzip" else b""
    stream.seek(0)
    try:
        head = _OPENERS[mime](stream).read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError):
        head = b""  # whatever is wrong is said when the content is read
    stream.seek(0)
    source = _OPENERS[mime](stream)
    if sniff(head) == TAR:
        yield from _walk(_Forward(source, budget), budget, skip)
        return
    budget.count_entry()
    if not skip:
        yield Member(safe_name(name or UNNAMED), *unpack(source.read, budget))


def _walk(source: _Forward, budget: Budget, skip: int) -> Iterator[Member]:
    try:
        archive = tarfile.TarFile(fileobj=cast("IO[bytes]", source), errors="surrogateescape", encoding="utf-8")
    except tarfile.TarError as failure:
        raise MediaError("damaged: not a tar archive after all") from failure
    seen = 0
    while info := _next(archive):
        budget.count_entry()
        if info.isdir():
            continue
        seen += 1
        if seen > skip:
            yield _member(archive, info, budget)
    if any(source.last):  # tarfile takes a damaged header for the end; the true end is a block of zeros, or nothing
        raise MediaError(f"a damaged header after {seen:,} members; the rest is unread")


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        info = archive.next()
    except (MediaError, MemoryError):
        raise
    except Exception as failure:
        raise MediaError(f"{cause_of(failure)}; the rest of the archive is unread") from failure
    archive.members = []  # type: ignore[attr-defined]  # typeshed lacks it; else tarfile remembers every header
    return info


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo, budget: Budget) -> Member:
    name = safe_name(info.name)
    if not info.isreg():
        kind = "a symbolic link" if info.issym() else "a hard link" if info.islnk() else "a device"
        return Member(name, None, f"{kind}: not followed")
    try:
        budget.check_size(info.size)
        content = archive.extractfile(info)
    except LimitExceededError as limit:
        return Member(name, None, limit.cause)
    if content is None:  # for links only
        raise AssertionError
    return Member(name, *unpack(content.read, budget, spend=False))


def _gzip_name(stream: ByteSource) -> bytes:
    """The file name in a gzip header (RFC 1952, section 2.3), empty when there is none."""
    head = stream.read(HEAD_BYTES)
    if len(head) < 12 or not head[3] & _GZIP_HAS_NAME:
        return b""
    start = 10
    if head[3] & _GZIP_HAS_EXTRA:
        start += 2 + int.from_bytes(head[10:12], "little")
    end = head.find(b"\0", start)
    return head[start:end] if end > start else b""
