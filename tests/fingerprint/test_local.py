"""Keypoints: the same on every run, described again at their own places, none where there is nothing."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.demo.draw import draw
from safelight.fingerprint.keypoint_choice import GRID, chosen
from safelight.fingerprint.local import MIN_SIDE, describe_at, local_features, reduced, upright, working_picture

PICTURE = np.array(draw(1, 640, 480).convert("RGB"))
GREY = working_picture(PICTURE, 1, 480).grey


def test_a_picture_has_the_same_features_with_any_number_of_threads() -> None:
    before = cv2.getNumThreads()
    try:
        seen = []
        for threads in (1, 2, 4):
            cv2.setNumThreads(threads)
            found = local_features(GREY, 500)
            seen.append(tuple(getattr(found, n).tobytes() for n in ("x", "y", "size", "angle", "descriptors")))
    finally:
        cv2.setNumThreads(before)
    assert len(set(seen)) == 1


def test_descriptors_at_the_keypoints_are_those_of_the_keypoints() -> None:
    found = local_features(GREY, 300)
    assert len(found.x) == 300
    assert (describe_at(GREY, found.x, found.y, found.size, found.angle) == found.descriptors).all()


def test_descriptors_are_root_sift_of_opencv() -> None:
    keypoints, values = cv2.SIFT_create(contrastThreshold=0.008).detectAndCompute(GREY, None)  # type: ignore[attr-defined]
    by_place = {
        (round(k.pt[0], 2), round(k.pt[1], 2), round(k.size, 2), round(k.angle, 1)): v
        for k, v in zip(keypoints, values, strict=True)
    }
    found = local_features(GREY, 200)
    compared = 0
    for n in range(len(found.x)):
        key = (
            round(float(found.x[n]), 2),
            round(float(found.y[n]), 2),
            round(float(found.size[n]), 2),
            round(float(np.degrees(found.angle[n])), 1),
        )
        if key in by_place:
            value = by_place[key]
            expected = np.minimum(np.rint(512 * np.sqrt(value / value.sum())), 255)
            assert (found.descriptors[n] == expected).all()
            compared += 1
    assert compared > 150
    squares = (found.descriptors.astype(int) ** 2).sum(axis=1)
    assert (abs(squares - 512**2) < 0.02 * 512**2).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (MIN_SIDE - 1, 400)])
def test_too_small_a_picture_has_none(shape: tuple[int, int]) -> None:
    found = local_features(np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8), 50)
    assert len(found.x) == 0
    assert found.descriptors.shape == (0, 128)


def test_a_flat_picture_or_a_count_of_nothing_gives_none() -> None:
    assert len(local_features(np.full((200, 300), 90, np.uint8), 50).x) == 0
    assert len(local_features(GREY, 0).x) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**31))
def test_places_anywhere_and_of_any_size_are_described(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grey = rng.integers(0, 256, (height, width)).astype(np.uint8)
    x, y = rng.uniform(-20, 80, (2, 9))
    found = describe_at(grey, x, y, np.exp(rng.uniform(-1, 6, 9)), rng.uniform(-9, 9, 9))
    assert found.shape == (9, 128)


@pytest.mark.parametrize("bad", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4)), np.zeros((0, 4), np.uint8)])
def test_other_arrays_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="working picture"):
        local_features(bad, 10)


def test_places_that_are_no_numbers_are_refused() -> None:
    one = np.ones(1)
    for x, size in ((np.array([np.nan]), one), (one, -one)):
        with pytest.raises(ValueError, match="finite"):
            describe_at(GREY, x, one, size, one)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 200), st.integers(1, 150))
def test_the_choice_is_that_of_the_slow_way(seed: int, number: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    response = -np.sort(-rng.integers(1, 50, number) / 7).astype(np.float32)
    x, y = rng.uniform(0, 64, (2, number)).astype(np.float32)
    kept = chosen(response, x, y, 64, 64, count)
    assert len(kept) == min(count, number)
    if number <= count:
        return
    before: dict[tuple[int, int], int] = {}
    worth = []
    for n in range(number):
        cell = (int(y[n] * GRID / 64), int(x[n] * GRID / 64))
        worth.append(float(response[n] * np.exp(-before.get(cell, 0) * (GRID**2 / (2 * count)))))
        before[cell] = before.get(cell, 0) + 1
    slow = sorted(range(number), key=lambda n: (-worth[n], n))[:count]
    assert min(worth[n] for n in kept) == pytest.approx(min(worth[n] for n in slow))


def test_keypoints_are_spread_over_the_picture() -> None:
    rng = np.random.default_rng(4)
    response = np.sort(rng.uniform(0.5, 1, 1000)).astype(np.float32)[::-1].copy()
    x = np.concatenate((rng.uniform(0, 10, 800), rng.uniform(10, 60, 200))).astype(np.float32)
    y = rng.uniform(0, 60, 1000).astype(np.float32)
    kept = chosen(response, x, y, 60, 60, 200)
    assert (x[kept] > 10).sum() > 120  # they are the weaker ones, but elsewhere


@pytest.mark.parametrize("orientation", range(1, 9))
def test_working_pictures_are_as_displayed(orientation: int) -> None:
    working = working_picture(PICTURE, orientation, 400)
    turned = np.ascontiguousarray(upright(PICTURE, orientation))
    assert (working.height, working.width) == turned.shape[:2]
    assert max(working.grey.shape) == 400
    again = working_picture(turned, 1, 400).grey
    assert np.abs(again.astype(int) - working.grey).max() <= 1


def test_small_pictures_are_never_enlarged() -> None:
    small = PICTURE[:30, :40]
    assert reduced(small, 400) is small
    assert working_picture(np.ascontiguousarray(small), 1, 400).grey.shape == (30, 40)


def test_working_pictures_need_pixels_and_an_orientation() -> None:
    with pytest.raises(ValueError, match="pixels"):
        working_picture(GREY, 1, 400)
    with pytest.raises(ValueError, match="orientation"):
        working_picture(PICTURE, 9, 400)
