"""Made-up films for the tests of matching in time: codes as functions of time, without any picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from safelight.match.clip.forms import dihedral_forms, mirrored_tiles
from safelight.model.clip import CLIP_GRID, CLIP_TILES, Clip, ClipRows
from safelight.model.fingerprint import DIHEDRAL

Codes = NDArray[np.uint8]
At = Callable[[float], tuple[Codes, Codes, int]]
"""Gives code (32,), tiles (CLIP_TILES, 32) and the number of the shot at a second."""


@dataclass(frozen=True)
class Film:
    """Shots of random codes that change by `pace` bits in a second; 0 is a camera that stands still."""

    seed: int
    seconds: float = 40.0
    shot: float = 5.0
    pace: float = 12.0

    def at(self, time: float) -> tuple[Codes, Codes, int]:
        number = int(time // self.shot)
        rng = np.random.default_rng([self.seed, number])
        bits = rng.integers(0, 2, (1 + CLIP_TILES, 256), np.uint8)
        order = rng.permuted(np.tile(np.arange(256), (1 + CLIP_TILES, 1)), axis=1)
        for row, first in zip(bits, order, strict=True):
            row[first[: min(round(self.pace * (time % self.shot)), 256)]] ^= 1
        codes = np.packbits(bits, axis=1)
        return codes[0], codes[1:], number


def clip(at: At, times: Sequence[float], seconds: float, keyed: int = 1) -> Clip:
    """A clip of the frames at some seconds, every `keyed`-th of them with tiles."""
    seen = [at(time) for time in times]
    time = np.array(times, np.float32)
    tiled = np.arange(0, len(times), keyed, dtype=np.int32)
    return Clip(
        width=640,
        height=480,
        duration=seconds,
        box=None,
        time=time,
        span=np.append(np.diff(time), seconds - time[-1]).astype(np.float32) if len(time) else time,
        codes=np.array([code for code, _, _ in seen], np.uint8).reshape(-1, 32),
        quality=np.full(len(times), 100, np.uint8),
        shot=np.array([shot for _, _, shot in seen], np.uint16),
        keyed=tiled,
        tiles=np.array([seen[row][1] for row in tiled], np.uint8).reshape(-1, CLIP_TILES, 32),
        tile_quality=np.full((len(tiled), CLIP_TILES), 100, np.uint8),
    )


def known(film: Film) -> Clip:
    """Four rows a second."""
    return clip(film.at, np.arange(0, film.seconds, 0.25).tolist(), film.seconds)


def query(at: At, seconds: float, every: float = 2.0, phase: float = 0.1) -> Clip:
    """One row in `every` seconds."""
    return clip(at, np.arange(phase, seconds, every).tolist(), seconds)


def noisy(asked: Clip, bits: int, seed: int = 0) -> Clip:
    """Other bits in every code, as compression makes them."""
    rng = np.random.default_rng(seed)
    return replace(asked, codes=flipped(asked.codes, bits, rng), tiles=flipped(asked.tiles, bits, rng))


def flipped(codes: Codes, bits: int, rng: np.random.Generator) -> Codes:
    changed = np.unpackbits(codes.reshape(-1, 32), axis=1)
    for row in changed:
        row[rng.permutation(256)[:bits]] ^= 1
    return np.packbits(changed, axis=1).reshape(codes.shape)


def mirrored(asked: Clip) -> Clip:
    codes = dihedral_forms(asked.codes)[DIHEDRAL.index("flip_y")]
    return replace(asked, codes=codes, tiles=mirrored_tiles(asked.tiles, CLIP_GRID))


def replaced(asked: Clip, tiles: int, seed: int = 9) -> Clip:
    """Another picture in the first so many tiles of every frame, so that the whole frame is another too."""
    rng = np.random.default_rng(seed)
    parts = asked.tiles.copy()
    parts[:, :tiles] = rng.integers(0, 256, (len(parts), tiles, 32), np.uint8)
    return replace(asked, codes=rng.integers(0, 256, asked.codes.shape, np.uint8), tiles=parts)


def bank(clips: dict[int, Clip]) -> ClipRows:
    """The keyed rows of clips by their entry ids, in the order given."""
    rows = [(np.full(len(c.keyed), entry, np.int64), c) for entry, c in clips.items()]
    return ClipRows(
        entry=np.concatenate([entry for entry, _ in rows]),
        row=np.concatenate([c.keyed for _, c in rows]),
        codes=np.concatenate([c.codes[c.keyed] for _, c in rows]),
        quality=np.concatenate([c.quality[c.keyed] for _, c in rows]),
        tiles=np.concatenate([c.tiles for _, c in rows]),
        tile_quality=np.concatenate([c.tile_quality for _, c in rows]),
    )
