"""Contestants for tests: what they know, they were told."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from safelight.bench.derivative.draft import Rgb
from safelight.bench.derivative.edits import Edited
from safelight.bench.derivative.pictures import Picture, photographs
from safelight.bench.derivative.tracer import DERIVATIVE, NONE, PdqTracer, Traced
from safelight.demo.draw import draw
from safelight.model.region import RegionBasis, RegionMap


def region(replaced: np.ndarray) -> RegionMap:
    """A map that says where pixels were replaced, and nothing else."""
    nothing = np.zeros_like(replaced)
    return RegionMap(RegionBasis.PIXELS, replaced, nothing, nothing, np.full(replaced.shape, 255, np.uint8), None)


class LooseTracer(PdqTracer):
    """PDQ that calls everything up to a wide radius a derivative and locates by plain difference; tells its stages."""

    def __init__(self, radius: int = 90) -> None:
        super().__init__(dihedral=True, radius=radius)
        self.padded = 0

    def trace(self, pixels: Rgb) -> list[Traced]:
        found = super().trace(pixels)
        return [
            Traced(one.key, one.verdict if one.verdict == NONE else DERIVATIVE, one.score, np.eye(2, 3), one.evidence)
            for one in found
        ]

    def localise(self, pixels: Rgb, source: Rgb, _: Traced) -> RegionMap | None:
        if pixels.shape != source.shape:
            return None
        return region(np.abs(pixels.astype(int) - source).max(axis=2) > 48)

    def stages(self) -> Mapping[str, float]:
        return {"hashing": 0.001}

    def pad(self, count: int) -> None:
        self.padded += count


def small_pictures(folder: Path, count: int) -> list[Picture]:
    """Drawn pictures, small enough for quick tests, by name."""
    for number in range(count):
        draw(number, 240, 180).save(folder / f"{number:02}.png")
    return photographs(folder)


def edited(replaced: np.ndarray, overlay: np.ndarray | None = None, outside: np.ndarray | None = None) -> Edited:
    """An edited picture of which only the truth matters."""
    nothing = np.zeros_like(replaced)
    pixels = np.zeros((*replaced.shape, 3), np.uint8)
    return Edited(
        pixels,
        np.eye(2, 3),
        replaced,
        nothing if overlay is None else overlay,
        nothing if outside is None else outside,
    )
