"""JPEG, by libjpeg-turbo through simplejpeg: the same pixels as Pillow's in about half its time.

What simplejpeg does not turn into RGB (CMYK, YCCK) goes to Pillow. The pictures behind the first one of a
multi-picture file (CIPA DC-007: stereo, bursts) are read as further frames.
"""

import re

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from safelight.media.image.buffer import Buffer
from safelight.media.image.checks import check_pixels, is_flat
from safelight.media.image.pillow import decode_with_pillow, further_pictures
from safelight.media.image.reading import Reading, orientation_in
from safelight.media.image.structure import JpegHeader, jpeg_end, jpeg_header, trailing_data
from safelight.model.errors import MediaError
from safelight.model.media import DecodedImage, Limits

_MODES = {"YCbCr": "YCbCr", "RGB": "RGB", "Gray": "L"}  # the colour spaces simplejpeg turns into RGB as Pillow does
_END = re.compile(rb"\xff\xd9")


def decode_jpeg(data: Buffer, mime: str, limits: Limits) -> DecodedImage:
    """Decode a JPEG. Raises MediaError when nothing can be read."""
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except (ValueError, KeyError):  # KeyError: sampling factors that have no name in it, but are decoded all the same
        return decode_with_pillow(data, mime, limits)
    check_pixels((width, height), limits)
    if colours not in _MODES:
        return decode_with_pillow(data, mime, limits)
    reading = Reading(mime, limits)
    header = jpeg_header(data)
    orientation = orientation_in(header.exif, reading)
    end = _end(data, header)
    if len(data) <= header.samples:  # libjpeg would make something up
        raise MediaError("cut short before any picture data")
    try:
        pixels = _pixels(data, (height, width), reading, whole=end is not None)
    except ValueError:  # libjpeg gave up for good: Pillow keeps the rows that were done by then
        return decode_with_pillow(data, mime, limits)
    reading.frames.offer(0, pixels)
    count = further_pictures(data, reading) if header.multi_picture else 1
    if not header.multi_picture and (note := trailing_data(data, end)):
        reading.warnings.append(note)
    return reading.image((width, height), _MODES[colours], orientation=orientation, count=count)


def _end(data: Buffer, header: JpegHeader) -> int | None:
    """As `jpeg_end`. Walking is left out where the first mark that may be the end is the file's end."""
    first = _END.search(data, header.samples)
    return len(data) if first is not None and first.end() == len(data) else jpeg_end(data, header.scan)


def _pixels(data: Buffer, shape: tuple[int, int], reading: Reading, *, whole: bool) -> NDArray[np.uint8]:
    """The RGB pixels; of a damaged file as far as they go. `whole`: the end-of-image marker is there."""
    try:
        return simplejpeg.decode_jpeg(data)  # type: ignore[no-any-return]  # the package ships no types
    except ValueError:  # strict: any complaint of libjpeg
        pass
    # What libjpeg leaves unwritten must be black, not whatever the memory held before: an earlier file's pixels.
    blank = np.zeros((*shape, 3), dtype=np.uint8)
    pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, strict=False, buffer=blank)
    if is_flat(pixels):
        raise MediaError("damaged or cut short: no picture data can be decoded")
    reading.damaged("damaged: parts may be missing" if whole else "cut short: the rest of the picture is missing")
    return pixels
