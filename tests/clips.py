"""Made-up clips, and how to compare them."""

from dataclasses import fields

import numpy as np

from safelight.model.clip import CLIP_TILES, Clip


def clip(seed: int, rows: int = 8, every: int = 4) -> Clip:
    """A clip of so many rows, always the same for one seed, four of them a second; one of `every` has tiles."""
    random = np.random.default_rng(seed)
    keyed = np.arange(0, rows, every, dtype=np.int32)
    width, height = 640 + seed % 100, 480
    return Clip(
        width=width,
        height=height,
        duration=rows / 4 + 0.1,
        box=(0, 60, width, 420) if seed % 2 else None,
        time=(np.arange(rows) / 4).astype(np.float32),
        span=random.choice([0.25, 0.5], rows).astype(np.float32),
        codes=random.integers(0, 256, (rows, 32), np.uint8),
        quality=random.integers(0, 101, rows, np.uint8),
        shot=(np.arange(rows) // 5).astype(np.uint16),
        keyed=keyed,
        tiles=random.integers(0, 256, (len(keyed), CLIP_TILES, 32), np.uint8),
        tile_quality=random.integers(0, 101, (len(keyed), CLIP_TILES), np.uint8),
    )


def same_clip(one: Clip, other: Clip) -> bool:
    """Whether two clips are equal in every value, and in the types of their arrays."""

    def equal(a: object, b: object) -> bool:
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            return a.dtype == b.dtype and np.array_equal(a, b)
        return a == b

    return all(equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Clip))
