"""The PDQ kernel beside PyPI's `pdqhash` (ThreatExchange's C++ in a wheel) and beside a loop that only sums luma.

Ours is timed as the product calls it: hash, quality and all eight dihedral hashes in hexadecimal. `pdqhash` computes
the hash and the quality. Both start from the same decoded RGB pixels.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numba import njit
from numpy.typing import NDArray
from PIL import Image

from safelight.bench.common import (
    Row,
    at_least,
    at_most,
    bits_apart,
    informs,
    interleaved,
    median_ratio,
    require,
    shared_pictures,
    texture,
)
from safelight.fingerprint.pdq import pdq, warm_up

Pixels = NDArray[np.uint8]

SIZES = ((640, 480), (1152, 864), (1632, 1224), (2304, 1728), (3264, 2448), (4000, 3000))
"""Width and height: 0.3, 1, 2, 4, 8 and 12 megapixels."""


def run(quick: bool, say: Callable[[str], None]) -> list[Row]:
    """Measure; `quick` takes fewer rounds and pictures."""
    peer = require("pdqhash")
    warm_up()
    rows = [row for width, height in SIZES for row in _speed(peer.compute, width, height, 3 if quick else 7, say)]
    tiny = texture(64, 64, seed=1)
    fixed = min(interleaved({"ours": lambda: pdq(tiny)}, rounds=5)["ours"])
    rows.append(informs("PDQ of a 64x64 picture: the cost of a call", fixed * 1e6, "us", 5))
    say("distances on drawn pictures")
    rows += _agreement(peer.compute, "drawn pictures", _drawn(300 if quick else 1000))
    photos = shared_pictures("corpus/photos", 100 if quick else 1000)
    if photos:
        say(f"distances on {len(photos)} photographs")
        rows += _agreement(peer.compute, "photographs", (np.array(Image.open(path).convert("RGB")) for path in photos))
    return rows


@njit(cache=True, nogil=True)
def _sum_luma(pixels: Pixels) -> float:
    """The plain loop over pixels: what any luma-based hash must do at least."""
    height, width, _ = pixels.shape
    total = 0.0
    for y in range(height):
        red, green, blue = 0, 0, 0
        for x in range(width):
            red += pixels[y, x, 0]
            green += pixels[y, x, 1]
            blue += pixels[y, x, 2]
        total += 0.299 * red + 0.587 * green + 0.114 * blue
    return total


def _speed(
    peer: Callable[[Pixels], object], width: int, height: int, rounds: int, say: Callable[[str], None]
) -> list[Row]:
    pixels = texture(width, height, seed=width, grain=12)
    millions = width * height / 1e6
    label = f"{millions:.1f} MP"
    say(f"timing {label}")
    times = interleaved(
        {"ours": lambda: pdq(pixels), "pdqhash": lambda: peer(pixels), "luma": lambda: _sum_luma(pixels)}, rounds
    )
    gain = median_ratio(times["pdqhash"], times["ours"])
    what = f"PDQ throughput / pdqhash, {label}"
    if millions < 0.9:
        versus = informs(what, gain, "x", rounds)
    else:
        versus = at_least(what, gain, "x", 40 if millions < 1.9 else 50, rounds)
    luma = median_ratio(times["ours"], times["luma"])
    return [
        versus,
        at_most(f"PDQ time / luma-only loop, {label}", luma, "x", 1.5, rounds),
        informs(f"PDQ time, {label}", min(times["ours"]) / (width * height) * 1e9, "ns/pixel", rounds),
    ]


def _drawn(count: int) -> Iterator[Pixels]:
    """Pictures of many sizes and contrasts, 64 to 1000 pixels a side."""
    rng = np.random.default_rng(7)
    for seed in range(count):
        width, height = (int(side) for side in rng.integers(64, 1001, 2))
        yield texture(width, height, seed, grain=int(rng.integers(0, 24)), contrast=float(rng.uniform(0.05, 1)))


def _agreement(
    peer: Callable[[Pixels], tuple[NDArray[np.uint8], int]], name: str, pictures: Iterable[Pixels]
) -> list[Row]:
    """Bits between our hash and the peer's, and whether the qualities are equal."""
    distances: Counter[int] = Counter()
    worst, same_quality, lowest = 0, 0, 100
    for pixels in pictures:
        vector, quality = peer(pixels)
        ours = pdq(pixels)
        if ours is None:  # flat: the peer hashes rounding noise
            continue
        distance = bits_apart(ours.hash, f"{int(''.join(map(str, vector)), 2):064x}")
        distances[distance] += 1
        worst = max(worst, distance if quality >= 1 else 0)
        same_quality += ours.quality == quality
        lowest = min(lowest, quality)
    n = distances.total()
    return [
        at_least(f"hashes equal to pdqhash's, {name}", 100 * distances[0] / n, "%", 99, n),
        at_most(f"largest distance to pdqhash's hash, quality >= 1, {name}", worst, "bits", 2, n),
        at_least(f"qualities equal to pdqhash's, {name} (lowest {lowest})", 100 * same_quality / n, "%", 100, n),
    ]
