"""What leaves for a browser: nothing but what was asked for, with its filters."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.flow.render import CELLS, MOST_BLUR, View, covered, revealed

BARE = View(0, grey=False)


def picture(width: int = 400, height: int = 300) -> NDArray[np.uint8]:
    made = np.zeros((height, width, 3), np.uint8)
    made[:, : width // 2] = (200, 40, 40)
    made[:, width // 2 :] = (40, 40, 200)
    made[height // 3 : height // 2, width // 4 : width // 3] = (250, 250, 250)
    return made


def decoded(data: bytes) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found[..., ::-1], np.uint8)


def test_a_covered_picture_is_what_its_cells_give_and_no_more() -> None:
    first = picture()
    cell = 300 // CELLS
    scrambled = first.copy()
    # Turning what is inside a cell keeps its average: the covered picture cannot tell.
    block = scrambled[cell * 2 : cell * 3, 25 * 3 : 25 * 4]
    scrambled[cell * 2 : cell * 3, 25 * 3 : 25 * 4] = block[::-1, ::-1]
    shown = decoded(covered(first))
    assert np.ptp(shown.astype(int), axis=2).max() == 0
    even = decoded(covered(np.repeat(np.repeat(first[::15, ::25], 15, 0), 25, 1)[:300, :400]))
    assert shown.shape == even.shape == (240, 320, 3)
    wide = np.zeros((16 * 15, 16 * 20, 3), np.uint8)
    wide[:15, :20] = 255
    turned = wide.copy()
    turned[:15, :20] = turned[:15, :20][::-1]
    assert covered(wide) == covered(turned)


def test_a_region_is_all_that_is_sent() -> None:
    shown = decoded(revealed(picture(), (0.5, 0.0, 1.0, 0.5), BARE))
    assert shown.shape == (150, 200, 3)
    assert np.abs(shown.astype(int) - (40, 40, 200)).max() < 12  # nothing of the left side


@pytest.mark.parametrize("region", [(0.0, 0.0, 1e-9, 1e-9), (1 - 1e-9, 1 - 1e-9, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)])
def test_any_region_gives_a_picture(region: tuple[float, float, float, float]) -> None:
    assert decoded(revealed(picture(), region, View(MOST_BLUR, grey=True, sepia=True, plain=True))).size


def test_filters() -> None:
    whole = (0.0, 0.0, 1.0, 1.0)
    bare = decoded(revealed(picture(), whole, BARE)).astype(int)
    assert np.abs(bare - picture()).mean() < 3
    grey = decoded(revealed(picture(), whole, View(0, grey=True))).astype(int)
    assert np.ptp(grey, axis=2).max() == 0
    sepia = decoded(revealed(picture(), whole, View(0, grey=False, sepia=True))).astype(int)
    red, green, blue = sepia.mean(axis=(0, 1))
    assert red > green > blue
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    detail = [decoded(revealed(noise, whole, View(blur, grey=True))).std() for blur in range(MOST_BLUR + 1)]
    assert detail == sorted(detail, reverse=True)
    assert detail[-1] < detail[0] / 20
    plain = decoded(revealed(noise, whole, View(0, grey=False, plain=True)))
    assert cv2.Laplacian(plain, cv2.CV_64F).var() < cv2.Laplacian(noise, cv2.CV_64F).var() / 4


def test_names_are_those_of_the_log() -> None:
    assert View().names == ("blur-1", "grey")
    assert BARE.names == ()
    assert View(3, grey=False, sepia=True, plain=True).names == ("blur-3", "sepia", "reduced-detail")
