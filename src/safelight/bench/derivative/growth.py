"""How the time of a query grows with the index."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from safelight.bench.derivative import draft as do
from safelight.bench.derivative.draft import Rgb
from safelight.bench.derivative.edits import seed_for
from safelight.bench.derivative.pictures import Picture
from safelight.bench.derivative.queries import POSITIVE
from safelight.bench.derivative.tracer import RECALLED, HasPadding, Tracer
from safelight.bench.derivative.trial import Outcome, Say


@dataclass(frozen=True, slots=True)
class AtSize:
    """One size of the index: CPU seconds of each query, and how many of the positive ones were recalled."""

    indexed: int
    seconds: tuple[float, ...]
    recalled: int

    @property
    def median(self) -> float:
        """CPU seconds."""
        return median(self.seconds)


def measure(
    tracer: Tracer, indexed: int, sizes: Sequence[int], outcomes: Sequence[Outcome], spare: Sequence[Picture], say: Say
) -> list[AtSize]:
    """Fill the index up to each size and ask the same queries again.

    `indexed`: pictures in the index now. `spare`: pictures that jittered copies are made of where the tracer has no
    padding of its own. Sizes below what is indexed already are measured as it stands.
    """
    queries = [(one.query, one.query.make().pixels) for one in outcomes]
    found = []
    for size in sizes:
        if size > indexed:
            say(f"filling the index up to {size:,}")
            pad(tracer, indexed, size, spare)
            indexed = size
        seconds = []
        recalled = 0
        tracer.trace(queries[0][1])  # not timed: what was added last may still have to settle
        for query, pixels in queries:
            began = time.process_time()
            results = tracer.trace(pixels)
            seconds.append(time.process_time() - began)
            right = any(one.key == query.picture.key and one.verdict in RECALLED for one in results)
            recalled += query.group == POSITIVE and right
        found.append(AtSize(indexed, tuple(seconds), recalled))
    return found


def pad(tracer: Tracer, indexed: int, size: int, spare: Sequence[Picture]) -> None:
    """Add `size` - `indexed` entries: by the tracer's own padding, else jittered copies of `spare`."""
    if isinstance(tracer, HasPadding):
        tracer.pad(size - indexed)
        return
    for number in range(indexed, size):
        tracer.add(f"padding/{number}", jittered(spare[number % len(spare)].load(), number))


def jittered(picture: Rgb, number: int) -> Rgb:
    """A copy to fill an index with: cropped to 30-80 % of each side, perhaps mirrored, resampled, recoloured."""
    rng = np.random.default_rng(seed_for(number, "padding"))
    height, width = picture.shape[:2]
    wide, tall = (max(8, round(side * rng.uniform(0.3, 0.8))) for side in (width, height))
    part = do.cover(picture, wide, tall, *rng.random(2))
    if rng.random() < 0.5:
        part = np.ascontiguousarray(part[:, ::-1])
    factor = rng.uniform(0.5, 1.0) * max(height, width) / max(tall, wide)
    size = max(8, round(wide * factor)), max(8, round(tall * factor))
    part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    levels = part * rng.uniform(0.7, 1.3, 3) + rng.uniform(-20, 20, 3)
    return np.clip(levels, 0, 255).astype(np.uint8)
