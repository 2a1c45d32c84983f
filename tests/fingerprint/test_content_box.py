"""Golden cases of border finding, drawn by code: name, how the picture is made, the box expected."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from safelight.fingerprint.content_box import MIN_CONTENT_SIDE, content_box
from safelight.fingerprint.pdq import pdq

Pixels = NDArray[np.uint8]
Draw = Callable[[str, int, int, int], Pixels]
Box = tuple[int, int, int, int]

BLACK, WHITE, CREAM, BLUE = (0, 0, 0), (255, 255, 255), (243, 236, 220), (20, 40, 200)


def framed(content: Pixels, left: int, top: int, right: int, bottom: int, colour: tuple[int, int, int]) -> Pixels:
    height, width = content.shape[:2]
    canvas = np.full((top + height + bottom, left + width + right, 3), colour, dtype=np.uint8)
    canvas[top : top + height, left : left + width] = content
    return canvas


def as_jpeg(pixels: Pixels, quality: int) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=2)
    return np.array(Image.open(file).convert("RGB"))


@pytest.mark.parametrize(
    ("margins", "colour"),
    [
        ((0, 60, 0, 60), BLACK),
        ((100, 0, 100, 0), BLACK),
        ((20, 20, 20, 20), WHITE),
        ((30, 12, 7, 45), CREAM),
        ((0, 50, 0, 0), BLUE),
        ((0, 0, 33, 0), WHITE),
        ((0, 440, 0, 440), BLACK),  # a wide film on an upright screen
    ],
)
def test_borders_are_found_to_the_pixel(draw: Draw, margins: Box, colour: tuple[int, int, int]) -> None:
    content = draw("smooth", 400, 250, 9)
    left, top, _, _ = margins
    assert content_box(framed(content, *margins, colour)) == (left, top, left + 400, top + 250)


def test_bars_that_lie_between_side_bars(draw: Draw) -> None:
    letterboxed = framed(draw("smooth", 400, 200, 3), 0, 40, 0, 40, BLACK)
    assert content_box(framed(letterboxed, 60, 0, 60, 0, WHITE)) == (60, 40, 460, 240)


@pytest.mark.parametrize("quality", [40, 60, 75, 95])
@pytest.mark.parametrize("colour", [BLACK, WHITE, BLUE])
def test_jpeg_noise_is_tolerated(draw: Draw, quality: int, colour: tuple[int, int, int]) -> None:
    content = draw("quilt", 400, 300, 21)
    pixels = as_jpeg(framed(content, 45, 30, 45, 30, colour), quality)
    box = content_box(pixels)
    assert box is not None
    assert np.abs(np.array(box) - (45, 30, 445, 330)).max() <= 3
    inside, clean = pdq(pixels, box=box), pdq(content)
    assert inside is not None
    assert clean is not None
    assert (int(inside.hash, 16) ^ int(clean.hash, 16)).bit_count() <= 16


def test_no_border_no_box(draw: Draw) -> None:
    for kind in ("noise", "smooth"):
        assert content_box(draw(kind, 500, 400, 1)) is None


def test_a_flat_picture_is_not_all_border() -> None:
    for colour in (BLACK, WHITE, BLUE):
        assert content_box(np.full((300, 200, 3), colour, dtype=np.uint8)) is None


def test_dark_scenes_that_fade_are_left_whole() -> None:
    # A lamp in the night: black at every edge, brighter towards the middle, no edge anywhere.
    y, x = np.mgrid[-1:1:300j, -1:1:400j]
    glow = 255 * np.exp(-4 * (x**2 + y**2))
    assert content_box(np.repeat(glow[:, :, None], 3, axis=2).astype(np.uint8)) is None


def test_a_sky_is_not_a_bar(draw: Draw) -> None:
    pixels = draw("smooth", 400, 300, 8)
    pixels[:150] = np.linspace(60, 140, 150)[:, None, None]
    assert content_box(pixels) is None


def test_a_small_thing_on_a_plain_ground_is_not_a_picture_in_a_border(draw: Draw) -> None:
    pixels = np.full((400, 400, 3), 255, dtype=np.uint8)
    pixels[180:220, 180:220] = draw("noise", 40, 40, 2)
    assert content_box(pixels) is None


def test_a_line_of_border_is_too_thin_to_matter(draw: Draw) -> None:
    assert content_box(framed(draw("smooth", 600, 600, 5), 2, 2, 2, 2, BLACK)) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 10_000), st.sampled_from(["noise", "smooth", "quilt"]))
def test_any_picture_gives_none_or_a_proper_part(draw: Draw, width: int, height: int, seed: int, kind: str) -> None:
    box = content_box(draw(kind, width, height, seed))
    if box is not None:
        left, top, right, bottom = box
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert box != (0, 0, width, height)
        assert min(right - left, bottom - top) >= MIN_CONTENT_SIDE


def test_arrays_that_are_not_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        content_box(np.zeros((80, 80, 3)))  # type: ignore[arg-type]  # the point of the test
