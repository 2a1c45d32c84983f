"""From a query's keypoints to the pictures worth aligning: near signatures, and agreement on turn and scale.

Source: Jegou, Douze and Schmid, "Hamming embedding and weak geometric consistency", ECCV 2008.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.match.local import lists_kernel
from safelight.match.local.lists_kernel import SCALES, TURNS
from safelight.match.local.quantise import Quantiser, mirrored
from safelight.match.local.sketch import SIZE_UNIT
from safelight.model.local import InvertedLists, LocalFeatures

PROBES = 8
"""Lists scanned for each keypoint of the query."""
REACH = 38
"""Bits of 128 within which a stored keypoint gives a vote."""
MOST_HITS = 4_096
"""Hits of a query keypoint in a segment, the first ones: patterns that repeat would have millions."""
LEAST_HITS = 3
"""Hits that a picture must have to be counted at all."""
_SPREAD = 26.0  # bits; a vote's weight falls with the square of its distance in these
_FIRST_ROOM = 1 << 16

WEIGHTS: NDArray[np.float32] = np.exp(-((np.arange(129) / _SPREAD) ** 2)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query's keypoints, coded once for all segments, as the picture stands or `mirrored`.

    `table`: float64, shape (n, 4), x, y, size and angle of the picture as it is asked for: of a mirrored query, x is
    negative and angles are those of the mirror image. `rotated`: as `Quantiser.rotated` has it. `words`: int32, shape
    (n, PROBES); `signatures`: uint64, (n, PROBES, 2).
    """

    mirrored: bool
    table: NDArray[np.float64]
    rotated: NDArray[np.float32]
    words: NDArray[np.int32]
    signatures: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Hits:
    """Near signatures found in one segment, ordered by query keypoint, list and position; arrays of one length."""

    feature: NDArray[np.int32]
    slot: NDArray[np.int32]
    bits: NDArray[np.uint8]


def ask(features: LocalFeatures, quantiser: Quantiser, *, as_mirror: bool) -> Asked:
    """Code a query. Its mirror image needs no second extraction: the bins of its descriptors change places."""
    descriptors = mirrored(features.descriptors) if as_mirror else features.descriptors
    words = quantiser.words(descriptors, PROBES)
    rotated = quantiser.rotated(descriptors)
    table = np.column_stack((features.x, features.y, features.size, features.angle)).astype(np.float64)
    if as_mirror:
        table[:, 0] *= -1
        table[:, 3] = np.pi - table[:, 3]
    return Asked(as_mirror, table, rotated, words, quantiser.signatures(rotated, words))


def search(asked: Asked, lists: InvertedLists) -> Hits:
    """The stored keypoints within REACH of the query's, of removed pictures too; at most MOST_HITS for each."""
    room = _FIRST_ROOM
    while True:
        feature, slot = np.empty(room, np.int32), np.empty(room, np.int32)
        bits = np.empty(room, np.uint8)
        found = lists_kernel.scan(
            lists.starts, lists.signature, asked.words, asked.signatures, REACH, MOST_HITS, feature, slot, bits
        )
        if found <= room:
            return Hits(feature[:found], slot[:found], bits[:found])
        room = found


def votes(asked: Asked, lists: InvertedLists, hits: Hits) -> NDArray[np.float32]:
    """Votes for each picture of the segment: float32, shape (pictures,), 0 for removed ones."""
    turn, scale = bins(asked, lists, hits)
    weight = WEIGHTS[hits.bits]
    counted = lists_kernel.vote(
        hits.feature, lists.picture[hits.slot], turn, scale, weight, len(lists.live), LEAST_HITS
    )
    return counted * lists.live


def bins(asked: Asked, lists: InvertedLists, hits: Hits) -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
    """The turn (uint8) and scale (int16) bin of each hit; a scale out of range lies outside 0 to SCALES - 1."""
    turns = np.rint(asked.table[:, 3] * (256 / (2 * np.pi))).astype(np.int64)
    turn = ((turns[hits.feature] - lists.angle[hits.slot]) % 256) * TURNS // 256
    steps = np.log2(asked.table[:, 2]) * SIZE_UNIT
    halves = (steps[hits.feature] - lists.size[hits.slot]) * (2 / SIZE_UNIT) + SCALES / 2
    return turn.astype(np.uint8), np.clip(np.floor(halves), -1, SCALES).astype(np.int16)


def best(votes: NDArray[np.float32], count: int, least: float) -> NDArray[np.int64]:
    """Numbers of the at most `count` pictures with the most votes, at least `least`; the lower number of equals."""
    enough = np.nonzero(votes >= least)[0]
    return enough[np.argsort(-votes[enough], kind="stable")][:count]
