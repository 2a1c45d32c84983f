"""Pictures drawn by code that behave like photographs: shapes, slopes, and grain at every scale."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Rgb = NDArray[np.uint8]


def photo(seed: int, width: int = 480, height: int = 320) -> Rgb:
    """Always the same picture for one seed: some forty shapes before a slope, under 1/f grain."""
    random = np.random.default_rng(seed)
    across, down = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    slope = (across * random.uniform(-60, 60) + down * random.uniform(-60, 60))[..., None]
    canvas = np.asarray(np.clip(random.uniform(60, 190, 3) + slope, 0, 255), np.uint8)
    for _ in range(40):
        centre = int(random.integers(0, width)), int(random.integers(0, height))
        axes = int(random.integers(6, width // 5)), int(random.integers(6, height // 5))
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        cv2.ellipse(canvas, centre, axes, float(random.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    grain = sum(
        cv2.resize(random.normal(0, 5, (max(2, height // step), max(2, width // step), 1)), (width, height))
        for step in (1, 2, 4, 8, 16)
    )
    return np.asarray(np.clip(canvas + np.asarray(grain)[..., None], 0, 255), np.uint8)


def jpeg(rgb: Rgb, quality: int | str = 75, **options: object) -> bytes:
    """The picture saved by Pillow. `quality`: 1 to 100, -1 for tables as given, or the name of a preset."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


def decoded(data: bytes) -> Rgb:
    """The pixels of a file, RGB."""
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


def resaved(rgb: Rgb, quality: int) -> Rgb:
    """The picture as it is after being saved and opened."""
    return decoded(jpeg(rgb, quality))


def sized(rgb: Rgb, width: int, height: int) -> Rgb:
    """The picture made smaller or larger."""
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
