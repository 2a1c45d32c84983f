import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.match.region import tone
from tests.match.region.pictures import Mask, Rgb, drawn

EVERYWHERE = np.ones((300, 400), np.float32)


def with_patch(suspect: Rgb, other: Rgb) -> tuple[Rgb, Mask]:
    """A third of the picture replaced, and what was kept."""
    kept = np.ones(suspect.shape[:2], np.bool_)
    kept[100:300, 100:300] = False
    return np.where(kept[..., None], suspect, other).astype(np.uint8), kept


def warm(picture: Rgb) -> Rgb:
    return np.asarray(np.clip(picture * np.array([1.15, 1.0, 0.8]), 0, 255), np.uint8)


def gamma(picture: Rgb) -> Rgb:
    return np.asarray(np.rint(255 * (picture / 255) ** 1.6), np.uint8)


def contrast(picture: Rgb) -> Rgb:
    return np.asarray(np.clip(1.5 * picture.astype(np.float32) + 12, 0, 255), np.uint8)


def grey(picture: Rgb) -> Rgb:
    return np.repeat(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, axis=2)


def sepia(picture: Rgb) -> Rgb:
    mix = np.array([[0.39, 0.77, 0.19], [0.35, 0.69, 0.17], [0.27, 0.53, 0.13]])
    return np.asarray(np.clip(picture @ mix.T, 0, 255), np.uint8)


def vignette(picture: Rgb) -> Rgb:
    y, x = np.mgrid[-1:1:300j, -1:1:400j]
    return np.asarray(picture * (1 - 0.25 * (x * x + y * y))[..., None], np.uint8)


@pytest.mark.parametrize("change", [np.copy, warm, gamma, contrast, grey, sepia, vignette])
@pytest.mark.parametrize("number", [2, 14])
def test_what_was_done_to_the_tones_is_undone_beside_a_replaced_third(change: object, number: int) -> None:
    assert callable(change)
    source = drawn(number)
    suspect, kept = with_patch(change(source), drawn(number + 1))
    made = tone.fit(source, suspect, EVERYWHERE).applied(source)
    apart = np.abs(made - suspect).mean(axis=2)
    assert float(apart[kept].mean()) < 3
    assert float(apart[~kept].mean()) > 20


def test_tones_are_learnt_where_trust_lies() -> None:
    source = drawn(2)
    trust = np.zeros((300, 400), np.float32)
    trust[:, :200] = 1
    suspect = np.where(np.arange(400)[None, :, None] < 200, gamma(source), contrast(source)).astype(np.uint8)
    made = tone.fit(source, suspect, trust).applied(source)
    assert np.abs(made - suspect).mean(axis=2)[:, :200].mean() < 2


@given(st.lists(st.tuples(st.floats(0, 255), st.floats(0, 9)), min_size=1, max_size=12))
def test_the_rising_curve_is_the_nearest_one(levels: list[tuple[float, float]]) -> None:
    values, counts = np.array(levels).T
    weights, places = counts + tone._ANCHOR, range(len(values))

    def mean(first: int, last: int) -> float:
        return float(np.average(values[first : last + 1], weights=weights[first : last + 1]))

    best = [max(min(mean(a, b) for b in places[n:]) for a in places[: n + 1]) for n in places]
    np.testing.assert_allclose(tone._rising(values, counts), best, atol=1e-6)
