"""Walks the outer structure of picture files: where the picture ends, how many frames there are, what lies between.

No pixel is decoded here. All functions accept any bytes and return None (or what they found so far) on nonsense.
Sources: ITU-T T.81 annex B (JPEG), the PNG specification (3rd edition), the GIF89a specification, the WebP container
specification, ISO/IEC 14496-12 (boxes), CIPA DC-007 (multi-picture format).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from safelight.media.formats import UNKNOWN
from safelight.media.image.buffer import Buffer
from safelight.media.sniff import HEAD_BYTES, sniff

MOST_FRAMES = 100_000
"""Frames are counted up to here; real clips have fewer."""

_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # in entropy-coded data: neither stuffing nor a restart
_SOS, _EOI, _APP1, _APP2 = 0xDA, 0xD9, 0xE1, 0xE2


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What stands before the first scan.

    `exif`: the EXIF block without its identifier. `multi_picture`: more pictures follow. `scan`: offset of the first
    scan's marker, `samples`: of its compressed samples.
    """

    exif: bytes | None
    multi_picture: bool
    scan: int
    samples: int


def jpeg_header(data: Buffer) -> JpegHeader:
    """Read the marker segments up to the first scan."""
    exif, multi_picture, at = None, False, 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != _SOS:
        if data[at + 1] == 0xFF:  # fill byte
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == _APP1 and exif is None and bytes(data[at + 4 : at + 10]) == b"Exif\0\0":
            exif = bytes(data[at + 10 : at + 2 + length])
        if data[at + 1] == _APP2 and bytes(data[at + 4 : at + 8]) == b"MPF\0":
            multi_picture = True
        at += 2 + max(2, length)
    return JpegHeader(exif, multi_picture, at, at + 2 + int.from_bytes(data[at + 2 : at + 4], "big"))


def jpeg_end(data: Buffer, scan: int) -> int | None:
    """Offset after the end-of-image marker that closes the picture whose first scan starts at `scan`."""
    at = scan
    while found := _MARKER.search(data, at):
        marker, after = data[found.start() + 1], found.end()
        if marker == _EOI:
            return after
        length = int.from_bytes(data[after : after + 2], "big")
        at = after + max(2, length)
    return None


@dataclass(frozen=True, slots=True)
class PngStructure:
    """`frames`: frame controls found (0 in a plain PNG). `end`: offset after IEND, None when it is missing."""

    frames: int
    end: int | None


def png_structure(data: Buffer) -> PngStructure:
    """Walk the chunks of a PNG."""
    at, frames = 8, 0
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8])
        at += 12 + length
        if kind == b"IEND":
            return PngStructure(frames, at)
        frames += kind == b"fcTL"
    return PngStructure(frames, None)


_TEXT = frozenset({b"tEXt", b"zTXt", b"iTXt"})


def png_text(data: Buffer) -> int:
    """Bytes of all text chunks of a PNG, as stored."""
    return sum(end - start for start, end, kind in _chunks(data) if kind in _TEXT)


def png_without_text(data: Buffer) -> bytes:
    """The PNG without its text chunks. Decoders unpack all of them, and refuse a picture for the sake of one."""
    view, at, kept = memoryview(data), 0, []
    for start, end, kind in _chunks(data):
        if kind in _TEXT:
            kept.append(view[at:start])
            at = end
    return b"".join((*kept, view[at:]))


def _chunks(data: Buffer) -> Iterator[tuple[int, int, bytes]]:
    """(start, end, kind) of each chunk, up to the last."""
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = bytes(data[at + 4 : at + 8])
        yield at, min(end, len(data)), kind
        if kind == b"IEND":
            return
        at = end


def gif_frames(data: Buffer) -> int:
    """Number of image descriptors in a GIF, counted up to MOST_FRAMES."""
    view = memoryview(data)
    at, frames = 13 + _colour_table(view, 10), 0
    while at < len(view) and frames < MOST_FRAMES:
        if view[at] == 0x21:  # extension
            at += 2
        elif view[at] == 0x2C:  # image
            frames += 1
            at += 11 + _colour_table(view, at + 9)
        else:
            break
        while at < len(view) and view[at]:
            at += 1 + view[at]
        at += 1
    return frames


def _colour_table(view: memoryview, flags_at: int) -> int:
    """Bytes of the colour table that the flags at an offset announce."""
    flags = view[flags_at] if flags_at < len(view) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def declared_length(data: Buffer, mime: str) -> int | None:
    """The length a WebP, HEIC or AVIF file says of itself, None when it does not."""
    if mime == "image/webp":
        return 8 + int.from_bytes(data[4:8], "little")
    if mime not in ("image/heic", "image/heif", "image/avif"):
        return None
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length < 8:
            return None
        at += length
    return at


def missing_bytes(data: Buffer, mime: str) -> int:
    """How much shorter a file is than it says of itself; 0 when it does not say, or is whole."""
    return max(0, (declared_length(data, mime) or 0) - len(data))


def whole_webp_frames(data: Buffer) -> bytes | None:
    """An animated WebP cut short, as a valid one of the frames that are complete; None when there is none."""
    at, end = 12, None
    while at + 8 <= len(data):
        kind = bytes(data[at : at + 4])
        at += 8 + (int.from_bytes(data[at + 4 : at + 8], "little") + 1 & ~1)
        if kind == b"ANMF" and at <= len(data):
            end = at
    return None if end is None else b"RIFF" + (end - 8).to_bytes(4, "little") + bytes(data[8:end])


def trailing_data(data: Buffer, end: int | None) -> str | None:
    """A warning when something other than zeros follows the picture's end."""
    if end is None or end >= len(data):
        return None
    head = bytes(data[end : end + HEAD_BYTES])
    if not any(head):
        return None
    kind = sniff(head)
    looks = "" if kind == UNKNOWN else f" and look like {kind.mime}"
    return f"{len(data) - end:,} bytes follow the end of the picture{looks}"
