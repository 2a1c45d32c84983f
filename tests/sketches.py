"""Made-up sketches, and how to compare them."""

from dataclasses import fields

import numpy as np

from safelight.model.local import TILES, WORDS, Sketch
from safelight.model.tiles import TileHashes


def sketch(seed: int, keypoints: int = 20, words: int = WORDS) -> Sketch:
    """A sketch of so many keypoints, always the same for one seed. Few `words`: several keypoints of one word."""
    random = np.random.default_rng(seed)
    return Sketch(
        width=1600 + seed,
        height=1200,
        work_width=400,
        work_height=300,
        x=random.integers(0, 400 * 64, keypoints, np.uint16),
        y=random.integers(0, 300 * 64, keypoints, np.uint16),
        size=random.integers(0, 256, keypoints, np.uint8),
        angle=random.integers(0, 256, keypoints, np.uint8),
        word=np.sort(random.integers(0, words, keypoints, np.uint16)),
        signature=random.integers(0, 1 << 64, (keypoints, 2), np.uint64),
        tiles=TileHashes(random.integers(0, 256, (TILES, 32), np.uint8), random.integers(0, 101, TILES, np.uint8)),
    )


def same(one: Sketch, other: Sketch) -> bool:
    """Whether two sketches are equal in every value, and in the types of their arrays."""

    def equal(a: object, b: object) -> bool:
        if isinstance(a, TileHashes) and isinstance(b, TileHashes):
            return equal(a.codes, b.codes) and equal(a.quality, b.quality)
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            return a.dtype == b.dtype and np.array_equal(a, b)
        return a == b

    return all(equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Sketch))
