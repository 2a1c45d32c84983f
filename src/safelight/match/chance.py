"""How likely a PDQ match is to be chance.

Distances between hashes of unrelated pictures were counted on benign photographs (tools/calibrate_chance.py writes
`chance_table.py` and says which and how many). Below the distances at which enough pairs were seen to count, the
logarithm of the share is continued in a straight line with the slope of its last measured part. The true tail bends
down (each further bit is harder), so the line errs on the side of more chance.

What it does not cover: pictures that really share content - the same room, the same printed page. They are no chance
hits, and they can be much closer than this table says.
"""

import numpy as np

from safelight.match.chance_table import KNOTS, QUALITY_BANDS


def log10_chance(distance: int, quality: int) -> float:
    """log10 of the share of unrelated pairs, one form of a query against one hash, at `distance` or less.

    Args:
        distance: bits of 256, 0-256.
        quality: the lower PDQ quality of the two, 0-100.
    """
    band = next(n for n, (low, high) in enumerate(QUALITY_BANDS) if low <= quality <= high)
    distances, shares = zip(*KNOTS[band], strict=True)
    if distance >= distances[0]:
        return float(np.interp(distance, distances, shares))
    slope = (shares[1] - shares[0]) / (distances[1] - distances[0])
    return float(shares[0] - slope * (distances[0] - distance))


def expected_false_matches(distance: int, size: int, queries: int, quality: int) -> float:
    """Chance hits to expect at `distance` or less for one item.

    Args:
        distance: bits of 256.
        size: number of PDQ hashes in the bank.
        queries: forms of the item that were looked up (dihedral, content box ...).
        quality: the lower PDQ quality of item and entry, 0-100.
    """
    return float(size * queries * 10.0 ** log10_chance(distance, quality))
