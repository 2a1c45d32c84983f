"""The decoder: bit for bit the library's blocks, and a rule that finds marks which the library's own does not."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.bench.common import texture
from safelight.bench.signals.embed import embed
from safelight.demo.draw import draw
from safelight.detect.markers import dwt_dct
from safelight.detect.markers.dwt_dct import MAX_PIXELS, Reading, Writer, chance, decode
from safelight.detect.markers.dwt_dct_kernel import BYTES, FLOATS, SWAPPED, block_bits, u_of
from safelight.detect.markers.payloads import PAYLOADS, Payload
from safelight.model.signal import Says
from tests.detect.markers import library

Rgb = NDArray[np.uint8]
FLAGS = {Writer.BYTES: BYTES, Writer.FLOATS: FLOATS, Writer.SWAPPED: SWAPPED}
BY_NAME = {payload.name: payload for payload in PAYLOADS}
SDXL, SD1, SD2 = BY_NAME["marker_sdxl"], BY_NAME["marker_sd1"], BY_NAME["marker_sd2"]


def drawn(number: int, width: int = 520, height: int = 390) -> Rgb:
    return np.array(draw(number, width, height))


def bits_of(pixels: Rgb, writer: Writer) -> list[bool]:
    height, width = pixels.shape[:2]
    found = block_bits(np.ascontiguousarray(pixels).reshape(-1), 3 * width, height // 8, width // 8)
    return [bool(bit & FLAGS[writer]) for bit in found]


def reading_of(pixels: Rgb, payload: Payload) -> Reading:
    return next(reading for reading in decode(pixels) if reading.payload is payload)


def test_u_is_opencvs() -> None:
    levels = np.array([*range(0, 256, 7), 1, 254, 255], np.uint8)
    bgr = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    ours = [u_of(np.int32(r), np.int32(g), np.int32(b)) for b, g, r in bgr[0].tolist()]
    assert ours == cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)[0, :, 1].tolist()


@pytest.mark.parametrize("writer", Writer)
@pytest.mark.parametrize(
    "pixels",
    [
        drawn(2),
        drawn(3, 257, 303),
        texture(300, 301, 1, grain=3),
        np.random.default_rng(1).integers(0, 256, (203, 403, 3), dtype=np.uint8),
        np.random.default_rng(2).integers(100, 104, (400, 403, 3), dtype=np.uint8),  # many values on a bit's border
        np.full((64, 64, 3), (17, 200, 3), np.uint8),
        np.zeros((7, 300, 3), np.uint8),
    ],
    ids=["drawn", "odd", "grain", "noise", "faint", "flat", "low"],
)
def test_blocks_are_read_as_the_library_reads_them(pixels: Rgb, writer: Writer) -> None:
    assert bits_of(pixels, writer) == library.block_bits(pixels, writer)


@settings(max_examples=60)
@given(st.integers(8, 26), st.integers(8, 34), st.integers(0, 255), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_any_block_is_read_as_the_library_reads_it(height: int, width: int, level: int, spread: int, seed: int) -> None:
    colours = np.random.default_rng(seed).integers(level - spread, level + spread + 1, (height, width, 3))
    pixels = np.clip(colours, 0, 255).astype(np.uint8)
    for writer in Writer:
        assert bits_of(pixels, writer) == library.block_bits(pixels, writer)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
@pytest.mark.parametrize("writer", Writer)
def test_an_embedded_message_is_found_and_no_other(payload: Payload, writer: Writer) -> None:
    for number in range(4):
        found = decode(embed(drawn(number), payload.bits, writer))
        assert [reading.payload for reading in found if reading.present] == [payload]
        assert all(reading.payload in PAYLOADS for reading in found)


def test_the_messages_are_the_published_ones() -> None:
    assert int(SDXL.message, 2) == 0xB3EC907BB19E
    assert [len(payload.message) for payload in PAYLOADS] == [48, 46, 136, 32]
    assert np.packbits(SD1.bits).tobytes() == b"StableDiffusionV1"
    assert np.packbits(SD2.bits).tobytes() == b"SDV2"
    flux = BY_NAME["marker_flux"].message
    assert flux == f"{0b001010101111111010000111100111001111010100101110:b}"
    assert [payload.says for payload in PAYLOADS] == [Says.AI_USED] * 3 + [Says.NOTHING]


@pytest.mark.parametrize("payload", [SDXL, SD1], ids=lambda payload: payload.name)
@pytest.mark.parametrize("marked", [False, True])
def test_a_reading_is_what_the_slow_version_says(payload: Payload, marked: bool) -> None:
    for pixels in (drawn(5, 304, 296), texture(264, 280, 3, grain=2)):
        shown = embed(pixels, payload.bits, Writer.BYTES) if marked else pixels
        got, message = reading_of(shown, payload), payload.bits.astype(bool)
        length = len(message)
        rows = {writer: library.block_bits(shown, writer) for writer in Writer}
        shares = {writer: [np.mean(row[number::length]) for number in range(length)] for writer, row in rows.items()}
        likeness = {writer: np.corrcoef(share, message)[0, 1] for writer, share in shares.items()}
        assert got.likeness == pytest.approx(max(likeness.values()), abs=1e-12)
        assert likeness[got.writer] == pytest.approx(got.likeness, abs=1e-12)
        own = np.array(shares[got.writer])
        assert got.bits_agree == np.count_nonzero((own > own.mean()) == message)
        assert got.library_agrees == np.count_nonzero(library.message(rows[Writer.BYTES], length) == message)


def test_a_lean_that_fools_the_majority_does_not_hide_the_mark() -> None:
    """In this picture most blocks lean to 1, whatever is written: the majority reads little more than chance."""
    marked = embed(drawn(2, 512, 512), SDXL.bits, Writer.BYTES)
    got = reading_of(marked, SDXL)
    assert got.present
    assert got.bits_agree == 48
    assert got.library_agrees < 40


def test_there_is_nothing_in_unmarked_pictures() -> None:
    pictures = [drawn(number, 512, 384) for number in range(40)]
    pictures += [texture(512, 512, seed, grain=seed % 5) for seed in range(10)]
    pictures += [np.full((256, 256, 3), level, np.uint8) for level in (0, 119, 255)]
    for pixels in pictures:
        for reading in decode(pixels):
            assert reading.likeness < reading.payload.needed
            assert reading.likeness <= reading.payload.seen


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_what_is_needed_is_far_from_what_was_seen_and_from_chance(payload: Payload) -> None:
    assert payload.needed >= payload.seen + 0.09
    assert chance(payload.needed, len(payload.message)) < 1e-7


@pytest.mark.parametrize(("likeness", "bits"), [(0.1, 32), (0.5, 32), (-0.2, 46), (0.7, 48), (0.6, 136), (0.0, 48)])
def test_chance_is_the_tail_of_the_correlation_of_unrelated_rows(likeness: float, bits: int) -> None:
    """By its density, (1 - r^2)^((n - 4) / 2), summed up."""
    r = np.linspace(-1, 1, 2_000_001)
    density = np.maximum(1 - r * r, 0) ** ((bits - 4) / 2)
    assert chance(likeness, bits) == pytest.approx(density[r >= likeness].sum() / density.sum(), rel=1e-3)


def test_chance_at_its_ends() -> None:
    assert chance(1.0, 48) == 0
    assert chance(-1.0, 48) == 1
    assert 0 < chance(0.999, 136) < 1e-100


def test_only_the_top_of_a_large_picture_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dwt_dct, "MAX_PIXELS", 400 * 520)
    marked = embed(drawn(1, 520, 800), SDXL.bits, Writer.BYTES)
    covered = marked.copy()
    covered[400:] = 90
    whole, top = decode(marked), decode(covered)
    assert whole == top
    assert reading_of(covered, SDXL).present
    monkeypatch.setattr(dwt_dct, "MAX_PIXELS", MAX_PIXELS)
    assert decode(marked) != decode(covered)


def test_what_is_too_small_for_a_message_is_not_read() -> None:
    assert decode(np.zeros((255, 256, 3), np.uint8)) == ()
    assert decode(np.zeros((0, 0, 3), np.uint8)) == ()
    assert [reading.payload.name for reading in decode(np.zeros((9, 20_000, 3), np.uint8))] == [
        payload.name for payload in PAYLOADS
    ]
    # 65,536 pixels in a row of one block's height would hold 136 bits; lower, there is no block at all.
    assert decode(np.zeros((7, 10_000, 3), np.uint8)) == ()


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((300, 300, 3), np.float32),
        np.zeros((300, 300), np.uint8),
        np.zeros((300, 300, 4), np.uint8),
        np.zeros((300, 600, 3), np.uint8)[:, ::2],
    ],
    ids=["floats", "grey", "alpha", "strided"],
)
def test_other_arrays_are_refused(pixels: Rgb) -> None:
    with pytest.raises(ValueError, match="C-contiguous uint8"):
        decode(pixels)


def test_read_only_pixels_are_read_and_writable_ones_stay_so() -> None:
    pixels = drawn(4)
    decode(pixels)
    assert pixels.flags.writeable
    pixels.flags.writeable = False
    assert len(decode(pixels)) == len(PAYLOADS)


@pytest.mark.shared
def test_no_photograph_carries_a_mark(shared: object) -> None:
    from pathlib import Path

    from PIL import Image

    files = sorted((Path(str(shared)) / "corpus" / "photos").glob("*.jpg"))[::20]
    assert len(files) > 30
    for path in files:
        with Image.open(path) as image:
            pixels = np.array(image.convert("RGB"))
        assert not [reading for reading in decode(pixels) if reading.likeness > reading.payload.seen]
