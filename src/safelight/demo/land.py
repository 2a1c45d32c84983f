"""Scenes of open country: hills, mountains, dunes, woods, meadows, balloons."""

import math

import numpy as np
from numpy.random import Generator

from safelight.demo.canvas import (
    TALL,
    Colour,
    Paper,
    Pixels,
    Point,
    Sketch,
    blend,
    darker,
    down,
    glow,
    hexed,
    jitter,
    lighter,
    mix,
    ridge,
    textured,
)

SKIES: tuple[tuple[Colour, ...], ...] = tuple(
    tuple(hexed(stop) for stop in stops.split())
    for stops in (
        "2a3f73 6d6aa8 e08e79 f6c98f",
        "3f7fc0 7fb2dc c4dff0 eef3ee",
        "1f2a4d 41477a a5688f f0a07c",
        "5d86a8 9fb8c6 d7dcd8 f0e6d2",
        "f2a65a f6c27a f8dca0 fbeecb",
        "24556b 4f8d96 a8c9b0 f2e3b6",
        "8a94a6 a9b2bf c9ced4 e4e4e0",
        "5a3d6f a0587f e38a75 f9cf8b",
    )
)
"""Skies from the top of the picture to the horizon: dawn, noon, dusk, haze, gold, teal, overcast, violet."""

GROUNDS: tuple[tuple[Colour, Colour], ...] = tuple(
    (hexed(far), hexed(near))
    for far, near in (
        ("8fa9b5", "1f3b2d"),
        ("b7a3b8", "2b2440"),
        ("a9bfa0", "2f5a26"),
        ("d2b48c", "5a3a22"),
        ("9db4c8", "23394f"),
        ("c3b98f", "4b5320"),
        ("d3a58f", "5b2a33"),
        ("9cc2b4", "154a4a"),
    )
)
"""Colours of land from the farthest to the nearest layer."""


def sky(paper: Paper, rng: Generator, cloud: float = 0.75) -> Sketch:
    """A sky with soft clouds (`cloud` 0-1 is how white they may be) and sometimes a sun or moon, to draw upon."""
    stops = SKIES[rng.integers(len(SKIES))]
    half = paper.half()
    pixels = down(half, stops)
    at = (rng.uniform(0.1, 0.9) * paper.wide, rng.uniform(60, 230))
    warm = lighter(stops[3], 0.4)
    glow(pixels, half, at, rng.uniform(90, 220), warm, 0.45)
    field = half.noise(rng, rng.uniform(70, 170), 4, stretch=rng.uniform(1.5, 3.5))
    cover = rng.uniform(0.42, 0.62)
    blend(pixels, lighter(stops[2], 0.65), np.clip((field - cover) * 5, 0, 1) * cloud)
    blend(pixels, darker(stops[1], 0.2), np.clip((field - cover - 0.16) * 5, 0, 1) * cloud * 0.5)
    sketch = Sketch(paper, pixels)
    if rng.random() < 0.55:
        radius = rng.uniform(16, 42)
        sketch.ellipse(*at, radius, radius, lighter(warm, 0.6))
    return sketch


def hills(paper: Paper, rng: Generator) -> Pixels:
    """Layered hills under a sky, with trees, fields or a hut on the nearer ones."""
    sketch = sky(paper, rng)
    far, near = GROUNDS[rng.integers(len(GROUNDS))]
    layers = int(rng.integers(4, 8))
    top = rng.uniform(150, 290)
    for layer in range(layers):
        share = layer / (layers - 1)
        base = top + (TALL - 20 - top) * share**1.15
        swing = rng.uniform(25, 70) * (0.6 + 0.6 * share)
        line = [(x, base - swing * h) for x, h in ridge(rng, paper.wide, rng.uniform(0.3, 0.55))]
        colour = jitter(rng, mix(far, near, share), 9)
        sketch.polygon([*line, (paper.wide + 9, TALL + 9), (-9, TALL + 9)], colour)
        if share > 0.2 and rng.random() < 0.8:
            _trees(sketch, rng, line, 6 + 26 * share, darker(colour, 0.35))
    return textured(paper, rng, sketch.pixels())


def _trees(sketch: Sketch, rng: Generator, line: list[Point], size: float, colour: Colour) -> None:
    """Groups of round trees or conifers along a skyline."""
    pointed = rng.random() < 0.5
    for _ in range(int(rng.integers(2, 6))):
        middle = rng.integers(len(line))
        for place in rng.normal(middle, size / 6, int(rng.integers(3, 12))):
            x, y = line[int(np.clip(place, 0, len(line) - 1))]
            tall = size * rng.uniform(0.7, 1.5)
            tint = jitter(rng, colour, 7)
            if pointed:
                sketch.polygon([(x - tall * 0.28, y + 3), (x, y - tall), (x + tall * 0.28, y + 3)], tint)
            else:
                sketch.box(x - tall * 0.05, y - tall * 0.4, x + tall * 0.05, y + 3, darker(tint, 0.3))
                sketch.ellipse(x, y - tall * 0.6, tall * 0.36, tall * 0.42, tint)


def mountains(paper: Paper, rng: Generator) -> Pixels:
    """Snow-capped mountains mirrored in a lake."""
    shore = rng.uniform(250, 380)
    sketch = sky(paper, rng)
    stone, _ = GROUNDS[rng.integers(len(GROUNDS))]
    for layer in range(int(rng.integers(2, 5))):
        tint = mix(stone, hexed("3b3f52"), 0.3 + 0.2 * layer)
        for _ in range(int(rng.integers(2, 5))):
            _peak(sketch, rng, (rng.uniform(0, paper.wide), shore), rng.uniform(90, 230) * (1 - layer * 0.2), tint)
    _, wood = GROUNDS[rng.integers(len(GROUNDS))]
    line = [(x, shore - 10 - 14 * h) for x, h in ridge(rng, paper.wide, 0.6)]
    sketch.polygon([*line, (paper.wide + 9, shore), (-9, shore)], wood)
    _trees(sketch, rng, line, 26, darker(wood, 0.2))
    pixels = textured(paper, rng, sketch.pixels())
    row = round(shore * paper.unit)
    rows = paper.height - row
    waves = (rng.uniform(2, 6) * np.sin(np.arange(rows) ** 0.8 * rng.uniform(0.3, 0.8))).astype(np.intp)
    source = np.clip(row - 1 - np.arange(rows) + waves, 0, row - 1)
    pixels[row:] = pixels[source] * 0.72 + np.asarray([6, 14, 26], dtype=np.float32)
    ripple = paper.noise(rng, 24, 2, stretch=6)[row:]
    pixels[row:] += ((ripple - 0.5) * 60)[..., None]
    return pixels


def _peak(sketch: Sketch, rng: Generator, foot: Point, tall: float, colour: Colour) -> None:
    """One mountain: a lit and a shaded face with a jagged cap of snow."""
    x, y = foot
    left, right, lean = tall * rng.uniform(0.7, 1.3), tall * rng.uniform(0.7, 1.3), tall * rng.uniform(-0.15, 0.15)
    crest = (x, y - tall)
    fold = [(x + lean * t + rng.normal(0, tall * 0.03), y - tall * (1 - t)) for t in np.linspace(0.15, 1, 6)]
    sketch.polygon([crest, (x - left, y), *reversed(fold)], lighter(colour, 0.18))
    sketch.polygon([crest, (x + right, y), *reversed(fold)], darker(colour, 0.28))
    depth = rng.uniform(0.25, 0.45)
    shares = np.linspace(-depth, depth, 9)
    hem = [
        (x + (right if t > 0 else left) * t, y - tall * (1 - abs(t) - rng.uniform(0, 0.14) * (depth - abs(t)) * 4))
        for t in shares
    ]
    sketch.polygon([crest, *hem], hexed("eef2f6"))
    sketch.polygon([crest, *(p for p, t in zip(hem, shares, strict=True) if t >= 0)], hexed("bcc8da"))


def dunes(paper: Paper, rng: Generator) -> Pixels:
    """Sand dunes with a sharp edge between light and shade, rippled, with a few cactuses."""
    sketch = sky(paper, rng, cloud=0.4)
    sand = jitter(rng, hexed(("dca15d", "e7c28c", "c97b4a", "d9b38c", "b98a6a")[rng.integers(5)]), 8)
    top = rng.uniform(170, 290)
    layers = int(rng.integers(3, 6))
    for layer in range(layers):
        base = top + (TALL - top) * (layer / layers) ** 1.1
        swing = rng.uniform(30, 85)
        line = [(x, base - swing * h) for x, h in ridge(rng, paper.wide, 0.22)]
        tint = jitter(rng, darker(sand, 0.08 * layer), 6)
        sketch.polygon([*line, (paper.wide + 9, TALL + 9), (-9, TALL + 9)], lighter(tint, 0.12))
        for _ in range(int(rng.integers(2, 6))):
            start, end = sorted(rng.integers(0, len(line), 2))
            deep = rng.uniform(0.1, 0.24) * 4 * (end - start)
            slip = [
                (x + deep * 0.5 * t, y + deep * math.sin(math.pi * t**0.8) ** 1.4)
                for t, (x, y) in zip(np.linspace(0, 1, end - start), line[start:end], strict=True)
            ]
            if len(slip) > 25:
                sketch.polygon([*line[start:end], *reversed(slip)], darker(tint, 0.34))
        if rng.random() < 0.5:
            x, y = line[rng.integers(len(line))]
            _cactus(sketch, rng, (x, y + 20), rng.uniform(30, 80) * (0.5 + layer / layers))
    pixels = sketch.pixels()
    x_, y_ = paper.grid()
    ripple = np.sin(y_ / rng.uniform(2.0, 4.0) + 3 * np.sin(x_ / rng.uniform(30, 80)) + x_ / 60)
    pixels *= (1 + 0.05 * ripple * (y_ > top + 30))[..., None]
    return textured(paper, rng, pixels)


def _cactus(sketch: Sketch, rng: Generator, foot: Point, tall: float) -> None:
    green = jitter(rng, hexed("3f6b4a"), 10)
    x, y = foot
    thick = tall * 0.16
    sketch.line([(x, y), (x, y - tall)], green, thick)
    sketch.ellipse(x, y - tall, thick / 2, thick / 2, green)
    for side in (-1, 1):
        reach, rise = tall * rng.uniform(0.22, 0.34) * side, tall * rng.uniform(0.3, 0.6)
        sketch.line([(x, y - rise), (x + reach, y - rise), (x + reach, y - rise - tall * 0.3)], green, thick * 0.7)
        sketch.ellipse(x + reach, y - rise - tall * 0.3, thick * 0.35, thick * 0.35, green)


def forest(paper: Paper, rng: Generator) -> Pixels:
    """Trunks in mist, nearer ones darker, with foliage above and undergrowth below."""
    far, near = GROUNDS[rng.integers(len(GROUNDS))]
    mist = lighter(far, 0.45)
    half = paper.half()
    pixels = down(half, (lighter(mist, 0.3), mist, mix(mist, near, 0.4)))
    glow(pixels, half, (rng.uniform(0, paper.wide), rng.uniform(60, 300)), 150, hexed("fff2c8"), 0.35)
    sketch = Sketch(paper, pixels)
    birch = rng.random() < 0.4
    layers = 4
    for layer in range(layers):
        share = (layer + 1) / layers
        colour = mix(mist, near, share**0.8)
        ground = 330 + 110 * share
        line = [(x, ground - 16 * h) for x, h in ridge(rng, paper.wide, 0.5)]
        for x in rng.uniform(0, paper.wide, int(rng.integers(4, 11))):
            thick = (5 + 26 * share) * rng.uniform(0.6, 1.3)
            lean = rng.normal(0, 14)
            bark = lighter(colour, 0.55 * share) if birch else jitter(rng, colour, 6)
            sketch.polygon(
                [
                    (x - thick / 2, ground + 20),
                    (x + thick / 2, ground + 20),
                    (x + lean + thick / 3, -9),
                    (x + lean, -9),
                ],
                bark,
            )
            for _ in range(int(rng.integers(2, 7))):
                y = rng.uniform(0, ground - 40)
                at = x + lean * (1 - y / ground)
                if birch:
                    sketch.line([(at - thick * 0.4, y), (at + thick * 0.2, y + 3)], darker(colour, 0.5), 2)
                else:
                    reach = rng.choice([-1, 1]) * rng.uniform(20, 90) * share
                    sketch.line([(at, y), (at + reach, y - abs(reach) * 0.6)], bark, thick * 0.2)
        sketch.polygon([*line, (paper.wide + 9, TALL + 9), (-9, TALL + 9)], jitter(rng, darker(colour, 0.1), 6))
    leaf = jitter(rng, hexed(("6b8e3d", "c9772b", "a8442e", "4d7a4a", "c9a13b")[rng.integers(5)]), 10)
    _foliage(sketch, rng, paper, leaf)
    return textured(paper, rng, sketch.pixels(), 0.25)


def _foliage(sketch: Sketch, rng: Generator, paper: Paper, leaf: Colour) -> None:
    """Clumps of leaves hanging in from above, and some on the ground."""
    for _ in range(int(rng.integers(10, 26))):
        at = (rng.uniform(0, paper.wide), abs(rng.normal(0, 110)) if rng.random() < 0.8 else rng.uniform(400, TALL))
        spread = rng.uniform(15, 45)
        for x, y in rng.normal(at, (spread, spread * 0.6), (int(rng.integers(12, 30)), 2)):
            size = rng.uniform(3, 9)
            sketch.ellipse(float(x), float(y), size, size * 0.7, jitter(rng, leaf, 22))


def meadow(paper: Paper, rng: Generator) -> Pixels:
    """Flowers on stems before soft grass, large ones in front."""
    green = jitter(rng, hexed(("6f9a4c", "4c7a52", "8fa84f", "567d6b")[rng.integers(4)]), 10)
    half = paper.half()
    pixels = down(half, (lighter(green, 0.65), lighter(green, 0.25), green, darker(green, 0.45)))
    field = half.noise(rng, 110, 3)
    blend(pixels, lighter(green, 0.6), np.clip((field - 0.5) * 2.2, 0, 0.8))
    blend(pixels, darker(green, 0.6), np.clip((0.46 - field) * 2.6, 0, 0.8))
    sketch = Sketch(paper, pixels)
    for _ in range(220):
        x, y = rng.uniform(0, paper.wide), rng.uniform(180, TALL + 60)
        bend = rng.normal(0, 18)
        sketch.line([(x, y), (x + bend * 0.4, y - 35), (x + bend, y - 75)], jitter(rng, green, 26), rng.uniform(1, 3))
    petals = [hexed(c) for c in ("e4572e", "f3c13a", "f7f3e8", "b35cb3", "4f6fd0", "f08fa8")]
    kinds = [petals[i] for i in rng.choice(len(petals), 3, replace=False)]
    for rank in range(int(rng.integers(9, 20))):
        size = 10 + 2.6 * rank + rng.uniform(0, 18)
        at = (rng.uniform(0, paper.wide), rng.uniform(60, 420))
        sketch.line([at, (at[0] + rng.normal(0, 25), TALL + 20)], darker(green, 0.3), 2 + size / 18)
        _flower(sketch, rng, at, size, jitter(rng, kinds[rank % 3], 12))
    return textured(paper, rng, sketch.pixels())


def _flower(sketch: Sketch, rng: Generator, at: Point, size: float, colour: Colour) -> None:
    """A blossom of two rings of petals around a heart."""
    x, y = at
    count = int(rng.integers(5, 14))
    turn = rng.uniform(0, math.tau)
    for ring, tint in ((1.0, darker(colour, 0.14)), (0.72, lighter(colour, 0.12))):
        for petal in range(count):
            angle = turn + math.tau * (petal + ring / 2) / count
            wide = 2.3 / count
            outline = [
                (
                    x + size * ring * reach * math.cos(angle + side * wide),
                    y + size * ring * reach * math.sin(angle + side * wide),
                )
                for reach, side in ((0.1, 0), (0.6, -0.8), (0.92, -0.5), (1.0, 0), (0.92, 0.5), (0.6, 0.8))
            ]
            sketch.polygon(outline, tint)
    sketch.ellipse(x, y, size * 0.26, size * 0.26, hexed("8a5a1c"))
    sketch.ellipse(x - size * 0.04, y - size * 0.05, size * 0.19, size * 0.18, hexed("d9a437"))


def balloons(paper: Paper, rng: Generator) -> Pixels:
    """Striped hot-air balloons over low hills."""
    sketch = sky(paper, rng)
    far, near = GROUNDS[rng.integers(len(GROUNDS))]
    for layer in range(3):
        line = [(x, 370 + 38 * layer - 30 * h) for x, h in ridge(rng, paper.wide, 0.4)]
        sketch.polygon([*line, (paper.wide + 9, TALL + 9), (-9, TALL + 9)], jitter(rng, mix(far, near, layer / 2), 9))
    tints = [hexed(c) for c in ("d1495b", "edae49", "00798c", "30638e", "f4f1de", "6a4c93", "e07a5f", "81b29a")]
    for rank in range(int(rng.integers(4, 9))):
        size = 16 + rng.uniform(6, 17) * rank
        at = (rng.uniform(0.05, 0.95) * paper.wide, rng.uniform(50, 330))
        first, second = (tints[i] for i in rng.choice(len(tints), 2, replace=False))
        _balloon(sketch, at, size, (first, second), int(rng.integers(5, 10)))
    return textured(paper, rng, sketch.pixels())


def _balloon(sketch: Sketch, at: Point, size: float, colours: tuple[Colour, Colour], gores: int) -> None:
    """One balloon: gores from left to right, darker towards the right, and a basket."""
    x, y = at
    angles = np.linspace(-0.5, 0.5, 15) * math.pi
    for gore in range(gores):
        edges = [-math.cos(math.pi * (gore + side) / gores) for side in (0, 1)]
        outline = []
        for edge, order in ((edges[0], angles), (edges[1], angles[::-1])):
            for angle in order:
                narrow = math.cos(angle) if angle < 0 else math.cos(angle) ** 0.75 * (1 - 0.25 * math.sin(angle))
                outline.append((x + edge * size * max(narrow, 0.12), y + size * 1.15 * math.sin(angle)))
        sketch.polygon(outline, darker(colours[gore % 2], 0.4 * gore / gores))
    hem, basket = y + size * 1.15, y + size * 1.55
    for side in (-0.1, 0.1):
        sketch.line([(x + side * size, hem), (x + side * size, basket)], hexed("403020"), max(size * 0.02, 0.6))
    sketch.box(x - size * 0.13, basket, x + size * 0.13, basket + size * 0.2, hexed("6b4226"))
