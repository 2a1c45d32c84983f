"""How often a public watermark is found, after what, and how often where there is none."""

import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.bench.common import Row, at_least, at_most, informs, texture
from safelight.bench.signals.embed import embed
from safelight.demo.draw import draw
from safelight.detect.markers.dwt_dct import MIN_PIXELS, Reading, Writer, decode
from safelight.detect.markers.payloads import PAYLOADS

FOLDERS = ("corpus/photos", "corpus/synthetic/real_objects")
"""Of the shared material: photographs of things and places, at the size they have there."""

MARKED, QUICK_MARKED = 240, 24
UNMARKED, QUICK_UNMARKED = 2000, 200
DRAWN, QUICK_DRAWN = 400, 40
RECALL_BAR = 0.70

_LIBRARY = MappingProxyType({"marker_sdxl": 40, "marker_sd1": 100})
"""Bits that must agree for a hit by the library's own decoder, as published measurements have it."""

Rgb = NDArray[np.uint8]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Picture:
    """A file, or without one a picture that is drawn: a scene, a texture or a pattern, in turns by `number`."""

    path: Path | None
    number: int = 0

    def pixels(self) -> Rgb:
        if self.path is not None:
            with Image.open(self.path) as image:
                return np.array(image.convert("RGB"))
        turn, kind = divmod(self.number, 3)
        if kind == 0:
            return np.array(draw(turn, *((640, 480), (768, 512), (512, 512))[turn % 3]))
        if kind == 1:
            return texture(512 + 8 * (turn % 40), 512, turn, grain=turn % 7)
        return _pattern(turn)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A message and the kind of program that embeds it. `after`: the changes to measure."""

    what: str
    payload: str
    writer: Writer
    after: tuple[str, ...] = ("untouched",)
    judged: bool = False


def _pattern(number: int) -> Rgb:
    """Noise that repeats itself as often as a message would: the hardest case for telling one from the other."""
    blocks = [len(payload.message) for payload in PAYLOADS][number % len(PAYLOADS)]
    shape = (8 * (1 + number % 2), 8 * blocks, 3)
    tile = np.random.default_rng(number).integers(0, 256 >> number % 4, shape, dtype=np.uint8)
    return np.ascontiguousarray(np.tile(tile, (40, 1 + 130 // blocks, 1)))


def _encoded(form: str, **options: Any) -> Callable[[Rgb], Rgb]:  # noqa: ANN401 - Pillow's own options
    def change(pixels: Rgb) -> Rgb:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, form, **options)
        with Image.open(file) as image:
            return np.array(image.convert("RGB"))

    return change


def _halved(pixels: Rgb) -> Rgb:
    image = Image.fromarray(pixels)
    half = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
    return np.array(half.resize(image.size, Image.Resampling.LANCZOS))


CHANGES: Mapping[str, Callable[[Rgb], Rgb]] = MappingProxyType(
    {
        "untouched": lambda pixels: pixels,
        "saved as PNG": _encoded("PNG", compress_level=1),
        "JPEG q98 4:2:0": _encoded("JPEG", quality=98, subsampling=2),
        "JPEG q95 4:2:0": _encoded("JPEG", quality=95, subsampling=2),
        "JPEG q90 4:2:0": _encoded("JPEG", quality=90, subsampling=2),
        "JPEG q76 4:2:2": _encoded("JPEG", quality=76, subsampling=1),
        "JPEG q75 4:4:4": _encoded("JPEG", quality=75, subsampling=0),
        "JPEG q40 4:4:4": _encoded("JPEG", quality=40, subsampling=0),
        "half size and back": _halved,
        "8 pixels cropped off": lambda pixels: np.ascontiguousarray(pixels[8:, 8:]),
    }
)
"""What is done to a marked picture, by name."""

_MARKS = (
    _Mark("SDXL", "marker_sdxl", Writer.BYTES, tuple(CHANGES), judged=True),
    _Mark("SD1", "marker_sd1", Writer.BYTES, tuple(CHANGES), judged=True),
    _Mark("SDXL as diffusers writes it", "marker_sdxl", Writer.FLOATS, tuple(CHANGES)),
    _Mark("SDXL as diffusers wrote it until 2024", "marker_sdxl", Writer.SWAPPED),
    _Mark("FLUX", "marker_flux", Writer.FLOATS),
    _Mark("SD2", "marker_sd2", Writer.BYTES),
)


def run(quick: bool, say: Say) -> list[Row]:
    """Recall of marks, and false hits; on the shared pictures where they are at hand, else on drawn ones alone."""
    root = Path(os.environ.get("SAFELIGHT_SHARED", "../shared"))
    files = [_Picture(path) for path in _files(root)]
    drawn = [_Picture(None, number) for number in range(QUICK_DRAWN if quick else DRAWN)]
    carriers = _spread(files or drawn, QUICK_MARKED if quick else MARKED)
    say(f"marking {len(carriers)} {'photographs' if files else 'drawn pictures'}, {len(_MARKS)} ways")
    rows = _recall([_read_marked(picture) for picture in carriers])
    unmarked = _spread(files, QUICK_UNMARKED if quick else UNMARKED) + drawn
    say(f"reading {len(unmarked)} unmarked pictures")
    return rows + _false_hits([decode(picture.pixels()) for picture in unmarked])


def _files(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.jp*g")):
            with Image.open(path) as image:
                large_enough = image.width * image.height >= MIN_PIXELS
            if large_enough:
                yield path


def _spread(pictures: Sequence[_Picture], most: int) -> list[_Picture]:
    """At most so many, evenly chosen."""
    if len(pictures) <= most:
        return list(pictures)
    return [pictures[number * len(pictures) // most] for number in range(most)]


def _read_marked(picture: _Picture) -> dict[tuple[str, str], Reading]:
    """What is read of each mark after each change."""
    pixels = picture.pixels()
    found = {}
    for mark in _MARKS:
        bits = next(payload.bits for payload in PAYLOADS if payload.name == mark.payload)
        marked = embed(pixels, bits, mark.writer)
        for change in mark.after:
            readings = decode(CHANGES[change](marked))
            found[mark.what, change] = next(one for one in readings if one.payload.name == mark.payload)
    return found


def _recall(found: Sequence[Mapping[tuple[str, str], Reading]]) -> list[Row]:
    rows = []
    n = len(found)
    for mark in _MARKS:
        for change in mark.after:
            share = sum(one[mark.what, change].present for one in found) / n
            what = f"recall of the mark of {mark.what}, {change}"
            judged = mark.judged and change == "untouched"
            rows.append(at_least(what, share, "", RECALL_BAR, n) if judged else informs(what, share, "", n))
        if mark.judged:
            needed = _LIBRARY[mark.payload]
            share = sum(one[mark.what, "untouched"].library_agrees >= needed for one in found) / n
            bits = len(found[0][mark.what, "untouched"].payload.message)
            what = f"the same by the library's own decoder, {needed} of {bits} bits needed"
            rows.append(informs(what, share, "", n))
    return rows


def _false_hits(found: Sequence[tuple[Reading, ...]]) -> list[Row]:
    n = len(found)
    hits = sum(any(reading.present for reading in one) for one in found)
    rows = [at_most("unmarked pictures in which a mark was found", hits, "pictures", 0, n)]
    for payload in PAYLOADS:
        readings = [reading for one in found for reading in one if reading.payload == payload]
        name = payload.name.removeprefix("marker_").upper()
        what = f"unmarked pictures, largest likeness to the mark of {name} (needed: {payload.needed:g})"
        rows.append(informs(what, max(reading.likeness for reading in readings), "", n))
        what = f"unmarked pictures, most bits that agree with it, of {len(payload.message)}"
        rows.append(informs(what, max(reading.bits_agree for reading in readings), "bits", n))
    return rows
