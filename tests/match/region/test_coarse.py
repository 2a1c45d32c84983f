"""Regions without the source's pixels: from tiles, and from keypoints."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.match.region.coarse import coarse_region, keypoint_region
from safelight.model.region import RegionBasis

HERE = np.array([[1, 0, 0], [0, 1, 0]], float)
MIRROR = np.array([[-1, 0, 639], [0, 1, 0]], float)


def test_a_differing_cell_is_the_region() -> None:
    known = np.ones((4, 4), bool)
    agreeing = known.copy()
    agreeing[1, 2] = False
    found = coarse_region((640, 480), HERE, agreeing, known, (640, 480))
    assert found.basis is RegionBasis.TILES
    assert found.box is not None
    assert np.abs(np.array(found.box) - (320, 120, 480, 240)).max() <= 7
    assert found.replaced_share == pytest.approx(1 / 16, abs=0.005)
    mirrored = coarse_region((640, 480), MIRROR, agreeing, known, (640, 480))
    assert mirrored.box is not None
    assert np.abs(np.array(mirrored.box) - (160, 120, 320, 240)).max() <= 7


def test_unknown_cells_are_neither_replaced_nor_sure() -> None:
    nothing = np.zeros((4, 4), bool)
    found = coarse_region((400, 300), HERE, nothing, nothing, (400, 300))
    assert not found.replaced.any()
    assert found.confidence.max() == 0


def test_what_the_source_does_not_reach_is_outside() -> None:
    shifted = np.array([[1, 0, 0], [0, 1, -100]], float)
    every = np.ones((4, 4), bool)
    found = coarse_region((400, 400), shifted, ~every, every, (400, 300))
    assert found.outside[:95].all()
    assert not found.outside[105:].any()
    assert found.replaced[110:].all()
    assert not found.replaced[:95].any()


def test_keypoints_that_do_not_answer_make_the_region() -> None:
    rng = np.random.default_rng(3)
    places = rng.uniform(0, 1, (300, 2)) * (640, 480)
    inside = (np.abs(places - (420, 200)) < (110, 90)).all(axis=1)
    agree = np.where(inside, rng.random(300) < 0.02, rng.random(300) < 0.8)
    found = keypoint_region((640, 480), HERE, places, agree, (640, 480))
    true = np.zeros((480, 640), bool)
    true[110:290, 310:530] = True
    assert (found.replaced & true).sum() / (found.replaced | true).sum() > 0.6
    assert found.confidence[found.replaced].mean() > 60


def test_where_all_answer_nothing_is_replaced() -> None:
    places = np.random.default_rng(4).uniform(0, 400, (200, 2))
    found = keypoint_region((400, 400), HERE, places, np.random.default_rng(5).random(200) < 0.75, (400, 400))
    assert found.replaced_share <= 0.02


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 40), st.integers(0, 2**31))
def test_any_picture_and_map_give_disjoint_masks_or_a_named_error(
    width: int, height: int, count: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    matrix = HERE + rng.normal(0, 10.0 ** rng.uniform(-3, 2), (2, 3))
    agree = rng.random(count) < 0.5
    try:
        one = keypoint_region((width, height), matrix, rng.uniform(0, 90, (count, 2)), agree, (80, 60))
        two = coarse_region((width, height), matrix, rng.random((4, 4)) < 0.5, rng.random((4, 4)) < 0.8, (80, 60))
    except ValueError:
        return
    for found in (one, two):
        assert found.replaced.shape == (height, width)
        assert not (found.replaced & found.outside).any()


def test_a_singular_map_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\w"):
        keypoint_region((9, 9), np.zeros((2, 3)), np.zeros((0, 2)), np.zeros(0, bool), (9, 9))
