"""Drawn pictures for the fingerprint tests."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Draw = Callable[[str, int, int, int], Pixels]


def draw_picture(kind: str, width: int, height: int, seed: int) -> Pixels:
    """RGB noise, waves (smooth or faint), or a quilt of patches of several sizes; uint8, shape (height, width, 3)."""
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    x, y = np.arange(width) / width, np.arange(height) / height
    picture = np.full((height, width, 3), 127.5)
    if kind == "quilt":
        for patches in (5, 11, 27, 50):
            cells = rng.uniform(-50, 50, (patches, patches, 3))
            picture += cells[np.ix_((y * patches).astype(int), (x * patches).astype(int))]
    else:
        for _ in range(8):
            across, down, phase = rng.uniform(-12, 12), rng.uniform(-12, 12), rng.uniform(0, 6, 3)
            wave = np.sin(across * x[None, :, None] + down * y[:, None, None] + phase)
            picture += (25 if kind == "smooth" else 2) * wave
    clipped: Pixels = np.clip(picture, 0, 255).astype(np.uint8)
    return clipped


@pytest.fixture(scope="session")
def draw() -> Draw:
    return draw_picture
