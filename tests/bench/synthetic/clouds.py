"""Embeddings drawn at random: sources that differ among themselves, and two classes that differ along one axis."""

import numpy as np

from safelight.bench.synthetic.fit import Data, Source

SIZE = 32  # of the real ones 512: nothing here depends on it


def source(name: str, seed: int, n: int, made: float = 0.0, drawn: float = 0.0) -> Source:
    """`made` moves it along axis 0, `drawn` along axis 1; its own offset lies along an axis of its own."""
    rng = np.random.default_rng(seed)
    centre = np.zeros(SIZE)
    centre[0], centre[1], centre[10 + seed] = made, drawn, 3.0
    pictures = centre + rng.standard_normal((n, 1, SIZE)) * 0.5
    random = pictures + rng.standard_normal((n, 3, SIZE)) * 0.1
    fixed = pictures + rng.standard_normal((n, 5, SIZE)) * 0.1
    return Source(name, random.astype(np.float32), fixed.astype(np.float32), np.zeros(n, bool))


def data(apart: float = 3.0, n: int = 40) -> Data:
    """Three real sources, two generators, drawings; `apart`: how far the classes are."""
    real = tuple(source(name, seed, n) for seed, name in enumerate(("clothing", "objects", "walls")))
    made = tuple(source(name, 5 + seed, n // 2, made=apart) for seed, name in enumerate(("first", "second")))
    return Data(real, made, source("drawn", 9, n, drawn=4.0))
