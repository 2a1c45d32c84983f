"""The compiled part of radius search. One file, because numba notices a change only in the file it cached.

Nothing is compiled at import; `mih.warm_up` compiles, or loads from numba's cache. Codes are rows of four 64-bit
words; bit `i` of a code is bit `i % 64` of word `i // 64`. `mih` explains the tables and is the only caller.

The search of a large index waits for memory, not for arithmetic, so each of its three steps asks early for what the
next one will read (`_prefetch`), and candidates are told from the rest 16 at a time without a branch (`_sift16`).
Positions and row numbers read from a table are checked before use: a damaged file gives CORRUPT, never a wild read.
Two habits of numba shape the inner loops: an index that is not unsigned is tested for counting from the end, and a
loop in which an array changes its name counts references at every turn.
"""

# ruff: noqa: ANN401  numba hands typing and code-generation objects to intrinsics; none of them has a published type

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types; numba is built on it
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

LANES = 16  # entries looked at in one step; a table is padded by as many
SERVED, HEAVY, CORRUPT = 0, 1, 2

# Columns of the table description that `mih` hands over, one row for each table that is probed.
START, WIDTH, BITS, NEXT_START, NEXT_BITS, RADIUS, REACH, PROBES, OFFSETS, ENTRIES, MASKS = range(11)

_CANDIDATES = 1024  # candidates gathered before they are compared: 16 KiB
_BLOCK = 4096  # rows scanned before room for more hits is made


_declare: Any = cgutils.get_or_insert_function


def _emit_popcount(_context: Any, word: Any) -> Any:
    """Number of set bits of an unsigned integer, in its own type."""

    def emit(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), emit


def _emit_lowest(_context: Any, word: Any) -> Any:
    """Index of the lowest set bit of an unsigned integer that is not 0."""

    def emit(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return word(word), emit


def _emit_prefetch(_context: Any, array: Any, _index: Any) -> Any:
    """Ask for the cache line of `array[index]` (one dimension). A hint: any index is safe."""

    def emit(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = target.make_array(signature.args[0])(target, builder, arguments[0]).data
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        hint = _declare(builder.module, kind, "llvm.prefetch")
        read, keep, of_data = ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)
        builder.call(hint, [builder.bitcast(builder.gep(data, [arguments[1]]), byte), read, keep, of_data])
        return target.get_dummy_value()

    return types.void(array, types.int64), emit


def _emit_sift16(
    _context: Any, entries: Any, _index: Any, _shift: Any, _tag: Any, _own: Any, _radius: Any, _reach: Any
) -> Any:
    """Which of `entries[index : index + 16]` carry a near enough tag (the bits above `shift`).

    It differs from `tag` in at most `reach` bits, and in at most `radius` of those in `own`. Bit `k` of the result
    stands for entry `index + k`. Plain LLVM vector code: one instruction each with AVX-512, a few with less; numba
    itself unrolls such a loop and then does not vectorise it.
    """

    def emit(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = target.make_array(signature.args[0])(target, builder, arguments[0]).data
        word = ir.IntType(32)
        vector = ir.VectorType(word, LANES)
        nothing, first = ir.Constant(vector, ir.Undefined), ir.Constant(vector, [0] * LANES)
        count = _declare(builder.module, ir.FunctionType(vector, [vector]), f"llvm.ctpop.v{LANES}i32")

        def all_lanes(value: Any) -> Any:
            one = builder.insert_element(nothing, value, ir.Constant(word, 0))
            return builder.shuffle_vector(one, nothing, first)

        def within(bits: Any, limit: Any) -> Any:
            return builder.icmp_unsigned("<=", builder.call(count, [bits]), all_lanes(limit))

        _, _, shift, tag, own, radius, reach = arguments
        lanes = builder.load(builder.bitcast(builder.gep(data, [arguments[1]]), vector.as_pointer()))
        lanes.align = 4
        differing = builder.xor(builder.lshr(lanes, all_lanes(shift)), all_lanes(tag))
        near = builder.and_(within(differing, reach), within(builder.and_(differing, all_lanes(own)), radius))
        return builder.zext(builder.bitcast(near, ir.IntType(LANES)), word)

    return types.uint32(entries, types.int64, *[types.uint32] * 5), emit


_popcount: Any = intrinsic(_emit_popcount)
_lowest: Any = intrinsic(_emit_lowest)
_prefetch: Any = intrinsic(_emit_prefetch)
_sift16: Any = intrinsic(_emit_sift16)


@njit(cache=True, nogil=True)
def permute(codes: NDArray[np.uint64], moves: NDArray[np.uint64], out: NDArray[np.uint64]) -> None:
    """Move the bits of each code; `moves[k, v]` is where value `v` of its `k`-th four bits puts its bits."""
    for i in range(codes.shape[0]):
        a, b, c, d = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
        for k in range(64):
            to = moves[k, np.int64((codes[i, k >> 4] >> np.uint64(4 * (k & 15))) & np.uint64(15))]
            a |= to[0]
            b |= to[1]
            c |= to[2]
            d |= to[3]
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = a, b, c, d


@njit(cache=True, nogil=True)
def _room_for(found: NDArray[np.int64], used: int, more: int) -> NDArray[np.int64]:
    """`found` itself, or a copy at least twice as long, so that `more` rows fit after the `used` ones."""
    if used + more <= found.shape[0]:
        return found
    wider = np.empty((max(2 * found.shape[0], used + more), 3), np.int64)
    wider[:used] = found[:used]
    return wider


@njit(cache=True, nogil=True)
def scan(queries: NDArray[np.uint64], codes: NDArray[np.uint64], radius: int) -> NDArray[np.int64]:
    """Compare every query with every code; rows of (query, row, distance) in that order."""
    found, used = np.empty((_BLOCK, 3), np.int64), 0
    for query in range(queries.shape[0]):
        a, b, c, d = queries[query, 0], queries[query, 1], queries[query, 2], queries[query, 3]
        for first in range(0, codes.shape[0], _BLOCK):
            last = min(first + _BLOCK, codes.shape[0])
            found = _room_for(found, used, _BLOCK)
            for row in range(first, last):
                bits = _popcount(codes[row, 0] ^ a) + _popcount(codes[row, 1] ^ b)
                bits += _popcount(codes[row, 2] ^ c) + _popcount(codes[row, 3] ^ d)
                if np.int64(bits) <= radius:
                    found[used, 0], found[used, 1], found[used, 2] = query, row, np.int64(bits)
                    used += 1
    return found[:used]


@njit(cache=True, nogil=True)
def _substring(a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, start: int, width: int) -> np.uint64:
    """Bits `start` to `start + width - 1` (width 0 to 63) of the code (a, b, c, d)."""
    word, shift = start >> 6, np.uint64(start & 63)
    low = a if word == 0 else b if word == 1 else c if word == 2 else d
    value = low >> shift
    if (start & 63) + width > 64:
        high = b if word == 0 else c if word == 1 else d
        value |= high << (np.uint64(64) - shift)
    return value & ((np.uint64(1) << np.uint64(width)) - np.uint64(1))


@njit(cache=True, nogil=True)
def fill_table(
    codes: NDArray[np.uint64],
    start: int,
    width: int,
    bits: int,
    next_start: int,
    next_bits: int,
    row_bits: int,
    offsets: NDArray[np.uint32],
    entries: NDArray[np.uint32],
) -> None:
    """Sort the rows by the top `bits` of one substring (a counting sort: two passes over the codes).

    `offsets` (2**bits + 1) and `entries` (rows) are written whole. An entry is, from its low bits up: the row number
    (`row_bits`), `next_bits` bits of the code from `next_start` on, and what remains of the substring.
    """
    tag_bits = np.uint64(width - bits)
    tag_mask = (np.uint64(1) << tag_bits) - np.uint64(1)
    offsets[:] = 0
    for row in range(codes.shape[0]):
        value = _substring(codes[row, 0], codes[row, 1], codes[row, 2], codes[row, 3], start, width)
        offsets[np.int64(value >> tag_bits) + 1] += np.uint32(1)
    total = np.uint32(0)
    for bucket in range(1, offsets.shape[0]):
        count = offsets[bucket]
        offsets[bucket] = total
        total += count
    # offsets[k + 1] now is where bucket k begins; filling it moves that to where it ends.
    for row in range(codes.shape[0]):
        a, b, c, d = codes[row, 0], codes[row, 1], codes[row, 2], codes[row, 3]
        value = _substring(a, b, c, d, start, width)
        tag = ((value & tag_mask) << np.uint64(next_bits)) | _substring(a, b, c, d, next_start, next_bits)
        place = np.int64(value >> tag_bits) + 1
        entries[offsets[place]] = np.uint32((tag << np.uint64(row_bits)) | np.uint64(row))
        offsets[place] += np.uint32(1)


@njit(cache=True, nogil=True)
def _look_up(
    words: NDArray[np.uint64],
    rows: int,
    offsets: NDArray[np.uint32],
    entries: NDArray[np.uint32],
    tables: NDArray[np.int64],
    masks: NDArray[np.uint32],
    begin: NDArray[np.int64],
    length: NDArray[np.int64],
) -> bool:
    """First step: where each probed bucket lies, asking for its entries. False when the offsets are damaged."""
    damage = 0
    for number in range(tables.shape[0]):
        width, first_probe = tables[number, WIDTH], tables[number, MASKS]
        value = _substring(words[0], words[1], words[2], words[3], tables[number, START], width)
        bucket = np.uint32(value >> np.uint64(width - tables[number, BITS]))
        offsets_at, entries_at = np.uint64(tables[number, OFFSETS]), tables[number, ENTRIES]
        for probe in range(first_probe, first_probe + tables[number, PROBES]):
            at = offsets_at + np.uint64(bucket ^ masks[np.uint64(probe)])
            first, end = np.int64(offsets[at]), np.int64(offsets[at + np.uint64(1)])
            damage |= int(first > end) | int(end > rows)
            begin[np.uint64(probe)] = entries_at + first
            length[np.uint64(probe)] = end - first
            _prefetch(entries, entries_at + first)
            _prefetch(entries, entries_at + end)
    return damage == 0


@njit(cache=True, nogil=True)
def _gather(
    words: NDArray[np.uint64],
    codes: NDArray[np.uint64],
    entries: NDArray[np.uint32],
    tables: NDArray[np.int64],
    flips: NDArray[np.uint32],
    row_bits: int,
    begin: NDArray[np.int64],
    length: NDArray[np.int64],
    start: int,
    candidates: NDArray[np.int64],
) -> tuple[int, int]:
    """Second step: the entries whose tag is near enough, from table `start` on; asks for their codes.

    Writes (row, table) of each; returns how many there are and the table to go on with. It stops when `candidates` is
    full; `begin` and `length` then say what is left of the buckets.
    """
    flat = codes.reshape(codes.size)
    shift, row_mask = np.uint32(row_bits), (np.uint32(1) << np.uint32(row_bits)) - np.uint32(1)
    count = 0
    for number in range(start, tables.shape[0]):
        rest, after_bits = tables[number, WIDTH] - tables[number, BITS], tables[number, NEXT_BITS]
        value = _substring(words[0], words[1], words[2], words[3], tables[number, START], rest)
        after = _substring(words[0], words[1], words[2], words[3], tables[number, NEXT_START], after_bits)
        tag = np.uint32((value << np.uint64(after_bits)) | after)
        own = np.uint32(((1 << rest) - 1) << after_bits)
        most, most_both, first_probe = tables[number, RADIUS], tables[number, REACH], tables[number, MASKS]
        for probe in range(first_probe, first_probe + tables[number, PROBES]):
            flipped = flips[np.uint64(probe)]
            radius, reach = np.uint32(most - flipped), np.uint32(most_both - flipped)
            at, left = np.uint64(begin[np.uint64(probe)]), length[np.uint64(probe)]
            while left > 0:
                near = _sift16(entries, np.int64(at), shift, tag, own, radius, reach)
                if left < LANES:
                    near &= (np.uint32(1) << np.uint32(left)) - np.uint32(1)
                while near != np.uint32(0):
                    row = np.int64(entries[at + np.uint64(_lowest(near))] & row_mask)
                    _prefetch(flat, row * 4)
                    candidates[np.uint64(count), 0], candidates[np.uint64(count), 1] = row, number
                    count += 1
                    near &= near - np.uint32(1)
                at += np.uint64(LANES)
                left -= LANES
                if count >= _CANDIDATES:
                    begin[probe], length[probe] = at, left
                    length[first_probe:probe] = 0
                    return count, number
    return count, tables.shape[0]


@njit(cache=True, nogil=True)
def _compare(
    query: int,
    words: NDArray[np.uint64],
    radius: int,
    codes: NDArray[np.uint64],
    tables: NDArray[np.int64],
    candidates: NDArray[np.int64],
    count: int,
    found: NDArray[np.int64],
    used: int,
) -> tuple[NDArray[np.int64], int, bool]:
    """Third step: the whole codes of `count` candidates. A hit is kept in the first table that leads to it."""
    found = _room_for(found, used, count)
    for k in range(count):
        row = candidates[k, 0]
        if row >= codes.shape[0]:
            return found, used, False
        a, b = codes[row, 0] ^ words[0], codes[row, 1] ^ words[1]
        c, d = codes[row, 2] ^ words[2], codes[row, 3] ^ words[3]
        bits = np.int64(_popcount(a) + _popcount(b) + _popcount(c) + _popcount(d))
        if bits > radius:
            continue
        fresh = True
        for t in range(candidates[k, 1]):
            own = np.int64(_popcount(_substring(a, b, c, d, tables[t, START], tables[t, WIDTH])))
            after = np.int64(_popcount(_substring(a, b, c, d, tables[t, NEXT_START], tables[t, NEXT_BITS])))
            if own <= tables[t, RADIUS] and own + after <= tables[t, REACH]:
                fresh = False
                break
        if fresh:
            found[used, 0], found[used, 1], found[used, 2] = query, row, bits
            used += 1
    return found, used, True


@njit(cache=True, nogil=True)
def search(
    queries: NDArray[np.uint64],
    radius: int,
    codes: NDArray[np.uint64],
    offsets: NDArray[np.uint32],
    entries: NDArray[np.uint32],
    tables: NDArray[np.int64],
    masks: NDArray[np.uint32],
    flips: NDArray[np.uint32],
    row_bits: int,
    heavy: int,
    status: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Search by the tables: rows of (query, row, distance).

    `status` becomes SERVED, HEAVY or CORRUPT for each query, and the worst of these behind them. `masks` are what to
    change a bucket's number by, for one table after the other, and `flips` their set bits. A query that leads to more
    than `heavy` candidates is given up (HEAVY, nothing found): a scan serves it sooner.
    """
    begin, length = np.empty(masks.size, np.int64), np.empty(masks.size, np.int64)
    candidates = np.empty((_CANDIDATES + LANES, 2), np.int64)
    found, used = np.empty((64, 3), np.int64), 0
    status[queries.shape[0]] = SERVED
    for query in range(queries.shape[0]):
        words, before, seen, number = queries[query], used, 0, 0
        sound = _look_up(words, codes.shape[0], offsets, entries, tables, masks, begin, length)
        while sound and number < tables.shape[0] and seen <= heavy:
            count, number = _gather(words, codes, entries, tables, flips, row_bits, begin, length, number, candidates)
            found, used, sound = _compare(query, words, radius, codes, tables, candidates, count, found, used)
            seen += count
        status[query] = SERVED
        if not sound or seen > heavy:
            status[query], used = HEAVY if sound else CORRUPT, before
            status[queries.shape[0]] = max(status[queries.shape[0]], status[query])
    return found[:used]
