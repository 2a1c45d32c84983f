"""Indoor scenes: solids on a table, bookshelves, crockery, pot plants, charts on a wall."""

import math
from collections.abc import Callable
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
    down,
    glow,
    hexed,
    jitter,
    lighter,
    mix,
    textured,
)

WALLS: tuple[Colour, ...] = tuple(
    hexed(c) for c in ("c9b79c", "8fa3a6", "d8c7c0", "5f6f73", "b3a9c2", "9caf88", "e3d9c6")
)
WOODS: tuple[Colour, ...] = tuple(hexed(c) for c in ("8a5a33", "6b4226", "b07d4b", "4a3328", "c49a6c"))
OBJECTS: tuple[Colour, ...] = tuple(
    hexed(c)
    for c in ("c8553d", "588b8b", "f28f3b", "ffd5c2", "3d5a80", "98c1d9", "9a7aa0", "87a96b", "e0c06a", "7d4e57")
)


def still_life(paper: Paper, rng: Generator) -> Pixels:
    """Balls, boxes, cones and cylinders on a table, lit from one side, with soft shadows."""
    pixels = _table(paper, rng, rng.uniform(210, 320))
    side = float(rng.choice([-1, 1]))
    solids = (_box, _cone, _cylinder)
    count = int(rng.integers(4, 9))
    sizes = rng.uniform(38, 88, count)
    feet = [(x, 320 + 130 * (rank + 0.5) / count) for rank, x in enumerate(rng.uniform(0.08, 0.92, count) * paper.wide)]
    shade = np.ones((paper.height, paper.width), dtype=np.float32)
    for size, (x, y) in zip(sizes, feet, strict=True):
        shade *= _shadow(paper, (x - side * size * 0.9, y), (size * 1.7, size * 0.34))
    sketch = Sketch(paper, pixels * shade[..., None])
    for size, (x, y) in zip(sizes, feet, strict=True):
        colour = jitter(rng, OBJECTS[rng.integers(len(OBJECTS))], 10)
        if rng.random() < 0.4:
            sketch.ball((x, y - size * 0.8), size * 0.9, colour, (side * 0.6, -0.6))
        else:
            solids[rng.integers(len(solids))](sketch, rng, (x, y), size, colour, side)
    return textured(paper, rng, sketch.pixels(), 0.14)


def _table(paper: Paper, rng: Generator, edge: float) -> Pixels:
    """A wall with a patch of light, and a wooden or covered table in front of it."""
    wall = jitter(rng, WALLS[rng.integers(len(WALLS))], 12)
    pixels = down(paper.half(), (darker(wall, 0.25), wall, lighter(wall, 0.1)))
    glow(pixels, paper.half(), (rng.uniform(0, paper.wide), rng.uniform(0, 250)), rng.uniform(110, 220), wall, 0.5)
    sketch = Sketch(paper, pixels)
    pattern = rng.integers(3)
    step = rng.uniform(26, 60)
    if pattern == 0:
        for x in np.arange(0, paper.wide, step):
            sketch.box(x, 0, x + step * 0.4, edge, lighter(wall, 0.12))
    elif pattern == 1:
        for row, y in enumerate(np.arange(0, edge, step)):
            for x in np.arange((row % 2) * step / 2, paper.wide + step, step):
                sketch.ellipse(x, y, step * 0.16, step * 0.16, darker(wall, 0.16))
    wood = jitter(rng, WOODS[rng.integers(len(WOODS))], 10)
    sketch.box(0, edge, paper.wide, TALL, wood)
    plank = edge
    while plank < TALL:
        wide = 12 + (plank - edge) * 0.3
        sketch.box(0, plank, paper.wide, plank + wide, jitter(rng, wood, 9))
        for _ in range(3):
            x, y = rng.uniform(0, paper.wide), plank + rng.uniform(0, wide)
            sketch.line([(x, y), (x + rng.uniform(40, 220), y + rng.normal(0, 2))], darker(wood, 0.22), 1.2)
        plank += wide
    return sketch.pixels()


def _shadow(paper: Paper, at: Point, reach: tuple[float, float]) -> Field:
    """How much light is left around a soft, flat shadow: shape (height, width), 0.4-1."""
    x, y = paper.grid()
    across, along = np.exp(-(((x - at[0]) / reach[0]) ** 2)), np.exp(-(((y - at[1]) / reach[1]) ** 2))
    left: Field = (1 - 0.6 * across * along).astype(np.float32)
    return left


def _box(sketch: Sketch, rng: Generator, foot: Point, size: float, colour: Colour, side: float) -> None:
    x, y = foot
    left, right, tall = size * rng.uniform(0.5, 1.0), size * rng.uniform(0.5, 1.0), size * rng.uniform(0.8, 2.4)
    fall = 0.36
    faces = (darker(colour, 0.1), darker(colour, 0.5)) if side < 0 else (darker(colour, 0.5), darker(colour, 0.1))
    sketch.polygon([(x, y), (x - left, y - left * fall), (x - left, y - left * fall - tall), (x, y - tall)], faces[0])
    sketch.polygon(
        [(x, y), (x + right, y - right * fall), (x + right, y - right * fall - tall), (x, y - tall)], faces[1]
    )
    top = [(x, y - tall), (x - left, y - left * fall - tall), (x - left + right, y - (left + right) * fall - tall)]
    sketch.polygon([*top, (x + right, y - right * fall - tall)], lighter(colour, 0.3))


def _strips(sketch: Sketch, span: Callable[[float], tuple[Point, Point]], colour: Colour, side: float) -> None:
    """Paint a round body as narrow strips, lit from `side`; `span(t)` gives a strip's ends for t from -1 to 1."""
    edges = np.sin(np.linspace(-0.5, 0.5, 29) * math.pi)
    for start, end in pairwise(edges):
        lit = max(0.0, math.cos(math.asin((start + end) / 2) - side * 0.8))
        tint = mix(darker(colour, 0.7), lighter(colour, 0.25), lit**1.3)
        (a, b), (c, d) = span(float(start)), span(float(end) + 0.01)
        sketch.polygon([a, b, d, c], tint)


def _cylinder(sketch: Sketch, rng: Generator, foot: Point, size: float, colour: Colour, side: float) -> None:
    x, y = foot
    wide, tall = size * rng.uniform(0.45, 0.8), size * rng.uniform(1.2, 2.6)
    sag = wide * 0.3

    def span(t: float) -> tuple[Point, Point]:
        return (x + wide * t, y - tall), (x + wide * t, y - sag + sag * math.sqrt(max(0.0, 1 - t * t)))

    _strips(sketch, span, colour, side)
    sketch.ellipse(x, y - tall, wide, sag, lighter(colour, 0.35))
    if rng.random() < 0.5:
        sketch.ellipse(x, y - tall, wide * 0.86, sag * 0.86, darker(colour, 0.55))


def _cone(sketch: Sketch, rng: Generator, foot: Point, size: float, colour: Colour, side: float) -> None:
    x, y = foot
    wide, tall = size * rng.uniform(0.6, 0.95), size * rng.uniform(1.5, 2.7)

    def span(t: float) -> tuple[Point, Point]:
        return (x, y - tall), (x + wide * t, y - wide * 0.28 * (1 - math.sqrt(max(0.0, 1 - t * t))))

    _strips(sketch, span, colour, side)


def bookshelf(paper: Paper, rng: Generator) -> Pixels:
    """Shelves of upright, leaning and lying books, with a vase or a globe between them."""
    wood = jitter(rng, WOODS[rng.integers(len(WOODS))], 10)
    sketch = Sketch(paper, darker(wood, 0.55))
    shelves = int(rng.integers(2, 5))
    tints = [jitter(rng, OBJECTS[i], 16) for i in rng.choice(len(OBJECTS), 6, replace=False)]
    offset = rng.uniform(-40, 0)
    rise = (TALL + 60) / shelves
    for shelf in range(shelves + 1):
        foot = offset + rise * (shelf + 1)
        x = rng.uniform(-20, 10)
        while x < paper.wide:
            kind = rng.random()
            colour = jitter(rng, tints[rng.integers(len(tints))], 14)
            if kind < 0.72:
                x = _book(sketch, rng, (x, foot), rise * rng.uniform(0.55, 0.84), colour)
            elif kind < 0.8:
                x = _pile(sketch, rng, (x, foot), rise, tints)
            elif kind < 0.87:
                lean = rng.uniform(14, 40)
                tall, thick = rise * 0.7, rng.uniform(12, 22)
                top = (x + lean, foot - tall)
                sketch.polygon([(x, foot), (x + thick, foot), (top[0] + thick, top[1] + 4), top], colour)
                x += lean + thick
            else:
                radius = rise * rng.uniform(0.16, 0.28)
                sketch.box(x + radius * 0.6, foot - 8, x + radius * 1.4, foot, hexed("3a2a20"))
                sketch.ball((x + radius, foot - radius - 5), radius, colour)
                x += 2 * radius + 6
        sketch.box(0, foot, paper.wide, foot + 11, wood)
        sketch.box(0, foot, paper.wide, foot + 3, lighter(wood, 0.25))
    for x in rng.uniform(0, paper.wide, int(rng.integers(0, 3))):
        sketch.box(x, 0, x + 12, TALL, wood)
    return textured(paper, rng, sketch.pixels(), 0.2)


def _book(sketch: Sketch, rng: Generator, foot: Point, tall: float, colour: Colour) -> float:
    """One upright book; returns where the next one starts."""
    x, y = foot
    thick = rng.uniform(9, 30)
    sketch.box(x, y - tall, x + thick, y, colour)
    sketch.box(x, y - tall, x + thick * 0.2, y, lighter(colour, 0.16))
    sketch.box(x + thick * 0.84, y - tall, x + thick, y, darker(colour, 0.35))
    gold = lighter(colour, 0.55) if rng.random() < 0.6 else darker(colour, 0.5)
    for at in rng.uniform(0.06, 0.94, int(rng.integers(1, 4))):
        sketch.box(x, y - tall * at, x + thick, y - tall * at - rng.uniform(2, 5), gold)
    if rng.random() < 0.5:
        sketch.box(x + thick * 0.25, y - tall * 0.72, x + thick * 0.78, y - tall * 0.42, gold)
    return x + thick + 0.6


def _pile(sketch: Sketch, rng: Generator, foot: Point, rise: float, tints: list[Colour]) -> float:
    """A few lying books; returns where the next one starts."""
    x, y = foot
    wide = rng.uniform(55, 100)
    for _ in range(int(rng.integers(2, 6))):
        thick, inset = rng.uniform(9, rise * 0.14 + 9), rng.uniform(0, 12)
        colour = jitter(rng, tints[rng.integers(len(tints))], 14)
        sketch.box(x + inset, y - thick, x + wide - inset / 2, y, colour)
        sketch.box(x + inset, y - thick * 0.8, x + inset + 4, y - thick * 0.2, hexed("efe6d0"))
        y -= thick + 0.6
    return x + wide + 1


def crockery(paper: Paper, rng: Generator) -> Pixels:
    """Plates, cups and bowls from above on a patterned cloth."""
    cloth = jitter(rng, WALLS[rng.integers(len(WALLS))], 14)
    stripe = OBJECTS[rng.integers(len(OBJECTS))]
    sketch = Sketch(paper, cloth)
    step, band = rng.uniform(30, 90), rng.uniform(4, 16)
    slope = rng.uniform(-0.8, 0.8)
    for x in np.arange(-TALL, paper.wide + TALL, step):
        sketch.line([(x, 0), (x + slope * TALL, TALL)], mix(cloth, stripe, 0.6), band)
    if rng.random() < 0.6:
        for y in np.arange(-paper.wide, TALL + paper.wide, step):
            sketch.line([(0, y), (paper.wide, y - slope * paper.wide)], mix(cloth, stripe, 0.8), band * 0.5)
    for _ in range(int(rng.integers(4, 10))):
        x, y, size = rng.uniform(0, paper.wide), rng.uniform(0, TALL), rng.uniform(36, 104)
        colour = lighter(OBJECTS[rng.integers(len(OBJECTS))], rng.uniform(0.1, 0.8))
        sketch.ellipse(x + 7, y + 9, size, size, darker(cloth, 0.5))
        sketch.ellipse(x, y, size, size, colour)
        sketch.ellipse(x, y, size * 0.93, size * 0.93, lighter(colour, 0.4))
        _rim(sketch, rng, (x, y), size, OBJECTS[rng.integers(len(OBJECTS))])
        sketch.ellipse(x + 2, y + 2, size * 0.6, size * 0.6, darker(colour, 0.14))
        inner = OBJECTS[rng.integers(len(OBJECTS))] if rng.random() < 0.6 else lighter(colour, 0.5)
        sketch.ellipse(x, y, size * 0.57, size * 0.57, inner)
        sketch.arc(x, y, size * 0.5, (200, 260), lighter(inner, 0.6), size * 0.05)
    return textured(paper, rng, sketch.pixels(), 0.16)


def _rim(sketch: Sketch, rng: Generator, at: Point, size: float, colour: Colour) -> None:
    """Dots, petals or strokes around a plate's rim."""
    count, kind = int(rng.integers(8, 26)), rng.integers(3)
    for place in range(count):
        angle = math.tau * place / count
        x, y = at[0] + size * 0.77 * math.cos(angle), at[1] + size * 0.77 * math.sin(angle)
        if kind == 0:
            sketch.ellipse(x, y, size * 0.05, size * 0.05, colour)
        elif kind == 1:
            far = (at[0] + size * 0.88 * math.cos(angle + 0.1), at[1] + size * 0.88 * math.sin(angle + 0.1))
            sketch.line([(x, y), far], colour, size * 0.04)
        else:
            sketch.arc(x, y, size * 0.1, (0, 360), colour, size * 0.025)


def plants(paper: Paper, rng: Generator) -> Pixels:
    """Pot plants on a sill before a window or a wall."""
    pixels = _table(paper, rng, rng.uniform(330, 400))
    sketch = Sketch(paper, pixels)
    if rng.random() < 0.6:
        left, wide = rng.uniform(0.05, 0.4) * paper.wide, rng.uniform(200, 330)
        sketch.box(left - 9, 21, left + wide + 9, 329, hexed("f4f0e6"))
        sketch.box(left, 30, left + wide, 320, hexed(("a9cfe6", "f3d3a8", "c4d8b8", "33406b")[rng.integers(4)]))
        for share in (0.33, 0.66) if rng.random() < 0.5 else (0.5,):
            sketch.box(left + wide * share - 3, 30, left + wide * share + 3, 320, hexed("f4f0e6"))
        rail = rng.uniform(110, 240)
        sketch.box(left, rail, left + wide, rail + 6, hexed("f4f0e6"))
    count = int(rng.integers(2, 6))
    for rank in range(count):
        foot = (paper.wide * (rank + rng.uniform(0.2, 0.8)) / count, rng.uniform(400, 460))
        size = rng.uniform(40, 82)
        green = jitter(rng, hexed(("4f7942", "6b8e4e", "2f5d50", "8fa868", "77614f")[rng.integers(5)]), 12)
        _leaves(sketch, rng, (foot[0], foot[1] - size * 1.2), size, green)
        pot = jitter(rng, OBJECTS[rng.integers(len(OBJECTS))], 10)
        x, y = foot
        sketch.taper(x, (y - size * 1.2, size * 0.7), (y, size * 0.5), pot)
        sketch.box(x - size * 0.78, y - size * 1.36, x + size * 0.78, y - size * 1.08, lighter(pot, 0.15))
    return textured(paper, rng, sketch.pixels(), 0.16)


def _leaves(sketch: Sketch, rng: Generator, foot: Point, size: float, colour: Colour) -> None:
    """A plant: long blades, or stems with round leaves, or a cactus ball with ribs."""
    x, y = foot
    kind = rng.integers(3)
    if kind == 2:
        for rib in range(7):
            sketch.ellipse(x, y - size * 0.5, size * (0.8 - 0.12 * rib), size * 0.95, darker(colour, 0.06 * rib % 0.3))
        return
    for _ in range(int(rng.integers(8, 18))):
        angle = rng.normal(-math.pi / 2, 0.6)
        long = size * rng.uniform(1.4, 3.6)
        tip = (x + long * math.cos(angle), y + long * math.sin(angle) * 0.9)
        tint = jitter(rng, colour, 18)
        if kind == 0:
            knee = (x + (tip[0] - x) * 0.4, y + (tip[1] - y) * 0.7)
            sketch.polygon(
                [(x - size * 0.1, y), (knee[0] - size * 0.13, knee[1]), tip, (knee[0] + size * 0.13, knee[1])], tint
            )
        else:
            sketch.line([(x, y), tip], darker(tint, 0.3), size * 0.05)
            for share in (0.45, 0.6, 0.75, 0.9, 1.0):
                leaf = (x + (tip[0] - x) * share, y + (tip[1] - y) * share)
                reach = size * rng.uniform(0.12, 0.3)
                sketch.ellipse(leaf[0] + rng.normal(0, reach), leaf[1], reach, reach * 0.7, jitter(rng, tint, 10))
