"""A head whose scores can be steered, and an encoder without a network."""

import numpy as np
from numpy.typing import NDArray

from safelight.detect.hint import Direction, Head

SIZE = 512


def axis(number: int) -> NDArray[np.float32]:
    found = np.zeros(SIZE, np.float32)
    found[number] = 1
    return found


def head() -> Head:
    """Likely AI above 2 along axis 0, no indication below -2; graphics above 5 along axis 1."""
    return Head(Direction(axis(0), 0.0), Direction(axis(1), 0.0), 5.0, 2.0, -2.0, 0.5, -0.25)


def views(score: float, graphics: float = 0.0) -> NDArray[np.float32]:
    """Embeddings of one picture that `head` scores like this (they need no length of 1 here)."""
    one = score * axis(0) + graphics * axis(1)
    return np.tile(one, (5, 1)).astype(np.float32)


class Sized:
    """An encoder whose score of a view is its mean brightness, less 128."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, view: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.calls += 1
        return (float(view.mean()) - 128) * axis(0)


def photograph(seed: int, level: int = 128, height: int = 300, width: int = 400) -> NDArray[np.uint8]:
    """Coloured noise around a level: to the gate it looks like a photograph."""
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(level, 25, (height, width, 3)), 0, 255).astype(np.uint8)
