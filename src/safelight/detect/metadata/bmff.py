"""Text fields of files made of boxes: HEIF, AVIF, MP4, QuickTime, 3GPP, CR3, JPEG XL and JPEG 2000.

Sources: those of `boxes`, `items` and `quicktime`; XMP specification part 3 (uuid boxes); ISO/IEC 18181-2 section 9
(JPEG XL: Exif, xml, brob); ISO/IEC 15444-1 annex I (JP2: xml, uuid); CR3 as ExifTool's documentation of Canon tags has
it.
"""

from safelight.detect.metadata.boxes import Box, boxes
from safelight.detect.metadata.exif import read_exif
from safelight.detect.metadata.gather import Gather, Span
from safelight.detect.metadata.iptc import read_iim
from safelight.detect.metadata.items import read_exif_box, read_items
from safelight.detect.metadata.quicktime import read_user_data, read_values
from safelight.detect.metadata.tiff import Ifd
from safelight.detect.metadata.xmp import read_xmp

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_JP2_EXIF = b"JpgTiffExif->JP2"
_JP2_IPTC = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
_CANON_IFDS = {b"CMT1": Ifd.FIRST, b"CMT2": Ifd.EXIF, b"CMT4": Ifd.GPS}
_HOLDERS = {b"moov", b"trak", b"udta", b"meta"}


def read_boxes(gather: Gather) -> None:
    """Everything that is read of the boxes of a file. A bare codestream, which has none, gives nothing."""
    if gather.file.head(1) != b"\xff":  # how bare codestreams of JPEG XL and JPEG 2000 start
        _read(gather, gather.file, "")


def _read(gather: Gather, span: Span, where: str) -> None:
    """The boxes in `span`; of those that hold others, at most four deep, as `_HOLDERS` within each other are."""
    for box in boxes(gather, span):
        if box.type == b"uuid":
            _uuid(gather, box.body, where or "BMFF ")
        elif box.type == b"Exif":
            read_exif_box(gather, box.body, "JPEG XL Exif box EXIF")
        elif box.type == b"xml ":
            read_xmp(gather, box.body, "BMFF xml box XMP")
        elif box.type == b"brob":
            kind = box.body.head(4).decode("latin-1")
            if kind in {"Exif", "xml "}:
                gather.odd(f"JPEG XL {kind.strip()} box is compressed with Brotli: not read")
        elif box.type in _HOLDERS and where.count(" ") < 4:
            _holder(gather, box, f"{where}{box.type.decode()} ")


def _holder(gather: Gather, box: Box, where: str) -> None:
    body, label = box.body, where.strip().replace(" ", "/")
    if box.type == b"meta":
        # A full box has version and flags first; QuickTime's has not.
        start = body.start if body.part(body.start + 4, body.end).head(4) == b"hdlr" else body.start + 4
        inside = list(boxes(gather, body.part(start, body.end)))
        read_items(gather, inside, label)
        read_values(gather, inside, label)
        return
    if box.type == b"udta":
        read_user_data(gather, body, label)
    _read(gather, body, where)


def _uuid(gather: Gather, body: Span, where: str) -> None:
    kind, value = body.head(16), body.part(body.start + 16, body.end)
    label = f"{where.strip().replace(' ', '/')} uuid"
    if kind == _XMP:
        read_xmp(gather, value, f"{label} XMP")
    elif kind == _JP2_EXIF:
        read_exif(gather, value, f"{label} EXIF")
    elif kind == _JP2_IPTC:
        read_iim(gather, value, f"{label} IPTC")
    elif kind == _CANON:
        for box in boxes(gather, value):
            if box.type in _CANON_IFDS:
                read_exif(gather, box.body, f"{label} {box.type.decode()} EXIF", _CANON_IFDS[box.type])
