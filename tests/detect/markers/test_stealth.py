"""Text in the lowest bits of pixels: both planes, plain and packed, and everything that can be wrong with it."""

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.detect.markers.stealth import MAX_TEXT, Stealth, read_stealth

Plane = NDArray[np.uint8]
TEXT = "a plain grey box\nSteps: 20, Sampler: Euler, Größe: 512x512"
VARIANTS = ("stealth_pnginfo", "stealth_pngcomp", "stealth_rgbinfo", "stealth_rgbcomp")


def planes(height: int = 40, width: int = 60) -> tuple[Plane, Plane]:
    rng = np.random.default_rng(height * width)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8), np.full((height, width), 255, np.uint8)


def hide(pixels: Plane, alpha: Plane, variant: str, payload: bytes, length: int | None = None) -> None:
    """Write as the extension does: pixel by pixel, down the columns."""
    said = 8 * len(payload) if length is None else length
    data = variant.encode() + said.to_bytes(4, "big") + payload
    bits = [(byte >> shift) & 1 for byte in data for shift in range(7, -1, -1)]
    height, width = alpha.shape
    places = [(y, x) for x in range(width) for y in range(height)]
    if "png" in variant:
        for (y, x), bit in zip(places, bits, strict=False):
            alpha[y, x] = (alpha[y, x] & 0xFE) | bit
    else:
        for (y, x, c), bit in zip(((y, x, c) for y, x in places for c in range(3)), bits, strict=False):
            pixels[y, x, c] = (pixels[y, x, c] & 0xFE) | bit


def packed(variant: str, text: bytes) -> bytes:
    return gzip.compress(text, mtime=0) if variant.endswith("comp") else text


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_variant_is_read(variant: str) -> None:
    pixels, alpha = planes()
    hide(pixels, alpha, variant, packed(variant, TEXT.encode()))
    found = read_stealth(pixels, alpha)
    assert found == Stealth(TEXT, variant, cut=False)
    assert found.where == ("lowest bits of the " + ("alpha channel" if "png" in variant else "colours"))
    assert read_stealth(pixels, None) == (found if "rgb" in variant else None)


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(VARIANTS), st.integers(1, 50), st.integers(1, 50))
def test_any_text_in_any_shape(text: str, variant: str, height: int, width: int) -> None:
    """One that does not fit is known to be cut; a picture too small for the signature has none."""
    pixels, alpha = planes(height, width)
    alpha[:] = 254
    pixels &= 0xFE
    payload = packed(variant, text.encode())
    hide(pixels, alpha, variant, payload)
    room = height * width * (3 if "rgb" in variant else 1) // 8
    found = read_stealth(pixels, alpha)
    if room < 19:
        assert found is None
    elif room < 19 + len(payload):
        assert found is not None
        assert found.cut
    else:
        assert found == Stealth(text, variant, cut=False)


def test_alpha_comes_before_colours_and_most_pictures_have_neither() -> None:
    pixels, alpha = planes()
    assert read_stealth(pixels, alpha) is None
    hide(pixels, alpha, "stealth_rgbinfo", b"colours")
    hide(pixels, alpha, "stealth_pnginfo", b"alpha")
    assert read_stealth(pixels, alpha) == Stealth("alpha", "stealth_pnginfo", cut=False)


def test_a_signature_of_the_other_plane_is_none() -> None:
    """The colours' signature, in alpha."""
    pixels, alpha = planes()
    data = np.frombuffer(b"stealth_rgbinfo" + bytes(4) + b"x", np.uint8)
    alpha.T.flat[: 8 * len(data)] = np.unpackbits(data)
    head = alpha.T.reshape(-1)[: 8 * len(data)] & 1
    assert np.packbits(head).tobytes().startswith(b"stealth_rgbinfo")
    assert read_stealth(pixels, alpha) is None


@pytest.mark.parametrize("length", [0, 7, 2**32 - 1])
def test_lengths_that_cannot_be(length: int) -> None:
    pixels, alpha = planes()
    hide(pixels, alpha, "stealth_pnginfo", b"", length)
    found = read_stealth(pixels, alpha)
    assert found is not None
    assert found.cut == (length > 8)
    assert len(found.text) <= alpha.size // 8


@pytest.mark.parametrize(
    "spoiled", [b"\x1f\x8b\x08 no gzip at all", b"", b"\x1f", gzip.compress(b"x" * 90, mtime=0)[:-3]]
)
def test_damaged_gzip_gives_what_there_is(spoiled: bytes) -> None:
    pixels, alpha = planes()
    hide(pixels, alpha, "stealth_pngcomp", spoiled)
    found = read_stealth(pixels, alpha)
    assert found is not None
    assert found.cut
    assert found.text in {"", "x" * 90}


def test_bytes_that_are_no_text() -> None:
    pixels, alpha = planes()
    hide(pixels, alpha, "stealth_rgbinfo", b"ok \xff\xfe")
    assert read_stealth(pixels, alpha) == Stealth("ok \ufffd\ufffd", "stealth_rgbinfo", cut=False)


def test_a_bomb_costs_little() -> None:
    """A gigabyte of spaces."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    height = 1400
    pixels, alpha = np.zeros((height, 2000, 3), np.uint8), np.zeros((height, 2000), np.uint8)
    bits = np.unpackbits(np.frombuffer(b"stealth_pngcomp" + (8 * len(bomb)).to_bytes(4, "big") + bomb, np.uint8))
    assert len(bits) <= alpha.size
    flat = np.zeros(alpha.size, np.uint8)
    flat[: len(bits)] = bits
    alpha[:] = flat.reshape(2000, height).T
    tracemalloc.start()
    found = read_stealth(pixels, alpha)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is not None
    assert found.cut
    assert len(found.text) == MAX_TEXT
    assert peak < 40 << 20


def test_a_long_plain_text_is_cut_and_the_rest_of_the_picture_is_not_touched() -> None:
    pixels = np.zeros((2000, 900, 3), np.uint8)
    text = b"y" * (MAX_TEXT + 5)
    bits = np.unpackbits(np.frombuffer(b"stealth_rgbinfo" + (8 * len(text)).to_bytes(4, "big") + text, np.uint8))
    flat = np.zeros(pixels.size, np.uint8)
    flat[: len(bits)] = bits
    pixels[:] = flat.reshape(900, 2000, 3).transpose(1, 0, 2)
    assert read_stealth(pixels, None) == Stealth("y" * MAX_TEXT, "stealth_rgbinfo", cut=True)


@pytest.mark.parametrize("shape", [(0, 0), (0, 9), (9, 0), (1, 1), (1, 151), (400, 400)])
def test_pictures_without_room_or_without_anything(shape: tuple[int, int]) -> None:
    assert read_stealth(np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)) is None
