"""JPEG XL, by libjxl through pylibjxl.

libjxl applies the codestream's orientation itself, so the orientation told is always 1. It decodes nothing of a file
that is cut short. Of an animation the first frame is read: the binding offers no other.
"""

import numpy as np
import pylibjxl

from safelight.media.image.buffer import Buffer
from safelight.media.image.checks import check_pixels
from safelight.media.image.reading import Reading
from safelight.model.errors import MediaError
from safelight.model.media import DecodedImage, Limits

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_CODEC = pylibjxl.JXL(threads=1)  # the default one starts threads


def decode_jxl(data: Buffer, mime: str, limits: Limits) -> DecodedImage:
    """Decode JPEG XL. Raises MediaError, or pylibjxl's own exceptions, when it cannot."""
    header = pylibjxl.probe(data)
    width, height = header["width"], header["height"]
    check_pixels((width, height), limits)
    try:
        decoded = _CODEC.decode(data).reshape(height, width, -1)  # grey comes without a channel axis
    except RuntimeError as failure:
        raise MediaError("damaged or cut short") from failure
    channels = decoded.shape[2]
    pixels = np.repeat(decoded[..., :1], 3, axis=2) if channels < 3 else np.ascontiguousarray(decoded[..., :3])
    reading = Reading(mime, limits)
    if header["have_animation"]:
        reading.warnings.append("an animation: only its first frame was examined")
    reading.frames.offer(0, pixels)
    return reading.image((width, height), _MODES[channels])
