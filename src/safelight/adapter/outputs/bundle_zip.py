"""ZIP archives that have one form only: stored, ZIP64 throughout, no times, no comments (APPNOTE.TXT 6.3.10).

What a member's name, size and CRC-32 are decides every byte around its data, so that an archive is checked by making
these bytes again.
"""

import struct
from dataclasses import dataclass

_LOCAL, _CENTRAL, _END64, _LOCATOR, _END = 0x04034B50, 0x02014B50, 0x06064B50, 0x07064B50, 0x06054B50
_VERSION = 45  # of ZIP that knows ZIP64
_MADE_BY = 3 << 8 | _VERSION  # 3: attributes are those of Unix
_DATE = 1 << 5 | 1  # 1 January 1980, the first that there is
_MODE = 0o100600 << 16
_SEE_EXTRA, _SEE_END64 = 0xFFFFFFFF, 0xFFFF
_ZIP64 = 0x0001


@dataclass(frozen=True, slots=True)
class Member:
    """A member's place. `offset`: of its local header, from the beginning of the file."""

    name: str
    size: int
    crc: int
    offset: int


def local_length(name: str) -> int:
    """How long the header before a member's data is."""
    return 30 + len(name) + 20


def local_header(name: str, size: int, crc: int) -> bytes:
    """What comes before a member's data."""
    fixed = struct.pack("<IHHHHHIIIHH", _LOCAL, _VERSION, 0, 0, 0, _DATE, crc, _SEE_EXTRA, _SEE_EXTRA, len(name), 20)
    return fixed + name.encode("ascii") + struct.pack("<HHQQ", _ZIP64, 16, size, size)


def size_in(header: bytes) -> int:
    """The size that a header of ours names."""
    return int.from_bytes(header[-8:], "little")


def crc_in(header: bytes) -> int:
    """The CRC-32 that a header of ours names."""
    return int.from_bytes(header[14:18], "little")


def central_header(member: Member) -> bytes:
    """A member's record in the directory at the end of the file."""
    fixed = struct.pack(
        "<IHHHHHHIIIHHHHHII",
        _CENTRAL,
        _MADE_BY,
        _VERSION,
        0,
        0,
        0,
        _DATE,
        member.crc,
        _SEE_EXTRA,
        _SEE_EXTRA,
        len(member.name),
        28,
        0,
        0,
        0,
        _MODE,
        _SEE_EXTRA,
    )
    extra = struct.pack("<HHQQQ", _ZIP64, 24, member.size, member.size, member.offset)
    return fixed + member.name.encode("ascii") + extra


def end(count: int, start: int, length: int) -> bytes:
    """What comes after the directory of `count` members, which begins at `start` and is `length` bytes long."""
    end64 = struct.pack("<IQHHIIQQQQ", _END64, 44, _MADE_BY, _VERSION, 0, 0, count, count, length, start)
    locator = struct.pack("<IIQI", _LOCATOR, 0, start + length, 1)
    last = struct.pack("<IHHHHIIH", _END, 0, 0, _SEE_END64, _SEE_END64, _SEE_EXTRA, _SEE_EXTRA, 0)
    return end64 + locator + last
