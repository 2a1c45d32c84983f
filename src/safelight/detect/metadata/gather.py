"""What the readers of containers share: runs of bytes, budgets of work, and the fields found so far."""

import struct
from dataclasses import dataclass
from types import TracebackType

from safelight.detect.metadata.blocks import MAX_ALL, MAX_BLOCKS, MAX_TEXT, Block, BlockKind, Blocks
from safelight.model.signal import Place

MAX_WORK = 40_000
"""Units of work done for one file; a unit is about a microsecond."""
STEP = 3
"""Units for a look at a segment, box, entry or the like."""
_FIELD = 5  # units for a field kept
_COPIED = 256  # bytes copied and decoded in a unit
MAX_KEY = 256
"""Characters of a block's key."""
MAX_ODDITIES = 20
"""Lines of oddities of one file."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes `view[start:end]`: of the file itself, or made of it (put together, unpacked).

    `origin`: the bytes of the file that a made one comes from; None when `view` is the file.
    """

    view: memoryview
    start: int
    end: int
    origin: tuple[int, int] | None = None

    def __len__(self) -> int:
        return max(self.end - self.start, 0)

    def part(self, start: int, end: int) -> "Span":
        """The run from `start` to `end`, which are offsets in `view`; it ends where this one ends, if not before."""
        return Span(self.view, min(start, self.end), min(end, self.end), self.origin)

    def head(self, count: int) -> bytes:
        """The first `count` bytes, fewer if there are not so many."""
        return bytes(self.view[self.start : min(self.start + count, self.end)])

    def place(self, label: str) -> Place:
        """Where in the file this run lies."""
        start, end = self.origin or (self.start, self.end)
        return Place(label, start, max(start, end))


def made(data: bytes, origin: Span) -> Span:
    """Bytes made of those at `origin`."""
    place = origin.place("")
    return Span(memoryview(data), 0, len(data), (place.start, place.end))


class Gather:
    """Collects the fields of one file within the bounds of `blocks`, and says when there were more."""

    def __init__(self, view: memoryview) -> None:
        self.view = view
        self.thumbnail: tuple[int, int] | None = None
        self._blocks: list[Block] = []
        self._oddities: dict[str, None] = {}
        self._characters, self._left = MAX_ALL, MAX_WORK

    @property
    def file(self) -> Span:
        """All bytes of the file."""
        return Span(self.view, 0, len(self.view))

    @property
    def full(self) -> bool:
        """Whether no more fields will be taken."""
        return len(self._blocks) >= MAX_BLOCKS or self._characters <= 0

    def work(self, units: int) -> bool:
        """Whether so much more may be done; told as an oddity when not."""
        if units > self._left:
            self.odd("reading this file is more work than is done: some of it is not read")
            return False
        self._left -= units
        return True

    def step(self) -> bool:
        """Whether one more look may be taken; told as an oddity when not, or when no more fields are taken."""
        if self.full:
            self._tell_full()
            return False
        return self.work(STEP)

    def charge(self, looks: int) -> None:
        """Counts looks that were taken already."""
        self._left -= STEP * looks

    def take(self, span: Span, most: int = MAX_TEXT) -> tuple[bytes, bool]:
        """The first bytes of a run, at most `most`, and whether there were more. Nothing when it is too much work."""
        count = min(len(span), most)
        if not self.work(count // _COPIED):
            count = 0
        return bytes(span.view[span.start : span.start + count]), count < len(span)

    def add(self, kind: BlockKind, key: str, text: str, place: Place, *, cut: bool = False) -> None:
        """One field, shortened or left out (and that told) when a bound is reached."""
        if self.full:
            self._tell_full()
            return
        if not self.work(_FIELD):
            return
        room = min(MAX_TEXT, self._characters)
        if len(text) > room:
            text, cut = text[:room], True
        if cut:
            self.odd(f"{place.label}: the text is longer than is read")
        self._characters -= len(text)
        self._blocks.append(Block(kind, key[:MAX_KEY], text, place, cut))

    def _tell_full(self) -> None:
        self.odd(f"more fields than {MAX_BLOCKS}, or {MAX_ALL} characters, are not read")

    def odd(self, line: str) -> None:
        """One line on what is broken or left out."""
        if len(self._oddities) < MAX_ODDITIES:
            self._oddities[line] = None

    def part(self, label: str) -> "_Part":
        """A context within which data that breaks off ends only this part of the file, and is told."""
        return _Part(self, label)

    def result(self) -> Blocks:
        """Everything found, in file order."""
        blocks = sorted(self._blocks, key=lambda block: block.place.start)
        return Blocks(tuple(blocks), tuple(self._oddities), self.thumbnail)


class _Part:
    """Turns reading past the end (`struct.error`, `IndexError`) into an oddity."""

    def __init__(self, gather: Gather, label: str) -> None:
        self._gather, self._label = gather, label

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if isinstance(error, struct.error | IndexError):
            self._gather.odd(f"{self._label} breaks off")
            return True
        return False
