"""Pictures for the tests, drawn by code."""

import io
import math

import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from safelight.media.decode import decode_image
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.media import DecodedImage, Limits

LIMITS = Limits()


def scene(width: int = 192, height: int = 128, seed: int = 0) -> Image.Image:
    """A smooth picture with shapes, different for each seed; nothing in it is symmetric."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    waves = [np.sin(a * x + b * y + c) for a, b, c in rng.uniform(1, 9, (3, 3))]
    image = Image.fromarray((128 + 90 * np.stack(waves, axis=-1)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        left, top, size = rng.uniform(0, 0.8, 3)
        box = (left * width, top * height, (left + 0.1 + size / 3) * width, (top + 0.1 + size / 3) * height)
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        pen.ellipse(box, fill=colour) if rng.random() < 0.5 else pen.rectangle(box, fill=colour)
    return image


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    if form == "AVIF":
        options = {"speed": 9, "max_threads": 1, **options}
    image.save(file, form, **options)
    return file.getvalue()


def decode(data: bytes, limits: Limits = LIMITS) -> DecodedImage:
    return decode_image(data, sniff(data[:HEAD_BYTES]), limits)


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("RGB"))


def peak_error(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other).max())


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB."""
    assert one.shape == other.shape
    error = float(np.mean((one.astype(float) - other) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def pdq_bits(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The reference implementation's hash, as 256 zeros and ones."""
    bits, _ = pdqhash.compute(np.ascontiguousarray(rgb))
    return np.asarray(bits, np.uint8)


def pdq_distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return int((pdq_bits(one) != pdq_bits(other)).sum())
