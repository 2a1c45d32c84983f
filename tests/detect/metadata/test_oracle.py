"""What Pillow writes and reads, we read the same."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from safelight.detect.metadata import Block, BlockKind, read_blocks
from safelight.detect.metadata.exif_names import NAMES
from safelight.media.sniff import sniff

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
MAIN = [0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298]
EXIF = [0x9003, 0x9004, 0x9291, 0xA420, 0xA430, 0xA431, 0xA433, 0xA434, 0xA435]
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff", "AVIF": "image/avif"}


def as_pillow_reads(data: bytes) -> dict[str, str]:
    """EXIF texts by name."""
    with Image.open(io.BytesIO(data)) as picture:
        exif = picture.getexif()
        found = {tag: value for tag, value in exif.items() if isinstance(value, str)}
        found |= {tag: value for tag, value in exif.get_ifd(0x8769).items() if isinstance(value, str)}
    return {NAMES.get(tag, f"0x{tag:04X}"): value.rstrip("\0") for tag, value in found.items()}


def exif_texts(blocks: tuple[Block, ...]) -> dict[str, str]:
    return {block.key: block.text for block in blocks if block.kind is BlockKind.EXIF and block.key != "MakerNote"}


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=25)
@given(main=st.dictionaries(st.sampled_from(MAIN), TEXT, min_size=1), more=st.dictionaries(st.sampled_from(EXIF), TEXT))
def test_exif_as_pillow_writes_it(kind: str, main: dict[int, str], more: dict[int, str]) -> None:
    picture = Image.new("RGB", (8, 8), "navy")
    exif = Image.Exif()
    exif.update(main)
    if kind == "TIFF":  # Pillow 13 fails to write this directory to TIFF
        more = {}
    if more:
        exif[0x8769] = more
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    data = out.getvalue()
    ours = exif_texts(read_blocks(data, FORMATS[kind]).blocks)
    assert ours == as_pillow_reads(data)
    assert ours == {NAMES[tag]: text for tag, text in {**main, **more}.items()}


KEY = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30).filter(
    lambda key: not key.startswith("Raw profile")
)
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@given(st.lists(st.tuples(KEY, WORDS, st.booleans(), st.booleans()), max_size=6, unique_by=lambda item: item[0]))
def test_png_text_as_pillow_writes_it(items: list[tuple[str, str, bool, bool]]) -> None:
    info = PngImagePlugin.PngInfo()
    for key, text, packed, international in items:
        if international:
            info.add_itxt(key, text, "en", key, zip=packed)
        else:
            info.add_text(key, text, zip=packed)
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, "PNG", pnginfo=info)
    with Image.open(io.BytesIO(out.getvalue())) as picture:
        assert isinstance(picture, PngImagePlugin.PngImageFile)
        picture.load()
        theirs = {str(key): str(text) for key, text in picture.text.items()}
    ours = {block.key: block.text for block in read_blocks(out.getvalue(), "image/png").blocks}
    assert ours.keys() == theirs.keys()
    for key, text in theirs.items():
        assert ours[key] in {text, _as_utf8(text)}


def _as_utf8(text: str) -> str:
    """What Latin-1 says, if it is UTF-8 that was written without saying so; Pillow keeps to the letter."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


@pytest.mark.parametrize("comment", ["by hand", "ü" * 300])
def test_comments_as_pillow_writes_them(comment: str) -> None:
    picture = Image.new("P", (8, 8))
    for kind, mime in (("GIF", "image/gif"), ("JPEG", "image/jpeg")):
        out = io.BytesIO()
        picture.convert("L").save(out, kind, comment=comment.encode())
        assert [block.text for block in read_blocks(out.getvalue(), mime).blocks] == [comment]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_xmp_as_pillow_writes_it(kind: str) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><x:a>text</x:a></x:xmpmeta>'
    out = io.BytesIO()
    more: dict[str, object] = {"xmp": xmp}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        more = {"pnginfo": info}
    if kind == "TIFF":
        more = {"tiffinfo": {700: xmp}}
    Image.new("RGB", (8, 8)).save(out, kind, **more)
    blocks = read_blocks(out.getvalue(), FORMATS[kind]).blocks
    assert [(block.key, block.text) for block in blocks if block.kind is BlockKind.XMP] == [
        ("{adobe:ns:meta/}a", "text")
    ]


@pytest.mark.shared
def test_corpus(shared: Path) -> None:
    """Every file is read; EXIF is what Pillow makes of it, wherever Pillow can; ComfyUI's graphs are found."""
    graphs = compared = 0
    for path in sorted((shared / "corpus").rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        mime = sniff(data[:4096]).mime
        blocks = read_blocks(data, mime).blocks
        assert all(block.place.end <= len(data) for block in blocks)
        graphs += any(block.text.removeprefix("workflow:").startswith('{"last_node_id"') for block in blocks)
        if mime in {"image/jpeg", "image/png", "image/webp"}:
            ours, theirs = exif_texts(blocks), as_pillow_reads(data)
            assert {key: text for key, text in ours.items() if key in theirs} == theirs, path.name
            compared += bool(theirs)
    assert graphs == 11
    assert compared >= 10
