import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.segment import clock, covered, longest, most_replaced, placed, stretch
from tests.report.clips import FERRY, HARBOUR, segment


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0:00"),
        (-3.0, "0:00"),
        (7.4, "0:07"),
        (59.6, "1:00"),
        (750, "12:30"),
        (3599.7, "1:00:00"),
        (3723, "1:02:03"),
        (360_000, "100:00:00"),
    ],
)
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_stretches_and_places() -> None:
    assert stretch(12, 48) == "0:12-0:48"
    assert stretch(12.0, 12.3) == "0:12"
    assert placed(HARBOUR.segments[0]) == "0:12-0:48 of it at 0:03-0:39"
    assert longest(HARBOUR.segments) is HARBOUR.segments[0]


def test_most_replaced() -> None:
    found = most_replaced(HARBOUR.segments)
    assert found is not None
    assert found.area == pytest.approx(0.245)
    assert most_replaced(FERRY.segments) is None
    assert most_replaced(()) is None


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=6))
def test_covered_counts_each_second_once(spans: list[tuple[int, int]]) -> None:
    segments = [segment((start, start + length), 0) for start, length in spans]
    assert covered(segments) == len({second for start, length in spans for second in range(start, start + length)})
