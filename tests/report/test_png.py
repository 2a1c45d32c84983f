import io
from base64 import b64decode, b64encode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from safelight.report.png import SIDE, mosaic_uri, png


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 20))
def test_pillow_reads_back_the_same_pixels(side: int) -> None:
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(png(pixels.tobytes(), side))) as image:
        assert image.format == "PNG"
        np.testing.assert_array_equal(np.asarray(image), pixels)


def test_wrong_number_of_bytes() -> None:
    with pytest.raises(ValueError, match="767 bytes are not 16 x 16 RGB pixels"):
        png(bytes(767), SIDE)


def test_mosaic_is_a_png_data_uri() -> None:
    uri = mosaic_uri(b64encode(bytes(range(256)) * 3).decode())
    assert uri is not None
    kind, data = uri.split(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(b64decode(data))) as image:
        assert image.size == (SIDE, SIDE)
        assert image.getpixel((1, 0)) == (3, 4, 5)


@pytest.mark.parametrize("bad", ["", "AAAA", "not base64!", "é", '"><script>', "A" * 1025])
def test_what_is_no_mosaic_is_left_out(bad: str) -> None:
    assert mosaic_uri(bad) is None
