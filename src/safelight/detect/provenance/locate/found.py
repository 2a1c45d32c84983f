"""What a look at a container found, and how XMP names a manifest store that is kept elsewhere."""

import html
import re
from dataclasses import dataclass, field

from safelight.detect.text import clean
from safelight.model.signal import Place

MOST_PARTS = 1 << 14
"""Segments, chunks, boxes or directories that are looked at; what lies behind more of them is not found."""

MOST_PLACES = 64
"""Places that are kept, and hits that are looked at where a store is searched for."""

_MOST_XMP = 16 << 20  # bytes of all packets that are searched
_MOST_LINKS = 64  # in all packets
_LONGEST_ADDRESS = 512
_LONGEST_LINK = 4096
_NAME = re.compile(rb"dcterms:provenance")
_LINK = re.compile(
    rb"""dcterms:provenance(?:\s{0,16}+=\s{0,16}+(?:"([^"]{1,2048})"|'([^']{1,2048})')|>\s{0,64}+([^<]{1,2048}+)<)"""
)


@dataclass(frozen=True, slots=True)
class Located:
    """`stores`: byte ranges that hold a manifest store. `remote`: the address XMP names for one, empty for none.

    `sure`: whether any of the stores is one beyond doubt; others lie compressed, or are spoken of only. `apart`:
    whether there are several in a container that holds one, of parts that lie directly one after another. `entries`:
    byte ranges that say where a store lies and how long it is, and that a hash may therefore leave out.
    """

    stores: tuple[Place, ...] = ()
    remote: str = ""
    sure: bool = False
    apart: bool = False
    entries: tuple[Place, ...] = ()


@dataclass(slots=True)
class Parts:
    """Collects what a walk over a container meets."""

    _stores: list[Place] = field(default_factory=list)
    _remote: str = ""
    _sure: bool = False
    _alone: int = 0
    _entries: list[Place] = field(default_factory=list)
    _starts: set[int] = field(default_factory=set)
    _xmp_left: int = _MOST_XMP
    _links_left: int = _MOST_LINKS

    @property
    def full(self) -> bool:
        """Whether no more places are kept."""
        return len(self._stores) >= MOST_PLACES

    def store(self, label: str, start: int, end: int, *, sure: bool = True, alone: bool = True) -> None:
        """These bytes hold a store, or go on with one that ended at `start`. `alone`: a file has but one such store."""
        self._sure |= sure
        last = self._stores[-1] if self._stores else None
        if last is not None and last.label == label and last.end == start:
            self._stores[-1] = Place(label, last.start, end)
            return
        self._alone += sure and alone
        if not self.full:
            self._stores.append(Place(label, start, end))

    def entry(self, label: str, start: int, end: int) -> None:
        """These bytes say where a store lies."""
        if len(self._entries) < MOST_PLACES:
            self._entries.append(Place(label, start, end))

    def xmp(self, view: memoryview, start: int, end: int) -> None:
        """These bytes are XMP: take from them the address of a store, if it names one on the web.

        An address within the file (`self#jumbf=...`) is what is left when a store was removed: it leads nowhere.
        """
        if self._remote or start in self._starts:
            return
        self._starts.add(start)
        end = min(end, start + self._xmp_left)
        self._xmp_left -= max(0, end - start)
        for name in _NAME.finditer(view, start, max(start, end)):
            if not self._links_left:
                return
            self._links_left -= 1
            found = _LINK.match(view[name.start() : min(end, name.start() + _LONGEST_LINK)])
            if found is None:
                continue
            address = html.unescape((found[1] or found[2] or found[3]).decode("utf-8", "replace")).strip()
            if address.lower().startswith(("https://", "http://")):
                self._remote = clean(address, _LONGEST_ADDRESS)
            return

    def located(self) -> Located:
        """All that was met."""
        return Located(tuple(self._stores), self._remote, self._sure, self._alone > 1, tuple(self._entries))
