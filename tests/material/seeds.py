"""Small valid files of every format a scan takes apart, drawn by code: what mutants and bombs are made from."""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pylibjxl
import zstandard
from PIL import Image

from safelight.demo.containers import png48, seven_zip, write_tar, write_zip
from safelight.demo.draw import draw
from safelight.demo.variants import animated, encode, jpeg, stored_turned

Picture = Image.Image


@lru_cache(maxsize=1)
def seeds() -> dict[str, bytes]:
    """Valid files by name (with suffix), each below 10 kB. HEIC is missing: nothing free to ship here writes it."""
    return {**_jpegs(), **_pngs(), **_webps(), **_plain(), **_tiffs(), **_modern(), **_archives()}


def _small(number: int = 3, width: int = 48, height: int = 36) -> Picture:
    return draw(number, width, height)


def _jpegs() -> dict[str, bytes]:
    picture = _small(5, 96, 72)
    return {
        "baseline.jpg": jpeg(picture, 70),
        "progressive.jpg": encode(picture, "JPEG", quality=70, progressive=True),
        "grey.jpg": encode(picture.convert("L"), "JPEG", quality=70),
        "cmyk.jpg": encode(picture.convert("CMYK"), "JPEG", quality=60),
        "restarts.jpg": encode(picture, "JPEG", quality=70, restart_marker_blocks=2),
        "exif.jpg": stored_turned(picture, 6),
    }


def _pngs() -> dict[str, bytes]:
    picture = _small()
    see_through = picture.copy()
    see_through.putalpha(picture.convert("L"))
    return {
        "rgb.png": encode(picture, "PNG"),
        "grey16.png": encode(Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257), "PNG"),
        "rgb48.png": png48(np.asarray(picture.resize((24, 18)))),
        "palette.png": encode(picture.quantize(16), "PNG"),
        "one-bit.png": encode(picture.convert("1"), "PNG"),
        "alpha.png": encode(see_through, "PNG"),
        "animated.png": animated(_frames(), "PNG"),
    }


def _webps() -> dict[str, bytes]:
    return {
        "lossy.webp": encode(_small(8, 96, 72), "WEBP", quality=60),
        "lossless.webp": encode(_small(8), "WEBP", lossless=True),
        "animated.webp": animated(_frames(), "WEBP"),
    }


def _plain() -> dict[str, bytes]:
    return {
        "still.gif": encode(_small(11), "GIF"),
        "animated.gif": animated(_frames(), "GIF"),
        "rgb.bmp": encode(_small(14, 32, 24), "BMP"),
        "palette.bmp": encode(_small(14).quantize(16), "BMP"),
    }


def _tiffs() -> dict[str, bytes]:
    picture = _small(17)
    kinds = {"raw": None, "lzw": "tiff_lzw", "deflate": "tiff_adobe_deflate", "packbits": "packbits", "jpeg": "jpeg"}
    made = {f"{name}.tiff": encode(picture, "TIFF", compression=kind) for name, kind in kinds.items()}
    pages = _frames()
    made["fax.tiff"] = encode(picture.convert("1"), "TIFF", compression="group4")
    made["pages.tiff"] = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    return made


def _modern() -> dict[str, bytes]:
    picture = _small(20, 96, 72)
    return {
        "still.avif": encode(picture, "AVIF", quality=60, speed=10, max_threads=1),
        "lossy.jxl": bytes(pylibjxl.encode(np.asarray(picture), effort=3, distance=2.0)),
        "lossy.jp2": encode(picture, "JPEG2000", quality_mode="rates", quality_layers=[20]),
        "codestream.j2k": encode(_small(20), "JPEG2000", no_jp2=True, quality_mode="rates", quality_layers=[10]),
        "head.mp4": b"\0\0\0\x18ftypisom\0\0\2\0isommp42\0\0\0\x08free\0\0\0\x10mdat" + bytes(8),
    }


def _frames() -> list[Picture]:
    return [_small(number, 32, 24) for number in (23, 26, 29)]


def _archives() -> dict[str, bytes]:
    members = {
        "pics/one.jpg": jpeg(_small(2), 60),
        "pics/two.png": encode(_small(4, 24, 18), "PNG"),
        "note.txt": b"Hello.\n",
    }
    tar = write_tar(members)
    inner = write_zip(members)
    return {
        "deflated.zip": write_zip(members),
        "stored.zip": write_zip(members, zipfile.ZIP_STORED),
        "bzip2.zip": write_zip(members, zipfile.ZIP_BZIP2),
        "lzma.zip": write_zip(members, zipfile.ZIP_LZMA),
        "plain.tar": write_tar({"pics/one.jpg": members["pics/one.jpg"], "note.txt": b"Hello.\n"}),
        "packed.tar.gz": gzip.compress(tar, 6, mtime=0),
        "packed.tar.xz": lzma.compress(tar, preset=1),
        "packed.tar.zst": zstandard.compress(tar, 3),
        "packed.tar.bz2": bz2.compress(tar, 1),
        "solid.7z": seven_zip(members),
        "five.rar": write_rar5(members),
        "nested.tar.gz": gzip.compress(
            write_tar({"inner.zip": inner, "more/inner.7z": seven_zip(members)}), 6, mtime=0
        ),
        "single.jpg.gz": gzip.compress(members["pics/one.jpg"], 6, mtime=0),
    }


def write_rar5(members: Mapping[str, bytes]) -> bytes:
    """A RAR 5 archive whose members are stored, not compressed (format: RARLAB's technical note on RAR 5.0)."""
    parts = [b"Rar!\x1a\x07\x01\x00", _rar_header(1, 0, _vint(0))]
    for name, data in members.items():
        coded = name.encode()
        crc = struct.pack("<I", zlib.crc32(data))
        fields = (_vint(0x4), _vint(len(data)), _vint(0o100644), crc, _vint(0), _vint(1), _vint(len(coded)), coded)
        parts += [_rar_header(2, 0x2, _vint(len(data)) + b"".join(fields)), data]
    return b"".join([*parts, _rar_header(5, 0, _vint(0))])


def _rar_header(kind: int, flags: int, rest: bytes) -> bytes:
    body = _vint(kind) + _vint(flags) + rest
    sized = _vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _vint(value: int) -> bytes:
    out = io.BytesIO()
    while value > 0x7F:
        out.write(bytes([value & 0x7F | 0x80]))
        value >>= 7
    out.write(bytes([value]))
    return out.getvalue()
