"""Footage that tells which frame it shows, and a tracker that knows what it was told."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.draft import Rgb
from safelight.bench.video.baseline import frames_each_second
from safelight.bench.video.footage import Footage
from safelight.fingerprint import pdq
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.segment import RegionAt, Segment

OTHER = 250
"""Level of footage that is pasted or played around."""


def levels(count: int = 180, width: int = 96, height: int = 64, fps: int = 10) -> Footage:
    """Frame n is of one grey: 20 + n."""

    def frames() -> Iterator[Rgb]:
        for number in range(count):
            yield np.full((height, width, 3), 20 + number, np.uint8)

    return Footage(width, height, Fraction(fps), count, frames)


def plain(level: int = OTHER, count: int = 7) -> Footage:
    """Short footage of one grey and of another size."""

    def frames() -> Iterator[Rgb]:
        for _ in range(count):
            yield np.full((90, 90, 3), level, np.uint8)

    return Footage(90, 90, Fraction(25), count, frames)


def segment(
    query: tuple[float, float], source: tuple[float, float], speed: float = 1.0, areas: tuple[float, ...] = ()
) -> Segment:
    track = tuple(
        RegionAt(query[0] + place, AlteredRegion(area, None, RegionBasis.TILES)) for place, area in enumerate(areas)
    )
    return Segment(*query, *source, speed, mirrored=False, frames=4, agreeing=4, distance=10, evidence=(), track=track)


def match(entry: str, *segments: Segment, kind: MatchKind = MatchKind.DERIVATIVE, algorithm: str = "clip") -> Match:
    return Match("bench", entry, kind, algorithm, 10, segments=segments)


class BagTracker:
    """PDQ of a frame a second; the offset that most pairs of frames agree on becomes one segment."""

    def __init__(self, radius: int = 60) -> None:
        self._known: dict[str, NDArray[np.uint64]] = {}
        self._radius = radius

    def add(self, name: str, data: bytes) -> None:
        self._known[name] = _codes(data)

    def find(self, data: bytes) -> list[Match]:
        query, found = _codes(data), []
        for name, known in self._known.items():
            near = np.bitwise_count(query[:, None] ^ known[None]).sum(axis=2) <= self._radius
            offsets = Counter((np.nonzero(near)[1] - np.nonzero(near)[0]).tolist())
            if offsets:
                offset, votes = max(offsets.items(), key=lambda item: (item[1], -abs(item[0])))
                if votes >= 3:
                    found.append(match(name, segment((0.0, len(query)), (offset, offset + len(query)))))
        return found

    def bytes_stored(self) -> int:
        return sum(codes.nbytes for codes in self._known.values())

    def close(self) -> None:
        self._known.clear()


def _codes(data: bytes) -> NDArray[np.uint64]:
    hashed = [pdq.pdq(pixels) for pixels in frames_each_second(data)]
    codes = b"".join(bytes(32) if one is None else bytes.fromhex(one.hash) for one in hashed)
    return np.frombuffer(codes, np.uint64).reshape(-1, 4)
