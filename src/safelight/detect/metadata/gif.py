"""Text fields of GIF files: comments and XMP.

Sources: GIF89a specification (CompuServe, 1990), sections 15 to 26; XMP specification part 3, section 1.1.2.
"""

from safelight.detect.metadata.blocks import BlockKind
from safelight.detect.metadata.decode import decode
from safelight.detect.metadata.gather import Gather
from safelight.detect.metadata.xmp import read_xmp

_SKIPPED = 16  # sub-blocks stepped over in a unit of work
_EXTENSION, _IMAGE, _COMMENT, _APPLICATION = 0x21, 0x2C, 0xFE, 0xFF
_XMP_ID = b"\x0bXMP DataXMP"
_XMP_TRAILER = 257  # bytes that lead a reader of sub-blocks to the end, whatever the text before


def read_gif(gather: Gather) -> None:
    """Comment extensions and the XMP application extension, of all frames."""
    with gather.part("GIF"):
        _Blocks(gather).run()


class _Blocks:
    """The blocks of one file."""

    def __init__(self, gather: Gather) -> None:
        self.gather, self.view = gather, gather.view

    def run(self) -> None:
        view = self.view
        at = 13 + _colours(view[10])
        while self.gather.step():
            kind = view[at]
            if kind == _IMAGE:
                start = at + 10 + _colours(view[at + 9]) + 1
            elif kind == _EXTENSION:
                start = at + 2
            else:  # the trailer, or nothing a GIF has
                return
            at = self._after(start)
            if at < 0:
                return
            if kind == _EXTENSION:
                self._extension(view[start - 1], start, at)

    def _after(self, at: int) -> int:
        """The offset behind the sub-blocks that start at `at`; -1 if they are too many."""
        view = self.view
        while self.gather.work(1):
            for _ in range(_SKIPPED):
                size = view[at]
                at += size + 1
                if not size:
                    return at
        return -1

    def _extension(self, label: int, start: int, end: int) -> None:
        span = self.gather.file.part(start, end)
        if label == _APPLICATION and span.head(12) == _XMP_ID:
            read_xmp(self.gather, span.part(start + 12, max(end - _XMP_TRAILER - 1, start + 12)), "GIF XMP")
        elif label == _COMMENT:
            packed, cut = self.gather.take(span)
            place = span.part(start + 1, end - 1).place("GIF comment")
            self.gather.add(BlockKind.COMMENT, "", decode(_joined(packed), cut=cut), place, cut=cut)


def _joined(packed: bytes) -> bytes:
    """The data of sub-blocks without their lengths."""
    out, at = bytearray(), 0
    while at < len(packed) and packed[at]:
        out += packed[at + 1 : at + 1 + packed[at]]
        at += packed[at] + 1
    return bytes(out)


def _colours(flags: int) -> int:
    """Bytes of the colour table that a descriptor's flags announce."""
    return 3 * 2 << (flags & 7) if flags & 0x80 else 0
