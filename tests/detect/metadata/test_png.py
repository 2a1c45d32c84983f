"""PNG: text chunks of all kinds, profiles, chunks after the picture."""

import struct
import zlib

import numpy as np
import pytest

from safelight.detect.metadata import BlockKind, read_blocks
from safelight.detect.metadata.blocks import MAX_TEXT
from tests.detect.metadata.build import DC, XMP_SIGNATURE, ascii_value, chunk, one, packet, png, texts, tiff

MIME = "image/png"


@pytest.mark.parametrize("mime", ["image/png", "image/apng"])
def test_all_kinds(mime: str) -> None:
    data = png(
        chunk(b"tEXt", b"parameters\0Steps: 20"),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"packed")),
        chunk(b"iTXt", b"Title\0\0\0de\0Titel\0" + "schön".encode()),
        chunk(b"iTXt", b"Description\0\1\0\0\0" + zlib.compress("猫".encode())),
    )
    blocks = read_blocks(data, mime)
    assert blocks.oddities == ()
    assert {block.kind for block in blocks.blocks} == {BlockKind.PNG_TEXT}
    assert texts(blocks) == [
        ("parameters", "Steps: 20"),
        ("Comment", "packed"),
        ("Title", "schön"),
        ("Description", "猫"),
    ]
    places = [(block.place.label, data[block.place.start : block.place.end]) for block in blocks.blocks]
    assert places == [
        ('PNG tEXt "parameters"', b"Steps: 20"),
        ('PNG zTXt "Comment"', zlib.compress(b"packed")),
        ('PNG iTXt "Title"', "schön".encode()),
        ('PNG iTXt "Description"', zlib.compress("猫".encode())),
    ]


def test_the_chunk_that_comfyui_writes_into_animations() -> None:
    block = one(png(chunk(b"comf", b'prompt\0{"1": 2}')), MIME)
    assert (block.kind, block.key, block.text) == (BlockKind.PNG_TEXT, "prompt", '{"1": 2}')
    assert block.place.label == 'PNG comf "prompt"'


def test_after_the_picture() -> None:
    data = png()
    assert one(data[:-12] + chunk(b"tEXt", b"late\0text") + data[-12:], MIME).key == "late"


def test_nothing_behind_the_end() -> None:
    assert read_blocks(png() + chunk(b"tEXt", b"late\0text"), MIME).blocks == ()


@pytest.mark.parametrize("keyword", ["schön", "日本"])
def test_text_in_utf8_where_it_should_be_latin_1(keyword: str) -> None:
    block = one(png(chunk(b"tEXt", keyword.encode() + b"\0" + "文本".encode())), MIME)
    assert (block.key, block.text) == (keyword, "文本")


@pytest.mark.parametrize("packed", [False, True])
def test_xmp(packed: bool) -> None:
    xmp = packet("<dc:format>f</dc:format>")
    value = b"\1\0\0\0" + zlib.compress(xmp) if packed else b"\0\0\0\0" + xmp
    data = png(chunk(b"iTXt", b"XML:com.adobe.xmp\0" + value))
    block = one(data, MIME)
    assert (block.kind, block.key, block.text) == (BlockKind.XMP, f"{DC}format", "f")
    assert block.place.label == "PNG iTXt XMP dc:format"
    held = data[block.place.start : block.place.end]
    assert held == (zlib.compress(xmp) if packed else b"<dc:format>f")


@pytest.mark.parametrize("signature", [b"", b"Exif\0\0"])
def test_exif(signature: bytes) -> None:
    data = png(chunk(b"eXIf", signature + tiff([ascii_value(0x0131, "Program 1")])))
    block = one(data, MIME)
    assert (block.key, block.place.label) == ("Software", "PNG eXIf EXIF Software")
    assert data[block.place.start : block.place.end] == b"Program 1\0"


def profile(name: str, data: bytes) -> bytes:
    digits = data.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return chunk(
        b"zTXt",
        f"Raw profile type {name}".encode() + b"\0\0" + zlib.compress(f"\n{name}\n{len(data):8}\n{lines}\n".encode()),
    )


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("exif", b"Exif\0\0" + tiff([ascii_value(0x0131, "Program 1")]), "Software"),
        ("APP1", b"Exif\0\0" + tiff([ascii_value(0x0131, "Program 1")]), "Software"),
        ("xmp", packet("<dc:format>f</dc:format>"), f"{DC}format"),
        ("APP1", XMP_SIGNATURE + packet("<dc:format>f</dc:format>"), f"{DC}format"),
        ("iptc", b"8BIM\x04\x04\0\0" + struct.pack(">I", 7) + b"\x1c\x02\x6e\0\x02me\0", "Credit"),
    ],
)
def test_raw_profiles(name: str, data: bytes, key: str) -> None:
    blocks = read_blocks(png(profile(name, data)), MIME)
    assert [block.key for block in blocks.blocks] == [f"Raw profile type {name}", key]
    assert blocks.blocks[0].place.start == blocks.blocks[1].place.start
    assert blocks.oddities == ()


def test_a_raw_profile_without_digits() -> None:
    blocks = read_blocks(png(chunk(b"tEXt", b"Raw profile type exif\0\nexif\n4\nzzzz")), MIME)
    assert blocks.oddities == ('PNG tEXt "Raw profile type exif": the digits are broken',)


def test_broken_compression() -> None:
    packed = zlib.compress(bytes(range(256)) * 100)
    blocks = read_blocks(png(chunk(b"zTXt", b"k\0\0" + packed[:-9]), chunk(b"zTXt", b"l\0\0nonsense")), MIME)
    assert [block.key for block in blocks.blocks] == ["k", "l"]
    assert blocks.oddities == (
        'PNG zTXt "k": the compressed text is broken',
        'PNG zTXt "l": the compressed text is broken',
    )


def test_compressed_text_that_is_longer_than_is_read() -> None:
    noise = np.random.default_rng(4).integers(32, 127, 2 * MAX_TEXT, dtype=np.uint8).tobytes()
    block = one(png(chunk(b"zTXt", b"k\0\0" + zlib.compress(noise))), MIME)
    assert block.cut
    assert noise.decode().startswith(block.text)
    assert len(block.text) == MAX_TEXT


def test_broken_international_text() -> None:
    blocks = read_blocks(png(chunk(b"iTXt", b"k\0\0\0no end")), MIME)
    assert blocks.blocks == ()
    assert blocks.oddities == ('PNG iTXt "k" breaks off',)


def test_text_without_a_keyword() -> None:
    assert texts(read_blocks(png(chunk(b"tEXt", b"only")), MIME)) == [("only", "")]
    blocks = read_blocks(png(chunk(b"tEXt", b"x" * 90)), MIME)
    assert texts(blocks) == [("x" * 80, "x" * 10)]
    assert blocks.oddities == ("PNG text has no keyword of right length",)


def test_labels_show_nothing_that_moves_text() -> None:
    block = one(png(chunk(b"tEXt", "a\u202eb\n".encode() + b"\0text\x1b[2J")), MIME)
    assert block.key == "a\u202eb\n"
    assert block.place.label == 'PNG tEXt "(a name of 4 characters)"'
    assert block.text == "text\x1b[2J"


def test_file_that_breaks_off() -> None:
    whole = png(chunk(b"tEXt", b"parameters\0Steps: 20, Sampler"))
    blocks = read_blocks(whole[: whole.index(b", Sampler")], MIME)
    assert texts(blocks) == [("parameters", "Steps: 20")]
    assert blocks.oddities == ("PNG chunk tEXt is longer than the file", "PNG breaks off")
