"""vPDQ's own rule: a video is the PDQ hashes of one frame a second, and time plays no part."""

import io
from collections.abc import Iterator, Mapping

import av
import numpy as np
from numpy.typing import NDArray

from safelight.bench.derivative.draft import Rgb
from safelight.fingerprint import pdq
from safelight.match import vpdq

EVERY = 1.0
"""Seconds from one hashed frame to the next."""
RULE, LOOSER = vpdq.QUERY_PERCENT, 50.0
"""Percent of a query's frames that must agree: as published, and a rule that finds more."""


class VpdqRule:
    """Known videos as bags of hashes. Bars are hashed with the rest, as vPDQ does."""

    def __init__(self) -> None:
        self._known: dict[str, NDArray[np.uint8]] = {}

    def add(self, name: str, data: bytes) -> None:
        """Hash a known video."""
        self._known[name] = vpdq_codes(data)

    def find(self, data: bytes) -> Mapping[str, float]:
        """Percent of the query's frames that agree with each known video, where any does."""
        query = vpdq_codes(data)
        found = {name: vpdq.match_codes(query, codes)[0] for name, codes in self._known.items()}
        return {name: percent for name, percent in found.items() if percent}


def vpdq_codes(data: bytes) -> NDArray[np.uint8]:
    """PDQ of one frame a second, uint8 of shape (n, 32): the distinct ones of good enough quality."""
    codes: dict[bytes, None] = {}
    for pixels in frames_each_second(data):
        found = pdq.pdq(pixels)
        if found is not None and found.quality >= vpdq.QUALITY:
            codes[bytes.fromhex(found.hash)] = None
    return np.frombuffer(b"".join(codes), np.uint8).reshape(-1, 32)


def frames_each_second(data: bytes, threads: int = 1) -> Iterator[Rgb]:
    """The first frame of each second at full size; every frame is decoded on the way."""
    due = 0.0
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = threads
        for frame in container.decode(stream):
            if frame.time + 1e-6 >= due:
                due += EVERY
                yield np.ascontiguousarray(frame.to_ndarray(format="rgb24"), np.uint8)
