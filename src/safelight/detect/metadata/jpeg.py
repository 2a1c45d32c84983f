"""Text fields of JPEG files: Exif, XMP with its extension, IPTC in Photoshop's resources, comments.

Sources: ITU-T T.81 annex B (markers); Exif 3.0 section 4.7.2 (APP1); XMP specification part 3, sections 1.1.3 and
1.1.3.1 (standard and extended XMP); Photoshop File Formats Specification (APP13).
"""

import re
import struct

from safelight.detect.metadata.blocks import BlockKind
from safelight.detect.metadata.decode import decode
from safelight.detect.metadata.exif import read_exif
from safelight.detect.metadata.gather import Gather, Span, made
from safelight.detect.metadata.iptc import read_resources
from safelight.detect.metadata.xmp import MAX_PACKET, read_xmp

_EXIF = b"Exif\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_SIGNATURES = re.compile(rb"\xff[\xe1\xed]..(?:Exif\0|http://ns\.adobe\.com/x|Photoshop 3\.0\0)", re.DOTALL)

_SOS, _EOI, _APP1, _APP13, _COM = 0xDA, 0xD9, 0xE1, 0xED, 0xFE
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RSTn, SOI: no length follows
TAIL = 1 << 16
"""Bytes at the file's end that are searched for segments after the scans."""
_WINDOW = 1 << 10  # bytes stepped over in a unit of work: fill bytes, and such as do not belong there
MAX_PIECES = 256
"""Pieces of extended XMP (of up to 64 KB) that are put together."""

_Piece = tuple[int, int, Span]  # offset in the whole, length of the whole, bytes


def read_jpeg(gather: Gather) -> None:
    """Segments up to the first scan; after it, APP1 and APP13 segments that start in the last TAIL bytes."""
    segments = _Segments(gather)
    markers = _Markers(gather)
    at = 2
    while gather.step() and (found := markers.next(at)):
        marker, at = found
        if marker in _ALONE:
            continue
        if marker == _EOI:
            break
        size = _size(gather.view, at)
        if size < 2:
            gather.odd("JPEG segment has no right length: nothing is read from there")
            break
        if marker == _SOS:
            segments.tail(at + size)
            break
        segments.read(marker, at + 2, at + size, "JPEG")
        at += size
    segments.finish()


class _Markers:
    """Finds the next marker, over fill bytes and strayed ones."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather

    def next(self, at: int) -> tuple[int, int] | None:
        """The code of the marker at `at` or behind it, and the offset behind that; None without one."""
        view = self._gather.view
        head = bytes(view[at : at + 2])
        if head[:1] == b"\xff" and head != b"\xff\xff":
            return (head[1], at + 2) if len(head) == 2 else None
        if head[:1] != b"\xff":
            self._gather.odd("JPEG has bytes between its segments")
        lead = False  # whether a byte FF was seen, behind which only fill bytes may come before the code
        while self._gather.work(1) and (window := bytes(view[at : at + _WINDOW])):
            skip = 0 if lead else window.find(b"\xff")
            lead = skip >= 0
            rest = window[skip:].lstrip(b"\xff") if lead else b""
            at += len(window) - len(rest)
            if rest:
                return rest[0], at + 1
        self._gather.odd("JPEG breaks off before its picture")
        return None


def _size(view: memoryview, at: int) -> int:
    """A segment's length, itself included; 0 where there is none."""
    return struct.unpack_from(">H", view, at)[0] if at + 2 <= len(view) else 0


class _Segments:
    """Reads segments, and those that go over several once all are there."""

    def __init__(self, gather: Gather) -> None:
        self.gather = gather
        self._photoshop: list[Span] = []
        self._extended: dict[bytes, list[_Piece]] = {}
        self._pieces = 0

    def read(self, marker: int, start: int, end: int, where: str) -> None:
        """The segment whose data are at `start` to `end`."""
        gather = self.gather
        if end > len(gather.view):
            gather.odd(f"{where} segment is longer than the file")
        span = gather.file.part(start, end)
        if marker == _APP1:
            self._app1(span, where)
        elif marker == _APP13 and span.head(len(_PHOTOSHOP)) == _PHOTOSHOP:
            self._photoshop.append(span.part(start + len(_PHOTOSHOP), end))
        elif marker == _COM:
            data, cut = gather.take(span)
            gather.add(BlockKind.COMMENT, "", decode(data, cut=cut), span.place(f"{where} COM"), cut=cut)

    def _app1(self, span: Span, where: str) -> None:
        if not self.gather.step():
            return
        head = span.head(len(_EXTENDED))
        if head.startswith(_EXIF):
            read_exif(self.gather, span.part(span.start + 6, span.end), f"{where} APP1 EXIF")
        elif head.startswith(_XMP):
            read_xmp(self.gather, span.part(span.start + len(_XMP), span.end), f"{where} APP1 XMP")
        elif head == _EXTENDED and len(span) >= len(_EXTENDED) + 40:
            start = span.start + len(_EXTENDED)
            guid = bytes(span.view[start : start + 32])
            whole, offset = struct.unpack_from(">II", span.view, start + 32)
            self._pieces += 1
            if self._pieces > MAX_PIECES:
                self.gather.odd(f"JPEG has more than {MAX_PIECES} pieces of extended XMP: the rest is not read")
                return
            piece = (offset, whole, span.part(start + 40, span.end))
            self._extended.setdefault(guid, []).append(piece)

    def tail(self, after: int) -> None:
        """Segments with a known signature behind the scans, which have no bytes FF E1 or FF ED in their own data."""
        start = max(after, len(self.gather.view) - TAIL)
        data = bytes(self.gather.view[start:])
        thumbnail = self.gather.thumbnail
        for match in _SIGNATURES.finditer(data):
            if not self.gather.step():
                break
            at = start + match.start() + 2
            self.read(data[match.start() + 1], at + 2, at + _size(self.gather.view, at), "JPEG (after the scan)")
        self.gather.thumbnail = thumbnail  # another picture's is not this one's

    def finish(self) -> None:
        """What goes over several segments."""
        if self._photoshop:
            read_resources(self.gather, _joined(self._photoshop), "JPEG APP13")
        for pieces in self._extended.values():
            self._extended_xmp(sorted(pieces, key=lambda piece: piece[:2]))

    def _extended_xmp(self, pieces: list[_Piece]) -> None:
        """One extended packet: pieces in order of their offsets, as long as each joins on to those before."""
        parts: list[Span] = []
        length, whole = 0, pieces[0][1]
        for offset, _, span in pieces:
            if offset > length or length > MAX_PACKET:
                break
            if offset == length:  # else a piece that was there already
                parts.append(span)
                length += len(span)
        if parts:
            read_xmp(self.gather, _joined(parts), "JPEG APP1 extended XMP")
        if length < whole and length <= MAX_PACKET:
            self.gather.odd("JPEG APP1 extended XMP lacks a piece")


def _joined(spans: list[Span]) -> Span:
    """The run itself if there is one, else the bytes of all in order, which come from where they lie."""
    if len(spans) == 1:
        return spans[0]
    origin = Span(spans[0].view, min(span.start for span in spans), max(span.end for span in spans))
    return made(b"".join(span.view[span.start : span.end] for span in spans), origin)
