"""Tells a file's type from its first bytes, by a table of magic numbers.

Why an own table: magika guesses with a neural model (and brings onnxruntime), where a record of evidence needs a rule
one can point at; libmagic is a C library outside any wheel, with rules for thousands of types that we neither decode
nor name. Here each type is a rule of one line, tested one by one.

A file may be valid as two types at once (a polyglot: a JPEG followed by a ZIP, say). The type told is the one that
starts at byte 0, which is what viewers show; the decoders warn of bytes that follow the picture's end.
Sources: RFCs and registrations of the formats, RFC 9559 (Matroska), ISO/IEC 14496-12 (`ftyp`), ISO 13818-1 (TS).
"""

import re

from safelight.media import formats as f
from safelight.model.media import MediaType

HEAD_BYTES = 12_288
"""Bytes of a file's start that `sniff` looks at. Fewer are fine; some types then stay unknown."""

_START = 4096  # of them, those in which a type's own marks are looked for

# (offset, bytes, type); the first that fits wins.
_MAGIC: tuple[tuple[int, bytes, MediaType], ...] = (
    (0, b"\xff\xd8\xff", f.JPEG),
    (0, b"GIF87a", f.GIF),
    (0, b"GIF89a", f.GIF),
    (0, b"II*\0", f.TIFF),
    (0, b"MM\0*", f.TIFF),
    (0, b"II+\0\x08\0\0\0", f.TIFF),  # BigTIFF
    (0, b"MM\0+\0\x08\0\0", f.TIFF),
    (0, b"\xff\x0a", f.JXL),  # bare codestream
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", f.JXL),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", f.JP2),
    (0, b"\xff\x4f\xff\x51", f.JP2),  # bare codestream
    (0, b"8BPS", f.PSD),
    (0, b"\x76\x2f\x31\x01", f.EXR),
    (0, b"#?RADIANCE\n", f.HDR),
    (0, b"qoif", f.QOI),
    (0, b"DDS |\0\0\0", f.DDS),
    (0, b"II\xbc\x01", f.JXR),
    (0, b"PK\x03\x04", f.ZIP),
    (0, b"PK\x05\x06", f.ZIP),  # empty
    (0, b"PK\x07\x08PK\x03\x04", f.ZIP),  # first part of a split archive
    (0, b"PK00PK\x03\x04", f.ZIP),  # split into a single part
    (0, b"7z\xbc\xaf\x27\x1c", f.SEVEN_ZIP),
    (0, b"Rar!\x1a\x07\x00", f.RAR),
    (0, b"Rar!\x1a\x07\x01\x00", f.RAR),
    (0, b"\x1f\x8b\x08", f.GZIP),
    (0, b"\xfd7zXZ\0", f.XZ),
    (0, b"\x28\xb5\x2f\xfd", f.ZSTD),
    (257, b"ustar", f.TAR),
    (0, b"FLV\x01", f.FLV),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", f.ASF),
    (0, b".RMF\0\0\0", f.REALMEDIA),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01", f.MXF),
    (0, b"\0\0\x01\xba", f.MPEG_PS),
    (0, b"\0\0\x01\xb3", f.MPEG_PS),  # elementary stream
    (0, b"nut/multimedia container\0", f.NUT),
    (0, b"DKIF\0\0\x20\0", f.IVF),
    (0, b"YUV4MPEG2 ", f.Y4M),
    (0, b"%PDF-", f.PDF),
    (0, b"SQLite format 3\0", f.SQLITE),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f.OLE),
    (0, b"{\\rtf", f.RTF),
    (0, b"%!PS", f.POSTSCRIPT),
    (0, b"\xc5\xd0\xd3\xc6", f.POSTSCRIPT),  # EPS with a preview
    (0, b"fLaC", f.FLAC),
    (0, b"ID3", f.MP3),
    (0, b"\x7fELF", f.ELF),
    (0, b"MSCF\0\0\0\0", f.CAB),
    (0, b"\x04\x22\x4d\x18", f.LZ4),
    (0, b"wOFF", f.FONT),
    (0, b"wOF2", f.FONT),
    (0, b"070701", f.CPIO),
    (0, b"070702", f.CPIO),
    (0, b"!<arch>\n", f.AR),
)

_RIFF = {b"WEBP": f.WEBP, **dict.fromkeys((b"AVI ", b"AVIX", b"AVI\x19", b"AMV "), f.AVI), b"WAVE": f.WAV}

# Brands of `ftyp` boxes (registered at mp4ra.org). The major brand decides; the generic ones leave it to the others.
_BRANDS: dict[bytes, MediaType] = {
    **dict.fromkeys((b"avif", b"avis"), f.AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), f.HEIC),
    b"crx ": f.CR3,
    b"qt  ": f.QUICKTIME,
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), f.M4A),
}
_GENERIC_IMAGE = (b"mif1", b"msf1", b"mif2", b"miaf", b"1pic")
_QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"pnot", b"free", b"skip")
_SEGMENT_BOXES = (b"styp", b"moof", b"sidx", b"ssix", b"prft", b"emsg", b"pdin", b"uuid", b"udta", b"meta")
_LONGEST_BOX = 1 << 28  # first boxes of other kinds are short; four letters of text are a greater number
_BOX_TYPE = re.compile(rb"[0-9A-Za-z \xa9]{4}")
_VIDEO_TRACK = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_PACKETS = re.compile(b"|".join(rb"G(?=(?:.{%d}G){7})" % (size - 1) for size in (188, 192, 204)), re.DOTALL)
_PADDED_STREAM = re.compile(rb"\0{3,4096}\x01[\xba\xb3]")
_FLV = re.compile(rb"FLV[\0-\x04].\0", re.DOTALL)  # versions that nobody writes, and players read
_AV1 = re.compile(rb"\x12\0\x0a[\x05-\x20]")
_H264 = re.compile(rb"\0{2,64}\x01(?:[\x27\x47\x67]|\x09[\x10-\xf0]\0{2,3}\x01[\x27\x47\x67])[\x2c-\xf4]")
_H265 = re.compile(rb"\0{2,64}\x01(?:\x40\x01\x0c|\x46\x01.\0{2,3}\x01\x40\x01\x0c)", re.DOTALL)
_MPEG4 = re.compile(rb"\0\0\x01(?:\xb0.\0\0\x01\xb5|\0\0\0\x01[\x20-\x2f])", re.DOTALL)
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_PNM = re.compile(rb"P(?:[1-6]\s+[0-9#]|7\nWIDTH )")
_TEXT_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_SWF = re.compile(rb"[FCZ]WS[\x01-\x32]")


def sniff(head: bytes) -> MediaType:
    """The type of the file that starts with `head` (the first HEAD_BYTES of it, or all it has). Never raises."""
    whole, head = bytes(head[:HEAD_BYTES]), bytes(head[:_START])
    for offset, magic, media_type in _MAGIC:
        if head.startswith(magic, offset):
            return (_stray_packets(whole) or media_type) if media_type is f.MP3 else media_type
    for rule in (
        _png,
        _boxes,
        _riff,
        _matroska,
        _bmp,
        _transport_stream,
        _ogg,
        _patterns,
        _markup,
        _executable,
        _old_tar,
    ):
        if found := rule(head):
            return found
    return _box_chain(whole) or _stray_packets(whole) or f.UNKNOWN


def name_agrees(name: str, media_type: MediaType) -> bool | None:
    """Whether a file name's ending goes with the type told from the content; None when the ending claims nothing.

    Only endings of types known here claim something, and those of plain text, which no picture, video or archive has.
    """
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > max(name.rfind("/"), name.rfind("\\")) else ""
    if suffix in media_type.suffixes:
        return True
    if suffix in _CLAIMED:
        return False
    return False if suffix in _TEXT and media_type in _BINARY else None


_CLAIMED = frozenset(suffix for known in f.KNOWN for suffix in known.suffixes)
_TEXT = frozenset({".txt", ".csv", ".log", ".json", ".md", ".ini", ".cfg", ".yml", ".yaml", ".py", ".js", ".css"})
_BINARY = frozenset(known for known in f.KNOWN if known.kind != "other")


def _png(head: bytes) -> MediaType | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    animation = head.find(b"acTL")  # must precede the picture data (APNG specification)
    return f.APNG if animation >= 0 and b"IDAT" not in head[:animation] else f.PNG


def _boxes(head: bytes) -> MediaType | None:
    """ISO base media files: images and videos by their brands, old QuickTime films by their first box."""
    if head[4:8] in (b"ftyp", b"styp"):
        end = int.from_bytes(head[:4], "big")
        major, others = head[8:12], {head[at : at + 4] for at in range(16, min(end, len(head)) - 3, 4)}
        if major in _GENERIC_IMAGE:
            inner = (_BRANDS[brand] for brand in sorted(others & _BRANDS.keys()))
            return next((found for found in inner if found.kind == "image"), f.HEIF)
        if major[:2] == b"3g":
            return f.THREEGPP
        found = _BRANDS.get(major, f.MP4)
        return f.MP4 if found is f.M4A and _VIDEO_TRACK.search(head) else found
    length = int.from_bytes(head[:4], "big")
    if head[4:8] in _QUICKTIME_BOXES and (length == 1 or length >= 8):
        return f.QUICKTIME
    return None


def _box_chain(head: bytes) -> MediaType | None:
    """Boxes of a video that lead to its index, or fill all that is seen of it: players pass over those not known."""
    at = 0
    while at + 8 <= len(head):
        size, kind = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8]
        if not 8 <= size < _LONGEST_BOX or not _BOX_TYPE.fullmatch(kind):
            return None
        if kind in (b"moov", b"moof"):
            return f.MP4
        if kind == b"ftyp":
            return _boxes(head[at:])
        if at + size > len(head) and kind in _SEGMENT_BOXES:
            return f.MP4
        at += size
    return None


def _riff(head: bytes) -> MediaType | None:
    return _RIFF.get(head[8:12]) if head.startswith(b"RIFF") else None


def _matroska(head: bytes) -> MediaType | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return f.WEBM if b"\x42\x82\x84webm" in head[:64] else f.MATROSKA


def _bmp(head: bytes) -> MediaType | None:
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return f.BMP
    if head.startswith((b"\0\0\x01\0", b"\0\0\x02\0")) and 0 < int.from_bytes(head[4:6], "little") < 256:
        return f.ICO if len(head) > 9 and head[9] == 0 else None
    return None


def _transport_stream(head: bytes) -> MediaType | None:
    """Packets of 188 bytes that each start with 0x47, or of 192 with a time stamp in front (Blu-ray, AVCHD)."""
    for first, stride in ((0, 188), (4, 192)):
        marks = head[first::stride]
        if len(marks) >= 3 and marks == b"\x47" * len(marks) and min(head) < 9:  # text has no control bytes
            return f.MPEG_TS
    return None


def _stray_packets(head: bytes) -> MediaType | None:
    """Eight packets of a transport stream in a row, behind something else: players look for them.

    188 bytes, or with 4 of a time stamp in front, or 16 of error correction behind. A packet has no error, is not
    scrambled and says that there is something in it; text, which may have a G at every place, has no control bytes.
    """
    for mark in _PACKETS.finditer(head, 0, _START + 8 * 204):
        start = mark.start()
        flags, content = head[start + 1], head[start + 3]
        if not flags & 0x80 and not content & 0xC0 and content & 0x30 and min(head[start : start + 188]) < 9:
            return f.MPEG_TS
    return None


def _ogg(head: bytes) -> MediaType | None:
    if not head.startswith(b"OggS"):
        return None
    return f.OGG_VIDEO if any(mark in head for mark in (b"\x80theora", b"BBCD\0", b"OVP80")) else f.OGG


def _patterns(head: bytes) -> MediaType | None:
    rules = (
        (_ZSTD_SKIPPABLE, f.ZSTD),
        (_BZIP2, f.BZIP2),
        (_PNM, f.PNM),
        (_SWF, f.SWF),
        (_PADDED_STREAM, f.MPEG_PS),
        (_FLV, f.FLV),
        (_AV1, f.AV1),
        (_H264, f.H264),
        (_H265, f.H265),
        (_MPEG4, f.MPEG4_STREAM),
    )
    return next((media_type for pattern, media_type in rules if pattern.match(head)), None)


def _markup(head: bytes) -> MediaType | None:
    if not _TEXT_START.match(head):
        return None
    text = head.lower()
    if b"<svg" in text:
        return f.SVG
    if b"<html" in text or b"<!doctype html" in text:
        return f.HTML
    return f.XML if b"<?xml" in text[:16] else None


def _executable(head: bytes) -> MediaType | None:
    if not head.startswith(b"MZ"):
        return None
    return f.EXE if head.startswith(b"PE\0\0", int.from_bytes(head[60:64], "little")) else None


def _old_tar(head: bytes) -> MediaType | None:
    """Tar before POSIX has no magic number: the header's own checksum must hold (sum of its bytes, field as blanks)."""
    if len(head) < 512 or not head[0]:
        return None
    try:
        stated = int(head[148:156].rstrip(b"\0 ") or b"x", 8)
    except ValueError:
        return None
    return f.TAR if stated == sum(head[:148]) + 8 * ord(" ") + sum(head[156:512]) else None
