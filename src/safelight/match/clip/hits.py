"""Where rows of a query look like rows of a known clip: what lines in time are drawn through.

A hit is one row of the query and a stretch of the source, of one row or of several that look like it to much the same
degree. A query row that looks like very many places keeps the best of them, and long stretches that are good enough: a
camera that does not move must not cost more than one that does, and must still find its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from safelight.match.clip.candidates import compiled, tile_words
from safelight.match.clip.forms import MIRRORED, dihedral_forms, mirrored_places, mirrored_tiles
from safelight.match.clip.worth import (
    FRAME_BITS,
    LEAST_TILES,
    MIN_QUALITY,
    MOST_WORTH,
    TILE_BITS,
    TILE_QUALITY,
    TILES_BASE,
    frame_chance,
    frame_worth,
    keypoint_chance,
    tile_chance,
    tile_worth,
)
from safelight.match.hamming import as_words, frozen
from safelight.model.clip import CLIP_GRID, Clip
from safelight.model.fingerprint import DIHEDRAL

ORIGINAL, MIRROR = DIHEDRAL.index("original"), DIHEDRAL.index("flip_y")
KEYED_REACH = 2.0
"""Seconds for which a row's tiles stand at most: a keyed row follows by then, unless there was no room."""
KEY_FRAME_REACH = 1.0
"""Seconds to either side for which a key frame of a source stands."""
MOST_HITS, LEAST_HITS = 48, 6
"""Hits kept of a query row in one form, the best; besides these, a twelfth as many stretches at each of `_LEVELS`."""
HITS_OF_ALL = 131_072
"""Hits of all rows in all forms, above which fewer are kept of each, and of every second level."""
TURNED = 2
"""Turned forms in which a pair is compared at most: a video is turned in one way, and may be symmetric."""
_LEVELS = 10.0, 8.0, 6.0, 5.0
_SLACK = 0.2  # nats that rows of one stretch may differ by: two bits
_CLOSE = 30  # bits of whole frames up to which tiles have nothing to add
_REACH = 0.6  # seconds between rows of one stretch
_PROBES = 64, 4_096  # rows of a query and of a source that tell whether it was turned


_Places = tuple[NDArray[np.float32], NDArray[np.float32]]


class HitKind(IntEnum):
    """What agrees: the frame as a whole, tiles of it in place, keypoints of it; or keypoints of its scene alone."""

    FRAMES = 0
    TILES = 1
    KEYPOINTS = 2
    SCENE = 3


@dataclass(frozen=True, slots=True)
class KeypointHit:
    """A key frame of a query that traces to a key frame of the source, both in seconds from their start.

    `log_ratio`: nats for a derivative, as `match.local.verdict` has it. `derivative`: False for a shared scene only.
    """

    time: float
    source_time: float
    log_ratio: float
    mirrored: bool
    derivative: bool


@dataclass(frozen=True, slots=True)
class FrameHits:
    """Hits of a pair, ordered by form, row and start; all arrays of the shape (h,).

    `row`: int32, of the query; `time`: float32, its seconds. `start`, `end`: float32, the stretch of the source in
    seconds. `nats`: float32, above 0 to `MOST_WORTH`. `kind`: uint8, a `HitKind`. `form`: uint8, number in DIHEDRAL of
    the form in which the query agrees. `distance`: int16, bits of 256, of tiles the mean; -1 for keypoints. `chance`:
    float32, natural logarithm of the chance that one row of an unrelated video looks as much alike, or more.
    """

    row: NDArray[np.int32]
    time: NDArray[np.float32]
    start: NDArray[np.float32]
    end: NDArray[np.float32]
    nats: NDArray[np.float32]
    kind: NDArray[np.uint8]
    form: NDArray[np.uint8]
    distance: NDArray[np.int16]
    chance: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def mirrored(self) -> NDArray[np.bool_]:
        """Hits in which the query is a mirror image, turned or not."""
        return np.asarray(MIRRORED[self.form])

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> "FrameHits":
        """Some of the hits."""
        return FrameHits(*(getattr(self, field.name)[which] for field in fields(self)))

    @classmethod
    def join(cls, parts: Sequence["FrameHits"]) -> "FrameHits":
        """All hits of several, in order."""
        joined = cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))
        order = np.lexsort((joined.kind, joined.end, joined.start, joined.row, joined.form))
        return joined.take(order)


def frame_hits(query: Clip, source: Clip) -> FrameHits:
    """Hits of whole frames, in the forms that the pair shows, and of tiles in place, as they stand and mirrored."""
    forms = _forms_shown(query, source)
    most = min(max(HITS_OF_ALL // (len(forms) * max(len(query.time), 1)), LEAST_HITS), MOST_HITS)
    frames = [_frames_in_form(query, source, form, most) for form in forms]
    left = np.ones(len(query.time), np.bool_)
    for hits in frames:
        left[hits.row[hits.distance <= _CLOSE]] = False  # tiles would add nothing to these
    asked = np.flatnonzero(left[query.keyed]) if len(source.keyed) else np.empty(0, np.int64)
    tiles = [_tiles_in_form(query, source, asked, form, most) for form in (ORIGINAL, MIRROR) if len(asked)]
    return FrameHits.join([*frames, *tiles])


def keypoint_hits(query: Clip, hits: Sequence[KeypointHit], key_times: Sequence[float]) -> FrameHits:
    """Hits of keypoints, each at the query's row that is nearest in time.

    `key_times`: seconds of all key frames of the source; each stands for the stretch up to the middle between it and
    its neighbours, at most `KEY_FRAME_REACH` to either side.
    """
    times = np.unique(np.asarray(key_times, np.float64))
    return FrameHits.join([_NONE, *(_hit_of(query, hit, times) for hit in hits if len(query.time))])


def _hit_of(query: Clip, hit: KeypointHit, times: NDArray[np.float64]) -> FrameHits:
    below, above = times[times < hit.source_time - 1e-3], times[times > hit.source_time + 1e-3]
    before = min((hit.source_time - below[-1]) / 2, KEY_FRAME_REACH) if len(below) else KEY_FRAME_REACH
    after = min((above[0] - hit.source_time) / 2, KEY_FRAME_REACH) if len(above) else KEY_FRAME_REACH
    place = np.array([[max(hit.source_time - before, 0.0), hit.source_time + after]])
    nats = float(np.clip(MOST_WORTH / 2 + hit.log_ratio, 1.0, MOST_WORTH))
    kind = HitKind.KEYPOINTS if hit.derivative else HitKind.SCENE
    row = int(np.argmin(np.abs(query.time - hit.time)))
    chance = np.array([keypoint_chance(hit.log_ratio)])
    form = MIRROR if hit.mirrored else ORIGINAL
    return _made(row, hit.time, place, np.array([nats]), np.array([-1]), chance, kind, form)


def _forms_shown(query: Clip, source: Clip) -> list[int]:
    """As it stands and mirrored always; turned, if a few rows show it, at most in the `TURNED` ways that most show."""
    asked = _sound(query)[:: max(1, len(_sound(query)) // _PROBES[0])]
    probed = _sound(source)[:: max(1, len(_sound(source)) // _PROBES[1])]
    words = [frozen(as_words(form)) for form in dihedral_forms(query.codes[asked])]
    codes, sound = frozen(as_words(source.codes[probed])), frozen(np.ones(len(probed), np.bool_))
    nats, distance = np.empty(len(probed), np.float32), np.empty(len(probed), np.int16)
    worth = frozen(frame_worth(np.arange(FRAME_BITS + 1)))
    shown = {
        form: sum(bool(compiled().frame_agreement(word, codes, sound, worth, nats, distance)) for word in words[form])
        for form in range(len(DIHEDRAL))
        if form not in {ORIGINAL, MIRROR}
    }
    turned = sorted((form for form, rows in shown.items() if rows), key=lambda form: (-shown[form], form))[:TURNED]
    return sorted([ORIGINAL, MIRROR, *turned])


def _sound(clip: Clip) -> NDArray[np.int64]:
    """Rows in which there is enough to see."""
    return np.flatnonzero(clip.quality >= MIN_QUALITY)


def _frames_in_form(query: Clip, source: Clip, form: int, most: int) -> FrameHits:
    words = frozen(as_words(dihedral_forms(query.codes)[form]))
    codes, sound = frozen(as_words(source.codes)), frozen(source.quality >= MIN_QUALITY)
    worth = frozen(frame_worth(np.arange(FRAME_BITS + 1)))
    nats, distance = np.empty(len(source.time), np.float32), np.empty(len(source.time), np.int16)
    places = _stretches(source, np.arange(len(source.time), dtype=np.int32), source.time + source.span)
    found = [_NONE]
    for row in _sound(query).tolist():
        if compiled().frame_agreement(words[row], codes, sound, worth, nats, distance):
            kept, stretches, best, least = _thinned(nats, distance, places, most)
            chance = frame_chance(least, np.minimum(source.quality[kept], query.quality[row]))
            found.append(_made(row, float(query.time[row]), stretches, best, least, chance, HitKind.FRAMES, form))
    return FrameHits.join(found)


def _tiles_in_form(query: Clip, source: Clip, asked: NDArray[np.int64], form: int, most: int) -> FrameHits:
    """`asked`: numbers of keyed rows of the query."""
    codes, quality = query.tiles[asked], query.tile_quality[asked]
    if form == MIRROR:
        codes, quality = mirrored_tiles(codes, CLIP_GRID), mirrored_places(quality, CLIP_GRID)
    words, known = tile_words(codes), frozen(tile_words(source.tiles))
    held, worth = frozen(source.tile_quality), frozen(tile_worth(np.arange(TILE_BITS + 1)))
    total, count = np.empty(len(known), np.float32), np.empty(len(known), np.int16)
    distance = np.empty(len(known), np.int16)
    places = _stretches(source, source.keyed, _keyed_ends(source))
    found = [_NONE]
    for number, row in enumerate(query.keyed[asked].tolist()):
        compiled().tile_agreement(
            frozen(words[number]), frozen(quality[number]), known, held, TILE_QUALITY, worth, total, count, distance
        )
        nats = np.where(count >= LEAST_TILES, np.minimum(TILES_BASE + total, MOST_WORTH), 0).astype(np.float32)
        if nats.any():
            kept, stretches, best, least = _thinned(nats, distance, places, most)
            chance = tile_chance(count[kept])
            found.append(_made(row, float(query.time[row]), stretches, best, least, chance, HitKind.TILES, form))
    return FrameHits.join(found)


def _stretches(clip: Clip, rows: NDArray[np.int32], end: NDArray[np.float32]) -> _Places:
    """From when to when rows stand, read-only: a row looks like what comes shortly before it as well as behind it.

    `end`: seconds at which another picture was seen; that was there half the usual time between rows before.
    """
    usual = float(np.median(np.diff(clip.time))) if len(clip.time) > 1 else 0.0
    half = np.float32(min(usual / 2, KEY_FRAME_REACH))
    start = clip.time[rows]
    return frozen(start - half), frozen(np.maximum(end - half, start + half))


def _keyed_ends(source: Clip) -> NDArray[np.float32]:
    """When keyed rows end: the rows up to the next keyed one look like them."""
    last = np.append(source.keyed[1:], len(source.time)) - 1
    start = source.time[source.keyed]
    until = np.minimum(source.time[last] + source.span[last], start + np.float32(KEYED_REACH))
    return np.asarray(np.maximum(until, start + source.span[source.keyed]), np.float32)


def _thinned(
    nats: NDArray[np.float32], distance: NDArray[np.int16], places: _Places, most: int
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], NDArray[np.int16]]:
    """Of one query row's hits, from those of all rows of the source: the best row, stretch (h, 2), nats, distance."""
    start, end = places
    runs = compiled().plateaus(frozen(nats), start, end, _SLACK, _REACH)
    worth = nats[runs[:, 2]]
    if len(runs) > most:
        runs = runs[worth >= np.partition(worth, len(runs) - most)[len(runs) - most]]
        best = np.sort(np.lexsort((runs[:, 0], runs[:, 0] - runs[:, 1], -nats[runs[:, 2]]))[:most])
        runs, worth = runs[best], nats[runs[best, 2]]
        for level in _LEVELS[:: 1 + (most < MOST_HITS)]:
            enough = frozen(np.where(nats >= level, np.float32(level), np.float32(0)))
            longer = compiled().plateaus(enough, start, end, 0.0, _REACH)
            longer = longer[np.argsort(longer[:, 0] - longer[:, 1], kind="stable")[: max(most // 12, 1)]]
            runs, worth = np.concatenate([runs, longer]), np.append(worth, np.full(len(longer), level, np.float32))
    stretches = np.stack([start[runs[:, 0]], end[runs[:, 1] - 1]], axis=1)
    return runs[:, 2], stretches, worth, distance[runs[:, 2]]


def _made(
    row: int,
    time: float,
    places: NDArray[np.float32] | NDArray[np.float64],
    nats: NDArray[np.float32] | NDArray[np.float64],
    distance: NDArray[np.int16] | NDArray[np.int64],
    chance: NDArray[np.float64],
    kind: int,
    form: int,
) -> FrameHits:
    """Hits of one query row."""
    count = len(nats)
    return FrameHits(
        row=np.full(count, row, np.int32),
        time=np.full(count, time, np.float32),
        start=places[:, 0].astype(np.float32),
        end=places[:, 1].astype(np.float32),
        nats=nats.astype(np.float32),
        kind=np.full(count, kind, np.uint8),
        form=np.full(count, form, np.uint8),
        distance=distance.astype(np.int16),
        chance=chance.astype(np.float32),
    )


_NONE = _made(0, 0, np.empty((0, 2)), np.empty(0), np.empty(0, np.int16), np.empty(0), 0, 0)
