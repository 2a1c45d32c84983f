import cv2
import numpy as np
import pytest

from safelight.match.region.sharpness import luma, matched
from tests.match.region.pictures import Rgb, drawn

TRUST = np.ones((300, 400), np.float32)


def blurred(picture: Rgb, sigma: float) -> Rgb:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


@pytest.mark.parametrize("sigma", [0.9, 2.0, 3.5])
@pytest.mark.parametrize("of_source", [True, False])
def test_the_sharper_picture_takes_the_blur_of_the_other(sigma: float, of_source: bool) -> None:
    sharp = drawn(2).astype(np.float32)
    soft = blurred(drawn(2), sigma).astype(np.float32)
    one, two = matched(soft, sharp, TRUST) if of_source else matched(sharp, soft, TRUST)
    before, after = np.abs(sharp - soft).mean(), np.abs(one - two).mean()
    assert after < 0.35 * before
    np.testing.assert_array_equal(one if of_source else two, soft)


def test_pictures_of_one_sharpness_stay_as_they_are_beside_a_replaced_third() -> None:
    source, suspect = drawn(2), drawn(2).copy()
    suspect[100:, 100:300] = drawn(3)[100:, 100:300]
    one, two = matched(suspect.astype(np.float32), source.astype(np.float32), TRUST)
    np.testing.assert_array_equal(one, suspect)
    np.testing.assert_array_equal(two, source)


def test_luma_is_that_of_bt_601() -> None:
    pixel = np.array([[[100, 50, 200]]], np.uint8)
    assert float(luma(pixel)[0, 0]) == pytest.approx(0.299 * 100 + 0.587 * 50 + 0.114 * 200, abs=0.01)
