"""The compiled part of alignment. Plain loops over at most some hundred pairs; no random sampling, so one answer.

Pairs of keypoints are rows of (x, y, size, angle) of the known picture and of the query. A map takes known to query:
(a, b, c, d, e, f) sends (x, y) to (a x + b y + c, d x + e y + f). `geometry` says what it is for, `geometry_reference`
is the slow version.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

SIZE_RATIO = 1.5
"""A pair's sizes may differ by this factor from what a hypothesis says."""
ANGLE_ERROR = 0.5
"""Radians that a pair's angles may differ from what a hypothesis says."""
_TURN = 2 * math.pi


@njit(cache=True, nogil=True)
def similarity(known: NDArray[np.float64], asked: NDArray[np.float64], pair: int) -> NDArray[np.float64]:
    """The map that one pair gives by itself: turn and scale by its angles and sizes."""
    scale = asked[pair, 2] / known[pair, 2]
    turn = asked[pair, 3] - known[pair, 3]
    a, b = scale * math.cos(turn), -scale * math.sin(turn)
    x, y = known[pair, 0], known[pair, 1]
    return np.array([a, b, asked[pair, 0] - (a * x + b * y), -b, a, asked[pair, 1] - (-b * x + a * y)])


@njit(cache=True, nogil=True)
def errors(map_: NDArray[np.float64], known: NDArray[np.float64], asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far, in pixels, each pair's known keypoint is sent from the query's.

    Infinite for a pair whose size or angle does not agree.
    """
    determinant = map_[0] * map_[4] - map_[1] * map_[3]
    scale = math.sqrt(abs(determinant))
    turn = math.atan2(map_[3] - map_[1], map_[0] + map_[4])
    found = np.empty(len(known))
    for pair in range(len(known)):
        x, y = known[pair, 0], known[pair, 1]
        dx = map_[0] * x + map_[1] * y + map_[2] - asked[pair, 0]
        dy = map_[3] * x + map_[4] * y + map_[5] - asked[pair, 1]
        ratio = asked[pair, 2] / (known[pair, 2] * scale) if scale > 0 else 0.0
        apart = abs(asked[pair, 3] - known[pair, 3] - turn) % _TURN
        agrees = 1 / SIZE_RATIO < ratio < SIZE_RATIO and min(apart, _TURN - apart) < ANGLE_ERROR
        found[pair] = math.sqrt(dx * dx + dy * dy) if agrees else np.inf
    return found


@njit(cache=True, nogil=True)
def best_hypothesis(
    known: NDArray[np.float64], asked: NDArray[np.float64], weight: NDArray[np.float32], tolerance: float
) -> int:
    """The pair whose similarity has the largest weight of pairs within `tolerance` pixels; the first of equals."""
    chosen, most = 0, -1.0
    for pair in range(len(known)):
        apart = errors(similarity(known, asked, pair), known, asked)
        total = 0.0
        for other in range(len(known)):
            if apart[other] <= tolerance:
                total += weight[other]
        if total > most:
            chosen, most = pair, total
    return chosen


@njit(cache=True, nogil=True)
def fit(known: NDArray[np.float64], asked: NDArray[np.float64], affine: bool) -> NDArray[np.float64]:
    """The map of least squares over all pairs: affine, or similarity. Not a number where pairs do not fix one."""
    count = len(known)
    mean_kx, mean_ky, mean_qx, mean_qy = 0.0, 0.0, 0.0, 0.0
    for pair in range(count):
        mean_kx += known[pair, 0] / count
        mean_ky += known[pair, 1] / count
        mean_qx += asked[pair, 0] / count
        mean_qy += asked[pair, 1] / count
    xx, xy, yy, qx, qy, rx, ry = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for pair in range(count):
        x, y = known[pair, 0] - mean_kx, known[pair, 1] - mean_ky
        u, v = asked[pair, 0] - mean_qx, asked[pair, 1] - mean_qy
        xx += x * x
        xy += x * y
        yy += y * y
        qx += x * u
        qy += y * u
        rx += x * v
        ry += y * v
    out = np.full(6, np.nan)
    if affine:
        determinant = xx * yy - xy * xy
        if determinant > 1e-9 * (xx + yy) ** 2:
            out[0], out[1] = (qx * yy - qy * xy) / determinant, (qy * xx - qx * xy) / determinant
            out[3], out[4] = (rx * yy - ry * xy) / determinant, (ry * xx - rx * xy) / determinant
    elif xx + yy > 0:
        out[0], out[3] = (qx + ry) / (xx + yy), (rx - qy) / (xx + yy)
        out[1], out[4] = -out[3], out[0]
    out[2] = mean_qx - out[0] * mean_kx - out[1] * mean_ky
    out[5] = mean_qy - out[3] * mean_kx - out[4] * mean_ky
    return out


@njit(cache=True, nogil=True)
def spread(known: NDArray[np.float64]) -> float:
    """How far from one line the places lie: 0 (on one) to 1 (as wide as long)."""
    mean_x, mean_y = known[:, 0].mean(), known[:, 1].mean()
    xx, xy, yy = 0.0, 0.0, 0.0
    for pair in range(len(known)):
        x, y = known[pair, 0] - mean_x, known[pair, 1] - mean_y
        xx += x * x
        xy += x * y
        yy += y * y
    half, root = (xx + yy) / 2, math.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
    return math.sqrt(max(half - root, 0.0) / (half + root)) if half + root > 0 else 0.0
