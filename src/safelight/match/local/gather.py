"""Growing an alignment: pairs that the lists did not give, found where the map says they must be.

Voting sees a pair only when the query's keypoint came upon the list of the stored one. Once a map is known, every
stored keypoint has a place in the query, and whatever the query has there can be compared with it directly. A few
rounds of this carry a map that a corner of the picture gave over all of it, also when the picture was stretched; a
few more, ever closer, leave the pairs that an exact copy would give, or show that there are none.
"""

import numpy as np
from numpy.typing import NDArray

from safelight.match.local import geometry_kernel as kernel
from safelight.match.local.geometry import TOLERANCE, Aligned, Pairs, refit
from safelight.match.local.quantise import Quantiser, distances
from safelight.match.local.sketch import table_of
from safelight.match.local.voting import Asked
from safelight.model.local import Sketch

PAIR_BITS = 42
"""Differing bits of 128 up to which keypoints in one place are a pair."""
_WIDE_ROUNDS, _CLOSE_ROUNDS = 3, 3
_WIDE = 2.0  # times the tolerance, while a map grows
_CLOSE = 3.0  # times the median error, when it is polished
_LEAST = 0.002  # share of the diagonal: about a pixel, which edits alone can move a keypoint by


def grow(
    sketch: Sketch, asked: Asked, aligned: Aligned, diagonal: float, quantiser: Quantiser
) -> tuple[Pairs, Aligned] | None:
    """All pairs around a map, and the map refitted to them; None when it comes to nothing."""
    known = table_of(sketch)
    reach = _WIDE * TOLERANCE * diagonal
    for turn in range(_WIDE_ROUNDS + _CLOSE_ROUNDS):
        if turn >= _WIDE_ROUNDS:
            typical = float(np.median(aligned.errors))
            reach = min(max(_CLOSE * typical, _LEAST * diagonal), TOLERANCE * diagonal)
        pairs = _pairs(sketch, known, asked, aligned.map, reach, quantiser)
        grown = refit(pairs, aligned.map, reach)
        if grown is None:
            return None
        aligned = grown
    return pairs, aligned


def _pairs(
    sketch: Sketch,
    known: NDArray[np.float64],
    asked: Asked,
    map_: NDArray[np.float64],
    reach: float,
    quantiser: Quantiser,
) -> Pairs:
    """Every stored keypoint with every keypoint of the query within `reach` pixels of its place, if alike."""
    placed = known[:, :2] @ map_.reshape(2, 3)[:, :2].T + map_.reshape(2, 3)[:, 2]
    across = np.abs(placed[:, None, 0] - asked.table[None, :, 0]) <= reach
    keypoint, feature = np.nonzero(across & (np.abs(placed[:, None, 1] - asked.table[None, :, 1]) <= reach))
    apart = kernel.errors(map_, known[keypoint], asked.table[feature])
    keypoint, feature = keypoint[apart <= reach], feature[apart <= reach]
    words = sketch.word[keypoint].astype(np.int32)[:, None]
    bits = distances(quantiser.signatures(asked.rotated[feature], words)[:, 0, :], sketch.signature[keypoint])
    alike = bits <= PAIR_BITS
    keypoint, feature = keypoint[alike], feature[alike]
    return Pairs(known[keypoint], asked.table[feature], feature, keypoint, bits[alike])
