"""A query against the sketches of a bank: read `trace`.

code -> search and vote (as it stands, and mirrored) -> align the best voted -> look again -> measure -> judge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.match.local import guided
from safelight.match.local.gather import grow
from safelight.match.local.geometry import Aligned, Pairs, align
from safelight.match.local.guided import Look
from safelight.match.local.lists_kernel import keypoints_at
from safelight.match.local.measure import Candidate, Measures, measure, residual_of
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import table_of
from safelight.match.local.voting import WEIGHTS, Asked, Hits, ask, best, search, votes
from safelight.model.local import InvertedLists, LocalFeatures, Sketch

SHORTLIST = 12
"""Pictures of a segment that are aligned in each of the two passes, those with the most votes."""
LEAST_VOTES = 1.2
LEAST_INLIERS = 4
"""Agreeing pairs a candidate needs to be looked at again."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried, of what has the most agreeing pairs.

    `grown`: alignments that are grown. `looked_at`: candidates of a bank that are looked at again.
    """

    grown: int
    looked_at: int


OF_PICTURE = Effort(grown=8, looked_at=4)
OF_KEY_FRAME = Effort(grown=8, looked_at=6)
"""Neighbouring key frames of a known video look alike: of more candidates, more are at the right time."""

SketchOf = Callable[[int, int], Sketch]
"""Gives the sketch of (segment, number there)."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A candidate that was looked at again.

    `agree`: int8, for each keypoint of its sketch: 1 found, 0 not, -1 not looked for.
    """

    candidate: Candidate
    sketch: Sketch
    measures: Measures
    agree: NDArray[np.int8]


def trace(
    features: LocalFeatures,
    segments: Sequence[InvertedLists],
    sketch_of: SketchOf,
    look: Look,
    quantiser: Quantiser,
    effort: Effort = OF_PICTURE,
) -> list[Traced]:
    """The known pictures that the query may come from, those with the most agreeing keypoints first.

    The same query and bank give the same result, whatever the number of threads.
    """
    diagonal = float(np.hypot(*look.size))
    asked = [ask(features, quantiser, as_mirror=as_mirror) for as_mirror in (False, True)]
    sketches: dict[tuple[int, int], Sketch] = {}
    seeds: list[tuple[tuple[int, int], Asked, Aligned]] = []
    for one in asked:
        for segment, lists in enumerate(segments):
            hits = search(one, lists)
            owner = lists.picture[hits.slot]
            for picture in best(votes(one, lists, hits), SHORTLIST, LEAST_VOTES).tolist():
                key = (segment, picture)
                if key not in sketches:
                    sketches[key] = sketch_of(segment, picture)
                pairs = _pairs(one, lists, hits, np.nonzero(owner == picture)[0], sketches[key])
                aligned = align(pairs, WEIGHTS, diagonal)
                if aligned is not None:
                    seeds.append((key, one, aligned))
    found: dict[tuple[int, int], Candidate] = {}
    for key, one, aligned in sorted(seeds, key=lambda seed: (-len(seed[2].inliers), seed[0]))[: effort.grown]:
        grown = grow(sketches[key], one, aligned, diagonal, quantiser)
        if grown is not None:
            pairs, final = grown
            candidate = _candidate(one, key, final, pairs.keypoint[final.inliers])
            if key not in found or _rank(candidate) < _rank(found[key]):
                found[key] = candidate
    ranked = sorted((c for c in found.values() if c.inliers >= LEAST_INLIERS), key=_rank)[: effort.looked_at]
    return look_again(ranked, [sketches[c.segment, c.picture] for c in ranked], look, quantiser)


def look_again(
    candidates: Sequence[Candidate], sketches: Sequence[Sketch], look: Look, quantiser: Quantiser
) -> list[Traced]:
    """Describe the query at the places of all candidates' keypoints at once, and measure each candidate."""
    where = [guided.places(s, c.to_query, look.size) for c, s in zip(candidates, sketches, strict=True)]
    if not where:
        return []
    columns = (np.concatenate([getattr(w, name) for w in where]) for name in ("x", "y", "size", "angle"))
    described = look.describe(*columns)
    traced, start = [], 0
    for candidate, sketch, seen in zip(candidates, sketches, where, strict=True):
        part = described[start : start + len(seen.x)]
        start += len(seen.x)
        bits = guided.compare(sketch, seen, part, quantiser, as_mirror=candidate.mirrored)
        agree = np.full(len(sketch.word), -1, dtype=np.int8)
        agree[seen.keypoint] = bits <= guided.FOUND_BITS
        fresh = ~np.isin(seen.keypoint, candidate.keypoints)
        measures = measure(candidate, bits, fresh, look.size)
        traced.append(Traced(candidate, sketch, measures, agree))
    return traced


def _rank(candidate: Candidate) -> tuple[int, float, int, int]:
    return (-candidate.inliers, candidate.residual, candidate.segment, candidate.picture)


def _pairs(asked: Asked, lists: InvertedLists, hits: Hits, mine: NDArray[np.int64], sketch: Sketch) -> Pairs:
    """The pairs of one picture, from those of the hits that are its own. Raises IndexError when they do not fit."""
    keypoint = keypoints_at(hits.slot[mine].astype(np.int64), lists.starts, lists.picture, sketch.word)
    if (keypoint < 0).any():
        raise IndexError("a sketch does not fit its lists")
    feature = hits.feature[mine].astype(np.int64)
    bits = hits.bits[mine].astype(np.int64)
    return Pairs(table_of(sketch)[keypoint], asked.table[feature], feature, keypoint, bits)


def _candidate(asked: Asked, key: tuple[int, int], aligned: Aligned, keypoints: NDArray[np.int64]) -> Candidate:
    to_query = aligned.map.reshape(2, 3)
    if asked.mirrored:
        to_query = to_query * [[-1.0], [1.0]]
    return Candidate(
        *key,
        mirrored=asked.mirrored,
        to_query=to_query,
        affine=aligned.affine,
        inliers=len(keypoints),
        residual=residual_of(aligned.errors),
        keypoints=keypoints,
    )
