"""Any of Pillow's colour modes to 8-bit RGB, as the PDQ reference sees it: `Image.convert("RGB")`.

That drops alpha (pixels under it stay what they are stored as), applies palettes, turns CMYK and YCbCr by Pillow's own
formulas and ignores ICC profiles. Work goes in strips, so that a large picture is never held three times.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from safelight.media.image.checks import is_flat

_STRIP = 1 << 20  # pixels
_LAB_TO_RGB = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
_VIA = {"La": "LA", "RGBa": "RGBA"}  # alpha is multiplied in: divide it out first
_DEEP = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N", "F"})


def renditions(image: Image.Image) -> list[NDArray[np.uint8]]:
    """The RGB forms under which a loaded picture may be known: uint8, shape (height, width, 3), C-contiguous.

    One for 8-bit modes. For deep grey ones (16 or 32 bits, float) Pillow clips values to 0-255, which the reference
    hashes and published vectors show; where that loses something, a second form follows that keeps the full range.
    A clipped form that is one flat colour is left out.
    """
    clipped = to_rgb(image)
    if image.mode not in _DEEP:
        return [clipped]
    scale = _scale_of(image)
    if scale == 1:
        return [clipped]
    scaled = np.empty_like(clipped)
    for top, strip in _strips(image):
        grey = np.nan_to_num(_numbers(strip), nan=0, posinf=1e30, neginf=0)
        scaled[top : top + strip.height] = (grey * scale).clip(0, 255).astype(np.uint8)[..., np.newaxis]
    return [scaled] if is_flat(clipped) else [clipped, scaled]


def alpha_of(image: Image.Image) -> NDArray[np.uint8] | None:
    """The alpha plane of a loaded picture as it is stored, uint8 of shape (height, width); None without one."""
    return np.asarray(image.getchannel("A"), np.uint8) if "A" in image.getbands() else None


def to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """`image.convert("RGB")` as an array, for every mode a Pillow decoder gives."""
    out = np.empty((image.height, image.width, 3), np.uint8)
    for top, strip in _strips(image):
        out[top : top + strip.height] = np.asarray(_convert(strip))
    return out


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(image.height, top + rows)))


def _convert(strip: Image.Image) -> Image.Image:
    if strip.mode == "RGB":
        return strip
    if strip.mode == "LAB":
        return _LAB_TO_RGB.apply(strip)
    strip.info.pop("transparency", None)  # Pillow would carry the transparent colour over, and fails at that for some
    return strip.convert(_VIA.get(strip.mode, strip.mode)).convert("RGB")


def _numbers(strip: Image.Image) -> NDArray[np.float64]:
    """The values of a deep grey picture, shape (height, width)."""
    return np.asarray(strip if strip.mode != "I;16N" else strip.convert("I"), np.float64)


def _scale_of(image: Image.Image) -> float:
    """What to multiply deep values by to bring them to 0-255; 1 when they are there already.

    Whole numbers are shifted down by as many bits as the largest needs, so that full 16-bit range keeps its high byte,
    as other 8-bit readers do, and 12 bits in 16 keep their high 8. Fractions up to 1 are taken for 0.0-1.0.
    """
    highest = 0.0
    for _, strip in _strips(image):
        values = _numbers(strip)
        highest = max(highest, float(values.max(where=np.isfinite(values), initial=0)))
    if image.mode == "F":
        return 255 / highest if highest > 255 else 255 if 0 < highest <= 1 else 1
    return 2.0 ** -max(0, int(highest).bit_length() - 8)
