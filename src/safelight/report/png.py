"""The smallest PNG writer that shows a mosaic. Source: W3C PNG specification, third edition, sections 5 and 10."""

import binascii
import struct
import zlib
from base64 import b64decode, b64encode

SIDE = 16
"""Pixels along each side of a mosaic, as `safelight.model.scan.Examination.thumbnail` has it."""


def png(rgb: bytes, side: int) -> bytes:
    """A PNG file of a square picture. `rgb`: `side` rows of `side` pixels, 3 bytes each, values 0-255."""
    if len(rgb) != 3 * side * side:
        raise ValueError(f"{len(rgb)} bytes are not {side} x {side} RGB pixels")
    stride = 3 * side
    # Each line begins with its filter type; 0 is "none".
    lines = b"".join(b"\0" + rgb[start : start + stride] for start in range(0, len(rgb), stride))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)  # 8 bits a channel, RGB, no interlace
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(lines, 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def mosaic_uri(thumbnail: str) -> str | None:
    """The data URI of a row's mosaic (base64 of 768 bytes), or None when the text is not one."""
    try:
        pixels = b64decode(thumbnail, validate=True)
        return "data:image/png;base64," + b64encode(png(pixels, SIDE)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
