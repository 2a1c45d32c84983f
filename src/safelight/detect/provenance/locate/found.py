"""What a look at a container found, and how XMP names a manifest store that is kept elsewhere."""

import html
import re
from dataclasses import dataclass, field

from safelight.detect.text import clean
from safelight.model.signal import Place

MOST_PARTS = 1 << 16
"""Segments, chunks, boxes or directories that are looked at; what lies behind more of them is not found."""

_MOST_PLACES = 64
_MOST_XMP = 16 << 20  # bytes of one packet that are searched
_LONGEST_ADDRESS = 512
_LINK = re.compile(
    rb"""dcterms:provenance(?:\s{0,16}=\s{0,16}(?:"([^"]{1,2048})"|'([^']{1,2048})')|>\s{0,64}([^<]{1,2048})<)"""
)


@dataclass(frozen=True, slots=True)
class Located:
    """`stores`: byte ranges that hold a manifest store. `remote`: the address XMP names for one, empty for none.

    `sure`: whether any of the stores is one beyond doubt; others lie compressed, or are spoken of only.
    """

    stores: tuple[Place, ...] = ()
    remote: str = ""
    sure: bool = False


@dataclass(slots=True)
class Parts:
    """Collects what a walk over a container meets."""

    _stores: list[Place] = field(default_factory=list)
    _remote: str = ""
    _sure: bool = False

    def store(self, label: str, start: int, end: int, *, sure: bool = True) -> None:
        """These bytes hold a store, or go on with one that ended at `start`."""
        self._sure |= sure
        last = self._stores[-1] if self._stores else None
        if last is not None and last.label == label and last.end == start:
            self._stores[-1] = Place(label, last.start, end)
        elif len(self._stores) < _MOST_PLACES:
            self._stores.append(Place(label, start, end))

    def xmp(self, view: memoryview, start: int, end: int) -> None:
        """These bytes are XMP: take from them the address of a store, if it names one on the web.

        An address within the file (`self#jumbf=...`) is what is left when a store was removed: it leads nowhere.
        """
        found = None if self._remote else _LINK.search(view[start : min(end, start + _MOST_XMP)])
        if found is not None:
            address = html.unescape((found[1] or found[2] or found[3]).decode("utf-8", "replace")).strip()
            if address.lower().startswith(("https://", "http://")):
                self._remote = clean(address, _LONGEST_ADDRESS)

    def located(self) -> Located:
        """All that was met."""
        return Located(tuple(self._stores), self._remote, self._sure)
