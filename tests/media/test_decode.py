"""Each format, drawn and decoded: the pixels that come out, and what is said about the file."""

import io
import mmap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pylibjxl
import pytest
from PIL import Image, PngImagePlugin

from safelight.media import formats as f
from safelight.media.decode import DECODED, decode_image
from safelight.media.sniff import sniff
from safelight.model.errors import LimitExceededError, MediaError, UnsupportedMediaError
from safelight.model.media import MediaKind
from tests.media.draw import LIMITS, decode, encode, peak_error, pixels, psnr, scene
from tests.media.heic import draw_heic


def encode_jxl(image: Image.Image, *, lossless: bool = False) -> bytes:
    return pylibjxl.JXL(threads=1).encode(np.array(image), lossless=lossless)


EXACT: dict[str, tuple[str, dict[str, object]]] = {
    "png": ("PNG", {}),
    "png interlaced-free palette": ("PNG", {"optimize": True}),
    "webp lossless": ("WEBP", {"lossless": True}),
    "bmp": ("BMP", {}),
    "tiff": ("TIFF", {}),
    "tiff lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "tiff deflate": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "tiff packbits": ("TIFF", {"compression": "packbits"}),
    "bigtiff": ("TIFF", {"big_tiff": True}),
    "jpeg 2000 lossless": ("JPEG2000", {}),
    "jpeg 2000 codestream": ("JPEG2000", {"no_jp2": True}),
}


@pytest.mark.parametrize("case", EXACT)
def test_lossless_formats_are_exact(case: str) -> None:
    form, options = EXACT[case]
    image = scene()
    result = decode(encode(image, form, **options))
    np.testing.assert_array_equal(result.frames[0].pixels, pixels(image))
    assert (result.facts.width, result.facts.height, result.facts.frames) == (192, 128, 1)
    assert result.facts.warnings == ()
    assert not result.facts.truncated


@pytest.mark.parametrize(
    ("form", "options", "floor"),
    [
        ("WEBP", {"quality": 90}, 30),
        ("AVIF", {"quality": 90}, 30),
        ("AVIF", {"quality": 90, "subsampling": "4:4:4"}, 35),
        ("TIFF", {"compression": "jpeg", "quality": 95}, 30),
        ("JPEG2000", {"quality_mode": "dB", "quality_layers": [40], "irreversible": True}, 35),
        ("JPEG", {"quality": 95}, 28),
        ("GIF", {}, 22),
    ],
)
def test_lossy_formats_are_near(form: str, options: dict[str, object], floor: int) -> None:
    image = scene()
    result = decode(encode(image, form, **options))
    assert psnr(result.frames[0].pixels, pixels(image)) > floor
    assert result.facts.warnings == ()


def test_heic() -> None:
    image = scene()
    result = decode(draw_heic(pixels(image)))
    assert (result.facts.mime, result.facts.mode, result.facts.width) == ("image/heic", "RGB", 192)
    assert psnr(result.frames[0].pixels, pixels(image)) > 30  # chroma is halved


def test_jpeg_xl() -> None:
    image = scene()
    exact = decode(encode_jxl(image, lossless=True))
    np.testing.assert_array_equal(exact.frames[0].pixels, pixels(image))
    assert (exact.facts.mime, exact.facts.mode, exact.facts.height) == ("image/jxl", "RGB", 128)
    assert psnr(decode(encode_jxl(image)).frames[0].pixels, pixels(image)) > 26


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_jpeg_xl_modes(mode: str) -> None:
    image = scene().convert(mode)
    result = decode(encode_jxl(image, lossless=True))
    assert result.facts.mode == mode
    assert peak_error(result.frames[0].pixels, pixels(image)) == 0


def test_frames_are_what_the_model_promises() -> None:
    for form in ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "JPEG2000"):
        array = decode(encode(scene(), form)).frames[0].pixels
        assert array.dtype == np.uint8
        assert array.shape == (128, 192, 3)
        assert array.flags.c_contiguous
        assert array.flags.writeable
    for data in (draw_heic(pixels(scene())), encode_jxl(scene())):
        array = decode(data).frames[0].pixels
        assert array.flags.c_contiguous
        assert array.flags.writeable


def test_icc_profiles_are_ignored() -> None:
    from PIL import ImageCms

    image = scene()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for form in ("PNG", "TIFF"):
        result = decode(encode(image, form, icc_profile=profile))
        np.testing.assert_array_equal(result.frames[0].pixels, pixels(image))


def test_tiny_and_narrow_pictures() -> None:
    for size in ((1, 1), (1, 3000), (3000, 1), (7, 5)):
        image = scene(*size)
        for form in ("PNG", "BMP", "TIFF"):
            assert decode(encode(image, form)).frames[0].pixels.shape == (size[1], size[0], 3)
        assert decode(encode(image, "JPEG")).frames[0].pixels.shape == (size[1], size[0], 3)


def test_buffers_of_every_kind_give_the_same_and_are_let_go_of(tmp_path: Path) -> None:
    files = [encode(scene(), form) for form in ("PNG", "JPEG", "TIFF", "AVIF")]
    files += [encode_jxl(scene()), draw_heic(pixels(scene())), encode(scene().convert("CMYK"), "JPEG")]
    files += [b"\x89PNG\r\n\x1a\n garbage", b"\xff\xd8\xff garbage", b"II*\0 garbage", encode(scene(), "GIF")[:40]]
    for number, data in enumerate(files):
        path = tmp_path / str(number)
        path.write_bytes(data)
        kind = sniff(data)
        try:
            expected = decode_image(data, kind, LIMITS).frames[0].pixels
        except MediaError:
            expected = None
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapping:
            for buffer in (bytearray(data), memoryview(mapping)):
                if expected is None:
                    with pytest.raises(MediaError):
                        decode_image(buffer, kind, LIMITS)
                else:
                    np.testing.assert_array_equal(decode_image(buffer, kind, LIMITS).frames[0].pixels, expected)
            buffer.release()  # type: ignore[union-attr]  # the last one is the view of the mapping, closed next


def test_types_that_are_not_decoded_say_so() -> None:
    for kind in f.KNOWN:
        if kind.mime not in DECODED:
            with pytest.raises(UnsupportedMediaError, match="is not decoded"):
                decode_image(b"", kind, LIMITS)
    assert all(known.kind is MediaKind.IMAGE for known in f.KNOWN if known.mime in DECODED)


def test_only_the_decoder_of_the_type_is_tried() -> None:
    with pytest.raises(MediaError, match="header cannot be read"):
        decode_image(encode(scene(), "PNG"), f.GIF, LIMITS)


def test_metadata_is_no_obstacle() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * 3_000_000, zip=True)  # more than Pillow's limit for texts
    result = decode(encode(scene(), "PNG", pnginfo=text))
    np.testing.assert_array_equal(result.frames[0].pixels, pixels(scene()))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_trailing_data_is_told(form: str) -> None:
    data = encode(scene(), form)
    hidden = io.BytesIO()
    Image.new("RGB", (8, 8)).save(hidden, "GIF")
    result = decode(data + hidden.getvalue())
    assert result.facts.warnings == (
        f"{len(hidden.getvalue()):,} bytes follow the end of the picture and look like image/gif",
    )
    assert decode(data + bytes(100)).facts.warnings == ()  # padding
    assert decode(data + b"???").facts.warnings == ("3 bytes follow the end of the picture",)
    assert not result.facts.truncated


def test_file_size_limit() -> None:
    data = encode(scene(), "PNG")
    with pytest.raises(LimitExceededError, match="the limit for decoding is 100"):
        decode(data, replace(LIMITS, max_file_bytes=100))
