"""From a fingerprint to the queries put to an index."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.model.fingerprint import DIHEDRAL, Fingerprint, View


@dataclass(frozen=True, slots=True)
class Query:
    """One PDQ code to look up, and where it came from. `code` is 64 hexadecimal digits."""

    code: str
    quality: int
    frame: int = 0
    view: View | None = None
    dihedral: str | None = None


def queries_of(fingerprint: Fingerprint, *, dihedral: bool = True) -> tuple[Query, ...]:
    """The distinct codes of a fingerprint, the most direct reading of each first.

    The upright and the content-box print are asked for in all eight dihedral forms. The raw-orientation print is
    asked for as it stands: its own dihedral forms are those of the upright print, but for rounding.
    """
    found: dict[str, Query] = {}
    for print_ in fingerprint.prints:
        forms = print_.pdq.dihedral if dihedral and print_.view is not View.RAW else print_.pdq.dihedral[:1]
        for form, code in zip(DIHEDRAL, forms, strict=False):
            query = Query(code, print_.pdq.quality, print_.frame, print_.view, form)
            held = found.get(code)
            if held is None or _directness(query) < _directness(held):
                found[code] = query
    return tuple(sorted(found.values(), key=_directness))


def pack(queries: Sequence[Query]) -> NDArray[np.uint8]:
    """The codes of `queries` as one uint8 array of shape (n, 32), in their order."""
    return np.frombuffer(bytes.fromhex("".join(q.code for q in queries)), dtype=np.uint8).reshape(-1, 32)


def _directness(query: Query) -> tuple[int, int, int]:
    views = (View.UPRIGHT, View.RAW, View.CONTENT, None)
    form = DIHEDRAL.index(query.dihedral) if query.dihedral else 0
    return (query.frame, int(form > 0) * len(views) + views.index(query.view), form)
