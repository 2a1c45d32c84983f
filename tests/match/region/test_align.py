import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.match.region.align import agreement, refine
from safelight.match.region.sharpness import luma
from tests.match.region.pictures import IDENTITY, about, drawn, edited

CENTRE = (200.0, 150.0)


def off(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Mean distance, in pixels, of where two maps lead the corners to."""
    corners = np.array([(x, y, 1) for x in (0, 400) for y in (0, 300)], np.float64)
    return float(np.linalg.norm(corners @ (one - other).T, axis=1).mean())


@pytest.mark.parametrize("number", [1, 2, 4, 20])
@pytest.mark.parametrize("error", [about(CENTRE, 0.4, 1.004, (2, -1.5)), about(CENTRE, -1, 0.99, (-7, 4))])
def test_a_rough_alignment_becomes_a_fine_one(number: int, error: NDArray[np.float64]) -> None:
    true = about(CENTRE, 5, 0.8, (3, 9))
    source = drawn(number)
    suspect = np.asarray(cv2.warpAffine(source, true, (400, 300), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))
    rough = np.vstack([true, [0, 0, 1]]) @ np.vstack([error, [0, 0, 1]])
    inside = np.ones((300, 400), np.bool_)
    found = refine(luma(suspect), luma(source), rough[:2], inside)
    assert off(rough[:2], true) > 1.5
    assert off(found, true) < 0.2


@pytest.mark.parametrize("name", ["rr35", "gamma", "grey", "jpeg30"])
def test_replaced_content_and_other_tones_do_not_pull_it_away(name: str) -> None:
    case = edited(name, 2)
    rough = case.matrix + np.array([[0, 0, 1.5], [0, 0, -1]])
    found = refine(luma(case.pixels), luma(drawn(2)), rough, np.ones((300, 400), np.bool_))
    assert off(found, case.matrix) < 0.3


def test_where_nothing_can_be_seen_the_matrix_stays() -> None:
    flat = np.full((200, 300), 90, np.float32)
    np.testing.assert_allclose(refine(flat, flat, IDENTITY, np.ones((200, 300), np.bool_)), IDENTITY, atol=1e-6)


def test_pictures_agree_where_they_show_the_same() -> None:
    case = edited("rr20", 2)
    agree = agreement(luma(case.pixels), luma(drawn(2)))
    assert agree.min() >= 0
    assert float(agree[~case.replaced].mean()) > 3 * float(agree[case.replaced].mean())
