"""Primitives of the drawn pictures: paper, noise, gradients, smooth-edged shapes, shaded solids.

Scenes are laid out on paper 480 units tall and `Paper.wide` units wide, whatever the pixel size, so that a scene keeps
its proportions in every format. Pixels are float32, shape (height, width, 3), RGB, 0-255 (clipped at the end).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.float32]
Field = NDArray[np.float32]
Colour = tuple[float, float, float]
Point = tuple[float, float]

TALL = 480.0
"""Height of the paper in units."""

SMOOTH = 2
"""Shapes are drawn this many times larger and then reduced, which smooths their edges."""

GRAIN_SIDE = 512
"""Side of the reused tile of film grain, in pixels."""

CLOTH_SIDE = 1024
"""Side of the reused, endless tile of uneven brightness, in units."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The size of a picture in pixels, and its paper coordinates."""

    width: int
    height: int

    @property
    def unit(self) -> float:
        """Pixels per paper unit."""
        return self.height / TALL

    @property
    def wide(self) -> float:
        """Width of the paper in units."""
        return self.width / self.unit

    def grid(self) -> tuple[Field, Field]:
        """Paper coordinates of the pixel centres: x of shape (1, width), y of shape (height, 1)."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5) / self.unit
        y = (np.arange(self.height, dtype=np.float32) + 0.5) / self.unit
        return x[None, :], y[:, None]

    def noise(self, rng: Generator, cell: float, octaves: int = 3, stretch: float = 1.0) -> Field:
        """Value noise, shape (height, width), mean near 0.5, mostly within 0-1.

        `cell`: size of the coarsest blobs in units; each octave halves cell and weight. `stretch`: how much wider than
        tall the blobs are. All octaves but the finest are summed on a quarter-size grid, which is what makes it fast.
        """
        coarse = (max(self.width // 4, 1), max(self.height // 4, 1))
        total = np.zeros((coarse[1], coarse[0]), dtype=np.float32)
        weight, weights = 1.0, 0.0
        for octave in range(octaves):
            side = max(cell / 2**octave, 1.0)
            cells = rng.random((int(TALL / side) + 2, int(self.wide / side / stretch) + 2), dtype=np.float32)
            total += weight * _resized(cells, coarse, Image.Resampling.BICUBIC)
            weights += weight
            weight /= 2
        return _resized(total / weights, (self.width, self.height), Image.Resampling.BILINEAR)

    def half(self) -> "Paper":
        """The same paper with half as many pixels each way, for what is soft anyway."""
        return Paper(max(self.width // 2, 1), max(self.height // 2, 1))


@dataclass(frozen=True, slots=True)
class Belts:
    """Darker and lighter belts around a ball: how many (radians from rim to middle), how strong (0-1), how tilted."""

    count: float
    depth: float
    tilt: float


NO_BELTS = Belts(0, 0, 0)


class Sketch:
    """Shapes with smooth edges over a background, in paper coordinates.

    A background may have fewer pixels than the paper: soft ones are made at half size to save time.
    """

    def __init__(self, paper: Paper, background: Pixels | Colour) -> None:
        self._scale = paper.unit * SMOOTH
        size = (paper.width * SMOOTH, paper.height * SMOOTH)
        if isinstance(background, tuple):
            self._image = Image.new("RGB", size, whole(background))
        else:
            soft = background.shape[0] < paper.height
            how = Image.Resampling.BILINEAR if soft else Image.Resampling.NEAREST
            self._image = to_image(background).resize(size, how)
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: Iterable[Point], colour: Colour) -> None:
        """Fill a closed shape."""
        self._draw.polygon([(x * self._scale, y * self._scale) for x, y in points], fill=whole(colour))

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill an upright rectangle; the sides may come in any order."""
        left, right = sorted((left, right))
        top, bottom = sorted((top, bottom))
        self._draw.rectangle([v * self._scale for v in (left, top, right, bottom)], fill=whole(colour))

    def taper(self, x: float, top: tuple[float, float], bottom: tuple[float, float], colour: Colour) -> None:
        """Fill an upright shape whose half width changes evenly from `top` to `bottom`, each (y, half width).

        Its right third lies in shade.
        """
        (high, narrow), (low, wide) = top, bottom
        self.polygon([(x - narrow, high), (x + narrow, high), (x + wide, low), (x - wide, low)], colour)
        right = [(x + narrow * 0.3, high), (x + narrow, high), (x + wide, low), (x + wide * 0.3, low)]
        self.polygon(right, darker(colour, 0.25))

    def ellipse(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """Fill an ellipse around (x, y) with half axes `across` and `down`."""
        self._draw.ellipse([v * self._scale for v in (x - across, y - down, x + across, y + down)], fill=whole(colour))

    def slice(self, x: float, y: float, radius: float, degrees: tuple[float, float], colour: Colour) -> None:
        """Fill a sector of a disc; angles run clockwise from three o'clock."""
        sides = [v * self._scale for v in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.pieslice(sides, *degrees, fill=whole(colour))

    def arc(
        self, x: float, y: float, radius: float, degrees: tuple[float, float], colour: Colour, thick: float
    ) -> None:
        """Draw a band along the inside of a circle; angles run clockwise from three o'clock."""
        sides = [v * self._scale for v in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.arc(sides, *degrees, fill=whole(colour), width=max(1, round(thick * self._scale)))

    def line(self, points: Sequence[Point], colour: Colour, thick: float = 1.0) -> None:
        """Draw a line with rounded corners."""
        scaled = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.line(scaled, fill=whole(colour), width=max(1, round(thick * self._scale)), joint="curve")

    def ball(
        self, at: Point, radius: float, colour: Colour, light: Point = (-0.5, -0.6), belts: Belts = NO_BELTS
    ) -> None:
        """Paint a shaded, slightly glossy ball; the light comes from the direction `light` (x, y)."""
        middle, reach = np.asarray(at) * self._scale, radius * self._scale
        left, top = (int(v) for v in np.floor(middle - reach))
        right, bottom = (int(v) for v in np.ceil(middle + reach))
        x = (np.arange(left, right, dtype=np.float32) + 0.5 - np.float32(middle[0]))[None, :] / np.float32(reach)
        y = (np.arange(top, bottom, dtype=np.float32) + 0.5 - np.float32(middle[1]))[:, None] / np.float32(reach)
        far = x * x + y * y
        toward = np.asarray([*light, 0.65], dtype=np.float32) / np.float32(np.hypot(np.hypot(*light), 0.65))
        lit = np.clip(x * toward[0] + y * toward[1] + np.sqrt(np.clip(1 - far, 0, 1)) * toward[2], 0, 1)
        across = y * np.float32(np.cos(belts.tilt)) - x * np.float32(np.sin(belts.tilt))
        lit *= 1 + belts.depth * np.sin(across * belts.count + np.sin(x * 4))
        shade = (0.22 + 0.85 * lit)[..., None] * np.asarray(colour, dtype=np.float32) + 170 * (lit**28)[..., None]
        disc = Image.fromarray((far <= 1).astype(np.uint8) * 255)
        self._image.paste(to_image(shade), (left, top), disc)

    def pixels(self) -> Pixels:
        """The picture so far, at its own size."""
        return np.asarray(self._image.reduce(SMOOTH)).astype(np.float32)


def whole(colour: Colour) -> tuple[int, int, int]:
    """Round and clip a colour to what an 8-bit picture holds."""
    red, green, blue = (min(255, max(0, round(float(v)))) for v in colour)
    return red, green, blue


def to_image(pixels: Pixels) -> Image.Image:
    """An 8-bit RGB picture of float pixels; values outside 0-255 are clipped."""
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def hexed(text: str) -> Colour:
    """The colour of six hexadecimal digits."""
    return float(int(text[:2], 16)), float(int(text[2:4], 16)), float(int(text[4:6], 16))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A blend: `share` 0 gives the first colour, 1 the second."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float) -> Colour:
    """The colour mixed with black by `share`."""
    return mix(colour, (0, 0, 0), share)


def lighter(colour: Colour, share: float) -> Colour:
    """The colour mixed with white by `share`."""
    return mix(colour, (255, 255, 255), share)


def jitter(rng: Generator, colour: Colour, spread: float) -> Colour:
    """The colour with its brightness and each channel moved a little, by about `spread` (0-255)."""
    red, green, blue = np.asarray(colour) + rng.normal(0, spread) + rng.normal(0, spread / 3, 3)
    return float(red), float(green), float(blue)


def gradient(values: Field, stops: Sequence[Colour]) -> Pixels:
    """Colours along evenly spaced stops; `values` of any shape (0-1, clipped) gives that shape + (3,)."""
    table = _table(tuple(stops))
    index = np.clip(values * (len(table) - 1), 0, len(table) - 1).astype(np.intp)
    return table[index]


def down(paper: Paper, stops: Sequence[Colour]) -> Pixels:
    """A gradient from top to bottom over the whole paper."""
    column = gradient(np.linspace(0, 1, paper.height, dtype=np.float32), stops)
    return np.repeat(column[:, None, :], paper.width, axis=1)


def blend(pixels: Pixels, colour: Colour | Pixels, alpha: Field) -> None:
    """Lay a colour over the pixels, in place, as strong as `alpha` (0-1, broadcast over the picture)."""
    pixels += (np.asarray(colour, dtype=np.float32) - pixels) * alpha[..., None]


def glow(pixels: Pixels, paper: Paper, at: Point, radius: float, colour: Colour, strength: float = 1.0) -> None:
    """Add light around a point, in place; it fades as a bell curve of that radius."""
    x, y = paper.grid()
    across = np.exp(-(((x - at[0]) / radius) ** 2))
    along = np.exp(-(((y - at[1]) / radius) ** 2))
    pixels += (strength * across * along)[..., None] * np.asarray(colour, dtype=np.float32)


def ridge(rng: Generator, wide: float, rough: float, step: float = 4.0) -> list[Point]:
    """A skyline of hills: points (x, height) from 0 to `wide`, heights around 0 within about -1 to 1.

    `rough` (0-1) is the weight of each finer layer of bumps relative to the one before.
    """
    x = np.arange(-step, wide + 2 * step, step)
    heights = np.zeros_like(x)
    weight, wave = 1.0, rng.uniform(250, 420)
    for _ in range(5):
        knots = rng.uniform(-1, 1, int(wide / wave) + 4)
        at = (x + step) / wave + rng.uniform(0, 1)
        left = at.astype(np.intp)
        ease = (at - left) ** 2 * (3 - 2 * (at - left))
        heights += weight * (knots[left] * (1 - ease) + knots[left + 1] * ease)
        weight *= rough
        wave /= 2
    return [(float(a), float(b)) for a, b in zip(x, heights, strict=True)]


def textured(paper: Paper, rng: Generator, pixels: Pixels, strength: float = 0.16) -> Pixels:
    """The pixels, changed in place, with uneven brightness as of grass, stone or cloth."""
    shift = rng.integers(0, CLOTH_SIDE, 2)
    rows = np.arange(shift[0], shift[0] + int(TALL) + 1) % CLOTH_SIDE
    columns = np.arange(shift[1], shift[1] + int(paper.wide) + 1) % CLOTH_SIDE
    cloth = _resized(_cloth()[rows][:, columns], (paper.width, paper.height), Image.Resampling.BILINEAR)
    pixels *= (1 + strength * cloth)[..., None]
    return pixels


def finish(pixels: Pixels, rng: Generator, grain: float = 3.0, vignette: float = 0.18) -> Image.Image:
    """Darken the corners a little, add film grain (standard deviation in grey levels) and round to 8 bits."""
    height, width, _ = pixels.shape
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    pixels *= (1 - vignette * (x * x + y * y) / 2)[..., None]
    shift = rng.integers(0, GRAIN_SIDE, 2)
    rows = np.arange(shift[0], shift[0] + height) % GRAIN_SIDE
    columns = np.arange(shift[1], shift[1] + width) % GRAIN_SIDE
    pixels += (grain * _grain()[rows][:, columns])[..., None]
    return to_image(pixels)


def _resized(field: Field, size: tuple[int, int], how: Image.Resampling) -> Field:
    return np.asarray(Image.fromarray(field).resize(size, how))


@lru_cache(maxsize=1)
def _grain() -> Field:
    return np.random.default_rng(0).standard_normal((GRAIN_SIDE, GRAIN_SIDE), dtype=np.float32)


@lru_cache(maxsize=1)
def _cloth() -> Field:
    rng = np.random.default_rng(1)
    total = np.zeros((CLOTH_SIDE, CLOTH_SIDE), dtype=np.float32)
    for cells, weight in ((16, 0.8), (64, 0.6), (128, 0.6), (512, 0.4)):
        knots = rng.random((cells, cells), dtype=np.float32) - 0.5
        middle = (cells, cells, 2 * cells, 2 * cells)
        endless = Image.fromarray(np.tile(knots, (3, 3)))
        total += weight * np.asarray(endless.resize(total.shape, Image.Resampling.BICUBIC, box=middle))
    return total


@lru_cache(maxsize=64)
def _table(stops: tuple[Colour, ...]) -> Pixels:
    at = np.linspace(0, len(stops) - 1, 512)
    channels = [np.interp(at, range(len(stops)), [stop[c] for stop in stops]) for c in range(3)]
    return np.stack(channels, axis=1).astype(np.float32)
