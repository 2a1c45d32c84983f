"""What is sent: benign JPEG files drawn by code, PDQ codes, and questions about them."""

import io
import json

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.bench.common import texture

WIDTH, HEIGHT = 2048, 1536
"""As messengers make photographs before they send them on: 500 kB is an ordinary file of that size."""
BYTES = 500_000
_GRAIN = 14
_PLANTED = 10  # of a hundred hashes that are asked for, so many are in the bank, with up to 31 bits flipped

Codes = NDArray[np.uint8]


def pictures(count: int) -> list[bytes]:
    """JPEG files of `BYTES`, a tenth more or less."""
    return [_jpeg(np.asarray(texture(WIDTH, HEIGHT, seed, _GRAIN))) for seed in range(count)]


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """The file whose size is nearest, by halving the range of qualities."""
    image, low, high = Image.fromarray(pixels), 20, 96
    while True:
        quality, out = (low + high) // 2, io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        if high - low <= 1:
            return out.getvalue()
        low, high = (quality, high) if out.tell() < BYTES else (low, quality)


def codes(count: int) -> Codes:
    """Random codes: uint8, shape (count, 32)."""
    return np.random.default_rng(count).integers(0, 256, (count, 32), np.uint8)


def questions(known: Codes, size: int, count: int) -> list[list[str]]:
    """Batches of hashes in hexadecimal; a few of each are near known ones, the others are strangers."""
    random = np.random.default_rng(7)
    batches = random.integers(0, 256, (count, size, 32), np.uint8)
    for batch in batches:
        for row in range(0, size, max(1, 100 // _PLANTED)):
            bits = np.zeros(256, np.uint8)
            bits[random.choice(256, row % 32, replace=False)] = 1
            batch[row] = known[random.integers(len(known))] ^ np.packbits(bits)
    return [[code.tobytes().hex() for code in batch] for batch in batches]


def for_ours(hashes: list[str]) -> bytes:
    """The body of `POST /api/v1/lookup`."""
    return json.dumps({"queries": [{"id": str(n), "pdq": code} for n, code in enumerate(hashes)]}).encode()


def for_peer(hashes: list[str]) -> bytes:
    """The body of the peer's route."""
    return json.dumps({"hashes": hashes}).encode()
