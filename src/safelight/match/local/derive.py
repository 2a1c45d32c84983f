"""From what was measured of a pair to what is told of it: verdict, evidence, affine, and what is still there."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.match.local.frames import Size, full_frame, to_source
from safelight.match.local.guided import Look
from safelight.match.local.sketch import places_of
from safelight.match.local.trace import Traced
from safelight.match.local.verdict import p_false_match, verdict, weigh
from safelight.match.tiles import TileAgreement, compare_tiles, tile_cover
from safelight.model.derivation import Derivation, EvidencePart, Verdict
from safelight.model.local import TILE_GRIDS, Sketch
from safelight.model.tiles import TileHashes

FINE = TILE_GRIDS[1]
MIRROR = "flip_y"
"""The dihedral variant that is a mirror image."""
TILE_RATIO = 2.0
"""Nats by which tiles alone must speak for a derivative."""
_FINE_TILES = slice(TILE_GRIDS[0] ** 2, None)


@dataclass(frozen=True, slots=True)
class Derived:
    """A derivation with what a region is made from.

    `to_query`: float64, shape (2, 3), from the source's working pixels to the query's. `places`: float64, shape (n,
    2), of the stored keypoints that were looked for, in the source's working pixels; `agree`: bool, shape (n,), which
    were found. `tiles`: the source's 4x4 tiles against the query's.
    """

    derivation: Derivation
    sketch: Sketch
    to_query: NDArray[np.float64]
    places: NDArray[np.float64]
    agree: NDArray[np.bool_]
    tiles: TileAgreement


def derive(traced: Traced, look: Look, query: Size, size: int) -> Derived:
    """What is known of a pair. `query`: full size of the query in pixels; `size`: known pictures that were searched."""
    candidate, sketch = traced.candidate, traced.sketch
    source = (sketch.work_width, sketch.work_height)
    tiles = fine_tiles(sketch, look.tiles(candidate.to_query, *source), candidate.to_query, look.size)
    parts = weigh(traced.measures)
    log_ratio = sum(part.nats for part in parts)
    seen = traced.agree >= 0
    derivation = Derivation(
        verdict=verdict(traced.measures, log_ratio),
        affine=to_source(candidate.to_query, (look.size, query), (source, (sketch.width, sketch.height))),
        mirrored=candidate.mirrored,
        inliers=candidate.inliers,
        looked_for=traced.measures.looked_for,
        found=traced.measures.found,
        tiles=int(tiles.judged.sum()),
        tiles_agree=tiles.loose,
        log_ratio=round(log_ratio, 4),
        p_false_match=p_false_match(log_ratio, size),
        parts=parts,
    )
    return Derived(derivation, sketch, candidate.to_query, places_of(sketch)[seen], traced.agree[seen] > 0, tiles)


def fine_tiles(sketch: Sketch, found: TileHashes, to_query: NDArray[np.float64], query: Size) -> TileAgreement:
    """The source's 4x4 tiles against those `found` in the query's working picture, of size `query`."""
    stored = TileHashes(sketch.tiles.codes[_FINE_TILES], sketch.tiles.quality[_FINE_TILES])
    seen = TileHashes(found.codes[_FINE_TILES], found.quality[_FINE_TILES])
    cover = tile_cover(to_query, (sketch.work_width, sketch.work_height), query, FINE)
    return compare_tiles(stored, seen, cover)


def in_frame(agreement: TileAgreement, variant: str, full: Size, source: Size, size: int) -> Derivation:
    """What is known of a picture that stands in its source's frame, by the tiles that are left of it.

    `agreement`: of all tiles. `variant`: how the picture is mirrored against the source (`model.fingerprint.DIHEDRAL`).
    `full`, `source`: sizes of the two. `size`: known pictures that were searched.
    """
    unrelated, scene = agreement.against_unrelated, agreement.against_same_scene
    parts = (
        EvidencePart("tiles", float(agreement.loose), round(unrelated, 4), "against an unrelated picture"),
        EvidencePart("scene", float(agreement.loose), round(min(scene - unrelated, 0.0), 4), "against the same scene"),
    )
    log_ratio = sum(part.nats for part in parts)
    return Derivation(
        verdict=Verdict.DERIVATIVE if log_ratio >= TILE_RATIO else Verdict.NOT_DERIVED,
        affine=full_frame(variant, (0, 0, *full), source),
        mirrored=variant == MIRROR,
        tiles=int(agreement.judged.sum()),
        tiles_agree=agreement.loose,
        log_ratio=round(log_ratio, 4),
        p_false_match=p_by_tiles(agreement.loose, int(agreement.judged.sum()), size),
        parts=parts,
    )


def p_by_tiles(agree: int, judged: int, size: int) -> float:
    """Chance that so many tiles of so many agree in place with one of `size` unrelated pictures.

    One tile agrees loosely by chance in 5 of a million pairs. Tiles of a picture are not independent, and of two none
    was seen in 400,000 pictures: 100 times that share makes two as likely as such a count still allows.
    """
    share = 100 * 5e-6
    return -math.expm1(-size * math.comb(judged, agree) * share**agree) if agree else 1.0
