"""Alignment: which pairs of keypoints agree on one map from the known picture to the query, and that map."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from safelight.match.local import geometry_kernel as kernel

LEAST_PAIRS = 3
"""Pairs that must agree."""
TOLERANCE = 0.009
"""Share of the query's diagonal within which a pair agrees: about 5 pixels of a working picture."""
MAX_PAIRS = 400
"""Pairs of one candidate that are looked at, the nearest signatures first; more come from repeating patterns."""
_AFFINE_PAIRS = 8
_AFFINE_SPREAD = 0.15
_ROUNDS = 5
_WIDE_ROUNDS = 2
_SAME_PLACE = 2.0  # pixels; keypoints of several angles in one place count once
_LEAST_AREA = 1e-4


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of keypoints of one candidate; arrays of one length n.

    `known`, `asked`: float64, shape (n, 4): x, y, size, angle in the working pixels of either picture. `feature`,
    `keypoint`: which keypoint of the query and of the known picture. `bits`: differing bits of their signatures.
    """

    known: NDArray[np.float64]
    asked: NDArray[np.float64]
    feature: NDArray[np.int64]
    keypoint: NDArray[np.int64]
    bits: NDArray[np.int64]

    def only(self, kept: NDArray[np.int64]) -> "Pairs":
        """The pairs at these positions."""
        return Pairs(self.known[kept], self.asked[kept], self.feature[kept], self.keypoint[kept], self.bits[kept])


@dataclass(frozen=True, slots=True)
class Aligned:
    """A map from known to query.

    `map`: float64, (a, b, c, d, e, f) sends (x, y) to (a x + b y + c, d x + e y + f). `affine`: it was free to shear
    and stretch; else it is a similarity, as pairs are few or lie on a line. `inliers`: positions of the
    pairs that agree; `errors`: theirs, in pixels, infinite for one that the last fit lost.
    """

    map: NDArray[np.float64]
    affine: bool
    inliers: NDArray[np.int64]
    errors: NDArray[np.float64]


def align(pairs: Pairs, weights: NDArray[np.float32], diagonal: float) -> Aligned | None:
    """The map that most pairs agree on; None when fewer than LEAST_PAIRS do.

    `weights`: by differing bits, float32, shape (129,). `diagonal`: of the query in its working pixels.

    Each pair proposes the similarity that its own size and angle give; the best supported is refitted to those that
    agree, as an affine once there are enough of them and not on one line.
    """
    if len(pairs.bits) < LEAST_PAIRS:
        return None
    if len(pairs.bits) > MAX_PAIRS:
        nearest = np.sort(np.argsort(pairs.bits, kind="stable")[:MAX_PAIRS])
        pairs = pairs.only(nearest)
        aligned = align(pairs, weights, diagonal)
        return aligned and replace(aligned, inliers=nearest[aligned.inliers])
    tolerance = TOLERANCE * diagonal
    seed = kernel.best_hypothesis(pairs.known, pairs.asked, weights[pairs.bits], 2 * tolerance)
    found = kernel.similarity(pairs.known, pairs.asked, seed)
    aligned = None
    for turn in range(_ROUNDS):
        aligned = refit(pairs, found, 2 * tolerance if turn < _WIDE_ROUNDS else tolerance)
        if aligned is None:
            return None
        found = aligned.map
    return aligned


def refit(pairs: Pairs, map_: NDArray[np.float64], tolerance: float) -> Aligned | None:
    """The map fitted to those of the pairs that agree with `map_` within `tolerance` pixels; None when too few do."""
    apart = kernel.errors(map_, pairs.known, pairs.asked)
    inliers = _one_to_one(pairs, apart, tolerance)
    if len(inliers) < LEAST_PAIRS:
        return None
    known, asked = pairs.known[inliers], pairs.asked[inliers]
    affine = len(inliers) >= _AFFINE_PAIRS and bool(kernel.spread(known) > _AFFINE_SPREAD)
    found = kernel.fit(known, asked, affine)
    area = found[0] * found[4] - found[1] * found[3]
    if not np.isfinite(found).all() or area < _LEAST_AREA:  # a mirrored query is asked for as a mirror image
        return None
    return Aligned(found, affine, inliers, kernel.errors(found, known, asked))


def _one_to_one(pairs: Pairs, apart: NDArray[np.float64], tolerance: float) -> NDArray[np.int64]:
    """Positions of the pairs within the tolerance, no keypoint and no place in two of them; nearest bits first."""
    near = np.nonzero(apart <= tolerance)[0]
    near = near[np.lexsort((near, apart[near], pairs.bits[near]))]
    features: set[int] = set()
    keypoints: set[int] = set()
    places: set[tuple[int, int]] = set()
    kept = []
    for pair in near.tolist():
        feature, keypoint = int(pairs.feature[pair]), int(pairs.keypoint[pair])
        x, y = pairs.known[pair, :2] // _SAME_PLACE
        if feature in features or keypoint in keypoints or (x, y) in places:
            continue
        features.add(feature)
        keypoints.add(keypoint)
        places.add((x, y))
        kept.append(pair)
    return np.array(sorted(kept), dtype=np.int64)
