"""Boxes of ISO base media files, walked within bounds.

Sources: ISO/IEC 14496-12 section 4.2 (boxes); QuickTime File Format (Apple), "Atoms".
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from safelight.detect.metadata.gather import Gather, Span

_short = struct.Struct(">I4s").unpack_from
_long = struct.Struct(">Q").unpack_from


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type, and what it holds."""

    type: bytes
    body: Span


def boxes(gather: Gather, span: Span) -> Iterator[Box]:
    """The boxes in `span`, one after the other.

    Of a box that is longer than `span`, the rest of `span` is taken. Ends at a length that is none, which is told.
    """
    view, at = span.view, span.start
    while at + 8 <= span.end and gather.step():
        size, kind = _short(view, at)
        head = 8
        if size == 1 and at + 16 <= span.end:
            size, head = _long(view, at + 8)[0], 16
        elif size == 0:  # up to the end
            size = span.end - at
        if size < head:
            gather.odd("a box is shorter than its head: nothing is read behind it")
            return
        if at + size > span.end:
            gather.odd("a box is longer than what holds it")
        yield Box(kind, span.part(at + head, at + size))
        at += size
