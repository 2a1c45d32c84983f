"""What people and programs do to pictures they pass on, as recipes from a picture to a file's bytes."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pylibjxl
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from safelight.demo.containers import png48

Picture = Image.Image
Turn = Image.Transpose

EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to change a picture. Files become `folder/title-word.suffix`; `why` explains what a scan should find."""

    folder: str
    word: str
    suffix: str
    why: str
    make: Callable[[Picture], bytes]


def encode(picture: Picture, kind: str, **options: object) -> bytes:
    """The picture as a file of Pillow's format `kind`."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(picture: Picture, quality: int = 88) -> bytes:
    """A baseline JPEG."""
    return encode(picture, "JPEG", quality=quality)


def stored_turned(picture: Picture, orientation: int) -> bytes:
    """A JPEG stored turned, as cameras do, with the EXIF orientation (2-8) that turns it upright."""
    undo = {
        2: Turn.FLIP_LEFT_RIGHT,
        3: Turn.ROTATE_180,
        4: Turn.FLIP_TOP_BOTTOM,
        5: Turn.TRANSPOSE,
        6: Turn.ROTATE_90,
        7: Turn.TRANSVERSE,
        8: Turn.ROTATE_270,
    }
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    return encode(picture.transpose(undo[orientation]), "JPEG", quality=88, exif=exif)


def _resized(picture: Picture, share: float) -> Picture:
    return picture.resize((round(picture.width * share), round(picture.height * share)), Image.Resampling.LANCZOS)


def _bars(picture: Picture, across: float, along: float, colour: str) -> Picture:
    """Bars of that share of the picture's width at left and right, of its height above and below."""
    sides = (round(picture.width * across), round(picture.height * along))
    return ImageOps.expand(picture, sides, colour)


def _framed(picture: Picture) -> Picture:
    """A dark line inside a pale margin."""
    return ImageOps.expand(ImageOps.expand(picture, 3, "#fbfaf6"), 28, "#fbfaf6")


def _stamped(picture: Picture) -> Picture:
    """A date in the corner, as cameras print it."""
    copy = picture.copy()
    ImageDraw.Draw(copy).text((copy.width - 118, copy.height - 26), "2024-06-01", fill="#ffb347", font_size=18)
    return copy


def _warmer(picture: Picture) -> Picture:
    red, green, blue = picture.split()
    return Image.merge("RGB", (red.point(lambda v: min(255, v * 1.08)), green, blue.point(lambda v: v * 0.9)))


def _noisy(picture: Picture) -> Picture:
    noise = np.random.default_rng(9).normal(0, 8, (picture.height, picture.width, 1))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


def _see_through(picture: Picture) -> Picture:
    """With an alpha channel that fades towards one corner; the colours under it are whole."""
    ramp = np.add.outer(np.linspace(255, 120, picture.height), np.linspace(0, -100, picture.width))
    copy = picture.copy()
    copy.putalpha(Image.fromarray(np.clip(ramp, 20, 255).astype(np.uint8)))
    return copy


def _jxl(picture: Picture) -> bytes:
    encoded = pylibjxl.encode(np.asarray(picture), effort=3, distance=1.5)
    return bytes(encoded)


def _deep_grey(picture: Picture) -> bytes:
    """A 16-bit grey PNG."""
    grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    return encode(Image.fromarray(grey), "PNG", compress_level=1)


def _pages(picture: Picture) -> bytes:
    """A TIFF whose first page is a blank cover."""
    cover = Image.new("RGB", picture.size, "#f4f1e8")
    fresh = picture.copy()  # a picture that was saved as JPEG keeps options that the TIFF writer trips over
    return encode(cover, "TIFF", save_all=True, append_images=[fresh], compression="tiff_adobe_deflate")


def _changed(change: Callable[[Picture], Picture], quality: int = 85) -> Callable[[Picture], bytes]:
    return lambda picture: jpeg(change(picture), quality)


def _saved(kind: str, mode: str = "RGB", **options: object) -> Callable[[Picture], bytes]:
    return lambda picture: encode(picture.convert(mode), kind, **options)


def _sized(share: float, quality: int = 85) -> Callable[[Picture], bytes]:
    return _changed(partial(_resized, share=share), quality)


def _turned(how: Turn) -> Callable[[Picture], bytes]:
    return _changed(lambda picture: picture.transpose(how))


def _toned(enhancer: Callable[[Picture], ImageEnhance._Enhance], factor: float) -> Callable[[Picture], bytes]:
    return _changed(lambda picture: enhancer(picture).enhance(factor))


_AGAIN = "the picture saved again: PDQ hardly moves"
_SIZE = "the picture at another size: PDQ does not depend on size"
_TURN = "turned or mirrored: found by one of the eight dihedral hashes"
_STORED = "stored turned, with an EXIF orientation that turns it back"
_BORDER = "inside a uniform border: found by the hash of the content box"
_TONE = "tone or colour changed a little: PDQ looks at coarse brightness"
_FORMAT = "another file format: the same pixels after decoding, but for rounding"

RECIPES: tuple[Recipe, ...] = (
    Recipe("saved-again", "q30", "jpg", _AGAIN, partial(jpeg, quality=30)),
    Recipe("saved-again", "q50", "jpg", _AGAIN, partial(jpeg, quality=50)),
    Recipe("saved-again", "q70", "jpg", _AGAIN, partial(jpeg, quality=70)),
    Recipe("saved-again", "q80", "jpg", _AGAIN, partial(jpeg, quality=80)),
    Recipe("saved-again", "progressive", "jpg", _AGAIN, _saved("JPEG", quality=80, progressive=True)),
    Recipe("resized", "half", "jpg", _SIZE, _sized(0.5)),
    Recipe("resized", "thumbnail", "jpg", _SIZE, _sized(0.25, 80)),
    Recipe("resized", "larger", "jpg", _SIZE, _sized(1.3, 75)),
    Recipe("resized", "squeezed", "jpg", _SIZE, _changed(lambda p: p.resize((p.width, round(p.height * 0.8))))),
    Recipe("turned", "mirrored", "jpg", _TURN, _turned(Turn.FLIP_LEFT_RIGHT)),
    Recipe("turned", "upside-down-mirrored", "jpg", _TURN, _turned(Turn.FLIP_TOP_BOTTOM)),
    Recipe("turned", "rotated-90", "jpg", _TURN, _turned(Turn.ROTATE_90)),
    Recipe("turned", "rotated-180", "jpg", _TURN, _turned(Turn.ROTATE_180)),
    Recipe("turned", "rotated-270", "jpg", _TURN, _turned(Turn.ROTATE_270)),
    Recipe("turned", "transposed", "jpg", _TURN, _turned(Turn.TRANSPOSE)),
    Recipe("turned", "exif-3", "jpg", _STORED, partial(stored_turned, orientation=3)),
    Recipe("turned", "exif-6", "jpg", _STORED, partial(stored_turned, orientation=6)),
    Recipe("turned", "exif-7", "jpg", _STORED, partial(stored_turned, orientation=7)),
    Recipe("turned", "exif-8", "jpg", _STORED, partial(stored_turned, orientation=8)),
    Recipe("bordered", "letterbox", "jpg", _BORDER, _changed(partial(_bars, across=0, along=0.17, colour="black"))),
    Recipe("bordered", "pillarbox", "jpg", _BORDER, _changed(partial(_bars, across=0.22, along=0, colour="black"))),
    Recipe("bordered", "white", "jpg", _BORDER, _changed(partial(_bars, across=0.08, along=0.1, colour="white"))),
    Recipe("bordered", "pale-frame", "jpg", _BORDER, _changed(_framed, 92)),
    Recipe("bordered", "phone-screen", "jpg", _BORDER, _changed(partial(_bars, across=0, along=0.6, colour="#10141c"))),
    Recipe("toned", "grey", "jpg", _TONE, _saved("JPEG", "L", quality=85)),
    Recipe("toned", "brighter", "jpg", _TONE, _toned(ImageEnhance.Brightness, 1.12)),
    Recipe("toned", "darker", "jpg", _TONE, _toned(ImageEnhance.Brightness, 0.8)),
    Recipe("toned", "contrast", "jpg", _TONE, _toned(ImageEnhance.Contrast, 1.15)),
    Recipe("toned", "faded", "jpg", _TONE, _toned(ImageEnhance.Color, 0.4)),
    Recipe("toned", "warmer", "jpg", _TONE, _changed(_warmer)),
    Recipe("toned", "blurred", "jpg", _TONE, _changed(lambda p: p.filter(ImageFilter.GaussianBlur(1.5)))),
    Recipe("toned", "sharpened", "jpg", _TONE, _changed(lambda p: p.filter(ImageFilter.SHARPEN))),
    Recipe("toned", "noisy", "jpg", _TONE, _changed(_noisy)),
    Recipe("toned", "date-stamp", "jpg", "a small date in the corner: PDQ hardly moves", _changed(_stamped)),
    Recipe("converted", "plain", "png", _FORMAT, _saved("PNG", compress_level=1)),
    Recipe("converted", "palette", "png", _FORMAT, lambda p: encode(p.quantize(64), "PNG")),
    Recipe("converted", "16-bit-grey", "png", _FORMAT, _deep_grey),
    Recipe("converted", "48-bit", "png", _FORMAT, lambda p: png48(np.asarray(_resized(p, 0.6)))),
    Recipe("converted", "alpha", "png", _FORMAT, lambda p: encode(_see_through(p), "PNG", compress_level=1)),
    Recipe("converted", "lossy", "webp", _FORMAT, _saved("WEBP", quality=60)),
    Recipe("converted", "lossless", "webp", _FORMAT, _saved("WEBP", lossless=True, method=0)),
    Recipe("converted", "still", "gif", _FORMAT, _saved("GIF")),
    Recipe("converted", "plain", "bmp", _FORMAT, lambda p: encode(_resized(p, 0.7), "BMP")),
    Recipe("converted", "lzw", "tiff", _FORMAT, _saved("TIFF", compression="tiff_lzw")),
    Recipe("converted", "second-page", "tiff", "the second page is a known picture", _pages),
    Recipe("converted", "plain", "avif", _FORMAT, _saved("AVIF", quality=70, speed=10, max_threads=1)),
    Recipe("converted", "plain", "jxl", _FORMAT, _jxl),
    Recipe("converted", "cmyk", "jpg", _FORMAT, _saved("JPEG", "CMYK", quality=85)),
    Recipe("converted", "plain", "jp2", _FORMAT, _saved("JPEG2000", quality_mode="rates", quality_layers=[20])),
)
"""Every recipe's result should be found near the picture it was made from."""

_TRACED = "traced by its keypoints"


def _pasted(picture: Picture, other: Picture) -> bytes:
    """30 % of the area covered by a piece of another picture."""
    wide, tall = round(picture.width * 0.6), round(picture.height * 0.5)
    copy = picture.copy()
    copy.paste(other.resize(picture.size).crop((0, 0, wide, tall)), (round(picture.width * 0.2), tall // 2))
    return jpeg(copy)


def _cropped(picture: Picture, _other: Picture) -> bytes:
    return jpeg(picture.crop((0, 0, round(picture.width * 0.65), round(picture.height * 0.65))))


def _tilted(picture: Picture, _other: Picture) -> bytes:
    return jpeg(picture.rotate(7, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)))


def _inset(picture: Picture, other: Picture) -> bytes:
    """The picture as a small inset in another one."""
    copy = other.copy()
    small = picture.resize((other.width // 3, other.height // 3))
    copy.paste(small, (other.width // 2, other.height // 2))
    return jpeg(copy)


ALTERED: tuple[tuple[str, str, Callable[[Picture, Picture], bytes]], ...] = (
    ("pasted-over", "30 % replaced by another picture: the tiles around it are still there, or its keypoints", _pasted),
    ("cropped", f"cropped to 65 % each way: {_TRACED}", _cropped),
    ("tilted", f"rotated by 7 degrees: {_TRACED}", _tilted),
    ("inset", f"a small inset in another picture: {_TRACED}", _inset),
)
"""(word, why, recipe from the known and another picture) of changes that give a picture another hash."""


def animated(frames: list[Picture], kind: str) -> bytes:
    """An animation of all frames, half a second each, as GIF, WEBP or PNG."""
    options: dict[str, object] = {"save_all": True, "append_images": frames[1:], "duration": 500, "loop": 0}
    if kind == "WEBP":
        options["quality"] = 70
    return encode(frames[0], kind, **options)
