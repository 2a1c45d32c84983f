from math import log2

from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.tiers import joining


def test_the_smallest_parts_are_joined_as_far_as_the_ratio_says() -> None:
    assert joining([], 5, 2, 100) == 0
    assert joining([11, 50], 5, 2, 100) == 0
    assert joining([10, 31], 5, 2, 100) == 1
    assert joining([10, 30], 5, 2, 100) == 2
    assert joining([10, 10, 50], 5, 2, 100) == 3, "a part that is small enough takes all smaller ones with it"
    assert joining([10, 10, 50], 5, 2, 74) == 2


@given(batches=st.lists(st.integers(1, 50), max_size=200), ratio=st.integers(1, 4))
def test_parts_stay_few_and_rows_are_seldom_written_again(batches: list[int], ratio: int) -> None:
    parts: list[int] = []
    written = 0
    for rows in batches:
        parts.sort()
        count = joining(parts, rows, ratio, 10**9)
        parts = [*parts[count:], rows + sum(parts[:count])]
        written += parts[-1]
    total = sum(batches)
    assert sum(parts) == total
    assert len(parts) <= log2(total or 1) + 2
    assert written <= total * (ratio + 1) * (log2(total or 1) + 1)
