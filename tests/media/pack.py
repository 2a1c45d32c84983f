"""Archives for the tests, made by code."""

import ctypes
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import archi

Files = Sequence[tuple[str, bytes]]


def make_zip(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def make_tar(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def make_7z(files: Files, method: str = "lzma2") -> bytes:
    """By libarchive's writer, from the same shared library the reader uses."""
    lib: Any = ctypes.CDLL(archi.__file__)
    lib.archive_write_new.restype = lib.archive_entry_new.restype = ctypes.c_void_p
    lib.archive_write_data.restype = ctypes.c_ssize_t
    handle = ctypes.c_void_p(lib.archive_write_new())
    assert lib.archive_write_set_format_7zip(handle) == 0
    assert lib.archive_write_set_options(handle, f"7zip:compression={method}".encode()) == 0
    buffer = ctypes.create_string_buffer(65536 + 2 * sum(len(data) for _, data in files))
    used = ctypes.c_size_t()
    assert lib.archive_write_open_memory(handle, buffer, ctypes.c_size_t(len(buffer)), ctypes.byref(used)) == 0
    for name, data in files:
        entry = ctypes.c_void_p(lib.archive_entry_new())
        lib.archive_entry_set_pathname_utf8(entry, name.encode())
        lib.archive_entry_set_size(entry, ctypes.c_int64(len(data)))
        lib.archive_entry_set_filetype(entry, ctypes.c_uint(0o040000 if name.endswith("/") else 0o100000))
        assert lib.archive_write_header(handle, entry) == 0
        assert lib.archive_write_data(handle, data, ctypes.c_size_t(len(data))) == len(data)
        lib.archive_entry_free(entry)
    assert lib.archive_write_close(handle) == 0
    lib.archive_write_free(handle)
    return buffer.raw[: used.value]


def make_encrypted_7z(name: str = "secret.jpg") -> bytes:
    """A 7z whose one file's folder is coded by AES-256 (7zFormat.txt in the LZMA SDK); its content is noise."""
    packed = bytes(range(32))
    coder = bytes.fromhex("24 06f10701 0a 5307") + bytes(8)
    folder = b"\x01" + coder
    header = b"\x01\x04"
    header += b"\x06\x00\x01\x09" + bytes([len(packed)]) + b"\x00"
    header += b"\x07\x0b\x01\x00" + folder + b"\x0c\x10\x00\x08\x00\x00"
    title = name.encode("utf-16-le") + b"\0\0"
    header += b"\x05\x01\x11" + bytes([len(title) + 1]) + b"\x00" + title + b"\x00\x00"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def _vint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def make_rar5(files: Files, *, encrypted: bool = False, links: Sequence[str] = ()) -> bytes:
    """Stored members (RAR 5.0 archive format, rarlab.com). Encrypted ones have an encryption record only."""

    def block(body: bytes, data: bytes = b"") -> bytes:
        head = _vint(len(body)) + body
        return struct.pack("<I", zlib.crc32(head)) + head + data

    def member(name: str, data: bytes, extra: bytes) -> bytes:
        raw, area = name.encode(), _vint(len(extra)) + extra if extra else b""
        body = b"\x02" + _vint(2 | bool(extra)) + (_vint(len(area)) if extra else b"") + _vint(len(data)) + b"\x04"
        body += _vint(len(data)) + _vint(0o100644) + struct.pack("<I", zlib.crc32(data)) + b"\x00\x01"
        return block(body + _vint(len(raw)) + raw + area, data)

    crypt = b"\x01\x00\x00\x0f" + bytes(32) if encrypted else b""
    out = b"Rar!\x1a\x07\x01\x00" + block(b"\x01\x00\x00")
    out += b"".join(member(name, data, crypt) for name, data in files)
    out += b"".join(member(name, b"", b"\x05\x01\x00\x01t") for name in links)
    return out + block(b"\x05\x00\x00")


def make_rar4(files: Files, *, encrypted: bool = False) -> bytes:
    """Stored members (RAR 2.9-4 format)."""

    def block(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name, data in files:
        raw, crc = name.encode(), zlib.crc32(data)
        body = struct.pack("<IIBIIBBHI", len(data), len(data), 3, crc, 0x5A21_0000, 20, 0x30, len(raw), 0o100644)
        out += block(0x74, 0x8004 if encrypted else 0x8000, body + raw, data)
    return out + block(0x7B, 0x4000, b"")
