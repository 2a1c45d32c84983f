import subprocess
import sys
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.match import hamming
from safelight.match.hamming import Found, as_words, frozen, radius_search, radius_search_reference

CODE = st.binary(min_size=32, max_size=32)


def words(*codes: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    return as_words(np.frombuffer(b"".join(codes), np.uint8).reshape(-1, 32))


@given(CODE, CODE, st.integers(0, 256))
def test_the_reference_counts_differing_bits(query: bytes, code: bytes, radius: int) -> None:
    differing = (int.from_bytes(query) ^ int.from_bytes(code)).bit_count()
    found = radius_search_reference(words(query), words(code), radius)
    assert found.distance.tolist() == ([differing] if differing <= radius else [])


@given(st.integers(0, 2**32), st.integers(0, 20), st.integers(0, 9000), st.integers(0, 256), st.booleans())
def test_compiled_or_not_it_finds_what_the_reference_finds(
    seed: int, queries: int, rows: int, radius: int, use_compiled: bool
) -> None:
    random = np.random.default_rng(seed)
    codes = random.integers(0, 2**64, (rows, 4), np.uint64)
    asked = random.integers(0, 2**64, (queries, 4), np.uint64)
    if rows and queries:
        asked[0] = codes[-1]
    expected = radius_search_reference(asked, codes, radius)
    with mock.patch.object(hamming, "needs_compiled", return_value=use_compiled):
        found = radius_search(asked, codes, radius)
    np.testing.assert_array_equal(found.query, expected.query)
    np.testing.assert_array_equal(found.row, expected.row)
    np.testing.assert_array_equal(found.distance, expected.distance)


def test_pairs_are_ordered_by_query_distance_and_row() -> None:
    found = Found.of(np.array([[1, 5, 3], [0, 9, 7], [1, 2, 3], [1, 8, 0]]))
    assert found.query.tolist() == [0, 1, 1, 1]
    assert found.row.tolist() == [9, 8, 2, 5]
    assert found.distance.tolist() == [7, 0, 3, 3]


def test_words_are_little_endian_whatever_the_strides() -> None:
    codes = np.arange(64, dtype=np.uint8).reshape(2, 32)
    assert int(as_words(codes)[0, 0]) == int.from_bytes(bytes(range(8)), "little")
    np.testing.assert_array_equal(as_words(np.repeat(codes, 2, axis=1)[:, ::2]), as_words(codes))


@pytest.mark.parametrize("codes", [np.zeros((2, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((1, 32), np.int8)])
def test_codes_of_another_shape_or_type_are_refused(codes: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    with pytest.raises(ValueError, match="uint8 of shape"):
        as_words(codes)


def test_frozen_is_the_same_memory_and_cannot_be_written() -> None:
    array = np.zeros(4)
    view = frozen(array)
    array[1] = 7
    assert view[1] == 7
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1


def test_little_work_does_not_load_the_compiled_code() -> None:
    program = """
import sys, numpy as np
from safelight.match import hamming, mih
few = mih.permute(np.zeros((8, 4), np.uint64))
assert len(hamming.radius_search(few, few, 31).row) == 64
assert "numba" not in sys.modules
many = mih.permute(np.zeros((1000, 4), np.uint64))
assert "numba" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
