"""The hash tree of RFC 6962, section 2.1: its root, proofs from stored nodes, and their check.

A node is named by its level (0: leaves) and its index there, and is complete: it has all of its 2**level leaves. A
tree of any size is a few complete nodes side by side, its peaks, which is all that has to be known to go on. Hashes
are 32 bytes here.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

EMPTY = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""

Node = Callable[[int, int], bytes]
"""Gives the complete node at a level and an index."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node from those of its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, word for word as RFC 6962 defines it: the obvious version, for short lists."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(root(leaves[:split]), root(leaves[split:]))


@dataclass(frozen=True, slots=True)
class Peaks:
    """A tree of `size` leaves as its complete nodes, the largest (leftmost) first: one for each bit of `size`."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()


def peaks_of(size: int, node: Node) -> Peaks:
    """The tree of this size, from stored nodes."""
    return Peaks(size, tuple(node(level, index) for level, index in _peaks(0, size)))


def append(peaks: Peaks, leaf: bytes) -> tuple[Peaks, list[tuple[int, int, bytes]]]:
    """The tree with one more leaf; and the nodes that it completes, as level, index and hash: the leaf first."""
    hashes, level, index = list(peaks.hashes), 0, peaks.size
    new = [(level, index, leaf)]
    while index & 1:
        leaf = node_hash(hashes.pop(), leaf)
        level, index = level + 1, index >> 1
        new.append((level, index, leaf))
    return Peaks(peaks.size + 1, (*hashes, leaf)), new


def root_of(peaks: Peaks) -> bytes:
    """The root of the tree."""
    return _joined(peaks.hashes) if peaks.hashes else EMPTY


def inclusion(position: int, size: int, node: Node) -> list[bytes]:
    """The proof that leaf `position` is in the tree of `size`: RFC 6962, section 2.1.1. Raises ValueError."""
    if not 0 <= position < size:
        raise ValueError(f"a tree of {size} entries has no entry {position}")
    return _path(position, 0, size, node)


def consistency(first: int, second: int, node: Node) -> list[bytes]:
    """The proof that the tree of `first` begins that of `second`: RFC 6962, section 2.1.2. Raises ValueError."""
    if not 0 < first <= second:
        raise ValueError(f"no tree of {first} entries is the beginning of one of {second}")
    return _subproof(first, 0, second, node, known=True)


def verify_inclusion(leaf: bytes, position: int, size: int, path: Sequence[bytes], root_hash: bytes) -> bool:
    """Whether the path leads from the leaf to the root: RFC 9162, section 2.1.3.2."""
    if not 0 <= position < size:
        return False
    index, last, found = position, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            found = node_hash(beside, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        index, last = index >> 1, last >> 1
    return last == 0 and found == root_hash


def verify_consistency(first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Whether the path proves that one tree begins the other: RFC 9162, section 2.1.4.2."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = list(path) if first & (first - 1) else [first_root, *path]
    if not hashes:
        return False
    index, last = first - 1, second - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        index, last = index >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _peaks(start: int, end: int) -> list[tuple[int, int]]:
    """The complete nodes that leaves `start` to `end` fall into; `start` is a multiple of the largest of them."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _joined(hashes: Sequence[bytes]) -> bytes:
    *others, found = hashes
    for left in reversed(others):
        found = node_hash(left, found)
    return found


def _subtree(start: int, end: int, node: Node) -> bytes:
    """The hash over leaves `start` to `end`, one end excluded."""
    return _joined([node(level, index) for level, index in _peaks(start, end)])


def _path(position: int, start: int, end: int, node: Node) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if position < middle:
        return [*_path(position, start, middle, node), _subtree(middle, end, node)]
    return [*_path(position, middle, end, node), _subtree(start, middle, node)]


def _subproof(first: int, start: int, end: int, node: Node, *, known: bool) -> list[bytes]:
    """RFC 6962's SUBPROOF(m, D, b), with the leaves named by their places; `known`: b."""
    if first == end:
        return [] if known else [_subtree(start, end, node)]
    middle = start + _split(end - start)
    if first <= middle:
        return [*_subproof(first, start, middle, node, known=known), _subtree(middle, end, node)]
    return [*_subproof(first, middle, end, node, known=False), _subtree(start, middle, node)]
