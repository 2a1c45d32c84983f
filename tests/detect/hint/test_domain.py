import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from safelight.detect.hint.domain import LONGEST_SHAPE, SMALLEST_SIDE, look_at, outside
from tests.detect.hint.heads import photograph


def test_a_photograph_is_inside() -> None:
    assert outside(photograph(1)) == ""


def test_a_small_picture_is_outside() -> None:
    side = SMALLEST_SIDE - 1
    assert "small" in outside(photograph(1, height=side, width=2000))
    assert outside(photograph(1, height=SMALLEST_SIDE, width=2000)) == ""


def test_a_strip_is_outside_however_large() -> None:
    strip = np.broadcast_to(np.uint8(9), (SMALLEST_SIDE, 700_000, 3))  # 537 million values in one byte of memory
    assert "strip" in outside(strip)
    assert outside(photograph(1, height=SMALLEST_SIDE, width=LONGEST_SHAPE * SMALLEST_SIDE)) == ""


def test_plain_areas_are_outside() -> None:
    pixels = photograph(1)
    pixels[:200] = (10, 120, 200)
    assert "plain" in outside(pixels)


def test_a_screenshot_is_outside() -> None:
    window = Image.new("RGB", (900, 700), "#f4f4f4")
    sketch = ImageDraw.Draw(window)
    for row in range(40):
        sketch.text((20, 20 + 16 * row), "Settings, all from the environment, read in one place. " * 2, fill="#222244")
    assert outside(np.asarray(window))


def test_few_colours_are_outside() -> None:
    rng = np.random.default_rng(3)
    palette = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200]], np.uint8)
    assert "colours" in outside(palette[rng.integers(0, 3, (300, 300))])


def test_grey_is_outside() -> None:
    grey = photograph(4)[..., :1].repeat(3, axis=2)
    assert "colour" in outside(grey)


def test_figures_hardly_depend_on_resolution() -> None:
    small = Image.fromarray(photograph(5, height=128, width=128)).resize((600, 600), Image.Resampling.BICUBIC)
    large = small.resize((1800, 1800), Image.Resampling.BICUBIC)
    one, other = look_at(np.asarray(small)), look_at(np.asarray(large))
    assert abs(one.plain - other.plain) < 0.05
    assert abs(one.colour - other.colour) < 3


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))
def test_any_size_can_be_looked_at(height: int, width: int, level: int) -> None:
    found = look_at(np.full((height, width, 3), level, np.uint8))
    assert (found.plain, found.few_colours, found.colour) == (1.0, 1.0, 0.0)
    assert found.outside()
    assert "small" in outside(np.full((height, width, 3), level, np.uint8))


def _blocks(pixels: NDArray[np.uint8]) -> float:
    """The slow obvious version of `Look.plain` for pictures that are not reduced."""
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    rows, columns = luma.shape[0] // 8, luma.shape[1] // 8
    deviations = [
        luma[8 * row : 8 * row + 8, 8 * column : 8 * column + 8].std()
        for row in range(rows)
        for column in range(columns)
    ]
    return float(np.mean(np.array(deviations) < 1))


@pytest.mark.parametrize("seed", range(3))
def test_plain_is_counted_by_blocks(seed: int) -> None:
    pixels = photograph(seed, height=301, width=405)
    pixels[: 50 * seed] = 7
    assert look_at(pixels).plain == pytest.approx(_blocks(pixels))
