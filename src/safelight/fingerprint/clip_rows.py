"""The rows of a clip as they come in, never more than there is room for.

Where they are too many, rows are thinned evenly: of each two neighbours one goes, and from then on every second one
that comes is passed over, then every fourth, and so on. Which rows stay depends on the number of rows alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.model.clip import CLIP_TILES, Clip
from safelight.model.region import Box
from safelight.model.tiles import TileHashes

_LAST_SHOT = 65_535


@dataclass(slots=True)
class Row:
    """One row of a clip. `end`: seconds up to which its picture stays, so far. `tiles`: of keyed rows only."""

    time: float
    end: float
    code: NDArray[np.uint8]
    quality: int
    shot: int
    tiles: TileHashes | None = None


class RowTable:
    """At most `rows` rows, at most `keyed` of them with tiles."""

    def __init__(self, rows: int, keyed: int) -> None:
        if rows < 1 or keyed < 0:
            raise ValueError(f"a clip has room for at least 1 row and 0 keyed ones, not {rows} and {keyed}")
        self._room, self._keyed_room = rows, keyed
        self._every = self._keyed_every = 1
        self._seen = self._keyed_seen = 0
        self._keyed_count = 0
        self._rows: list[Row] = []

    def __len__(self) -> int:
        return len(self._rows)

    def takes_next(self) -> bool:
        """Whether the next row would be kept; call it once for each row, in order, before `add`."""
        self._seen += 1
        return (self._seen - 1) % self._every == 0

    def takes_next_keyed(self) -> bool:
        """Whether the next row that deserves tiles would keep them; call it once for each such row, in order."""
        self._keyed_seen += 1
        return self._keyed_room > 0 and (self._keyed_seen - 1) % self._keyed_every == 0

    def add(self, row: Row) -> None:
        """Take in a row, later than all others."""
        self._rows.append(row)
        self._keyed_count += row.tiles is not None
        if len(self._rows) > self._room:
            self._rows = thinned(self._rows)
            self._every *= 2
            self._keyed_count = sum(kept.tiles is not None for kept in self._rows)
        if self._keyed_count > self._keyed_room:
            demote([kept for kept in self._rows if kept.tiles is not None])
            self._keyed_every *= 2
            self._keyed_count = sum(kept.tiles is not None for kept in self._rows)

    def extend(self, start: float, end: float) -> None:
        """The picture of the last row goes on from `start`, if it was there until then, to `end`."""
        if self._rows and self._rows[-1].end == start:
            self._rows[-1].end = end

    def clip(self, duration: float, width: int, height: int, box: Box | None) -> Clip:
        """All rows as a clip."""
        rows = self._rows
        keyed = [number for number, row in enumerate(rows) if row.tiles is not None]
        tiles = [row.tiles for row in rows if row.tiles is not None]
        time = np.array([row.time for row in rows], np.float32)
        end = np.array([row.end for row in rows], np.float32)
        return Clip(
            width=width,
            height=height,
            duration=duration,
            box=box,
            time=time,
            span=np.maximum(end - time, np.float32(0)),
            codes=np.array([row.code for row in rows], np.uint8).reshape(-1, 32),
            quality=np.array([row.quality for row in rows], np.uint8),
            shot=np.array([min(row.shot, _LAST_SHOT) for row in rows], np.uint16),
            keyed=np.array(keyed, np.int32),
            tiles=np.array([tile.codes for tile in tiles], np.uint8).reshape(-1, CLIP_TILES, 32),
            tile_quality=np.array([tile.quality for tile in tiles], np.uint8).reshape(-1, CLIP_TILES),
        )


def thinned(rows: Sequence[Row]) -> list[Row]:
    """One of each two rows: the first, unless only the second is keyed. A row's span takes in those that follow on."""
    kept: list[Row] = []
    for at in range(0, len(rows), 2):
        pair = rows[at : at + 2]
        chosen = pair[-1] if pair[0].tiles is None and pair[-1].tiles is not None else pair[0]
        for row in pair:
            if row is chosen:
                kept.append(row)
            elif kept and kept[-1].end == row.time:
                kept[-1].end = row.end
    return kept


def demote(keyed: Sequence[Row]) -> None:
    """Take the tiles from every second of these rows."""
    for row in keyed[1::2]:
        row.tiles = None
