"""Measure what tile distances say about where a picture comes from, and write src/safelight/match/tile_table.py.

    python tools/calibrate_tiles.py PHOTOS

PHOTOS is a folder of benign photographs; only the third that `bench derivative` keeps for fitting is used. One half of
it, by digest, fills the tables:

- *derivative*: tiles of pictures with a replaced region (the benchmark's eight such edits), brought back into the
  source's frame with the true matrix and an error of up to 1.5 pixels in 480, against the source's tiles;
- *unrelated*: tiles of all 33 edits, brought back likewise, against the same places of all other pictures;
- *same scene*: photographs that 12 or more SIFT matches align with another photograph, against that one's tiles.

The other half says by how much sums over a picture's tiles are tempered; see `temper`. Five minutes of one core.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from math import log
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.edits import EDITS, REGION_EDITS, apply, seed_for
from safelight.bench.derivative.pictures import Picture, distinct, photographs
from safelight.bench.derivative.split import is_for_fitting
from safelight.fingerprint.tiles import tile_hashes
from safelight.match.tiles import LOOSE, MIN_COVER, MIN_QUALITY, tile_cover
from safelight.model.tiles import TileHashes

GRID = 4
WORKING_SIDE = 480
LARGEST_ERROR = 1.5
"""Pixels of the working picture: deviation of the error of each corner, drawn anew for each query from 0 to this."""
BANDS = ((1, 4), (5, 14), (15, 49), (50, 100))
"""Of the lower quality of two tiles."""
UPPER = (20, 40, 60, 70, 80, 90, 100, 110, 120, 256)
"""Distances at which the bins of the table end."""
ENOUGH = 20
"""Unrelated tiles that each bin counts as having been reached by, at least."""
SCENE_MATCHES = 12
OUT = Path(__file__).parent.parent / "src" / "safelight" / "match" / "tile_table.py"

Grey = NDArray[np.uint8]
Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
Found = tuple[int, str, TileHashes, Numbers]
"""(number of the known picture, edit, tiles in that picture's frame, cover of each)"""
Fitted = tuple[Numbers, float, float]
"""(table, temper, cap)"""


@dataclass(frozen=True, slots=True)
class Compared:
    """Tiles of found pictures against those of known ones, (pairs, 16). `half`, `edit`: (pairs,), 0 or 1, and names."""

    distance: Counts
    quality: Counts
    judged: NDArray[np.bool_]
    half: Counts
    edit: NDArray[np.str_]

    def histogram(self, chosen: NDArray[np.bool_], low: int, high: int) -> Counts:
        """How many judged tiles of the `chosen` pairs in this band of quality fall into each bin of `UPPER`."""
        taken = self.judged & chosen[:, None] & (self.quality >= low) & (self.quality <= high)
        return np.bincount(np.searchsorted(UPPER, self.distance[taken]), minlength=len(UPPER))


def working(pixels: NDArray[np.uint8]) -> Grey:
    """Luma with the longest side at `WORKING_SIDE`, or as it is when it is smaller."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = min(1.0, WORKING_SIDE / max(grey.shape))
    size = round(grey.shape[1] * factor), round(grey.shape[0] * factor)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def scaling(to: Grey, pixels: NDArray[np.uint8]) -> Numbers:
    """From coordinates in `pixels` to those in its working picture, shape (3, 3)."""
    factor = to.shape[1] / pixels.shape[1]
    return np.array([[factor, 0, factor / 2 - 0.5], [0, factor, factor / 2 - 0.5], [0, 0, 1]])


def brought_back(found: Grey, matrix: Numbers, frame: Grey) -> tuple[TileHashes, Numbers]:
    """Tile hashes of `found` in the frame of a known picture, and how much of each tile it covers."""
    height, width = frame.shape
    warped = cv2.warpAffine(found, matrix[:2], (width, height), flags=1, borderMode=cv2.BORDER_REPLICATE)
    back = np.asarray(np.linalg.inv(matrix)[:2], np.float64)
    cover = tile_cover(back, (width, height), (found.shape[1], found.shape[0]), GRID)
    return tile_hashes(np.asarray(warped, np.uint8), GRID), cover


def edited(pictures: Sequence[Picture], halves: Counts, frames: Sequence[Grey]) -> Iterator[Found]:
    """Every picture in every edit, brought back. What is pasted in comes from the other half."""
    for number, picture in enumerate(pictures):
        rng = np.random.default_rng(seed_for(0, picture.digest))
        pixels, frame = picture.load(), frames[number]
        strangers = np.flatnonzero(halves != halves[number])
        corners = np.array([[0, 0], [frame.shape[1], 0], [0, frame.shape[0]]], np.float32)
        for name, edit in EDITS.items():
            others = [pictures[row].load() for row in rng.choice(strangers, edit.others)]
            made = apply(name, pixels, others, seed_for(0, picture.digest))
            small = working(made.pixels)
            truth = scaling(frame, pixels) @ np.vstack([made.matrix, [0, 0, 1]])
            moved = corners + rng.normal(0, rng.uniform(0, LARGEST_ERROR), (3, 2)).astype(np.float32)
            error = np.vstack([cv2.getAffineTransform(corners, moved), [0, 0, 1]])
            matrix = error @ truth @ np.linalg.inv(scaling(small, made.pixels))
            yield number, name, *brought_back(small, matrix, frame)


def compare(known: Sequence[TileHashes], halves: Counts, found: Sequence[Found], *, own: bool) -> Compared:
    """Each found picture against its known one (`own`), or against all others of that one's half."""
    codes, quality = np.stack([one.codes for one in known]), np.stack([one.quality for one in known])
    parts = []
    for number, name, tiles, cover in found:
        alike = np.flatnonzero(halves == halves[number])
        rows = np.array([number]) if own else alike[alike != number]
        distance = np.bitwise_count(codes[rows] ^ tiles.codes).sum(axis=2, dtype=np.int16)
        lower = np.minimum(quality[rows], tiles.quality)
        judged = (lower >= MIN_QUALITY) & (cover >= MIN_COVER)
        parts.append((distance, lower, judged, np.full(len(rows), halves[number]), np.full(len(rows), name)))
    return Compared(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def same_scene(frames: Sequence[Grey], known: Sequence[TileHashes]) -> list[Found]:
    """Photographs brought into the frame of another one that SIFT aligns them with, both ways round.

    Pairs of which most tiles agree are two versions of one picture, and left out.
    """
    features = [_features(frame) for frame in frames]
    aligned: list[Found] = []
    for into, of in combinations(range(len(frames)), 2):
        matrix = _alignment(*features[into], *features[of])
        if matrix is None:
            continue
        pair: list[Found] = [
            (into, "", *brought_back(frames[of], matrix, frames[into])),
            (of, "", *brought_back(frames[into], np.asarray(np.linalg.inv(matrix), np.float64), frames[of])),
        ]
        first = compare(known, np.zeros(len(known), np.int64), pair[:1], own=True)
        if np.count_nonzero(first.judged & (first.distance <= LOOSE)) < first.judged.sum() / 2:
            aligned += pair
    return aligned


def _features(frame: Grey) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Places (n, 2) and RootSIFT descriptors (n, 128)."""
    found, descriptors = cv2.SIFT.create(400).detectAndCompute(frame, None)
    raw = np.asarray(descriptors, np.float32) if found else np.zeros((0, 128), np.float32)
    places = np.array([one.pt for one in found], np.float32).reshape(-1, 2)
    return places, np.sqrt(raw / np.maximum(raw.sum(axis=1, keepdims=True), 1))


def _alignment(
    places: NDArray[np.float32],
    roots: NDArray[np.float32],
    other_places: NDArray[np.float32],
    other_roots: NDArray[np.float32],
) -> Numbers | None:
    """The similarity (3, 3) that takes the other picture to this one, if enough mutual best matches follow it."""
    if min(len(roots), len(other_roots)) < SCENE_MATCHES:
        return None
    alike = roots @ other_roots.T
    best = alike.argmax(axis=1)
    kept = np.flatnonzero((alike.argmax(axis=0)[best] == np.arange(len(best))) & (alike.max(axis=1) > 0.75))
    if len(kept) < SCENE_MATCHES:
        return None
    matrix, inlier = cv2.estimateAffinePartial2D(
        other_places[best[kept]], places[kept], method=cv2.RANSAC, ransacReprojThreshold=7
    )
    if inlier.sum() < SCENE_MATCHES or not 0.2 < np.linalg.norm(matrix[:, 0]) < 5:
        return None
    return np.vstack([matrix, [0, 0, 1]])


def nats(derivative: Counts, rival: Counts, enough: int) -> Numbers:
    """Log-likelihood ratio per bin, falling; as if every bin had been reached by `enough` tiles of the rival."""
    ratio = np.log((derivative + 0.5) / derivative.sum()) - np.log(np.maximum(rival, enough) / rival.sum())
    return np.maximum.accumulate(ratio[::-1])[::-1].round(2)


def sums(compared: Compared, chosen: NDArray[np.bool_], table: Numbers) -> Numbers:
    """Sum over the judged tiles of each chosen pair. `table`: (bands, bins), or (1, bins) for every quality."""
    band = np.searchsorted([high for _, high in BANDS], compared.quality[chosen])
    value = table[np.minimum(band, len(table) - 1), np.searchsorted(UPPER, compared.distance[chosen])]
    return np.asarray((value * compared.judged[chosen]).sum(axis=1))


def temper(rivals: Numbers) -> float:
    """The largest share of the sums, in steps of 0.05, of which the exponential has a mean of at most 1 over `rivals`.

    That mean is 1 for a true likelihood ratio. Tiles that agree together raise it; where it is at most 1, a sum of x
    comes up in at most exp(-x) of the rivals (Markov's inequality).
    """
    return float(max(share for share in np.arange(1, 21) / 20 if np.exp(share * rivals).mean() <= 1))


def show(name: str, ours: Numbers, rivals: Numbers) -> None:
    """Print how sums of an edit lie to the largest of the rivals."""
    print(f"{name:22} median {np.median(ours):6.1f}  share above all rivals {(ours > rivals.max()).mean():.3f}")


def main() -> None:
    """Measure and write the table."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cv2.setNumThreads(1)
    pictures = [one for one in distinct(photographs(Path(sys.argv[1])), print) if is_for_fitting(one.digest)]
    halves = np.array([int(one.digest[8:10], 16) % 2 for one in pictures])
    frames = [working(one.load()) for one in pictures]
    known = [tile_hashes(frame, GRID) for frame in frames]
    found = list(edited(pictures, halves, frames))
    true = compare(known, halves, found, own=True)
    chance = compare(known, halves, found, own=False)
    scene = compare(known, halves, same_scene(frames, known), own=True)

    fitted, all_scenes = true.half == 0, np.ones(len(scene.half), np.bool_)
    region = fitted & np.isin(true.edit, REGION_EDITS)
    by_band = [(true.histogram(region, *band), chance.histogram(chance.half == 0, *band)) for band in BANDS]
    overall = (BANDS[0][0], BANDS[-1][1])
    scene_counts = scene.histogram(all_scenes, *overall)
    unrelated_table = np.array([nats(*counts, ENOUGH) for counts in by_band])
    scene_table = nats(true.histogram(region, *overall), scene_counts, 1)[np.newaxis]
    chance_sums = sums(chance, chance.half == 1, unrelated_table)
    scene_sums = sums(scene, all_scenes, scene_table)
    for title, table, rivals in (("unrelated", unrelated_table, chance_sums), ("scene", scene_table, scene_sums)):
        print(f"against {title}: {len(rivals):,} rivals, largest sums", np.sort(rivals)[-5:].round(1))
        for name in EDITS:
            show(name, sums(true, ~fitted & (true.edit == name), table), rivals)
    held = int((halves == 1).sum())
    OUT.write_text(
        module(
            [f"  {low}-{high}: {a.sum():,} / {b.sum():,}" for (low, high), (a, b) in zip(BANDS, by_band, strict=True)],
            f"and {scene_counts.sum():,} tiles of {len(scene_sums)} photographs aligned with another of their scene.",
            (unrelated_table, temper(chance_sums), log(held * (held - 1))),
            (scene_table, temper(scene_sums), log(len(scene_sums))),
            len(pictures),
        ),
        encoding="utf-8",
    )


def module(counts: Sequence[str], scene_counts: str, unrelated: Fitted, same_scene: Fitted, pictures: int) -> str:
    """The text of the module."""
    unrelated_rows, scene_row = (
        [f"    ({', '.join(f'{value:.2f}' for value in row)})," for row in table]
        for table in (unrelated[0], same_scene[0])
    )
    lines = [
        '"""Written by tools/calibrate_tiles.py; see `tiles`. Do not edit.',
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {pictures} benign photographs.",
        "Tiles of derivatives / of unrelated pictures, by band of the lower quality:",
        *counts,
        scene_counts,
        '"""',
        "",
        f"QUALITY_BANDS = {BANDS!r}",
        f"UPPER = {UPPER!r}",
        "UNRELATED = (",
        *unrelated_rows,
        ")",
        f"SAME_SCENE = {scene_row[0].strip().rstrip(',')}",
        f"UNRELATED_TEMPER, UNRELATED_CAP = {unrelated[1]:.2f}, {unrelated[2]:.2f}",
        f"SAME_SCENE_TEMPER, SAME_SCENE_CAP = {same_scene[1]:.2f}, {same_scene[2]:.2f}",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
