"""The fast PDQ against the slow, obvious one, and what it promises about any input."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.fingerprint.pdq import MIN_SIDE, pdq
from safelight.fingerprint.pdq_kernel import GRID, axis_weights, hash_region
from safelight.fingerprint.pdq_reference import box_blur, reference_pdq, window_size
from safelight.model.fingerprint import DIHEDRAL, Pdq

Pixels = NDArray[np.uint8]
Draw = Callable[[str, int, int, int], Pixels]

KINDS = ("noise", "smooth", "faint", "quilt")


def bits_apart(left: Pdq | None, right: Pdq | None) -> list[int]:
    """Distance of each dihedral hash."""
    assert left is not None
    assert right is not None
    pairs = zip(left.dihedral, right.dihedral, strict=True)
    return [(int(a, 16) ^ int(b, 16)).bit_count() for a, b in pairs]


# Examples are derived, not drawn anew each time: a picture whose coefficient equals the median to seven digits may
# rightly differ between float32 and float64, and must not fail a run once in a thousand.
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(KINDS), st.integers(MIN_SIDE, 220), st.integers(MIN_SIDE, 220), st.integers(0, 10_000))
def test_fast_equals_slow(draw: Draw, kind: str, width: int, height: int, seed: int) -> None:
    pixels = draw(kind, width, height, seed)
    fast, slow = pdq(pixels), reference_pdq(pixels)
    assert bits_apart(fast, slow) == [0] * len(DIHEDRAL)
    assert fast is not None
    assert slow is not None
    assert fast.quality == slow.quality


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1023, 769), (5, 3000), (3000, 5), (2500, 70), (129, 4000)])
def test_fast_equals_slow_on_larger_and_extreme_pictures(draw: Draw, width: int, height: int) -> None:
    pixels = draw("noise", width, height, 3)
    assert bits_apart(pdq(pixels), reference_pdq(pixels)) == [0] * len(DIHEDRAL)


@pytest.mark.parametrize("length", [*range(MIN_SIDE, 270), 511, 512, 513, 1000, 1024, 1279, 1281, 2049, 4000, 6001])
def test_the_weights_of_an_axis_are_two_box_passes_and_a_sampling(length: int) -> None:
    signal = np.random.default_rng(length).random((length, 2))
    blurred = box_blur(box_blur(signal, window_size(length)), window_size(length))
    expected = blurred[[int((i + 0.5) * length / GRID) for i in range(GRID)]]
    for mirrored in (False, True):
        first, count, kind, table = axis_weights(length, mirrored)
        assert first.min() >= 0
        assert (first + count).max() <= length
        stored = signal[::-1] if mirrored else signal
        got = [table[kind[i], : count[i]] @ stored[first[i] : first[i] + count[i]] for i in range(GRID)]
        np.testing.assert_allclose(got, expected, atol=1e-5)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 80), st.integers(0, 80), st.integers(0, 10_000))
def test_any_size_gives_a_hash_or_none_never_an_exception(draw: Draw, width: int, height: int, seed: int) -> None:
    result = pdq(draw("noise", width, height, seed))
    assert (result is None) == (min(width, height) < MIN_SIDE)
    if result is not None:
        assert len(result.dihedral) == len(DIHEDRAL)
        assert all(len(code) == 64 and code == code.lower() and int(code, 16) >= 0 for code in result.dihedral)
        assert 0 <= result.quality <= 100


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 50), (50, 1), (4, 4), (4, 5000), (20_000, 3)])
def test_sides_under_five_pixels_are_unhashable(draw: Draw, width: int, height: int) -> None:
    assert pdq(draw("noise", width, height, 0)) is None


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (1, 2, 3), (17, 203, 99)])
@pytest.mark.parametrize(("width", "height"), [(5, 5), (64, 64), (333, 777), (1632, 1224)])
def test_a_flat_colour_is_unhashable(colour: tuple[int, int, int], width: int, height: int) -> None:
    pixels = np.full((height, width, 3), colour, dtype=np.uint8)
    assert pdq(pixels) is None


def test_what_varies_along_one_axis_only_is_unhashable() -> None:
    # All 256 coefficients vanish: the reference gives quality 44 and a hash made of rounding noise.
    ramp = np.linspace(0, 255, 500).astype(np.uint8)
    pixels = np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (400, 500, 3)))
    assert pdq(pixels) is None
    assert pdq(np.ascontiguousarray(pixels.swapaxes(0, 1))) is None


def test_a_nearly_flat_picture_is_hashed_with_its_quality(draw: Draw) -> None:
    pixels = (draw("smooth", 300, 200, 5) // 100).astype(np.uint8)
    result = pdq(pixels)
    assert bits_apart(result, reference_pdq(pixels)) == [0] * len(DIHEDRAL)
    assert result is not None
    assert result.quality == 0


def test_dihedral_hashes_are_those_of_the_turned_picture(draw: Draw) -> None:
    # A side of 64 is not resampled, so that the turned picture's samples are the turned samples.
    pixels = draw("noise", 64, 64, 11)
    turned = {
        "original": pixels,
        "rotate90": np.rot90(pixels),
        "rotate180": np.rot90(pixels, 2),
        "rotate270": np.rot90(pixels, 3),
        "flip_x": np.flipud(pixels),
        "flip_y": np.fliplr(pixels),
        "flip_plus_1": pixels.swapaxes(0, 1),
        "flip_minus_1": np.rot90(pixels, 2).swapaxes(0, 1),
    }
    result = pdq(pixels)
    assert result is not None
    hashes = [pdq(np.ascontiguousarray(turned[name])) for name in DIHEDRAL]
    assert [found.hash for found in hashes if found is not None] == list(result.dihedral)


def test_a_box_is_hashed_as_if_it_were_cut_out(draw: Draw) -> None:
    pixels = draw("smooth", 301, 203, 2)
    left, top, right, bottom = box = (17, 31, 290, 160)
    cut = np.ascontiguousarray(pixels[top:bottom, left:right])
    assert pdq(pixels, box=box) == pdq(cut)
    assert pdq(pixels, orientation=6, box=box) == pdq(cut, orientation=6)


def test_read_only_and_mapped_pictures_are_hashed_in_place(draw: Draw, tmp_path: Path) -> None:
    pixels = draw("smooth", 120, 90, 4)
    expected = pdq(pixels)
    assert pixels.flags.writeable
    assert pdq(np.frombuffer(pixels.tobytes(), dtype=np.uint8).reshape(pixels.shape)) == expected
    pixels.tofile(tmp_path / "pixels")
    assert pdq(np.memmap(tmp_path / "pixels", dtype=np.uint8, mode="r", shape=pixels.shape)) == expected
    assert len(hash_region.signatures) == 1


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((8, 8, 3)), "uint8, not of float64"),
        (np.zeros((8, 8), dtype=np.uint8), r"\(height, width, 3\), not \(8, 8\)"),
        (np.zeros((8, 8, 4), dtype=np.uint8), r"\(height, width, 3\), not \(8, 8, 4\)"),
        (np.zeros((8, 16, 3), dtype=np.uint8)[:, ::2], "C-contiguous"),
        (np.zeros((16, 8, 3), dtype=np.uint8).swapaxes(0, 1), "C-contiguous"),
    ],
)
def test_arrays_that_are_not_pictures_are_refused(pixels: Pixels, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pdq(pixels)


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 0, 9, 5), (0, 6, 5, 5), (0, 0, 5, 9)])
def test_boxes_outside_the_picture_are_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="does not lie in a picture of 8x8 pixels"):
        pdq(np.zeros((8, 8, 3), dtype=np.uint8), box=box)


def test_orientations_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="1-8, not 9"):
        pdq(np.zeros((8, 8, 3), dtype=np.uint8), orientation=9)


CONFINED = """
import resource
import numpy as np
from safelight.fingerprint import content_box, pdq_kernel, prints
from safelight.model.fingerprint import Digests
from safelight.model.media import DecodedImage, Frame, MediaFacts
assert not pdq_kernel.hash_region.signatures and not content_box._find.signatures, "importing compiled"
prints.warm_up()
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
pixels = np.zeros((90, 120, 3), dtype=np.uint8)
pixels[20:70] = np.random.default_rng(1).integers(0, 256, (50, 120, 3), dtype=np.uint8)
image = DecodedImage(MediaFacts("image/png", 90, 120, orientation=6), (Frame(0, pixels),))
found = prints.fingerprints(Digests("", "", "", 0), image)
print(*(one.view for one in found.prints))
"""


def test_importing_compiles_nothing_and_after_warm_up_no_file_is_opened() -> None:
    done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["upright", "raw_orientation", "content_box"]
