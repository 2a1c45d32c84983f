"""Hamming distance between PDQ codes, one by one: the obvious way, and the same compiled.

Codes are compared as four 64-bit words each, little-endian as the machine is. `radius_search_reference` is the oracle
of everything that is faster.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)

CODE_BITS = 256
CODE_BYTES = 32
LITTLE_WORK = 1 << 17
"""Pairs to compare, or bits to move, for which the compiled code is not worth loading: some milliseconds without it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs within a radius: three int64 arrays of one length, sorted by (query, distance, row).

    `query` is the row of the query, `row` that of the code, `distance` the number of differing bits (0-256).
    """

    query: NDArray[np.int64]
    row: NDArray[np.int64]
    distance: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: NDArray[np.int64]) -> "Found":
        """From rows of (query, row, distance), in any order."""
        query, row, distance = pairs[:, 0], pairs[:, 1], pairs[:, 2]
        if len(pairs) > 1:
            order = np.lexsort((row, distance, query))
            query, row, distance = query[order], row[order], distance[order]
        return cls(query, row, distance)


def as_words(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The codes (uint8, shape (n, 32)) as little-endian 64-bit words: a view, uint64, shape (n, 4).

    Raises ValueError for another type or shape.
    """
    if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != CODE_BYTES:
        raise ValueError(f"PDQ codes are uint8 of shape (n, {CODE_BYTES}), not {codes.dtype} of {codes.shape}")
    return np.ascontiguousarray(codes).view(np.uint64)


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The same memory, read-only. Kernels compile once for each kind of array, and mapped files are read-only."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def radius_search_reference(queries: NDArray[np.uint64], codes: NDArray[np.uint64], radius: int) -> Found:
    """Every pair within `radius` bits, by comparing all with all. `queries`, `codes`: uint64, shape (n, 4)."""
    pairs = [np.empty((0, 3), np.int64)]
    for number, query in enumerate(queries):
        distance = np.bitwise_count(codes ^ query).sum(axis=1, dtype=np.int64)
        rows = np.flatnonzero(distance <= radius)
        pairs.append(np.stack([np.full(len(rows), number), rows, distance[rows]], axis=1))
    return Found.of(np.concatenate(pairs))


def radius_search(queries: NDArray[np.uint64], codes: NDArray[np.uint64], radius: int) -> Found:
    """The same, compiled: about a nanosecond a pair. Right for some thousands of codes; `mih` is for more."""
    if not needs_compiled(len(queries) * len(codes)):
        distance = np.bitwise_count(queries[:, np.newaxis] ^ codes).sum(axis=2, dtype=np.int64)
        query, row = np.nonzero(distance <= radius)
        return Found.of(np.stack([query, row, distance[query, row]], axis=1))
    return Found.of(compiled().scan(frozen(queries), frozen(codes), radius))


@cache
def compiled() -> Any:  # noqa: ANN401 - a module
    """The compiled code. Loading it takes some 0.3 s of CPU, which who searches a small bank need not pay."""
    from safelight.match import hamming_kernel  # noqa: PLC0415 - see above

    return hamming_kernel


def needs_compiled(work: int) -> bool:
    """Whether to use the compiled code: it is there already, or the work is worth loading it."""
    return work > LITTLE_WORK or compiled.cache_info().currsize > 0
