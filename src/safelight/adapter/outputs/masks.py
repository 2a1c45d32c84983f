"""Masks of altered regions as PNG files in a folder of their own under a scan's output folder."""

import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.adapter.disk import naming
from safelight.model.errors import StorageError

FOLDER = "masks"


class FileMasks:
    """`ports.Masks` under `out`; the folder is made when the first mask comes."""

    def __init__(self, out: Path) -> None:
        self._folder = out / FOLDER

    def put(self, name: str, mask: NDArray[np.bool_]) -> str:
        """Write a mask, whole or not at all, one bit a pixel; return `masks/NAME.png`."""
        path = self._folder / f"{name}.png"
        with naming(path):
            if self._folder.is_symlink():
                raise StorageError(path=self._folder, cause="is a link; masks are not written through links")
            self._folder.mkdir(parents=True, exist_ok=True)
            file, part = tempfile.mkstemp(prefix=".", dir=self._folder)
            try:
                with os.fdopen(file, "wb") as stream:
                    Image.fromarray(mask).save(stream, "PNG")
                Path(part).replace(path)
            finally:
                Path(part).unlink(missing_ok=True)
        return f"{FOLDER}/{path.name}"
