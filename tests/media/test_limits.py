"""Bombs: pictures whose headers promise more than the limits allow are refused before anything is decoded."""

import struct
import time
import zlib
from dataclasses import replace

import numpy as np
import pylibjxl
import pytest

from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.media import Limits
from tests.media.draw import LIMITS, decode, encode, pixels, scene
from tests.media.heic import draw_heic

SMALL = replace(LIMITS, max_pixels=10_000)
DRAWN = {
    **{form: encode(scene(), form) for form in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "AVIF")},
    "CMYK": encode(scene().convert("CMYK"), "JPEG"),
    "lossless WebP": encode(scene(), "WEBP", lossless=True),
    "HEIC": draw_heic(pixels(scene())),
    "JXL": pylibjxl.JXL(threads=1).encode(np.array(scene())),
}


@pytest.mark.parametrize("name", DRAWN)
def test_every_decoder_keeps_the_pixel_limit(name: str) -> None:
    with pytest.raises(LimitExceededError, match=r"needs 192 x 128 pixels|needs 24,576 pixels"):
        decode(DRAWN[name], SMALL)
    assert decode(DRAWN[name], replace(LIMITS, max_pixels=192 * 128)).facts.width == 192


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )


def _jpeg(width: int, height: int) -> bytes:
    data = bytearray(encode(scene(16, 16), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _gif(width: int, height: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HH", width, height)
        + b"\x80\0\0"
        + bytes(6)
        + b"\x2c"
        + bytes(4)
        + struct.pack("<HH", width, height)
        + b"\0\x02\x02\x44\x01\0;"
    )


def _bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(100)


def _tiff(width: int, height: int) -> bytes:
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    tags += [(278, 4, height), (279, 4, width * height & 0xFFFF_FFFF)]
    body = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags
    )
    return b"II*\0\x08\0\0\0" + body + bytes(4)


def _webp(width: int, height: int) -> bytes:
    data = bytearray(encode(scene(16, 16), "WEBP"))
    at = data.index(b"\x9d\x01\x2a") + 3
    data[at : at + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def _heic(width: int, height: int) -> bytes:
    data = draw_heic(pixels(scene(16, 16)))
    return data.replace(struct.pack(">II", 16, 16), struct.pack(">II", width, height))


def _avif(width: int, height: int) -> bytes:
    data = encode(scene(16, 16), "AVIF")
    return data.replace(struct.pack(">II", 16, 16), struct.pack(">II", width, height))


BOMBS = {
    "png": _png(40_000, 40_000),
    "png at its format's limit": _png(2**31 - 1, 2**31 - 1),
    "jpeg": _jpeg(65_500, 65_500),
    "gif": _gif(65_535, 65_535),
    "bmp": _bmp(100_000, 100_000),
    "tiff": _tiff(100_000, 100_000),
    "tiff at its format's limit": _tiff(2**32 - 1, 2**32 - 1),
    "webp": _webp(16_383, 16_383),
    "heic": _heic(30_000, 30_000),
    "heic at its format's limit": _heic(2**32 - 1, 2**32 - 1),
    "avif": _avif(16_000, 16_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_pixel_bombs(name: str) -> None:
    start = time.process_time()
    with pytest.raises(MediaError) as caught:
        decode(BOMBS[name])
    assert time.process_time() - start < 1.5
    assert "\n" not in caught.value.cause
    if name in ("png", "jpeg", "gif", "bmp", "tiff", "webp"):
        assert isinstance(caught.value, LimitExceededError)
        assert "pixels" in caught.value.cause


def test_message_names_the_need_and_the_limit() -> None:
    with pytest.raises(
        LimitExceededError, match=r"^needs 1,600,000,000 pixels; the limit is 200,000,000 in one picture$"
    ):
        decode(BOMBS["png"])


def test_a_picture_without_pixels() -> None:
    with pytest.raises(MediaError):
        decode(_bmp(0, 10))
    with pytest.raises(MediaError):
        decode(_tiff(0, 0))


def test_large_but_allowed_text_bomb_in_png() -> None:
    body = b"Comment\0\0" + zlib.compress(bytes(50_000_000))
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    data = encode(scene(), "PNG")
    result = decode(data[:33] + chunk + data[33:])
    np.testing.assert_array_equal(result.frames[0].pixels, pixels(scene()))


def test_endless_directory_chain_in_tiff() -> None:
    data = bytearray(encode(scene(), "TIFF"))
    result = decode(bytes(data), Limits())
    first = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[first : first + 2])[0]
    data[first + 2 + 12 * count : first + 6 + 12 * count] = data[4:8]  # the next directory is this one
    looped = decode(bytes(data))
    assert looped.facts.frames == result.facts.frames == 1


def _text(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_text(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1_000_000))) * 80, id="many packed ones"),
        pytest.param(_text(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60_000_000))), id="one large packed one"),
        pytest.param(_text(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(3_000_000))) * 9, id="international"),
        pytest.param(_text(b"tEXt", b"Comment\0" + bytes(20_000_000)), id="a large plain one"),
    ],
)
def test_text_of_any_size_costs_a_png_nothing(text: bytes) -> None:
    data = DRAWN["PNG"]
    found = decode(data[:33] + text + data[33:])
    assert np.array_equal(found.frames[0].pixels, decode(data).frames[0].pixels)
    assert (found.facts.truncated, found.facts.warnings) == (False, ())


def test_of_a_png_that_breaks_off_behind_such_text_is_used_what_there_is() -> None:
    data, text = DRAWN["PNG"], _text(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60_000_000)))
    found = decode((data[:33] + text + data[33:])[: len(text) + len(data) // 2])
    assert found.facts.truncated
    assert found.facts.width == 192
