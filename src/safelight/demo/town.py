"""Scenes with buildings, ships and the night sky: skylines, harbours, lighthouses, streets, planets."""

import math

import numpy as np
from numpy.random import Generator

from safelight.demo.canvas import (
    TALL,
    Belts,
    Colour,
    Paper,
    Pixels,
    Point,
    Sketch,
    blend,
    darker,
    down,
    glow,
    gradient,
    hexed,
    jitter,
    lighter,
    mix,
    ridge,
    textured,
)
from safelight.demo.land import sky

PAINTS: tuple[Colour, ...] = tuple(
    hexed(c)
    for c in ("d9674a", "e8b04f", "7fa3a8", "f0e2c4", "8f5a5a", "6d8a5f", "4f6a8f", "c99a86", "b5c7b0", "a86f8f")
)
"""House paints and sails."""


def skyline(paper: Paper, rng: Generator) -> Pixels:
    """Towers in two or three depths by day or night, some windows lit, over water or a street."""
    night = rng.random() < 0.5
    sketch = Sketch(paper, down(paper, _NIGHT)) if night else sky(paper, rng)
    if night:
        _stars(sketch, rng, paper, 90)
        radius = rng.uniform(16, 34)
        sketch.ellipse(rng.uniform(60, paper.wide - 60), rng.uniform(40, 120), radius, radius, hexed("f2ead0"))
    base = hexed(("44506a", "6b5a68", "4a6670", "7a6a58")[rng.integers(4)])
    haze = hexed("2a3352") if night else hexed("c3ccd6")
    ground = rng.uniform(380, 450)
    depths = int(rng.integers(2, 5))
    for depth in range(depths):
        share = (depth + 1) / depths
        colour = mix(haze, darker(base, 0.5) if night else base, share)
        x = rng.uniform(-60, 0)
        while x < paper.wide:
            wide = rng.uniform(28, 84) * (0.6 + 0.5 * share)
            tall = rng.gamma(5, 24) * (1.5 - 0.45 * share) + 40
            _tower(sketch, rng, (x, ground - min(tall, 360)), (wide, ground), jitter(rng, colour, 7), night)
            x += wide * rng.uniform(0.75, 1.3)
    sketch.box(0, ground, paper.wide, TALL, hexed("141a2a") if night else hexed("5f6b70"))
    pixels = sketch.pixels()
    row = round(ground * paper.unit)
    source = np.clip(row - 1 - 2 * np.arange(paper.height - row), 0, row - 1)
    ripple = paper.half().noise(rng, 18, 2, stretch=5)
    shares = np.repeat(np.repeat(ripple, 2, 0), 2, 1)[: paper.height - row, : paper.width]
    water = pixels[row:, : shares.shape[1]]
    water += (pixels[source, : shares.shape[1]] - water) * shares[..., None]
    return textured(paper, rng, pixels)


_NIGHT = (hexed("0b1026"), hexed("1c2450"), hexed("4a3f78"), hexed("8f5f88"))


def _tower(
    sketch: Sketch, rng: Generator, corner: Point, wide_and_foot: tuple[float, float], colour: Colour, night: bool
) -> None:
    """One tower with a roof of some kind and a regular grid of windows."""
    x, top = corner
    wide, foot = wide_and_foot
    sketch.box(x, top, x + wide, foot, colour)
    sketch.box(x + wide * 0.72, top, x + wide, foot, darker(colour, 0.18))
    roof = rng.integers(5)
    if roof == 0:
        sketch.polygon([(x, top), (x + wide / 2, top - wide * 0.5), (x + wide, top)], darker(colour, 0.2))
    elif roof == 1:
        sketch.line([(x + wide / 2, top), (x + wide / 2, top - wide * 0.9)], darker(colour, 0.2), 1.6)
    elif roof == 2:
        sketch.box(x + wide * 0.2, top - wide * 0.25, x + wide * 0.8, top, darker(colour, 0.1))
    elif roof == 3:
        sketch.ellipse(x + wide / 2, top, wide / 2, wide * 0.35, colour)
    step = rng.uniform(7, 13)
    pane = step * rng.uniform(0.4, 0.65)
    lit, dark = hexed("ffd98a") if night else lighter(colour, 0.5), darker(colour, 0.45)
    share = rng.uniform(0.2, 0.7)
    rows, columns = (
        np.arange(top + step * 0.6, foot - step, step * 1.25),
        np.arange(x + step * 0.5, x + wide - pane, step),
    )
    glows = rng.random((len(rows), len(columns))) < share
    for row, y in enumerate(rows):
        for column, left in enumerate(columns):
            if glows[row, column] or not night:
                sketch.box(left, y, left + pane, y + step * 0.7, lit if glows[row, column] else dark)


def _stars(sketch: Sketch, rng: Generator, paper: Paper, count: int) -> None:
    for x, y, size in zip(
        rng.uniform(0, paper.wide, count), rng.uniform(0, TALL, count), rng.gamma(1.6, 0.45, count) + 0.4, strict=True
    ):
        sketch.ellipse(x, y, size, size, mix(hexed("fff6e0"), hexed("a9c4ff"), rng.random()))


def harbour(paper: Paper, rng: Generator) -> Pixels:
    """Sailing boats on a glittering sea, with far islands."""
    horizon = rng.uniform(150, 300)
    sketch = sky(paper, rng)
    sea = hexed(("1f5673", "2a7f86", "3b4f7a", "4a7a94", "6a5f8a")[rng.integers(5)])
    line = [(x, horizon - 8 - 26 * max(h, -0.3)) for x, h in ridge(rng, paper.wide, 0.5)]
    start, end = sorted(rng.integers(0, len(line), 2))
    sketch.polygon(
        [(line[start][0], horizon), *line[start:end], (line[end][0], horizon)], mix(sea, hexed("6f7f8f"), 0.6)
    )
    pixels = sketch.pixels()
    row = round(horizon * paper.unit)
    share = np.linspace(0, 1, paper.height - row, dtype=np.float32)
    pixels[row:] = gradient(share, (lighter(sea, 0.45), sea, darker(sea, 0.5)))[:, None, :]
    waves = paper.noise(rng, rng.uniform(16, 40), 3, stretch=5)[row:]
    pixels[row:] += ((waves - 0.5) * (40 + 130 * share[:, None]))[..., None]
    x, _ = paper.grid()
    path = np.exp(-(((x - rng.uniform(0.1, 0.9) * paper.wide) / (30 + 120 * share[:, None])) ** 2))
    blend(pixels[row:], hexed("fff0cf"), np.clip((waves - 0.5) * 9, 0, 1) * path * 0.85)
    sketch = Sketch(paper, pixels)
    count = int(rng.integers(3, 9))
    for rank in range(count):
        near = ((rank + 0.5) / count) ** 1.5
        foot = (rng.uniform(0.02, 0.98) * paper.wide, horizon + 6 + near * (TALL - horizon - 50))
        _boat(sketch, rng, foot, 26 + 150 * near)
    return textured(paper, rng, sketch.pixels())


def _boat(sketch: Sketch, rng: Generator, foot: Point, tall: float) -> None:
    """A boat with a mast and one or two sails, and its mirror image as a few strokes."""
    x, y = foot
    long, side = tall * rng.uniform(0.35, 0.5), float(rng.choice([-1, 1]))
    hull, sail = PAINTS[rng.integers(len(PAINTS))], lighter(PAINTS[rng.integers(len(PAINTS))], 0.35)
    for stroke in range(6):
        reach = long * rng.uniform(0.2, 0.7)
        at = y + tall * (0.1 + 0.09 * stroke)
        sketch.line([(x - reach, at), (x + reach * 0.6, at)], darker(sail, 0.25 + 0.06 * stroke), tall * 0.02)
    sketch.line([(x, y), (x, y - tall)], hexed("4a3a2c"), max(tall * 0.018, 0.8))
    sketch.polygon(
        [(x + side * 3, y - tall * 0.14), (x + side * 2, y - tall * 0.97), (x + side * long * 0.95, y - tall * 0.14)],
        sail,
    )
    sketch.polygon(
        [(x - side * 3, y - tall * 0.14), (x - side * 2, y - tall * 0.8), (x - side * long * 0.7, y - tall * 0.18)],
        darker(sail, 0.16),
    )
    sketch.polygon(
        [
            (x - long, y - tall * 0.1),
            (x + long, y - tall * 0.1),
            (x + long * 0.7, y + tall * 0.06),
            (x - long * 0.75, y + tall * 0.06),
        ],
        hull,
    )
    sketch.line(
        [(x - long * 0.95, y - tall * 0.07), (x + long * 0.93, y - tall * 0.07)], lighter(hull, 0.5), tall * 0.02
    )


def lighthouse(paper: Paper, rng: Generator) -> Pixels:
    """A striped lighthouse on cliffs, with gulls over the surf."""
    sketch = sky(paper, rng)
    sea = hexed(("2b5d7d", "3c7c80", "45527f")[rng.integers(3)])
    horizon = rng.uniform(300, 370)
    sketch.box(0, horizon, paper.wide, TALL, sea)
    for y in np.arange(horizon + 6, TALL, 8):
        for x in rng.uniform(0, paper.wide, 8):
            sketch.line(
                [(x, y), (x + rng.uniform(15, 60), y + rng.normal(0, 1.5))], jitter(rng, lighter(sea, 0.3), 18), 2
            )
    side = float(rng.choice([-1, 1]))
    middle = paper.wide * (0.5 + side * rng.uniform(0.05, 0.32))
    crest = rng.uniform(240, 330)
    rock = jitter(rng, hexed("6b6258"), 14)
    width = rng.uniform(120, 260)
    for layer in range(3):
        drop = layer * rng.uniform(25, 45)
        cliff = [
            (middle + width * (1 + 0.25 * layer) * t, crest + drop + abs(t) ** 3 * 120 + rng.normal(0, 7))
            for t in np.linspace(-1, 1, 19)
        ]
        sketch.polygon([*cliff, (cliff[-1][0] + 20, TALL), (cliff[0][0] - 20, TALL)], darker(rock, 0.18 * layer))
    lamp = _beacon(sketch, rng, (middle, crest + 6))
    _gulls(sketch, rng, paper)
    pixels = sketch.pixels()
    glow(pixels, paper, lamp, rng.uniform(40, 110), hexed("ffe2a0"), 0.35)
    return textured(paper, rng, pixels, 0.22)


def _beacon(sketch: Sketch, rng: Generator, foot: Point) -> Point:
    """The tower with its bands, gallery and roof; returns where the lamp is."""
    x, y = foot
    tall, thick = rng.uniform(130, 210), rng.uniform(20, 34)
    paint = PAINTS[rng.integers(len(PAINTS))]
    bands = int(rng.integers(3, 8))
    for band in range(bands):
        low, high = ((y - tall * share, thick * (1 - 0.4 * share)) for share in (band / bands, (band + 1) / bands))
        sketch.taper(x, high, low, paint if band % 2 else hexed("f2eee4"))
    top = y - tall
    sketch.box(x - thick * 0.8, top - 5, x + thick * 0.8, top, hexed("3a3a40"))
    sketch.box(x - thick * 0.45, top - 26, x + thick * 0.45, top - 5, hexed("ffe9a8"))
    sketch.polygon([(x - thick * 0.6, top - 26), (x, top - 46), (x + thick * 0.6, top - 26)], paint)
    return x, top - 15


def _gulls(sketch: Sketch, rng: Generator, paper: Paper) -> None:
    for _ in range(int(rng.integers(3, 12))):
        x, y, size = rng.uniform(0, paper.wide), rng.uniform(30, 260), rng.uniform(5, 17)
        wings = [
            (x - size, y - size * 0.4),
            (x - size * 0.45, y - size * 0.6),
            (x, y),
            (x + size * 0.5, y - size * 0.65),
        ]
        sketch.line([*wings, (x + size, y - size * 0.35)], hexed("f4f4f0"), max(size * 0.16, 1.2))


def street(paper: Paper, rng: Generator) -> Pixels:
    """A row of gabled town houses, each with its own paint, windows and door."""
    sketch = sky(paper, rng)
    ground = rng.uniform(400, 450)
    x = rng.uniform(-50, 0)
    while x < paper.wide:
        wide = rng.uniform(62, 128)
        _house(
            sketch, rng, (x, ground), (wide, rng.uniform(150, 290)), jitter(rng, PAINTS[rng.integers(len(PAINTS))], 10)
        )
        x += wide
    sketch.box(0, ground, paper.wide, TALL, jitter(rng, hexed("8a8580"), 8))
    for y in np.arange(ground + 4, TALL, 9):
        for left in np.arange(-20 + 12 * (int(y) % 2), paper.wide, 24):
            sketch.ellipse(left, y, 10.5, 3.6, jitter(rng, hexed("98938c"), 13))
    return textured(paper, rng, sketch.pixels(), 0.22)


def _house(sketch: Sketch, rng: Generator, foot: Point, size: tuple[float, float], paint: Colour) -> None:
    x, ground = foot
    wide, tall = size
    top = ground - tall
    trim, roof = lighter(paint, 0.6), darker(paint, 0.5)
    gable = rng.integers(3)
    if gable == 0:
        sketch.polygon([(x, top), (x + wide / 2, top - wide * 0.55), (x + wide, top)], roof)
    elif gable == 1:
        for stair in range(4):
            inset = wide * 0.12 * stair
            sketch.box(x + inset, top - 13 * (stair + 1), x + wide - inset, top, paint)
    else:
        sketch.polygon([(x, top), (x + wide * 0.14, top - 36), (x + wide * 0.86, top - 36), (x + wide, top)], roof)
    sketch.box(x, top, x + wide, ground, paint)
    sketch.box(x, top, x + wide, top + 5, trim)
    floors, columns = max(2, int(tall / 62)), 2 if wide < 88 else 3
    rise, span = tall / floors, wide / columns
    arched = rng.random() < 0.35
    for floor in range(floors):
        for column in range(columns):
            left, y = x + span * (column + 0.25), top + rise * floor + rise * 0.22
            if floor == floors - 1 and column == columns - 1:
                sketch.box(left, y, left + span * 0.55, ground, trim)
                sketch.box(left + 2.5, y + 3, left + span * 0.55 - 2.5, ground, darker(PAINTS[rng.integers(10)], 0.35))
                continue
            pane = mix(hexed("3d4d5c"), hexed("ffe1a0"), float(rng.random() < 0.3))
            right, low = left + span * 0.5, y + rise * 0.55
            if arched:
                sketch.ellipse((left + right) / 2, y, span * 0.25 + 2, span * 0.2 + 2, trim)
            sketch.box(left - 2, y - 2, right + 2, low + 2, trim)
            sketch.box(left, y, right, low, pane)
            sketch.box((left + right) / 2 - 0.7, y, (left + right) / 2 + 0.7, low, trim)
            sketch.box(left, (y + low) / 2 - 0.7, right, (y + low) / 2 + 0.7, trim)


def planets(paper: Paper, rng: Generator) -> Pixels:
    """Planets, some ringed or banded, before stars and a nebula."""
    half = paper.half()
    dark = hexed(("0a0d1f", "100a1f", "07161a")[rng.integers(3)])
    pixels = down(half, (dark, lighter(dark, 0.12), dark))
    for name in rng.choice(["5a2d82", "b0426a", "1f6f8b", "c97b3a", "2f8f6f"], 2, replace=False):
        cloud = half.noise(rng, rng.uniform(110, 240), 4)
        blend(pixels, hexed(str(name)), np.clip((cloud - 0.42) * 2.6, 0, 0.9))
    sketch = Sketch(paper, pixels)
    _stars(sketch, rng, paper, 260)
    spots: list[tuple[float, float, float]] = []
    for _ in range(int(rng.integers(2, 6))):
        radius = float(np.clip(rng.gamma(2.6, 26), 14, 150))
        spots.append((radius, rng.uniform(0, paper.wide), rng.uniform(30, 450)))
    light = (rng.uniform(-0.9, 0.9), rng.uniform(-0.9, 0.3))
    for radius, x, y in sorted(spots):
        colour = jitter(rng, hexed(("d9a066", "7fa8c9", "c96f5a", "b8c9a0", "a58fc9", "e6d3b0")[rng.integers(6)]), 14)
        belts = Belts(rng.uniform(6, 22), rng.uniform(0.05, 0.25), rng.uniform(-0.5, 0.5))
        ringed = rng.random() < 0.45
        if ringed:
            _ring(sketch, (x, y), radius, colour, belts.tilt, (math.pi, math.tau))
        sketch.ball((x, y), radius, colour, light, belts)
        if ringed:
            _ring(sketch, (x, y), radius, colour, belts.tilt, (0, math.pi))
    return sketch.pixels()


def _ring(sketch: Sketch, at: Point, radius: float, colour: Colour, tilt: float, half: tuple[float, float]) -> None:
    """Half of a planet's rings: the far half is drawn before the planet, the near half after it."""
    angles = np.linspace(*half, 40)
    for band in range(5):
        reach = radius * (1.4 + 0.14 * band)
        points = []
        for angle in angles:
            across, along = reach * math.cos(angle), reach * 0.26 * math.sin(angle)
            points.append(
                (
                    at[0] + across * math.cos(tilt) - along * math.sin(tilt),
                    at[1] + across * math.sin(tilt) + along * math.cos(tilt),
                )
            )
        sketch.line(points, mix(lighter(colour, 0.35), hexed("5a5060"), 0.16 * band), radius * 0.09)
