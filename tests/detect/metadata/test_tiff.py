"""Directories of TIFF: what is found, and what is told of those that lie."""

import struct

import pytest

from safelight.detect.metadata import BlockKind, read_blocks
from safelight.detect.metadata.tiff import MAX_ENTRIES, MAX_IFDS, Ifd, entries, numbers, thumbnail
from tests.detect.metadata.build import Value, ascii_value, ifd, one, packet, texts, tiff

JPEG = b"\xff\xd8\xff\xd9"


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_directory_is_followed(order: str) -> None:
    pointers: dict[int, list[Value]] = {
        0x8769: [ascii_value(0x9003, "2026:01:02 03:04:05")],
        0x8825: [ascii_value(0x1D, "2026:01:02")],
        0x014A: [ascii_value(0x0131, "sub")],
    }
    data = tiff([ascii_value(0x010F, "Maker")], order, pointers, second=[ascii_value(0x0131, "page two")])
    found = entries(memoryview(data), 0, len(data))
    assert found.order == order
    assert found.oddities == ()
    values = {(entry.ifd, entry.tag): data[entry.start : entry.end] for entry in found.found if entry.type == 2}
    assert values == {
        (Ifd.FIRST, 0x010F): b"Maker\0",
        (Ifd.EXIF, 0x9003): b"2026:01:02 03:04:05\0",
        (Ifd.GPS, 0x1D): b"2026:01:02\0",
        (Ifd.SUB, 0x0131): b"sub\0",
        (Ifd.SECOND, 0x0131): b"page two\0",
    }


def test_the_structure_may_start_anywhere() -> None:
    data = tiff([ascii_value(0x010F, "Maker")])
    found = entries(memoryview(b"12345" + data + b"678"), 5, 5 + len(data))
    assert [(entry.start, entry.end) for entry in found.found] == [(5 + data.index(b"Maker"), 5 + len(data))]


def test_big_tiff() -> None:
    field = struct.pack(">HHQQ", 0x0131, 2, 12, 8 + 8 + 8 + 20 + 8)
    data = b"MM\0+\0\x08\0\0" + struct.pack(">QQ", 16, 1) + field + bytes(8) + b"Software 12\0"
    assert texts(read_blocks(data, "image/tiff")) == [("Software", "Software 12")]


@pytest.mark.parametrize("data", [b"", b"II", b"II*\0", b"IJ*\0\x08\0\0\0", b"II\x2e\0\x08\0\0\0"])
def test_no_header(data: bytes) -> None:
    assert entries(memoryview(data), 0, len(data)).oddities == ("no TIFF header",)


def test_directory_outside() -> None:
    data = b"II*\0\xff\xff\xff\xff"
    assert entries(memoryview(data), 0, len(data)).oddities == ("a directory lies outside of the data",)


def test_count_overflows() -> None:
    data = b"II*\0\x08\0\0\0" + ifd("<", [ascii_value(0x0131, "abc")], 8)
    long = data[:8] + b"\xff\xff" + data[10:]
    found = entries(memoryview(long), 0, len(long))
    assert found.found[0].tag == 0x0131
    assert "a directory is longer than the data, or than is read" in found.oddities


def test_value_outside_or_of_unknown_type_is_left_out() -> None:
    outside = struct.pack("<HHII", 0x010F, 2, 0xFFFFFFFF, 8)
    unknown = struct.pack("<HHII", 0x0110, 99, 1, 0)
    data = b"II*\0\x08\0\0\0\2\0" + outside + unknown + bytes(4)
    found = entries(memoryview(data), 0, len(data))
    assert found.found == ()
    assert found.oddities == ("a field lies outside of the data", "a field has an unknown type")


def test_no_more_than_the_bounds() -> None:
    pages = b"".join(ifd("<", [ascii_value(0x0131, "abc")], at, at + 18) for at in range(8, 8 + 18 * 100, 18))
    found = entries(memoryview(b"II*\0\x08\0\0\0" + pages), 0, 8 + len(pages))
    assert len(found.found) == MAX_IFDS
    fields = [ascii_value(0x8000 + number, "abc") for number in range(MAX_ENTRIES + 1)]
    many = tiff(fields)
    found = entries(memoryview(many), 0, len(many))
    assert len(found.found) == MAX_ENTRIES
    assert found.oddities


def test_numbers() -> None:
    data = tiff([(0x0100, 3, struct.pack("<HHH", 1, 2, 3)), (0x0101, 5, bytes(8))])
    shorts, rationals = entries(memoryview(data), 0, len(data)).found
    assert numbers(memoryview(data), shorts, "<", 2) == (1, 2)
    assert numbers(memoryview(data), rationals, "<", 2) == ()


def _with_thumbnail(picture: bytes, told: int, order: str = ">") -> bytes:
    def build(at: int) -> bytes:
        second: list[Value] = [
            (0x0201, 4, struct.pack(f"{order}I", at)),
            (0x0202, 4, struct.pack(f"{order}I", told)),
        ]
        return tiff([ascii_value(0x010F, "Maker")], order, second=second, tail=picture)

    return build(len(build(0)) - len(picture))


@pytest.mark.parametrize("order", ["<", ">"])
def test_thumbnail(order: str) -> None:
    data = _with_thumbnail(JPEG, 4, order)
    found = entries(memoryview(data), 0, len(data))
    assert thumbnail(memoryview(data), found, 0, len(data)) == (len(data) - 4, len(data))
    assert read_blocks(data, "image/tiff").thumbnail == (len(data) - 4, len(data))


@pytest.mark.parametrize("data", [_with_thumbnail(JPEG, 5), _with_thumbnail(b"abcd", 4), _with_thumbnail(JPEG, 0)])
def test_what_is_no_thumbnail(data: bytes) -> None:
    blocks = read_blocks(data, "image/tiff")
    assert blocks.thumbnail is None
    assert blocks.oddities == ("TIFF: the thumbnail is not a whole JPEG within the data",)


def test_a_thumbnail_of_wrong_types() -> None:
    data = tiff([], second=[(0x0201, 5, bytes(8)), (0x0202, 4, b"\4\0\0\0")], tail=JPEG)
    assert read_blocks(data, "image/tiff").thumbnail is None


def test_fields_that_are_no_text() -> None:
    data = tiff([(0xC4A5, 7, b"PrintIM\0bytes"), (0x0100, 3, b"\1\0"), (0x010F, 3, b"\1\0")])
    assert read_blocks(data, "image/tiff").blocks == ()


def test_names_of_fields() -> None:
    values = [
        ascii_value(0x010E, "a picture"),
        ascii_value(0x0131, "Program 1"),
        ascii_value(0xC4A5, "of somebody's own"),
        (0x9C9C, 1, "Kommentar ü\0".encode("utf-16-le")),
        (0x0100, 3, b"\1\0"),
    ]
    exif: list[Value] = [
        (0x927C, 7, b"noise of the maker"),
        (0x9286, 7, b"ASCII\0\0\0said"),
        ascii_value(0xA434, "50 mm"),
        (0xA436, 129, "Titel ü\0".encode()),
    ]
    data = tiff(values, pointers={0x8769: exif, 0x8825: [(0x1B, 7, b"ASCII\0\0\0GPS")]})
    blocks = read_blocks(data, "image/tiff").blocks
    assert {block.kind for block in blocks} == {BlockKind.EXIF}
    assert {block.key: block.text for block in blocks} == {
        "ImageDescription": "a picture",
        "Software": "Program 1",
        "0xC4A5": "of somebody's own",
        "XPComment": "Kommentar ü",
        "MakerNote": "",
        "UserComment": "said",
        "LensModel": "50 mm",
        "ImageTitle": "Titel ü",
        "GPSProcessingMethod": "GPS",
    }
    note = next(block.place for block in blocks if block.key == "MakerNote")
    assert data[note.start : note.end] == b"noise of the maker"
    assert note.label == "TIFF MakerNote"


def test_packets_that_tiff_carries() -> None:
    iim = b"\x1c\x02\x6e\0\x06Credit"
    data = tiff([(700, 1, packet("<dc:format>tiff</dc:format>")), (33723, 7, iim), (34377, 1, _resources(iim))])
    blocks = read_blocks(data, "image/tiff").blocks
    assert [(block.kind, block.text) for block in blocks] == [
        (BlockKind.XMP, "tiff"),
        (BlockKind.IPTC, "Credit"),
        (BlockKind.IPTC, "Credit"),
    ]
    assert [data[block.place.start : block.place.end][-6:] for block in blocks[1:]] == [b"Credit"] * 2


def _resources(iim: bytes) -> bytes:
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iim)) + iim


def test_jpeg_xr_is_a_tiff_but_for_its_first_bytes() -> None:
    data = tiff([ascii_value(0x0131, "Encoder")])
    block = one(b"II\xbc\x01" + data[4:], "image/jxr")
    assert (block.key, block.text) == ("Software", "Encoder")
