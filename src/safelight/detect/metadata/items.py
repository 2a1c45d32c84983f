"""Exif and XMP items of HEIF and AVIF files: which items there are (`iinf`) and where their bytes lie (`iloc`).

Sources: ISO/IEC 14496-12 sections 8.11.3 (iloc) and 8.11.6 (iinf); ISO/IEC 23008-12 annex A (Exif and XMP items).
"""

import re
import struct

from safelight.detect.metadata.boxes import Box, boxes
from safelight.detect.metadata.exif import read_exif
from safelight.detect.metadata.gather import Gather, Span, made
from safelight.detect.metadata.xmp import MAX_PACKET, read_xmp

MAX_EXTENTS = 64
"""Extents of one item that are put together."""
_HEADER_WITHIN = 64  # bytes
_TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*")
_XMP_TYPE = b"application/rdf+xml\0"


def read_items(gather: Gather, inside: list[Box], where: str) -> None:
    """The Exif and XMP items of a meta box that holds the boxes `inside`."""
    by_type = {box.type: box.body for box in inside}
    if b"iinf" not in by_type or b"iloc" not in by_type:
        return
    wanted = _wanted(gather, by_type[b"iinf"])
    if not wanted:
        return
    with gather.part(f"{where} iloc"):
        for number, span in _Locations(gather, by_type[b"iloc"], by_type.get(b"idat")).of(set(wanted)):
            if wanted[number] == b"Exif":
                read_exif_box(gather, span, f"{where} Exif item EXIF")
            else:
                read_xmp(gather, span, f"{where} mime item XMP")


def read_exif_box(gather: Gather, span: Span, where: str) -> None:
    """Exif data behind the offset of their TIFF header, as items of HEIF and the box of JPEG XL have them.

    Where there is no header at that offset, one among the first bytes is taken: some writers count otherwise.
    """
    head = span.head(_HEADER_WITHIN)
    if len(head) < 8:
        gather.odd(f"{where} is too short")
        return
    start = 4 + struct.unpack_from(">I", head)[0]
    found = None if bytes(span.view[span.start + start :][:2]) in {b"II", b"MM"} else _TIFF_HEADER.search(head)
    start = found.start() if found else start
    read_exif(gather, span.part(span.start + start, span.end), where)


def _wanted(gather: Gather, iinf: Span) -> dict[int, bytes]:
    """Numbers of the items that are Exif or XMP, with their type."""
    wide = iinf.head(1) != b"\0"
    wanted = {}
    for box in boxes(gather, iinf.part(iinf.start + (8 if wide else 6), iinf.end)):
        entry = box.body.head(64)
        long = entry[:1] == b"\3"
        if box.type != b"infe" or entry[:1] not in {b"\2", b"\3"} or len(entry) < 12:
            continue
        number = int.from_bytes(entry[4:8] if long else entry[4:6], "big")
        kind, rest = (entry[10:14], entry[14:]) if long else (entry[8:12], entry[12:])
        content_type = rest.partition(b"\0")[2]  # behind the item's name
        if kind == b"Exif" or (kind == b"mime" and content_type.startswith(_XMP_TYPE)):
            wanted[number] = kind
    return wanted


class _Locations:
    """An iloc box. Reading past its end raises `struct.error` or `IndexError`."""

    def __init__(self, gather: Gather, iloc: Span, idat: Span | None) -> None:
        self.gather, self.view, self.at, self.end, self.idat = gather, iloc.view, iloc.start, iloc.end, idat
        self.version = self._number(1)
        self.at += 3
        sizes = self._number(2)
        self.offset, self.length, self.base = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
        self.index = sizes & 15 if self.version in {1, 2} else 0

    def of(self, wanted: set[int]) -> list[tuple[int, Span]]:
        """Number and bytes of the wanted items."""
        found: list[tuple[int, Span]] = []
        wide = 4 if self.version == 2 else 2
        for _ in range(self._number(wide)):
            if not self.gather.step() or len(found) == len(wanted):
                break
            number = self._number(wide)
            method = self._number(2) & 15 if self.version in {1, 2} else 0
            self.at += 2  # data reference: of this file, or of another that is not here
            base = self._number(self.base)
            extents = self._number(2)
            if number in wanted:
                span = self._bytes(method, base, extents)
                found += [(number, span)] if span else []
            else:
                self.at += extents * (self.index + self.offset + self.length)
        return found

    def _bytes(self, method: int, base: int, extents: int) -> Span | None:
        """The bytes of an item that has so many extents, which are next in the box."""
        holder = self.gather.file if method == 0 else self.idat if method == 1 else None
        if extents > MAX_EXTENTS:
            self.gather.odd(f"an item lies in more than {MAX_EXTENTS} pieces: it is not read")
        if holder is None or extents > MAX_EXTENTS:
            self.at += extents * (self.index + self.offset + self.length)
            return None
        spans = []
        for _ in range(extents):
            self.at += self.index
            start = holder.start + base + self._number(self.offset)
            size = self._number(self.length) or holder.end - start
            if start + size > holder.end or size <= 0:
                self.gather.odd("an item lies outside of the file")
                continue
            spans.append(holder.part(start, start + size))
        if len(spans) < 2:
            return spans[0] if spans else None
        origin = Span(self.view, min(span.start for span in spans), max(span.end for span in spans))
        return made(b"".join(self.gather.take(span, MAX_PACKET)[0] for span in spans), origin)

    def _number(self, size: int) -> int:
        if self.at + size > self.end:
            raise IndexError
        value = int.from_bytes(self.view[self.at : self.at + size], "big")
        self.at += size
        return value
