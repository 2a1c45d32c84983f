"""Moving and many-paged pictures: which frames are examined and which are kept."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from safelight.media.image.frames import FrameSet, frames_to_examine
from safelight.media.image.structure import gif_frames, png_structure
from safelight.model.media import DecodedImage, Limits
from tests.media.draw import LIMITS, decode, encode, pdq_distance, peak_error, pixels, psnr, scene

MOVING = [("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("AVIF", {"quality": 95})]


def clip(form: str, frames: list[Image.Image], **options: object) -> bytes:
    return encode(frames[0], form, save_all=True, append_images=frames[1:], **options)


def numbers(result: DecodedImage) -> list[int]:
    return [frame.number for frame in result.frames]


@pytest.mark.parametrize(("form", "options"), MOVING)
def test_each_scene_is_kept_once(form: str, options: dict[str, object]) -> None:
    scenes = [scene(seed=seed) for seed in (1, 1, 2, 2, 1, 3)]
    result = decode(clip(form, scenes, **options))
    merged = form in ("GIF", "WEBP")  # these writers merge equal neighbours
    expected = (4, [0, 1, 3]) if merged else (6, [0, 2, 5])
    assert (result.facts.frames, numbers(result)) == expected
    for frame, seed in zip(result.frames, (1, 2, 3), strict=True):
        assert psnr(frame.pixels, pixels(scene(seed=seed))) > 20
    assert result.facts.warnings == ()


@pytest.mark.parametrize(("form", "options"), MOVING)
def test_long_clips_are_examined_all_over(form: str, options: dict[str, object]) -> None:
    scenes = [scene(64, 48, seed) for seed in range(20)]
    result = decode(clip(form, scenes, **options), replace(LIMITS, max_frames=5))
    assert numbers(result) == [0, 5, 10, 14, 19]
    assert result.facts.frames == 20
    assert result.facts.warnings == ("20 frames, of which 5 were examined",)
    assert peak_error(result.frames[0].pixels, decode(clip(form, scenes[:1], **options)).frames[0].pixels) <= 60


def test_a_hidden_frame_is_found() -> None:
    scenes = [scene(seed=1)] * 30 + [scene(seed=2)] + [scene(seed=1)] * 30
    result = decode(clip("PNG", scenes))
    assert (result.facts.frames, numbers(result)) == (61, [0, 30])


def test_default_image_of_an_animated_png_counts() -> None:
    data = clip("PNG", [scene(seed=seed) for seed in (1, 2, 3)], default_image=True)
    assert (decode(data).facts.frames, numbers(decode(data))) == (3, [0, 1, 2])


def test_png_that_promises_more_frames_than_it_has() -> None:
    data = bytearray(clip("PNG", [scene(seed=seed) for seed in (1, 2, 3)]))
    at = data.index(b"acTL") + 4
    data[at : at + 4] = (1_000_000).to_bytes(4, "big")
    result = decode(bytes(data), replace(LIMITS, max_frames=4))
    assert numbers(result)[:3] == [0, 1, 2]


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_clip_cut_short_keeps_its_first_frames(form: str) -> None:
    data = clip(form, [scene(seed=seed) for seed in range(6)])
    result = decode(data[: int(len(data) * 0.55)])
    assert result.facts.truncated
    assert result.frames[0].number == 0
    assert len(result.frames) >= 2


def test_pages_of_different_sizes_and_modes() -> None:
    pages = [scene(64, 48, 1), scene(100, 30, 2).convert("1"), scene(33, 90, 3).convert("CMYK")]
    result = decode(clip("TIFF", pages))
    assert [frame.pixels.shape for frame in result.frames] == [(48, 64, 3), (30, 100, 3), (90, 33, 3)]
    assert (result.facts.width, result.facts.height) == (64, 48)


def test_a_reduced_page_of_the_same_picture_is_no_news() -> None:
    result = decode(clip("TIFF", [scene(384, 256), scene(384, 256).resize((96, 64), Image.Resampling.BOX)]))
    assert numbers(result) == [0]


def test_a_page_beyond_the_limit_is_told_and_the_others_kept() -> None:
    pages = [scene(64, 48, 1), scene(500, 400, 2), scene(64, 48, 3)]
    result = decode(clip("TIFF", pages), replace(LIMITS, max_pixels=20_000))
    assert numbers(result) == [0, 2]
    assert result.facts.warnings == ("frame 1: needs 500 x 400 pixels; the limit is 20,000 in one picture",)


def test_kept_frames_stay_within_the_pixel_limit() -> None:
    frames = FrameSet(replace(LIMITS, max_pixels=50_000))
    for number in range(5):
        frames.offer(number, pixels(scene(seed=number)))  # 24,576 pixels each
    assert [frame.number for frame in frames.frames] == [0, 1]
    assert frames.dropped == 3


def test_many_large_frames_are_told() -> None:
    data = clip("GIF", [scene(seed=seed) for seed in range(4)])
    result = decode(data, replace(LIMITS, max_pixels=50_000))
    assert numbers(result) == [0, 1]
    assert "2 frames had no room: together they pass the pixel limit" in result.facts.warnings


def test_frame_counters() -> None:
    scenes = [scene(40, 30, seed) for seed in range(7)]
    assert gif_frames(clip("GIF", scenes)) == 7
    assert png_structure(clip("PNG", scenes)).frames == 7
    assert png_structure(encode(scene(), "PNG")).frames == 0


def _still_gif_bomb(count: int) -> bytes:
    image = b"\x2c" + bytes(4) + b"\1\0\1\0\0" + b"\x02\x02\x44\x01\0"
    return b"GIF89a" + b"\xe8\x03\xe8\x03\x80\0\0" + bytes(6) + image * count + b";"


def test_a_gif_of_countless_frames_on_a_large_canvas_gives_its_first() -> None:
    result = decode(_still_gif_bomb(200_000), Limits(max_pixels=2_000_000, max_frames=8))
    assert result.facts.frames == 100_000
    assert numbers(result)[0] == 0
    assert result.facts.warnings == ("100,000 frames, of which 8 were examined",)


@pytest.mark.parametrize("noise", [0, 2, 4])
def test_dropped_frames_are_near_a_kept_one(noise: float) -> None:
    """What PDQ would see in a dropped frame, it sees in a kept one (31 bits is where matches end)."""
    rng = np.random.default_rng(5)
    base = scene(400, 300, 4)
    frames = []
    for step in range(16):
        crop = pixels(base.crop((step, step // 2, step + 320, step // 2 + 240))).astype(float)
        frames.append((crop + rng.normal(0, noise, crop.shape)).clip(0, 255).astype(np.uint8))
    kept = FrameSet(LIMITS)
    for number, frame in enumerate(frames):
        kept.offer(number, frame)
    for frame in frames:
        assert min(pdq_distance(frame, other.pixels) for other in kept.frames) <= 24


@given(
    st.integers(1, 10**7),
    st.integers(1, 10**9),
    st.integers(1, 100),
    st.booleans(),
)
def test_plan(count: int, canvas: int, most: int, in_order: bool) -> None:
    limits = Limits(max_frames=most)
    plan = frames_to_examine(count, canvas, limits, in_order=in_order)
    assert plan[0] == 0
    assert plan == sorted(set(plan))
    assert len(plan) <= min(most, count)
    assert plan[-1] < count
    decoded = plan[-1] + 1 if in_order else len(plan)
    assert decoded == 1 or decoded * canvas <= 5 * limits.max_pixels
    if len(plan) < most and canvas * count <= limits.max_pixels:
        assert len(plan) == count


@pytest.mark.parametrize(("form", "options"), [kind for kind in MOVING if kind[0] != "TIFF"])
def test_frames_have_times(form: str, options: dict[str, object]) -> None:
    scenes = [scene(64, 48, seed) for seed in range(5)]
    lasting = [200, 500, 100, 300, 40]
    result = decode(clip(form, scenes, duration=lasting, **options))
    assert [frame.time for frame in result.frames] == pytest.approx([0, 0.2, 0.7, 0.8, 1.1], abs=0.002)
    sparse = decode(clip(form, scenes, duration=lasting, **options), replace(LIMITS, max_frames=3))
    assert [frame.time for frame in sparse.frames] == pytest.approx([0, 0.7, 1.1], abs=0.002)


def test_pages_have_no_times() -> None:
    result = decode(clip("TIFF", [scene(seed=seed) for seed in (1, 2)]))
    assert [frame.time for frame in result.frames] == [0, 0]
