"""The benchmark's edits do what the protocol says, and tell the truth about it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.bench.common import texture
from safelight.bench.derivative.draft import Rgb
from safelight.bench.derivative.edits import EDITS, REGION_EDITS, UNREPLACED_EDITS, Edited, apply, seed_for

OTHERS = [texture(300, 420, 91), texture(640, 480, 92), texture(256, 256, 93)]
WIDTH, HEIGHT = 384, 288
SOURCE = texture(WIDTH, HEIGHT, 5)


def edited(name: str, seed: int = 1) -> Edited:
    return apply(name, SOURCE, OTHERS, seed)


def source_under(result: Edited, source: Rgb) -> Rgb:
    """The source, warped by the matrix to where the edited picture shows it."""
    size = result.pixels.shape[1], result.pixels.shape[0]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(source, result.matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def shift_between(one: Rgb, other: Rgb, where: np.ndarray) -> tuple[float, float]:
    """Least-squares (x, y) shift, in pixels, between two nearly equal pictures, over the pixels `where`."""
    left, right = (
        np.asarray(cv2.GaussianBlur(cv2.cvtColor(one_, cv2.COLOR_RGB2GRAY), (0, 0), 2), np.float64)
        for one_ in (one, other)
    )
    slope = np.gradient(left)
    across, along, rest = slope[1][where], slope[0][where], (right - left)[where]
    rest = rest - rest.mean()
    solved, *_ = np.linalg.lstsq(np.column_stack([across, along]), rest, rcond=None)
    return abs(float(solved[0])), abs(float(solved[1]))


def test_the_protocol_names_33_edits() -> None:
    assert len(EDITS) == 33
    assert len(REGION_EDITS) == 8
    assert set(UNREPLACED_EDITS) == {
        *("jpeg90", "jpeg50", "jpeg30", "crop10", "crop25", "crop40", "crop60"),
        *("gamma", "contrast", "grey", "blur"),
    }
    assert [name for name in EDITS if edited(name).replaced.any()] == list(REGION_EDITS)


@pytest.mark.parametrize("name", EDITS)
def test_pixels_masks_and_matrix_fit_each_other(name: str) -> None:
    result = edited(name)
    height, width = result.pixels.shape[:2]
    assert result.pixels.dtype == np.uint8
    assert result.pixels.shape == (height, width, 3)
    assert result.pixels.flags.c_contiguous
    assert result.matrix.shape == (2, 3)
    assert result.matrix.dtype == np.float64
    for mask in (result.replaced, result.overlay, result.outside):
        assert mask.shape == (height, width)
        assert mask.dtype == np.bool_
    assert not (result.outside & (result.replaced | result.overlay)).any()
    assert (np.linalg.det(result.matrix[:, :2]) < 0) == ("mirror" in name)


@pytest.mark.parametrize("name", [name for name in EDITS if name not in {"gamma", "contrast"}])
def test_the_matrix_leads_back_to_the_source(name: str) -> None:
    result = edited(name)
    kept = ~(result.replaced | result.overlay | result.outside)
    kept = cv2.erode(np.pad(kept.astype(np.uint8), 1), np.ones((9, 9)))[1:-1, 1:-1] > 0
    under = source_under(result, SOURCE)
    assert kept.mean() > 0.1
    luma, luma_under = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(int) for one in (result.pixels, under))
    assert np.abs(luma - luma_under)[kept].mean() < 4
    scale = np.sqrt(abs(np.linalg.det(result.matrix[:, :2])))
    assert max(shift_between(result.pixels, under, kept)) * scale < 0.5


@pytest.mark.parametrize("name", EDITS)
def test_what_is_masked_differs_and_lies_where_the_source_says(name: str) -> None:
    """Replaced, overlaid and outside pixels do not show the source; all others map into it."""
    result = edited(name)
    rows, columns = np.nonzero(~result.outside)
    x, y = result.matrix @ np.stack([columns, rows, np.ones(len(rows))])
    assert x.min() > -1
    assert x.max() < WIDTH
    assert y.min() > -1
    assert y.max() < HEIGHT
    off = np.abs(result.pixels.astype(int) - source_under(result, SOURCE)).max(axis=2)
    for mask in (result.replaced, result.overlay):
        if mask.any():
            assert (off[mask] > 16).mean() > 0.6


@pytest.mark.parametrize(("name", "share"), [("rr5", 0.05), ("rr10", 0.1), ("rr20", 0.2), ("rr35", 0.35)])
@pytest.mark.parametrize("size", [(384, 288), (120, 700), (333, 100)])
def test_the_ellipse_has_its_share_and_lies_inside(name: str, share: float, size: tuple[int, int]) -> None:
    source = texture(*size, 3)
    for seed in range(12):
        result = apply(name, source, OTHERS, seed)
        assert result.replaced.mean() == pytest.approx(share, abs=0.004)
        edge = np.concatenate([result.replaced[[0, -1]].ravel(), result.replaced[:, [0, -1]].ravel()])
        assert not edge.any()


@pytest.mark.parametrize(
    ("name", "share"),
    [("letterbox", 2 / 7), ("collage4", 3 / 4), ("pip50", 3 / 4), ("crop60", 0.0), ("rot90", 0.0), ("text", 0.0)],
)
def test_how_much_is_not_of_the_source(name: str, share: float) -> None:
    assert edited(name).outside.mean() == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("away", [10, 25, 40, 60])
def test_crops_keep_their_share_of_the_area(away: int) -> None:
    proportions = set()
    for seed in range(20):
        height, width = apply(f"crop{away}", SOURCE, [], seed).pixels.shape[:2]
        assert width * height / (WIDTH * HEIGHT) == pytest.approx(1 - away / 100, abs=0.01)
        assert 0.84 < (width / height) / (WIDTH / HEIGHT) < 1.19
        proportions.add(width / height)
    assert len(proportions) > 5


def test_half_of_the_patches_take_on_the_colours_they_cover() -> None:
    blue = np.zeros((240, 320, 3), np.uint8)
    blue[..., 2] = 200
    blue[::2, ::2] += 20
    red = blue[..., ::-1].copy()
    matched = 0
    for seed in range(60):
        result = apply("rr20", blue, [red], seed)
        inside = result.pixels[result.replaced].mean(0)
        matched += bool(inside[2] > inside[0])
    assert 18 < matched < 42


def test_seeds_decide_everything() -> None:
    for name in ("crop40", "rr20+overlay+rot7", "collage4"):
        first, again, other = edited(name, 7), edited(name, 7), edited(name, 8)
        assert np.array_equal(first.pixels, again.pixels)
        assert np.array_equal(first.matrix, again.matrix)
        assert first.pixels.shape != other.pixels.shape or not np.array_equal(first.pixels, other.pixels)
    assert seed_for(1, "a", "b") == seed_for(1, "a", "b")
    assert len({seed_for(1), seed_for(1, "a"), seed_for(1, "b"), seed_for(2, "a"), seed_for(1, "a", "b")}) == 5


def test_inputs_are_never_written_to() -> None:
    source, others = SOURCE.copy(), [one.copy() for one in OTHERS]
    for picture in (source, *others):
        picture.flags.writeable = False
    for name in EDITS:
        apply(name, source, others, 3)


@given(width=st.integers(16, 200), height=st.integers(16, 200), name=st.sampled_from(list(EDITS)), seed=st.integers(0))
def test_any_size_can_be_edited(width: int, height: int, name: str, seed: int) -> None:
    result = apply(name, texture(width, height, 1), OTHERS, seed)
    assert min(result.pixels.shape[:2]) >= 1
    assert result.outside.mean() < 0.99


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(KeyError):
        apply("swirl", SOURCE, OTHERS, 1)
    with pytest.raises(ValueError, match="uint8 RGB"):
        apply("rr5", SOURCE[:, :, 0], OTHERS, 1)
    with pytest.raises(ValueError, match="uint8 RGB"):
        apply("rr5", SOURCE, OTHERS[0], 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="needs another"):
        apply("rr5", SOURCE, [], 1)
