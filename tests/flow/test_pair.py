"""Two pictures at hand: keypoints where there are any, tiles where there are few."""

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.adapter.codebook import load_codebook
from safelight.demo.draw import draw
from safelight.flow.local import examine_locally
from safelight.flow.pair import derivation_of_pair
from safelight.match.local.quantise import Quantiser
from safelight.model.derivation import Derivation, Verdict
from safelight.model.local import OF_KNOWN, OF_QUERY

PATCH = np.s_[150:330, 200:400]


@cache
def quantiser() -> Quantiser:
    return Quantiser(load_codebook())


def judged(suspect: NDArray[np.uint8], original: NDArray[np.uint8]) -> Derivation | None:
    one, other = examine_locally(suspect, 1, OF_QUERY), examine_locally(original, 1, OF_KNOWN)
    return derivation_of_pair(one, other, quantiser())


def drawn(number: int) -> NDArray[np.uint8]:
    return np.asarray(draw(number, 600, 450))


def smooth(seed: int) -> NDArray[np.uint8]:
    """Soft colours without an edge: a handful of keypoints."""
    noise = np.random.default_rng(seed).normal(size=(450, 600, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 25)
    return np.asarray((soft - soft.min()) / (soft.max() - soft.min()) * 255, np.uint8)


def patched(original: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    suspect = original.copy()
    suspect[PATCH] = other[PATCH]
    return suspect


@pytest.mark.parametrize("mirrored", [False, True])
def test_keypoints_trace_a_turned_crop(mirrored: bool) -> None:
    suspect = patched(drawn(1), drawn(9))[30:430, 40:580]
    if mirrored:
        suspect = suspect[:, ::-1]
    found = judged(np.ascontiguousarray(suspect), drawn(1))
    assert found is not None
    assert found.verdict is Verdict.DERIVATIVE
    assert found.mirrored == mirrored
    assert found.inliers > 20
    assert found.affine is not None
    corner = found.affine[2], found.affine[5]  # where the suspect's first pixel lies
    assert corner == pytest.approx((579 if mirrored else 40, 30), abs=2)


@pytest.mark.parametrize("mirrored", [False, True])
def test_tiles_trace_what_has_few_keypoints(mirrored: bool) -> None:
    suspect = patched(smooth(1), smooth(51))
    if mirrored:
        suspect = np.ascontiguousarray(suspect[:, ::-1])
    found = judged(suspect, smooth(1))
    assert found is not None
    assert (found.verdict, found.mirrored) == (Verdict.DERIVATIVE, mirrored)
    assert found.tiles_agree >= 2
    assert found.affine == pytest.approx((-1, 0, 599, 0, 1, 0) if mirrored else (1, 0, 0, 0, 1, 0))


@pytest.mark.parametrize(("suspect", "original"), [(drawn(2), drawn(1)), (smooth(100), smooth(1))])
def test_other_pictures_are_no_derivatives(suspect: NDArray[np.uint8], original: NDArray[np.uint8]) -> None:
    found = judged(suspect, original)
    assert found is None or found.verdict is not Verdict.DERIVATIVE


def test_a_flat_picture_says_nothing() -> None:
    flat = np.full((300, 400, 3), 90, np.uint8)
    for suspect, original in ((flat, drawn(1)), (drawn(1), flat), (flat, flat)):
        found = judged(suspect, original)
        assert found is None or found.verdict is not Verdict.DERIVATIVE
