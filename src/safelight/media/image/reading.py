"""What the decoders share: the state of one attempt at a file, Pillow's settings, frames and orientation."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import Image, ImageFile

from safelight.media.image.checks import cause_of, check_pixels
from safelight.media.image.frames import FrameSet, frames_to_examine
from safelight.media.image.rgb import alpha_of, renditions
from safelight.model.media import DecodedImage, Limits, MediaFacts

_IN_ORDER = frozenset({"GIF", "PNG", "WEBP"})  # to reach a frame, all before it must be decoded
_ORIENTATION = 0x0112


@dataclass(slots=True)
class Reading:
    """One attempt at a file: what was found so far."""

    mime: str
    limits: Limits
    frames: FrameSet = field(init=False)
    truncated: bool = False
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frames = FrameSet(self.limits)

    def damaged(self, warning: str) -> None:
        """Note that not all of the file could be read."""
        self.truncated = True
        self.warnings.append(warning)

    def image(self, size: tuple[int, int], mode: str, *, orientation: int = 1, count: int = 1) -> DecodedImage:
        """The result; `size` is (width, height) as stored."""
        if self.frames.dropped:
            self.warnings.append(f"{self.frames.dropped} frames had no room: together they pass the pixel limit")
        width, height = size if orientation < 5 else size[::-1]
        facts = MediaFacts(
            mime=self.mime,
            width=width,
            height=height,
            orientation=orientation,
            mode=mode,
            frames=count,
            truncated=self.truncated,
            warnings=tuple(dict.fromkeys(self.warnings)),
        )
        return DecodedImage(facts, tuple(self.frames.frames))


def examine(image: Image.Image, count: int, reading: Reading, *, start: int = 0) -> None:
    """Decode the frames of an opened picture that are worth looking at, from number `start`. Only frame 0 may raise."""
    in_order = image.format in _IN_ORDER
    numbers = frames_to_examine(count, image.width * image.height, reading.limits, in_order=in_order)
    if len(numbers) < count:
        reading.warnings.append(f"{count:,} frames, of which {len(numbers)} were examined")
    reached, elapsed = start, 0.0
    for number in numbers[start:]:
        try:
            while in_order and reached < number:  # the decoder would take these steps itself, and not tell the times
                elapsed += _milliseconds(image.info.get("duration"))
                reached += 1
                image.seek(reached)
            if number:
                image.seek(number)
                check_pixels(image.size, reading.limits)
            image.load()
            time = _milliseconds(image.info.get("timestamp", elapsed)) / 1000
            for pixels in renditions(image):
                reading.frames.offer(number, pixels, None if number else alpha_of(image), time)
        except Exception as failure:
            if number == 0:
                raise
            reading.damaged(f"frame {number}: {cause_of(failure)}")
            if in_order:
                return


def _milliseconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < math.inf else 0.0


def orientation_of(image: Image.Image, reading: Reading) -> int:
    """EXIF orientation 1-8 of an opened picture; 1 with a warning when the EXIF block is damaged."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block must not cost the picture
        value = None
    return _valid(value, reading)


def orientation_in(exif: bytes | None, reading: Reading) -> int:
    """The same for a bare EXIF block (a TIFF structure), or None."""
    if exif is None:
        return 1
    try:
        tags = Image.Exif()
        tags.load(b"Exif\0\0" + exif)
        value = tags.get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - as above
        value = None
    return _valid(value, reading)


def _valid(value: object, reading: Reading) -> int:
    if isinstance(value, int) and 0 <= value <= 8:
        return value or 1  # cameras write 0 for "unknown"
    reading.warnings.append("damaged EXIF" if value is None else "EXIF orientation is none of 1-8")
    return 1


@contextmanager
def pillow_settings(reading: Reading, *, tolerant: bool = False) -> Iterator[None]:
    """Set Pillow's process-wide switches for one file, and note what it warns of.

    Its bomb check raises at twice MAX_IMAGE_PIXELS, in some plug-ins before memory is taken: ours runs through it.
    """
    saved = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Image.MAX_IMAGE_PIXELS = (reading.limits.max_pixels + 1) // 2
        ImageFile.LOAD_TRUNCATED_IMAGES = tolerant
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = saved
    texts = [str(warning.message) for warning in caught]
    if any("etadata" in text or "EXIF" in text or "Truncated File" in text for text in texts):
        reading.warnings.append("damaged metadata")
