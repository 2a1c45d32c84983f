"""Thumbnails as cameras and programs make them, and pictures as people change them."""

from random import Random

import cv2
import numpy as np

from tests.detect.coding.pictures import Rgb, decoded, jpeg, sized

WAYS = ("bars", "stretched", "cropped", "square", "small")
Box = tuple[int, int, int, int]


def thumbnail(picture: Rgb, way: str, random: Random) -> Rgb:
    """A thumbnail of the picture; one of seven is turned."""
    height, width = picture.shape[:2]
    if way == "bars":
        small = _with_bars(picture)
    elif way == "stretched":
        small = sized(picture, 160, 120)
    elif way == "cropped":
        small = sized(
            _middle(picture, 4 / 3 if width >= height else 3 / 4), *((160, 120)[:: 1 if width >= height else -1])
        )
    elif way == "square":
        small = sized(_middle(picture, 1), 128, 128)
    else:
        share = random.choice([96, 160, 256]) / max(height, width)
        small = sized(picture, max(8, round(width * share)), max(8, round(height * share)))
    if random.random() < 1 / 7:
        small = np.rot90(small, random.choice([1, 2, 3]))
    return decoded(jpeg(np.ascontiguousarray(small), random.randint(35, 92)))


def _with_bars(picture: Rgb) -> Rgb:
    height, width = picture.shape[:2]
    frame = np.zeros((120, 160, 3), np.uint8)
    share = min(160 / width, 120 / height)
    across, down = max(1, round(width * share)), max(1, round(height * share))
    left, top = (160 - across) // 2, (120 - down) // 2
    frame[top : top + down, left : left + across] = sized(picture, across, down)
    return frame


def _middle(picture: Rgb, shape: float) -> Rgb:
    height, width = picture.shape[:2]
    across, down = min(width, round(height * shape)), min(height, round(width / shape))
    left, top = (width - across) // 2, (height - down) // 2
    return picture[top : top + down, left : left + across]


def retouched(picture: Rgb, random: Random) -> Rgb:
    """The picture in other tones, or softer, or without a narrow margin: what is no reason for an alarm."""
    light = picture.astype(np.float32) / 255
    kind = random.randrange(5)
    if kind == 0:
        light = light * random.uniform(0.7, 1.4)
    elif kind == 1:
        light = light ** random.uniform(0.6, 1.7)
    elif kind == 2:
        light = (light - 0.5) * random.uniform(0.7, 1.5) + 0.5
    elif kind == 3:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), random.uniform(0.5, 2)))
    changed = np.asarray(255 * np.clip(light, 0, 1), np.uint8)
    margin = random.uniform(0, 0.02)
    down, across = int(margin * picture.shape[0]), int(margin * picture.shape[1])
    return np.ascontiguousarray(changed[down : len(changed) - down, across : changed.shape[1] - across])


def replaced(picture: Rgb, other: Rgb, random: Random) -> tuple[Rgb, Box]:
    """The picture with 20 to 50 % of it replaced by another, and where."""
    height, width = picture.shape[:2]
    area, shape = random.uniform(0.2, 0.5), random.uniform(0.6, 1.6)
    down = min(height, int((area * height * width * shape) ** 0.5))
    across = min(width, int(area * height * width / down))
    left, top = random.randint(0, width - across), random.randint(0, height - down)
    changed = picture.copy()
    changed[top : top + down, left : left + across] = sized(other, width, height)[
        top : top + down, left : left + across
    ]
    return changed, (left, top, left + across, top + down)


def cropped(picture: Rgb, random: Random) -> Rgb:
    """45 to 85 % of each side."""
    height, width = picture.shape[:2]
    across, down = int(width * random.uniform(0.45, 0.85)), int(height * random.uniform(0.45, 0.85))
    left, top = random.randint(0, width - across), random.randint(0, height - down)
    return np.ascontiguousarray(picture[top : top + down, left : left + across])


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    across, down = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
    both = max(0, across) * max(0, down)
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (one, other)]
    return both / (sum(areas) - both)
