"""Which files are worth looking at: those whose encoding can have left a mark."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from safelight.bench.signals.embed import embed
from safelight.demo.draw import draw
from safelight.detect.markers import read_markers, worth_decoding
from safelight.detect.markers.dwt_dct import Writer
from safelight.detect.markers.payloads import PAYLOADS

DRAWN = draw(1, 64, 48)


def jpeg(image: Image.Image, quality: int, subsampling: int = 2) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=subsampling)
    return file.getvalue()


@pytest.mark.parametrize(
    ("subsampling", "from_quality"),
    [(0, 1), (1, 76), (2, 90)],
    ids=["4:4:4", "4:2:2", "4:2:0"],
)
def test_jpegs_by_their_chroma(subsampling: int, from_quality: int) -> None:
    worth = [q for q in range(1, 101) if worth_decoding(jpeg(DRAWN, q, subsampling), "image/jpeg")]
    assert worth == list(range(from_quality, 101))


def test_other_formats_are_always_looked_at() -> None:
    for mime in ("image/png", "image/webp", "image/tiff", "image/bmp", "image/gif", "image/avif", "image/jxl"):
        assert worth_decoding(b"", mime)


def test_no_chroma_no_mark() -> None:
    assert not worth_decoding(jpeg(DRAWN.convert("L"), 100), "image/jpeg")
    assert worth_decoding(jpeg(DRAWN, 100), "image/jpeg")


@given(st.binary(max_size=40), st.integers(0, 700))
def test_damaged_ones_are_not_worth_it_and_no_trouble(junk: bytes, kept: int) -> None:
    whole = jpeg(DRAWN, 95)
    start = whole.index(b"\xff\xc0")  # without a frame, nothing is known of chroma
    assert not worth_decoding(whole[: min(kept, start)] + junk[:0], "image/jpeg")
    assert worth_decoding(memoryview(whole[:kept] + junk), "image/jpeg") in {True, False}


def test_a_missing_table_and_odd_sampling() -> None:
    whole = bytearray(jpeg(DRAWN, 95))
    frame = whole.index(b"\xff\xc0") + 4
    assert worth_decoding(whole, "image/jpeg")
    for part in (1, 2):
        whole[frame + 6 + 3 * part + 2] = 3
    assert not worth_decoding(whole, "image/jpeg")
    whole[frame + 6 + 3 + 1] = 0
    assert not worth_decoding(whole, "image/jpeg")


def test_what_is_worth_it_is_often_found() -> None:
    found = 0
    for number in range(8):
        marked = embed(np.array(draw(number, 640, 480)), PAYLOADS[0].bits, Writer.FLOATS)
        data = jpeg(Image.fromarray(marked), 98)
        assert worth_decoding(data, "image/jpeg")
        found += bool(read_markers(np.array(Image.open(io.BytesIO(data)))))
    assert found >= 4
