"""From embeddings to a calibrated score: two directions in the encoder's space, and the thresholds on them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VIEW_WEIGHTS = np.array([4, 1, 1, 1, 1], np.float64) / 8
"""Of the fixed views: the middle, where the subject is, counts as much as the four corners together."""


@dataclass(frozen=True, slots=True)
class Direction:
    """A linear score of an embedding.

    `weights`: float32, shape (512,). Scores are in standard deviations within a class of the training data; 0 lies
    halfway between the classes.
    """

    weights: NDArray[np.float32]
    bias: float

    def score(self, views: NDArray[np.float32]) -> float:
        """Of a picture: float32, shape (5, 512), the embeddings of its fixed views."""
        return float(VIEW_WEIGHTS @ (views.astype(np.float64) @ self.weights.astype(np.float64) + self.bias))


@dataclass(frozen=True, slots=True)
class Head:
    """What training leaves.

    `synthetic` rises with what AI pictures have in common, `graphics` with what drawn pictures have. A picture whose
    `graphics` score is above `graphics_above` is outside of the domain. Inside, a `synthetic` score above
    `likely_above` is likely AI, one below `nothing_below` is no indication. `slope` (positive) and `intercept`: of the
    logistic function that turns scores into calibrated ones.
    """

    synthetic: Direction
    graphics: Direction
    graphics_above: float
    likely_above: float
    nothing_below: float
    slope: float
    intercept: float

    def calibrated(self, score: float) -> float:
        """Share of pictures of such a score that were AI-made, 0 to 1; both classes equally many in the domain."""
        exponent = self.slope * score + self.intercept
        if exponent < 0:
            return math.exp(max(exponent, -700)) / (1 + math.exp(max(exponent, -700)))
        return 1 / (1 + math.exp(-min(exponent, 700)))
