"""Manifest stores in ISO base media files (MP4, MOV, HEIF, AVIF) and JPEG XL: boxes of the top level."""

from collections.abc import Iterator
from struct import Struct

from safelight.detect.provenance.locate.found import MOST_PARTS, Parts

_BOX = Struct(">I4s")
_LARGE = Struct(">Q")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PURPOSES = (b"manifest\0", b"original\0", b"update\0")  # the others are hash trees of the media data
_FIRST = frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"uuid", b"sidx", b"pnot"})


def is_boxes(head: bytes) -> bool:
    """Whether a file that starts like this is of ISO base media boxes, or of a fragment of them."""
    return head[4:8] in _FIRST


def in_boxes(view: memoryview, parts: Parts) -> None:
    """Boxes `uuid` of C2PA whose purpose is a manifest; XMP in its own `uuid`."""
    for name, start, content, end in _boxes(view):
        if name != b"uuid":
            continue
        user = bytes(view[content : content + 16])
        if user == _C2PA and bytes(view[content + 20 : content + 29]).startswith(_PURPOSES):
            parts.store("BMFF uuid C2PA", start, end, alone=False)  # additions have boxes of their own
        elif user == _XMP:
            parts.xmp(view, content + 16, end)


def in_jpeg_xl(view: memoryview, parts: Parts) -> None:
    """JUMBF superboxes of type `c2pa`, and any compressed ones; XMP in `xml ` boxes."""
    for name, start, content, end in _boxes(view):
        if name == b"jumb" and bytes(view[content + 4 : content + 12]) == b"jumdc2pa":
            parts.store("JPEG XL jumb C2PA", start, end)
        elif name == b"brob" and bytes(view[content : content + 4]) == b"jumb":
            parts.store("JPEG XL brob jumb", start, end, sure=False)
        elif name == b"xml ":
            parts.xmp(view, content, end)


def _boxes(view: memoryview) -> Iterator[tuple[bytes, int, int, int]]:
    """Name, start, start of the content and end of each box of the top level, as far as they make sense."""
    at, size = 0, len(view)
    for _ in range(MOST_PARTS):
        if at + 8 > size:
            return
        length, name = _BOX.unpack_from(view, at)
        content = at + 8
        if length == 1:
            if content + 8 > size:
                return
            length, content = _LARGE.unpack_from(view, content)[0], content + 8
        elif length == 0:
            length = size - at
        if length < content - at:
            return
        end = min(at + length, size)
        yield name, at, content, end
        at = end
