"""IPTC-IIM datasets, and the Photoshop image resources that carry them.

Sources: IPTC-NAA Information Interchange Model 4.2, chapters 3, 5 and 6; Adobe Photoshop File Formats Specification
(2019), "Image Resources Section".
"""

import struct

from safelight.detect.metadata.blocks import BlockKind
from safelight.detect.metadata.decode import decode
from safelight.detect.metadata.gather import Gather, Span

IPTC_RESOURCE = 0x0404
EXIF_RESOURCE = 0x0422
XMP_RESOURCE = 0x0424

_APPLICATION = 2  # the record that describes the object; the others are about its transport
_NOT_TEXT = {0, 10, 125, 200, 201, 202}  # version, urgency, rasterised caption, preview

NAMES: dict[int, str] = {
    3: "Object Type Reference",
    4: "Object Attribute Reference",
    5: "Object Name",
    7: "Edit Status",
    8: "Editorial Update",
    12: "Subject Reference",
    15: "Category",
    20: "Supplemental Category",
    22: "Fixture Identifier",
    25: "Keywords",
    26: "Content Location Code",
    27: "Content Location Name",
    30: "Release Date",
    35: "Release Time",
    37: "Expiration Date",
    38: "Expiration Time",
    40: "Special Instructions",
    42: "Action Advised",
    45: "Reference Service",
    47: "Reference Date",
    50: "Reference Number",
    55: "Date Created",
    60: "Time Created",
    62: "Digital Creation Date",
    63: "Digital Creation Time",
    65: "Originating Program",
    70: "Program Version",
    75: "Object Cycle",
    80: "By-line",
    85: "By-line Title",
    90: "City",
    92: "Sub-location",
    95: "Province/State",
    100: "Country/Primary Location Code",
    101: "Country/Primary Location Name",
    103: "Original Transmission Reference",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "Copyright Notice",
    118: "Contact",
    120: "Caption/Abstract",
    122: "Writer/Editor",
    130: "Image Type",
    131: "Image Orientation",
    135: "Language Identifier",
}


def read_iim(gather: Gather, span: Span, where: str) -> None:
    """The text datasets of record 2, by name, or as `2:NNN` where the standard has none."""
    view, at = span.view, span.start
    while at + 5 <= span.end and view[at] == 0x1C and gather.step():
        record, dataset, size = struct.unpack_from(">BBH", view, at + 1)
        at += 5
        if size & 0x8000:  # extended: the next bytes, that many, hold the length
            width = size & 0x7FFF
            if width > 8 or at + width > span.end:
                gather.odd(f"{where} breaks off")
                return
            size = int.from_bytes(view[at : at + width], "big")
            at += width
        if at + size > span.end:
            gather.odd(f"{where} breaks off")
        if record == _APPLICATION and dataset not in _NOT_TEXT:
            value = span.part(at, at + size)
            name = NAMES.get(dataset, f"2:{dataset:03d}")
            data, cut = gather.take(value)
            gather.add(BlockKind.IPTC, name, decode(data, cut=cut), value.place(f"{where} {name}"), cut=cut)
        at += size


def resources(gather: Gather, span: Span, where: str) -> list[tuple[int, Span]]:
    """The Photoshop image resources in `span`: number and value of each."""
    view, at, found = span.view, span.start, []
    while at + 12 <= span.end and gather.step():
        if bytes(view[at : at + 4]) not in {b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"}:
            break
        number, name_bytes = struct.unpack_from(">HB", view, at + 4)
        at += 6 + (name_bytes + 2) // 2 * 2
        if at + 4 > span.end:
            break
        size = struct.unpack_from(">I", view, at)[0]
        at += 4
        if at + size > span.end:
            gather.odd(f"{where} breaks off")
        found.append((number, span.part(at, at + size)))
        at += (size + 1) // 2 * 2
    return found


def read_resources(gather: Gather, span: Span, where: str) -> None:
    """The IPTC datasets among the Photoshop image resources in `span`."""
    for number, value in resources(gather, span, where):
        if number == IPTC_RESOURCE:
            read_iim(gather, value, f"{where} IPTC")
