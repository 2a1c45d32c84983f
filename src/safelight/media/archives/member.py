"""What every archive walker shares: the member handed out, the budget it draws on, and reading under limits."""

import io
import lzma
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import zstandard

from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.media import Limits

CHUNK = 1 << 16
"""Bytes unpacked at a time ..."""

FIRST_CHUNKS = 1 << 12
"""... and while a member is small: what a decompressor had ready when it found damage is lost with the chunk."""

BOMB_RATIO = 250
"""A member that unpacks to more than this many times its packed size is taken for a bomb ..."""

BOMB_FROM = 64 << 20
"""... once this many bytes have come out. Real media stay below 2; blank disk images and text logs below 200."""

NO_MEMORY = "needs more memory than the limit allows"


class ByteSource(Protocol):
    """A readable, seekable binary stream, such as an open file or `io.BytesIO`."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position and return it."""
        ...

    def tell(self) -> int:
        """The position."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive that is not a directory.

    `name`: as stored, made printable by `safe_name`; never a path to open. `data`: its unpacked content. `error`: one
    line on why it could not be read, or not whole. Both are set when a damaged member gave some content: then `data`
    is that part. `data` is None when there is none (encrypted, a link, over a limit ...).
    """

    name: str
    data: bytes | None
    error: str | None = None

    def stream(self) -> io.BytesIO:
        """The content as a seekable stream (without copying it), to sniff it or walk it as an archive itself."""
        return io.BytesIO(self.data or b"")


class Budget:
    """What one top-level file may still cost. Archives nested in it draw on the same one."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.entries = 0
        self.unpacked = 0

    def count_entry(self) -> None:
        """Note one more entry (directories too). Raises LimitExceededError when that, or the bytes, are too many."""
        self.entries += 1
        if self.entries > self.limits.max_members:
            raise LimitExceededError(f"holds more than {self.limits.max_members:,} members; the rest is not read")
        self.spend(0)

    def spend(self, count: int) -> None:
        """Note `count` more unpacked bytes. Raises LimitExceededError when they are too many."""
        self.unpacked += count
        if self.unpacked > self.limits.max_archive_bytes:
            raise LimitExceededError(
                f"unpacks to more than {self.limits.max_archive_bytes:,} bytes in total; the rest is not read"
            )

    def check_size(self, size: int | None) -> None:
        """Raise LimitExceededError when one member of `size` bytes (None: not known yet) is too large."""
        if size is not None and size > self.limits.max_member_bytes:
            raise LimitExceededError(
                f"unpacks to more than {self.limits.max_member_bytes:,} bytes, the limit for one member"
            )


def unpack(
    read: Callable[[int], bytes], budget: Budget, *, packed: int | None = None, spend: bool = True
) -> tuple[bytes | None, str | None]:
    """Read one member to its end by `read(size)`; return (data, error) as `Member` has them. Never raises.

    `packed`: its size in the archive, where known, to stop bombs early. `spend`: whether to charge the budget here
    (not when the stream below does so already).
    """
    content = io.BytesIO()
    size = 0
    try:
        while piece := read(CHUNK if size >= CHUNK else FIRST_CHUNKS):
            size += len(piece)
            budget.spend(len(piece) if spend else 0)
            budget.check_size(size)
            if packed is not None and size > BOMB_FROM and size > BOMB_RATIO * packed:
                return None, f"unpacks to more than {BOMB_RATIO} times its size: a decompression bomb"
            content.write(piece)
    except LimitExceededError as limit:
        return None, limit.cause
    except MemoryError:
        return None, NO_MEMORY
    except Exception as failure:  # noqa: BLE001 - whatever a decompressor raises costs this member only
        return content.getvalue() or None, cause_of(failure)
    return content.getvalue(), None


def cause_of(failure: Exception) -> str:
    """One line on a decompressor's exception, in our own words: theirs may quote the file."""
    if isinstance(failure, MediaError):
        return failure.cause
    text = str(failure)
    for kind, words, cause in _CAUSES:
        if isinstance(failure, kind) and words in text:
            return cause
    return f"damaged ({type(failure).__name__})"


_CAUSES: tuple[tuple[type[Exception], str, str], ...] = (
    (EOFError, "", "cut short"),
    (tarfile.ReadError, "end of data", "cut short"),
    (NotImplementedError, "", "uses a method that is not supported"),
    (zlib.error, "", "damaged: the compressed data do not decode"),
    (lzma.LZMAError, "", "damaged: the compressed data do not decode"),
    (zstandard.ZstdError, "", "damaged: the compressed data do not decode"),
)
