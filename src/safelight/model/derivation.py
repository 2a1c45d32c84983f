"""How a suspect picture and a source hang together: the two verdicts and their evidence."""

from dataclasses import dataclass
from enum import StrEnum

Affine = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): suspect pixel (x, y) lies at (a x + b y + c, d x + e y + f) in the source. Pixel centres are
whole numbers; both pictures as displayed, full size."""


class Verdict(StrEnum):
    """What the evidence of a pair says. The first two are never mixed."""

    DERIVATIVE = "derivative"  # this picture came from that one
    SHARED_SCENE = "shared_scene"  # the same room or object, another picture: a lead for people, no more
    NOT_DERIVED = "not_derived"  # no trace of it was found; not a proof that there is none
    UNDECIDED = "undecided"  # too little to go by: a picture almost without texture, or too small


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """One part of the sum that makes the likelihood ratio. `nats` is its share: above 0 speaks for `derivative`."""

    name: str
    value: float
    nats: float
    text: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """What is known of one pair of suspect and source.

    `affine`: from suspect to source, None when they could not be aligned. `mirrored`: the suspect is a mirror image.
    `inliers`: keypoints found in both that agree with the affine. `looked_for`: stored keypoints of the source that
    lie inside the suspect by the affine and were not used to find it; `found`: those that are there. `tiles`,
    `tiles_agree`: tiles of the source's 4x4 grid that could be compared, and those that agree. `log_ratio`: natural
    logarithm of the calibrated likelihood ratio of `derivative` against anything else, the sum of `parts`.
    `p_false_match`: chance that a picture which came from none of the known ones gets a derivative verdict as strong
    as this in a search of that size; for a single pair, of size 1.
    """

    verdict: Verdict
    affine: Affine | None = None
    mirrored: bool = False
    inliers: int = 0
    looked_for: int = 0
    found: int = 0
    tiles: int = 0
    tiles_agree: int = 0
    log_ratio: float = 0.0
    p_false_match: float | None = None
    parts: tuple[EvidencePart, ...] = ()
