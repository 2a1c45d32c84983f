"""The region that evidence and a short outline agree on: a minimal cut, in its continuous form.

Among all regions, the one with the largest sum of log-odds minus `outline` times the length of its boundary. Chan,
Esedoglu and Nikolova ("Algorithms for Finding Global Minimizers of Image Segmentation and Denoising Models", SIAM J.
Appl. Math. 2006) show that it is a level set of a convex problem, so the answer does not hang on where one begins. It
is solved by the primal-dual steps of Chambolle and Pock (J. Math. Imaging Vis. 2011).
"""

import numpy as np
from numba import njit

from safelight.match.region.frame import Plane

_STEPS = 100
_RATE = np.float32(1 / np.sqrt(8))  # both step sizes: their product times 8 may not exceed 1


@njit(cache=True, nogil=True)
def _solve(pull: Plane, shares: Plane, rate: np.float32, steps: int) -> None:
    """Improve `shares` (0 to 1) in place. `pull`: log-odds over the cost of a unit of outline. `rate`: of each step."""
    height, width = pull.shape
    one, zero = np.float32(1), np.float32(0)
    ahead = shares.copy()
    across, along = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    still = np.zeros(width, np.float32)
    for _ in range(steps):
        for y in range(height):
            below = ahead[min(y + 1, height - 1)]
            here, p, q = ahead[y], across[y], along[y]
            for x in range(width - 1):
                a = p[x] + rate * (here[x + 1] - here[x])
                b = q[x] + rate * (below[x] - here[x])
                length = max(one, np.sqrt(a * a + b * b))
                p[x] = a / length
                q[x] = b / length
            b = q[width - 1] + rate * (below[width - 1] - here[width - 1])
            q[width - 1] = b / max(one, abs(b))
        for y in range(height):
            p, q, force, now, there = across[y], along[y], pull[y], shares[y], ahead[y]
            above = along[y - 1] if y > 0 else still
            for x in range(width):
                left = p[x - 1] if x > 0 else zero
                moved = now[x] + rate * (p[x] - left + q[x] - above[x] + force[x])
                moved = min(one, max(zero, moved))
                there[x] = moved + moved - now[x]
                now[x] = moved


def cut(log_odds: Plane, outline: float, steps: int = _STEPS) -> Plane:
    """Shares from 0 to 1, float32 of the same shape; the region is where they exceed 1/2."""
    pull = np.ascontiguousarray(log_odds / np.float32(outline), np.float32)
    shares = (pull > 0).astype(np.float32)
    _solve(pull, shares, _RATE, steps)
    return shares


def cut_reference(log_odds: Plane, outline: float, steps: int = _STEPS) -> Plane:
    """The same by whole arrays, as the paper writes it: the oracle of `cut`."""
    pull = log_odds / np.float32(outline)
    shares = (pull > 0).astype(np.float32)
    ahead, across, along = shares, np.zeros_like(shares), np.zeros_like(shares)
    for _ in range(steps):
        across[:, :-1] += _RATE * np.diff(ahead, axis=1)
        along[:-1] += _RATE * np.diff(ahead, axis=0)
        length = np.maximum(1, np.sqrt(across**2 + along**2))
        across, along = across / length, along / length
        spread = np.diff(across, axis=1, prepend=0) + np.diff(along, axis=0, prepend=0)
        moved = np.clip(shares + _RATE * (spread + pull), 0, 1)
        ahead, shares = 2 * moved - shares, moved
    return np.asarray(shares, np.float32)
