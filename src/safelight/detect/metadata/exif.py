"""Text fields of Exif data and of TIFF files, and the packets of XMP and IPTC that TIFF files carry as fields.

Sources: those of `tiff`; XMP specification part 3 (Adobe, 2020) for the fields 700 and 33723.
"""

from safelight.detect.metadata import tiff
from safelight.detect.metadata.blocks import BlockKind
from safelight.detect.metadata.decode import decode, decode_user_comment, decode_utf16
from safelight.detect.metadata.exif_names import GPS_NAMES, NAMES
from safelight.detect.metadata.gather import Gather, Span
from safelight.detect.metadata.iptc import read_iim, read_resources
from safelight.detect.metadata.tiff import Entries, Entry, Ifd
from safelight.detect.metadata.xmp import read_xmp

MAKER_NOTE = 0x927C
_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_UTF16 = range(0x9C9B, 0x9CA0)
_WITH_CHARSET = {(False, 0x9286), (True, 0x1B), (True, 0x1C)}  # (GPS or not, tag)
_GUESSING = 15  # looks that telling a text's byte order costs
_TEXT_TYPES = (2, 129)
_BYTE_TYPES = (1, 2, 6, 7, 129)


def read_exif(gather: Gather, span: Span, where: str, first: Ifd = Ifd.FIRST) -> None:
    """All text fields of the TIFF structure at `span`. `where`: the label's start, as `JPEG APP1 EXIF`.

    Also the thumbnail, unless one was found before. A MakerNote gives a block with empty text: its place says that it
    is there, and how long it is. `first`: see `tiff.entries`.
    """
    if not gather.step():
        return
    fields = tiff.entries(span.view, span.start, span.end, first)
    gather.charge(fields.looked)
    for line in fields.oddities:
        gather.odd(f"{where}: {line}")
    for entry in fields.found:
        value = span.part(entry.start, entry.end)
        if entry.type not in _BYTE_TYPES and entry.tag != _IPTC:
            continue
        if entry.tag == _XMP:
            read_xmp(gather, value, f"{where} XMP")
        elif entry.tag == _IPTC:
            read_iim(gather, value, f"{where} IPTC")
        elif entry.tag == _PHOTOSHOP:
            read_resources(gather, value, f"{where} Photoshop")
        else:
            _text(gather, fields, entry, value, where)
    if gather.thumbnail is None and span.origin is None:
        gather.thumbnail = tiff.thumbnail(span.view, fields, span.start, span.end)
        if gather.thumbnail is None and fields.first(Ifd.SECOND, 0x0201):
            gather.odd(f"{where}: the thumbnail is not a whole JPEG within the data")


def _text(gather: Gather, fields: Entries, entry: Entry, value: Span, where: str) -> None:
    gps = entry.ifd == Ifd.GPS
    name = (GPS_NAMES if gps else NAMES).get(entry.tag)
    if entry.tag == MAKER_NOTE and not gps:
        gather.add(BlockKind.EXIF, "MakerNote", "", value.place(f"{where} MakerNote"))
        return
    if name is None:
        if entry.type not in _TEXT_TYPES:
            return
        name = f"0x{entry.tag:04X}"
    data, cut = gather.take(value)
    if (gps, entry.tag) in _WITH_CHARSET:
        gather.charge(_GUESSING)
        text = decode_user_comment(data, fields.order, cut=cut)
    elif entry.tag in _UTF16 and not gps and entry.type not in _TEXT_TYPES:
        text = decode_utf16(data, "<")
    else:
        text = decode(data, cut=cut)
    label = f"{where} {name}" if entry.ifd in {Ifd.FIRST, Ifd.EXIF, Ifd.GPS} else f"{where} {entry.ifd} {name}"
    gather.add(BlockKind.EXIF, name, text, value.place(label), cut=cut)
