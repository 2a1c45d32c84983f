"""Embeddings of a collection, computed once: encoding is nearly all of the benchmark's time."""

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.detect.hint.views import (
    RANDOM_QUALITIES,
    RANDOM_SHARES,
    Pixels,
    Square,
    fixed_views,
    view,
)
from safelight.ports.hinting import Encoder

EDITS = ("clean", "q75", "q50", "half")
"""What is done to a picture before it is judged as it would be in use."""
RANDOM_VIEWS = 3
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of embeddings by picture, kind and encoder; what is there already is not computed again."""

    folder: Path
    encoder: Encoder
    encoder_sha256: str

    def get(self, data: bytes, kind: str) -> NDArray[np.float32]:
        """Embeddings of one picture's views: float32, shape (views, 512).

        Args:
            data: the picture's file.
            kind: one of EDITS, for the fixed views after that edit; or "random", for the views that heads learn from.
        """
        digest = hashlib.sha256(data).hexdigest()
        key = hashlib.sha256(f"{_VERSION} {self.encoder_sha256} {digest} {kind}".encode()).hexdigest()
        path = self.folder / key[:2] / f"{key}.npy"
        if path.exists():
            found: NDArray[np.float32] = np.load(path)
            return found
        pixels = decode(data)
        views = random_views(pixels, digest) if kind == "random" else fixed_views(edited(pixels, kind))
        embedded = np.array([self.encoder(one) for one in views], np.float32)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as file:
            np.save(file, embedded)
        draft.replace(path)
        return embedded


def decode(data: bytes) -> Pixels:
    """The first frame of a trusted picture file, RGB."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.array(picture.convert("RGB"))


def edited(pixels: Pixels, edit: str) -> Pixels:
    """The picture after one of EDITS."""
    picture = Image.fromarray(pixels)
    match edit:
        case "clean":
            return pixels
        case "half":
            size = (max(1, picture.width // 2), max(1, picture.height // 2))
            return np.array(picture.resize(size, Image.Resampling.BICUBIC))
        case "q75" | "q50":
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=int(edit[1:]))
            return decode(file.getvalue())
    raise ValueError(edit)


def random_views(pixels: Pixels, digest: str) -> Iterator[Pixels]:
    """Views at random places, sizes and qualities; the same for both classes, and always the same for a picture."""
    rng = np.random.default_rng(int(digest[:16], 16))
    height, width, _ = pixels.shape
    for _ in range(RANDOM_VIEWS):
        side = max(1, round(rng.uniform(*RANDOM_SHARES) * min(height, width)))
        left, top = rng.integers(0, width - side + 1), rng.integers(0, height - side + 1)
        yield view(pixels, Square(int(left), int(top), side), int(rng.integers(*RANDOM_QUALITIES, endpoint=True)))
