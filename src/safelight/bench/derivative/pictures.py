"""The pictures a run works on: photographs from folders, or drawn ones where there are none."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from safelight.bench.derivative.draft import Rgb
from safelight.demo.draw import draw, title
from safelight.fingerprint import pdq
from safelight.model.errors import InputError

LONGEST = 768
"""Pixels that the longest side is reduced to."""

SMALLEST = 48
"""Pixels. Photographs with a shorter side are left out."""

SAME_PICTURE = 70
"""PDQ distance, over the eight dihedral forms, up to which two pictures count as one."""

FORMATS = frozenset({".jpg", ".jpeg", ".png", ".webp"})


TWINS = (
    frozenset({"deb_08401b17735c", "deb_a962310c7009"}),
    frozenset({"deb_1c882d07f7f1", "deb_95f7441cedd4"}),
    frozenset({"deb_267f70ed55a2", "deb_852daf891ab3"}),
    frozenset({"deb_5c55400207a6", "deb_8b814d93fcb5"}),
    frozenset({"deb_682d2ae8f6ad", "deb_bb84913cbca6"}),
    frozenset({"deb_7431b475b889", "deb_cebfb857a7f7"}),
    frozenset({"deb_7e6f62d0d3a5", "deb_838a12033426"}),
    frozenset({"deb_8d219462b9ca", "deb_91e49f54a9bb"}),
    frozenset({"elem_f0625aa68f18", "popos_1c0915e5ff6f"}),
    frozenset({"popos_829469e2736a", "popos_bf6bfef7981b"}),
    frozenset({"dataset__cat__02", "dataset__cat__03"}),
)
"""Pictures of the shared corpus that are one artwork or photograph in another crop, turn or colour, beyond PDQ's reach.

Safelight found them as derivatives of each other; a person looked at each pair. One picture can be no negative of its
own other half.
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. `key`: unique name; `digest`: SHA-256 of the file's bytes (of the pixels, if drawn), hexadecimal.

    Exactly one of `path` and `drawn` (the number `demo.draw` knows it by) is set.
    """

    key: str
    digest: str
    path: Path | None = None
    drawn: int | None = None

    def load(self) -> Rgb:
        """The pixels, upright, longest side at most `LONGEST`; read-only, shared by all who load it.

        Raises InputError when the file cannot be decoded.
        """
        return _load(self.path, self.drawn)


@lru_cache(maxsize=128)  # what is edited 33 times is decoded once
def _load(path: Path | None, number: int | None) -> Rgb:
    if path is None:
        pixels = np.array(draw(number or 0, LONGEST, LONGEST * 3 // 4))
    else:
        try:
            with Image.open(path) as opened:
                pixels = np.array(ImageOps.exif_transpose(opened).convert("RGB"))
        except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
            raise InputError(path=path, cause=f"not a picture that can be read ({type(error).__name__})") from error
    pixels = reduced(pixels)
    pixels.flags.writeable = False
    return pixels


def reduced(pixels: Rgb) -> Rgb:
    """The picture with its longest side at `LONGEST` if it was longer; never enlarged."""
    height, width = pixels.shape[:2]
    factor = LONGEST / max(height, width)
    if factor >= 1:
        return pixels
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def photographs(folder: Path, limit: int | None = None) -> list[Picture]:
    """The picture files in `folder` and below, by name. With a `limit`, that many, chosen by their digests.

    Raises InputError when there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise InputError(path=folder, cause="there is no such folder")
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in FORMATS and path.is_file()]
    if not found:
        raise InputError(path=folder, cause=f"holds no pictures ({', '.join(sorted(FORMATS))})")
    pictures = [
        Picture(path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest(), path)
        for path in found
    ]
    if limit is not None and len(pictures) > limit:
        chosen = {one.digest for one in sorted(pictures, key=lambda one: one.digest)[:limit]}
        pictures = [one for one in pictures if one.digest in chosen]
    return pictures


def drawings(count: int) -> list[Picture]:
    """The first `count` drawn pictures."""
    return [
        Picture(f"drawn/{title(number)}", hashlib.sha256(_load(None, number).tobytes()).hexdigest(), drawn=number)
        for number in range(count)
    ]


def distinct(pictures: Sequence[Picture], say: Callable[[str], None]) -> list[Picture]:
    """The first, in the order given, of each group of pictures that PDQ takes for one another.

    A group is all that hang together by distances of at most `SAME_PICTURE` in any of the eight dihedral forms, and the
    `TWINS`. What
    cannot be read, is too small, or is so even that it has no PDQ is left out and named through `say`.
    """
    kept: list[Picture] = []
    codes: list[bytes] = []
    for picture in pictures:
        try:
            pixels = picture.load()
        except InputError as error:
            say(f"left out: {error}")
            continue
        found = pdq.pdq(pixels) if min(pixels.shape[:2]) >= SMALLEST else None
        if found is None:
            say(f"left out: {picture.key}: too small or too even")
            continue
        kept.append(picture)
        codes.append(bytes.fromhex("".join(found.dihedral)))
    return [kept[row] for row in _firsts(codes, [PurePosixPath(one.key).stem for one in kept])]


def _firsts(codes: Sequence[bytes], stems: Sequence[str]) -> Iterable[int]:
    """The lowest row of each connected group. `codes`: the eight forms of each row, 8 x 32 bytes; `stems`: names."""
    forms = np.frombuffer(b"".join(codes), np.uint64).reshape(-1, 8, 4)
    root = list(range(len(codes)))

    def find(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for row in range(1, len(codes)):
        distances = np.bitwise_count(forms[:row] ^ forms[row, 0]).sum(axis=2, dtype=np.int64).min(axis=1)
        for other in np.flatnonzero(distances <= SAME_PICTURE).tolist():
            low, high = sorted((find(row), find(other)))
            root[high] = low
    for twins in TWINS:
        rows = [row for row, stem in enumerate(stems) if stem in twins]
        for other in rows[1:]:
            low, high = sorted((find(rows[0]), find(other)))
            root[high] = low
    return [row for row in range(len(codes)) if find(row) == row]


def fine_detail(pixels: Rgb) -> float:
    """Share of the picture (0 to 1) whose surroundings of 16x16 pixels vary in luma by a deviation above 6.

    Taken with the longest side at 384. Small on skies, plain walls and gradients: what keypoints have no hold on.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = min(1.0, 384 / max(grey.shape))
    grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    luma = np.asarray(grey, np.float32)
    mean, mean_square = cv2.blur(luma, (16, 16)), cv2.blur(luma * luma, (16, 16))
    return float((np.asarray(mean_square) - np.asarray(mean) ** 2 > 6**2).mean())


LOW_TEXTURE = 1 / 3
"""Fine detail below which a picture is called low in texture: about every tenth photograph."""
