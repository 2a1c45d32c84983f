"""Directories of TIFF and Exif data, read within bounds: which fields there are, and where their values lie.

Values are not read here, only found: `Entry` gives the bytes of each. Loops, counts and offsets that lie are told in
`Entries.oddities`, what they hide is left out.
Sources: TIFF 6.0 (Adobe, 1992) section 2; BigTIFF (Aware Systems); Exif 3.0 (CIPA DC-008-2023) section 4.6;
ITU-T T.832 annex A for the JPEG XR container, which differs in its first bytes only.
"""

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_ENTRIES = 1_000
"""Fields read of one TIFF structure, all directories together."""
MAX_IFDS = 32
"""Directories read of one TIFF structure."""

TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value by field type: BYTE, ASCII, SHORT, LONG, RATIONAL, ... BigTIFF's LONG8, SLONG8, IFD8."""
TYPE_BYTES[129] = 1  # UTF-8, since Exif 3.0

_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_EXIF, _GPS, _INTEROP, _SUB = 0x8769, 0x8825, 0xA005, 0x014A


class Ifd(StrEnum):
    """Which directory a field stands in."""

    FIRST = "IFD0"  # the picture itself
    SECOND = "IFD1"  # in Exif: the thumbnail; in a TIFF file: the second page
    LATER = "later IFD"
    EXIF = "Exif IFD"
    GPS = "GPS IFD"
    INTEROP = "Interoperability IFD"
    SUB = "SubIFD"


_POINTERS = {_EXIF: Ifd.EXIF, _GPS: Ifd.GPS, _INTEROP: Ifd.INTEROP, _SUB: Ifd.SUB}
_CHAIN = {Ifd.FIRST: Ifd.SECOND, Ifd.SECOND: Ifd.LATER, Ifd.LATER: Ifd.LATER}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field. Its value is `view[start:end]` of the view that was read: `count` values of TIFF type `type`."""

    ifd: Ifd
    tag: int
    type: int
    count: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entries:
    """All fields found. `order`: "<" or ">", as `struct` has it. `oddities`: one line each, without repetition.

    `looked`: fields and directories looked at, those left out included.
    """

    order: str = "<"
    found: tuple[Entry, ...] = ()
    oddities: tuple[str, ...] = ()
    looked: int = 0

    def first(self, ifd: Ifd, tag: int) -> Entry | None:
        """The first field of that directory and tag."""
        return next((entry for entry in self.found if entry.tag == tag and entry.ifd == ifd), None)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Structures of a byte order and width: how many entries, one entry up to its value, an offset."""

    order: str
    number: struct.Struct
    entry: struct.Struct
    offset: struct.Struct

    @staticmethod
    def of(order: str, *, big: bool) -> "_Layout":
        shapes = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
        return _Layout(order, *(struct.Struct(order + shape) for shape in shapes))

    @property
    def entry_bytes(self) -> int:
        return self.entry.size + self.offset.size


_LAYOUTS = {(order, big): _Layout.of(order, big=big) for order in "<>" for big in (False, True)}


def entries(view: memoryview, start: int, end: int, first: Ifd = Ifd.FIRST) -> Entries:
    """The fields of the TIFF structure whose header is at `view[start]` and which ends before `end`.

    `first`: what the header's directory is, where a format keeps the Exif directory in a structure of its own. The
    chain of directories, Exif, GPS, Interoperability and SubIFDs are followed, each once, at most MAX_IFDS of them and
    MAX_ENTRIES fields. Fields whose value lies outside of the structure are left out. Never raises.
    """
    end = min(end, len(view))
    head = _header(view, start, end)
    if head is None:
        return Entries(oddities=("no TIFF header",))
    layout, offset = head
    walk = _Walk(view, start, end, layout)
    walk.todo.append((offset, first))
    walk.run()
    return Entries(layout.order, tuple(walk.found), tuple(walk.oddities), walk.looked)


def numbers(view: memoryview, entry: Entry, order: str, most: int) -> tuple[int, ...]:
    """Up to `most` whole numbers of a field of type BYTE, SHORT, LONG, LONG8, IFD or IFD8; none for other types."""
    shape = _NUMBERS.get(entry.type)
    if shape is None:
        return ()
    count = min(entry.count, most)
    return struct.unpack_from(f"{order}{count}{shape}", view, entry.start)


def thumbnail(view: memoryview, fields: Entries, start: int, end: int) -> tuple[int, int] | None:
    """The bytes (start, end) of the JPEG thumbnail of Exif data at `view[start:end]`; None without a whole one."""
    offset = fields.first(Ifd.SECOND, 0x0201)
    length = fields.first(Ifd.SECOND, 0x0202)
    if offset is None or length is None:
        return None
    offsets, lengths = (numbers(view, entry, fields.order, 1) for entry in (offset, length))
    if not offsets or not lengths:
        return None
    first, last = start + offsets[0], start + offsets[0] + lengths[0]
    whole = last <= min(end, len(view)) and lengths[0] >= 4
    return (first, last) if whole and bytes(view[first : first + 2]) == b"\xff\xd8" else None


def _header(view: memoryview, start: int, end: int) -> tuple[_Layout, int] | None:
    """The layout and the offset of the first directory."""
    magic = bytes(view[start : min(start + 4, end)])
    order = {b"II": "<", b"MM": ">"}.get(magic[:2])
    if order is None or len(magic) < 4:
        return None
    version = struct.unpack(f"{order}H", magic[2:])[0]
    big = version == 43
    if not big and version not in {42, 0x01BC, 0x4F52, 0x5352, 0x55}:  # JPEG XR; raw files of Olympus and Panasonic
        return None
    at = start + (8 if big else 4)
    layout = _LAYOUTS[order, big]
    if at + layout.offset.size > end:
        return None
    return layout, layout.offset.unpack_from(view, at)[0]


class _Walk:
    """The way through the directories, breadth first."""

    def __init__(self, view: memoryview, start: int, end: int, layout: _Layout) -> None:
        self.view, self.start, self.end, self.layout = view, start, end, layout
        self.todo: deque[tuple[int, Ifd]] = deque()
        self.found: list[Entry] = []
        self.looked = 0
        self.oddities: dict[str, None] = {}

    def run(self) -> None:
        seen: set[int] = set()
        while self.todo:
            offset, ifd = self.todo.popleft()
            if offset == 0:  # the end of the chain
                continue
            if offset in seen:
                self._odd("directories loop")
            elif len(seen) == MAX_IFDS or self.looked >= MAX_ENTRIES:
                self._odd(f"more than {MAX_IFDS} directories or {MAX_ENTRIES} fields: the rest is not read")
                return
            else:
                seen.add(offset)
                self._directory(self.start + offset, ifd)

    def _directory(self, at: int, ifd: Ifd) -> None:
        layout = self.layout
        first = at + layout.number.size
        if first > self.end:
            self._odd("a directory lies outside of the data")
            return
        told = layout.number.unpack_from(self.view, at)[0]
        count = min(told, (self.end - first) // layout.entry_bytes, MAX_ENTRIES - self.looked)
        self.looked += count + 1
        if count < told:
            self._odd("a directory is longer than the data, or than is read")
        for entry in self._fields(first, count, ifd):
            self.found.append(entry)
            if entry.tag in _POINTERS:
                targets = numbers(self.view, entry, layout.order, MAX_IFDS)
                self.todo.extend((target, _POINTERS[entry.tag]) for target in targets)
        follow = first + count * layout.entry_bytes
        if count == told and ifd in _CHAIN and follow + layout.offset.size <= self.end:
            self.todo.append((layout.offset.unpack_from(self.view, follow)[0], _CHAIN[ifd]))

    def _fields(self, first: int, count: int, ifd: Ifd) -> Iterator[Entry]:
        layout, view = self.layout, self.view
        for at in range(first, first + count * layout.entry_bytes, layout.entry_bytes):
            tag, kind, values = layout.entry.unpack_from(view, at)
            size = TYPE_BYTES.get(kind)
            if size is None:
                self._odd("a field has an unknown type")
                continue
            place = at + layout.entry.size
            if values * size > layout.offset.size:
                place = self.start + layout.offset.unpack_from(view, place)[0]
            if place + values * size > self.end:
                self._odd("a field lies outside of the data")
                continue
            yield Entry(ifd, tag, kind, values, place, place + values * size)

    def _odd(self, line: str) -> None:
        self.oddities[line] = None
