"""One valid file of every container, with every field that is read of it: what the fuzz tests break."""

import struct
import zlib

from tests.detect.metadata.build import (
    EXTENDED_SIGNATURE,
    XMP_SIGNATURE,
    Value,
    ascii_value,
    box,
    chunk,
    ebml,
    gif,
    heif,
    jpeg,
    packet,
    png,
    segment,
    sub_blocks,
    tiff,
    webp,
)

_XMP = packet('<dc:title><rdf:Alt><rdf:li xml:lang="x">t</rdf:li></rdf:Alt></dc:title>', 'xmp:CreatorTool="Tool 1"')
_IIM = b"\x1c\x02\x6e\0\x06Credit\x1c\x02\x78\x80\x04\0\0\0\x05story"
_8BIM = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(_IIM)) + _IIM
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def _exif(order: str) -> bytes:
    exif: list[Value] = [
        (0x9286, 7, b"UNICODE\0" + "a comment".encode("utf-16-be")),
        (0x927C, 7, bytes(20)),
        ascii_value(0xA434, "50 mm"),
    ]
    values = [ascii_value(0x010F, "Maker"), ascii_value(0x0131, "Program 1"), (0x9C9C, 1, "note\0".encode("utf-16-le"))]
    second: list[Value] = [
        (0x0201, 4, struct.pack(f"{order}I", 300)),
        (0x0202, 4, struct.pack(f"{order}I", 12)),
    ]
    return tiff(values, order, {0x8769: exif, 0x8825: [ascii_value(0x1D, "2026:01:02")]}, second, bytes(99))


def _jpeg() -> bytes:
    half = len(_XMP) // 2
    head = EXTENDED_SIGNATURE + b"0" * 32
    return jpeg(
        segment(0xE1, b"Exif\0\0" + _exif(">")),
        segment(0xE1, XMP_SIGNATURE + _XMP),
        segment(0xE1, head + struct.pack(">II", len(_XMP), half) + _XMP[half:]),
        segment(0xE1, head + struct.pack(">II", len(_XMP), 0) + _XMP[:half]),
        segment(0xED, b"Photoshop 3.0\0" + _8BIM),
        segment(0xFE, b"a comment"),
        scan=b"\x12\xff\x00" * 20 + segment(0xE1, XMP_SIGNATURE + _XMP),
    )


def _png() -> bytes:
    exif = b"Exif\0\0" + _exif("<")
    return png(
        chunk(b"tEXt", b"parameters\0Steps: 20"),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"packed")),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + _XMP),
        chunk(b"iTXt", b"Description\0\1\0de\0\0" + zlib.compress(b"packed too")),
        chunk(b"tEXt", b"Raw profile type exif\0\nexif\n9\n" + exif.hex().encode()),
        chunk(b"eXIf", _exif("<")),
    )


def _video() -> bytes:
    keys = box(b"keys", bytes(4), struct.pack(">I", 1), box(b"mdta", b"AIGC"))
    values = [box(kind, box(b"data", struct.pack(">II", 1, 0), b"text")) for kind in (b"\0\0\0\1", b"\xa9too")]
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(25)), keys, box(b"ilst", *values))
    udta = box(b"udta", box(b"\xa9swr", b"\0\4\0\0text"), box(b"FIRM", b"HD 1"), box(b"XMP_", _XMP), meta)
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    moov = box(b"moov", box(b"uuid", canon, box(b"CMT2", _exif("<"))), box(b"trak", udta))
    return box(b"ftyp", b"isom") + moov + box(b"uuid", _XMP_UUID, _XMP)


def _avi() -> bytes:
    info = b"INFO" + b"ISFT" + struct.pack("<I", 6) + b"Lavf58"
    return b"RIFF\0\0\0\0AVI LIST" + struct.pack("<I", len(info)) + info


def _matroska() -> bytes:
    tag = ebml(0x67C8, ebml(0x45A3, b"AIGC"), ebml(0x4487, b"{}"))
    info = ebml(0x1549A966, ebml(0x5741, b"Writer 1"))
    return ebml(0x1A45DFA3) + ebml(0x18538067, info, ebml(0x1F43B675, b"picture"), ebml(0x1254C367, ebml(0x7373, tag)))


_HEIF = heif({1: (b"hvc1", b"picture"), 2: (b"Exif", bytes(4) + _exif(">")), 3: (b"mime", _XMP)})
_VIDEO = _video()

SAMPLES: dict[str, bytes] = {
    "image/jpeg": _jpeg(),
    "image/png": _png(),
    "image/webp": webp((b"EXIF", _exif("<")), (b"XMP ", _XMP)),
    "image/gif": gif(
        b"\x21\xfe" + sub_blocks(b"a comment"),
        b"\x21\xff\x0bXMP DataXMP" + _XMP + b"\1" + bytes(range(255, -1, -1)) + b"\0",
    ),
    "image/tiff": _exif(">"),
    "image/heic": _HEIF,
    "image/avif": heif({2: (b"Exif", bytes(4) + _exif(">")), 3: (b"mime", _XMP)}, method=1),
    "image/jxl": box(b"Exif", bytes(4), _exif("<")) + box(b"xml ", _XMP) + box(b"brob", b"xml ", b"packed"),
    "image/jp2": box(b"uuid", b"JpgTiffExif->JP2", _exif("<")) + box(b"uuid", _XMP_UUID, _XMP),
    "image/x-canon-cr3": _VIDEO,
    "video/mp4": _VIDEO,
    "video/vnd.avi": _avi(),
    "video/webm": _matroska(),
    "image/vnd.adobe.photoshop": b"8BPS\0\1" + bytes(24) + struct.pack(">I", len(_8BIM)) + _8BIM,
}
