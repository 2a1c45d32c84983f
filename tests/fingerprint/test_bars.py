"""Bars that frames share, and scenes that only look as if they had any; all drawn by code."""

import io
from collections.abc import Callable

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.fingerprint.bars import Bars, common_bars
from safelight.fingerprint.content_box import MIN_CONTENT_SIDE
from safelight.fingerprint.frame_hash import frame_hashes

Grey = NDArray[np.uint8]
Draw = Callable[[str, int, int, int], Grey]
Box = tuple[int, int, int, int]


def bright(draw: Draw, width: int, height: int, seed: int) -> Grey:
    return np.ascontiguousarray(draw("quilt", width, height, seed)[:, :, 1])


def barred(picture: Grey, left: int, top: int, right: int, bottom: int, level: int = 0) -> Grey:
    return np.pad(picture, ((top, bottom), (left, right)), constant_values=level)


def coded(frames: list[Grey], crf: int) -> list[Grey]:
    """The frames after H.264."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=4, options={"crf": str(crf), "preset": "veryfast"})
        stream.height, stream.width = frames[0].shape
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="gray")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as container:
        return [np.array(frame.to_ndarray(format="gray"), np.uint8) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    "margins", [(0, 40, 0, 40), (60, 0, 60, 0), (20, 30, 20, 30), (0, 24, 0, 50), (150, 0, 150, 0), (7, 5, 7, 5)]
)
@pytest.mark.parametrize("level", [0, 16, 235])
def test_bars_are_found_to_the_pixel(draw: Draw, margins: Box, level: int) -> None:
    frames = [barred(bright(draw, 240, 180, seed) // 2 + 60, *margins, level=level) for seed in range(5)]
    left, top, _, _ = margins
    assert common_bars(frames) == (left, top, left + 240, top + 180)


def test_bars_between_side_bars_of_another_level(draw: Draw) -> None:
    frames = [barred(barred(bright(draw, 240, 150, n), 0, 30, 0, 30), 50, 0, 50, 0, level=255) for n in range(4)]
    assert common_bars(frames) == (50, 30, 290, 180)


def test_a_strongly_coded_copy_has_the_hashes_of_the_clean_one(draw: Draw) -> None:
    clean = [bright(draw, 320, 180, seed // 4) for seed in range(16)]
    copies = coded([barred(frame, 0, 30, 0, 30) for frame in clean], 35)
    bars = Bars.of(copies)
    assert bars.box is not None
    assert np.abs(np.array(bars.box) - (0, 30, 320, 210)).max() <= 1
    bits = [
        int(np.bitwise_count(frame_hashes(a.astype(np.float32)).codes ^ frame_hashes(b.astype(np.float32)).codes).sum())
        for a, b in zip(clean, (np.ascontiguousarray(bars.inside(copy)) for copy in copies), strict=True)
    ]
    assert np.mean(bits) <= 10


def test_dark_frames_tell_nothing_and_most_others_have_to_agree(draw: Draw) -> None:
    shown = [barred(bright(draw, 240, 180, seed), 0, 40, 0, 40) for seed in range(6)]
    dark = [barred(bright(draw, 240, 180, seed) // 20, 0, 40, 0, 40) for seed in range(30)]
    assert common_bars(dark + shown) == (0, 40, 240, 220)
    assert common_bars(dark) is None
    assert common_bars(dark + shown[:2]) is None
    whole = [bright(draw, 240, 260, seed) for seed in range(3)]
    assert common_bars(shown + whole) is None


def test_a_glitch_in_one_frame_of_many_does_not_hide_the_bars(draw: Draw) -> None:
    frames = [barred(bright(draw, 240, 180, seed % 7), 0, 40, 0, 40) for seed in range(40)]
    frames[9] = bright(draw, 240, 260, 1)
    assert common_bars(frames) == (0, 40, 240, 220)


def fade_from_black(draw: Draw) -> list[Grey]:
    picture = bright(draw, 320, 180, 3)
    return [(picture * (n / 16)).astype(np.uint8) for n in range(17)]


def lamp_at_night(_: Draw) -> list[Grey]:
    y, x = np.mgrid[-1:1:180j, -1:1:320j]
    return [(255 * np.exp(-k * (x**2 + y**2))).astype(np.uint8) for k in np.linspace(4, 40, 12)]


def windows_at_night(draw: Draw) -> list[Grey]:
    """Houses of one height, some of their windows lit, between a black sky and black ground."""
    frames = []
    for seed in range(12):
        lit = np.repeat(np.repeat(bright(draw, 40, 10, seed) > 140, 8, axis=1), 6, axis=0)
        lit[:, ::8] = lit[::6] = False
        frames.append(np.pad(np.where(lit, 220, 12).astype(np.uint8), ((60, 60), (0, 0))))
    return frames


def street_at_night(draw: Draw) -> list[Grey]:
    """Roofs of many heights before a black sky, brightly lit, over a street that fades into the dark."""
    roofs = np.repeat(np.array([70, 40, 55, 30, 80, 62, 45, 25, 58, 90]), 32)
    y = np.arange(180)[:, np.newaxis]
    light = np.where(y < roofs, 0, np.clip((180 - y) / 60, 0, 1))
    return [(bright(draw, 320, 180, seed) * light).astype(np.uint8) for seed in range(12)]


def flat_roofs(draw: Draw) -> list[Grey]:
    """As bright as day below a line, black above it: only one side ends so."""
    return [np.concatenate((np.zeros((60, 320), np.uint8), bright(draw, 320, 120, n))) for n in range(8)]


def title_on_black(_: Draw) -> list[Grey]:
    """Letters in the middle: strokes that cover two fifths of their box."""
    frame = np.zeros((180, 320), np.uint8)
    for left in range(60, 260, 20):
        frame[60:120, left : left + 5] = 255
        frame[60:120:20, left : left + 14] = 255
    return [frame] * 20


def title_then_film(draw: Draw) -> list[Grey]:
    return title_on_black(draw)[:14] + [bright(draw, 320, 180, n) for n in range(6)]


def credits_rolling(draw: Draw) -> list[Grey]:
    text = np.repeat(np.repeat(bright(draw, 40, 200, 1) > 150, 3, axis=0), 4, axis=1) * np.uint8(230)
    return [np.pad(text[8 * n : 8 * n + 180], ((0, 0), (80, 80))) for n in range(20)]


def grey_sky_over_all(draw: Draw) -> list[Grey]:
    sky = np.repeat(np.linspace(190, 120, 90).astype(np.uint8)[:, np.newaxis], 320, axis=1)
    return [np.concatenate((sky, bright(draw, 320, 90, n))) for n in range(8)]


@pytest.mark.parametrize(
    "scene",
    [
        fade_from_black,
        lamp_at_night,
        windows_at_night,
        street_at_night,
        flat_roofs,
        title_on_black,
        title_then_film,
        credits_rolling,
        grey_sky_over_all,
    ],
)
@pytest.mark.parametrize("crf", [None, 35])
def test_scenes_without_bars_have_none(draw: Draw, scene: Callable[[Draw], list[Grey]], crf: int | None) -> None:
    frames = scene(draw)
    assert common_bars(frames if crf is None else coded(frames, crf)) is None


def test_nothing_flat_or_small_has_bars(draw: Draw) -> None:
    assert common_bars([]) is None
    assert common_bars([np.full((90, 160), level, np.uint8) for level in (0, 90, 255)]) is None
    side = MIN_CONTENT_SIDE - 2
    assert common_bars([barred(bright(draw, 200, side, n), 0, 60, 0, 60) for n in range(5)]) is None
    assert common_bars([np.zeros((1, 1), np.uint8)]) is None


@settings(max_examples=40)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 400), st.integers(1, 400), st.integers(0, 10_000))
def test_a_box_is_inside_whatever_the_sizes(
    draw: Draw, width: int, height: int, shown_width: int, shown_height: int, seed: int
) -> None:
    picture = bright(draw, width, height, seed)
    bars = Bars.of([barred(picture, seed % 40, seed % 27, seed % 40, seed % 27)] * 3)
    box = bars.displayed(shown_width, shown_height)
    assert (box is None) == (bars.box is None)
    if box is not None:
        left, top, right, bottom = box
        assert 0 <= left < right <= shown_width
        assert 0 <= top < bottom <= shown_height
    assert bars.inside(np.zeros((shown_height, shown_width), np.uint8)).size


def test_frames_of_another_size_are_cut_at_the_same_share(draw: Draw) -> None:
    frames = [barred(bright(draw, 240, 180, n), 0, 40, 0, 40) for n in range(4)]
    bars = Bars.of([*frames, bright(draw, 60, 50, 1)])
    assert bars.displayed(480, 520) == (0, 80, 480, 440)
    assert bars.inside(np.zeros((130, 120), np.uint8)).shape == (90, 120)
