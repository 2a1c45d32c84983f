"""Archives that unpack to, nest, list or claim far more than they hold."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import zstandard

from safelight.demo.containers import write_tar, write_zip
from safelight.model.scan import Status
from tests.material.picture_bombs import deflated_zeros
from tests.material.seeds import seeds

OK, DEGRADED, UNREADABLE, UNSUPPORTED = Status.OK, Status.DEGRADED, Status.UNREADABLE, Status.UNSUPPORTED

GIB = 1 << 30
_PIECE = 45_000_000
_SIZES_IN_EXTRA = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """One zip member as it is to be written, true or not. `at`: offset of another member's header to share it."""

    name: bytes
    packed: bytes = b""
    size: int = 0
    method: int = 8
    crc: int = 0
    at: int | None = None


def raw_zip(entries: Iterable[Entry]) -> bytes:
    """A zip archive (with 64-bit fields where needed) that says exactly what it is told to say."""
    out, central, count = io.BytesIO(), io.BytesIO(), 0
    for entry in entries:
        large = entry.size >= _SIZES_IN_EXTRA
        extra = struct.pack("<HHQQ", 1, 16, entry.size, len(entry.packed)) if large else b""
        sizes = (_SIZES_IN_EXTRA, _SIZES_IN_EXTRA) if large else (len(entry.packed), entry.size)
        common = struct.pack(
            "<HHHHHIIIHH", 45, 0, entry.method, 0, 0x21, entry.crc, *sizes, len(entry.name), len(extra)
        )
        at = out.tell() if entry.at is None else entry.at
        if entry.at is None:
            out.write(b"PK\x03\x04" + common + entry.name + extra + entry.packed)
        tail = struct.pack("<HHHII", 0, 0, 0, 0, at)
        central.write(b"PK\x01\x02" + struct.pack("<H", 45) + common + tail + entry.name + extra)
        count += 1
    start, directory = out.tell(), central.getvalue()
    out.write(directory)
    if count > 0xFFFF:
        wide = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(directory), start)
        out.write(b"PK\x06\x06" + wide + b"PK\x06\x07" + struct.pack("<IQI", 0, start + len(directory), 1))
    few = min(count, 0xFFFF)
    out.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, few, few, len(directory), start, 0))
    return out.getvalue()


def _zeros(size: int) -> bytes:
    """A raw deflate stream of that many zeros, about a thousandth as long."""
    return deflated_zeros(size)[2:-4]


def _zip_zeros() -> bytes:
    return raw_zip([Entry(b"zeros.jpg", _zeros(10 * GIB), 10 * GIB)])


def _zip_lies() -> bytes:
    """Says that it unpacks to ten bytes."""
    return raw_zip([Entry(b"small.jpg", _zeros(4 * GIB), 10)])


def _zip_overlap() -> bytes:
    """A thousand directory entries that share one member of 64 MiB: 64 GB in all."""
    kernel = Entry(b"kernel.jpg", _zeros(1 << 26), 1 << 26)
    return raw_zip([kernel, *(Entry(b"copy%04d.jpg" % n, kernel.packed, kernel.size, at=0) for n in range(1000))])


def _zip_nested() -> bytes:
    data = seeds()["baseline.jpg"]
    for level in range(50):
        data = write_zip({f"level{50 - level}.zip" if level else "picture.jpg": data})
    return data


def _zip_tree(branches: int, levels: int) -> bytes:
    """Each archive holds `branches` copies of the next one, as in the well-known 42.zip."""
    data = write_zip({"zeros.bin": bytes(1 << 22)})
    for _ in range(levels):
        data = write_zip({f"{branch}.zip": data for branch in range(branches)})
    return data


def _zip_members() -> bytes:
    return raw_zip(Entry(b"%06d.jpg" % number, method=0) for number in range(100_001))


def _zip_folders() -> bytes:
    """Folders only: no row, but each must be counted."""
    return raw_zip(Entry(b"%06d/" % number, method=0) for number in range(100_001))


def _zip_slip() -> bytes:
    names = (
        "../../escaped.jpg",
        "/absolute.jpg",
        "C:\\windows.jpg",
        "a/../../b.jpg",
        "nul\0byte.jpg",
        "\x1b[2Jred.jpg",
    )
    picture = seeds()["baseline.jpg"]
    whole = zlib.crc32(picture)
    return raw_zip(Entry(name.encode(), picture, len(picture), 0, whole) for name in names)


def _tar_claim() -> bytes:
    """A header that claims 2^62 bytes (in base 256), and nothing behind it."""
    info = tarfile.TarInfo("huge.jpg")
    info.size = 1 << 62
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def _tar_links() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        kinds = {
            b"passwd": tarfile.SYMTYPE,
            b"hard": tarfile.LNKTYPE,
            b"null": tarfile.CHRTYPE,
            b"pipe": tarfile.FIFOTYPE,
        }
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name.decode())
            info.type, info.linkname = kind, "../../../etc/passwd"
            archive.addfile(info)
    return out.getvalue()


def _tar_name() -> bytes:
    """A GNU long name of 64 MiB, packed."""
    info = tarfile.TarInfo("././@LongLink")
    info.size, info.type = 1 << 26, tarfile.GNUTYPE_LONGNAME
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"n" * (1 << 26) + bytes(1024), 6, mtime=0)


def _tar_gzip() -> bytes:
    info = tarfile.TarInfo("zeros.jpg")
    info.size = 4 * GIB
    head = gzip.compress(info.tobuf(tarfile.GNU_FORMAT), mtime=0)
    return head + b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + _zeros(4 * GIB) + bytes(8)


def _streams(piece: bytes, times: int) -> bytes:
    """Compressed streams one behind the other: readers unpack all of them."""
    return piece * times


def _seven_zip_claim() -> bytes:
    """The unpacked size of a sound 7z's header, edited; the checksums are made right again."""
    data = bytearray(seeds()["solid.7z"])
    offset, size = struct.unpack_from("<QQ", data, 12)
    header = data[32 + offset : 32 + offset + size]
    place = header.index(b"\x07\x0b") + 9  # kCodersUnpackSize, then a two-byte number
    header[place + 1 : place + 3] = b"\xff" + (1 << 60).to_bytes(8, "little")
    body = bytes(data[32 : 32 + offset])
    start = struct.pack("<QQI", offset, len(header), zlib.crc32(header))
    return bytes(data[:8]) + struct.pack("<I", zlib.crc32(start)) + start + body + bytes(header)


def _zstd_window() -> bytes:
    """A frame header that asks for a window of 3.75 TiB (RFC 8878, section 3.1.1.1.2)."""
    return b"\x28\xb5\x2f\xfd\x00\xff" + b"\x01\0\0" + bytes(64)


def _billion_laughs() -> bytes:
    lines = ['<!ENTITY l0 "ha">'] + [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<?xml version="1.0"?><!DOCTYPE svg [{"".join(lines)}]><svg>&l9;</svg>'.encode()


Recipe = tuple[str, Callable[[], bytes], set[Status], str]
_PARTLY = {DEGRADED, UNREADABLE}
_EITHER = {OK, DEGRADED, UNREADABLE}

BOMBS: tuple[Recipe, ...] = (
    ("zip-zeros.zip", _zip_zeros, _PARTLY, "10 GiB of zeros in 10 MB"),
    ("zip-lies.zip", _zip_lies, _PARTLY, "4 GiB that claim to be ten bytes"),
    ("zip-overlap.zip", _zip_overlap, _PARTLY, "1,000 entries that share one member"),
    ("zip-nested-50.zip", _zip_nested, _EITHER, "a picture inside 50 archives"),
    ("zip-tree.zip", lambda: _zip_tree(4, 8), _EITHER, "4^8 archives of 4 MiB"),
    ("zip-folders.zip", _zip_folders, _PARTLY, "100,001 folders"),
    ("zip-slip.zip", _zip_slip, _EITHER, "member names that lead out of a folder"),
    ("tar-claim.tar", _tar_claim, _PARTLY, "claims a member of 2^62 bytes"),
    ("tar-links.tar", _tar_links, _EITHER, "links, a device and a FIFO"),
    ("tar-name.tar.gz", _tar_name, _PARTLY, "a member name of 64 MiB"),
    ("tar-zeros.tar.gz", _tar_gzip, _PARTLY, "4 GiB of zeros in 4 MB"),
    ("xz-zeros.xz", lambda: _streams(lzma.compress(bytes(_PIECE), preset=0), 100), _PARTLY, "4.5 GB of zeros"),
    ("bz2-zeros.bz2", lambda: _streams(bz2.compress(bytes(_PIECE), 9), 100), _PARTLY, "4.5 GB of zeros in 5 kB"),
    ("zst-zeros.zst", lambda: _streams(zstandard.compress(bytes(_PIECE), 1), 100), _PARTLY, "4.5 GB of zeros"),
    ("zst-window.zst", _zstd_window, _PARTLY, "asks for a window of 3.75 TiB"),
    ("7z-claim.7z", _seven_zip_claim, _PARTLY, "claims to unpack to 2^60 bytes"),
    ("billion-laughs.svg", _billion_laughs, {UNSUPPORTED}, "nested entities: a billion words"),
)

HEAVY: tuple[Recipe, ...] = (
    ("zip-tree-wide.zip", lambda: _zip_tree(16, 6), _EITHER, "16^6 archives of 4 MiB: 70 TB"),
    ("zip-members.zip", _zip_members, _PARTLY, "100,001 members: one more than the limit"),
    ("tar-many.tar", lambda: write_tar({f"{n}.txt": b"" for n in range(20_000)}), {OK}, "20,000 empty members"),
)
