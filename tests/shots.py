"""Drawn shots of a few seconds, to be cut, packed and looked for."""

import io
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from safelight.demo.draw import draw
from tests.material.clips import encode

Frames = Sequence[NDArray[np.uint8]]
"""RGB, shape (HEIGHT, WIDTH, 3), FPS of them a second."""
WIDTH, HEIGHT, FPS, SHOT = 320, 240, 6, 3
KNOWN = {"one.mp4": (300, 301, 302, 303), "two.mp4": (310, 311, 312, 313), "three.mp4": (320, 321)}
OTHER = (330, 331, 332, 333)
PATCH = (slice(60, 168), slice(90, 232))
"""A fifth of a frame."""


@cache
def shots(*numbers: int) -> Frames:
    """A shot for each drawing, in which a window moves over it."""
    return tuple(chain.from_iterable(_shot(number) for number in numbers))


def _shot(number: int) -> Iterator[NDArray[np.uint8]]:
    picture = draw(number, WIDTH * 3 // 2, HEIGHT * 3 // 2)
    across, down = (WIDTH // 2, HEIGHT // 2) if number % 2 else (-WIDTH // 2, HEIGHT // 2)
    for passed in np.linspace(0, 1, SHOT * FPS):
        left, top = int(across * passed) + (-across if across < 0 else 0), int(down * passed)
        yield np.asarray(picture.crop((left, top, left + WIDTH, top + HEIGHT)), np.uint8)


def seconds(frames: Frames, start: float, end: float) -> Frames:
    """The frames from one second to another."""
    return frames[round(start * FPS) : round(end * FPS)]


def packed(frames: Frames, crf: int = 28) -> bytes:
    """An MP4 file; the higher `crf`, the worse."""
    return encode(frames, "mp4", fps=FPS, gop=2 * FPS, options={"crf": str(crf)})


def still(frame: NDArray[np.uint8]) -> bytes:
    """A JPEG file."""
    out = io.BytesIO()
    Image.fromarray(frame).save(out, "JPEG", quality=88)
    return out.getvalue()


def card(text: str) -> NDArray[np.uint8]:
    """A still card with white words on blue."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), (12, 14, 60))
    ImageDraw.Draw(picture).text((60, 100), text, fill=(240, 240, 240), font_size=36)
    return np.asarray(picture)


@cache
def known(name: str) -> bytes:
    """A known video."""
    return packed(shots(*KNOWN[name]), 20)


@cache
def other() -> bytes:
    """An unrelated video."""
    return packed(shots(*OTHER))


@cache
def altered() -> bytes:
    """The second known video with a fifth of every frame replaced."""
    changed = [frame.copy() for frame in shots(*KNOWN["two.mp4"])]
    for frame, patch in zip(changed, shots(*OTHER), strict=True):
        frame[PATCH] = patch[PATCH]
    return packed(changed)
