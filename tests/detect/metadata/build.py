"""Files put together byte by byte: what no library would write."""

import struct
import zlib
from collections.abc import Mapping, Sequence

from safelight.detect.metadata import Block, Blocks, read_blocks

XMP_SIGNATURE = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_SIGNATURE = b"http://ns.adobe.com/xmp/extension/\0"
NAMESPACES = (
    'xmlns:x="adobe:ns:meta/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
)
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"

Value = tuple[int, int, bytes]
"""A TIFF field: tag, type, bytes of its value."""

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 13: 4, 129: 1}


def texts(blocks: Blocks) -> list[tuple[str, str]]:
    return [(block.key, block.text) for block in blocks.blocks]


def one(data: bytes, mime: str) -> Block:
    """The only block of a file."""
    blocks = read_blocks(data, mime)
    assert len(blocks.blocks) == 1, blocks
    return blocks.blocks[0]


def packet(properties: str, attributes: str = "") -> bytes:
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta {NAMESPACES}><rdf:RDF>'
        f'<rdf:Description rdf:about="" {attributes}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
        f'{" " * 40}<?xpacket end="w"?>'
    ).encode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + chunk(b"IEND", b"")


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(*segments: bytes, scan: bytes = b"\x12\x34\xff\x00\x56") -> bytes:
    """Segments, one scan, the end: enough for who reads segments, not for a decoder."""
    return b"\xff\xd8" + b"".join(segments) + segment(0xDA, b"\1\1\0\0\x3f\0") + scan + b"\xff\xd9"


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def box(kind: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I", len(data) + 8) + kind + data


def gif(*extensions: bytes) -> bytes:
    picture = b"\x2c" + bytes(4) + b"\1\0\1\0\0" + b"\2\2\x44\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + b"".join(extensions) + picture + b";"


def sub_blocks(data: bytes) -> bytes:
    pieces = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def ifd(order: str, values: Sequence[Value], at: int, follow: int = 0) -> bytes:
    """A directory that will stand at offset `at`, with its values behind it."""
    table, rest = b"", b""
    behind = at + 2 + 12 * len(values) + 4
    for tag, kind, value in values:
        table += struct.pack(f"{order}HHI", tag, kind, len(value) // _SIZES[kind])
        if len(value) > 4:
            table += struct.pack(f"{order}I", behind + len(rest))
            rest += value + b"\0" * (len(value) & 1)
        else:
            table += value.ljust(4, b"\0")
    return struct.pack(f"{order}H", len(values)) + table + struct.pack(f"{order}I", follow) + rest


def tiff(
    values: Sequence[Value],
    order: str = "<",
    pointers: Mapping[int, Sequence[Value]] | None = None,
    second: Sequence[Value] | None = None,
    tail: bytes = b"",
) -> bytes:
    """A TIFF structure: IFD0, directories by the tag that points at them, IFD1, and bytes at the end."""
    magic = b"II*\0" if order == "<" else b"MM\0*"
    pointers = pointers or {}
    places = dict.fromkeys(pointers, 0)
    out = b""
    follow = 0
    for _ in range(2):  # the first round only finds out the places
        main = [*values, *((tag, 4, struct.pack(f"{order}I", places[tag])) for tag in pointers)]
        out = magic + struct.pack(f"{order}I", 8) + ifd(order, main, 8, follow)
        for tag, inner in pointers.items():
            places[tag] = len(out)
            out += ifd(order, inner, len(out))
        if second is not None:
            follow = len(out)
            out += ifd(order, second, len(out))
    return out + tail


def ascii_value(tag: int, text: str) -> Value:
    return tag, 2, text.encode() + b"\0"


def ebml(kind: int, *parts: bytes) -> bytes:
    """A Matroska element, its length in eight bytes."""
    data = b"".join(parts)
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + b"\1" + len(data).to_bytes(7, "big") + data


def heif(items: Mapping[int, tuple[bytes, bytes]], *, method: int = 0) -> bytes:
    """A HEIF file with items (number to type and bytes), in `mdat`, or in `idat` for method 1."""
    entries, payload = b"", b""
    for number, (kind, data) in items.items():
        tail = b"application/rdf+xml\0" if kind == b"mime" else b""
        entries += box(b"infe", b"\2\0\0\0", struct.pack(">HH", number, 0), kind, b"\0", tail)
        payload += data
    iinf = box(b"iinf", b"\0" * 4, struct.pack(">H", len(items)), entries)
    idat = box(b"idat", payload) if method == 1 else b""
    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    iloc = b""
    start = 0
    for _ in range(2):  # the first round only finds out the places
        at, rows = start, b""
        for number, (_kind, data) in items.items():
            rows += struct.pack(">HHHHII", number, method, 0, 1, at, len(data))
            at += len(data)
        iloc = box(b"iloc", b"\1\0\0\0\x44\0", struct.pack(">H", len(items)), rows)
        meta = box(b"meta", b"\0" * 4, box(b"hdlr", b"\0" * 8, b"pict", b"\0" * 13), iinf, iloc, idat)
        start = 0 if method == 1 else len(head) + len(meta) + 8
    return head + meta + (b"" if method == 1 else box(b"mdat", payload))
