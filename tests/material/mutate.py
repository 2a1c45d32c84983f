"""Broken files without end: valid small files of every format, each bent in one way. Deterministic by seed.

Every mutation has the same shape, so that a new one is a function and a line in MUTATIONS.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
from numpy.random import Generator

from tests.material.seeds import seeds

MOST_BYTES = 20_000

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_TOKENS = (
    b"\xff\xd8\xff",
    b"\xff\xda",
    b"\xff\xd9",
    b"IHDR",
    b"IDAT",
    b"IEND",
    b"acTL",
    b"GIF89a",
    b"\x21\xf9\x04",
    b"RIFF",
    b"VP8X",
    b"ANMF",
    b"II*\0",
    b"ftypavif",
    b"ispe",
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"ustar",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07\x01\0",
    b"\x1f\x8b\x08",
)
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


class Mutant(NamedTuple):
    """A broken file. `name` is unique in its run and fit for a file name; `note` says what was done to which file."""

    name: str
    data: bytes
    note: str


Mutation = Callable[[Generator, bytes, bytes], bytes]
"""(generator, the file, another valid file) to the broken file."""


def mutants(seed: int, count: int, extra: Mapping[str, bytes] | None = None) -> Iterator[Mutant]:
    """`count` broken files, made one at a time: every format under every mutation in turn, then round again.

    `extra` adds valid files by name (with suffix) to those of `seeds()`, for instance HEIC ones from a corpus.
    """
    files = list({**seeds(), **(extra or {})}.items())
    kinds = list(MUTATIONS.items())
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        name, data = files[number % len(files)]
        kind, mutate = kinds[(number // len(files) + number) % len(kinds)]
        other = files[rng.integers(len(files))][1]
        broken = mutate(rng, data, other)[:MOST_BYTES]
        if broken == data:  # an extreme was there already
            broken = data[:-1]
        note = f"{kind} of {name}"
        if broken.startswith(_PNG_MAGIC) and rng.random() < 0.5:
            broken, note = with_right_checksums(broken), f"{note}, checksums made right"
        stem, _, suffix = name.partition(".")
        yield Mutant(f"{number:05d}-{stem}-{kind}.{suffix}", broken, note)


def with_right_checksums(data: bytes) -> bytes:
    """A PNG whose chunks, as far as they can be followed, have right CRCs: decoders then look at their contents."""
    out = bytearray(data)
    at = len(_PNG_MAGIC)
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = struct.pack(">I", zlib.crc32(out[at + 4 : end]))
        at = end + 4
    return bytes(out)


def _flip_bits(rng: Generator, data: bytes, _: bytes) -> bytes:
    out = bytearray(data)
    for place in rng.integers(0, len(out), int(rng.integers(1, 17))):
        out[place] ^= 1 << int(rng.integers(8))
    return bytes(out)


def _flip_head(rng: Generator, data: bytes, _: bytes) -> bytes:
    """Bits among the first 64 bytes, where headers are."""
    return _flip_bits(rng, data[:64], b"") + data[64:]


def _overwrite(rng: Generator, data: bytes, _: bytes) -> bytes:
    """A run of equal or random bytes."""
    start, size = _span(rng, data, 64)
    run = rng.bytes(size) if rng.random() < 0.5 else bytes([int(rng.choice([0, 0xFF, 0x41]))]) * size
    return data[:start] + run + data[start + size :]


def _truncate(rng: Generator, data: bytes, _: bytes) -> bytes:
    """Often near the start or the end, where parsers decide."""
    share = rng.choice([rng.uniform(0, 0.05), rng.random(), rng.uniform(0.97, 1)])
    return data[: int(len(data) * share)]


def _bend_length(rng: Generator, data: bytes, _: bytes) -> bytes:
    """One to three 16- or 32-bit numbers, of either byte order, set to an extreme or moved by one."""
    out = bytearray(data)
    for _again in range(int(rng.integers(1, 4))):
        size = int(rng.choice([2, 4]))
        reach = min(len(out), 512) if rng.random() < 0.7 else len(out)
        place = int(rng.integers(0, max(reach - size, 1)))
        order: Literal["little", "big"] = "little" if rng.random() < 0.5 else "big"
        value = int.from_bytes(out[place : place + size], order)
        value = value + int(rng.choice([-1, 1])) if rng.random() < 0.3 else int(rng.choice(_EXTREMES))
        out[place : place + size] = (value % (1 << 8 * size)).to_bytes(size, order)
    return bytes(out)


def _splice(rng: Generator, data: bytes, other: bytes) -> bytes:
    """The head of one file and the tail of another."""
    return data[: int(rng.integers(1, len(data)))] + other[int(rng.integers(0, len(other))) :]


def _repeat(rng: Generator, data: bytes, _: bytes) -> bytes:
    """A piece of the file put in again, one to eight times, behind itself or elsewhere."""
    start, size = _span(rng, data, 1024)
    place = start + size if rng.random() < 0.6 else int(rng.integers(0, len(data)))
    return data[:place] + data[start : start + size] * int(rng.integers(1, 9)) + data[place:]


def _cut_out(rng: Generator, data: bytes, _: bytes) -> bytes:
    start, size = _span(rng, data, 256)
    return data[:start] + data[start + size :]


def _append(rng: Generator, data: bytes, other: bytes) -> bytes:
    """Another whole file, or noise, after the end."""
    return data + (other if rng.random() < 0.5 else rng.bytes(int(rng.integers(1, 2000))))


def _wrap(rng: Generator, data: bytes, other: bytes) -> bytes:
    """Another file's start put in front."""
    return other[: int(rng.integers(1, 600))] + data


def _token(rng: Generator, data: bytes, _: bytes) -> bytes:
    """A marker of some format written over a random place, or put in there."""
    token = _TOKENS[rng.integers(len(_TOKENS))]
    place = int(rng.integers(0, len(data)))
    keep = place if rng.random() < 0.5 else place + len(token)
    return data[:place] + token + data[keep:]


def _span(rng: Generator, data: bytes, most: int) -> tuple[int, int]:
    """Start and size (at least 1) of a random piece."""
    start = int(rng.integers(0, len(data)))
    return start, min(int(rng.integers(1, most + 1)), len(data) - start)


MUTATIONS: dict[str, Mutation] = {
    "flip-bits": _flip_bits,
    "flip-head": _flip_head,
    "overwrite": _overwrite,
    "truncate": _truncate,
    "bend-length": _bend_length,
    "splice": _splice,
    "repeat": _repeat,
    "cut-out": _cut_out,
    "append": _append,
    "wrap": _wrap,
    "token": _token,
}
