"""What was replaced in a video, frame by frame: the altered-region track of its segments.

Where whole frames stand in the source's frame, tiles tell: a cell of the 4x4 grid that agrees nowhere near its time was
replaced. Where a frame was cropped, framed or turned, the keypoints of key frames tell. Both are coarse, and a moving
camera makes tiles differ that nobody touched, so a track is told only when it is there in most of the frames looked at.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from safelight.flow.trace import altered, by_keypoints
from safelight.match.clip.forms import mirrored_places, mirrored_tiles
from safelight.match.local.derive import MIRROR, Derived
from safelight.match.local.frames import full_frame
from safelight.match.region import coarse
from safelight.match.tiles import TileAgreement, compare_tiles, differing_cells
from safelight.model.clip import CLIP_GRID, CLIP_TILES, Clip, evenly
from safelight.model.match import Match
from safelight.model.region import RegionMap
from safelight.model.segment import RegionAt, Segment
from safelight.model.tiles import TileHashes
from safelight.ports import Masks

FRAMES = 8
"""Frames of a segment that are looked at, spread over it."""
AROUND = 0.75
"""Seconds to either side of its own in which the source's frame may lie that agrees best."""
LEAST_TILES = 3
"""Tiles that agree in place, for a frame to be compared cell by cell."""
SAME_FRAME = 12
"""Bits by which whole frames may differ that show the same: nothing of this size was replaced."""
MOST_REGIONS = 64
"""Frames of a video of which it is told what was replaced in them, of all segments with all its sources."""
MOST = 0.5
"""Share of the frames looked at in which something is replaced, for it to be told at all."""

KeypointRegions = Sequence[tuple[float, tuple[int, int], Derived]]
"""Of key frames that trace to a source: second, size in pixels, and what is known."""


@dataclass(frozen=True, slots=True)
class Track:
    """Makes tracks; masks go to `masks`, if there are any."""

    masks: Masks | None = None

    def of(
        self,
        match: Match,
        item: str,
        clip: Clip,
        source: Clip,
        traced: KeypointRegions = (),
        most: int = MOST_REGIONS,
    ) -> Match:
        """The match with the tracks of its segments, as far as there is room for `most` frames: of the best ones.

        `item`: what masks are named after.
        """
        named = hashlib.sha256(f"{match.bank}/{match.entry}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        segments = list(match.segments)
        for number in sorted(range(len(segments)), key=lambda n: -segments[n].agreeing):
            if most < FRAMES:
                break
            track = self._segment(segments[number], f"{item}-{named}", clip, source, traced)
            segments[number] = replace(segments[number], track=track)
            most -= len(track)
        return replace(match, segments=tuple(segments))

    def _segment(
        self, segment: Segment, name: str, clip: Clip, source: Clip, traced: KeypointRegions
    ) -> tuple[RegionAt, ...]:
        regions: dict[float, RegionMap | None] = {}
        times = clip.time[clip.keyed].astype(np.float64)
        inside = np.flatnonzero((times >= segment.query_start) & (times <= segment.query_end))
        for key in inside[evenly(len(inside), FRAMES)].tolist():
            seen = _by_tiles(segment, clip, key, source)
            if seen is not None:
                regions[float(clip.time[clip.keyed[key]])] = seen.region
        if not regions:
            near = [one for one in traced if segment.query_start <= one[0] <= segment.query_end]
            for time, size, about in near[:FRAMES]:
                with suppress(ValueError):
                    regions[time] = by_keypoints(about, size)
        return self._told(name, regions)

    def _told(self, name: str, regions: Mapping[float, RegionMap | None]) -> tuple[RegionAt, ...]:
        replaced = sum(region is not None and region.box is not None for region in regions.values())
        if replaced < max(1, MOST * len(regions)):
            return ()
        track = []
        for time, region in sorted(regions.items()):
            if region is not None:
                told = altered(region)
                if self.masks is not None and told.bbox is not None:
                    mask = self.masks.put(f"{name}-{round(1000 * time):09d}", region.replaced)
                    told = replace(told, mask=mask)
                track.append(RegionAt(round(time, 3), told))
        return tuple(track)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A frame that could be compared. `region`: None when it is the source's own picture."""

    region: RegionMap | None


def _by_tiles(segment: Segment, clip: Clip, key: int, source: Clip) -> _Compared | None:
    """One keyed row against the source's frames around its time; None when it does not stand in their frame."""
    row = int(clip.keyed[key])
    when = segment.source_start + segment.speed * (float(clip.time[row]) - segment.query_start)
    near = np.nonzero(np.abs(source.time - when) <= AROUND)[0]
    form = MIRROR if segment.mirrored else "original"
    if len(near) and not segment.mirrored:
        apart = np.bitwise_count(source.codes[near] ^ clip.codes[row]).sum(axis=1, dtype=np.int64)
        if apart.min() <= SAME_FRAME:
            return _Compared(None)
    tiles, quality = clip.tiles[key : key + 1], clip.tile_quality[key : key + 1]
    if segment.mirrored:
        tiles, quality = mirrored_tiles(tiles, CLIP_GRID), mirrored_places(quality, CLIP_GRID)
    found = TileHashes(tiles[0], quality[0])
    best: TileAgreement | None = None
    for known in np.nonzero(np.abs(source.time[source.keyed] - when) <= 2 * AROUND)[0].tolist():
        stored = TileHashes(source.tiles[known], source.tile_quality[known])
        agreement = compare_tiles(stored, found, np.ones(CLIP_TILES, np.bool_))
        if best is None or agreement.loose > best.loose:
            best = agreement
    if best is None or best.loose < LEAST_TILES:
        return None
    agreeing, judged = differing_cells(best)
    full = (clip.width, clip.height)
    box = clip.box or (0, 0, *full)
    size = (box[2] - box[0], box[3] - box[1])
    matrix: NDArray[np.float64] = np.reshape(full_frame(form, box, size), (2, 3))
    with suppress(ValueError):
        return _Compared(coarse.coarse_region(full, matrix, agreeing, judged, size))
    return None
