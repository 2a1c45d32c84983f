"""Clips drawn by code: shots that pan and zoom over a picture, with cuts between them and things that move.

Pictures are the product's own demo drawings or benign photographs. A seed fixes everything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from safelight.bench.derivative.draft import Colour, Rgb, shrink_to_cover
from safelight.bench.derivative.edits import seed_for
from safelight.bench.derivative.pictures import Picture
from safelight.bench.video.footage import Footage

WIDTH, HEIGHT = 640, 480
RATES = (25, 30)
"""Frames in a second: the one or the other by lot."""
ROOM = 1.35
"""Pictures are this much larger than the frame, so that there is room to pan and zoom."""
SHOT_SECONDS = (3.0, 4.5)
LEAST_SECONDS, MOST_SECONDS = 12.0, 30.0
_SHIFT = 4  # bits of fraction in the coordinates of what moves


@dataclass(frozen=True, slots=True)
class Mover:
    """A disc or a bar that crosses the frame: places in pixels at the shot's start and end."""

    start: tuple[float, float]
    end: tuple[float, float]
    size: float
    round: bool
    colour: Colour


@dataclass(frozen=True, slots=True)
class Shot:
    """Seconds of one picture. `start`, `end`: windows on it as (centre x, centre y, width), shares of the picture."""

    picture: Picture
    frames: int
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    movers: tuple[Mover, ...]


def drawn(
    pictures: Sequence[Picture], seed: int, size: tuple[int, int] = (WIDTH, HEIGHT), most: float = MOST_SECONDS
) -> Footage:
    """A clip of one shot for each picture; the last ones are left out of a clip that would pass `most` seconds.

    Things move in the shots of drawn pictures. `size`: width and height in pixels.
    """
    rng = np.random.default_rng(seed_for(seed, "clip"))
    fps = Fraction(int(rng.choice(RATES)))
    shots: list[Shot] = []
    for picture in pictures:
        shot = _shot(picture, fps, rng, size)
        if sum(one.frames for one in shots) + shot.frames <= most * fps:
            shots.append(shot)

    def frames() -> Iterator[Rgb]:
        for shot in shots:
            yield from _filmed(shot, size)

    return Footage(*size, fps, sum(shot.frames for shot in shots), frames)


def shots_for(number: int) -> int:
    """How many pictures clip `number` is made of: mostly four, now and then six; at least `LEAST_SECONDS`."""
    least = int(np.ceil(LEAST_SECONDS / SHOT_SECONDS[0]))
    return least + 2 * (number % 5 == 4)


def _shot(picture: Picture, fps: Fraction, rng: Generator, size: tuple[int, int]) -> Shot:
    frames = round(rng.uniform(*SHOT_SECONDS) * fps)
    windows = []
    for _ in range(2):
        wide = rng.uniform(1 / ROOM, 1.0)
        windows.append((*rng.uniform(wide / 2, 1 - wide / 2, 2).tolist(), float(wide)))
    movers = tuple(_mover(rng, size) for _ in range(rng.integers(1, 4))) if picture.drawn is not None else ()
    return Shot(picture, frames, windows[0], windows[1], movers)


def _mover(rng: Generator, size: tuple[int, int]) -> Mover:
    places = rng.uniform(0, 1, (2, 2)) * size
    colour = tuple(int(level) for level in rng.integers(30, 226, 3))
    return Mover(
        (float(places[0, 0]), float(places[0, 1])),
        (float(places[1, 0]), float(places[1, 1])),
        float(rng.uniform(0.03, 0.09) * size[0]),
        bool(rng.random() < 0.5),
        (colour[0], colour[1], colour[2]),
    )


def _filmed(shot: Shot, size: tuple[int, int]) -> Iterator[Rgb]:
    width, height = size
    picture = shrink_to_cover(shot.picture.load(), round(width * ROOM), round(height * ROOM))
    start, end = np.array(shot.start), np.array(shot.end)
    for number in range(shot.frames):
        passed = number / max(shot.frames - 1, 1)
        x, y, share = start + (end - start) * passed
        across, along = share * picture.shape[1] / width, share * picture.shape[0] / height
        left, top = x * picture.shape[1] - across * width / 2, y * picture.shape[0] - along * height / 2
        step: NDArray[np.float64] = np.array([[across, 0, left], [0, along, top]])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        frame = np.asarray(cv2.warpAffine(picture, step, size, flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8)
        for mover in shot.movers:
            _put(frame, mover, passed)
        yield frame


def _put(frame: Rgb, mover: Mover, passed: float) -> None:
    scale = 1 << _SHIFT
    x, y = ((a + (b - a) * passed) * scale for a, b in zip(mover.start, mover.end, strict=True))
    if mover.round:
        cv2.circle(frame, (round(x), round(y)), round(mover.size * scale), mover.colour, -1, cv2.LINE_AA, _SHIFT)
    else:
        half = mover.size * scale
        corners = (round(x - half), round(y - half / 2)), (round(x + half), round(y + half / 2))
        cv2.rectangle(frame, *corners, mover.colour, -1, cv2.LINE_AA, _SHIFT)
