"""Which frames of a moving or many-paged picture matter: the first, and each that shows something not seen yet."""

import numpy as np
from numpy.typing import NDArray

from safelight.model.media import Frame, Limits

_GRID = 32
_SAMPLES = 4 * _GRID
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_NEAR_LEVELS = 0.5
_NEAR_CONTRAST = 0.04
_WORK = 5


class FrameSet:
    """Collects the frames worth hashing, in bounded memory."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._seen: list[NDArray[np.float32]] = []
        self._pixels = 0
        self.frames: list[Frame] = []
        self.dropped = 0

    def offer(
        self, number: int, pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None, time: float = 0.0
    ) -> None:
        """Keep frame `number`, shown at `time` seconds, when it differs visibly from every frame kept so far.

        All kept frames together hold at most `max_pixels` (the first is always kept); `dropped` counts those that
        were new but had no room.
        """
        if self.frames and not self._is_new(pixels):
            return
        size = pixels.shape[0] * pixels.shape[1]
        if self.frames and self._pixels + size > self._limits.max_pixels:
            self.dropped += 1
            return
        self._pixels += size
        self.frames.append(Frame(number, pixels, alpha, time))

    def _is_new(self, pixels: NDArray[np.uint8]) -> bool:
        """Compare with the frames kept so far (most files have one only, and then nothing is computed)."""
        if not self._seen:
            self._seen.append(_signature(self.frames[0].pixels))
        view = _signature(pixels)
        if any(not _differ(view, other) for other in self._seen):
            return False
        self._seen.append(view)  # also when there will be no room for it: the next one like it is no news
        return True


def frames_to_examine(count: int, canvas: int, limits: Limits, *, in_order: bool) -> list[int]:
    """Numbers of the frames to look at: at most `max_frames`, spread evenly over the clip.

    `canvas`: pixels of one frame. `in_order`: every frame before the wanted one must be decoded too (GIF, APNG, WebP).
    The pixels decoded in all stay below _WORK x max_pixels, at the price of the clip's end or of density.
    """
    affordable = max(1, _WORK * limits.max_pixels // max(1, canvas))
    reach = min(count, affordable) if in_order else count
    examined = max(1, min(reach, affordable, limits.max_frames))
    return [round(step * (reach - 1) / max(1, examined - 1)) for step in range(examined)]


def _signature(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean luma on a 32 x 32 grid, from 128 x 128 samples: float32, 0-255."""
    height, width = pixels.shape[:2]
    rows = np.arange(_SAMPLES) * height // _SAMPLES
    columns = np.arange(_SAMPLES) * width // _SAMPLES
    luma = pixels[rows[:, np.newaxis], columns] @ _LUMA
    cell = _SAMPLES // _GRID
    grid: NDArray[np.float32] = luma.reshape(_GRID, cell, _GRID, cell).mean(axis=(1, 3), dtype=np.float32)
    return grid


def _differ(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two signatures differ by more than noise, relative to the weaker picture's contrast.

    PDQ does not see brightness or contrast, so a faint picture must count as much as a strong one.
    """
    difference = float(np.sqrt(np.mean((one - other) ** 2)))
    contrast = min(float(one.std()), float(other.std()))
    return difference > max(_NEAR_LEVELS, _NEAR_CONTRAST * contrast)
