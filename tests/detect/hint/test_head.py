import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.hint.head import VIEW_WEIGHTS, Direction
from tests.detect.hint.heads import axis, head

numbers = st.floats(-1e9, 1e9)


@given(numbers, numbers)
def test_calibration_is_monotone_and_a_share(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 0 <= head().calibrated(low) <= head().calibrated(high) <= 1


@given(st.floats(-30, 30))
def test_calibration_is_the_logistic_function(score: float) -> None:
    assert head().calibrated(score) == pytest.approx(1 / (1 + math.exp(-(0.5 * score - 0.25))))


def test_the_middle_view_counts_as_much_as_the_corners() -> None:
    assert VIEW_WEIGHTS.sum() == 1
    found = Direction(axis(3), 1.5)
    middle = np.zeros((5, 512), np.float32)
    middle[0, 3] = 8
    corners = np.zeros((5, 512), np.float32)
    corners[1:, 3] = 8
    assert found.score(middle) == found.score(corners) == 4 + 1.5


def test_steeper_slopes_part_scores_more() -> None:
    steep = replace(head(), slope=2.0, intercept=0.0)
    assert steep.calibrated(1) > 0.8
    assert steep.calibrated(0) == 0.5
