"""Makes this stage ready for a process that may soon open no file: loads all that libraries would load when needed."""

import bz2
import codecs
import gzip
import io
import locale
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import zstandard
from PIL import Image

from safelight.media.archive import members
from safelight.media.decode import decode_image
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.media import Limits

_LIMITS = Limits(max_pixels=1 << 16, max_frames=4, max_members=16, max_member_bytes=1 << 16, max_archive_bytes=1 << 20)

# Python loads these codecs on first use; file names in archives and texts in pictures use them.
_CODECS = ("ascii", "cp437", "cp1252", "iso8859_1", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_8_sig")

# One grey 16 x 16 block, as tests/media/heic.py draws it: nothing at hand encodes HEVC.
_HEIC = (
    bytes.fromhex(
        "000000186674797068656963000000006d696631686569630000012f6d657461000000000000002168646c720000000000000000"
        "70696374000000000000000000000000000000000e7069746d0000000000010000001e696c6f6300000000440000010001000000"
        "010000014f0000018b0000002369696e6600000000000100000015696e666502000000000100006876633100000000b369707270"
        "000000956970636f00000066687663430103700000009000000000005df000fcfdf8f800000f03a00001001740010c01ffff0370"
        "0000030090000003000003005df024a10001001a42010103700000030090000003000003005da08845fd6f1775c1a20001000744"
        "01c07180a480000000146973706500000000000000100000001000000013636f6c726e636c780001000d0006800000001669706d"
        "610000000000000001000103818283000001936d646174000001872601af86"
    )
    + bytes([128]) * 384
    + b"\x80\xfe\x80"
)

# The same block in JPEG XL: libjxl's encoder would start threads.
_JXL = bytes.fromhex("ff0a434024080401003c004b188b15805df4ff00105228700200")

# An empty 7z archive, and RAR archives (both generations) that end after their main header.
_EMPTY_ARCHIVES = (
    bytes.fromhex("377abcaf271c00048d9bd50f") + bytes(20),
    bytes.fromhex("526172211a0700cf907300000d00000000000000c43d7b00400700"),
    bytes.fromhex("526172211a070100c51a33320301000019b23a3503050000"),
)

_DRAWN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("RGB", "JPEG", {}),
    ("CMYK", "JPEG", {}),
    ("RGB", "PNG", {}),
    ("P", "PNG", {}),
    ("I;16", "PNG", {}),
    ("RGB", "WEBP", {}),
    ("RGBA", "WEBP", {"lossless": True}),
    ("P", "GIF", {}),
    ("RGB", "BMP", {}),
    ("RGB", "TIFF", {}),
    ("LAB", "TIFF", {}),
    ("F", "TIFF", {}),
    ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    ("RGB", "TIFF", {"compression": "tiff_adobe_deflate"}),
    ("RGB", "TIFF", {"compression": "jpeg"}),
    ("1", "TIFF", {"compression": "group4"}),
    ("RGB", "JPEG2000", {}),
    ("RGB", "AVIF", {"speed": 10, "max_threads": 1}),
)


def warm_up() -> None:
    """Decode a tiny drawn picture of each format and walk a tiny archive of each.

    Also sets the locale's character set to UTF-8, by which libarchive decodes names. Call it once, before the process
    is confined. It leaves no thread behind. Raises MediaError when a decoder does not work on this machine.
    """
    with suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    for name in _CODECS:
        codecs.lookup(name)
    for picture in (*_pictures(), _HEIC, _JXL):
        decode_image(picture, sniff(picture[:HEAD_BYTES]), _LIMITS)
    for archive in _archives():
        for _ in members(io.BytesIO(archive), sniff(archive[:HEAD_BYTES]), _LIMITS):
            pass


def pictures_like_videos() -> tuple[bytes, bytes]:
    """Tiny pictures in HEVC and AV1, in boxes that MP4 has as well."""
    (avif,) = (_drawn(*recipe) for recipe in _DRAWN if recipe[1] == "AVIF")
    return _HEIC, avif


def _pictures() -> Iterator[bytes]:
    return (_drawn(*recipe) for recipe in _DRAWN)


def _drawn(mode: str, form: str, options: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (120, 130, 140)).convert(mode).save(file, form, **options)
    return file.getvalue()


def _archives() -> Iterator[bytes]:
    yield from _EMPTY_ARCHIVES
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr("gr\u00fcn.txt", b"green" * 100)
        yield file.getvalue()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        info = tarfile.TarInfo("gr\u00fcn.txt")
        tar.addfile(info)
    plain = file.getvalue()
    yield plain
    yield from (gzip.compress(plain), lzma.compress(plain), bz2.compress(plain))
    yield zstandard.ZstdCompressor().compress(plain)
