"""HEIF, AVIF, MP4, QuickTime, CR3, JPEG XL and JPEG 2000: boxes, right and wrong."""

import struct

import pytest

from safelight.detect.metadata import BlockKind, read_blocks
from tests.detect.metadata.build import DC, ascii_value, box, heif, one, packet, texts, tiff

XMP = packet("<dc:format>f</dc:format>")
EXIF = tiff([ascii_value(0x0131, "Program 1")])
UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
FTYP = box(b"ftyp", b"isom\0\0\0\0")
MP4 = "video/mp4"


@pytest.mark.parametrize("method", [0, 1])
@pytest.mark.parametrize("mime", ["image/heic", "image/heif", "image/avif"])
def test_items(method: int, mime: str) -> None:
    skip = b"\0\0\0\6Exif\0\0"
    data = heif({1: (b"hvc1", b"picture"), 2: (b"Exif", skip + EXIF), 3: (b"mime", XMP)}, method=method)
    blocks = read_blocks(data, mime)
    assert texts(blocks) == [("Software", "Program 1"), (f"{DC}format", "f")]
    assert [block.place.label for block in blocks.blocks] == [
        "meta Exif item EXIF Software",
        "meta mime item XMP dc:format",
    ]
    assert [data[block.place.start : block.place.end] for block in blocks.blocks] == [b"Program 1\0", b"<dc:format>f"]
    assert blocks.oddities == ()


def _meta(iloc: bytes, kind: bytes = b"Exif", number: int = 1) -> bytes:
    infe = box(b"infe", b"\2\0\0\0", struct.pack(">HH", number, 0), kind, b"\0")
    iinf = box(b"iinf", bytes(4), b"\0\1", infe)
    return FTYP + box(b"meta", bytes(4), box(b"hdlr", bytes(25)), iinf, box(b"iloc", iloc))


def test_an_item_in_pieces() -> None:
    payload = b"\0\0\0\0" + EXIF
    half = len(payload) // 2

    def file(at: int) -> bytes:
        extents = struct.pack(">IIII", at, half, at + half + 3, len(payload) - half)
        return _meta(b"\0\0\0\0\x44\0\0\1" + struct.pack(">HHH", 1, 0, 2) + extents)

    head = file(len(file(0)))
    data = head + payload[:half] + b"gap" + payload[half:]
    block = one(data, "image/heic")
    assert block.text == "Program 1"
    assert (block.place.start, block.place.end) == (len(head), len(data))


@pytest.mark.parametrize(
    ("iloc", "oddity"),
    [
        (b"\0\0\0\0\x44\0\0\1" + struct.pack(">HHHII", 1, 0, 1, 0xFFFFFF, 9), "an item lies outside of the file"),
        (
            b"\0\0\0\0\0\0\0\1" + struct.pack(">HHH", 1, 0, 0xFFFF),
            "an item lies in more than 64 pieces: it is not read",
        ),
        (b"\0\0\0\0\x44\0\0\1\0", "meta iloc breaks off"),
        (b"", "meta iloc breaks off"),
    ],
)
def test_locations_that_lie(iloc: bytes, oddity: str) -> None:
    blocks = read_blocks(_meta(iloc), "image/avif")
    assert blocks.blocks == ()
    assert oddity in blocks.oddities


def test_items_of_other_files_or_kinds_are_none_of_ours() -> None:
    location = b"\1\0\0\0\x44\0\0\1" + struct.pack(">HHHHII", 1, 2, 0, 1, 0, 4)
    assert read_blocks(_meta(location), "image/heic").blocks == ()
    assert read_blocks(_meta(location, b"hvc1"), "image/heic").blocks == ()


@pytest.mark.parametrize("holder", [b"", b"moov"])
def test_xmp_in_a_uuid_box(holder: bytes) -> None:
    inner = box(b"uuid", UUID, XMP)
    data = FTYP + (box(holder, inner) if holder else inner)
    block = one(data, MP4)
    assert block.key == f"{DC}format"
    assert block.place.label == f"{holder.decode() or 'BMFF'} uuid XMP dc:format"
    assert data[block.place.start : block.place.end] == b"<dc:format>f"


def _item(kind: bytes, text: bytes, code: int = 1) -> bytes:
    return box(kind, box(b"data", struct.pack(">II", code, 0), text))


@pytest.mark.parametrize("mime", ["video/mp4", "video/quicktime", "video/3gpp"])
def test_values(mime: str) -> None:
    free = box(b"----", box(b"mean", b"\0\0\0\0com.example"), box(b"name", b"\0\0\0\0AIGC"), _item(b"xxxx", b"{}")[8:])
    items = _item(b"\xa9too", b"Lavf58") + _item(b"desc", "猫".encode("utf-16-be"), 2) + _item(b"covr", b"pic", 13)
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(25)), box(b"ilst", items, free))
    data = FTYP + box(b"moov", box(b"udta", meta))
    blocks = read_blocks(data, mime)
    assert texts(blocks) == [("©too", "Lavf58"), ("desc", "猫"), ("com.example:AIGC", "{}")]
    assert blocks.blocks[0].place.label == "moov/udta/meta ©too"
    assert blocks.blocks[0].kind is BlockKind.CONTAINER
    assert data[blocks.blocks[0].place.start : blocks.blocks[0].place.end] == b"Lavf58"


def test_values_by_name() -> None:
    names = [b"com.apple.quicktime.software", b"AIGC"]
    keys = box(b"keys", bytes(4), struct.pack(">I", 2), *(box(b"mdta", name) for name in names))
    ilst = box(b"ilst", _item(b"\0\0\0\1", b"17.1"), _item(b"\0\0\0\2", b'{"Label":"1"}'), _item(b"\0\0\0\3", b"?"))
    quicktime = box(b"meta", box(b"hdlr", bytes(25)), keys, ilst)  # without version and flags
    blocks = read_blocks(FTYP + box(b"moov", quicktime), "video/quicktime")
    assert texts(blocks)[:2] == [("com.apple.quicktime.software", "17.1"), ("AIGC", '{"Label":"1"}')]


def test_user_data() -> None:
    def international(text: bytes) -> bytes:
        return struct.pack(">HH", len(text), 0x15C7) + text

    udta = box(
        b"udta",
        box(b"\xa9swr", international(b"Camera 1"), international(b"Kamera 1")),
        box(b"\xa9xyz", international(b"+48.0+011.0/")),
        box(b"titl", bytes(4), b"\x15\xc7", b"Title\0"),
        box(b"auth", bytes(4), b"\x15\xc7", "\ufeffÄrzte".encode("utf-16-be")),
        box(b"FIRM", b"HD4.02.01\0"),
        box(b"abcd", b"\x01\x02\x03\x04"),
        box(b"XMP_", XMP),
        bytes(4),
    )
    blocks = read_blocks(FTYP + box(b"moov", box(b"trak", udta)), "video/quicktime")
    assert texts(blocks) == [
        ("©swr", "Camera 1"),
        ("©swr", "Kamera 1"),
        ("©xyz", "+48.0+011.0/"),
        ("titl", "Title"),
        ("auth", "Ärzte"),
        ("FIRM", "HD4.02.01"),
        (f"{DC}format", "f"),
    ]
    assert blocks.blocks[0].place.label == "moov/trak/udta ©swr"
    assert blocks.oddities == ()


def test_user_data_with_data_boxes() -> None:
    udta = box(b"udta", _item(b"\xa9too", b"Writer 1"))
    assert texts(read_blocks(FTYP + box(b"moov", udta), MP4)) == [("©too", "Writer 1")]


def test_other_boxes_among_the_item_infos() -> None:
    data = heif({1: (b"Exif", bytes(4) + EXIF)})
    old = box(b"infe", b"\0\0\0\0", struct.pack(">HH", 1, 0), b"name\0type\0")
    at = data.index(b"iinf") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    broken = data[:at] + box(b"iinf", bytes(4), b"\0\2", old, b"\0\0\0\x0cfree1234") + data[at + size :]
    assert read_blocks(broken, "image/heic").blocks == ()


def test_sizes_of_every_kind() -> None:
    large = struct.pack(">I4sQ", 1, b"uuid", 16 + 16 + len(XMP)) + UUID + XMP
    to_the_end = struct.pack(">I4s", 0, b"uuid") + UUID + XMP
    assert len(read_blocks(FTYP + large + to_the_end, MP4).blocks) == 2


@pytest.mark.parametrize(
    ("data", "oddity"),
    [
        (struct.pack(">I4s", 4, b"moov"), "a box is shorter than its head: nothing is read behind it"),
        (struct.pack(">I4sQ", 1, b"moov", 3), "a box is shorter than its head: nothing is read behind it"),
        (struct.pack(">I4s", 0xFFFFFFFF, b"moov"), "a box is longer than what holds it"),
        (struct.pack(">I4sQ", 1, b"moov", 1 << 63), "a box is longer than what holds it"),
    ],
)
def test_sizes_that_lie(data: bytes, oddity: str) -> None:
    blocks = read_blocks(FTYP + data + box(b"free"), MP4)
    assert oddity in blocks.oddities


def test_canon_raw() -> None:
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    second = tiff([ascii_value(0x9003, "2026:01:02 03:04:05")], ">")
    data = FTYP + box(b"moov", box(b"uuid", canon, box(b"CMT1", EXIF), box(b"CMT2", second)))
    assert texts(read_blocks(data, "image/x-canon-cr3")) == [
        ("Software", "Program 1"),
        ("DateTimeOriginal", "2026:01:02 03:04:05"),
    ]


def test_jpeg_xl() -> None:
    head = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl ")
    data = head + box(b"Exif", bytes(4), EXIF) + box(b"xml ", XMP) + box(b"brob", b"Exif", b"packed")
    blocks = read_blocks(data, "image/jxl")
    assert texts(blocks) == [("Software", "Program 1"), (f"{DC}format", "f")]
    assert blocks.oddities == ("JPEG XL Exif box is compressed with Brotli: not read",)
    assert read_blocks(head + box(b"Exif", b"x"), "image/jxl").oddities == ("JPEG XL Exif box EXIF is too short",)
    assert read_blocks(b"\xff\x0a" + bytes(20), "image/jxl").oddities == ()


@pytest.mark.parametrize("start", [b"\0\0\0\0Exif\0\0", b"Exif\0\0", b"\xff\xff\xff\xff", b""])
def test_exif_that_is_not_where_it_is_said_to_be(start: bytes) -> None:
    data = box(b"JXL ", b"\r\n\x87\n") + box(b"Exif", start, EXIF)
    assert one(data, "image/jxl").text == "Program 1"


def test_jpeg_2000() -> None:
    iptc = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
    data = box(b"jP  ", b"\r\n\x87\n") + box(b"uuid", b"JpgTiffExif->JP2", EXIF) + box(b"uuid", UUID, XMP)
    data += box(b"uuid", iptc, b"\x1c\x02\x6e\0\2me")
    assert texts(read_blocks(data, "image/jp2")) == [("Software", "Program 1"), (f"{DC}format", "f"), ("Credit", "me")]
