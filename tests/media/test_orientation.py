"""EXIF orientation: told, and not applied, unless the decoder itself has applied what the container says."""

import numpy as np
import pylibjxl
import pytest
from PIL import Image, ImageOps

from safelight.media.image.reading import Reading, orientation_in
from safelight.model.media import DecodedImage
from tests.media.draw import LIMITS, decode, encode, peak_error, pixels, psnr, scene
from tests.media.heic import draw_heic


def exif(orientation: object) -> Image.Exif:
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def displayed(result: DecodedImage) -> tuple[int, int]:
    return result.facts.width, result.facts.height


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_told_but_not_applied(form: str, orientation: int) -> None:
    image = scene()
    result = decode(encode(image, form, exif=exif(orientation)))
    plain = decode(encode(image, form))
    assert result.facts.orientation == orientation
    assert displayed(result) == ((192, 128) if orientation < 5 else (128, 192))
    np.testing.assert_array_equal(result.frames[0].pixels, plain.frames[0].pixels)
    assert result.facts.warnings == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_orientation_is_applied_by_its_decoder(orientation: int) -> None:
    result = decode(encode(scene(), "TIFF", tiffinfo={274: orientation}))
    assert result.facts.orientation == 1
    upright = ImageOps.exif_transpose(_with_orientation(scene(), orientation))
    assert displayed(result) == upright.size
    np.testing.assert_array_equal(result.frames[0].pixels, pixels(upright))


def _with_orientation(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[0x0112] = orientation
    return image


def test_zero_means_unknown() -> None:
    result = decode(encode(scene(), "JPEG", exif=exif(0)))
    assert (result.facts.orientation, result.facts.warnings) == (1, ())


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("value", [9, 65535])
def test_nonsense_is_told(form: str, value: object) -> None:
    result = decode(encode(scene(), form, exif=exif(value)))
    assert result.facts.orientation == 1
    assert result.facts.warnings in (("EXIF orientation is none of 1-8",), ("damaged EXIF",))


@pytest.mark.parametrize(
    "block", [b"", b"II", b"XX*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"]
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_costs_nothing_else(block: bytes, form: str) -> None:
    result = decode(encode(scene(), form, exif=b"Exif\0\0" + block))
    assert result.facts.orientation == 1
    assert result.frames[0].pixels.shape == (128, 192, 3)
    assert not result.facts.truncated


def test_broken_exif_is_told() -> None:
    reading = Reading("image/jpeg", LIMITS)
    assert orientation_in(b"no TIFF structure", reading) == 1
    assert reading.warnings == ["damaged EXIF"]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_heic_rotation_is_applied_once(turns: int) -> None:
    image = scene()
    result = decode(draw_heic(pixels(image), rotate=turns))
    assert result.facts.orientation == 1
    assert displayed(result) == ((192, 128) if turns % 2 == 0 else (128, 192))
    expected = np.rot90(decode(draw_heic(pixels(image))).frames[0].pixels, turns)
    assert psnr(result.frames[0].pixels, expected) > 35  # chroma samples move with the rotation


def test_heic_mirror_is_applied_once() -> None:
    image = scene()
    result = decode(draw_heic(pixels(image), mirror=1))
    assert psnr(result.frames[0].pixels, pixels(ImageOps.mirror(image))) > 30


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_heic_exif_orientation_is_not_told_again(orientation: int) -> None:
    block = exif(orientation).tobytes().removeprefix(b"Exif\0\0")
    turned = decode(draw_heic(pixels(scene()), rotate=1, exif=block))
    assert turned.facts.orientation == 1
    assert displayed(turned) == (128, 192)
    upright = decode(draw_heic(pixels(scene()), exif=block))
    assert (upright.facts.orientation, displayed(upright)) == (1, (192, 128))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_xl_orientation_is_applied_by_its_decoder(orientation: int) -> None:
    jpeg = encode(scene(), "JPEG", quality=95, exif=exif(orientation))
    result = decode(pylibjxl.JXL(threads=1).jpeg_to_jxl(jpeg))
    assert result.facts.orientation == 1
    with Image.open(__import__("io").BytesIO(jpeg)) as opened:
        upright = np.asarray(ImageOps.exif_transpose(opened))
    assert displayed(result) == upright.shape[1::-1]
    assert peak_error(result.frames[0].pixels, upright) <= 40  # another chroma upsampling
    assert psnr(result.frames[0].pixels, upright) > 35
