"""Manifest stores in containers without headers to walk: SVG, PDF, and ID3 tags of audio. These are searched."""

import re
from itertools import islice

from safelight.detect.provenance.locate.found import MOST_PLACES, Parts

_MOST_SEARCHED, _MOST_SEARCHED_PDF, _MOST_SEARCHED_ID3 = 16 << 20, 40 << 20, 12 << 20  # bytes
_HEAD = 4096
_SVG = re.compile(rb"<svg[\s>]")
_SVG_STORE = re.compile(rb"<c2pa:manifest[\s>]")
_SVG_END = re.compile(rb"</c2pa:manifest\s{0,16}>")
_PDF_STORE = re.compile(rb"/C2PA_Manifest\b")
_ID3_STORE = re.compile(rb"GEOB.{7}application/(?:x-)?c2pa", re.DOTALL)


def is_svg(view: memoryview) -> bool:
    """Whether an element `svg` is opened near the start; what stands before it does not matter to the SDK either."""
    return _SVG.search(view[:_HEAD]) is not None


def in_svg(view: memoryview, parts: Parts) -> None:
    """An element `c2pa:manifest`, in base64; XMP anywhere."""
    text = view[:_MOST_SEARCHED]
    found = _SVG_STORE.search(text)
    if found is not None:
        closed = _SVG_END.search(text, found.end())
        parts.store("SVG c2pa:manifest", found.start(), closed.end() if closed else len(text))
    parts.xmp(text, 0, len(text))


def in_pdf(view: memoryview, parts: Parts) -> None:
    """A file specification whose relationship is a C2PA manifest; the place is where that is said.

    One that only compressed objects speak of is not found.
    """
    for found in islice(_PDF_STORE.finditer(view[:_MOST_SEARCHED_PDF]), MOST_PLACES):
        parts.store("PDF C2PA_Manifest", found.start(), found.end(), sure=False, alone=False)


def in_id3(view: memoryview, parts: Parts) -> None:
    """A general object of the media type of manifest stores, in the tag at the start of MP3 and FLAC files."""
    if len(view) < 10:
        return
    end = min(10 + _of_seven_bits(view[6:10]), len(view), _MOST_SEARCHED_ID3)
    found = _ID3_STORE.search(view[:end])
    if found is not None:
        told = view[found.start() + 4 : found.start() + 8]
        length = _of_seven_bits(told) if view[3] == 4 else int.from_bytes(told, "big")  # by version: ID3v2.4, others
        parts.store("ID3 GEOB", found.start(), min(found.start() + 10 + length, end))


def _of_seven_bits(several: memoryview) -> int:
    """A number of ID3v2, whose bytes hold seven bits each."""
    value = 0
    for byte in several:
        value = value << 7 | byte & 0x7F
    return value
