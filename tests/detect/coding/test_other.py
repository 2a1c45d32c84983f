"""PNG and WebP, as Pillow writes them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from safelight.detect.coding import read_coding
from safelight.model.signal import Signal
from tests.detect.coding.pictures import photo

PICTURE = Image.fromarray(photo(4, 64, 48))


def saved(kind: str, picture: Image.Image = PICTURE, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def only(data: bytes, mime: str) -> Signal:
    (signal,) = read_coding(data, mime)
    return signal


def test_png() -> None:
    signal = only(saved("PNG"), "image/png")
    assert signal.detail.startswith("PNG, 8 bit RGB; compressor at its default effort")
    assert only(saved("PNG", compress_level=1), "image/png").figures["zlib_effort"] == 0
    assert "palette" in only(saved("PNG", PICTURE.convert("P")), "image/png").detail
    assert only(saved("PNG", PICTURE.convert("1")), "image/png").figures["bit_depth"] == 1


@pytest.mark.parametrize(("lossless", "words"), [(False, "lossy"), (True, "lossless")])
def test_webp(lossless: bool, words: str) -> None:
    assert words in only(saved("WEBP", lossless=lossless), "image/webp").detail


def test_webp_that_moves() -> None:
    data = saved("WEBP", save_all=True, append_images=[PICTURE.rotate(90)])
    assert only(data, "image/webp").figures["animated"] == 1


@given(st.sampled_from([("PNG", "image/png"), ("WEBP", "image/webp")]), st.integers(0, 200), st.binary(max_size=12))
def test_damage_never_fails(kind: tuple[str, str], place: int, noise: bytes) -> None:
    data = saved(kind[0])[:200]
    for signal in read_coding(memoryview(data[:place] + noise + data[place + len(noise) :]), kind[1]):
        assert signal.name == "encoder"
        assert signal.detail.isprintable()
