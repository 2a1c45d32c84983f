"""The altered region with both pictures at hand: what was replaced is told, what was only treated is not."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.bench.derivative import edits
from safelight.match.region import altered_region
from safelight.model.region import RegionBasis, RegionMap
from tests.match.local.pictures import Rgb, drawn

HERE = np.array([[1, 0, 0], [0, 1, 0]], float)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def check(found: RegionMap, suspect: Rgb) -> None:
    """The masks have the suspect's shape and share no pixel; the box is that of what was replaced."""
    masks = (found.replaced, found.overlay, found.outside)
    assert all(mask.shape == suspect.shape[:2] and mask.dtype == np.bool_ for mask in masks)
    assert np.sum(masks, axis=0).max() <= 1
    assert found.confidence.shape == suspect.shape[:2]
    assert found.basis is RegionBasis.PIXELS
    if found.replaced.any():
        assert found.box is not None
        left, top, right, bottom = found.box
        assert found.replaced[top:bottom, left:right].sum() == found.replaced.sum()
    else:
        assert found.box is None


@pytest.mark.parametrize("name", ["rr10", "rr20", "rr35", "rr20+crop25+jpeg50", "rr20+mirror+resize50"])
@pytest.mark.parametrize("number", [1, 4])
def test_what_was_replaced_is_outlined(name: str, number: int) -> None:
    source = drawn(number)
    edited = edits.apply(name, source, [drawn(number + 20)], 7)
    found = altered_region(edited.pixels, source, edited.matrix)
    check(found, edited.pixels)
    assert iou(found.replaced, edited.replaced) > 0.75


@pytest.mark.parametrize("name", edits.UNREPLACED_EDITS)
def test_treatment_is_not_replacement(name: str) -> None:
    source = drawn(3)
    edited = edits.apply(name, source, [drawn(23)], 5)
    found = altered_region(edited.pixels, source, edited.matrix)
    check(found, edited.pixels)
    assert found.replaced_share <= 0.02


@pytest.mark.parametrize("name", ["text", "emoji"])
def test_overlays_are_not_replacement(name: str) -> None:
    source = drawn(4)
    edited = edits.apply(name, source, [drawn(24)], 5)
    found = altered_region(edited.pixels, source, edited.matrix)
    assert found.replaced_share <= 0.03
    assert found.overlay_share > 0


def test_what_the_source_does_not_reach_is_outside() -> None:
    source = drawn(1)
    edited = edits.apply("letterbox", source, [drawn(21)], 5)
    found = altered_region(edited.pixels, source, edited.matrix)
    assert iou(found.outside, edited.outside) > 0.9
    assert found.replaced_share <= 0.02


def test_a_slightly_wrong_map_is_put_right() -> None:
    source = drawn(1)
    edited = edits.apply("rr20", source, [drawn(21)], 9)
    wrong = edited.matrix + np.array([[0.002, 0, 1.2], [0, -0.002, -1.0]])
    assert iou(altered_region(edited.pixels, source, wrong).replaced, edited.replaced) > 0.75


def test_the_result_does_not_depend_on_threads() -> None:
    source = drawn(2)
    edited = edits.apply("rr20", source, [drawn(22)], 9)
    before, seen = cv2.getNumThreads(), []
    try:
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            found = altered_region(edited.pixels, source, edited.matrix)
            seen.append((found.replaced.tobytes(), found.overlay.tobytes(), found.confidence.tobytes()))
    finally:
        cv2.setNumThreads(before)
    assert seen[0] == seen[1]


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(1, 70)] * 4), st.integers(0, 2**31))
def test_any_pictures_and_any_map_give_a_region_or_a_named_error(sides: tuple[int, int, int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    suspect, source = (
        rng.integers(0, 256, (h, w, 3)).astype(np.uint8) if rng.random() < 0.8 else np.full((h, w, 3), 9, np.uint8)
        for h, w in (sides[:2], sides[2:])
    )
    matrix = HERE + rng.normal(0, 10.0 ** rng.uniform(-3, 2), (2, 3))
    try:
        found = altered_region(suspect, source, matrix)
    except ValueError:
        return
    check(found, suspect)


@pytest.mark.parametrize("bad", [np.zeros((2, 3)), np.full((2, 3), np.nan), np.zeros((3, 3))])
def test_a_map_that_is_none_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        altered_region(drawn(1), drawn(1), bad)
