"""Texts of the user data and metadata boxes of MP4, QuickTime and 3GPP files.

Sources: QuickTime File Format (Apple), "User Data Atoms" and "Metadata"; 3GPP TS 26.244 section 8 (asset information);
iTunes metadata (`ilst` with `data` boxes), as libavformat's mov.c reads it.
"""

import struct

from safelight.detect.metadata.blocks import BlockKind
from safelight.detect.metadata.boxes import Box, boxes
from safelight.detect.metadata.decode import decode, decode_utf16
from safelight.detect.metadata.gather import MAX_KEY, Gather, Span
from safelight.detect.metadata.xmp import read_xmp
from safelight.detect.text import shown

MAX_GUESSED = 4096
"""Bytes of a user data box of unknown type up to which it is looked at, whether it is text."""
_ASSET = {b"titl", b"auth", b"dscp", b"cprt", b"perf", b"gnre", b"albm", b"kywd"}  # version, language, text
_UTF8, _UTF16 = 1, 2  # well-known types of a data box


def read_user_data(gather: Gather, udta: Span, where: str) -> None:
    """The texts in a `udta` box; its `meta` box aside, which `read_values` reads."""
    for box in boxes(gather, udta):
        if box.type == b"XMP_":
            read_xmp(gather, box.body, f"{where} XMP_ XMP")
        elif box.type[:1] == b"\xa9":
            _international(gather, box, where)
        elif box.type in _ASSET and len(box.body) > 6:
            start = box.body.start + (7 if box.type == b"kywd" else 6)
            _add(gather, box.type, box.body.part(start, box.body.end), where)
        elif box.type != b"meta" and 0 < len(box.body) <= MAX_GUESSED:
            data = box.body.head(MAX_GUESSED).rstrip(b"\0")
            text = decode(data)
            if text.isprintable() and text.encode() == data and len(data) > 1:
                _add(gather, box.type, box.body, where)


def read_values(gather: Gather, inside: list[Box], where: str) -> None:
    """The text values of a `meta` box that holds the boxes `inside`, by the names in `keys` if there are any."""
    names = [name for box in inside if box.type == b"keys" for name in _keys(gather, box.body)]
    for item in (item for box in inside if box.type == b"ilst" for item in boxes(gather, box.body)):
        number = int.from_bytes(item.type, "big")
        key = names[number - 1] if 0 < number <= len(names) else _name(item.type)
        free = []  # parts of the name of a "----" item
        for box in boxes(gather, item.body):
            body = box.body
            if box.type in {b"mean", b"name"}:
                free.append(decode(body.part(body.start + 4, body.end).head(MAX_KEY)))
            elif box.type == b"data" and len(body) > 8:
                kind = int.from_bytes(body.head(4)[1:], "big")
                if kind in {_UTF8, _UTF16}:
                    value = body.part(body.start + 8, body.end)
                    _value(gather, ":".join(free) or key, value, where, wide=kind == _UTF16)


def _keys(gather: Gather, keys: Span) -> list[str]:
    inside = boxes(gather, keys.part(keys.start + 8, keys.end))  # version, flags, count
    return [decode(box.body.head(MAX_KEY)) for box in inside]


def _international(gather: Gather, box: Box, where: str) -> None:
    """Texts in several languages: length, language, text, and again; or, by some writers, `data` boxes."""
    at, body = box.body.start, box.body
    if body.part(body.start + 4, body.end).head(4) == b"data":
        at += 16
        _add(gather, box.type, body.part(at, body.end), where)
        return
    while at + 4 <= body.end and gather.step():
        size = struct.unpack_from(">H", body.view, at)[0]
        _add(gather, box.type, body.part(at + 4, at + 4 + size), where)
        at += 4 + size


def _add(gather: Gather, kind: bytes, value: Span, where: str) -> None:
    _value(gather, _name(kind), value, where, wide=value.head(2) in {b"\xff\xfe", b"\xfe\xff"})


def _value(gather: Gather, key: str, value: Span, where: str, *, wide: bool) -> None:
    data, cut = gather.take(value)
    text = decode_utf16(data, ">") if wide else decode(data, cut=cut)
    if text:
        gather.add(BlockKind.CONTAINER, key, text, value.place(f"{where} {shown(key)}"), cut=cut)


def _name(kind: bytes) -> str:
    return kind.decode("latin-1")
