"""Writers for files that Pillow and the standard library do not write: encrypted zip, 7z, 48-bit PNG.

Formats: PKWARE's APPNOTE 6.3 section 6.1 (traditional encryption), 7zFormat.txt of the LZMA SDK (public domain), the
PNG specification (third edition).
"""

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Members = Mapping[str, bytes]
"""Contents by name; written in this order."""

_DATE = (2024, 6, 1, 12, 0, 0)


def write_zip(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive with fixed dates, so that the same members give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def write_tar(members: Members) -> bytes:
    """A plain tar archive (USTAR) with fixed dates."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def encrypted_zip(name: str, data: bytes, password: bytes) -> bytes:
    """A zip archive with one stored member under the traditional, weak encryption that phones and mail programs use."""
    crc = zlib.crc32(data)
    cipher = _ZipCipher(password)
    body = cipher.encrypt(bytes(11) + bytes([crc >> 24]) + data)
    common = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0x6000, 0x58C1, crc, len(body), len(data), len(name), 0)
    local = b"PK\x03\x04" + common + name.encode()
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(body), 0)
    return local + body + central + end


class _ZipCipher:
    """The three running keys of traditional zip encryption."""

    def __init__(self, password: bytes) -> None:
        self._keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._mix(byte)

    def encrypt(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            word = (self._keys[2] | 2) & 0xFFFF
            out.append(byte ^ ((word * (word ^ 1)) >> 8 & 0xFF))
            self._mix(byte)
        return bytes(out)

    def _mix(self, byte: int) -> None:
        first, second, third = self._keys
        first = _CRC[(first ^ byte) & 0xFF] ^ first >> 8
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = _CRC[(third ^ second >> 24) & 0xFF] ^ third >> 8
        self._keys = [first, second, third]


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)  # noqa: PLW2901 - the register of the shift loop
        table.append(value)
    return table


_CRC = _crc_table()


def seven_zip(members: Members) -> bytes:
    """A 7z archive: one solid LZMA2 block and an uncompressed header."""
    raw = b"".join(members.values())
    packed = lzma.compress(raw, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 23}])
    dict_code = b"\x16"  # 8 MiB
    names = b"".join(name.encode("utf-16-le") + b"\0\0" for name in members)
    sizes, count = [len(data) for data in members.values()], _number(len(members))
    crcs = struct.pack(f"<{len(sizes)}I", *(zlib.crc32(data) for data in members.values()))
    header = b"".join(
        (
            b"\x01\x04",  # header, streams
            b"\x06" + _number(0) + _number(1) + b"\x09" + _number(len(packed)) + b"\0",  # where they are packed
            b"\x07\x0b" + _number(1) + b"\0" + _number(1) + b"\x21\x21" + _number(1) + dict_code,  # one coder: LZMA2
            b"\x0c" + _number(len(raw)) + b"\0",
            b"\x08\x0d" + count + b"\x09" + b"".join(map(_number, sizes[:-1])) + b"\x0a\x01" + crcs + b"\0\0",
            b"\x05" + count + b"\x11" + _number(len(names) + 1) + b"\0" + names + b"\0\0",  # files: their names
        )
    )
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def _number(value: int) -> bytes:
    """7z's variable-length number: as many leading one bits as bytes follow the first."""
    for extra in range(8):
        if value < 1 << (7 * (extra + 1)):
            first = (0xFF00 >> extra) & 0xFF | value >> (8 * extra)
            return bytes([first]) + (value & ((1 << (8 * extra)) - 1)).to_bytes(extra, "little")
    return b"\xff" + value.to_bytes(8, "little")


def png(header: bytes, chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A PNG file of an IHDR content and further (type, content) chunks; the end chunk is added."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        parts.append(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """The content of an IHDR chunk; `colour` is PNG's colour type (0 grey, 2 RGB, 3 palette, 4 grey+alpha, 6 RGBA)."""
    return struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def png48(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG with 16 bits per channel of RGB pixels, shape (height, width, 3)."""
    height, width, _ = pixels.shape
    wide = (pixels.astype(np.uint16) * 257).astype(">u2").reshape(height, -1)
    rows = b"".join(b"\0" + row.tobytes() for row in wide)
    return png(png_header(width, height, 16), [(b"IDAT", zlib.compress(rows, 1))])
