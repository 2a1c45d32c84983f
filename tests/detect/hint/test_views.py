import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.hint.views import SHARE, SIDE, Square, fixed_squares, fixed_views, view


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_squares_lie_within_the_picture(height: int, width: int) -> None:
    squares = fixed_squares(height, width)
    assert len(squares) == 5
    for one in squares:
        assert one.side == max(1, round(SHARE * min(height, width)))
        assert 0 <= one.left <= width - one.side
        assert 0 <= one.top <= height - one.side


def test_the_middle_comes_first_and_the_corners_reach_the_edges() -> None:
    middle, *corners = fixed_squares(100, 200)
    assert middle == Square(60, 10, 80)
    assert {(one.left, one.top) for one in corners} == {(0, 0), (120, 0), (0, 20), (120, 20)}


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 900), (224, 224), (1000, 700)])
def test_views_have_one_size_whatever_the_picture(height: int, width: int) -> None:
    found = list(fixed_views(np.full((height, width, 3), 90, np.uint8)))
    assert len(found) == 5
    assert all(one.shape == (SIDE, SIDE, 3) and one.dtype == np.uint8 for one in found)


def test_views_are_the_same_each_time_and_for_a_view_into_a_larger_array() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (400, 600, 3), dtype=np.uint8)
    part = pixels[20:380, 30:500]
    for one, other in zip(fixed_views(part), fixed_views(np.ascontiguousarray(part)), strict=True):
        assert np.array_equal(one, other)


def test_a_view_is_a_mean_coded_as_jpeg() -> None:
    rows, columns = np.mgrid[0:448, 0:448]
    smooth = np.stack([rows // 2, columns // 2, (rows + columns) // 4], axis=-1).astype(np.uint8)
    mean = smooth.reshape(224, 2, 224, 2, 3).astype(float).mean(axis=(1, 3))
    found = view(smooth, Square(0, 0, 448), 95)
    assert np.abs(found - mean).mean() < 2
    assert not np.array_equal(found, np.rint(mean))
