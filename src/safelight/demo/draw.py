"""Benign pictures by number: the same number is always the same picture, different numbers are different pictures.

No scene shows a person or an animal larger than a gull. Every stroke comes from numpy's seeded generator.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image

from safelight.demo import land, pattern, room, town
from safelight.demo.canvas import Paper, Pixels, finish

SCENES: tuple[tuple[str, Callable[[Paper, Generator], Pixels]], ...] = (
    ("hills", land.hills),
    ("bookshelf", room.bookshelf),
    ("harbour", town.harbour),
    ("mosaic", pattern.mosaic),
    ("still-life", room.still_life),
    ("skyline", town.skyline),
    ("leaves", pattern.leaves),
    ("mountains", land.mountains),
    ("charts", pattern.charts),
    ("balloons", land.balloons),
    ("quilt", pattern.quilt),
    ("street", town.street),
    ("forest", land.forest),
    ("tiles", pattern.tiles),
    ("planets", town.planets),
    ("crockery", room.crockery),
    ("dunes", land.dunes),
    ("map", pattern.island_map),
    ("lighthouse", town.lighthouse),
    ("marble", pattern.marble),
    ("meadow", land.meadow),
    ("plants", room.plants),
    ("tartan", pattern.tartan),
)
"""Scenes in the order in which the numbers go round. A prime number of them, so that no other cycle keeps step."""


def scene(number: int) -> str:
    """The word for what picture `number` shows, fit for a file name."""
    return SCENES[number % len(SCENES)][0]


def title(number: int) -> str:
    """A readable, unique name of a picture, without suffix: `harbour-025`."""
    return f"{scene(number)}-{number:03d}"


def draw(number: int, width: int = 640, height: int = 480) -> Image.Image:
    """Picture `number` (0 or more) in 8-bit RGB.

    At another size of the same proportions the layout stays the same; at other proportions it is another picture.
    """
    rng = np.random.default_rng([number, 0x5AFE])
    pixels = SCENES[number % len(SCENES)][1](Paper(width, height), rng)
    return finish(pixels, rng)
