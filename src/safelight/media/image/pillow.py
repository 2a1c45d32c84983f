"""Pictures that Pillow decodes: PNG, APNG, WebP, GIF, BMP, TIFF, JPEG 2000, AVIF, and the JPEGs simplejpeg does not.

A file is opened by the one plug-in of its sniffed type. First strictly; when that fails, once more reading what can be
read, then with the missing end filled up (libwebp and dav1d refuse a file that is cut short, yet decode all that is
there when the length is right).
"""

from collections.abc import Iterator

from PIL import AvifImagePlugin as Avif
from PIL import BmpImagePlugin as Bmp
from PIL import GifImagePlugin as Gif
from PIL import Image
from PIL import Jpeg2KImagePlugin as Jpeg2K
from PIL import JpegImagePlugin as Jpeg
from PIL import MpoImagePlugin as Mpo
from PIL import PngImagePlugin as Png
from PIL import TiffImagePlugin as Tiff
from PIL import WebPImagePlugin as WebP

from safelight.media.image.buffer import Buffer, as_file
from safelight.media.image.checks import cause_of, check_pixels, is_flat
from safelight.media.image.reading import Reading, examine, orientation_of, pillow_settings
from safelight.media.image.structure import (
    declared_length,
    gif_frames,
    missing_bytes,
    png_structure,
    png_text,
    png_without_text,
    trailing_data,
    whole_webp_frames,
)
from safelight.model.errors import LimitExceededError, MediaError
from safelight.model.media import DecodedImage, Limits

_FORMATS = {
    "image/jpeg": Jpeg.JpegImageFile.format,
    "image/png": Png.PngImageFile.format,
    "image/apng": Png.PngImageFile.format,
    "image/webp": WebP.WebPImageFile.format,
    "image/gif": Gif.GifImageFile.format,
    "image/bmp": Bmp.BmpImageFile.format,
    "image/tiff": Tiff.TiffImageFile.format,
    "image/jp2": Jpeg2K.Jpeg2KImageFile.format,
    "image/avif": Avif.AvifImageFile.format,
}
_MULTI_PICTURE = Mpo.MpoImageFile.format  # the JPEG plug-in imports this one late, when no file can be opened any more
_MOST_PAGES = 10_000
_MUCH_TEXT = 4 << 20  # bytes of text chunks that a PNG is not decoded with
# What to fill up with. The coded data must not break a rule by it: one or the other may do.
_FILLS = {"image/webp": (b"\0", b"\x80"), "image/avif": (b"\0", b"\xff", b"\x55", b"\xaa")}

Avif.DEFAULT_MAX_THREADS = 1  # the pool of processes is the parallelism


def decode_with_pillow(data: Buffer, mime: str, limits: Limits) -> DecodedImage:
    """Decode by Pillow. Raises MediaError, or MemoryError, when nothing can be read."""
    first: Exception | None = MediaError("cut short") if missing_bytes(data, mime) else None
    for tolerant, content in _attempts(data, mime):
        try:
            image = _read(content, mime, limits, tolerant=tolerant)
        except (LimitExceededError, Image.DecompressionBombError, MemoryError):
            raise
        except Exception as failure:  # noqa: BLE001 - plug-ins raise many kinds; the first one is told
            first = first or failure
            continue
        if not (tolerant and all(is_flat(frame.pixels) for frame in image.frames)):
            return image
    raise MediaError("cut short before any picture data" if first is None else cause_of(first))


def further_pictures(data: Buffer, reading: Reading) -> int:
    """Read the pictures behind the first one of a multi-picture JPEG into `reading`; the number of all pictures."""
    try:
        with pillow_settings(reading):
            image = Image.open(as_file(data), formats=[_FORMATS["image/jpeg"]])
            count = int(getattr(image, "n_frames", 1))
            if image.format == _MULTI_PICTURE and count > 1:
                examine(image, count, reading, start=1)
                return count
    except Exception as failure:  # noqa: BLE001 - the first picture is read already
        reading.damaged(f"further pictures: {cause_of(failure)}")
    return 1


def _attempts(data: Buffer, mime: str) -> Iterator[tuple[bool, Buffer]]:
    is_png = mime in ("image/png", "image/apng")
    if is_png and png_text(data) > _MUCH_TEXT:
        data = png_without_text(data)
    yield False, data
    if is_png:  # a megabyte of packed text can be a gigabyte unpacked: Pillow gives up the picture for the sake of it
        bare = png_without_text(data)
        if len(bare) < len(data):
            data = bare
            yield False, data
    yield True, data
    if mime == "image/tiff":  # says no length; its directory may be at the end and reach a little beyond
        yield True, bytes(data) + bytes(1 << 16)
    missing = missing_bytes(data, mime)
    if missing <= 3 * len(data):  # of less than a quarter nothing would be recognised
        for fill in _FILLS.get(mime, ()) if missing else ():
            yield True, bytes(data) + fill * missing
    if mime == "image/webp" and missing and (shorter := whole_webp_frames(data)):
        yield True, shorter


def _read(data: Buffer, mime: str, limits: Limits, *, tolerant: bool) -> DecodedImage:
    reading = Reading(mime, limits)
    with pillow_settings(reading, tolerant=tolerant):
        image = Image.open(as_file(data), formats=[_FORMATS[mime]])
        size, mode = image.size, image.mode
        check_pixels(size, limits)
        count = _count_frames(image, data)
        image.load()  # before EXIF is asked for: a PNG may hold it behind the pixels
        orientation = 1 if image.format == "TIFF" else orientation_of(image, reading)  # Pillow applies TIFF's itself
        examine(image, count, reading)
    if tolerant:
        reading.damaged("damaged or cut short: what could be read is used")
    end = None
    if mime in ("image/png", "image/apng"):
        end = png_structure(data).end
        if end is None and not tolerant:
            reading.damaged("cut short after the picture data")
    elif mime == "image/webp":
        end = (declared_length(data, mime) or 0) + 1 & ~1  # chunks are padded to an even length
    if note := trailing_data(data, end):
        reading.warnings.append(note)
    return reading.image(size, mode, orientation=orientation, count=count)


def _count_frames(image: Image.Image, data: Buffer) -> int:
    """Frames there are, not frames a header promises. GIF and TIFF are counted in bounded time."""
    promised = int(getattr(image, "n_frames", 1)) if image.format not in ("GIF", "TIFF") else 0
    if image.format == "GIF":
        return max(1, gif_frames(data))
    if image.format == "PNG":
        return max(1, min(promised, png_structure(data).frames + 1))
    if image.format == "TIFF":
        return _count_pages(image)
    return promised


def _count_pages(image: Image.Image) -> int:
    pages = 1
    try:
        while pages < _MOST_PAGES:
            image.seek(pages)
            pages += 1
    except Exception:  # noqa: BLE001, S110 - EOFError at the last page; anything else ends the readable ones
        pass
    image.seek(0)
    return pages
