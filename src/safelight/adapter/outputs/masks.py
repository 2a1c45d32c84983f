"""Masks of altered regions as PNG files in a folder of their own under a scan's output folder."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.adapter.outputs.staging import whole

FOLDER = "masks"


class FileMasks:
    """`ports.Masks` under `out`; the folder is made when the first mask comes."""

    def __init__(self, out: Path) -> None:
        self._folder = out / FOLDER

    def put(self, name: str, mask: NDArray[np.bool_]) -> str:
        """Write a mask, whole or not at all, one bit a pixel; return `masks/NAME.png`."""
        path = self._folder / f"{name}.png"
        with whole(path, FOLDER) as stream:
            Image.fromarray(mask).save(stream, "PNG")
        return f"{FOLDER}/{path.name}"
