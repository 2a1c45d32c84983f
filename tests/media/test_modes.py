"""Colour modes: what comes out is `Image.convert("RGB")`, the form the PDQ reference hashes."""

import io
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from safelight.media.image import rgb
from safelight.media.image.rgb import renditions, to_rgb
from tests.media.draw import decode, encode, pdq_distance, pixels, scene

FILES = [
    ("1", "PNG"), ("1", "TIFF"), ("L", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("LA", "TIFF"), ("P", "PNG"), ("P", "GIF"),
    ("P", "BMP"), ("P", "TIFF"), ("PA", "TIFF"), ("RGB", "PNG"), ("RGBA", "PNG"), ("RGBA", "WEBP"), ("RGBA", "TIFF"),
    ("RGBX", "TIFF"), ("CMYK", "TIFF"), ("CMYK", "JPEG"), ("CMYK", "JPEG2000"), ("YCbCr", "TIFF"), ("YCbCr", "JPEG"),
    ("LAB", "TIFF"), ("LA", "JPEG2000"), ("L", "JPEG2000"), ("RGBA", "JPEG2000"), ("RGBA", "AVIF"), ("L", "AVIF"),
]  # fmt: skip


def in_mode(mode: str) -> Image.Image:
    image = scene()
    if mode in ("LA", "PA", "RGBA", "RGBa", "La"):
        image.putalpha(scene(seed=9).convert("L"))
    return image.convert(mode)


@pytest.mark.parametrize(("mode", "form"), FILES)
def test_stored_modes(mode: str, form: str) -> None:
    data = encode(in_mode(mode), form)
    result = decode(data)
    assert len(result.frames) == 1
    assert result.facts.warnings == ()
    with Image.open(io.BytesIO(data)) as opened:
        np.testing.assert_array_equal(result.frames[0].pixels, np.asarray(opened.convert("RGB")))
    if mode != "1":
        assert pdq_distance(result.frames[0].pixels, pixels(scene())) <= 24


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "I", "F"])
def test_conversion_is_pillows(mode: str) -> None:
    image = in_mode(mode)
    np.testing.assert_array_equal(to_rgb(image), np.asarray(image.convert("RGB")))


def test_lab_conversion_is_pillows() -> None:
    image = in_mode("LAB")
    np.testing.assert_array_equal(to_rgb(image), np.asarray(image.convert("RGB")))
    assert pdq_distance(to_rgb(image), pixels(scene())) <= 8


@pytest.mark.parametrize(("mode", "plain"), [("RGBa", "RGBA"), ("La", "LA")])
def test_multiplied_alpha_is_divided_out(mode: str, plain: str) -> None:
    image = in_mode(plain)
    opaque = np.asarray(image)[..., -1] > 200
    out = to_rgb(image.convert(mode)).astype(int)
    assert np.abs(out - np.asarray(image.convert("RGB")))[opaque].max() <= 2


def test_alpha_is_dropped_not_blended() -> None:
    image = scene()
    image.putalpha(0)
    assert (decode(encode(image, "PNG")).frames[0].pixels == pixels(scene())).all()


def test_palette_transparency() -> None:
    palette = scene().quantize(32)
    for transparency in (3, bytes(range(0, 256, 8))):
        data = encode(palette, "PNG", transparency=transparency)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, on transparency in bytes
            expected = pixels(palette)
        np.testing.assert_array_equal(decode(data).frames[0].pixels, expected)


def test_colour_key_transparency() -> None:
    for mode, key in (("L", 7), ("RGB", (1, 2, 3))):
        image = scene().convert(mode)
        data = encode(image, "PNG", transparency=key)
        np.testing.assert_array_equal(decode(data).frames[0].pixels, pixels(image))


def test_large_pictures_are_converted_in_strips_that_join(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rgb, "_STRIP", 1000)
    wide = scene().convert("CMYK")
    np.testing.assert_array_equal(to_rgb(wide), np.asarray(wide.convert("RGB")))


def deep(mode: str, values: np.ndarray) -> Image.Image:
    order = {"I;16": "<u2", "I;16L": "<u2", "I;16B": ">u2", "I;16N": "=u2", "I": "<i4", "F": "<f4"}[mode]
    return Image.frombytes(mode, values.shape[::-1], values.astype(order).tobytes())


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B", "I;16N", "I"])
def test_deep_grey_keeps_the_clipped_and_the_full_range(mode: str) -> None:
    grey = np.asarray(scene().convert("L")).astype(int)
    values = grey * 257
    values[:64] = grey[:64] // 2  # half of it survives clipping
    clipped, full = renditions(deep(mode, values))
    np.testing.assert_array_equal(clipped, np.repeat(values.clip(0, 255)[..., np.newaxis], 3, axis=2))
    np.testing.assert_array_equal(full, np.repeat((values >> 8)[..., np.newaxis], 3, axis=2))


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_deep_grey_that_clips_to_one_colour_is_given_once(mode: str) -> None:
    values = np.asarray(scene().convert("L")).astype(int) * 200 + 300
    (full,) = renditions(deep(mode, values))
    assert pdq_distance(full, pixels(scene().convert("L"))) <= 4


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I", "F"])
def test_deep_grey_within_8_bits_is_given_once(mode: str) -> None:
    grey = np.asarray(scene().convert("L"))
    (plain,) = renditions(deep(mode, grey.astype(int)))
    np.testing.assert_array_equal(plain[..., 0], grey)


def test_twelve_bits_in_sixteen_keep_their_high_eight() -> None:
    values = np.asarray(scene().convert("L")).astype(int) * 16 + 15
    assert values.max() > 2048
    np.testing.assert_array_equal(renditions(deep("I;16", values))[-1][..., 0], values >> 4)


@pytest.mark.parametrize("scale", [1 / 255, 1 / 900, 4.0, 1e6])
def test_float_ranges(scale: float) -> None:
    grey = np.asarray(scene().convert("L")).astype(np.float32)
    values = grey * scale
    values[0, 0] = np.nan
    values[0, 1] = np.inf
    values[0, 2] = -np.inf
    assert pdq_distance(renditions(deep("F", values))[-1], pixels(scene().convert("L"))) <= 6


@pytest.mark.parametrize(("mode", "form"), [("I;16", "PNG"), ("I;16", "TIFF"), ("I;16B", "TIFF"), ("I", "TIFF")])
def test_deep_grey_files(mode: str, form: str) -> None:
    values = np.asarray(scene().convert("L")).astype(int) * 257
    values[:64] //= 514  # this half survives clipping
    result = decode(encode(deep(mode, values), form))
    assert [frame.number for frame in result.frames] == [0, 0]
    np.testing.assert_array_equal(result.frames[1].pixels[..., 0], values >> 8)


def test_float_file() -> None:
    values = np.asarray(scene().convert("L")) / 255
    (frame,) = decode(encode(deep("F", values), "TIFF")).frames
    assert pdq_distance(frame.pixels, pixels(scene().convert("L"))) <= 2


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(width=32)),
)
def test_any_float_picture_converts(values: np.ndarray) -> None:
    for out in renditions(deep("F", values)):
        assert out.shape == (*values.shape, 3)
