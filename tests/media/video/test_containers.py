"""Every container and the usual codecs: all frames, in order, at their times, showing what was drawn."""

import os

import av
import numpy as np
import pytest

from safelight.media.video.picture import UPRIGHT, Painter
from safelight.model.clip import Sampling
from tests.material.clips import CONTAINERS, clip, encode, sample
from tests.media.video.read import likeness, luma, read

DRAWN = list(clip(1, 4.0, 25, 176, 144, shot=1.5))
"""What `sample` encodes."""
KINDS = [
    *CONTAINERS.items(),
    ("mp4", "libx265"),
    ("mp4", "mpeg4"),
    ("mov", "qtrle"),
    ("matroska", "libx264"),
    ("matroska", "libsvtav1"),
    ("matroska", "ffv1"),
    ("avi", "libx264"),
    ("avi", "mjpeg"),
    ("avi", "msmpeg4v2"),
    ("mpegts", "libx264"),
    ("mpegts", "libx265"),
    ("flv", "libx264"),
]
NAMES = {"libx264": "h264", "libx265": "hevc", "libvpx-vp9": "vp9", "libvpx": "vp8", "libsvtav1": "av1", "flv": "flv1"}


@pytest.mark.parametrize(("container", "codec"), KINDS)
def test_all_frames(container: str, codec: str) -> None:
    seen = read(sample(container, codec))
    assert len(seen.frames) == 100
    assert seen.times == pytest.approx(np.arange(100) / 25, abs=0.002)
    for index in (0, 13, 36, 38, 74, 99):
        assert likeness(luma(DRAWN[index]), seen.frames[index].pixels) > 0.97
    facts = seen.facts
    assert (facts.width, facts.height, facts.frames) == (176, 144, 100)
    assert facts.duration == pytest.approx(4, abs=0.05)
    assert seen.claimed == pytest.approx(4, abs=0.1)
    assert (facts.truncated, facts.warnings) == (False, ())
    assert facts.codec == NAMES.get(codec, codec.removesuffix("_ks"))


@pytest.mark.parametrize(("container", "codec"), KINDS)
def test_key_frames_are_the_frames_shown_then(container: str, codec: str) -> None:
    data = sample(container, codec)
    whole = {round(frame.time, 2): frame.pixels for frame in read(data).frames}
    seen = read(data, Sampling(1.0, keys=True))
    assert 4 <= len(seen.frames) <= 10
    for frame in seen.frames:
        assert likeness(whole[round(frame.time, 2)].astype(np.float32), frame.pixels) > 0.999


def test_no_encoder_leaves_the_process_more_urgent_than_it_was() -> None:
    before = os.sched_getscheduler(0)
    encode(DRAWN[:3], "matroska", "libsvtav1")
    assert os.sched_getscheduler(0) == before


@pytest.mark.parametrize("codec", ["libx264", "prores_ks", "mjpeg", "qtrle", "ffv1"])
def test_colour_and_smaller(codec: str) -> None:
    data = sample("mov" if codec in {"prores_ks", "qtrle"} else "matroska", codec)
    frame = read(data, Sampling(1.0), colour=True).frames[0].pixels
    assert frame.shape == (144, 176, 3)
    assert frame.flags.c_contiguous
    assert np.abs(frame.astype(int) - DRAWN[0]).mean() < 8
    small = read(data, Sampling(1.0), colour=True, side=88).frames[0].pixels
    assert small.shape == (72, 88, 3)
    assert np.abs(frame.reshape(72, 2, 88, 2, 3).mean(axis=(1, 3)) - small).mean() < 3
    grey = read(data, Sampling(1.0), side=88).frames[0].pixels
    assert grey.shape == (72, 88)
    assert np.abs(luma(small) - grey).mean() < 3
    assert read(data, Sampling(1.0), side=1000).frames[0].pixels.shape == (144, 176)


@pytest.mark.parametrize(
    ("codec", "pixels"),
    [
        ("prores_ks", "yuv422p10le"),
        ("prores_ks", "yuva444p10le"),
        ("ffv1", "gray"),
        ("ffv1", "gray16le"),
        ("ffv1", "bgra"),
        ("ffv1", "gbrp12le"),
        ("ffv1", "yuv410p"),
        ("libx264", "yuv444p"),
        ("libx264", "yuv420p10le"),
        ("qtrle", "gray"),
        ("rawvideo", "yuyv422"),
        ("rawvideo", "rgb24"),
    ],
)
def test_pixel_formats(codec: str, pixels: str) -> None:
    drawn = DRAWN[:4]
    file = encode(drawn, "matroska" if codec in {"ffv1", "libx264"} else "mov", codec, gop=2, pixels=pixels)
    seen = read(file)
    assert len(seen.frames) == 4
    assert seen.facts.truncated is False
    for index in (0, 3):
        assert likeness(luma(drawn[index]), seen.frames[index].pixels) > 0.97
    assert read(file, colour=True).frames[0].pixels.shape == (144, 176, 3)


def test_luma_has_the_full_range_whatever_the_video_has() -> None:
    ramp = np.repeat(np.linspace(0, 255, 256).astype(np.uint8)[None, :, None], 64, axis=0).repeat(3, axis=2)
    limited = read(encode([ramp] * 2, "matroska", "ffv1", pixels="yuv420p")).frames[0].pixels.astype(int)
    full = read(encode([ramp] * 2, "avi", "mjpeg", pixels="yuvj420p")).frames[0].pixels.astype(int)
    grey = read(encode([ramp] * 2, "matroska", "ffv1", pixels="gray")).frames[0].pixels.astype(int)
    for frame in (limited, full, grey):
        assert np.abs(frame - ramp[..., 0]).mean() < 3


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_rotation(rotate: int, flip: bool) -> None:
    seen = read(encode(DRAWN[:3], "mp4", gop=3, rotate=rotate, flip=flip), side=88)
    shown = DRAWN[0][::2, ::2]
    shown = np.rot90(shown[:, ::-1] if flip else shown, -rotate // 90)  # numpy turns to the left
    assert seen.frames[0].pixels.shape == shown.shape[:2]
    assert likeness(luma(shown), seen.frames[0].pixels) > 0.97
    assert (seen.facts.height, seen.facts.width) == (shown.shape[0] * 2, shown.shape[1] * 2)
    assert seen.facts.warnings == ()
    assert seen.frames[0].pixels.flags.c_contiguous


def test_palettes() -> None:
    indices = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
    palette[:, 0] = 255
    frame = av.VideoFrame(64, 64, "pal8")
    frame.planes[0].update(indices.tobytes())
    frame.planes[1].update(palette[:, ::-1].tobytes())
    grey = Painter(0, colour=False).paint(frame, UPRIGHT)
    assert np.abs(grey.astype(int) - indices).max() <= 2
