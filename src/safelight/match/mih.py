"""Exact radius search in large sets of PDQ codes by multi-index hashing.

The 256 bits are cut into substrings, each with a table of its own. When two codes differ in at most T bits, of which
d_i in substring i, and radii r_i satisfy sum(r_i + 1) > T, then somewhere d_i <= r_i: if all were greater there would
be more than T. So looking in each table for everything within r_i of the query's substring, and comparing those whole
codes, misses nothing (M. Norouzi, A. Punjani, D. J. Fleet, "Fast Exact Search in Hamming Space with Multi-Index
Hashing", 2014). With the substrings in a ring, somewhere also d_i + d_next <= r_i + r_next + 1 (J. Qin, C. Xiao,
"Pigeonring: A Principle for Faster Thresholded Similarity Search", 2018), which even some bits of the next substring
tell of most of what would be compared in vain. The radii are chosen for each T by what they cost.

Four choices make it fast and small:

- A table is two flat arrays. Rows are sorted by the top `bits` of their substring (`offsets` say where each bucket
  begins). An entry is one 32-bit word: the row number, and above it, as a tag, the rest of the substring and as much
  of the next one as there is room for. Buckets hold about a dozen entries: one look-up reads two or three cache
  lines, and only for those whose tag fits is a code read.
- Up to some millions of rows the tag has room for much of the next substring; then many short substrings are best.
  With more rows it has not, and fewer, longer ones are.
- A code that is found through several tables is kept by the first of them, which its own bits tell: nothing is
  remembered between tables, and thousands of near-identical codes cost no more than their number.
- PDQ's bits are not independent. One fixed permutation, applied to every code and query, spreads neighbours over the
  substrings; distances do not change.

A query whose buckets are so full that scanning is cheaper (very many identical codes) is scanned.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from math import comb, inf, log2

import numpy as np
from numpy.typing import NDArray

from safelight.match.hamming import CODE_BITS, CODE_BYTES, Found, compiled, frozen, needs_compiled, radius_search

MAX_RADIUS = 40
MAX_ROWS = 1 << 30

SHAPES = ((24, 24, *(16,) * 13), (*(24,) * 6, *(23,) * 4, 20))
"""Widths of the substrings, in ring order: short ones, and long ones. Part of the index format."""

_MOST_BITS = max(map(max, SHAPES))
_LONG_FROM = 6_000_000  # rows from which the long substrings are better; measured
_TABLE_RADIUS = 3  # the most a substring may differ; 11 tables then reach a radius of 43
_BUCKET_LOAD = (18, 8)  # entries a bucket holds on average, for each shape; measured
_SCAN_COST = 1 / 8  # of a scan, per code, in units of one cache line read at a random place; measured
_HEAVY_FLOOR = 4096  # candidates that are compared before a scan is considered instead


class DamagedTableError(Exception):
    """A table leads outside the codes: its memory or file does not hold what was built."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where one substring lies (`start`, `width` in bits of the permuted code) and how many of its top bits bucket.

    The tag holds its other bits and the `next_bits` first ones of the next substring, which are at `next_start`.
    """

    start: int
    width: int
    bits: int
    next_start: int
    next_bits: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Shape of the tables of `rows` codes: one of SHAPES; `bits` bounds the bucket bits of each table."""

    rows: int
    shape: int
    bits: int

    @property
    def row_bits(self) -> int:
        """Bits that a row number takes in an entry; the tag lies above them."""
        return max(1, (self.rows - 1).bit_length())

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in their order."""
        widths = SHAPES[self.shape]
        starts = [sum(widths[:number]) for number in range(len(widths))]
        tables = []
        for number, (start, width) in enumerate(zip(starts, widths, strict=True)):
            after, bits = (number + 1) % len(widths), min(width, self.bits)
            room = 32 - self.row_bits - (width - bits)
            tables.append(Table(start, width, bits, starts[after], max(0, min(room, widths[after]))))
        return tuple(tables)

    @property
    def offsets(self) -> int:
        """Number of uint32 offsets of all tables: 2**bits + 1 each, one table after the other."""
        return sum((1 << table.bits) + 1 for table in self.tables)

    @property
    def entries(self) -> int:
        """Number of uint32 entries: `rows` for each table, one table after the other, and some that are never used."""
        return len(SHAPES[self.shape]) * self.rows + int(compiled().LANES)

    def offsets_of(self, number: int) -> slice:
        """Where the offsets of table `number` are."""
        begin = sum((1 << table.bits) + 1 for table in self.tables[:number])
        return slice(begin, begin + (1 << self.tables[number].bits) + 1)

    def entries_of(self, number: int) -> slice:
        """Where the entries of table `number` are."""
        return slice(number * self.rows, (number + 1) * self.rows)

    def valid(self) -> bool:
        """Can tables be like this? Row number and the rest of every substring must share 32 bits."""
        if not (0 < self.rows <= MAX_ROWS and 0 <= self.shape < len(SHAPES) and 0 < self.bits <= _MOST_BITS):
            return False
        return all(table.width - table.bits + self.row_bits <= 32 for table in self.tables)


def layout_for(rows: int) -> Layout:
    """The layout in which `rows` (1 to MAX_ROWS) codes are searched soonest. Raises ValueError beyond."""
    if not 0 < rows <= MAX_ROWS:
        raise ValueError(f"tables hold 1 to {MAX_ROWS} codes, not {rows}")
    shape = int(rows >= _LONG_FROM)
    return Layout(rows, shape, min(_MOST_BITS, max(4, round(log2(rows / _BUCKET_LOAD[shape])))))


@dataclass(frozen=True, slots=True)
class MultiIndex:
    """Codes with their tables, ready for search.

    `codes`: uint64, shape (rows, 4), permuted (see `permute`). `offsets`, `entries`: uint32, `layout.offsets` and
    `layout.entries` long, filled by `fill_table`. The arrays may lie in mapped files; they are never written.
    Raises ValueError when the shapes are not those of the layout.
    """

    layout: Layout
    codes: NDArray[np.uint64]
    offsets: NDArray[np.uint32]
    entries: NDArray[np.uint32]

    def __post_init__(self) -> None:
        shapes = (self.codes.shape, self.offsets.shape, self.entries.shape)
        wanted = ((self.layout.rows, 4), (self.layout.offsets,), (self.layout.entries,))
        if shapes != wanted or not self.layout.valid():
            raise ValueError(f"arrays of shapes {shapes} do not fit a layout of {wanted}")
        for name in ("codes", "offsets", "entries"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @classmethod
    def build(cls, codes: NDArray[np.uint64], layout: Layout | None = None) -> "MultiIndex":
        """The tables of at least one permuted code, in memory; `layout` is by default that for so many."""
        layout = layout or layout_for(len(codes))
        offsets, entries = np.empty(layout.offsets, np.uint32), np.zeros(layout.entries, np.uint32)
        for number in range(len(layout.tables)):
            fill_table(layout, number, codes, offsets[layout.offsets_of(number)], entries[layout.entries_of(number)])
        return cls(layout, codes, offsets, entries)

    def search(self, queries: NDArray[np.uint64], radius: int) -> Found:
        """Every row within `radius` bits of each query. `queries`: uint64, shape (n, 4), permuted.

        Raises DamagedTableError.
        """
        plan = _plan(self.layout, radius)
        if plan is None:
            return radius_search(queries, self.codes, radius)
        status = np.empty(len(queries) + 1, np.uint8)
        pairs = compiled().search(
            frozen(queries),
            radius,
            self.codes,
            self.offsets,
            self.entries,
            plan.tables,
            plan.masks,
            plan.flips,
            plan.row_bits,
            plan.heavy,
            status,
        )
        if status[-1] != compiled().SERVED:
            pairs = np.concatenate([pairs, self._scan_heavy(queries, radius, status)])
        return Found.of(pairs)

    def _scan_heavy(self, queries: NDArray[np.uint64], radius: int, status: NDArray[np.uint8]) -> NDArray[np.int64]:
        """What a scan finds for the queries that the kernel gave up."""
        if status[-1] == compiled().CORRUPT:
            raise DamagedTableError("a table of the index leads outside its codes")
        heavy = np.flatnonzero(status[:-1])
        scanned: NDArray[np.int64] = compiled().scan(frozen(queries[heavy]), self.codes, radius)
        scanned[:, 0] = heavy[scanned[:, 0]]
        return scanned


def fill_table(
    layout: Layout,
    number: int,
    codes: NDArray[np.uint64],
    offsets: NDArray[np.uint32],
    entries: NDArray[np.uint32],
) -> None:
    """Build table `number` of permuted `codes` into `offsets` and `entries` (its own parts, uint32)."""
    table = layout.tables[number]
    own, after = (table.start, table.width, table.bits), (table.next_start, table.next_bits)
    compiled().fill_table(frozen(codes), *own, *after, layout.row_bits, offsets, entries)


def permute(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The codes (uint64, shape (n, 4)) with their bits in the order that the tables use; a new array, read-only."""
    if not needs_compiled(CODE_BITS * len(codes)):
        return permute_reference(codes)
    permuted = np.empty((len(codes), 4), np.uint64)
    compiled().permute(frozen(codes), _moves(), permuted)
    permuted.flags.writeable = False
    return permuted


def permute_reference(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The same, bit by bit."""
    bits = np.unpackbits(codes.view(np.uint8).reshape(-1, CODE_BYTES), axis=1, bitorder="little")
    moved = np.empty_like(bits)
    moved[:, list(permutation())] = bits
    return frozen(np.packbits(moved, axis=1, bitorder="little").view(np.uint64))


def search_cost(layout: Layout, radius: int) -> float:
    """Cache lines that a search within `radius` bits is expected to read, by the tables alone; random codes."""
    return _cheapest_radii(layout, radius)[0]


@cache
def permutation() -> tuple[int, ...]:
    """Where each bit of a code goes: bit `i` becomes bit `permutation()[i]`. Part of the index format.

    A Fisher-Yates shuffle driven by splitmix64 from state 0 (S. Vigna, public domain).
    """
    state, places = 0, list(range(CODE_BITS))
    for last in range(CODE_BITS - 1, 0, -1):
        state = (state + 0x9E3779B97F4A7C15) % (1 << 64)
        mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % (1 << 64)
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % (1 << 64)
        other = (mixed ^ (mixed >> 31)) % (last + 1)
        places[last], places[other] = places[other], places[last]
    return tuple(places)


def warm_up() -> None:
    """Load the compiled kernels, or compile them (some seconds, once on a machine), before time matters."""
    codes = permute(np.arange(4 * 64, dtype=np.uint64).reshape(-1, 4))
    index = MultiIndex.build(codes)
    pairs = compiled().scan(frozen(codes), index.codes, 0)
    assert len(index.search(codes, 0).row) == len(pairs) == len(codes)


@cache
def _moves() -> NDArray[np.uint64]:
    """For each four bits of a code and each of their 16 values, the words they become: uint64, shape (64, 16, 4)."""
    moves = np.zeros((CODE_BITS // 4, 16, CODE_BITS // 64), np.uint64)
    for bit, place in enumerate(permutation()):
        with_bit = np.arange(16) >> (bit % 4) & 1
        moves[bit // 4, :, place // 64] |= with_bit.astype(np.uint64) << np.uint64(place % 64)
    return moves


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a radius is searched for: the kernel's table descriptions, the bucket flips they point to, its numbers."""

    tables: NDArray[np.int64]
    masks: NDArray[np.uint32]
    flips: NDArray[np.uint32]
    row_bits: int
    heavy: int


@lru_cache(maxsize=256)  # few layouts are alive at a time, however many a long-lived process has seen
def _plan(layout: Layout, radius: int) -> _Plan | None:
    """The cheapest radii for the tables; None when a scan is expected to be cheaper still."""
    if radius < 0:
        raise ValueError(f"a radius is not negative: {radius}")
    cost, radii = _cheapest_radii(layout, radius)
    if cost >= layout.rows * _SCAN_COST:
        return None
    described: list[tuple[int, ...]] = []
    masks: list[int] = []
    flips: list[int] = []
    for number, (table, radius_here) in enumerate(zip(layout.tables, radii, strict=True)):
        if radius_here < 0:
            continue
        flipped = [bits for size in range(radius_here + 1) for bits in combinations(range(table.bits), size)]
        reach = radius_here + radii[(number + 1) % len(radii)] + 1
        described.append(
            (
                *(table.start, table.width, table.bits, table.next_start, table.next_bits),
                *(radius_here, reach, len(flipped)),
                *(layout.offsets_of(number).start, layout.entries_of(number).start, len(masks)),
            )
        )
        masks += [sum(1 << bit for bit in bits) for bits in flipped]
        flips += [len(bits) for bits in flipped]
    return _Plan(
        np.array(described, np.int64),
        np.array(masks, np.uint32),
        np.array(flips, np.uint32),
        layout.row_bits,
        max(_HEAVY_FLOOR, layout.rows // 8),
    )


def _cheapest_radii(layout: Layout, radius: int) -> tuple[float, tuple[int, ...]]:
    """Radii (-1: not probed) with sum(r_i + 1) = radius + 1 and their cost in cache lines; cost inf if none are."""
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for table in layout.tables:
        prices = [_cost(layout.rows, table, here) for here in range(-1, _TABLE_RADIUS + 1)]
        longer: dict[int, tuple[float, tuple[int, ...]]] = {}
        for covered, (cost, radii) in best.items():
            for here, price in enumerate(prices, -1):
                total = covered + here + 1
                if total <= radius + 1 and cost + price < longer.get(total, (inf, ()))[0]:
                    longer[total] = cost + price, (*radii, here)
        best = longer
    return best.get(radius + 1, (inf, ()))


def _cost(rows: int, table: Table, radius: int) -> float:
    """Cache lines read to probe `table` for `radius`, with random codes and a next table of the same radius.

    16 offsets are in one line. The lines of a bucket follow each other, so all but the first cost about a third.
    """
    flips = range(radius + 1)
    offsets = sum(comb(table.bits - 4, k) for k in flips)
    more = rows / (1 << table.bits) * 4 / 64
    entries = sum(comb(table.bits, k) for k in flips) * (1 + more / 3)
    pairs = sum(
        comb(table.width, k) * sum(comb(table.next_bits, after) for after in range(2 * radius + 2 - k)) for k in flips
    )
    return offsets + entries + rows * pairs / (1 << (table.width + table.next_bits))
