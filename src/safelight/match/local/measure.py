"""The figures of one aligned pair, from which the verdict is made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.match.local.guided import FOUND_BITS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known picture that may be the query's source, aligned.

    `segment`, `picture`: its sketch. `to_query`: float64, shape (2, 3), from its working pixels to the query's as it
    stands; it mirrors when `mirrored`. `affine`: that map was free to shear. `inliers`: pairs that agree on it,
    `residual`: of their errors, in pixels of the query, `keypoints`: theirs in the sketch.
    """

    segment: int
    picture: int
    mirrored: bool
    to_query: NDArray[np.float64]
    affine: bool
    inliers: int
    residual: float
    keypoints: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of one pair of query and known picture.

    `inliers`: detected pairs that agree on the map. `residual`: root mean square of their errors, in thousandths of
    the query's diagonal. `shear`: natural logarithm of how much the map stretches one direction against another
    beyond a plain change of aspect ratio; `aspect`: that of the aspect ratio; both None when
    the pairs are too few to tell. `looked_for`: stored keypoints within
    the query by the map, without those that made it; `found`: those of them that are there; `closeness`: mean of the
    differing bits of these, FOUND_BITS when there is none.
    """

    inliers: int
    residual: float
    shear: float | None
    aspect: float | None
    looked_for: int
    found: int
    closeness: float

    @property
    def share(self) -> float:
        """Share found of what was looked for, with one of each added, so that little evidence stays near a half."""
        return (self.found + 1) / (self.looked_for + 2)


def measure(candidate: Candidate, bits: NDArray[np.int64], fresh: NDArray[np.bool_], size: tuple[int, int]) -> Measures:
    """Measure one candidate. `bits`, `fresh`: of the places looked at; `size`: of the query's working picture."""
    found = bits[fresh & (bits <= FOUND_BITS)]
    aspect, shear = deformation(candidate.to_query[:, :2])
    return Measures(
        inliers=candidate.inliers,
        residual=1000 * candidate.residual / float(np.hypot(*size)),
        shear=shear if candidate.affine else None,
        aspect=aspect if candidate.affine else None,
        looked_for=int(fresh.sum()),
        found=len(found),
        closeness=float(found.mean()) if len(found) else float(FOUND_BITS),
    )


def deformation(linear: NDArray[np.float64]) -> tuple[float, float]:
    """(aspect, shear) of the linear part of a map, float64, shape (2, 2).

    A picture that was stretched keeps its axes at right angles: lengths of the images of x and y give the aspect, the
    cosine of the angle between them the shear. Two views of one scene have both in general.
    """
    along_x, along_y = linear[:, 0], linear[:, 1]
    long_x, long_y = float(np.hypot(*along_x)), float(np.hypot(*along_y))
    if min(long_x, long_y) <= 0:
        return 0.0, 1.0
    cosine = abs(float(along_x @ along_y)) / (long_x * long_y)
    return abs(float(np.log(long_x / long_y))), float(np.arctanh(min(cosine, 0.9999)))


def residual_of(errors: NDArray[np.float64]) -> float:
    """Root mean square of the errors of a fitted map in pixels, made up for the six figures that were fitted."""
    sound = errors[np.isfinite(errors)]
    return float(np.sqrt(2 * (sound**2).sum() / max(2 * len(sound) - 6, 1)))
