"""Tiles of a picture against those of a known one, place by place: how many agree, what that says, which do not.

Whoever compares brings the found picture into the known one's frame first and hashes its tiles there. Pixels that it
does not reach repeat its border (OpenCV's BORDER_REPLICATE): a tile covered by half then still agrees as a rule.

What agreement says is a log-likelihood ratio in nats, summed over tiles, against two rivals. Against an *unrelated*
picture it is counted by distance and quality. Against a photograph of the *same scene*, whose carpet or wall may agree
in a tile or two, it is counted by distance. tools/calibrate_tiles.py measures both and writes `tile_table.py`.

Tiles of one picture are not independent. Two things keep their sum honest. It is tempered: multiplied by the largest
share (up to 1) with which the mean of its exponential over held-out rival pairs is at most 1, as it is for a true
likelihood ratio. And it is capped at the logarithm of the number of rival pairs: no more has been measured.
"""

from dataclasses import dataclass
from functools import cache
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.match import tile_table
from safelight.match.hamming import as_words, frozen, needs_compiled
from safelight.model.tiles import TileHashes

STRICT, LOOSE = 40, 60
"""Distances up to which a tile is said to agree strictly, or loosely.

Of unaltered tiles brought back to within about a pixel of 480, nine in ten and 97 in a hundred do; of unrelated ones,
none of 1.5 million and about four in a million.
"""

MIN_QUALITY = 1
"""Of both tiles, for their distance to be judged. Below it PDQ sees next to nothing, and compression makes the bits."""

MIN_COVER = 0.5
"""Share of a tile that the found picture must reach for it to be judged."""

SAME_CELL = 84
"""Distance up to which a cell of a picture is shown as unaltered."""

CELL_QUALITY, CELL_COVER = 15, 0.8
"""What is needed to say whether a cell was altered: this quality of either tile, this share of it in the picture."""

LEAST_AGREEING = 2
"""Tiles that must agree loosely, in place, for a picture to be a candidate: of 400,000 unrelated pairs none had two."""

_SAMPLES = 8  # points along each side of a tile at which it is seen whether a picture reaches there


@dataclass(frozen=True, slots=True)
class TileAgreement:
    """Tiles of a found picture and of a known one in the same places, row by row; all arrays of the shape (n,).

    `distance`: int64, bits of 256. `quality`: uint8, the lower of the two; `texture`: the higher. `cover`: float64,
    the share of the tile that the found picture reaches, 0-1.
    """

    distance: NDArray[np.int64]
    quality: NDArray[np.uint8]
    texture: NDArray[np.uint8]
    cover: NDArray[np.float64]

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Tiles whose distance means something."""
        return (self.quality >= MIN_QUALITY) & (self.cover >= MIN_COVER)

    @property
    def strict(self) -> int:
        """How many judged tiles agree within `STRICT`."""
        return self.within(STRICT)

    @property
    def loose(self) -> int:
        """How many judged tiles agree within `LOOSE`."""
        return self.within(LOOSE)

    def within(self, distance: int) -> int:
        """How many judged tiles are at most that far apart."""
        return int(np.count_nonzero(self.judged & (self.distance <= distance)))

    @property
    def against_unrelated(self) -> float:
        """Nats for a derivative, against an unrelated picture; 0 when no tile can be judged."""
        nats = tile_evidence(self.distance, self.quality)[self.judged].sum()
        return float(min(tile_table.UNRELATED_TEMPER * nats, tile_table.UNRELATED_CAP))

    @property
    def against_same_scene(self) -> float:
        """Nats for a derivative, against another photograph of the same scene; 0 when no tile can be judged."""
        nats = scene_evidence(self.distance)[self.judged].sum()
        return float(min(tile_table.SAME_SCENE_TEMPER * nats, tile_table.SAME_SCENE_CAP))


def compare_tiles(
    stored: TileHashes, found: TileHashes, cover: NDArray[np.float64] | NDArray[np.bool_]
) -> TileAgreement:
    """Compare the tiles of a known picture with those found in the same places.

    `cover`: (n,), see `tile_cover`; bool means all or nothing. Raises ValueError when the numbers of tiles differ.
    """
    if not len(stored.quality) == len(found.quality) == len(cover):
        raise ValueError(f"tiles differ in number: {len(stored.quality)}, {len(found.quality)}, cover of {len(cover)}")
    return TileAgreement(
        distance=np.bitwise_count(as_words(stored.codes) ^ as_words(found.codes)).sum(axis=1, dtype=np.int64),
        quality=np.minimum(stored.quality, found.quality),
        texture=np.maximum(stored.quality, found.quality),
        cover=np.asarray(cover, np.float64),
    )


def tile_cover(
    matrix: NDArray[np.float64], frame: tuple[int, int], found: tuple[int, int], grid: int
) -> NDArray[np.float64]:
    """Share of each tile of a frame that a found picture reaches: (grid * grid,), 0-1, by 8x8 points in each.

    `matrix`: (2, 3), takes (x, y) in the frame to those in the found picture, the centre of the first pixel being
    (0, 0). `frame`, `found`: (width, height) in pixels.
    """
    places = (np.arange(grid * _SAMPLES) + 0.5) / (grid * _SAMPLES)
    x, y = places[np.newaxis, :] * frame[0] - 0.5, places[:, np.newaxis] * frame[1] - 0.5
    inside = np.ones((len(places), len(places)), np.bool_)
    for (across, along, shift), length in zip(matrix, found, strict=True):
        reached = across * x + along * y + shift
        inside &= (reached >= -0.5) & (reached < length - 0.5)
    return np.asarray(inside.reshape(grid, _SAMPLES, grid, _SAMPLES).mean(axis=(1, 3)).reshape(-1))


def tile_evidence(distance: NDArray[np.int64], quality: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Nats that each tile gives for a derivative, possibly with this tile altered, against an unrelated picture.

    `distance`: bits of 256. `quality`: the lower of the two, at least `MIN_QUALITY`.
    """
    band = np.searchsorted([high for _, high in tile_table.QUALITY_BANDS], quality)
    return np.asarray(_unrelated()[band, np.searchsorted(tile_table.UPPER, distance)])


def scene_evidence(distance: NDArray[np.int64]) -> NDArray[np.float64]:
    """Nats that each tile gives for a derivative against an aligned photograph of the same scene."""
    return np.array(tile_table.SAME_SCENE)[np.searchsorted(tile_table.UPPER, distance)]


def differing_cells(agreement: TileAgreement) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(cells that are unaltered, cells that anything is known of), both (grid, grid); the rest of the known differ.

    A cell comes to differ when about a quarter of it was altered; of those altered by half, nearly nine in ten do. Of
    the cells of unaltered pictures (JPEG quality 30, half and quarter size, gamma, grey, blur) at most 2 in 1,000
    differ, with contrast raised until it clips 18.
    """
    known = (agreement.texture >= CELL_QUALITY) & (agreement.cover >= CELL_COVER)
    grid = isqrt(len(known))
    same = known & (agreement.distance <= SAME_CELL)
    return same.reshape(grid, grid), known.reshape(grid, grid)


def tile_candidates(query: TileHashes, codes: NDArray[np.uint8], quality: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Rows, ascending, of the pictures of which `LEAST_AGREEING` tiles or more agree loosely with the query's.

    Finds unshifted pictures of which large parts were replaced. `codes`: uint8 (pictures, n, 32); `quality`: uint8
    (pictures, n); n as in the query. 0.3 ms for 10,000 pictures of 9 tiles. Raises ValueError for other shapes.
    """
    pictures, tiles = quality.shape
    if (tiles, *codes.shape) != (len(query.quality), *quality.shape, 32):
        raise ValueError(
            f"codes {codes.shape}, qualities {quality.shape}: not those of {len(query.quality)} tiles each"
        )
    asked, held = as_words(query.codes), as_words(codes.reshape(-1, 32)).reshape(pictures, tiles, 4)
    if not (needs_compiled(pictures * tiles) or _compiled.cache_info().currsize):
        agreeing = np.bitwise_count(held ^ asked).sum(axis=2, dtype=np.int64) <= LOOSE
        agreeing &= np.minimum(quality, query.quality) >= MIN_QUALITY
        return np.flatnonzero(agreeing.sum(axis=1) >= LEAST_AGREEING)
    counts = np.empty(pictures, np.uint8)
    qualities = frozen(query.quality), frozen(np.ascontiguousarray(quality))
    _compiled().agreeing_tiles(frozen(asked), frozen(held), *qualities, MIN_QUALITY, LOOSE, counts)
    return np.flatnonzero(counts >= LEAST_AGREEING)


def warm_up() -> None:
    """Load the compiled search, or compile it, before time matters."""
    asked, held = frozen(np.zeros((4, 4), np.uint64)), frozen(np.zeros((1, 4, 4), np.uint64))
    qualities = frozen(np.zeros(4, np.uint8)), frozen(np.zeros((1, 4), np.uint8))
    _compiled().agreeing_tiles(asked, held, *qualities, MIN_QUALITY, LOOSE, np.empty(1, np.uint8))


@cache
def _compiled() -> Any:  # noqa: ANN401 - a module
    """The compiled code: loaded only for work that is worth it, as in `hamming`."""
    from safelight.match import tiles_kernel  # noqa: PLC0415 - see above

    return tiles_kernel


@cache
def _unrelated() -> NDArray[np.float64]:
    """The table against unrelated pictures, read-only: (bands of quality, bins of distance)."""
    return frozen(np.array(tile_table.UNRELATED))
