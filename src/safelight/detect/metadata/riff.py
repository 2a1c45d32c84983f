"""Text fields of RIFF files: WebP, and AVI's INFO list.

Sources: RFC 9649 (WebP), sections 2.3 and 2.7.1.5; Microsoft and IBM, Multimedia Programming Interface and Data
Specifications 1.0 (RIFF, INFO list); XMP specification part 3 (`_PMX`).
"""

import struct

from safelight.detect.metadata.blocks import BlockKind
from safelight.detect.metadata.decode import decode
from safelight.detect.metadata.exif import read_exif
from safelight.detect.metadata.gather import Gather, Span
from safelight.detect.metadata.xmp import read_xmp
from safelight.detect.text import clean

_chunk = struct.Struct("<4sI").unpack_from
_JPEG_SIGNATURE = b"Exif\0\0"  # some writers put it before the Exif data


def read_webp(gather: Gather) -> None:
    """The chunks `EXIF` and `XMP `. The length in the file's head is not heeded: all chunks are walked."""
    _walk(gather, gather.file.part(12, len(gather.view)), "WebP")


def read_avi(gather: Gather) -> None:
    """The texts of INFO lists, keys as their four characters, and `_PMX`; also in the RIFF parts of long files."""
    _walk(gather, gather.file, "AVI")


def _walk(gather: Gather, span: Span, name: str) -> None:
    view, at = span.view, span.start
    while at + 8 <= span.end and gather.step():
        kind, size = _chunk(view, at)
        start, end = at + 8, at + 8 + size
        at = end + (size & 1)
        if end > span.end and kind != b"RIFF":
            gather.odd(f"{name} chunk is longer than the file")
        value = span.part(start, end)
        if kind == b"EXIF":
            skip = 6 if value.head(6) == _JPEG_SIGNATURE else 0
            read_exif(gather, value.part(start + skip, end), f"{name} EXIF")
        elif kind in {b"XMP ", b"XMP\0", b"_PMX"}:
            read_xmp(gather, value, f"{name} XMP")
        elif kind == b"RIFF":
            at = start + 4
        elif kind == b"LIST" and value.head(4) == b"INFO":
            _info(gather, value.part(start + 4, end))


def _info(gather: Gather, span: Span) -> None:
    at = span.start
    while at + 8 <= span.end and gather.step():
        kind, size = _chunk(span.view, at)
        key = kind.decode("latin-1")
        value = span.part(at + 8, at + 8 + size)
        data, cut = gather.take(value)
        label = f"AVI INFO {clean(key, 4)}"
        gather.add(BlockKind.CONTAINER, key, decode(data, cut=cut), value.place(label), cut=cut)
        at += 8 + size + (size & 1)
