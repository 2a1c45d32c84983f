"""The PDQ index beside faiss: IndexBinaryFlat's range search, and IndexBinaryMultiHash, ThreatExchange's default.

All search one query at a time, on one thread, for everything within 31 bits; the time is the process's CPU time, in
rounds in which all take turns. Ours is timed as the product calls it (`FileIndex.search`), once with its tables in
memory of its own, on huge pages where the kernel gives them, and once in the mapped files. The codes are random ones,
with codes of real pictures (PDQ of crops, in all eight dihedral forms) and two clusters of 5,000 near-identical codes
among them. Queries that are timed are stored random codes with 0 to 31 bits flipped.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.adapter.index import FileIndex, FileIndexRoom, Tuning
from safelight.bench.common import Row, at_least, at_most, informs, require, shared_pictures, texture
from safelight.fingerprint import pdq
from safelight.match import mih
from safelight.model.bank import Bank, HashChange
from safelight.ports import Hits

RADIUS = 31
CLUSTER = 5000
PAGE = 100_000
"""Changes that `flow.banks.sync_index` hands over at once."""

LINE_AT_100M = 1.5
BUILD_AT_100M = 19
"""What the model of 100 million entries was fitted to: one run in memory, where single queries took 0.93 ms (p50; 142
us at 10 million) and filling the tables 74 s (3.9 s). The machine's caches and page tables help less with more."""

_BANK = Bank(1, "bench")

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Material:
    """Codes to store (uint8, shape (n, 32)); queries from random rows `planted`, and from real codes and clusters."""

    codes: Codes
    timed: Codes
    planted: NDArray[np.int64]
    others: Codes


def run(quick: bool, say: Callable[[str], None]) -> list[Row]:
    """Measure; `quick` leaves out the 10 million codes and takes fewer rounds."""
    require("faiss", "faiss-cpu").omp_set_num_threads(1)
    mih.warm_up()
    pdq.warm_up()
    rows = _at_size(1_000_000, 6 if quick else 20, say)
    if not quick:
        rows += _at_size(10_000_000, 20, say)
    return rows + _size_of_100m()


def _at_size(count: int, rounds: int, say: Callable[[str], None]) -> list[Row]:
    label = f"{count // 1_000_000}M"
    say(f"{label}: drawing codes")
    material = _material(count)
    with tempfile.TemporaryDirectory(prefix="safelight-bench-") as name:
        room = FileIndexRoom(Path(name))
        say(f"{label}: building")
        rows = _build(room, material.codes, label)
        say(f"{label}: comparing with faiss")
        rows += _compare(room, material, label, rounds)
        say(f"{label}: opening and adding")
        rows += _open_and_add(room, count, label)
    return rows


def _material(count: int) -> Material:
    random = np.random.default_rng(count)
    codes = random.integers(0, 256, (count, 32), np.uint8)
    pictured, asked = _pictured(random)
    start = count - len(pictured) - 2 * CLUSTER
    codes[start : -2 * CLUSTER] = pictured
    for cluster, centre in ((codes[-CLUSTER:], pictured[0]), (codes[-2 * CLUSTER : -CLUSTER], codes[0])):
        cluster[:] = centre
        _flip(random, cluster, random.integers(0, 9, CLUSTER))
    planted = random.integers(0, start, 2000)
    timed = codes[planted]
    _flip(random, timed, np.arange(len(timed)) % (RADIUS + 1))
    others = np.concatenate([asked[:100], pictured[:100], codes[-2 * CLUSTER :: 500]])
    _flip(random, others, random.integers(0, 20, len(others)))
    return Material(codes, timed, planted, others)


def _pictured(random: np.random.Generator) -> tuple[Codes, Codes]:
    """PDQ codes of crops of pictures, and of the same crops moved by some pixels."""
    photos = shared_pictures("corpus/photos", 60)
    pictures = [np.array(Image.open(path).convert("RGB")) for path in photos]
    pictures = pictures or [texture(640, 480, seed, grain=12) for seed in range(60)]
    stored: list[str] = []
    asked: list[str] = []
    for picture in pictures:
        for _ in range(16):
            side = int(random.integers(96, min(300, *picture.shape[:2]) - 8))
            top, left = (int(random.integers(0, size - side - 8)) for size in picture.shape[:2])
            moved = int(random.integers(1, 8))
            first = pdq.pdq(np.ascontiguousarray(picture[top : top + side, left : left + side]))
            second = pdq.pdq(np.ascontiguousarray(picture[top : top + side, left + moved : left + moved + side]))
            if first and second:
                stored += first.dihedral
                asked.append(second.hash)
    return _codes(stored), _codes(asked)


def _codes(hexadecimal: Sequence[str]) -> Codes:
    return np.frombuffer(bytes.fromhex("".join(hexadecimal)), np.uint8).reshape(-1, 32)


def _flip(random: np.random.Generator, codes: Codes, counts: NDArray[np.integer]) -> None:
    """Flip as many different bits of each code, in place."""
    for code, count in zip(codes, counts.tolist(), strict=True):
        bits = random.choice(256, count, replace=False)
        np.bitwise_xor.at(code, bits >> 3, (1 << (bits & 7)).astype(np.uint8))


def _build(room: FileIndexRoom, codes: Codes, label: str) -> list[Row]:
    """Fill the index by its port, page by page, as the flow does; the hash id is the row plus 1."""
    total = taking = 0.0
    with closing(room.open(_BANK, write=True)) as index:
        for first in range(0, len(codes), PAGE):
            began = time.perf_counter()
            page = codes[first : first + PAGE]
            changes = [HashChange(seq, seq, code.tobytes()) for seq, code in enumerate(page, first + 1)]
            ready = time.perf_counter()
            index.apply(changes)
            taking += time.perf_counter() - ready
            total += time.perf_counter() - began
        began = time.perf_counter()
    closed = time.perf_counter() - began
    bytes_ = sum(path.stat().st_size for path in room.root.rglob("*") if path.is_file())
    what = f"{label}: build, all of it durable"
    n = len(codes)
    large = n >= 10**7
    more = "100M modelled: build (10M's by the ratio of the tables' times, measured once)"
    return [
        at_most(what, taking + closed, "s", 60, n) if large else informs(what, taking + closed, "s", n),
        *([informs(more, (taking + closed) * BUILD_AT_100M, "s", 1)] if large else []),
        informs(f"{label}: the same with making the changes' objects", total + closed, "s", n),
        at_most(f"{label}: bytes on disk and in memory an entry, code and id included", bytes_ / n, "bytes", 101, n),
    ]


def _compare(room: FileIndexRoom, material: Material, label: str, rounds: int) -> list[Row]:
    """Results and times beside the peers."""
    faiss = require("faiss", "faiss-cpu")
    flat = faiss.IndexBinaryFlat(256)
    flat.add(material.codes)
    small = len(material.codes) <= 10**6
    multi = None
    if small:
        multi = faiss.IndexBinaryMultiHash(256, 16, 16)
        multi.nflip = 1
        multi.add(material.codes)
    with closing(room.open(_BANK)) as mapped, closing(room.open(_BANK)) as own:
        own.make_resident()
        rows = _agreement(own, flat, material, label)
        contestants: dict[str, tuple[Callable[[Codes], object], int]] = {
            "own": (lambda query: own.search(query, RADIUS), 200),
            "mapped": (lambda query: mapped.search(query, RADIUS), 200),
            "far": (lambda query: own.search(query, mih.MAX_RADIUS), 20),
            "flat": (lambda query: flat.range_search(query, RADIUS + 1), 25),  # faiss finds distances below
        }
        if multi is not None:
            contestants["multi"] = (lambda query: multi.range_search(query, RADIUS + 1), 50)
        times = _take_turns(contestants, material.timed, rounds)
        rows += _ratios(times, label, small=small)
        began = time.process_time()
        own.search(material.timed, RADIUS)
        batch = (time.process_time() - began) / len(material.timed)
        rows.append(informs(f"{label}: time a query in a batch", batch * 1e6, "us", len(material.timed)))
        if not small:
            lines = mih.search_cost(mih.layout_for(100_000_000), RADIUS)
            lines /= mih.search_cost(mih.layout_for(len(material.codes)), RADIUS)
            what = f"100M modelled: p50 ({label}'s x {lines:.2f} cache lines x {LINE_AT_100M} for the price of one)"
            p50 = float(np.median(times["own"])) * lines * LINE_AT_100M
            rows.append(informs(what, p50 * 1e6, "us", 1))
    return rows


def _agreement(index: FileIndex, flat: Any, material: Material, label: str) -> list[Row]:  # noqa: ANN401  no types
    """Recall of the planted codes, and equality with the flat scan of all that is found."""
    hits = index.search(material.timed, RADIUS)
    found = set(zip(hits.query.tolist(), (hits.hash_id - 1).tolist(), strict=True))
    recalled = sum((query, row) in found for query, row in enumerate(material.planted.tolist()))
    queries = np.concatenate([material.timed[:200], material.others])
    ours = _sets(index.search(queries, RADIUS), len(queries))
    limits, distances, rows = flat.range_search(queries, RADIUS + 1)
    equal = sum(
        ours[query] == set(zip((rows[a:b] + 1).tolist(), distances[a:b].astype(int).tolist(), strict=True))
        for query, (a, b) in enumerate(zip(limits[:-1].tolist(), limits[1:].tolist(), strict=True))
    )
    n = len(material.timed)
    largest = max(len(one) for one in ours)
    what = f"{label}: queries with the very results of IndexBinaryFlat (real codes and clusters too; at most {largest})"
    return [
        at_least(f"{label}: recall of planted codes", recalled / n, "", 1.0, n),
        at_least(what, 100 * equal / len(queries), "%", 100, len(queries)),
    ]


def _sets(hits: Hits, queries: int) -> list[set[tuple[int, int]]]:
    """What each query found: (hash id, distance)."""
    sets: list[set[tuple[int, int]]] = [set() for _ in range(queries)]
    for query, hash_id, distance in zip(
        hits.query.tolist(), hits.hash_id.tolist(), hits.distance.tolist(), strict=True
    ):
        sets[query].add((hash_id, distance))
    return sets


def _take_turns(
    contestants: dict[str, tuple[Callable[[Codes], object], int]], queries: Codes, rounds: int
) -> dict[str, NDArray[np.float64]]:
    """CPU seconds of single queries: in each round every contestant answers some, other ones each time."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(-1, rounds):  # the first round is not counted
        for name, (search, count) in contestants.items():
            for turn in range(count):
                at = (number * count + turn) % len(queries)
                query = queries[at : at + 1]
                began = time.process_time()
                search(query)
                if number >= 0:
                    times[name].append(time.process_time() - began)
    return {name: np.array(seconds) for name, seconds in times.items()}


def _ratios(times: dict[str, NDArray[np.float64]], label: str, *, small: bool) -> list[Row]:
    p50 = {name: float(np.percentile(seconds, 50)) for name, seconds in times.items()}
    p99 = {name: float(np.percentile(seconds, 99)) for name, seconds in times.items()}
    n = len(times["own"])
    rows = [at_least(f"{label}: flat p50 / our p50", p50["flat"] / p50["own"], "x", 35 if small else 120, n)]
    if small:
        rows.append(at_least(f"{label}: MultiHash p50 / our p50", p50["multi"] / p50["own"], "x", 20, n))
        rows.append(informs(f"{label}: MultiHash p50 / our p50 in mapped files", p50["multi"] / p50["mapped"], "x", n))
    else:
        rows.append(at_least(f"{label}: flat p50 / our p99", p50["flat"] / p99["own"], "x", 80, n))
        rows.append(informs(f"{label}: flat p50 / our p99 in mapped files", p50["flat"] / p99["mapped"], "x", n))
    rows.append(informs(f"{label}: flat p50 / our p50 in mapped files", p50["flat"] / p50["mapped"], "x", n))
    names = {"own": "ours, in own memory", "mapped": "ours, in mapped files", "flat": "IndexBinaryFlat"}
    names |= {"multi": "IndexBinaryMultiHash", "far": f"ours, in own memory, within {mih.MAX_RADIUS} bits"}
    for name, seconds in times.items():
        rows.append(informs(f"{label}: p50 of {names[name]}", p50[name] * 1e6, "us", len(seconds)))
        rows.append(informs(f"{label}: p99 of {names[name]}", p99[name] * 1e6, "us", len(seconds)))
    return rows


def _open_and_add(room: FileIndexRoom, count: int, label: str) -> list[Row]:
    """Opening, one entry more, a full log, and closing. Wall time: most of it is the disk's."""
    opened = []
    for _ in range(20):
        began = time.perf_counter()
        room.open(_BANK).close()
        opened.append(time.perf_counter() - began)
    random = np.random.default_rng(5)
    with closing(room.open(_BANK, write=True)) as index:

        def add(entries: int) -> float:
            first = index.built_to + 1
            changes = [HashChange(seq, seq, random.bytes(32)) for seq in range(first, first + entries)]
            began = time.perf_counter()
            index.apply(changes)
            return time.perf_counter() - began

        added = [add(1) for _ in range(300)]
        add(Tuning().log_rows - len(added))
        flushed = add(1)
    large = count >= 10**7
    opening, adding = f"{label}: open the index", f"{label}: add one entry, durably, p99"
    p99 = float(np.percentile(added, 99)) * 1e3
    return [
        at_most(opening, max(opened) * 1e3, "ms", 100, 20) if large else informs(opening, max(opened) * 1e3, "ms", 20),
        at_most(adding, p99, "ms", 20, len(added)) if large else informs(adding, p99, "ms", len(added)),
        informs(f"{label}: add one entry, durably, p50", float(np.median(added)) * 1e3, "ms", len(added)),
        informs(f"{label}: add the entry that turns a full log into a segment", flushed * 1e3, "ms", 1),
    ]


def _size_of_100m() -> list[Row]:
    """By the format alone; the sizes of the smaller indexes, which are measured, follow from it too."""
    count = 100_000_000
    layout = mih.layout_for(count)
    size = 32 + 4 + 4 * (layout.entries + layout.offsets) / count
    return [
        informs("100M modelled: bytes an entry (code 32, id 4, tables by the format)", size, "bytes", count),
        informs("100M modelled: index in memory or on disk", size * count / 1e9, "GB", count),
    ]
