"""JPEG: the fast decoder gives Pillow's pixels, and damage is told."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from safelight.media.decode import decode_image
from safelight.media.sniff import sniff
from safelight.model.errors import MediaError
from safelight.model.media import Limits
from tests.material.mutate import mutants
from tests.media.draw import decode, encode, peak_error, pixels, scene

VARIANTS: dict[str, tuple[str, dict[str, object]]] = {
    "4:2:0": ("RGB", {"subsampling": "4:2:0"}),
    "4:2:2": ("RGB", {"subsampling": "4:2:2"}),
    "4:4:4": ("RGB", {"subsampling": "4:4:4"}),
    "4:1:1": ("RGB", {"subsampling": "4:1:1"}),
    "grey": ("L", {}),
    "stored as RGB": ("RGB", {"keep_rgb": True}),
    "progressive": ("RGB", {"progressive": True}),
    "restarts": ("RGB", {"restart_marker_blocks": 3}),
    "optimised": ("RGB", {"optimize": True, "quality": 30}),
    "CMYK": ("CMYK", {}),
    "CMYK progressive": ("CMYK", {"progressive": True}),
}


@pytest.mark.parametrize("case", VARIANTS)
@pytest.mark.parametrize("size", [(192, 128), (33, 17), (1, 1)])
def test_same_pixels_as_pillow(case: str, size: tuple[int, int]) -> None:
    mode, options = VARIANTS[case]
    data = encode(scene(*size).convert(mode), "JPEG", **options)
    result = decode(data)
    with Image.open(io.BytesIO(data)) as opened:
        np.testing.assert_array_equal(result.frames[0].pixels, np.asarray(opened.convert("RGB")))
    assert result.facts.warnings == ()


def test_modes_are_those_stored() -> None:
    assert decode(encode(scene(), "JPEG")).facts.mode == "YCbCr"
    assert decode(encode(scene(), "JPEG", keep_rgb=True)).facts.mode == "RGB"
    assert decode(encode(scene().convert("L"), "JPEG")).facts.mode == "L"
    assert decode(encode(scene().convert("CMYK"), "JPEG")).facts.mode == "CMYK"


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.sampled_from(sorted(VARIANTS)), st.integers(5, 100))
def test_same_pixels_as_pillow_at_any_size(width: int, height: int, case: str, quality: int) -> None:
    mode, options = VARIANTS[case]
    data = encode(scene(width, height).convert(mode), "JPEG", **{"quality": quality, **options})
    with Image.open(io.BytesIO(data)) as opened:
        np.testing.assert_array_equal(decode(data).frames[0].pixels, np.asarray(opened.convert("RGB")))


def test_sampling_factors_without_a_name() -> None:
    data = bytearray(encode(scene(), "JPEG", subsampling="4:2:0"))
    data[data.index(b"\xff\xc0") + 11] = 0x13  # luma 1 x 3: the blocks are misread, but the file is a legal one
    result = decode(bytes(data))
    assert result.frames[0].pixels.shape == (128, 192, 3)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_cut_short(share: float, *, progressive: bool) -> None:
    data = encode(scene(), "JPEG", quality=90, progressive=progressive)
    result = decode(data[: int(len(data) * share)])
    assert result.facts.truncated
    assert result.facts.warnings == ("cut short: the rest of the picture is missing",)
    whole = decode(data).frames[0].pixels
    rows = 128 if progressive else int(128 * share * 0.25)
    assert peak_error(result.frames[0].pixels[:rows], whole[:rows]) <= (255 if progressive else 0)


def test_without_the_end_marker_nothing_is_lost_but_it_is_told() -> None:
    data = encode(scene(), "JPEG")
    result = decode(data[:-2])
    assert result.facts.truncated
    np.testing.assert_array_equal(result.frames[0].pixels, decode(data).frames[0].pixels)


def test_damage_in_the_middle() -> None:
    data = bytearray(encode(scene(), "JPEG", quality=90))
    data[len(data) // 2 : len(data) // 2 + 8] = bytes([0xFF, 0xC4, 0, 2, 0xFF, 0x01, 0x55, 0xFF])
    result = decode(bytes(data))
    assert result.facts.truncated
    assert result.facts.warnings == ("damaged: parts may be missing",)


@pytest.mark.parametrize("keep", [4, 20, 150, 400])
def test_no_picture_data(keep: int) -> None:
    data = encode(scene(), "JPEG")
    start = data.index(b"\xff\xda")
    assert keep < start + 14
    with pytest.raises(MediaError, match=r"cut short|header cannot be read|gave up"):
        decode(data[:keep])


def test_header_alone() -> None:
    data = encode(scene(), "JPEG")
    with pytest.raises(MediaError, match="cut short before any picture data"):
        decode(data[: data.index(b"\xff\xda") + 14])


def test_multi_picture_file() -> None:
    first, second, third = scene(seed=1), scene(seed=2), scene(seed=1)
    data = encode(first, "MPO", save_all=True, append_images=[second, third])
    result = decode(data)
    assert result.facts.frames == 3
    assert [frame.number for frame in result.frames] == [0, 1]  # the third shows nothing new
    assert peak_error(result.frames[1].pixels, decode(encode(second, "JPEG")).frames[0].pixels) == 0
    assert result.facts.warnings == ()


def test_multi_picture_file_whose_second_part_is_missing() -> None:
    data = encode(scene(seed=1), "MPO", save_all=True, append_images=[scene(seed=2)])
    result = decode(data[: data.index(b"\xff\xd9") + 2])
    assert [frame.number for frame in result.frames] == [0]
    assert result.facts.truncated


def test_thumbnail_inside_exif_does_not_end_the_picture() -> None:
    exif = Image.Exif()
    exif[0x010E] = "\xff\xd9".encode("latin-1")
    data = encode(scene(), "JPEG", exif=exif)
    assert decode(data).facts.warnings == ()
    assert decode(data + b"more").facts.warnings == ("4 bytes follow the end of the picture",)
    told = f"{len(data):,} bytes follow the end of the picture and look like image/jpeg"
    assert decode(data + data).facts.warnings == (told,)  # as in streams of pictures
    assert pixels(scene()).shape == decode(data).frames[0].pixels.shape


def test_what_cannot_be_decoded_is_black_not_what_memory_held_before() -> None:
    """libjpeg leaves part of a damaged progressive picture unwritten; earlier files' pixels must not show there."""
    damaged = [m.data for m in mutants(11, 1300) if "progressive" in m.name]
    for data in damaged:
        results: set[bytes | str] = set()
        for fill in (0, 85, 170):
            leftovers = [np.full(size, fill, dtype=np.uint8) for size in (30_000, 60_000, 200_000)]
            del leftovers
            try:
                results.add(decode_image(data, sniff(data), Limits()).frames[0].pixels.tobytes())
            except MediaError as error:
                results.add(error.cause)
        assert len(results) == 1
