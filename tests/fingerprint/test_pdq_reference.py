"""The oracle itself, on cases that can be worked out by hand."""

import numpy as np
import pytest

from safelight.fingerprint.pdq_reference import box_blur, quality, reference_pdq, to_hex, transform, window_size


@pytest.mark.parametrize(("length", "window"), [(1, 1), (64, 1), (128, 1), (129, 2), (256, 2), (257, 3), (4000, 32)])
def test_the_window_is_half_a_sample_rounded_up(length: int, window: int) -> None:
    assert window_size(length) == window


def test_a_box_blur_averages_what_is_there() -> None:
    column = np.array([[0.0], [3.0], [6.0], [30.0]])
    assert box_blur(column, 1).ravel().tolist() == [0, 3, 6, 30]
    assert box_blur(column, 2).ravel().tolist() == [1.5, 4.5, 18, 30]
    assert box_blur(column, 3).ravel().tolist() == [1.5, 3, 13, 18]


def test_a_pure_wave_has_one_coefficient() -> None:
    position = (2 * np.arange(64) + 1) * np.pi / 128
    grid = np.outer(np.cos(3 * position), np.cos(5 * position))
    coefficients = transform(grid)
    assert coefficients[2, 4] == pytest.approx(32)
    coefficients[2, 4] = 0
    assert np.abs(coefficients).max() < 1e-9


def test_the_first_bit_is_the_last_digit() -> None:
    coefficients = np.zeros((16, 16))
    coefficients[0, 0] = 1
    assert to_hex(coefficients) == "0" * 63 + "1"
    coefficients[15, 15] = 1
    assert to_hex(coefficients) == "8" + "0" * 62 + "1"


def test_quality_counts_whole_percents_and_is_capped() -> None:
    grid = np.zeros((64, 64))
    assert quality(grid) == 0
    grid[:, 32:] = 255 * 0.0199  # one column of steps of 1.99 percent: 64 x 1 / 90
    assert quality(grid) == 0
    grid[:, 32:] = 255 * 0.0299
    assert quality(grid) == 1
    grid[::2] = 255
    assert quality(grid) == 100


def test_flat_and_tiny_pictures_are_unhashable() -> None:
    assert reference_pdq(np.full((70, 70, 3), 9, dtype=np.uint8)) is None
    assert reference_pdq(np.zeros((4, 70, 3), dtype=np.uint8)) is None
