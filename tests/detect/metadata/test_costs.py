"""What hostile files cost: little, whatever they say."""

import gc
import mmap
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.detect.metadata import Blocks, read_blocks
from safelight.detect.metadata.blocks import MAX_ALL, MAX_BLOCKS, MAX_TEXT
from tests.detect.metadata.build import (
    EXTENDED_SIGNATURE,
    NAMESPACES,
    XMP_SIGNATURE,
    ascii_value,
    box,
    chunk,
    ebml,
    gif,
    heif,
    ifd,
    jpeg,
    packet,
    png,
    segment,
    sub_blocks,
    tiff,
    webp,
)

MOST = 0.1
"""Seconds of CPU; some 0.05 on an idle machine."""


def _itxt(text: bytes, keyword: bytes = b"XML:com.adobe.xmp") -> bytes:
    return chunk(b"iTXt", keyword + b"\0\0\0\0\0" + text)


def _bomb(size: int) -> bytes:
    """A zlib stream of about a thousandth of `size` (in whole megabytes) that unpacks to so many bytes of "a"."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = stream.compress(b"a" * (1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\x9c" + megabyte * (size >> 20)


def _code_tables() -> bytes:
    """Deflate blocks of 11 bytes that each announce code tables (RFC 1951, 3.2.7) and no data: work, no output."""
    bits = "001" + "00000" + "00000" + "0111"  # not the last; dynamic; 257 + 1 codes, 18 code lengths
    bits += "".join({2: "100", 17: "100"}.get(at, "000") for at in range(18))  # lengths of 18 ("1") and 1 ("0")
    bits += "1" + "1111111" + "1" + "1101011" + "0" + "0"  # 256 zeros, then code 256 of one bit, and a distance
    bits += "0"  # the end of the block
    stream = bits * 8 * (MAX_TEXT // len(bits))
    return b"\x78\x9c" + bytes(int(stream[at : at + 8][::-1], 2) for at in range(0, len(stream) - 7, 8))


def _ifd_maze() -> bytes:
    """32 directories that share their bytes, each with a thousand fields that lie outside."""
    field = struct.pack("<HHII", 0x010E, 2, 100, 0xFFFFFFF0)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 900) + field * 900 + struct.pack("<I", 20)


def _comments() -> bytes:
    """A thousand UserComments that are one and the same text, in UTF-16 of an order that is hard to tell."""
    text = b"UNICODE\0" + b"\x4e\x60" * 200
    at = 8 + 2 + 12 * 1000 + 4
    table = struct.pack("<HHII", 0x9286, 7, len(text), at) * 1000
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1000) + table + bytes(4) + text


def _subifds() -> bytes:
    pointers = struct.pack("<5000I", *range(8, 5008))
    return tiff([(0x014A, 4, pointers)], tail=bytes(5000))


def _iloc() -> bytes:
    row = struct.pack(">HHHH", 1, 0, 0, 0xFFFF)
    iloc = box(b"iloc", b"\1\0\0\0\0\0\xff\xff", row * 60_000)
    infe = box(b"infe", b"\2\0\0\0\0\2\0\0Exif\0")
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(25)), box(b"iinf", bytes(4), b"\0\1", infe), iloc)
    return box(b"ftyp", b"heic\0\0\0\0mif1") + meta


def _extended(pieces: int) -> bytes:
    body = EXTENDED_SIGNATURE + b"0" * 32
    return b"".join(
        segment(0xE1, body + struct.pack(">II", 0xFFFFFFFF, 7 * number) + b"<a>text") for number in range(pieces)
    )


def _nested_boxes(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(b"moov", data)
    return box(b"ftyp", b"isom") + data


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "haha">{entities}]><x>&l11;</x>'.encode()


def _long_namespace() -> bytes:
    uri = "u" * 500_000
    return f'<a xmlns:p="{uri}">{"<p:b p:c=" + chr(34) + "1" + chr(34) + "/>"}'.encode() + b'<p:b p:c="1"/>' * 40_000


def _many_namespaces() -> bytes:
    declared = " ".join(f'xmlns:p{n}="u{n}"' for n in range(4000))
    return f"<a {declared}>".encode() + b'<b xmlns:q="r">1</b>' * 8000


def _ebml_deep() -> bytes:
    data = b""
    for _ in range(2000):
        data = ebml(0x67C8, ebml(0x45A3, b"N"), ebml(0x4487, b"V"), data)
    return ebml(0x1A45DFA3) + ebml(0x18538067, ebml(0x1254C367, ebml(0x7373, data)))


def _photoshop(iim: bytes) -> bytes:
    return b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iim)) + iim


def _psd(resources: bytes) -> bytes:
    return b"8BPS\0\1" + bytes(24) + struct.pack(">I", len(resources)) + resources


def _shared_value(size: int) -> bytes:
    """900 fields with the same megabyte of NULs as their value: a text of no characters each."""
    at = 8 + 2 + 12 * 900 + 4
    table = b"".join(struct.pack("<HHII", 0x8000 + n, 2, size, at) for n in range(900))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 900) + table + bytes(4) + bytes(size)


def _long_items() -> bytes:
    data = b"\0\0\0\0" + tiff([ascii_value(0x0131, "x" * 60_000)])
    return heif(dict.fromkeys(range(1, 60), (b"Exif", data)))


def _all_at_once() -> bytes:
    """Every budget used up: codes, tags, texts and chunks."""
    return png(
        chunk(b"zTXt", b"k\0\0" + _code_tables()),
        _itxt(b"<r>" + b"<a/>" * 11_900),
        _itxt(b"<a>" + b"\xff" * 1_000_000),
        chunk(b"IDAT", b"") * 97_000,
        chunk(b"tEXt", b"\x01" * 79 + b"\0b") * 2000,
    )


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "100k chunks of text": ("image/png", lambda: png(chunk(b"tEXt", b"a\0b") * 100_000)),
    "100k chunks of other kinds": ("image/png", lambda: png(chunk(b"heLo", b"") * 120_000)),
    "all at once": ("image/png", _all_at_once),
    "100k empty XMP": ("image/png", lambda: png(_itxt(b"") * 100_000)),
    "zip bomb": ("image/png", lambda: png(chunk(b"zTXt", b"k\0\0" + _bomb(1 << 30)))),
    "many zip bombs": (
        "image/png",
        lambda: png(chunk(b"zTXt", b"k\0\0" + _bomb(1 << 22)) * 2000),
    ),
    "code tables": ("image/png", lambda: png(chunk(b"zTXt", b"k\0\0" + _code_tables()))),
    "long fields": ("image/png", lambda: png(chunk(b"tEXt", b"k\0" + b"x" * (1 << 20)) * 20)),
    "no keyword": ("image/png", lambda: png(chunk(b"tEXt", b"x" * 5000) * 10_000)),
    "control characters in keywords": ("image/png", lambda: png(chunk(b"tEXt", b"\x01" * 79 + b"\0b") * 10_000)),
    "deep XMP": ("image/png", lambda: png(_itxt(b"<a>" * 1_000_000))),
    "many empty tags": ("image/png", lambda: png(_itxt(b"<r>" + b"<a/>" * 1_000_000))),
    "many attributes": (
        "image/png",
        lambda: png(_itxt(b"<a " + b" ".join(b'a%d=""' % n for n in range(150_000)) + b"/>")),
    ),
    "long namespace": ("image/png", lambda: png(_itxt(_long_namespace()))),
    "many namespaces": ("image/png", lambda: png(_itxt(_many_namespaces()))),
    "long attribute": ("image/png", lambda: png(_itxt(b'<a b="' + b"x" * 5_000_000 + b'"/>'))),
    "character references": ("image/png", lambda: png(_itxt(b"<a>" + b"&#65;" * 1_000_000))),
    "invalid UTF-8": ("image/png", lambda: png(_itxt(b"<a>" + b"\xff" * 1_000_000))),
    "billion laughs": ("image/png", lambda: png(_itxt(_laughs()))),
    "many XMP": ("image/png", lambda: png(_itxt(packet("<dc:a>b</dc:a>" * 400)) * 100)),
    "raw profiles": (
        "image/png",
        lambda: png(chunk(b"tEXt", b"Raw profile type exif\0\nexif\n9\n" + b"45786966" * 60_000) * 20),
    ),
    "lone surrogates": ("image/png", lambda: png(_itxt(b"<\0" + b"\0\xd8" * 500_000))),
    "comments in doubtful encodings": ("image/jpeg", lambda: jpeg(segment(0xE1, _comments()) * 10)),
    "JPEG of empty segments": ("image/jpeg", lambda: jpeg(segment(0xE5, b"") * 200_000)),
    "JPEG of comments": ("image/jpeg", lambda: jpeg(segment(0xFE, b"x") * 100_000)),
    "JPEG of fill bytes": ("image/jpeg", lambda: b"\xff\xd8" + b"\xff" * 2_000_000),
    "JPEG of noise": ("image/jpeg", lambda: b"\xff\xd8" + b"\0\xff\x01" * 200_000),
    "JPEG of Exif mazes": (
        "image/jpeg",
        lambda: jpeg(segment(0xE1, b"Exif\0\0" + _ifd_maze()) * 200),
    ),
    "JPEG of Exif, all in the tail": (
        "image/jpeg",
        lambda: jpeg(scan=segment(0xE1, b"Exif\0\0" + tiff([ascii_value(0x010E, "x")])) * 1000),
    ),
    "extended XMP in pieces": ("image/jpeg", lambda: jpeg(_extended(9000))),
    "IPTC": ("image/jpeg", lambda: jpeg(segment(0xED, _photoshop(b"\x1c\x02\x19\0\0" * 12_000)) * 20)),
    "TIFF maze": ("image/tiff", _ifd_maze),
    "TIFF SubIFDs": ("image/tiff", _subifds),
    "TIFF of long texts": (
        "image/tiff",
        lambda: tiff([(0x8000 + n, 2, bytes(300)) for n in range(900)], tail=bytes(1 << 20)),
    ),
    "TIFF whose fields share their bytes": ("image/tiff", lambda: _shared_value(1 << 20)),
    "WebP of chunks": ("image/webp", lambda: webp(*[(b"abcd", b"")] * 100_000)),
    "GIF of comments": ("image/gif", lambda: gif(*[b"\x21\xfe" + sub_blocks(b"x")] * 50_000)),
    "GIF of sub-blocks": ("image/gif", lambda: gif(b"\x21\xfe" + b"\1x" * 1_000_000 + b"\0")),
    "boxes": ("video/mp4", lambda: box(b"free") * 200_000),
    "boxes within boxes": ("video/mp4", lambda: _nested_boxes(10_000)),
    "boxes of user data": ("video/mp4", lambda: box(b"moov", box(b"udta", box(b"abcd", b"text") * 50_000))),
    "iloc": ("image/heic", _iloc),
    "long items": ("image/heic", _long_items),
    "Matroska tags": ("video/matroska", _ebml_deep),
    "Matroska elements": ("video/webm", lambda: ebml(0x18538067, ebml(0x1F43B675) * 100_000)),
    "PSD": ("image/vnd.adobe.photoshop", lambda: _psd(b"8BIM\x04\x04\0\0\0\0\0\0" * 50_000)),
    "AVI": ("video/vnd.avi", lambda: b"RIFF\0\0\0\0AVI " + b"LIST\x0c\0\0\0INFOabcd\0\0\0\0" * 50_000),
}


def _within_bounds(blocks: Blocks, size: int) -> None:
    assert len(blocks.blocks) <= MAX_BLOCKS
    assert sum(len(block.text) for block in blocks.blocks) <= MAX_ALL
    for block in blocks.blocks:
        assert len(block.text) <= MAX_TEXT
        assert len(block.key) <= 256
        assert 0 <= block.place.start <= block.place.end <= size


@pytest.mark.parametrize("name", HOSTILE)
def test_costs_little(name: str) -> None:
    mime, make = HOSTILE[name]
    data = make()
    spent = MOST
    for _ in range(3):  # a busy machine lends its caches to others: the quickest run counts
        start = time.process_time()
        blocks = read_blocks(data, mime)
        spent = min(spent, time.process_time() - start)
        _within_bounds(blocks, len(data))
        if spent < MOST / 2:
            break
    assert spent < MOST


def test_text_of_a_gigabyte_in_a_mapped_file(tmp_path: Path) -> None:
    path = tmp_path / "sparse.png"
    size = 1 << 30
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + struct.pack(">I", size) + b"tEXtparameters\0"
    with path.open("w+b") as file:
        file.write(head + b"Steps: 20")
        file.truncate(len(head) + size)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            view = memoryview(mapped)
            start = time.process_time()
            blocks = read_blocks(view, "image/png")
            spent = time.process_time() - start
            view.release()  # fails if anything still holds the file
    assert blocks.blocks[0].text == "Steps: 20"
    assert blocks.blocks[0].cut
    assert blocks.oddities
    assert spent < MOST


def test_a_zip_bomb_is_cut() -> None:
    blocks = read_blocks(png(chunk(b"iTXt", b"k\0\1\0\0\0" + _bomb(1 << 30))), "image/png")
    assert blocks.blocks[0].text == "a" * MAX_TEXT
    assert blocks.blocks[0].cut


def test_nothing_holds_the_file_afterwards() -> None:
    files = {
        "image/jpeg": jpeg(segment(0xE1, XMP_SIGNATURE + packet("<dc:a>b</dc:a>"))),
        "image/png": png(_itxt(packet("", 'dc:a="b"')), _itxt(f"<a {NAMESPACES}><b></a>".encode())),
        "image/heic": heif({1: (b"mime", packet("<dc:a>b</dc:a>"))}),
    }
    gc.disable()
    try:
        for mime, data in files.items():
            view = memoryview(bytearray(data))
            assert read_blocks(view, mime).blocks
            view.release()
    finally:
        gc.enable()


def test_directories_that_point_at_themselves() -> None:
    blocks = read_blocks(b"II*\0\x08\0\0\0" + ifd("<", [ascii_value(0x0131, "me")], 8, follow=8), "image/tiff")
    assert [block.text for block in blocks.blocks] == ["me"]
    assert "TIFF: directories loop" in blocks.oddities
