"""The tables and the structure of a JPEG, read from its bytes alone. Source: ITU-T T.81 (1992), annexes B and K.

Only what stands before the first scan is read: bounded work, however large or hostile the file. Progressive files may
change tables between scans; those are not looked for.
"""

import hashlib
import struct
from dataclasses import dataclass, field
from enum import StrEnum

from safelight.detect.buffer import Buffer
from safelight.model.maps import QuantTable

MOST_SEGMENTS = 1000
_MOST_FILL = 1024  # fill bytes before a marker
_MOST_COMMENTS = 4
_COMMENT_BYTES = 256

_SOI, _EOI, _SOS, _DQT, _DHT, _DRI, _COM = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xFE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a segment
_NAMES = {_SOS: "SOS", _DQT: "DQT", _DHT: "DHT", _DRI: "DRI", _COM: "COM", 0xCC: "DAC", 0xDC: "DNL"}
_PROGRESSIVE = frozenset({2, 6, 10, 14})
_LOSSLESS = frozenset({3, 7, 11, 15})

# SHA-256 of the four Huffman tables of T.81 annex K.3, each as its segment has it: class and id, 16 counts, values.
_STANDARD_HUFFMAN = frozenset(
    {
        "9fb04cb1a8076318f33f273ffef967a9ea7291ecf3adeca79f643dfd300de425",
        "f27ce9b718f91cd426885e6ce4a37d0ba4900db219f719eef29ecc1f7f4fd5f0",
        "af48d4f608dfb682fd19ee479c66dad5342dfbed5b1d1807b95393162a8715d1",
        "8cf60aa835f8474bb590e73332bee9c246bec9ce1e368aa725674c096f3efd2c",
    }
)


def _zigzag() -> tuple[int, ...]:
    """The place in the table, row by row, of each value in the order of the file (T.81 figure 5)."""
    places = sorted(range(64), key=lambda at: (at // 8 + at % 8, at % 8 if (at // 8 + at % 8) % 2 == 0 else at // 8))
    return tuple(places)


ZIGZAG = _zigzag()
_ROW_BY_ROW = tuple(sorted(range(64), key=ZIGZAG.__getitem__))  # place in the file of each value in reading order


class Huffman(StrEnum):
    """The Huffman tables of a file."""

    STANDARD = "standard"  # those of annex K, which suit any picture
    OWN = "own"  # made for this picture: optimised, or progressive
    NONE = "none"  # none before the first scan: arithmetic coding, or a stream that leaves the standard ones out


@dataclass(frozen=True, slots=True)
class Component:
    """One colour component: its sampling factors, and the id of its quantisation table."""

    id: int
    horizontal: int
    vertical: int
    table: int


@dataclass(frozen=True, slots=True)
class JpegStructure:
    """What stands before the first scan. `process`: n of SOFn, None when there is no frame. `markers`: names in order.

    `tables`: the quantisation tables by id, the last of each id. `table_segments`: how many tables each DQT holds.
    `restart_interval`: in MCUs, 0 for none. `jfif`: version as (major, minor). `adobe_transform`: of APP14: 0 RGB or
    CMYK, 1 YCbCr, 2 YCCK. `comments`: the first bytes of the first ones. `whole`: everything up to a scan was read.
    """

    process: int | None = None
    precision: int = 0
    width: int = 0
    height: int = 0
    components: tuple[Component, ...] = ()
    tables: tuple[QuantTable, ...] = ()
    table_segments: tuple[int, ...] = ()
    huffman: Huffman = Huffman.NONE
    restart_interval: int = 0
    jfif: tuple[int, int] | None = None
    adobe_transform: int | None = None
    comments: tuple[bytes, ...] = ()
    markers: tuple[str, ...] = ()
    whole: bool = False

    @property
    def progressive(self) -> bool:
        """The picture comes in several passes, each finer."""
        return self.process in _PROGRESSIVE

    @property
    def lossless(self) -> bool:
        """Coded by prediction, without quantisation."""
        return self.process in _LOSSLESS

    @property
    def sampling(self) -> str:
        """Chroma subsampling as usually named, `4:2:0`; else the factors of each component as `2x1,1x1,1x1`."""
        if len(self.components) == 1:
            return "grey"
        factors = [(c.horizontal, c.vertical) for c in self.components]
        if len(factors) == 3 and factors[1] == factors[2] == (1, 1) and factors[0] in _SAMPLING:
            return _SAMPLING[factors[0]]
        return ",".join(f"{across}x{down}" for across, down in factors)

    @property
    def luma(self) -> QuantTable | None:
        """The table of the first component."""
        return self._table_of(0)

    @property
    def chroma(self) -> QuantTable | None:
        """The table of the second component; None for grey pictures."""
        return self._table_of(1)

    @property
    def digest(self) -> str:
        """MD5 over all tables by id, each as id and steps in the order of the file; 16-bit steps as two bytes.

        For files that hold all tables in one 8-bit segment this is the JPEGDigest of ExifTool.
        """
        joined = bytearray()
        for table in self.tables:
            joined.append((16 if table.bits == 16 else 0) | table.id)
            steps = [table.values[place] for place in ZIGZAG]
            joined += struct.pack(">64H" if table.bits == 16 else ">64B", *steps)
        return hashlib.md5(joined, usedforsecurity=False).hexdigest()

    def _table_of(self, component: int) -> QuantTable | None:
        if component >= len(self.components):
            return None
        wanted = self.components[component].table
        return next((table for table in self.tables if table.id == wanted), None)


_SAMPLING = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1", (1, 2): "4:4:0", (4, 2): "4:1:0"}


@dataclass(slots=True)
class _Found:
    """What has been read so far."""

    frame: tuple[int, int, int, int, tuple[Component, ...]] | None = None
    tables: dict[int, QuantTable] = field(default_factory=dict)
    table_segments: list[int] = field(default_factory=list)
    huffman: set[str] = field(default_factory=set)
    restart: int = 0
    jfif: tuple[int, int] | None = None
    adobe: int | None = None
    comments: list[bytes] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)


def read_structure(data: Buffer) -> JpegStructure | None:
    """The structure of a JPEG; None when the bytes do not begin as one. Never fails: what is damaged is left out."""
    if bytes(data[:2]) != b"\xff\xd8":
        return None
    found = _Found()
    place, whole = 2, False
    for _ in range(MOST_SEGMENTS):
        marker, place = _next_marker(data, place)
        if marker is None or marker == _EOI:
            break
        if marker in _ALONE:
            continue
        found.markers.append(_name(marker))
        if marker == _SOS:
            whole = True
            break
        length = int.from_bytes(data[place : place + 2], "big")
        if length < 2 or place + length > len(data):
            break
        _take(marker, bytes(data[place + 2 : place + length]), found)
        place += length
    return _structure(found, whole=whole)


def _next_marker(data: Buffer, place: int) -> tuple[int | None, int]:
    """The code of the marker at `place`, or None, and where its segment begins."""
    if place >= len(data) or data[place] != 0xFF:
        return None, place
    run = bytes(data[place : place + _MOST_FILL])
    fill = len(run) - len(run.lstrip(b"\xff"))
    return (run[fill], place + fill + 1) if fill < len(run) else (None, place)


def _name(marker: int) -> str:
    if marker in _FRAMES:
        return f"SOF{marker - 0xC0}"
    if 0xE0 <= marker <= 0xEF:
        return f"APP{marker - 0xE0}"
    return _NAMES.get(marker, f"{marker:02X}")


def _take(marker: int, body: bytes, found: _Found) -> None:
    if marker == _DQT:
        _take_tables(body, found)
    elif marker == _DHT:
        _take_huffman(body, found)
    elif marker in _FRAMES and found.frame is None:
        found.frame = _frame(marker, body)
    elif marker == _DRI and len(body) == 2:
        found.restart = int.from_bytes(body, "big")
    elif marker == 0xE0 and body[:5] == b"JFIF\0" and len(body) >= 7:
        found.jfif = body[5], body[6]
    elif marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
        found.adobe = body[11]
    elif marker == _COM and len(found.comments) < _MOST_COMMENTS:
        found.comments.append(body[:_COMMENT_BYTES])


def _take_tables(body: bytes, found: _Found) -> None:
    place = count = 0
    while place < len(body):
        size, number = body[place] >> 4, body[place] & 15
        end = place + 1 + 64 * (size + 1)
        if size > 1 or number > 3 or end > len(body):
            break
        steps = struct.unpack_from(">64H" if size else ">64B", body, place + 1)
        found.tables[number] = QuantTable(number, 8 * (size + 1), tuple(steps[order] for order in _ROW_BY_ROW))
        place, count = end, count + 1
    found.table_segments.append(count)


def _take_huffman(body: bytes, found: _Found) -> None:
    place = 0
    while place + 17 <= len(body):
        end = place + 17 + sum(body[place + 1 : place + 17])
        if end > len(body):
            break
        found.huffman.add(hashlib.sha256(body[place:end]).hexdigest())
        place = end


def _frame(marker: int, body: bytes) -> tuple[int, int, int, int, tuple[Component, ...]] | None:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        return None
    parts = tuple(
        Component(body[at], body[at + 1] >> 4, body[at + 1] & 15, body[at + 2]) for at in range(6, 6 + 3 * body[5], 3)
    )
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    return marker - 0xC0, body[0], width, height, parts


def _structure(found: _Found, *, whole: bool) -> JpegStructure:
    process, precision, width, height, components = found.frame or (None, 0, 0, 0, ())
    huffman = Huffman.NONE
    if found.huffman:
        huffman = Huffman.STANDARD if found.huffman <= _STANDARD_HUFFMAN else Huffman.OWN
    return JpegStructure(
        process=process,
        precision=precision,
        width=width,
        height=height,
        components=components,
        tables=tuple(found.tables[number] for number in sorted(found.tables)),
        table_segments=tuple(found.table_segments),
        huffman=huffman,
        restart_interval=found.restart,
        jfif=found.jfif,
        adobe_transform=found.adobe,
        comments=tuple(found.comments),
        markers=tuple(found.markers),
        whole=whole,
    )
