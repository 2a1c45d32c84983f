"""Manifest stores in JPEG segments, PNG and RIFF chunks, and GIF blocks."""

import re
from itertools import islice
from struct import Struct

from safelight.detect.provenance.locate.found import MOST_PARTS, MOST_PLACES, Parts

_U16 = Struct(">H")
_CHUNK = Struct(">I4s")
_RIFF_CHUNK = Struct("<4sI")

_FORMS = {b"WEBP": "WebP ", b"WAVE": "WAVE ", b"AVI ": "AVI "}
_MOST_BLOCKS = 1 << 17  # of GIF: at most 255 bytes each, so a store of a megabyte has thousands
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # JPEG markers without a length: TEM, RSTn, SOI
_SOS, _EOI, _APP1, _APP11 = 0xDA, 0xD9, 0xE1, 0xEB
_FILL = re.compile(
    rb"\xff{1,4096}+"
)  # any number of them, of which so many are looked at, may stand before a marker, the last of them belongs to it
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_BOX = 4  # where a segment's content starts, from its marker
_STORE_LENGTH = 28
# Where no segment is due: APP11, its length, 24 bytes, and the type of a store. `JP`, which should be there, is not
# asked for, as the SDK does not.
_MOST_LATE = 8 << 20  # bytes that are searched for one
_LATE_STORE = re.compile(rb"\xff\xeb.{26}c2pa", re.DOTALL)


def in_jpeg(view: memoryview, parts: Parts) -> None:
    """APP11 segments of JPEG XT boxes (ISO/IEC 18477-3) whose first holds a JUMBF superbox of type `c2pa`.

    After the first coded data, or what is no segment, there is nothing to walk along: the rest is searched.
    """
    at, number = 2, b""
    for _ in range(MOST_PARTS):
        fill = _FILL.match(view, at)
        if fill is None or fill.end() + 3 > len(view):
            break
        at = fill.end() - 1
        marker = view[at + 1]
        if marker in _ALONE:
            at += 2
            continue
        length = _u16(view, at + 2)
        if marker in {_SOS, _EOI, 0xFF} or length < 2:
            break
        end = min(at + 2 + length, len(view))
        if marker == _APP11:
            number = _take_app11(view, at, end, number, parts)
        elif marker == _APP1 and bytes(view[at + _BOX : at + _BOX + len(_XMP_HEADER)]) == _XMP_HEADER:
            parts.xmp(view, at + _BOX, end)
        at = end
    for found in islice(_LATE_STORE.finditer(view, at, min(len(view), at + _MOST_LATE)), MOST_PLACES):
        parts.store("JPEG APP11 C2PA", found.start(), min(found.start() + 2 + _u16(view, found.start() + 2), len(view)))


def _take_app11(view: memoryview, at: int, end: int, number: bytes, parts: Parts) -> bytes:
    """Take the segment if it starts a store or goes on with box `number`; returns the box number of the store."""
    content = bytes(view[at + _BOX : end])
    starts = len(content) > _STORE_LENGTH and content[24:28] == b"c2pa"
    if starts or (number and content[2:4] == number):
        parts.store("JPEG APP11 C2PA", at, end)
        return content[2:4]
    return number


def _u16(view: memoryview, at: int) -> int:
    value: int = _U16.unpack_from(view, at)[0]
    return value


def in_png(view: memoryview, parts: Parts) -> None:
    """Chunks `caBX`; XMP in an uncompressed `iTXt`."""
    at = 8
    for _ in range(MOST_PARTS):
        if at + 12 > len(view):
            return
        length, name = _CHUNK.unpack_from(view, at)
        end = min(at + 12 + length, len(view))
        if name == b"caBX":
            parts.store("PNG caBX", at, end)
        elif name == b"iTXt" and bytes(view[at + 8 : at + 28]) == b"XML:com.adobe.xmp\0\0\0":
            parts.xmp(view, at + 28, end)
        elif name == b"IEND":
            return
        at = end


def in_riff(view: memoryview, parts: Parts) -> None:
    """Chunks `C2PA` of the first RIFF form (WebP, WAV, AVI); XMP of WebP and AVI."""
    form = _FORMS.get(bytes(view[8:12]), "")
    at = 12
    for _ in range(MOST_PARTS):
        if at + 8 > len(view):
            return
        name, length = _RIFF_CHUNK.unpack_from(view, at)
        end = min(at + 8 + length, len(view))
        if name == b"C2PA":
            parts.store(f"RIFF {form}C2PA", at, end)
        elif name in {b"XMP ", b"_PMX"}:
            parts.xmp(view, at + 8, end)
        at = end + (length & 1)


def in_gif(view: memoryview, parts: Parts) -> None:
    """Application extensions `C2PA_GIF`, which stand before the first picture; XMP there."""
    if len(view) < 13:
        return
    flags = view[10]
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    left = _MOST_BLOCKS
    for _ in range(MOST_PARTS):
        if at + 2 > len(view) or view[at] != 0x21:
            return
        name = bytes(view[at + 2 : at + 14]) if view[at + 1] == 0xFF else b""
        end, left = _skip_blocks(view, at + 2, left)
        if name == b"\x0bC2PA_GIF\x01\x00\x00":
            parts.store("GIF C2PA", at, end)
        elif name == b"\x0bXMP DataXMP":
            parts.xmp(view, at + 14, end)
        at = end


def _skip_blocks(view: memoryview, at: int, left: int) -> tuple[int, int]:
    """Where the blocks end, and how many more may be skipped; the end of the file when none may."""
    while at < len(view) and view[at]:
        if not left:
            return len(view), 0
        at += 1 + view[at]
        left -= 1
    return min(at + 1, len(view)), left
