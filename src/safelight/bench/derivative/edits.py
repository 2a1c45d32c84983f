"""The 33 edits of the derivative benchmark, each with the truth about its outcome.

Pictures are uint8 RGB. All randomness comes from the seed given, so an edit of a picture is the same on every run.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from safelight.bench.derivative import draft as do
from safelight.bench.derivative import marks
from safelight.bench.derivative.draft import Draft, Rgb

Step = Callable[[Draft, Sequence[Rgb], Generator], Draft]

QUALITY = 85
PALE = (242, 240, 232)
BLACK = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: steps in order, then a JPEG of that quality. `others`: how many other pictures go into it."""

    name: str
    steps: tuple[Step, ...]
    quality: int = QUALITY
    others: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """An edited picture and the truth about it.

    `pixels`: uint8 RGB after the JPEG round trip. `matrix`: float64, shape (2, 3), takes (x, y) of this picture to
    the source's; the centre of the first pixel is (0, 0); a mirrored picture has a negative determinant. The masks
    have the shape of the picture. `replaced`: other content was pasted into the source here (the soft edge counts
    from its middle on). `overlay`: text or a sticker lies here, possibly over replaced content. `outside`: nothing of
    the source was ever here (borders, bars, frames, other pictures).
    """

    pixels: Rgb
    matrix: NDArray[np.float64]
    replaced: NDArray[np.bool_]
    overlay: NDArray[np.bool_]
    outside: NDArray[np.bool_]


def apply(name: str, source_rgb: Rgb, other_rgb: Sequence[Rgb], seed: int) -> Edited:
    """Edit `source_rgb` (uint8 RGB, sides of at least 16 pixels) by the edit of that name.

    `other_rgb`: benign pictures for patches, collages and backgrounds, used from the first on, again from the front
    where there are fewer than the edit needs; at least one if it needs any. `seed`: see `seed_for`. Raises KeyError
    for an unknown name, ValueError for arrays that are no such pictures.
    """
    edit = EDITS[name]
    for picture in (source_rgb, *other_rgb):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or min(picture.shape[:2]) < 16:
            raise ValueError(f"not a picture of uint8 RGB with sides of at least 16: {picture.dtype} {picture.shape}")
    if edit.others and not other_rgb:
        raise ValueError(f"edit {name} needs another picture")
    others = [other_rgb[number % len(other_rgb)] for number in range(edit.others)]
    rng = np.random.default_rng(seed_for(seed, name))
    drafted = do.begin(source_rgb)
    for step in edit.steps:
        drafted = step(drafted, others, rng)
    outside = drafted.outside >= 0.5
    return Edited(
        pixels=jpeg_round_trip(drafted.pixels, edit.quality),
        matrix=drafted.matrix,
        replaced=(drafted.replaced >= 0.5) & ~outside,
        overlay=(drafted.overlay >= 0.5) & ~outside,
        outside=outside,
    )


def seed_for(seed: int, *keys: str) -> int:
    """A seed of its own for whatever the keys name, 0 to 2^128-1; a source's edits take `seed_for(seed, its key)`."""
    return int.from_bytes(hashlib.sha256("\0".join([str(seed), *keys]).encode()).digest()[:16], "big")


def jpeg_round_trip(pixels: Rgb, quality: int) -> Rgb:
    """The pixels after JPEG compression (baseline, 4:2:0) at that quality."""
    _, data = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[:, :, ::-1])


def _resized(factor: float) -> Step:
    def step(draft: Draft, _: Sequence[Rgb], __: Generator) -> Draft:
        width, height = draft.size
        return do.resize(draft, max(1, round(width * factor)), max(1, round(height * factor)))

    return step


def _cropped(away: float) -> Step:
    """Keep 1 - `away` of the area, in the picture's proportions give or take 15 %, at a random place."""

    def step(draft: Draft, _: Sequence[Rgb], rng: Generator) -> Draft:
        width, height = draft.size
        keep = 1 - away
        across = float(np.clip(np.sqrt(keep * rng.uniform(0.85, 1.15)), keep, 1))
        wide, tall = round(width * across), round(height * keep / across)
        left, top = rng.integers(0, width - wide + 1), rng.integers(0, height - tall + 1)
        return do.crop(draft, int(left), int(top), wide, tall)

    return step


def _mirrored(draft: Draft, _: Sequence[Rgb], __: Generator) -> Draft:
    return do.mirror(draft)


def _turned(quarters: int) -> Step:
    return lambda draft, _, __: do.quarter_turns(draft, quarters)


def _rotated(degrees: float) -> Step:
    """To either side, by lot."""
    return lambda draft, _, rng: do.rotate(draft, degrees if rng.random() < 0.5 else -degrees)


def _letterboxed(draft: Draft, _: Sequence[Rgb], __: Generator) -> Draft:
    width, height = draft.size
    bar = round(0.2 * height)
    return do.place(draft, do.plain(width, height + 2 * bar, BLACK), 0, bar)


def _bordered(draft: Draft, _: Sequence[Rgb], __: Generator) -> Draft:
    width, height = draft.size
    edge = round(0.1 * min(width, height))
    return do.place(draft, do.plain(width + 2 * edge, height + 2 * edge, PALE), edge, edge)


def _collage(draft: Draft, others: Sequence[Rgb], rng: Generator) -> Draft:
    """One cell, by lot, of two by two; the whole is as large as the source."""
    wide, tall = (side // 2 for side in draft.size)
    cells = [(column * wide, row * tall) for row in range(2) for column in range(2)]
    left, top = cells.pop(int(rng.integers(4)))
    ground = do.plain(2 * wide, 2 * tall, BLACK)
    for (x, y), other in zip(cells, others, strict=True):
        ground[y : y + tall, x : x + wide] = do.shrink_to_cover(other, wide, tall)
    return do.place(do.resize(draft, wide, tall), ground, left, top)


def _picture_in_picture(draft: Draft, others: Sequence[Rgb], rng: Generator) -> Draft:
    """At half its width and height on another picture that is made as large as the source."""
    width, height = draft.size
    small = do.resize(draft, width // 2, height // 2)
    left, top = rng.integers(0, width - small.size[0] + 1), rng.integers(0, height - small.size[1] + 1)
    return do.place(small, do.shrink_to_cover(others[0], width, height), int(left), int(top))


def _toned(tone: Callable[[Rgb], NDArray[np.generic]]) -> Step:
    """Change values, not places."""

    def step(draft: Draft, _: Sequence[Rgb], __: Generator) -> Draft:
        return replace(draft, pixels=np.ascontiguousarray(tone(draft.pixels), np.uint8))

    return step


def _gamma(pixels: Rgb) -> Rgb:
    table = np.rint(255 * (np.arange(256) / 255) ** 1.6).astype(np.uint8)
    return np.asarray(table[pixels], np.uint8)


def _contrast(pixels: Rgb) -> Rgb:
    return np.asarray(np.clip(np.rint(1.5 * pixels.astype(np.float32) + 12), 0, 255), np.uint8)


def _grey(pixels: Rgb) -> Rgb:
    return np.repeat(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)[:, :, None], 3, axis=2)


def _blur(pixels: Rgb) -> Rgb:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(pixels.shape[:2]) / 250), np.uint8)


def _replaced(share: float) -> Step:
    return lambda draft, others, rng: marks.replace_ellipse(draft, share, others[0], rng)


def _text(draft: Draft, _: Sequence[Rgb], rng: Generator) -> Draft:
    return marks.text(draft, rng)


def _stickers(draft: Draft, _: Sequence[Rgb], rng: Generator) -> Draft:
    return marks.stickers(draft, rng)


def _gallery(draft: Draft, _: Sequence[Rgb], rng: Generator) -> Draft:
    return marks.gallery(draft, rng)


_ALL = (
    Edit("jpeg90", (), 90),
    Edit("jpeg50", (), 50),
    Edit("jpeg30", (), 30),
    Edit("resize50", (_resized(0.5),)),
    Edit("resize25", (_resized(0.25),)),
    Edit("crop10", (_cropped(0.10),)),
    Edit("crop25", (_cropped(0.25),)),
    Edit("crop40", (_cropped(0.40),)),
    Edit("crop60", (_cropped(0.60),)),
    Edit("mirror", (_mirrored,)),
    Edit("rot90", (_turned(1),)),
    Edit("rot180", (_turned(2),)),
    Edit("rot7", (_rotated(7),)),
    Edit("rot20", (_rotated(20),)),
    Edit("letterbox", (_letterboxed,)),
    Edit("border", (_bordered,)),
    Edit("text", (_text,)),
    Edit("emoji", (_stickers,)),
    Edit("collage4", (_collage,), others=3),
    Edit("pip50", (_picture_in_picture,), others=1),
    Edit("screenshot", (_gallery,)),
    Edit("gamma", (_toned(_gamma),)),
    Edit("contrast", (_toned(_contrast),)),
    Edit("grey", (_toned(_grey),)),
    Edit("blur", (_toned(_blur),)),
    Edit("rr5", (_replaced(0.05),), others=1),
    Edit("rr10", (_replaced(0.10),), others=1),
    Edit("rr20", (_replaced(0.20),), others=1),
    Edit("rr35", (_replaced(0.35),), others=1),
    Edit("rr20+crop25+jpeg50", (_replaced(0.20), _cropped(0.25)), 50, others=1),
    Edit("rr20+mirror+resize50", (_replaced(0.20), _mirrored, _resized(0.5)), others=1),
    Edit("rr35+crop25+jpeg50", (_replaced(0.35), _cropped(0.25)), 50, others=1),
    Edit("rr20+overlay+rot7", (_replaced(0.20), _text, _stickers, _rotated(7)), others=1),
)

EDITS: Mapping[str, Edit] = MappingProxyType({edit.name: edit for edit in _ALL})
"""All edits by name, in the order of the protocol."""

REGION_EDITS = tuple(name for name in EDITS if name.startswith("rr"))
"""The edits that replace a part of the picture."""

UNREPLACED_EDITS = tuple(name for name in EDITS if name.startswith(("jpeg", "crop")))
UNREPLACED_EDITS += ("gamma", "contrast", "grey", "blur")
"""The edits after which nothing may be said to be replaced: what is measured as falsely flagged area."""
