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
from typing import Any, cast

import av
import numpy as np
import zstandard
from av.codec.context import ThreadType
from av.video.stream import VideoStream
from PIL import Image

from safelight.media.archive import members
from safelight.media.decode import decode_image
from safelight.media.formats import MP4
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.media.video import open_video
from safelight.model.clip import Sampling
from safelight.model.media import Limits, MediaType

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

# Containers and encoders of tiny clips: such encoders as every build of FFmpeg has. All run on one thread here.
_CLIPS = (
    ("mp4", "mpeg4", "yuv420p"),
    ("matroska", "ffv1", "yuv420p"),
    ("avi", "mjpeg", "yuvj420p"),
    ("mov", "prores_ks", "yuv422p10le"),
    ("mpegts", "mpeg2video", "yuv420p"),
    ("asf", "wmv2", "yuv420p"),
    ("flv", "flv", "yuv420p"),
)


def warm_up() -> None:
    """Decode a tiny drawn picture and a tiny clip of each format and walk a tiny archive of each.

    Also sets the locale's character set to UTF-8, by which libarchive decodes names. Call it once, before the process
    is confined. It leaves no thread behind. Raises MediaError when a decoder does not work on this machine.
    """
    with suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    for name in _CODECS:
        codecs.lookup(name)
    for picture in (*_pictures(), _HEIC, _JXL):
        decode_image(picture, sniff(picture[:HEAD_BYTES]), _LIMITS)
        if sniff(picture[:HEAD_BYTES]).mime in {"image/heic", "image/avif"}:  # boxes of HEVC and AV1, as in videos
            _watch(picture, MP4)
    for clip in _clips():
        _watch(clip, sniff(clip[:HEAD_BYTES]))
    for archive in _archives():
        for _ in members(io.BytesIO(archive), sniff(archive[:HEAD_BYTES]), _LIMITS):
            pass


def _pictures() -> Iterator[bytes]:
    grey = Image.new("RGB", (16, 16), (120, 130, 140))
    for mode, form, options in _DRAWN:
        file = io.BytesIO()
        grey.convert(mode).save(file, form, **options)
        yield file.getvalue()


def _watch(data: bytes, media_type: MediaType) -> None:
    for side, colour in ((8, False), (0, True)):
        with open_video(data, media_type, _LIMITS) as video:
            for _ in video.frames(Sampling(0.0), side=side, colour=colour):
                pass


def _clips() -> Iterator[bytes]:
    for container, codec, form in _CLIPS:
        file = io.BytesIO()
        with av.open(file, "w", format=container) as output:
            stream = cast("VideoStream", output.add_stream(codec, rate=25, options={"threads": "1"}))
            stream.width, stream.height, stream.pix_fmt = 32, 32, form
            stream.codec_context.thread_count, stream.codec_context.thread_type = 1, ThreadType.NONE
            for level in (120, 140):
                grey = np.full((32, 32, 3), level, np.uint8)
                output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
            output.mux(stream.encode(None))
        yield file.getvalue()


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
