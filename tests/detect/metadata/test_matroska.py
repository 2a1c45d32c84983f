"""Matroska and WebM: Info and Tags."""

import pytest

from safelight.detect.metadata import BlockKind, read_blocks
from tests.detect.metadata.build import ebml, texts

HEAD = ebml(0x1A45DFA3, ebml(0x4282, b"matroska"))
INFO = ebml(0x1549A966, ebml(0x4D80, b"Lavf58"), ebml(0x5741, b"OBS 30"), ebml(0x7BA9, "Titel ü".encode()))


def tag(name: str, text: str, *inner: bytes) -> bytes:
    return ebml(0x67C8, ebml(0x45A3, name.encode()), ebml(0x4487, text.encode()), *inner)


@pytest.mark.parametrize("mime", ["video/matroska", "video/webm"])
def test_info_and_tags(mime: str) -> None:
    tags = ebml(0x1254C367, ebml(0x7373, tag("ENCODER", "Lavf58", tag("SUB", "deep")), tag("AIGC", "{}")))
    data = HEAD + ebml(0x18538067, INFO, ebml(0x1F43B675, b"picture"), tags)
    blocks = read_blocks(data, mime)
    assert texts(blocks) == [
        ("MuxingApp", "Lavf58"),
        ("WritingApp", "OBS 30"),
        ("Title", "Titel ü"),
        ("ENCODER", "Lavf58"),
        ("SUB", "deep"),
        ("AIGC", "{}"),
    ]
    assert blocks.blocks[0].kind is BlockKind.CONTAINER
    assert blocks.blocks[-1].place.label == "Matroska tag AIGC"
    assert all(data[block.place.start : block.place.end] == block.text.encode() for block in blocks.blocks)
    assert blocks.oddities == ()


def test_a_segment_of_unknown_length() -> None:
    data = HEAD + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + INFO
    assert len(read_blocks(data, "video/webm").blocks) == 3


@pytest.mark.parametrize("data", [b"", b"\x1a", HEAD[:-3], HEAD + b"\x18\x53\x80\x67\0", HEAD + b"\0" * 40])
def test_next_to_nothing(data: bytes) -> None:
    assert read_blocks(data, "video/webm").blocks == ()


def test_an_element_that_breaks_off() -> None:
    data = HEAD + ebml(0x18538067, INFO)
    blocks = read_blocks(data[:-2], "video/webm")
    assert texts(blocks)[:2] == [("MuxingApp", "Lavf58"), ("WritingApp", "OBS 30")]
    assert blocks.oddities == ("Matroska element is longer than what holds it",)
