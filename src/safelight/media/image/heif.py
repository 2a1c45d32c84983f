"""HEIC and HEIF, by libheif and libde265 through pi_heif.

libheif applies the file's own rotation and mirroring (`irot`, `imir`) and the standard says to ignore EXIF's, so the
orientation told is always 1. Sequences are not read, only still pictures (several in a burst or a collection).
"""

import numpy as np
import pi_heif
from numpy.typing import NDArray

from safelight.media.image.buffer import Buffer
from safelight.media.image.checks import cause_of, check_pixels, is_flat
from safelight.media.image.frames import frames_to_examine
from safelight.media.image.reading import Reading
from safelight.media.image.rgb import renditions
from safelight.media.image.structure import missing_bytes
from safelight.model.errors import MediaError
from safelight.model.media import DecodedImage, Limits

pi_heif.options.DECODE_THREADS = 1
pi_heif.options.THUMBNAILS = False
pi_heif.options.DEPTH_IMAGES = False
pi_heif.options.AUX_IMAGES = False


def decode_heif(data: Buffer, mime: str, limits: Limits) -> DecodedImage:
    """Decode HEIC or HEIF. Raises MediaError, or libheif's own exceptions, when nothing can be read."""
    try:
        return _read(data, Reading(mime, limits))
    except (EOFError, ValueError):
        missing = missing_bytes(data, mime)
        if not missing:
            raise
        if missing > 3 * len(data):  # of less than a quarter nothing would be recognised
            raise MediaError("cut short") from None
    reading = Reading(mime, limits)
    reading.damaged("cut short: the rest of the picture is missing")
    image = _read(bytes(data) + bytes(missing), reading)  # with the length right, libheif decodes all that is there
    if is_flat(image.frames[0].pixels):
        raise MediaError("cut short before any picture data")
    return image


def _read(data: Buffer, reading: Reading) -> DecodedImage:
    container = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    pictures = list(container)
    pictures.insert(0, pictures.pop(container.primary_index))
    del container  # it would keep every decoded picture
    size, mode, count = pictures[0].size, pictures[0].mode, len(pictures)
    check_pixels(size, reading.limits)
    numbers = frames_to_examine(count, size[0] * size[1], reading.limits, in_order=False)
    if len(numbers) < count:
        reading.warnings.append(f"{count:,} pictures, of which {len(numbers)} were examined")
    for number in numbers:
        try:
            check_pixels(pictures[number].size, reading.limits)
            for pixels in _renditions(pictures[number]):
                reading.frames.offer(number, pixels)
        except Exception as failure:
            if number == 0:
                raise
            reading.damaged(f"picture {number}: {cause_of(failure)}")
        pictures[number] = None
    return reading.image(size, mode, count=count)


def _renditions(picture: pi_heif.HeifImage) -> list[NDArray[np.uint8]]:
    if picture.mode not in ("RGB", "RGBA"):
        return renditions(picture.to_pillow())
    channels = len(picture.mode)
    data = picture.data  # decodes; the true size is known only after it
    width, height = picture.size
    return [np.frombuffer(data, np.uint8).reshape(height, width, channels)[..., :3].copy()]
