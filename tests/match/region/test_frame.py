import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.match.region.frame import (
    after,
    checked_matrix,
    checked_picture,
    fit_frame,
    inverse,
    needed_source,
    outside_source,
)
from tests.match.region.pictures import Mask, drawn

SIDES = st.integers(1, 40)
NUMBERS = st.floats(-4, 4)
SHIFTS = st.floats(-60, 60)


def matrix_of(linear: list[float], shift: list[float]) -> NDArray[np.float64]:
    return np.column_stack([np.reshape(linear, (2, 2)), shift])


def usable(matrix: NDArray[np.float64]) -> bool:
    try:
        checked_matrix(matrix)
    except ValueError:
        return False
    return True


MATRICES = st.builds(
    matrix_of, st.lists(NUMBERS, min_size=4, max_size=4), st.lists(SHIFTS, min_size=2, max_size=2)
).filter(usable)


@given(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES), MATRICES, st.floats(-2, 3))
def test_outside_is_what_maps_beyond_an_edge_that_the_picture_passes(
    size: tuple[int, int], source_size: tuple[int, int], matrix: NDArray[np.float64], margin: float
) -> None:
    places = np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), axis=-1) @ matrix[:, :2].T + matrix[:, 2]
    expected, doubtful = np.zeros(size[::-1], np.bool_), np.zeros(size[::-1], np.bool_)
    for axis, length in enumerate(source_size):
        pixel = np.hypot(*matrix[axis, :2])
        for beyond in (-0.5 - places[..., axis], places[..., axis] - (length - 0.5)):
            assume(abs(beyond.max() / pixel - 1) > 1e-6)
            if beyond.max() > pixel:
                expected |= beyond / pixel > -margin
                doubtful |= abs(beyond / pixel + margin) < 1e-6
    found = outside_source(size, matrix, source_size, margin)
    assert ((found == expected) | doubtful).all()


@given(MATRICES, MATRICES)
def test_maps_follow_each_other_and_go_back(first: NDArray[np.float64], then: NDArray[np.float64]) -> None:
    place = np.array([3.0, -7.0, 1.0])
    np.testing.assert_allclose(after(then, first) @ place, then @ np.append(first @ place, 1), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(after(inverse(first), first) @ place, place[:2], rtol=1e-5, atol=1e-4)


def covered(size: tuple[int, int], matrix: NDArray[np.float64], source_size: tuple[int, int]) -> Mask:
    """Pixels whose centres map into the source."""
    places = np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), axis=-1) @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(((places > -0.5) & (places < np.array(source_size) - 0.5)).all(axis=-1))


@given(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES), MATRICES, st.integers(1, 50))
def test_the_frame_shows_what_is_shared_at_the_side_asked_for(
    size: tuple[int, int], source_size: tuple[int, int], matrix: NDArray[np.float64], side: int
) -> None:
    frame = fit_frame(size, source_size, matrix, side)
    inside = covered(size, matrix, source_size)
    if frame is None:
        assert not inside.any()
        return
    left, top, right, bottom = frame.box
    assert max(frame.size) <= side
    assert inside.sum() == inside[top:bottom, left:right].sum()
    np.testing.assert_allclose(frame.matrix, after(matrix, frame.step))


def test_only_the_part_of_the_source_that_is_needed_is_kept_and_shrunk() -> None:
    source = drawn(2, 800, 600)
    matrix = np.array([[2.0, 0, 400], [0, 2.0, 200]])
    frame = fit_frame((100, 100), (800, 600), matrix, 100)
    assert frame is not None
    part, back = needed_source(source, frame)
    assert part.shape[0] < 130
    assert part.shape[1] < 130
    left, top = back @ [0, 0, 1]
    assert 350 < left <= 400
    assert 150 < top <= 200
    np.testing.assert_allclose(back[:, :2], np.diag([2, 2]), atol=0.1)


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(3),
        np.eye(2, 3, dtype=np.float32),
        np.zeros((2, 3)),
        np.array([[1.0, 2, 0], [2, 4, 0]]),
        np.array([[1.0, 0, np.nan], [0, 1, 0]]),
        np.array([[1.0, 0, 0], [0, np.inf, 0]]),
        np.eye(2, 3) * 1e6,
        np.array([[1.0, 0, 0], [0, 1e-5, 0]]),
    ],
)
def test_maps_that_relate_no_pictures_are_refused(matrix: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="affine matrix"):
        checked_matrix(matrix)


@pytest.mark.parametrize("shape", [(0, 3, 3), (3, 3), (3, 3, 4)])
def test_arrays_that_are_no_pictures_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a picture is uint8"):
        checked_picture(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float32"):
        checked_picture(np.zeros((3, 3, 3), np.float32))
