"""What the benchmarks share: rows with bars, interleaved timing, peers, and drawn pictures."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.model.errors import MissingPeerError


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure. `n`: number of things measured. `bar` and `holds` are None when it only informs."""

    what: str
    value: float
    unit: str
    bar: float | None
    holds: bool | None
    n: int


def at_least(what: str, value: float, unit: str, bar: float, n: int) -> Row:
    """A figure that must not be below its bar."""
    return Row(what, float(value), unit, bar, bool(value >= bar), n)


def at_most(what: str, value: float, unit: str, bar: float, n: int) -> Row:
    """A figure that must not be above its bar."""
    return Row(what, float(value), unit, bar, bool(value <= bar), n)


def informs(what: str, value: float, unit: str, n: int) -> Row:
    """A figure without a bar."""
    return Row(what, float(value), unit, None, None, n)


def require(module: str, package: str | None = None) -> Any:  # noqa: ANN401 - peers ship no types
    """The peer's module. Raises MissingPeerError, naming `package` (default: the module's name)."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPeerError(package=package or module) from error


def interleaved(
    contestants: Mapping[str, Callable[[], object]], rounds: int, least: float = 0.02
) -> dict[str, list[float]]:
    """CPU seconds per call of each contestant in each round.

    Each runs once untimed; in every round they take turns, so that a machine that changes its speed changes it for
    all, and each is repeated within its turn until about `least` seconds are spent. CPU time is the process's, all
    threads together.
    """
    repeats = {}
    for name, call in contestants.items():
        call()
        repeats[name] = max(1, round(least / max(_cpu_seconds(call, 1), 1e-9)))
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, call in contestants.items():
            times[name].append(_cpu_seconds(call, repeats[name]))
    return times


def _cpu_seconds(call: Callable[[], object], repeats: int) -> float:
    began = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - began) / repeats


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Median over the rounds of one contestant's time divided by another's in the same round."""
    return median(a / b for a, b in zip(above, below, strict=True))


def texture(width: int, height: int, seed: int, grain: int = 0, contrast: float = 1.0) -> NDArray[np.uint8]:
    """A benign, smooth, noise-like picture: uint8, shape (height, width, 3).

    Blobs of several sizes, plus `grain` levels of pixel noise (which is what makes JPEG files large). `contrast` 1
    uses most of the range; small values give low PDQ qualities.
    """
    rng = np.random.default_rng(seed)
    small = (width // 8 + 1, height // 8 + 1)
    field = np.zeros((small[1], small[0], 3), dtype=np.float32)
    for cells in (3, 7, 17, 41):
        blobs = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        field += np.asarray(blobs.resize(small, Image.Resampling.BICUBIC), dtype=np.float32) - 127.5
    field = np.clip(127.5 + field * 0.6 * contrast, 0, 255)
    smooth = Image.fromarray(field.astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.array(smooth)
    if grain:
        tile = rng.integers(-grain, grain + 1, (512, 512, 3), dtype=np.int16)
        cover = np.tile(tile, (height // 512 + 1, width // 512 + 1, 1))[:height, :width]
        pixels = np.clip(pixels + cover, 0, 255).astype(np.uint8)
    return pixels


def shared_pictures(folder: str, limit: int) -> list[Path]:
    """Up to `limit` JPEG files, evenly chosen, of a folder of the shared material; none where there is none.

    The shared folder is named by SAFELIGHT_SHARED, or lies beside the working directory as `../shared`.
    """
    root = Path(os.environ.get("SAFELIGHT_SHARED", "../shared")) / folder
    found = sorted(path for path in root.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})
    return found[:: max(1, -(-len(found) // limit))] if found else []


def bits_apart(left: str, right: str) -> int:
    """Hamming distance of two hashes in hexadecimal."""
    return (int(left, 16) ^ int(right, 16)).bit_count()
