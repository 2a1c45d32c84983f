"""The mosaic that stands for a picture, or for a frame of a video, in results."""

import base64

import numpy as np
from numpy.typing import NDArray

MOSAIC = 16
"""Its side in cells: enough to tell files apart in a table, too little to see what is shown."""


def mosaic(pixels: NDArray[np.uint8]) -> str:
    """Mean colours of 16x16 cells: 768 bytes RGB, base64. `pixels`: (height, width, 3) RGB, or (height, width) grey."""
    rows = np.array_split(np.arange(pixels.shape[0]), MOSAIC)
    columns = np.array_split(np.arange(pixels.shape[1]), MOSAIC)
    cells = np.zeros((MOSAIC, MOSAIC, 3), dtype=np.uint8)
    for y, ys in enumerate(rows):
        for x, xs in enumerate(columns):
            if len(ys) and len(xs):
                cells[y, x] = pixels[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1].mean(axis=(0, 1))
    return base64.b64encode(cells.tobytes()).decode("ascii")
