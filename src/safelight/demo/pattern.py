"""Flat scenes: maps, charts, mosaics, tilings, tartans, quilts, marbled paper, leaves."""

import math
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from safelight.demo.canvas import (
    TALL,
    Colour,
    Field,
    Paper,
    Pixels,
    Point,
    Sketch,
    darker,
    gradient,
    hexed,
    jitter,
    lighter,
    mix,
    textured,
)

INKS: tuple[tuple[Colour, ...], ...] = tuple(
    tuple(hexed(c) for c in row.split())
    for row in (
        "264653 2a9d8f e9c46a f4a261 e76f51",
        "0b3954 087e8b bfd7ea ff5a5f c81d25",
        "3d348b 7678ed f7b801 f18701 f35b04",
        "606c38 283618 fefae0 dda15e bc6c25",
        "22223b 4a4e69 9a8c98 c9ada7 f2e9e4",
        "005f73 0a9396 e9d8a6 ee9b00 9b2226",
        "5f0f40 9a031e fb8b24 e36414 0f4c5c",
        "353535 3c6e71 f0efeb d9b08c 284b63",
        "335c67 fff3b0 e09f3e 9e2a2b 540b0e",
    )
)
"""Sets of five inks."""

RELIEF: tuple[Colour, ...] = tuple(
    hexed(c)
    for c in (
        "1d3f6e",
        "2f6690",
        "5b9bbd",
        "a9d3dd",
        "e8dfb0",
        "9dbb72",
        "6f9a57",
        "a79a63",
        "94734f",
        "d9cdbf",
        "f7f5f2",
    )
)


def island_map(paper: Paper, rng: Generator) -> Pixels:
    """A relief map: seas, coasts, hills with shading and contour lines, roads and towns."""
    height = paper.noise(rng, rng.uniform(130, 260), 6)
    x, y = paper.grid()
    middle = (rng.uniform(0.2, 0.8) * paper.wide, rng.uniform(100, 380))
    height = height + 0.12 - 0.45 * np.hypot((x - middle[0]) / paper.wide, (y - middle[1]) / TALL)
    height = np.clip((height - 0.5) * rng.uniform(1.4, 2.0) + 0.5, 0, 1)
    pixels = gradient(height, RELIEF)
    slope = np.zeros_like(height)
    slope[1:, 1:] = height[1:, 1:] - height[:-1, :-1]
    land = height > 0.4
    pixels *= (1 + np.clip(-slope * 38 * paper.unit, -0.4, 0.4) * land)[..., None]
    lines = np.abs((height * 24) % 1 - 0.5) < 0.06
    pixels *= (1 - 0.28 * (lines & land))[..., None]
    sketch = Sketch(paper, pixels)
    places = [(rng.uniform(20, paper.wide - 20), rng.uniform(20, TALL - 20)) for _ in range(60)]
    towns = [p for p in places if 0.42 < height[int(p[1] * paper.unit), int(p[0] * paper.unit)] < 0.75][:9]
    for start, end in pairwise(towns):
        bend = ((start[0] + end[0]) / 2 + rng.normal(0, 25), (start[1] + end[1]) / 2 + rng.normal(0, 25))
        sketch.line([start, bend, end], hexed("fff8e7"), 3.4)
        sketch.line([start, bend, end], hexed("c0392b"), 1.8)
    for town in towns:
        sketch.ellipse(*town, 6, 6, hexed("2c2c2c"))
        sketch.ellipse(*town, 3.6, 3.6, hexed("fdf6e3"))
    for step in np.arange(0, paper.wide, 80):
        sketch.line([(step, 0), (step, TALL)], hexed("6d8ea0"), 0.6)
    for step in np.arange(0, TALL, 80):
        sketch.line([(0, step), (paper.wide, step)], hexed("6d8ea0"), 0.6)
    return sketch.pixels()


def charts(paper: Paper, rng: Generator) -> Pixels:
    """A board of charts: bars, lines, areas, dots, pies in a random grid."""
    inks = INKS[rng.integers(len(INKS))]
    dark = rng.random() < 0.45
    ground = darker(inks[0], 0.75) if dark else lighter(inks[rng.integers(5)], 0.86)
    sketch = Sketch(paper, ground)
    columns, rows = ((1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (2, 3))[rng.integers(6)]
    kinds = (_bars, _curves, _areas, _dots, _pie, _bars, _heat)
    for column in range(columns):
        for row in range(rows):
            left, top = paper.wide * column / columns + 14, TALL * row / rows + 14
            right, bottom = paper.wide * (column + 1) / columns - 14, TALL * (row + 1) / rows - 14
            card = lighter(ground, 0.08) if dark else lighter(ground, 0.6)
            sketch.box(left, top, right, bottom, card)
            sketch.box(left + 10, top + 9, left + rng.uniform(60, 130), top + 17, mix(card, inks[0], 0.7))
            inner = (left + 12, top + 28, right - 12, bottom - 12)
            kinds[rng.integers(len(kinds))](sketch, rng, inner, inks, mix(card, (128, 128, 128), 0.35))
    return textured(paper, rng, sketch.pixels(), 0.08)


Box = tuple[float, float, float, float]


def _walk(rng: Generator, count: int) -> list[float]:
    """A wandering series within 0.05-0.95."""
    steps = np.cumsum(rng.normal(0, 1, count))
    low, high = steps.min(), steps.max()
    return [float(v) for v in 0.05 + 0.9 * (steps - low) / (high - low + 1e-9)]


def _rules(sketch: Sketch, box: Box, colour: Colour) -> None:
    for share in np.linspace(0, 1, 6):
        y = box[1] + (box[3] - box[1]) * share
        sketch.line([(box[0], y), (box[2], y)], colour, 1)


def _bars(sketch: Sketch, rng: Generator, box: Box, inks: tuple[Colour, ...], rule: Colour) -> None:
    _rules(sketch, box, rule)
    count, series = int(rng.integers(4, 14)), int(rng.integers(1, 4))
    wide = (box[2] - box[0]) / count
    for bar in range(count):
        for part in range(series):
            left = box[0] + wide * (bar + 0.12 + 0.76 * part / series)
            tall = (box[3] - box[1]) * rng.uniform(0.08, 1)
            sketch.box(left, box[3] - tall, left + wide * 0.72 / series, box[3], inks[part])


def _curves(sketch: Sketch, rng: Generator, box: Box, inks: tuple[Colour, ...], rule: Colour) -> None:
    _rules(sketch, box, rule)
    count = int(rng.integers(8, 60))
    for part in range(int(rng.integers(2, 5))):
        points = _along(box, _walk(rng, count))
        sketch.line(points, inks[part], 3.4)
        if count < 20:
            for x, y in points:
                sketch.ellipse(x, y, 4, 4, inks[part])


def _along(box: Box, series: list[float]) -> list[Point]:
    last = len(series) - 1
    return [
        (box[0] + (box[2] - box[0]) * i / last, box[3] - (box[3] - box[1]) * value) for i, value in enumerate(series)
    ]


def _areas(sketch: Sketch, rng: Generator, box: Box, inks: tuple[Colour, ...], rule: Colour) -> None:
    _rules(sketch, box, rule)
    count = int(rng.integers(12, 50))
    for part in range(4):
        series = [v * (1 - 0.22 * part) for v in _walk(rng, count)]
        sketch.polygon([(box[0], box[3]), *_along(box, series), (box[2], box[3])], inks[part])


def _dots(sketch: Sketch, rng: Generator, box: Box, inks: tuple[Colour, ...], rule: Colour) -> None:
    _rules(sketch, box, rule)
    for part in range(int(rng.integers(2, 5))):
        middle, spread = rng.uniform(0.15, 0.85, 2), rng.uniform(0.04, 0.16, 2)
        for across, along in np.clip(rng.normal(middle, spread, (int(rng.integers(20, 60)), 2)), 0, 1):
            size = rng.uniform(2.5, 7)
            x, y = box[0] + (box[2] - box[0]) * across, box[1] + (box[3] - box[1]) * along
            sketch.ellipse(float(x), float(y), size, size, inks[part])


def _pie(sketch: Sketch, rng: Generator, box: Box, inks: tuple[Colour, ...], rule: Colour) -> None:
    shares = rng.dirichlet(np.ones(int(rng.integers(3, 7)))) * 360
    x, y = (box[0] + box[2]) / 2 + rng.normal(0, 20), (box[1] + box[3]) / 2
    radius = min(box[2] - box[0], box[3] - box[1]) * 0.46
    start = rng.uniform(0, 360)
    for rank, share in enumerate(shares):
        ink = inks[rank % 5] if rank < 5 else lighter(inks[0], 0.4)
        sketch.slice(x, y, radius, (start, start + float(share)), ink)
        start += float(share)
    if rng.random() < 0.5:
        sketch.ellipse(x, y, radius * 0.5, radius * 0.5, lighter(rule, 0.7))


def _heat(sketch: Sketch, rng: Generator, box: Box, inks: tuple[Colour, ...], rule: Colour) -> None:
    columns, rows = int(rng.integers(6, 16)), int(rng.integers(4, 10))
    wide, tall = (box[2] - box[0]) / columns, (box[3] - box[1]) / rows
    for column in range(columns):
        for row in range(rows):
            left, top = box[0] + wide * column, box[1] + tall * row
            sketch.box(left, top, left + wide - 2, top + tall - 2, mix(rule, inks[1], rng.random()))


def mosaic(paper: Paper, rng: Generator) -> Pixels:
    """Leaded glass: uneven panes whose colours follow a hidden shape."""
    inks = INKS[rng.integers(len(INKS))]
    step = rng.uniform(30, 64)
    columns, rows = int(paper.wide / step) + 2, int(TALL / step) + 2
    knots = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * step - step / 2
    knots = knots + rng.uniform(-0.42, 0.42, knots.shape) * step
    field = rng.random((rows // 3 + 2, columns // 3 + 2))
    sketch = Sketch(paper, hexed("1c1a1e"))
    lead = rng.uniform(1.6, 4.5)
    halves = rng.random() < 0.5
    for row in range(rows):
        for column in range(columns):
            corners = [knots[row, column], knots[row, column + 1], knots[row + 1, column + 1], knots[row + 1, column]]
            value = field[row // 3, column // 3] * 0.75 + rng.random() * 0.25
            panes = [corners]
            if halves and rng.random() < 0.6:
                panes = [corners[:3], [corners[0], *corners[2:]]]
            for pane in panes:
                points = [(float(p[0]), float(p[1])) for p in pane]
                ink = jitter(rng, inks[min(4, int(value * 5))], 20)
                sketch.polygon(points, ink)
                sketch.line([*points, points[0]], hexed("1c1a1e"), lead)
    return textured(paper, rng, sketch.pixels(), 0.4)


def tiles(paper: Paper, rng: Generator) -> Pixels:
    """Truchet tiles: quarter arcs or diagonals that join to winding bands."""
    inks = INKS[rng.integers(len(INKS))]
    ground, band, accent = (inks[i] for i in rng.choice(5, 3, replace=False))
    sketch = Sketch(paper, ground)
    step = rng.uniform(44, 110)
    thick = step * rng.uniform(0.16, 0.4)
    kind = rng.integers(3)
    for row in range(int(TALL / step) + 1):
        for column in range(int(paper.wide / step) + 1):
            left, top = column * step, row * step
            ink = accent if rng.random() < 0.2 else band
            if rng.random() < 0.16:
                sketch.box(left, top, left + step, top + step, mix(ground, accent, 0.5))
            turned = rng.random() < 0.5
            if kind == 0:
                spots = ((left, top, 0), (left + step, top + step, 180))
                if turned:
                    spots = ((left + step, top, 90), (left, top + step, 270))
                for x, y, start in spots:
                    sketch.arc(x, y, (step + thick) / 2, (start, start + 90), ink, thick)
            elif kind == 1:
                ends = [(left, top), (left + step, top + step)] if turned else [(left + step, top), (left, top + step)]
                sketch.line(ends, ink, thick)
            else:
                corner = [(left, top), (left + step, top), (left + step, top + step), (left, top + step)]
                skip = rng.integers(4)
                sketch.polygon([p for i, p in enumerate(corner) if i != skip], ink)
                sketch.ellipse(left + step / 2, top + step / 2, thick / 3, thick / 3, lighter(ground, 0.4))
    return textured(paper, rng, sketch.pixels(), 0.2)


def tartan(paper: Paper, rng: Generator) -> Pixels:
    """Woven cloth with different setts across and along, and folds of light and shade."""
    inks = INKS[rng.integers(len(INKS))]
    warp, weft = _sett(rng, paper.wide, paper.width, inks), _sett(rng, TALL, paper.height, inks)
    x, y = paper.grid()
    twill = ((x + y) / 2.2 % 2 < 1).astype(np.float32)[..., None]
    pixels = warp[None, :, :] * twill + weft[:, None, :] * (1 - twill)
    folds = paper.noise(rng, rng.uniform(120, 260), 3, stretch=rng.choice([0.4, 1.0, 2.5]))
    pixels *= (0.5 + folds)[..., None]
    return textured(paper, rng, pixels.astype(np.float32), 0.2)


def _sett(rng: Generator, long: float, count: int, inks: tuple[Colour, ...]) -> Pixels:
    """Coloured stripes along one direction, shape (count, 3)."""
    edges = np.cumsum(rng.gamma(1.3, 26, 80) + 3)
    colours = np.asarray([inks[i] for i in rng.integers(0, 5, 81)], dtype=np.float32)
    return colours[np.searchsorted(edges, np.linspace(0, long, count))]


def quilt(paper: Paper, rng: Generator) -> Pixels:
    """Patchwork: blocks of stars, pinwheels, rings and stripes with stitches."""
    inks = INKS[rng.integers(len(INKS))]
    sketch = Sketch(paper, inks[rng.integers(5)])
    step = rng.uniform(76, 150)
    shift = rng.uniform(-step, 0, 2)
    for row in range(int(TALL / step) + 2):
        for column in range(int(paper.wide / step) + 2):
            first, second, third = (jitter(rng, inks[i], 12) for i in rng.choice(5, 3, replace=False))
            _patch(sketch, rng, (shift[0] + column * step, shift[1] + row * step), step, (first, second, third))
    return textured(paper, rng, sketch.pixels(), 0.35)


def _patch(sketch: Sketch, rng: Generator, corner: Point, step: float, inks: tuple[Colour, Colour, Colour]) -> None:
    """One block with a motif and two seams of stitches."""
    left, top = corner
    sketch.box(left, top, left + step, top + step, inks[0])
    motifs = (_pinwheel, _star, _rings, _stripes, _corners)
    motifs[rng.integers(len(motifs))](sketch, rng, corner, step, inks)
    for share in (0.03, 0.97):
        for dash in np.arange(0.05, 0.95, 0.1):
            y = top + step * share
            ends = [(left + step * dash, y), (left + step * (dash + 0.05), y)]
            sketch.line(ends, lighter(inks[0], 0.5), 1.4)


def _pinwheel(sketch: Sketch, _: Generator, corner: Point, step: float, inks: tuple[Colour, Colour, Colour]) -> None:
    x, y = corner[0] + step / 2, corner[1] + step / 2
    for turn in range(4):
        near, far = turn * math.pi / 2, turn * math.pi / 2 + math.pi / 4
        first = (x + step * 0.47 * math.cos(near), y + step * 0.47 * math.sin(near))
        second = (x + step * 0.66 * math.cos(far), y + step * 0.66 * math.sin(far))
        sketch.polygon([(x, y), first, second], inks[1 + turn % 2])


def _star(sketch: Sketch, rng: Generator, corner: Point, step: float, inks: tuple[Colour, Colour, Colour]) -> None:
    x, y = corner[0] + step / 2, corner[1] + step / 2
    points = int(rng.integers(5, 10))
    spikes = [(step * (0.46 if i % 2 else 0.2), math.pi * i / points) for i in range(2 * points)]
    sketch.polygon([(x + reach * math.cos(a), y + reach * math.sin(a)) for reach, a in spikes], inks[1])
    sketch.ellipse(x, y, step * 0.1, step * 0.1, inks[2])


def _rings(sketch: Sketch, _: Generator, corner: Point, step: float, inks: tuple[Colour, Colour, Colour]) -> None:
    for ring in range(4):
        reach = step * (0.46 - 0.11 * ring)
        sketch.ellipse(corner[0] + step / 2, corner[1] + step / 2, reach, reach, inks[(ring + 1) % 3])


def _stripes(sketch: Sketch, rng: Generator, corner: Point, step: float, inks: tuple[Colour, Colour, Colour]) -> None:
    left, top = corner
    count = int(rng.integers(3, 8))
    for stripe in range(0, count, 2):
        start, end = step * stripe / count, step * (stripe + 1) / count
        if rng.random() < 0.5:
            sketch.box(left + start, top, left + end, top + step, inks[1])
        else:
            sketch.box(left, top + start, left + step, top + end, inks[2])


def _corners(sketch: Sketch, _: Generator, corner: Point, step: float, inks: tuple[Colour, Colour, Colour]) -> None:
    left, top = corner
    sketch.polygon([(left, top), (left + step, top), (left, top + step)], inks[1])
    sketch.polygon(
        [(left + step / 2, top + step / 2), (left + step, top + step / 2), (left + step / 2, top + step)], inks[2]
    )


def marble(paper: Paper, rng: Generator) -> Pixels:
    """Marbled paper or wood grain: bands of ink, bent by noise."""
    inks = INKS[rng.integers(len(INKS))]
    x, y = paper.grid()
    bend: Field = paper.noise(rng, rng.uniform(90, 220), 4)
    twist: Field = paper.noise(rng, rng.uniform(90, 220), 3)
    turn = rng.uniform(0, math.pi)
    along = (x * math.cos(turn) + y * math.sin(turn)) / rng.uniform(60, 200)
    waves = along + bend * rng.uniform(2, 6) + 0.5 * np.sin(twist * rng.uniform(4, 14))
    order = [inks[i] for i in rng.permutation(5)]
    saw = np.abs((waves % 2) - 1).astype(np.float32)
    pixels = gradient(saw, [*order, order[1], order[3]])
    pixels *= (1 - 0.35 * (np.abs((waves * 4) % 1 - 0.5) < 0.05))[..., None]
    return textured(paper, rng, pixels, 0.12)


def leaves(paper: Paper, rng: Generator) -> Pixels:
    """Fallen leaves of several shapes, overlapping, with veins."""
    inks = INKS[rng.integers(len(INKS))]
    ground = darker(inks[rng.integers(5)], 0.35)
    sketch = Sketch(paper, ground)
    for _ in range(int(rng.integers(45, 90))):
        at = (rng.uniform(0, paper.wide), rng.uniform(0, TALL))
        _leaf(sketch, rng, at, rng.uniform(22, 82), jitter(rng, inks[rng.integers(5)], 20))
    return textured(paper, rng, sketch.pixels(), 0.25)


def _leaf(sketch: Sketch, rng: Generator, at: Point, long: float, colour: Colour) -> None:
    turn = rng.uniform(0, math.tau)
    wide, lobes, depth = rng.uniform(0.25, 0.5), int(rng.integers(1, 6)), rng.uniform(0, 0.45)
    shares = np.linspace(0, 1, 19)
    half = wide * np.sin(math.pi * shares**0.8) * (1 - depth * np.abs(np.sin(math.pi * shares * lobes)))
    cosine, sine = math.cos(turn), math.sin(turn)

    def place(along: float, across: float) -> Point:
        return at[0] + long * (along * cosine - across * sine), at[1] + long * (along * sine + across * cosine)

    points = list(zip(shares - 0.5, half, strict=True))
    outline = [place(a, h) for a, h in points] + [place(a, -h) for a, h in reversed(points)]
    sketch.polygon([(x + 3, y + 4) for x, y in outline], darker(colour, 0.75))
    sketch.polygon(outline, colour)
    sketch.polygon([place(a, h) for a, h in points], darker(colour, 0.14))
    vein = lighter(colour, 0.35)
    sketch.line([place(-0.62, 0), place(0.5, 0)], vein, 1.3)
    for index in range(3, 16, 3):
        along, reach = points[index]
        sketch.line([place(along - 0.12, 0), place(along, reach * 0.8)], vein, 0.7)
        sketch.line([place(along - 0.12, 0), place(along, -reach * 0.8)], vein, 0.7)
