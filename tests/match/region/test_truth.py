"""How well the whole of it does on drawn pictures under edits whose outcome is known."""

import cv2
import numpy as np
import pytest

from safelight.bench.derivative.edits import EDITS, UNREPLACED_EDITS
from safelight.match.region import altered_region
from tests.match.region.pictures import IDENTITY, drawn, edited, overlap

MOVED = np.array([[0.002, -0.001, 1.4], [0.001, -0.002, -1.1]])
"""What a map from keypoints may be wrong by."""

TREATED = [name for name in EDITS if name not in {*UNREPLACED_EDITS, "emoji"} and not name.startswith("rr")]


@pytest.mark.parametrize("name", ["rr10", "rr20", "rr35", "rr20+crop25+jpeg50", "rr20+mirror+resize50"])
@pytest.mark.parametrize("number", [2, 8])
def test_a_replaced_ellipse_is_found_to_a_tenth_of_its_area(name: str, number: int) -> None:
    case = edited(name, number)
    found = altered_region(case.pixels, drawn(number), case.matrix + MOVED)
    assert overlap(found.replaced, case.replaced) >= 0.9
    assert found.confidence[found.replaced].mean() > 150


@pytest.mark.parametrize("name", TREATED)
def test_frames_and_marks_are_no_replacement(name: str) -> None:
    case = edited(name, 8)
    found = altered_region(case.pixels, drawn(8), case.matrix + MOVED)
    assert found.replaced_share <= 0.005
    assert (found.outside != case.outside).mean() <= 0.03
    marked = case.overlay & ~case.outside
    assert not marked.any() or found.overlay[marked].mean() > 0.8
    assert found.overlay[~case.overlay].mean() <= 0.03


def test_marks_beside_a_replaced_ellipse_are_not_counted_with_it() -> None:
    case = edited("rr20+overlay+rot7", 8)
    found = altered_region(case.pixels, drawn(8), case.matrix + MOVED)
    assert overlap(found.replaced & ~case.overlay, case.replaced & ~case.overlay) >= 0.85
    assert found.overlay[case.overlay & ~case.replaced].mean() > 0.6


@pytest.mark.parametrize("name", ["rr20", "rr35"])
def test_a_patch_in_a_treated_picture_is_found(name: str) -> None:
    case = edited(name, 14)
    treated = np.rint(255 * (case.pixels / 255) ** 1.4).astype(np.uint8)
    treated = np.asarray(cv2.GaussianBlur(treated, (0, 0), 1.2), np.uint8)
    treated = np.repeat(np.asarray(cv2.cvtColor(treated, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, axis=2)
    found = altered_region(treated, drawn(14), case.matrix)
    assert overlap(found.replaced, case.replaced) >= 0.85


def test_a_coloured_copy_of_a_grey_source_is_unchanged() -> None:
    source = drawn(4)
    grey = np.repeat(np.asarray(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, axis=2)
    assert altered_region(source, grey, IDENTITY).replaced_share <= 0.01


def test_a_larger_or_smaller_suspect_gets_masks_of_its_own_size() -> None:
    case = edited("rr20", 2)
    for size in ((1000, 750), (120, 90)):
        suspect = np.asarray(cv2.resize(case.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        truth = cv2.resize(case.replaced.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
        step = 400 / size[0]
        found = altered_region(suspect, drawn(2), np.array([[step, 0, step / 2 - 0.5], [0, step, step / 2 - 0.5]]))
        assert overlap(found.replaced, truth) >= 0.85


def test_where_the_source_does_not_reach_at_all_everything_is_outside() -> None:
    found = altered_region(drawn(2), drawn(2), np.array([[1.0, 0, 5000], [0, 1, 0]]))
    assert found.outside_share == 1
    assert found.box is None
