"""Text out of bytes whose encoding is declared wrongly as often as rightly.

The codecs that Python loads on first use are looked up here, at import: a confined process cannot open them later.
"""

import codecs
import zlib

import numpy as np

_UTF16 = {"<": codecs.lookup("utf-16-le"), ">": codecs.lookup("utf-16-be")}
_JIS = codecs.lookup("iso2022-jp")

_MARKS = {b"\xff\xfe": "<", b"\xfe\xff": ">"}
_SAMPLE = 256  # bytes by which a byte order is told
_PIECE = 1024  # bytes of a compressed stream that are lost when it breaks


def decode(data: bytes, *, cut: bool = False) -> str:
    """The text as UTF-8 where it is that, as Latin-1 where not. NULs at the end are dropped.

    `cut`: the bytes may end within a character, which is then left out.
    """
    data = data.rstrip(b"\0")
    try:
        return codecs.utf_8_decode(data, "strict", not cut)[0]
    except UnicodeDecodeError:
        return data.decode("latin-1")


def decode_utf16(data: bytes, order: str) -> str:
    """The text of UTF-16 by its byte order mark, else in `order` ("<" or ">"). NULs at the end are dropped."""
    mark = _MARKS.get(data[:2])
    return _utf16(data[2:], mark) if mark else _utf16(data, order)


def utf16_order(data: bytes, order: str) -> str:
    """The byte order in which UTF-16 reads best, `order` if there is no telling.

    Writers of Exif disagree on whether its text follows the byte order of the file. The right order is taken to be the
    one with fewer characters that are none, then with fewer different high halves, then with more zeros for them.
    """
    sample = data[:_SAMPLE]

    def strange(order: str) -> tuple[int, int, int]:
        high = sample[0 if order == ">" else 1 :: 2]
        text = _utf16(sample, order)
        return sum(not (c.isprintable() or c in "\r\n\t") for c in text), len(set(high)), -high.count(0)

    little, big = strange("<"), strange(">")
    return order if little == big else "<" if little < big else ">"


def _utf16(data: bytes, order: str) -> str:
    data = data[: len(data) // 2 * 2]
    try:
        text = _UTF16[order].decode(data)[0]
    except UnicodeDecodeError:
        text = _UTF16[order].decode(_without_lone_surrogates(data, order))[0]
    return text.rstrip("\0")


def _without_lone_surrogates(data: bytes, order: str) -> bytes:
    """UTF-16 with U+FFFD for halves of pairs without their other: as the codec's `replace`, which is slow at it."""
    units = np.frombuffer(data, f"{order}u2").copy()
    halves = units & 0xFC00
    first, second = halves == 0xD800, halves == 0xDC00
    lone = first | second
    pairs = first[:-1] & second[1:]
    lone[:-1] &= ~pairs
    lone[1:] &= ~pairs
    units[lone] = 0xFFFD
    return units.tobytes()


def decode_user_comment(data: bytes, order: str, *, cut: bool = False) -> str:
    """The text of an Exif field that starts with an 8-byte name of its character code (Exif 3.0, 4.6.6).

    Names are taken with some grace: blanks for NULs, no name at all (the text starts at once).
    """
    name, rest = data[:8].rstrip(b"\0 ").upper(), data[8:]
    if name == b"UNICODE":
        return decode_utf16(rest, utf16_order(rest, order))
    if name == b"JIS":
        return _JIS.decode(rest, "replace")[0].rstrip("\0")
    if name == b"ASCII":
        return decode(rest, cut=cut)
    if name:
        return decode(data, cut=cut)
    pairs = rest[:4096].rstrip(b"\0")
    looks_wide = len(pairs) >= 4 and pairs.count(0) * 3 >= len(pairs)
    return decode_utf16(rest, utf16_order(rest, order)) if looks_wide else decode(rest, cut=cut)


def inflate(data: bytes, most: int) -> tuple[bytes, bool, bool]:
    """What a zlib stream (RFC 1950) holds: at most `most` bytes; whether there was more; whether it is broken.

    Of a broken stream, what comes before the break is kept; its checksum is not looked at.
    """
    if len(data) < 2 or data[0] & 15 != 8 or (data[0] << 8 | data[1]) % 31:
        return b"", False, True
    stream = zlib.decompressobj(-15)
    out = bytearray()
    for at in range(2, len(data), _PIECE):
        try:
            out += stream.decompress(data[at : at + _PIECE], most + 1 - len(out))
        except zlib.error:
            return bytes(out), False, True
        if stream.eof or len(out) > most:
            break
    return bytes(out[:most]), len(out) > most, not stream.eof and len(out) <= most
