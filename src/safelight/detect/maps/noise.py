"""The local noise level: parts of another origin often bring other noise.

Source: J. Immerkær, Fast noise variance estimation, CVIU 64(2), 1996: a mask that answers neither to flat nor to evenly
sloping places. Of its answers the median is taken instead of the mean, so that single edges count little.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.detect.maps.planes import Luma, Planes, Values
from safelight.model.maps import BlockMap

_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_GAIN = 6 * 0.6745  # the mask's answer to noise of one level, and the median of what is normally distributed
_TOP = 98  # percentile at the end of the colour scale

_CAPTION = (
    "How strong the finest grain is in each square, in levels of 255. A part with a clear outline and quite another "
    "level than places of the same brightness and texture around it may come from another picture, or was smoothed or "
    "sharpened. It misleads: texture (grass, cloth, hair) counts as noise; dark, overexposed and out-of-focus places "
    "have little; JPEG wipes grain out unevenly. On test pictures it told pasted squares from others with an AUC of "
    "0.81 to 0.83, where 0.5 is a guess, mostly because the two pictures differed in texture. Nothing to see does not "
    "mean that nothing was done."
)


def noise_map(planes: Planes) -> BlockMap:
    """The noise level of each square."""
    levels = noise_levels(planes.luma, planes.block)
    top = max(1.0, float(np.percentile(levels, _TOP)))
    return BlockMap("noise", "Noise level", levels, planes.block, "levels", 0.0, top, _CAPTION)


def noise_levels(luma: Luma, block: int) -> Values:
    """Standard deviation of the noise, in levels, of each square: float32 (rows, columns)."""
    answers: NDArray[np.int16] = np.abs(cv2.filter2D(luma, cv2.CV_16S, _MASK))
    height, width = luma.shape
    squares = answers.reshape(height // block, block, width // block, block).swapaxes(1, 2)
    flat = squares.reshape(height // block, width // block, block * block)
    middle = flat.shape[-1] // 2
    return np.asarray(np.partition(flat, middle, axis=-1)[..., middle] / _GAIN, np.float32)
