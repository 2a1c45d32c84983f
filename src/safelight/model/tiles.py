"""Hashes of the parts of a picture: what an altered picture still shares with its source, place by place."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray


def tile_edges(length: int, grid: int) -> NDArray[np.int64]:
    """Where `grid` tiles along an axis of `length` pixels begin and end: int64 (grid + 1,), from 0 to `length`."""
    return np.arange(grid + 1) * length // grid


@dataclass(frozen=True, slots=True)
class TileHashes:
    """One PDQ for each tile of a picture cut into equal rows and columns, in row-major order.

    `codes`: uint8 (n, 32), highest bit first as in PDQ's hexadecimal form. `quality`: uint8 (n,), PDQ quality 0-100;
    a tile with nothing to hash has zeros in both. Raises ValueError for other types or shapes, or an n that is no
    square.
    """

    codes: NDArray[np.uint8]
    quality: NDArray[np.uint8]

    def __post_init__(self) -> None:
        count = len(self.quality)
        if self.codes.dtype != np.uint8 or self.codes.shape != (count, 32) or isqrt(count) ** 2 != count:
            raise ValueError(f"tile codes are uint8 of shape (n, 32), not {self.codes.dtype} of {self.codes.shape}")
        if self.quality.dtype != np.uint8 or self.quality.ndim != 1:
            raise ValueError(f"tile qualities are uint8 (n,), not {self.quality.dtype} of {self.quality.shape}")

    @property
    def grid(self) -> int:
        """Tiles along each axis."""
        return isqrt(len(self.quality))
