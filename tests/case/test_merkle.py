"""The hash tree against RFC 6962 word for word, and against the vectors that Certificate Transparency tests with."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.case.chain import leaf_hash
from safelight.case.merkle import (
    EMPTY,
    Peaks,
    append,
    consistency,
    inclusion,
    node_hash,
    peaks_of,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
)

INPUTS = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Leaves and roots of the tests of google/certificate-transparency."""

Nodes = dict[tuple[int, int], bytes]


def leaves_of(count: int, salt: int = 0) -> list[bytes]:
    return [bytes.fromhex(leaf_hash(f"{salt} {number}".encode())) for number in range(count)]


def grown(leaves: list[bytes]) -> tuple[list[Peaks], Nodes]:
    """Every tree on the way, and all nodes that were stored."""
    trees, nodes = [Peaks()], Nodes()
    for leaf in leaves:
        peaks, new = append(trees[-1], leaf)
        trees.append(peaks)
        for level, index, value in new:
            assert (level, index) not in nodes, "a node is completed once"
            nodes[level, index] = value
    return trees, nodes


def test_known_roots() -> None:
    leaves = [bytes.fromhex(leaf_hash(data)) for data in INPUTS]
    trees, _ = grown(leaves)
    assert [root_of(tree).hex() for tree in trees[1:]] == ROOTS
    assert [root(leaves[: size + 1]).hex() for size in range(8)] == ROOTS
    assert root([]) == root_of(Peaks()) == EMPTY == hashlib.sha256().digest()


def test_known_proofs() -> None:
    """Paths that RFC 6962, section 2.1.3, spells out for seven leaves, by the names it gives the nodes."""
    leaves = leaves_of(7)
    _, nodes = grown(leaves)
    a, b, c, d, e, f, j = leaves
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, m = node_hash(g, h), node_hash(i, j)
    node = lambda level, index: nodes[level, index]  # noqa: E731 - shortest here
    assert inclusion(0, 7, node) == [b, h, m]
    assert inclusion(3, 7, node) == [c, g, m]
    assert inclusion(4, 7, node) == [f, j, k]
    assert inclusion(6, 7, node) == [i, k]
    assert consistency(3, 7, node) == [c, d, g, m]
    assert consistency(4, 7, node) == [m]
    assert consistency(6, 7, node) == [i, j, k]


@given(st.integers(0, 130))
def test_a_tree_grown_leaf_by_leaf_is_the_tree(size: int) -> None:
    leaves = leaves_of(size)
    trees, nodes = grown(leaves)
    assert root_of(trees[-1]) == root(leaves)
    assert peaks_of(size, lambda level, index: nodes[level, index]) == trees[-1]
    for level, index in nodes:
        assert nodes[level, index] == root(leaves[index << level : (index + 1) << level])


@given(st.integers(1, 70), st.data())
def test_proofs_hold_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    trees, nodes = grown(leaves)
    node = lambda level, index: nodes[level, index]  # noqa: E731 - shortest here
    position, top = data.draw(st.integers(0, size - 1)), root(leaves)
    path = inclusion(position, size, node)
    assert len(path) <= (size - 1).bit_length()
    assert verify_inclusion(leaves[position], position, size, path, top)
    assert not verify_inclusion(leaves_of(1, salt=9)[0], position, size, path, top)
    assert not verify_inclusion(leaves[position], position, size, [*path, top], top)
    assert not verify_inclusion(leaves[position], size, size, path, top)
    for cut in range(len(path)):
        other = [*path[:cut], bytes(32), *path[cut + 1 :]]
        assert not verify_inclusion(leaves[position], position, size, other, top)
        assert not verify_inclusion(leaves[position], position, size, path[:cut], top)

    first = data.draw(st.integers(1, size))
    old = root_of(trees[first])
    proof = consistency(first, size, node)
    assert verify_consistency(first, size, proof, old, top)
    assert not verify_consistency(first, size, [*proof, top], old, top)
    assert not verify_consistency(first, size, proof, bytes(32), top)
    assert not verify_consistency(first, size, proof, old, bytes(32))
    for cut in range(len(proof)):
        assert not verify_consistency(first, size, [*proof[:cut], bytes(32), *proof[cut + 1 :]], old, top)
        assert not verify_consistency(first, size, proof[:cut], old, top)


def test_a_log_that_was_rewritten_has_no_proof() -> None:
    """A changed leaf in the old part: no path that the new log can give fits both roots."""
    old, new = leaves_of(9), [*leaves_of(4), *leaves_of(20, salt=1)[4:]]
    _, nodes = grown(new)
    proof = consistency(9, 20, lambda level, index: nodes[level, index])
    assert not verify_consistency(9, 20, proof, root(old), root(new))


def test_trees_that_are_not_there() -> None:
    _, nodes = grown(leaves_of(4))
    node = lambda level, index: nodes[level, index]  # noqa: E731 - shortest here
    for position, size in ((4, 4), (-1, 4), (0, 0)):
        with pytest.raises(ValueError, match="has no entry"):
            inclusion(position, size, node)
    for first, second in ((0, 4), (3, 2)):
        with pytest.raises(ValueError, match="the beginning of"):
            consistency(first, second, node)
    assert not verify_consistency(0, 4, [], EMPTY, root(leaves_of(4)))
    assert verify_consistency(4, 4, [], root(leaves_of(4)), root(leaves_of(4)))


def test_sizes_of_proofs_grow_with_the_logarithm() -> None:
    _, nodes = grown(leaves_of(1 << 10))
    longest = [
        max(len(inclusion(at, size, lambda level, index: nodes[level, index])) for at in range(size))
        for size in (4, 16, 64, 256, 1024)
    ]
    assert longest == [2, 4, 6, 8, 10]
    assert all(later - earlier == 2 for earlier, later in pairwise(longest))
