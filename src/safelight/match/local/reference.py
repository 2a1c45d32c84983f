"""The slow, obvious versions of what `voting` and `geometry` do, as the tests' oracle."""

import math

import numpy as np
from numpy.typing import NDArray

from safelight.match.local.geometry_kernel import ANGLE_ERROR, SIZE_RATIO
from safelight.match.local.lists_kernel import SCALES, TURNS
from safelight.match.local.voting import LEAST_HITS, REACH, WEIGHTS, Asked, Hits, bins
from safelight.model.local import InvertedLists


def search(asked: Asked, lists: InvertedLists) -> list[tuple[int, int, int]]:
    """(query keypoint, slot, differing bits) of every stored keypoint within REACH, one pair after the other."""
    found = []
    for feature, words in enumerate(asked.words.tolist()):
        for probe, word in enumerate(words):
            low, high = (int(half) for half in asked.signatures[feature, probe])
            for slot in range(int(lists.starts[word]), int(lists.starts[word + 1])):
                stored_low, stored_high = (int(half) for half in lists.signature[slot])
                apart = (low ^ stored_low).bit_count() + (high ^ stored_high).bit_count()
                if apart <= REACH:
                    found.append((feature, slot, apart))
    return found


def votes(asked: Asked, lists: InvertedLists, hits: Hits) -> NDArray[np.float64]:
    """Votes for each picture, counted bin by bin."""
    turn, scale = bins(asked, lists, hits)
    result = np.zeros(len(lists.live))
    for picture in range(len(lists.live)):
        mine = [at for at, slot in enumerate(hits.slot.tolist()) if lists.picture[slot] == picture]
        if len(mine) < LEAST_HITS or not lists.live[picture]:
            continue
        cells: dict[tuple[int, int], dict[int, float]] = {}
        for at in mine:
            voters = cells.setdefault((int(turn[at]), int(scale[at])), {})
            voters.setdefault(int(hits.feature[at]), float(WEIGHTS[hits.bits[at]]))
        result[picture] = max(
            sum(sum(cells.get(((t + dt) % TURNS, s + ds), {}).values()) for dt in (0, 1) for ds in (0, 1))
            for t in range(TURNS)
            for s in range(SCALES - 1)
        )
    return result


def support(
    known: NDArray[np.float64], asked: NDArray[np.float64], weight: NDArray[np.float32], pair: int, tolerance: float
) -> float:
    """Weight of the pairs that agree with the similarity that one pair gives, by complex numbers."""
    stretch = asked[pair, 2] / known[pair, 2]
    turn = asked[pair, 3] - known[pair, 3]
    factor = stretch * complex(math.cos(turn), math.sin(turn))
    shift = complex(*asked[pair, :2]) - factor * complex(*known[pair, :2])
    total = 0.0
    for other in range(len(known)):
        error = abs(factor * complex(*known[other, :2]) + shift - complex(*asked[other, :2]))
        ratio = asked[other, 2] / known[other, 2] / stretch
        apart = abs(math.remainder(asked[other, 3] - known[other, 3] - turn, 2 * math.pi))
        if error <= tolerance and 1 / SIZE_RATIO < ratio < SIZE_RATIO and apart < ANGLE_ERROR:
            total += float(weight[other])
    return total
