"""Manifest stores in TIFF, BigTIFF and the raw formats built on it (DNG, NEF, ARW): tag 0xCD41."""

from struct import Struct

from safelight.detect.provenance.locate.found import Parts

_STORE, _XMP = 0xCD41, 700
_MOST_DIRECTORIES = 128
_MOST_ENTRIES = 1 << 14  # of all directories; cameras write some dozens
_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)  # bytes of a value, by type; TIFF 6.0 and BigTIFF


def in_tiff(view: memoryview, parts: Parts) -> None:
    """The tag in any directory of the main chain; XMP in tag 700."""
    order, big = "<" if view[0] == 0x49 else ">", 0x2B in (view[2], view[3])
    link = Struct(f"{order}{'Q' if big else 'I'}")
    count = Struct(f"{order}{'Q' if big else 'H'}")
    entry = Struct(f"{order}{'HHQ8s' if big else 'HHI4s'}")
    start = 8 if big else 4
    if len(view) < start + link.size:
        return
    at, seen, left = link.unpack_from(view, start)[0], set[int](), _MOST_ENTRIES
    while at and at not in seen and len(seen) < _MOST_DIRECTORIES and at + count.size <= len(view):
        seen.add(at)
        entries = count.unpack_from(view, at)[0]
        at += count.size
        for _ in range(min(entries, left)):
            if at + entry.size > len(view):
                return
            tag, kind, values, inside = entry.unpack_from(view, at)
            if tag in {_STORE, _XMP} and not (tag == _STORE and parts.full):
                size = values * (_SIZES[kind] if kind < len(_SIZES) else 0)
                place = at + entry.size - link.size if size <= link.size else link.unpack(inside)[0]
                _take(view, tag, place, size, parts)
                if tag == _STORE and size:
                    parts.entry("TIFF entry", at + 4, at + entry.size)
            at += entry.size
        left -= entries
        if left <= 0 or at + link.size > len(view):
            return
        at = link.unpack_from(view, at)[0]


def _take(view: memoryview, tag: int, start: int, size: int, parts: Parts) -> None:
    end = min(start + size, len(view))
    if start >= end:
        return
    if tag == _STORE:
        parts.store("TIFF tag 0xCD41", start, end)
    else:
        parts.xmp(view, start, end)
