"""Members of 7z and RAR archives (and of ZIPs without a directory), by libarchive."""

from collections.abc import Iterator

from safelight.media.archives.libarchive import Entry, Reader
from safelight.media.archives.member import Budget, ByteSource, Member, unpack
from safelight.media.archives.names import safe_name
from safelight.model.errors import LimitExceededError, MediaError

_RAR5 = b"Rar!\x1a\x07\x01\x00"


def walk_library(stream: ByteSource, budget: Budget, skip: int, archive_format: str) -> Iterator[Member]:
    """The members in stored order (solid archives are unpacked once, in order, skipped members too).

    Raises MediaError where the archive cannot be followed further: the members after that point are unread.
    """
    seen = 0
    with Reader(stream, archive_format) as reader:
        try:
            for entry in reader.entries():
                budget.count_entry()
                if entry.kind == "directory":
                    continue
                seen += 1
                too_large = entry.size is not None and entry.size > budget.limits.max_member_bytes
                if archive_format == "7zip" and (seen <= skip or too_large):
                    budget.spend(entry.size or 0)  # it must be unpacked all the same to reach what follows
                if seen > skip:
                    yield _member(reader, entry, budget)
        except LimitExceededError:
            raise
        except MediaError as failure:
            after = f" after {seen:,} members; the rest is unread" if seen else ""
            raise MediaError(failure.cause + after) from failure


def walk_rar(stream: ByteSource, budget: Budget, skip: int) -> Iterator[Member]:
    """The same for both generations of RAR, told apart by their signatures."""
    version = "rar5" if stream.read(8) == _RAR5 else "rar"
    stream.seek(0)
    return walk_library(stream, budget, skip, version)


def _member(reader: Reader, entry: Entry, budget: Budget) -> Member:
    name = safe_name(entry.name)
    if entry.kind != "file":
        return Member(name, None, f"a {entry.kind}: not followed")
    if entry.encrypted:
        return Member(name, None, "encrypted")
    try:
        budget.check_size(entry.size)
    except LimitExceededError as limit:
        return Member(name, None, limit.cause)
    data, error = unpack(reader.read, budget)
    if error is None and entry.size is not None and data is not None and len(data) < entry.size:
        error = "cut short"
    return Member(name, data, error)
