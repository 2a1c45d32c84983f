"""WebP, AVI, GIF and Photoshop files."""

import struct

import pytest

from safelight.detect.metadata import BlockKind, read_blocks
from tests.detect.metadata.build import DC, ascii_value, gif, one, packet, sub_blocks, texts, tiff, webp

EXIF = tiff([ascii_value(0x010F, "workflow:{}"), ascii_value(0x0110, "prompt:{}")])
XMP = packet("<dc:format>f</dc:format>")
TRAILER = b"\1" + bytes(range(255, -1, -1)) + b"\0"


@pytest.mark.parametrize("signature", [b"", b"Exif\0\0"])
def test_webp(signature: bytes) -> None:
    data = webp((b"VP8X", bytes(10)), (b"VP8 ", b"odd"), (b"EXIF", signature + EXIF), (b"XMP ", XMP))
    blocks = read_blocks(data, "image/webp")
    assert texts(blocks) == [("Make", "workflow:{}"), ("Model", "prompt:{}"), (f"{DC}format", "f")]
    assert blocks.blocks[0].place.label == "WebP EXIF Make"
    assert blocks.oddities == ()
    for block in blocks.blocks:
        assert block.text.encode() in data[block.place.start : block.place.end]


def test_webp_whose_lengths_lie() -> None:
    data = webp((b"EXIF", EXIF))
    blocks = read_blocks(data[:4] + b"\0\0\0\0" + data[8:16] + b"\xff\xff\xff\xff" + data[20:], "image/webp")
    assert [block.key for block in blocks.blocks] == ["Make", "Model"]
    assert blocks.oddities == ("WebP chunk is longer than the file",)


def _riff_list(kind: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    inner = webp(*chunks)[12:]
    return b"LIST" + struct.pack("<I", len(inner) + 4) + kind + inner


def test_avi() -> None:
    body = b"AVI " + _riff_list(b"hdrl", (b"avih", bytes(56)))
    body += _riff_list(b"INFO", (b"ISFT", b"Lavf58\0"), (b"INAM", b"A title"))
    data = b"RIFF" + struct.pack("<I", len(body)) + body + b"RIFF\x0c\0\0\0AVIXidx1\0\0\0\0"
    blocks = read_blocks(data, "video/vnd.avi")
    assert texts(blocks) == [("ISFT", "Lavf58"), ("INAM", "A title")]
    assert blocks.blocks[0].kind is BlockKind.CONTAINER
    assert blocks.blocks[0].place.label == "AVI INFO ISFT"
    assert blocks.oddities == ()


def test_gif_comment() -> None:
    data = gif(b"\x21\xfe" + sub_blocks(b"short"))
    block = one(data, "image/gif")
    assert (block.kind, block.key, block.text) == (BlockKind.COMMENT, "", "short")
    assert data[block.place.start : block.place.end] == b"short"


def test_gif_comment_of_several_blocks() -> None:
    text = "".join(f"{number}," for number in range(1000))
    assert one(gif(b"\x21\xf9\4" + bytes(4) + b"\0", b"\x21\xfe" + sub_blocks(text.encode())), "image/gif").text == text


def test_gif_xmp() -> None:
    data = gif(b"\x21\xff\x0bXMP DataXMP" + XMP + TRAILER, b"\x21\xfe" + sub_blocks(b"after"))
    blocks = read_blocks(data, "image/gif")
    assert texts(blocks) == [(f"{DC}format", "f"), ("", "after")]
    assert blocks.oddities == ()
    place = blocks.blocks[0].place
    assert data[place.start : place.end] == b"<dc:format>f"


def test_gif_after_a_picture_with_colours_of_its_own() -> None:
    picture = b"\x2c" + bytes(8) + b"\x81" + bytes(12) + b"\2\2\x44\1\0"
    assert one(gif(picture, b"\x21\xfe" + sub_blocks(b"after")), "image/gif").text == "after"


@pytest.mark.parametrize("size", [0, 10, 13, 20, 30])
def test_gif_that_breaks_off(size: int) -> None:
    blocks = read_blocks(gif(b"\x21\xfe" + sub_blocks(b"x" * 20))[:size], "image/gif")
    assert blocks.blocks == ()
    assert blocks.oddities == ("GIF breaks off",)


def _resource(number: int, data: bytes) -> bytes:
    head = b"8BIM" + struct.pack(">H", number) + b"\3abc" + struct.pack(">I", len(data))
    return head + data + b"\0" * (len(data) & 1)


def test_psd() -> None:
    iim = b"\x1c\x02\x6e\0\2me"
    resources = _resource(0x03ED, b"x") + _resource(0x0404, iim) + _resource(0x0422, EXIF) + _resource(0x0424, XMP)
    head = b"8BPS\0\1" + bytes(20) + struct.pack(">I", 5) + b"12345"
    blocks = read_blocks(head + struct.pack(">I", len(resources)) + resources, "image/vnd.adobe.photoshop")
    assert [block.key for block in blocks.blocks] == ["Credit", "Make", "Model", f"{DC}format"]
    assert blocks.oddities == ()
    assert read_blocks(head, "image/vnd.adobe.photoshop").oddities == ("PSD breaks off",)
