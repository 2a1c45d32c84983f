"""What is laid into or over a picture: the replaced region, text, stickers, the frame of a gallery app."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from safelight.bench.derivative.draft import Colour, Draft, Rgb, cover, place, plain, resize

FEATHER = 0.12
"""Width of the soft edge, as a share of the ellipse's radius; half of it lies inside."""

WORDS = ("sent from my phone", "look what I found", "see you on Sunday", "best of the week", "share with all")
YELLOW, BROWN, INK, PAPER = (255, 205, 40), (70, 40, 10), (24, 24, 28), (236, 236, 240)

_FONT = cv2.FONT_HERSHEY_DUPLEX
_SHIFT = 4  # bits of fraction in the coordinates of discs


def replace_ellipse(draft: Draft, share: float, other: Rgb, rng: Generator) -> Draft:
    """Replace an ellipse of that share of the picture by a part of `other`, at a random place wholly inside.

    Its axes are in a proportion of 0.7 to 1.4, unless the picture is too narrow for that. Every second one, by lot,
    has the mean and the spread of each channel made those of what it covers.
    """
    width, height = draft.size
    proportion = np.exp(rng.uniform(np.log(0.7), np.log(1.4)))
    area = share * width * height / np.pi
    most = 1 / (2 + FEATHER)
    across = float(np.clip(np.sqrt(area * proportion), area / (height * most), width * most))
    along = area / across
    reach = 1 + FEATHER / 2
    x, y = (_inside(rng, half * reach, whole) - 0.5 for half, whole in ((across, width), (along, height)))
    columns, rows = (np.arange(width) - x) / across, (np.arange(height) - y) / along
    radius = np.sqrt(columns[None, :] ** 2 + rows[:, None] ** 2)
    alpha = np.clip((1 - radius) / FEATHER + 0.5, 0, 1).astype(np.float32)
    left, right = max(0, int(x - across * reach)), min(width, int(x + across * reach) + 2)
    top, bottom = max(0, int(y - along * reach)), min(height, int(y + along * reach) + 2)
    box = np.s_[top:bottom, left:right]
    patch = cover(other, right - left, bottom - top, *rng.random(2)).astype(np.float32)
    if rng.random() < 0.5:
        patch = _colour_matched(patch, draft.pixels[box], alpha[box] >= 0.5)
    pixels = draft.pixels.copy()
    pixels[box] = _blend(pixels[box], patch, alpha[box])
    return replace(draft, pixels=pixels, replaced=np.maximum(draft.replaced, alpha))


def _colour_matched(patch: NDArray[np.float32], under: Rgb, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    ours, theirs = patch[inside], under[inside].astype(np.float32)
    spread = theirs.std(0) / np.maximum(ours.std(0), 1)
    return np.asarray(np.clip((patch - ours.mean(0)) * spread + theirs.mean(0), 0, 255), np.float32)


def text(draft: Draft, rng: Generator) -> Draft:
    """Three lines of semi-transparent text across the picture, each at a height of its own."""
    width, height = draft.size
    strokes = np.zeros((height, width), np.uint8)
    for third in range(3):
        words = WORDS[rng.integers(len(WORDS))]
        thickness = max(1, round(width / 200))
        (natural, tall), _ = cv2.getTextSize(words, _FONT, 1.0, 1)
        scale = rng.uniform(0.55, 0.8) * width / natural
        scale = min(scale, height / 4 / tall)
        (wide, tall), _ = cv2.getTextSize(words, _FONT, scale, thickness)
        x = int(rng.uniform(0, max(1, width - wide)))
        y = int(rng.uniform(third * height / 3 + tall, max((third + 1) * height / 3, third * height / 3 + tall + 1)))
        cv2.putText(strokes, words, (x, y), _FONT, scale, 255, thickness, cv2.LINE_AA)
    colour: Colour = (255, 255, 255) if rng.random() < 0.5 else INK
    alpha = strokes.astype(np.float32) / np.float32(255)
    return _laid_over(draft, plain(width, height, colour), alpha, strength=0.6)


def stickers(draft: Draft, rng: Generator) -> Draft:
    """Four round faces drawn with a few strokes, with radii of 7 to 12 % of the longest side."""
    width, height = draft.size
    colours = draft.pixels.copy()
    alpha = np.zeros((height, width), np.uint8)
    for _ in range(4):
        radius = rng.uniform(0.07, 0.12) * max(width, height)
        x, y = (rng.uniform(min(radius, side / 2), max(side - radius, side / 2)) for side in (width, height))
        _disc(colours, x, y, radius, YELLOW)
        for side in (-1, 1):
            _disc(colours, x + side * 0.35 * radius, y - 0.25 * radius, 0.13 * radius, BROWN)
        centre, axes = (round(x), round(y + 0.1 * radius)), (round(0.55 * radius), round(0.45 * radius))
        cv2.ellipse(colours, centre, axes, 0, 20, 160, BROWN, max(1, round(0.1 * radius)), cv2.LINE_AA)
        _disc(alpha, x, y, radius, 255)
    return _laid_over(draft, colours, alpha.astype(np.float32) / np.float32(255), strength=1.0)


def gallery(draft: Draft, rng: Generator) -> Draft:
    """The picture as a phone's gallery shows it, in a screenshot: bars, a name, a date, buttons and small previews."""
    wide, tall, bar, foot = 592, 1280, 132, 190
    dark = rng.random() < 0.5
    back, front = (INK, PAPER) if dark else (PAPER, INK)
    ground = plain(wide, tall, back)
    cv2.putText(ground, "9:41", (28, 36), _FONT, 0.7, front, 1, cv2.LINE_AA)
    cv2.rectangle(ground, (wide - 70, 20), (wide - 30, 38), front, 2)
    cv2.putText(ground, "< Album", (24, 98), _FONT, 0.9, front, 1, cv2.LINE_AA)
    cv2.putText(ground, f"{rng.integers(1, 29)} June, 14:{rng.integers(10, 60)}", (250, 98), _FONT, 0.8, front, 1, 16)
    for number in range(9):
        left = 8 + 65 * number
        colour = tuple(int(level) for level in rng.integers(60, 220, 3))
        cv2.rectangle(ground, (left, tall - foot + 12), (left + 56, tall - foot + 68), colour, -1)
    for number in range(4):
        centre = (74 + 148 * number, tall - 66)
        cv2.circle(ground, centre, 20, front, 3, cv2.LINE_AA)
        cv2.line(ground, (centre[0] - 8, centre[1]), (centre[0] + 8, centre[1]), front, 3, cv2.LINE_AA)
    cv2.line(ground, (200, tall - 14), (wide - 200, tall - 14), front, 5, cv2.LINE_AA)
    factor = min(wide / draft.size[0], (tall - bar - foot) / draft.size[1])
    shown = resize(draft, max(1, round(draft.size[0] * factor)), max(1, round(draft.size[1] * factor)))
    return place(shown, ground, (wide - shown.size[0]) // 2, bar + (tall - bar - foot - shown.size[1]) // 2)


def _disc(canvas: NDArray[np.uint8], x: float, y: float, radius: float, colour: Colour | int) -> None:
    scale = 1 << _SHIFT
    centre = round(x * scale), round(y * scale)
    fill = colour if isinstance(colour, tuple) else (colour,)
    cv2.circle(canvas, centre, max(1, round(radius * scale)), fill, -1, cv2.LINE_AA, _SHIFT)


def _laid_over(draft: Draft, colours: Rgb, alpha: NDArray[np.float32], strength: float) -> Draft:
    pixels = _blend(draft.pixels, colours.astype(np.float32), alpha * np.float32(strength))
    return replace(draft, pixels=pixels, overlay=np.maximum(draft.overlay, alpha))


def _blend(under: Rgb, over: NDArray[np.float32], alpha: NDArray[np.float32]) -> Rgb:
    mixed = under + alpha[:, :, None] * (over - under.astype(np.float32))
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


def _inside(rng: Generator, margin: float, whole: float) -> float:
    """A place at least so far from both ends; the middle, where rounding leaves none."""
    return float(rng.uniform(margin, max(margin, whole - margin)))
