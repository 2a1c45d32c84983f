"""Members of ZIP archives (PKWARE APPNOTE 6.3), by the standard library's reader."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from itertools import pairwise
from typing import IO, cast

from safelight.media.archives.library import walk_library
from safelight.media.archives.member import Budget, ByteSource, Member, cause_of, unpack
from safelight.media.archives.names import safe_name
from safelight.model.errors import LimitExceededError, MediaError

_ENCRYPTED = 0x1
_UNIX = 3
_LOCAL_HEADER = 30


def walk_zip(stream: ByteSource, budget: Budget, skip: int) -> Iterator[Member]:
    """Each member on its own: a damaged one costs nothing else.

    When the central directory cannot be read (cut short, or one undecodable name in it), the members are read from
    their local headers instead, and MediaError says so at the end.
    """
    archive = _open(stream)
    if archive is None:
        stream.seek(0)
        yield from _walk_local_headers(stream, budget, skip)
        return
    with archive:
        infos = archive.infolist()
        overlapping = _overlapping(infos, archive.start_dir)
        seen = 0
        for info in infos:
            budget.count_entry()
            if info.is_dir():
                continue
            seen += 1
            if seen > skip:
                yield _member(archive, info, budget, overlaps=info.header_offset in overlapping)


def _walk_local_headers(stream: ByteSource, budget: Budget, skip: int) -> Iterator[Member]:
    try:
        yield from walk_library(stream, budget, skip, "zip_streamable")
    except LimitExceededError:
        raise
    except MediaError as failure:
        raise MediaError(f"no readable directory; by local headers: {failure.cause}") from failure
    raise MediaError("no readable directory; the members were read from their local headers")


def _open(stream: ByteSource) -> zipfile.ZipFile | None:
    try:
        return zipfile.ZipFile(cast("IO[bytes]", stream))  # it needs no more than ByteSource has
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - zipfile raises many kinds on damaged directories
        return None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, *, overlaps: bool) -> Member:
    name = safe_name(info.filename)
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if stat.S_ISLNK(mode):
        return Member(name, None, "a symbolic link: not followed")
    if info.flag_bits & _ENCRYPTED:
        return Member(name, None, "encrypted")
    if overlaps:
        return Member(name, None, "overlaps the next member, as in a zip bomb")
    try:
        budget.check_size(info.file_size)
        unchecked = copy(info)
        del unchecked.CRC  # zipfile would keep back the last piece when it does not match
        with archive.open(unchecked) as content:
            data, error = unpack(content.read, budget, packed=info.compress_size)
    except MemoryError:
        raise
    except Exception as failure:  # noqa: BLE001 - a damaged local header costs this member only
        return Member(name, None, cause_of(failure))
    if error is None and data is not None and zlib.crc32(data) != info.CRC:
        error = "damaged: its checksum does not match"
    return Member(name, data, error)


def _overlapping(infos: list[zipfile.ZipInfo], directory: int) -> set[int]:
    """Offsets of the entries that reach into the next one (or the central directory).

    The standard library refuses these since 3.11.8 only. See D. Fifield, "A better zip bomb" (2019).
    """
    reach: dict[int, int] = {}
    for info in infos:
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
        reach[info.header_offset] = max(end, reach.get(info.header_offset, 0))
    offsets = [*sorted(reach), directory]
    return {offset for offset, following in pairwise(offsets) if reach[offset] > following}
