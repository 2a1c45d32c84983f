"""Safelight as a contestant: the tiers of a scan at depth `full`, over a bank in a data folder of its own."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np

from safelight.app import App
from safelight.bench.derivative.draft import Rgb
from safelight.bench.derivative.tracer import DERIVATIVE, NEAR, SHARED_SCENE, Traced
from safelight.fingerprint.local import local_features, working_picture
from safelight.fingerprint.prints import fingerprints
from safelight.fingerprint.tiles import picture_tiles
from safelight.flow.bank_media import known_hashes
from safelight.flow.banks import create_bank, sync_index
from safelight.flow.lookup import Lookup
from safelight.flow.trace import Tracer as FlowTracer
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import make_sketch
from safelight.match.region import altered_region
from safelight.model.bank import BankEntry
from safelight.model.fingerprint import Digests, Fingerprint
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalExamination, LocalRequest, Sketch
from safelight.model.match import Match, MatchKind
from safelight.model.media import DecodedImage, Frame, MediaFacts
from safelight.model.region import RegionMap
from safelight.model.scan import Depth
from safelight.settings import read_settings

T = TypeVar("T")

_VERDICTS = {
    MatchKind.EXACT: NEAR,
    MatchKind.NEAR: NEAR,
    MatchKind.DERIVATIVE: DERIVATIVE,
    MatchKind.SHARED_SCENE: SHARED_SCENE,
}
_SURE = 1_000.0
"""Score of a near match of distance 0: hashes say more than keypoints do, and less from bit to bit."""
_FLIPPED = 0.15
"""Share of the bits of a signature that padding flips."""
_PADDING_ENTRY = 1 << 40
"""Entry ids of padding, far above those of the store."""


class SafelightTracer:
    """The product, from pixels on: `bench.derivative.tracer.Tracer`, `HasStages`, `HasPadding`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="safelight-bench-")
        self._app = App(read_settings({"SAFELIGHT_HOME": self._folder.name}))
        self._quantiser = Quantiser(self._app.codebook)
        self._bank = create_bank(self._app.store, "bench")
        self._new: list[tuple[str, Fingerprint, Sketch]] = []
        self._sketches: list[Sketch] = []
        self._count = 0
        self._opened: tuple[Lookup, FlowTracer] | None = None
        self._stages: dict[str, float] = {}

    def add(self, key: str, pixels: Rgb) -> None:
        """Index a picture; it is stored when the next one is asked for."""
        self._new.append((key, _fingerprint(pixels), make_sketch(_examined(pixels, OF_KNOWN), self._quantiser)))

    def trace(self, pixels: Rgb) -> list[Traced]:
        """Hashes first, then tiles, then keypoints, each for what those before it leave open."""
        lookup, tracer = self._settled()
        self._stages = {}
        fingerprint = self._timed("hashes", lambda: _fingerprint(pixels))
        near = self._timed("look-up", lambda: lookup.matches([fingerprint])[0])
        seen = self._timed("tiles", lambda: _examined(pixels, replace(OF_QUERY, keypoints=0)))
        if near:
            placed = self._timed("tile search", lambda: [tracer.with_region(m, fingerprint, seen) for m in near])
            return [_told(match) for match in placed]
        found = self._timed("tile search", lambda: tracer.by_tiles(seen, ""))
        if not found:
            features = self._timed("keypoints", lambda: local_features(seen.working.grey, OF_QUERY.keypoints))
            whole = replace(seen, features=features)
            found = self._timed("trace", lambda: tracer.by_keypoints(whole, ""))
        return [_told(match) for match in found]

    def localise(self, pixels: Rgb, source: Rgb, traced: Traced) -> RegionMap | None:
        """The altered region with the source at hand."""
        return None if traced.matrix is None else altered_region(pixels, source, traced.matrix)

    def bytes_per_picture(self) -> float:
        """Bytes of the feature index and of the PDQ index on the disk."""
        self._settled()
        home = Path(self._folder.name)
        files = [path for name in ("features", "index") for path in (home / name).rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files) / max(self._count, 1)

    def stages(self) -> Mapping[str, float]:
        """CPU seconds of each stage of the last query."""
        return self._stages

    def pad(self, count: int) -> None:
        """Fill up with sketches whose keypoints are those of real ones, moved, and their signatures part changed."""
        self._settled()
        self._close()
        rng = np.random.default_rng(self._count)
        originals = self._sketches

        def jittered() -> Iterator[tuple[int, int, Sketch]]:
            for number in range(count):
                yield _PADDING_ENTRY + self._count + number, 0, _jittered(originals[number % len(originals)], rng)

        index = self._app.features.open(self._bank, write=True)
        index.add(jittered())
        index.close()
        self._count += count

    def _settled(self) -> tuple[Lookup, FlowTracer]:
        """What was added is stored, and the bank is open."""
        if self._new:
            self._close()
            entries = (BankEntry(key, known_hashes(fingerprint)) for key, fingerprint, _ in self._new)
            self._app.store.add(self._bank, entries)
            sync_index(self._app.store, self._app.room, self._bank)
            ids = self._app.store.entry_ids(self._bank, [key for key, _, _ in self._new])
            index = self._app.features.open(self._bank, write=True)
            index.add((ids[key], 0, sketch) for key, _, sketch in self._new)
            index.close()
            self._sketches += [sketch for _, _, sketch in self._new]
            self._count += len(self._new)
            self._new = []
        if self._opened is None:
            lookup = Lookup(self._app.store, self._app.room, [self._bank.name])
            banks = (self._bank,)
            tracer = FlowTracer(self._app.store, self._app.features, banks, lambda: self._quantiser, Depth.FULL)
            self._opened = lookup, tracer
        return self._opened

    def _close(self) -> None:
        if self._opened is not None:
            for one in self._opened:
                one.__exit__(None, None, None)
            self._opened = None

    def _timed(self, stage: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        result = work()
        self._stages[stage] = time.process_time() - began
        return result


def _told(match: Match) -> Traced:
    score = _SURE - match.distance if match.distance is not None else match.log_ratio or 0.0
    evidence = {
        "algorithm": match.algorithm,
        "distance": match.distance,
        "inliers": match.inliers,
        "looked_for": match.looked_for,
        "found": match.found,
        "tiles": match.tiles,
        "tiles_agree": match.tiles_agree,
        "log_ratio": match.log_ratio,
        "p_false_match": match.p_false_match,
        "affine": match.affine,
        "parts": {part.name: part.nats for part in match.parts},
    }
    matrix = None if match.affine is None else np.reshape(match.affine, (2, 3))
    return Traced(match.entry, _VERDICTS[match.kind], score, matrix, evidence)


def _fingerprint(pixels: Rgb) -> Fingerprint:
    height, width = pixels.shape[:2]
    digest = sha256(pixels.data).hexdigest()
    digests = Digests(digest[:32], digest[:40], digest, pixels.size)
    return fingerprints(digests, DecodedImage(MediaFacts("", width, height), (Frame(0, pixels),)))


def _examined(pixels: Rgb, request: LocalRequest) -> LocalExamination:
    working = working_picture(pixels, 1, request.side)
    return LocalExamination(working, local_features(working.grey, request.keypoints), picture_tiles(working.grey))


def _jittered(sketch: Sketch, rng: np.random.Generator) -> Sketch:
    count = len(sketch.word)
    flips = np.packbits(rng.random((count, 128)) < _FLIPPED, axis=1).view(np.uint64)
    return replace(
        sketch,
        x=rng.integers(0, sketch.work_width * 64, count).astype(np.uint16),
        y=rng.integers(0, sketch.work_height * 64, count).astype(np.uint16),
        angle=rng.integers(0, 256, count).astype(np.uint8),
        signature=sketch.signature ^ flips,
        tiles=replace(sketch.tiles, codes=sketch.tiles.codes ^ rng.integers(0, 256, (25, 32)).astype(np.uint8)),
    )
