"""Blur that cannot be undone, outlines that follow their masks."""

import base64
import re

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.model.comparison import Blur, ComparedPictures
from safelight.report.compare_pictures import (
    CELLS,
    CELLS_OF_MANY,
    Panel,
    _hatching,
    _path,
    blurred,
    mask_png,
    panels,
    warped,
)
from tests.report.comparisons import pictures, unaligned


def embedded(panel: Panel) -> NDArray[np.uint8]:
    """The one picture inside a panel, RGB."""
    [data] = re.findall(r'href="data:image/jpeg;base64,([^"]+)"', panel.svg)
    found = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.asarray(found, np.uint8)


def detail(rgb: NDArray[np.uint8], where: NDArray[np.bool_]) -> float:
    """Mean difference of neighbouring pixels."""
    grey = rgb.mean(axis=2)
    return float(np.abs(np.diff(grey, axis=1))[where[:, 1:]].mean())


def core(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """What of a mask lies further than `pixels` from its edges, those of the picture among them."""
    kernel = np.ones((2 * pixels + 1,) * 2, np.uint8)
    return np.asarray(cv2.erode(mask.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0)


@settings(max_examples=30)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([CELLS, CELLS_OF_MANY]), st.integers(0, 1000))
def test_blur_keeps_nothing_but_the_means_of_a_few_cells(width: int, height: int, cells: int, seed: int) -> None:
    """Whatever was shuffled inside its cell gives the very same blurred picture: so it cannot be told apart again."""
    rng = np.random.default_rng(seed)
    cell = -(-max(width, height) // cells)
    width, height = -(-width // cell) * cell, -(-height // cell) * cell  # whole cells
    rgb = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    other = rgb.copy()
    across, along = (max(1, round(side / (max(width, height) / cells))) for side in (width, height))
    if width % across or height % along:
        return
    wide, high = width // across, height // along
    blocks = other.reshape(along, high, across, wide, 3).transpose(0, 2, 1, 3, 4).reshape(-1, high * wide, 3)
    rng.permuted(blocks, axis=1, out=blocks)
    shuffled = blocks.reshape(along, across, high, wide, 3).transpose(0, 2, 1, 3, 4).reshape(height, width, 3)
    assert np.abs(blurred(rgb, cells).astype(int) - blurred(shuffled, cells)).max() <= 1
    assert blurred(rgb, cells).shape == rgb.shape


@pytest.mark.parametrize("number", [0, 1])
def test_everything_is_blurred_unless_asked_otherwise(number: int) -> None:
    shown = embedded(panels(pictures(), Blur.ALL)[number])
    sharp = embedded(panels(pictures(), Blur.NONE)[number])
    everywhere = np.ones(shown.shape[:2], bool)
    assert detail(shown, everywhere) < 0.2 * detail(sharp, everywhere)
    region = pictures().region
    assert region is not None
    assert detail(shown, core(region.replaced, 4)) < 0.25 * detail(sharp, core(region.replaced, 4))


@pytest.mark.parametrize("number", [0, 1])
def test_outside_shows_only_what_the_outline_encloses(number: int) -> None:
    region = pictures().region
    assert region is not None
    shown, sharp, soft = (embedded(panels(pictures(), blur)[number]) for blur in (Blur.OUTSIDE, Blur.NONE, Blur.ALL))
    inside, rest = core(region.replaced, 8), core(~region.replaced, 16)
    assert np.abs(shown.astype(int) - sharp)[inside].mean() < 3
    assert np.abs(shown.astype(int) - soft)[rest].mean() < 3


def test_pictures_that_are_not_aligned_are_shown_as_they_are_and_blurred() -> None:
    found = panels(unaligned(), Blur.OUTSIDE)  # no outline: nothing is shown
    assert [panel.name for panel in found] == ["suspect", "original"]
    for panel, picture in zip(found, (unaligned().suspect, unaligned().original), strict=True):
        assert embedded(panel).shape == picture.shape
        assert detail(embedded(panel), np.ones(picture.shape[:2], bool)) < 2
        assert "strongly blurred" in panel.alt
    assert "not blurred" in panels(unaligned(), Blur.NONE)[0].alt


def test_the_original_is_laid_over_the_suspect() -> None:
    both, region = pictures(), pictures().region
    assert region is not None
    same = core(~(region.replaced | region.overlay | region.outside), 2)
    assert np.abs(warped(both).astype(int) - both.suspect)[same].mean() < 3
    assert (warped(both)[core(region.outside, 2)] == (226, 223, 216)).all()


def test_a_larger_original_is_averaged_not_sampled() -> None:
    """Fine stripes become the grey that they are from afar, in the right place."""
    original = np.full((400, 400, 3), 255, np.uint8)
    original[:, ::2] = 0
    original[:, 200:] = 40
    small = np.zeros((50, 50, 3), np.uint8)
    matrix = np.array([[8.0, 0, 3.5], [0, 8.0, 3.5]])
    shown = warped(ComparedPictures(small, original, matrix))
    assert np.abs(shown[:, :25].astype(int) - 127).max() <= 2
    assert (shown[:, 26:] == 40).all()


def mask_of(seed: int, width: int, height: int, blobs: int) -> NDArray[np.bool_]:
    """Discs and holes, cut off at the edges."""
    rng = np.random.default_rng(seed)
    plane = np.zeros((height, width), np.uint8)
    for _ in range(blobs):
        centre = int(rng.integers(width)), int(rng.integers(height))
        cv2.circle(plane, centre, int(rng.integers(3, 40)), int(rng.integers(2)), -1)
    return plane > 0


def masks() -> st.SearchStrategy[NDArray[np.bool_]]:
    return st.builds(mask_of, st.integers(0, 9999), st.integers(5, 160), st.integers(5, 160), st.integers(0, 6))


def test_a_single_pixel_is_outlined_too() -> None:
    mask = np.zeros((9, 9), bool)
    mask[2, 3] = mask[6, 5] = mask[6, 6] = True
    assert _path(mask) == "M5.5 6.5L6.5 6.5ZM3.5 2.5L3.5 2.5Z"


@settings(max_examples=40)
@given(masks())
@example(mask_of(132, 29, 27, 2))
def test_outline_follows_its_mask(mask: NDArray[np.bool_]) -> None:
    """Filled again, the path differs from the mask at its very edge only."""
    drawn = np.zeros(mask.shape, np.uint8)
    for part in _path(mask).split("M")[1:]:
        points = [[float(v) - 0.5 for v in pair.split()] for pair in part.rstrip("Z").split("L")]
        cv2.fillPoly(drawn, [np.rint(points).astype(np.int32)], 1)
    sure, near = core(mask, 2), np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    assert not (sure & ~(drawn > 0)).any()
    filled = fill_holes(near)
    assert not ((drawn > 0) & ~filled).any()


def fill_holes(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    edges, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(mask.astype(np.uint8), edges, -1, 1, -1) > 0


@settings(max_examples=40)
@given(masks(), st.floats(1, 12))
def test_hatching_stays_inside_its_mask(mask: NDArray[np.bool_], gap: float) -> None:
    for line in _hatching(mask, gap).split("M")[1:]:
        (x0, y0), (x1, y1) = ((float(v) - 0.5 for v in end.split()) for end in line.split("L"))
        steps = int(y1 - y0)
        assert steps > 0
        for step in range(1, steps):  # the ends are inside; every pixel between them touches the mask
            x, y = round(x0 + (x1 - x0) * step / steps), round(y0 + step)
            assert mask[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].any()


def test_large_overlays_are_hatched() -> None:
    mask = np.zeros((100, 100), bool)
    mask[20:80, 20:80] = True
    assert _hatching(mask, 6).count("M") > 8
    assert _hatching(np.zeros((100, 100), bool), 6) == _path(np.zeros((100, 100), bool)) == ""


def test_masks_are_png_of_the_files_size() -> None:
    mask = np.zeros((30, 40), bool)
    mask[10:20, 5:15] = True
    data = mask_png(mask, (400, 300))
    found = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED))
    assert data[:4] == b"\x89PNG"
    assert found.shape == (300, 400)
    assert set(np.unique(found).tolist()) == {0, 255}
    assert (found > 0).mean() == mask.mean()
    assert (found[105:195, 55:145] == 255).all()


def test_the_map_shows_no_picture() -> None:
    """Its colours are a few flat ones, paler where less is sure."""
    panel = panels(pictures(), Blur.NONE)[2]
    region = pictures().region
    assert region is not None
    for mask in (region.replaced, region.outside, ~(region.replaced | region.overlay | region.outside)):
        spread = embedded(panel)[core(mask, 12)].reshape(-1, 3).std(axis=0)
        assert (spread < 4).all()
