"""Any bytes at all: MediaError or a result within the limits, never anything else.

The decoders are C libraries: the choice of files is fixed (derandomised), so that a run here finds what the last one
found. `make soak` goes further, in processes of their own.
"""

import io
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.media import formats as f
from safelight.media.archive import members
from safelight.media.decode import DECODED, decode_image
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.errors import MediaError
from safelight.model.media import MediaKind, MediaType
from tests.media.draw import LIMITS, encode, scene
from tests.media.pack import make_7z, make_rar4, make_rar5, make_tar, make_zip
from tests.media.test_frames import clip
from tests.media.test_limits import DRAWN
from tests.media.test_tar import PACKERS

BOUNDS = replace(
    LIMITS, max_pixels=1_000_000, max_frames=4, max_member_bytes=1 << 20, max_archive_bytes=1 << 22, max_members=50
)
FILES = [("a.txt", b"first" * 100), ("d/b.txt", b"second" * 100), ("gün.png", encode(scene(32, 32), "PNG"))]
SEEDS: dict[str, bytes] = {
    **DRAWN,
    **{f"moving {form}": clip(form, [scene(48, 32, n) for n in range(3)]) for form in ("GIF", "PNG", "WEBP", "TIFF")},
    **{f"TIFF {way}": encode(scene(64, 48), "TIFF", compression=way) for way in ("tiff_lzw", "packbits")},
    "palette": encode(scene(64, 48).quantize(16), "PNG"),
    "progressive": encode(scene(64, 48), "JPEG", progressive=True),
    "multi-picture": encode(scene(64, 48), "MPO", save_all=True, append_images=[scene(64, 48, 4)]),
    "zip": make_zip(FILES),
    "7z": make_7z(FILES),
    "rar4": make_rar4(FILES),
    "rar5": make_rar5(FILES),
    **{f"tar {packer}": pack(make_tar(FILES)) for packer, pack in PACKERS.items()},
}
ARCHIVES = [known for known in f.KNOWN if known.kind is MediaKind.ARCHIVE]
PICTURES = [known for known in f.KNOWN if known.mime in DECODED]


def examine(data: bytes, media_type: MediaType) -> None:
    cause = "none"
    try:
        if media_type.kind is MediaKind.ARCHIVE:
            for member in members(io.BytesIO(data), media_type, BOUNDS):
                assert member.name.encode("utf-8")
                assert len(member.data or b"") <= BOUNDS.max_member_bytes
                assert member.data is not None or member.error
        else:
            result = decode_image(data, media_type, BOUNDS)
            sizes = [frame.pixels.shape[0] * frame.pixels.shape[1] for frame in result.frames]
            assert 1 <= len(sizes) <= 2 * BOUNDS.max_frames
            assert sum(sizes[1:]) <= BOUNDS.max_pixels
            assert sizes[0] <= BOUNDS.max_pixels
            assert not any("\n" in warning for warning in result.facts.warnings)
    except MediaError as error:
        cause = error.cause
    assert cause
    assert "\n" not in cause


def mutate(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(out))
        match rng.randrange(5):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[rng.randrange(min(300, len(out)))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                out[at : at + 4] = rng.choice((bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\1"))
            case 3:
                del out[at : at + rng.randrange(1, 64)]
            case _:
                out[at:at] = out[at : at + rng.randrange(1, 64)]
        out = out or bytearray(1)
    return bytes(out)


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files(name: str) -> None:
    media_type = sniff(SEEDS[name][:HEAD_BYTES])
    rng = random.Random(name)
    for _ in range(25):
        examine(mutate(SEEDS[name], rng), media_type)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.sampled_from(PICTURES + ARCHIVES))
def test_random_bytes(data: bytes, media_type: MediaType) -> None:
    examine(data, media_type)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SEEDS)), st.integers(8, 64), st.binary(max_size=300))
def test_random_bytes_behind_a_true_beginning(name: str, keep: int, data: bytes) -> None:
    examine(SEEDS[name][:keep] + data, sniff(SEEDS[name][:HEAD_BYTES]))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(SEEDS)), st.sampled_from(PICTURES + ARCHIVES))
def test_files_of_another_type(name: str, media_type: MediaType) -> None:
    examine(SEEDS[name], media_type)
