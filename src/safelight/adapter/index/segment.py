"""Segment files: codes with their hash ids and, when there are enough of them, search tables. Never changed.

A page of header, then four sections, each beginning at a multiple of 4096 bytes; all numbers little-endian:

| section | content |
|---|---|
| ids | hash ids less the first, ascending: uint32, or uint64 when they span more |
| codes | four uint64 for each row: the PDQ code with its bits permuted (`match.mih.permutation`) |
| entries | uint32, for each table one entry a row, and 16 unused (`match.mih`); empty without tables |
| offsets | uint32, for each table 2**bits + 1; empty without tables |

The header holds the size and CRC-32 of each section and its own CRC-32; the manifest repeats the latter, so that a
file belongs to exactly one manifest entry. Opening checks header and sizes, `verify` everything.
"""

import mmap
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from safelight.adapter import disk, memory
from safelight.match.hamming import Found, frozen, radius_search
from safelight.match.mih import DamagedTableError, Layout, MultiIndex, fill_table, layout_for
from safelight.model.errors import IndexCorruptError

MAGIC = b"SLPDQSEG"
VERSION = 1

_PAGE = 4096
# magic, version, shape and bucket bits of the tables (bits 0: none), bytes of an id, rows, first id; then length and
# CRC-32 of each section.
_HEADER = struct.Struct("<8sIIIIQq" + "QI" * 4)
_CRC = struct.Struct("<I")
_SECTIONS = ("ids", "codes", "entries", "offsets")
_CODE_BYTES = 32

Scalar = TypeVar("Scalar", bound=np.generic)
Ids = NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """An open segment. `ids` are ascending, less `first_id`; `crc` is that of the header.

    `codes`: permuted, uint64, shape (rows, 4). `index` is None where rows are scanned. The arrays lie in the mapped
    file, shared with all processes that map it, or in memory of this process alone (`resident`).
    """

    path: Path
    crc: int
    first_id: int
    ids: Ids
    codes: NDArray[np.uint64]
    index: MultiIndex | None

    @property
    def rows(self) -> int:
        """Number of codes, removed ones included."""
        return len(self.codes)

    def search(self, queries: NDArray[np.uint64], radius: int) -> Found:
        """Rows within `radius` of permuted `queries`. Raises IndexCorruptError."""
        if self.index is None:
            return radius_search(queries, self.codes, radius)
        try:
            return self.index.search(queries, radius)
        except DamagedTableError as error:
            raise IndexCorruptError(path=self.path, cause=str(error)) from error

    def ids_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The hash ids of rows, int64."""
        return self.ids[rows].astype(np.int64) + self.first_id

    def find(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each hash id, -1 where it is not here. int64."""
        rows = np.full(len(ids), -1, np.int64)
        last_id = self.first_id + int(self.ids[-1])
        inside = np.flatnonzero((ids >= self.first_id) & (ids <= last_id))
        if len(inside):
            wanted = (ids[inside] - self.first_id).astype(self.ids.dtype)
            place = np.searchsorted(self.ids, wanted)
            same = self.ids[place] == wanted
            rows[inside[same]] = place[same]
        return rows

    def resident(self) -> "Segment":
        """The same in memory of this process, on huge pages where the kernel gives them."""
        codes = memory.copy(self.codes)
        index = self.index and MultiIndex(
            self.index.layout, codes, memory.copy(self.index.offsets), memory.copy(self.index.entries)
        )
        return replace(self, ids=memory.copy(self.ids), codes=frozen(codes), index=index)


def write_segment(path: Path, ids: NDArray[np.int64], codes: NDArray[np.uint64], *, tables: bool) -> int:
    """Write and sync a segment of at least one row; return the CRC-32 of its header.

    `ids`: int64, ascending. `codes`: uint64, shape (rows, 4), permuted. Raises OSError; the file is then worthless.
    """
    layout = layout_for(len(ids)) if tables else None
    file = disk.create(path)
    try:
        disk.append(file, bytes(_PAGE))
        wide = int(ids[-1]) - int(ids[0]) >= 1 << 32
        offsets = memory.empty(layout.offsets if layout else 0, np.uint32)
        sections: tuple[Iterable[NDArray[np.generic]], ...] = (
            [(ids - ids[0]).astype("<u8" if wide else "<u4")],
            [codes],
            _tables(layout, codes, offsets) if layout else [],
            [offsets],
        )
        ends = [_write_section(file, section) for section in sections]
        form = (layout.shape, layout.bits) if layout else (0, 0)
        header = _HEADER.pack(MAGIC, VERSION, *form, 8 if wide else 4, len(ids), int(ids[0]), *sum(ends, ()))
        disk.write_at(file, header + _CRC.pack(crc32(header)), 0)
        disk.sync(file)
    finally:
        os.close(file)
    return crc32(header)


def open_segment(path: Path, rows: int, crc: int) -> Segment:
    """Map a segment that the manifest says has `rows` rows and a header of that CRC-32.

    Raises IndexCorruptError when it is another one, or damaged in what is checked; OSError when it cannot be read.
    """
    mapping, header = _map(path)
    if (header.crc, header.rows) != (crc, rows):
        raise IndexCorruptError(path=path, cause="not the file that the manifest names")
    ids: Ids = header.array(mapping, 0, np.uint64 if header.id_bytes == 8 else np.uint32)
    codes = header.array(mapping, 1, np.uint64).reshape(-1, 4)
    index = None
    if header.layout:
        entries, offsets = header.array(mapping, 2, np.uint32), header.array(mapping, 3, np.uint32)
        index = MultiIndex(header.layout, codes, offsets, entries)
    return Segment(path, crc, header.first_id, ids, codes, index)


def verify(segment: Segment) -> None:
    """Read the whole file and compare it with its checksums. Raises IndexCorruptError; OSError."""
    mapping, header = _map(segment.path)
    for number, (name, (_length, crc)) in enumerate(zip(_SECTIONS, header.sections, strict=True)):
        if crc32(header.array(mapping, number, np.uint8).data) != crc:
            raise IndexCorruptError(path=segment.path, cause=f"the {name} are not those that were written")


def _write_section(file: int, arrays: Iterable[NDArray[np.generic]]) -> tuple[int, int]:
    """Write arrays one after the other, fill the page; return their bytes and CRC-32."""
    length, crc = 0, 0
    for array in arrays:
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        disk.append(file, data)
        length, crc = length + len(data), crc32(data, crc)
    disk.append(file, bytes(-length % _PAGE))
    return length, crc


def _tables(layout: Layout, codes: NDArray[np.uint64], offsets: NDArray[np.uint32]) -> Iterator[NDArray[np.uint32]]:
    """The entries of each table in turn, in memory that the next one takes; then the unused ones. Fills `offsets`."""
    entries = memory.empty(layout.rows, np.uint32)
    for number in range(len(layout.tables)):
        fill_table(layout, number, codes, offsets[layout.offsets_of(number)], entries)
        yield entries
    yield np.zeros(layout.entries - layout.rows * len(layout.tables), np.uint32)


@dataclass(frozen=True, slots=True)
class _Header:
    """What the first page says. `sections`: (length in bytes, CRC-32) of each."""

    layout: Layout | None
    id_bytes: int
    rows: int
    first_id: int
    sections: tuple[tuple[int, int], ...]
    crc: int

    @classmethod
    def of(cls, page: bytes) -> "_Header":
        """Raises ValueError when this is not the header of a segment, or contradicts itself."""
        if len(page) < _PAGE:
            raise ValueError("cut short")
        magic, version, shape, bits, id_bytes, rows, first_id, *numbers = _HEADER.unpack_from(page)
        (crc,) = _CRC.unpack_from(page, _HEADER.size)
        if magic != MAGIC or crc32(page[: _HEADER.size]) != crc:
            raise ValueError("not a segment of an index, or its header is damaged")
        if version != VERSION:
            raise ValueError(f"its format is {version}, this version reads {VERSION}")
        layout = Layout(rows, shape, bits) if bits else None
        if not rows or id_bytes not in {4, 8} or (layout and not layout.valid()):
            raise ValueError("the header holds what cannot be")
        tables = [layout.entries * 4, layout.offsets * 4] if layout else [0, 0]
        if list(numbers[::2]) != [rows * id_bytes, rows * _CODE_BYTES, *tables]:
            raise ValueError("the header contradicts itself")
        return cls(layout, id_bytes, rows, first_id, tuple(zip(numbers[::2], numbers[1::2], strict=True)), crc)

    def start(self, number: int) -> int:
        """Where a section begins; after the last one, the size of the file."""
        return _PAGE + sum(length + -length % _PAGE for length, _crc in self.sections[:number])

    def array(self, mapping: mmap.mmap, number: int, kind: type[Scalar]) -> NDArray[Scalar]:
        """A section as an array of little-endian `kind`, in the mapping; read-only."""
        dtype = np.dtype(kind).newbyteorder("<")
        return np.frombuffer(mapping, dtype, self.sections[number][0] // dtype.itemsize, self.start(number))


def _map(path: Path) -> tuple[mmap.mmap, _Header]:
    """Map a file and check header and size. Raises IndexCorruptError, OSError."""
    with path.open("rb") as file:
        try:
            header = _Header.of(file.read(_PAGE))
        except ValueError as error:
            raise IndexCorruptError(path=path, cause=str(error)) from error
        if os.fstat(file.fileno()).st_size != header.start(len(_SECTIONS)):
            raise IndexCorruptError(path=path, cause="cut short, or longer than its header says")
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), header
