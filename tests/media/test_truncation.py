"""Files cut short, of every format: what is there is used and told, or the error says that nothing is."""

from collections.abc import Callable

import numpy as np
import pylibjxl
import pytest

from safelight.model.errors import MediaError
from tests.media.draw import decode, encode, pixels, scene
from tests.media.heic import draw_heic

# How much of the picture must come out right when half of the file is there; None: the decoder gives nothing then.
FORMATS: dict[str, tuple[Callable[[], bytes], float | None]] = {
    "png": (lambda: encode(scene(), "PNG"), 0.3),
    "gif": (lambda: encode(scene(), "GIF"), 0.4),
    "bmp": (lambda: encode(scene(), "BMP"), 0.45),
    "tiff": (lambda: encode(scene(), "TIFF"), 0.45),
    "tiff lzw": (lambda: encode(scene(), "TIFF", compression="tiff_lzw"), None),
    "webp": (lambda: encode(scene(), "WEBP", quality=90), 0.25),
    "webp lossless": (lambda: encode(scene(), "WEBP", lossless=True), None),
    "jpeg": (lambda: encode(scene(), "JPEG", quality=90), 0.3),
    "jpeg 2000": (lambda: encode(scene(), "JPEG2000"), None),
    "heic": (lambda: draw_heic(pixels(scene())), 0.4),
    "avif": (lambda: encode(scene(384, 256), "AVIF", quality=90), None),  # often, but not always, something
    "jpeg xl": (lambda: pylibjxl.JXL(threads=1).encode(np.array(scene())), None),
}


@pytest.mark.parametrize("name", FORMATS)
def test_half_of_a_file(name: str) -> None:
    draw, share = FORMATS[name]
    data = draw()
    whole = decode(data).frames[0].pixels.astype(int)
    if share is None:
        _decodes_or_says_why(data[: len(data) // 2])
        return
    result = decode(data[: len(data) // 2])
    right = (np.abs(result.frames[0].pixels - whole).max(axis=2) < 24).mean()
    assert right >= share
    assert result.facts.truncated
    assert any("cut short" in warning for warning in result.facts.warnings)


@pytest.mark.parametrize("name", FORMATS)
def test_any_cut(name: str) -> None:
    data = FORMATS[name][0]()
    for share in (0.01, 0.03, 0.1, 0.25, 0.75, 0.9, 0.97, 0.999):
        _decodes_or_says_why(data[: int(len(data) * share)])


def _decodes_or_says_why(data: bytes) -> None:
    result, cause = None, ""
    try:
        result = decode(data)
    except MediaError as error:
        cause = error.cause
    if result is not None:
        assert result.facts.truncated
        assert result.facts.warnings
    else:
        assert cause
        assert "\n" not in cause


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG"])
def test_header_without_pixels(form: str) -> None:
    data = encode(scene(), form)
    with pytest.raises(MediaError):
        decode(data[:60])


def test_damage_within_png_data() -> None:
    data = bytearray(encode(scene(), "PNG"))
    data[len(data) // 2] ^= 0x55
    result = decode(bytes(data))
    np.testing.assert_array_equal(result.frames[0].pixels[:40], pixels(scene())[:40])
    assert result.facts.truncated
    assert result.facts.warnings == ("damaged or cut short: what could be read is used",)


@pytest.mark.parametrize("missing", [1, 2, 3, 5])
def test_webp_that_lost_its_last_bytes(missing: int) -> None:
    data = encode(scene(), "WEBP", quality=80)
    result = decode(data[:-missing])
    assert result.facts.truncated
    right = np.abs(result.frames[0].pixels.astype(int) - decode(data).frames[0].pixels).max(axis=2) < 24
    assert right.mean() > 0.95
