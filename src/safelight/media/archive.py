"""Walks an archive in place: its members one after another, unpacked in memory, under limits.

Nothing is written anywhere and no member's name is ever used as a path. Nesting is the caller's: a member that sniffs
as an archive is walked by calling `members` on its stream with the same budget.
"""

from collections.abc import Callable, Iterator
from functools import partial

from safelight.media.archives.library import walk_library, walk_rar
from safelight.media.archives.member import NO_MEMORY, Budget, ByteSource, Member, cause_of
from safelight.media.archives.names import safe_name
from safelight.media.archives.tar import walk_compressed, walk_tar
from safelight.media.archives.zip import walk_zip
from safelight.model.errors import LimitExceededError, MediaError, UnsupportedMediaError
from safelight.model.media import Limits, MediaType

__all__ = ["Budget", "ByteSource", "Member", "members", "safe_name"]

_WALKS: dict[str, Callable[[ByteSource, Budget, int], Iterator[Member]]] = {
    "application/zip": walk_zip,
    "application/x-tar": walk_tar,
    **{
        mime: partial(walk_compressed, mime=mime)
        for mime in ("application/gzip", "application/x-xz", "application/zstd", "application/x-bzip2")
    },
    "application/x-7z-compressed": partial(walk_library, archive_format="7zip"),
    "application/vnd.rar": walk_rar,
}


def members(
    stream: ByteSource, media_type: MediaType, limits: Limits, *, skip: int = 0, budget: Budget | None = None
) -> Iterator[Member]:
    """The members of an archive, directories left out, lazily and in stored order.

    Args:
        stream: the archive, readable and seekable; read from its start.
        media_type: its type, as sniffed.
        limits: bounds; the ones for members and archives are used.
        skip: how many members to pass over unread, as cheaply as the format allows (after a worker died on one).
        budget: what an enclosing archive has left; a new one of `limits` when None.

    Raises, also after some members were handed out (they stay valid; what follows is unread):
        UnsupportedMediaError: this type of archive is not read.
        LimitExceededError: there are too many members or bytes.
        MediaError: the archive itself is damaged, cut short or encrypted.
    """
    walk = _WALKS.get(media_type.mime)
    if walk is None:
        raise UnsupportedMediaError(f"archives of type {media_type.mime} are not read")
    try:
        stream.seek(0)
        yield from walk(stream, budget or Budget(limits), skip)
    except MediaError:
        raise
    except MemoryError as failure:
        raise LimitExceededError(NO_MEMORY) from failure
    except Exception as failure:
        raise MediaError(cause_of(failure)) from failure
