"""JPEG: segments before and after the scan, right and wrong."""

import struct

import pytest

from safelight.detect.metadata import BlockKind, read_blocks
from safelight.detect.metadata.iptc import NAMES
from tests.detect.metadata.build import (
    DC,
    EXTENDED_SIGNATURE,
    XMP_SIGNATURE,
    ascii_value,
    jpeg,
    one,
    packet,
    segment,
    texts,
    tiff,
)

MIME = "image/jpeg"
COMMENT = segment(0xFE, b"made by hand")
EXIF = segment(0xE1, b"Exif\0\0" + tiff([ascii_value(0x0131, "Program 1")]))
GUID = b"0123456789ABCDEF0123456789ABCDEF"


def photoshop(*datasets: tuple[int, bytes]) -> bytes:
    iim = b"".join(b"\x1c\x02" + struct.pack(">BH", number, len(data)) + data for number, data in datasets)
    other = b"8BIM\x03\xed\x03abc" + struct.pack(">I", 3) + b"xyz\0"
    return b"Photoshop 3.0\0" + other + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iim)) + iim


def extended(pieces: dict[int, bytes], whole: int) -> list[bytes]:
    head = EXTENDED_SIGNATURE + GUID
    return [segment(0xE1, head + struct.pack(">II", whole, at) + data) for at, data in pieces.items()]


def test_all_kinds_in_file_order() -> None:
    data = jpeg(
        segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        EXIF,
        segment(0xE1, XMP_SIGNATURE + packet("<dc:format>f</dc:format>")),
        segment(0xED, photoshop((110, b"Credit line"))),
        COMMENT,
    )
    blocks = read_blocks(data, MIME)
    assert [(block.kind, block.key, block.text, block.place.label) for block in blocks.blocks] == [
        (BlockKind.EXIF, "Software", "Program 1", "JPEG APP1 EXIF Software"),
        (BlockKind.XMP, f"{DC}format", "f", "JPEG APP1 XMP dc:format"),
        (BlockKind.IPTC, "Credit", "Credit line", "JPEG APP13 IPTC Credit"),
        (BlockKind.COMMENT, "", "made by hand", "JPEG COM"),
    ]
    assert blocks.oddities == ()
    for block in blocks.blocks:
        assert block.text.encode() in data[block.place.start : block.place.end]


def test_fill_bytes_and_markers_without_length() -> None:
    assert one(jpeg(b"\xff\xff\xff" + COMMENT, b"\xff\x01\xff\xd0"), MIME).text == "made by hand"


def test_bytes_between_segments() -> None:
    blocks = read_blocks(jpeg(b"stray", COMMENT), MIME)
    assert texts(blocks) == [("", "made by hand")]
    assert blocks.oddities == ("JPEG has bytes between its segments",)


@pytest.mark.parametrize("length", [0, 1])
def test_a_length_that_is_none_ends_the_reading(length: int) -> None:
    blocks = read_blocks(jpeg(COMMENT, struct.pack(">HH", 0xFFE5, length), EXIF), MIME)
    assert texts(blocks) == [("", "made by hand")]
    assert blocks.oddities == ("JPEG segment has no right length: nothing is read from there",)


def test_a_length_past_the_end() -> None:
    blocks = read_blocks(b"\xff\xd8\xff\xfe\xff\xffcut off", MIME)
    assert texts(blocks) == [("", "cut off")]
    assert "JPEG segment is longer than the file" in blocks.oddities


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff\xff\xff"])
def test_next_to_nothing(data: bytes) -> None:
    assert read_blocks(data, MIME).blocks == ()


def test_after_the_scan() -> None:
    scan = b"\x12\xff\x00\x34" * 5000
    data = jpeg(EXIF, scan=scan + segment(0xE1, XMP_SIGNATURE + packet("<dc:format>late</dc:format>")))
    blocks = read_blocks(data, MIME).blocks
    assert [(block.text, block.place.label) for block in blocks] == [
        ("Program 1", "JPEG APP1 EXIF Software"),
        ("late", "JPEG (after the scan) APP1 XMP dc:format"),
    ]


def test_extended_xmp_is_put_together() -> None:
    xmp = packet("<dc:format>far</dc:format>" + "<dc:title>away</dc:title>" * 50)
    pieces = {at: xmp[at : at + 700] for at in (700, 0, 1400)}
    blocks = read_blocks(jpeg(*extended(pieces, len(xmp))), MIME)
    assert texts(blocks) == [(f"{DC}format", "far"), *[(f"{DC}title", "away")] * 50]
    assert blocks.oddities == ()
    assert blocks.blocks[0].place.label == "JPEG APP1 extended XMP dc:format"


def test_extended_xmp_that_lacks_a_piece() -> None:
    xmp = packet("<dc:format>far</dc:format>" + "<dc:title>away</dc:title>" * 50)
    blocks = read_blocks(jpeg(*extended({0: xmp[:700], 900: xmp[900:]}, len(xmp))), MIME)
    assert texts(blocks)[0] == (f"{DC}format", "far")
    assert "JPEG APP1 extended XMP lacks a piece" in blocks.oddities


def test_extended_xmp_told_twice() -> None:
    xmp = packet("<dc:format>far</dc:format>")
    blocks = read_blocks(jpeg(*extended({0: xmp}, len(xmp)), *extended({0: xmp}, len(xmp))), MIME)
    assert texts(blocks) == [(f"{DC}format", "far")]


def test_every_iptc_name_and_what_has_none() -> None:
    datasets = [(number, f"text {number}".encode()) for number in NAMES]
    data = jpeg(segment(0xED, photoshop((0, b"\0\2"), *datasets, (221, "Größe".encode("latin-1")))))
    expected = [(name, f"text {number}") for number, name in NAMES.items()]
    assert texts(read_blocks(data, MIME)) == [*expected, ("2:221", "Größe")]


def test_iptc_with_an_extended_length() -> None:
    iim = b"\x1c\x02\x78\x80\x04" + struct.pack(">I", 5) + b"story"
    data = jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(iim)) + iim))
    block = one(data, MIME)
    assert (block.key, block.text) == ("Caption/Abstract", "story")


def test_photoshop_resources_over_two_segments() -> None:
    whole = photoshop((120, b"x" * 60))
    head = b"Photoshop 3.0\0"
    data = jpeg(segment(0xED, whole[:-30]), segment(0xED, head + whole[-30:]))
    assert one(data, MIME).text == "x" * 60


@pytest.mark.parametrize("iim", [b"\x1c\x02\x78\x80\x09" + bytes(20), b"\x1c\x02\x78\xff\xff" + bytes(20)])
def test_iptc_with_an_extended_length_that_lies(iim: bytes) -> None:
    data = jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(iim)) + iim))
    blocks = read_blocks(data, MIME)
    assert blocks.blocks == ()
    assert blocks.oddities == ("JPEG APP13 IPTC breaks off",)


@pytest.mark.parametrize("resources", [b"junk" * 9, b"8BIM\x04\x04\xfe" + bytes(20), b"8BIM\x04\x04\x06123456"])
def test_photoshop_resources_that_are_none(resources: bytes) -> None:
    assert read_blocks(jpeg(segment(0xED, b"Photoshop 3.0\0" + resources)), MIME).blocks == ()


def test_a_file_without_a_picture() -> None:
    assert texts(read_blocks(b"\xff\xd8" + COMMENT + b"\xff\xd9" + EXIF, MIME)) == [("", "made by hand")]


def test_iptc_that_breaks_off() -> None:
    data = photoshop((110, b"Credit"), (115, b"Source"))
    blocks = read_blocks(jpeg(segment(0xED, data[:-3])), MIME)
    assert ("Credit", "Credit") in texts(blocks)
    assert blocks.oddities


def test_the_thumbnail_of_another_picture_is_not_taken() -> None:
    def exif(at: int) -> bytes:
        second = [(0x0201, 4, struct.pack("<I", at)), (0x0202, 4, struct.pack("<I", 4))]
        return tiff([], second=second, tail=b"\xff\xd8\xff\xd9")

    whole = segment(0xE1, b"Exif\0\0" + exif(len(exif(0)) - 4))
    assert read_blocks(jpeg(whole), MIME).thumbnail == (len(whole) - 2, len(whole) + 2)
    assert read_blocks(jpeg(scan=whole), MIME).thumbnail is None
