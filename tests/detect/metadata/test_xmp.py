"""XMP packets: every way to write a property, and every way to be hostile or broken."""

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.metadata import Blocks, read_blocks
from safelight.detect.metadata.xmp import MAX_DEPTH
from tests.detect.metadata.build import DC, NAMESPACES, XMP, box, packet, texts

UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
MIME = "video/mp4"


def file(xmp: bytes) -> bytes:
    return box(b"ftyp", b"isom") + box(b"uuid", UUID, xmp)


def read(xmp: bytes) -> Blocks:
    return read_blocks(file(xmp), MIME)


def test_attributes_and_elements() -> None:
    blocks = read(packet("<dc:format>image/jpeg</dc:format>", 'xmp:CreatorTool="Tool 1"'))
    assert texts(blocks) == [(f"{XMP}CreatorTool", "Tool 1"), (f"{DC}format", "image/jpeg")]
    assert blocks.oddities == ()
    assert [block.place.label for block in blocks.blocks] == [
        "BMFF uuid XMP xmp:CreatorTool",
        "BMFF uuid XMP dc:format",
    ]


@pytest.mark.parametrize("kind", ["Bag", "Seq", "Alt"])
def test_arrays(kind: str) -> None:
    items = '<rdf:li xml:lang="x-default">one</rdf:li><rdf:li>two</rdf:li>'
    blocks = read(packet(f"<dc:subject><rdf:{kind}>{items}</rdf:{kind}></dc:subject>"))
    assert texts(blocks) == [(f"{DC}subject", "one"), (f"{DC}subject", "two")]


def test_resources_and_values() -> None:
    qualified = '<dc:source rdf:parseType="Resource"><rdf:value>v</rdf:value><dc:type>t</dc:type></dc:source>'
    blocks = read(packet(f'<dc:relation rdf:resource="http://example.org/x"/>{qualified}'))
    assert texts(blocks) == [(f"{DC}relation", "http://example.org/x"), (f"{DC}source", "v"), (f"{DC}type", "t")]


def test_structures_are_flat() -> None:
    inner = '<rdf:li rdf:parseType="Resource"><dc:type>deep</dc:type></rdf:li><rdf:li dc:format="short"/>'
    nested = '<rdf:Description rdf:about="x"><dc:title>in</dc:title></rdf:Description>'
    blocks = read(packet(f"<xmp:History><rdf:Seq>{inner}</rdf:Seq></xmp:History><xmp:More>{nested}</xmp:More>"))
    assert texts(blocks) == [(f"{DC}type", "deep"), (f"{DC}format", "short"), (f"{DC}title", "in")]


def test_namespaces_by_scope() -> None:
    inner = '<a>1</a><p:b xmlns:p="three">2</p:b><p:c p:d="3">4</p:c><q:e>5</q:e>'
    blocks = read(f'<r xmlns="one" xmlns:p="two" k="no ns">{inner}</r>'.encode())
    assert dict(texts(blocks)) == {
        "k": "no ns",
        "{one}a": "1",
        "{three}b": "2",
        "{two}d": "3",
        "{two}c": "4",
        "q:e": "5",
    }


def test_places_hold_the_property() -> None:
    data = file(packet("<dc:format>&lt;image/jpeg&gt;</dc:format>", 'xmp:CreatorTool="Tool 1"'))
    attribute, element = (block.place for block in read_blocks(data, MIME).blocks)
    assert data[element.start : element.end] == b"<dc:format>&lt;image/jpeg&gt;"
    assert data[attribute.start : attribute.end] == b'<rdf:Description rdf:about="" xmp:CreatorTool="Tool 1">'


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf16(encoding: str) -> None:
    data = file(packet("<dc:title>猫 ü</dc:title>").decode().encode(encoding))
    block = read_blocks(data, MIME).blocks[0]
    assert (block.key, block.text) == (f"{DC}title", "猫 ü")
    assert (block.place.start, block.place.end) == (len(box(b"ftyp", b"isom")) + 24, len(data))


def test_invalid_utf8() -> None:
    blocks = read(packet("<dc:title>a!b</dc:title><dc:format>f</dc:format>").replace(b"!", b"\xff\xc3"))
    assert texts(blocks) == [(f"{DC}title", "a\ufffd\ufffdb"), (f"{DC}format", "f")]


def test_a_wrong_declaration_of_encoding_is_no_matter() -> None:
    assert texts(read(b'<?xml version="1.0" encoding="EBCDIC-9"?><a>\xc3\xbc</a>')) == [("a", "ü")]


@pytest.mark.parametrize("ending", [b"\0\0", b" \n\0", b"junk", b"<b/>"])
def test_bytes_behind(ending: bytes) -> None:
    blocks = read(b"\n <a>text</a>" + ending)
    assert texts(blocks) == [("a", "text")]
    assert bool(blocks.oddities) == bool(ending.strip(b"\0 \n"))


def test_what_breaks_off_keeps_what_came_before() -> None:
    whole = packet("<dc:format>kept</dc:format><dc:title>lost</dc:title>")
    blocks = read(whole[: whole.index(b"lost") + 4])
    assert texts(blocks) == [(f"{DC}format", "kept")]
    assert blocks.oddities == ("BMFF uuid XMP: XML breaks off: no element found",)


def test_attributes_of_the_last_tag_are_kept() -> None:
    assert texts(read(b'<a b="kept"')) == []
    assert texts(read(b'<a b="kept">')) == [("b", "kept")]


@pytest.mark.parametrize(
    "xmp",
    [
        b"<!DOCTYPE a><a>text</a>",
        b'<!DOCTYPE a [<!ENTITY e "text">]><a>&e;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a>text</a>',
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY % p SYSTEM "http://example.org/x"> %p;]><a>text</a>',
    ],
)
def test_declarations_end_the_reading(xmp: bytes) -> None:
    blocks = read(xmp)
    assert blocks.blocks == ()
    assert "document type" in blocks.oddities[0]


def test_entities_of_xml_itself_are_read() -> None:
    assert texts(read(b"<a>&lt;&#65;&amp;&#x732b;</a>")) == [("a", "<A&猫")]
    assert texts(read(b"<a>before</a>&other;")) == [("a", "before")]


def test_depth() -> None:
    deep = f"<r>{'<a>' * MAX_DEPTH}<b c='1'>deep</b>{'</a>' * MAX_DEPTH}<d>flat</d></r>"
    blocks = read(deep.encode())
    assert texts(blocks) == [("d", "flat")]
    assert blocks.oddities == (f"BMFF uuid XMP: tags deeper than {MAX_DEPTH} are not read",)


def test_too_many_tags() -> None:
    blocks = read(b"<r>" + b"<a>1</a>" * 200_000 + b"</r>")
    assert len(blocks.blocks) == 2000
    assert "reading this file is more work than is done: some of it is not read" in blocks.oddities


def test_a_megabyte_in_one_property() -> None:
    blocks = read(packet(f"<dc:title>{'x' * 600_000}</dc:title><dc:format>f</dc:format>"))
    assert [(block.key, len(block.text), block.cut) for block in blocks.blocks] == [
        (f"{DC}title", 1 << 18, True),
        (f"{DC}format", 1, False),
    ]


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")).filter(str.strip)


@given(st.lists(st.tuples(st.sampled_from(["title", "format", "source"]), TEXT, st.booleans()), max_size=20))
def test_any_properties(properties: list[tuple[str, str, bool]]) -> None:
    as_item = "<dc:{0}><rdf:Seq><rdf:li>{1}</rdf:li></rdf:Seq></dc:{0}>"
    as_attribute = "<rdf:Description dc:{0}={1}/>"
    body = "".join(
        as_item.format(name, escape(text)) if item else as_attribute.format(name, quoteattr(text))
        for name, text, item in properties
    )
    xmp = f"<rdf:RDF {NAMESPACES}>{body}</rdf:RDF>".encode()
    assert texts(read(xmp)) == [(f"{DC}{name}", text) for name, text, _ in properties]
