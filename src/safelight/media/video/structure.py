"""Whether a container ends before it says it does, told from its outermost structure."""

import re

_ISO_MEDIA = frozenset({"video/mp4", "video/quicktime", "video/3gpp"})
_BOX_HEADER = 8
_INDEX = re.compile(rb"moov.{4}mvhd", re.DOTALL)
_MOST_BOXES = 1_000_000
_OUTERMOST = frozenset(
    b"ftyp moov mdat free skip wide moof mfra sidx ssix styp meta uuid pnot udta pdin prft emsg".split()
)
_SEGMENT = b"\x18\x53\x80\x67"
_SEARCHED = 1 << 16


def cut_short(view: memoryview, mime: str) -> bool:
    """Whether the file's outermost boxes reach beyond its end. False where a format does not tell."""
    if mime in _ISO_MEDIA:
        return _boxes_cut(view)
    if mime == "video/vnd.avi":
        return _riff_cut(view)
    if mime in {"video/matroska", "video/webm"}:
        return _segment_cut(view)
    return False


def head_to_index(view: memoryview, mime: str) -> bytes | None:
    """Sixteen bytes that, put in place of the file's first, lead past everything to its index; None without one.

    In an MP4 of which one length is wrong, all boxes behind that are lost, the index among them; but the index counts
    from the start of the file, and so is good as long as nothing moved.
    """
    found = list(_INDEX.finditer(view)) if mime in _ISO_MEDIA else []
    start = found[-1].start() - 4 if found else 0
    return b"\0\0\0\x01free" + start.to_bytes(8, "big") if start >= 16 else None


def _boxes_cut(view: memoryview) -> bool:
    """ISO/IEC 14496-12, 4.2: size and type; size 1 is followed by 64 bits of it, size 0 reaches to the end."""
    at = 0
    for _ in range(_MOST_BOXES):
        if len(view) - at < _BOX_HEADER:
            return False
        size = int.from_bytes(view[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(view[at + 8 : at + 16], "big")
        if size < _BOX_HEADER or bytes(view[at + 4 : at + 8]) not in _OUTERMOST:  # something put behind the video
            return False
        at += size
        if at > len(view):
            return True
    return False


def _riff_cut(view: memoryview) -> bool:
    """The first chunk's size; writers that never came back to fill it in leave 0 or all bits set."""
    size = int.from_bytes(view[4:8], "little")
    return size not in {0, 0xFFFFFFFF} and size + 8 > len(view)


def _segment_cut(view: memoryview) -> bool:
    """RFC 8794: a size has as many bytes as its first byte has leading zeros, and one more; all ones: unknown."""
    at = bytes(view[:_SEARCHED]).find(_SEGMENT)
    if at < 0 or at + 12 > len(view):
        return False
    at += len(_SEGMENT)
    length = 9 - view[at].bit_length()
    if length > 8:
        return False
    mask = (1 << 7 * length) - 1
    size = int.from_bytes(view[at : at + length], "big") & mask
    return size != mask and at + length + size > len(view)
