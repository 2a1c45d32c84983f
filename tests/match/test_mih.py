from collections.abc import Iterator
from math import inf
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.match import mih
from safelight.match.hamming import Found, as_words, radius_search_reference
from safelight.match.mih import (
    MAX_RADIUS,
    DamagedTableError,
    Layout,
    MultiIndex,
    layout_for,
    permutation,
    permute,
    permute_reference,
)

Words = NDArray[np.uint64]
FORMS = [(shape, bits) for shape in (0, 1) for bits in (4, 8, 11)]


@pytest.fixture
def tables_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Never scan instead of probing, however few the codes are."""
    monkeypatch.setattr(mih, "_SCAN_COST", inf)
    mih._plan.cache_clear()
    yield
    mih._plan.cache_clear()


def flip(codes: Words, row: int, bits: NDArray[np.integer]) -> None:
    for bit in bits.tolist():
        codes[row, bit >> 6] ^= np.uint64(1 << (bit & 63))


def material(seed: int, rows: int, spread: int) -> tuple[Words, Words]:
    """Codes, a third of them near others and some equal, and queries at all distances from them up to 40."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, 2**64, (rows, 4), np.uint64)
    for row in range(rows - rows // 3, rows):
        codes[row] = codes[random.integers(0, row)]
        flip(codes, row, random.choice(256, random.integers(0, spread + 1), replace=False))
    queries = codes[random.integers(0, rows, 12)]
    for row in range(len(queries)):
        flip(queries, row, random.choice(256, random.integers(0, 41), replace=False))
    return codes, queries


def same(found: Found, expected: Found) -> None:
    np.testing.assert_array_equal(found.query, expected.query)
    np.testing.assert_array_equal(found.row, expected.row)
    np.testing.assert_array_equal(found.distance, expected.distance)


@pytest.mark.usefixtures("tables_only")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2**32), st.integers(1, 3000), st.integers(0, 40), st.integers(0, MAX_RADIUS), st.sampled_from(FORMS)
)
def test_the_tables_find_what_the_reference_finds(
    seed: int, rows: int, spread: int, radius: int, form: tuple[int, int]
) -> None:
    codes, queries = material(seed, rows, spread)
    index = MultiIndex.build(codes, Layout(rows, *form))
    same(index.search(queries, radius), radius_search_reference(queries, codes, radius))


@pytest.mark.usefixtures("tables_only")
@pytest.mark.parametrize("shape", [0, 1])
@pytest.mark.parametrize("radius", range(MAX_RADIUS + 1))
def test_every_radius_with_the_bits_spread_as_badly_as_can_be(radius: int, shape: int) -> None:
    """In all substrings but one the query differs by one bit more than that table is probed for."""
    random = np.random.default_rng(radius)
    codes = random.integers(0, 2**64, (600, 4), np.uint64)
    layout = Layout(len(codes), shape, 6)
    index = MultiIndex.build(codes, layout)
    _cost, radii = mih._cheapest_radii(layout, radius)
    assert sum(reach + 1 for reach in radii) == radius + 1
    queries = []
    for spared in (number for number, reach in enumerate(radii) if reach >= 0):
        query = codes[spared : spared + 1].copy()
        for number, (table, reach) in enumerate(zip(layout.tables, radii, strict=True)):
            differing = reach if number == spared else reach + 1
            flip(query, 0, table.start + random.choice(table.width, differing, replace=False))
        queries.append(query)
    asked = np.concatenate(queries)
    found = index.search(asked, radius)
    same(found, radius_search_reference(asked, codes, radius))
    assert len(found.row) >= len(asked)


def test_twenty_thousand_codes_with_a_cluster_of_five_thousand() -> None:
    random = np.random.default_rng(5)
    codes = random.integers(0, 2**64, (20_000, 4), np.uint64)
    codes[3000:8000] = codes[3000]
    for row in range(3000, 8000):
        flip(codes, row, random.choice(256, row % 12, replace=False))
    queries = np.concatenate([codes[2990:3010], random.integers(0, 2**64, (5, 4), np.uint64)])
    index = MultiIndex.build(codes)
    found = index.search(queries, 31)
    same(found, radius_search_reference(queries, codes, 31))
    assert len(found.row) > 10 * 5000
    one = index.search(queries[15:16], 31)
    np.testing.assert_array_equal(one.row, found.row[found.query == 15])


@pytest.mark.usefixtures("tables_only")
def test_a_query_with_too_many_candidates_is_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mih, "_HEAVY_FLOOR", 100)
    codes = np.zeros((9000, 4), np.uint64)
    codes[8000:] = np.random.default_rng(1).integers(0, 2**64, (1000, 4), np.uint64)
    queries = codes[[8001, 0, 8002, 1]]
    found = MultiIndex.build(codes).search(queries, 8)
    same(found, radius_search_reference(queries, codes, 8))
    assert np.bincount(found.query).tolist() == [1, 8000, 1, 8000]


def test_few_codes_are_scanned_and_many_are_not() -> None:
    assert mih._plan(layout_for(50), 31) is None
    assert mih._plan(layout_for(50_000), 31) is not None


@pytest.mark.usefixtures("tables_only")
def test_damaged_tables_are_an_error_and_not_a_wild_read() -> None:
    codes, queries = material(7, 3000, 10)
    index = MultiIndex.build(codes)
    for offset in (2**32 - 1, 3001):
        offsets = index.offsets.copy()
        offsets[1::2] = offset
        with pytest.raises(DamagedTableError):
            MultiIndex(index.layout, index.codes, offsets, index.entries).search(queries, 31)
    beyond = index.entries | np.uint32(4095)  # 12 bits of row number, all set: 3000 rows end before
    with pytest.raises(DamagedTableError):
        MultiIndex(index.layout, index.codes, index.offsets, beyond).search(queries, 31)


def test_arrays_that_do_not_fit_the_layout_are_refused() -> None:
    index = MultiIndex.build(material(1, 500, 3)[0])
    with pytest.raises(ValueError, match="do not fit"):
        MultiIndex(index.layout, index.codes[1:], index.offsets, index.entries)
    with pytest.raises(ValueError, match="do not fit"):
        MultiIndex(Layout(500, 0, 3), index.codes, index.offsets, index.entries)


@pytest.mark.parametrize("rows", [0, mih.MAX_ROWS + 1])
def test_a_number_of_rows_that_tables_cannot_hold_is_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="tables hold"):
        layout_for(rows)


@pytest.mark.parametrize("rows", [1, 2, 1000, 8192, 700_000, 10**6, 3_999_999, 4 * 10**6, 10**7, 10**8, mih.MAX_ROWS])
def test_row_number_and_tag_share_an_entry_at_every_size(rows: int) -> None:
    layout = layout_for(rows)
    assert layout.valid()
    assert sum(table.width for table in layout.tables) == 256
    if rows >= 100_000:
        assert 32 + 4 + 4 * (layout.entries + layout.offsets) / rows <= 101  # bytes for each code and its id


def test_the_permutation_is_one_and_never_changes() -> None:
    assert sorted(permutation()) == list(range(256))
    assert crc32(bytes(permutation())) == 0xF4145152  # index files hold permuted codes


@given(st.integers(0, 2**256 - 1))
def test_permuting_moves_each_bit_to_its_place(code: int) -> None:
    moved = permute(as_words(np.frombuffer(code.to_bytes(32, "little"), np.uint8).reshape(1, 32)))
    expected = sum(1 << place for bit, place in enumerate(permutation()) if code >> bit & 1)
    assert int.from_bytes(moved.astype("<u8").tobytes(), "little") == expected


def test_the_compiled_permutation_is_the_one_done_bit_by_bit() -> None:
    codes = np.random.default_rng(3).integers(0, 2**64, (3000, 4), np.uint64)
    np.testing.assert_array_equal(permute(codes), permute_reference(codes))
    assert not permute_reference(codes).flags.writeable


@pytest.mark.shared
@pytest.mark.usefixtures("tables_only")
@pytest.mark.parametrize("radius", [31, 32])
def test_published_needles_are_found_in_their_haystack(shared: Path, radius: int) -> None:
    folder = shared / "conformance" / "pdq" / "reg-test-input"
    needles, haystack = (
        as_words(np.array([list(bytes.fromhex(line)) for line in (folder / name).read_text().split()], np.uint8))
        for name in ("needles.txt", "haystack.txt")
    )
    assert (len(needles), len(haystack)) == (100, 1350)
    expected = radius_search_reference(needles, haystack, radius)
    assert len(expected.row) == 250
    same(MultiIndex.build(permute(haystack)).search(permute(needles), radius), expected)
