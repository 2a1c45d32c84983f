"""Clips of drawn videos."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.fingerprint.clip import HELD_BACK, ClipMaker
from safelight.fingerprint.clip_keypoints import key_frame
from safelight.fingerprint.frame_hash import frame_hashes
from safelight.fingerprint.key_choice import ChosenFrame
from safelight.fingerprint.local import local_features
from safelight.fingerprint.pdq import pdq
from safelight.fingerprint.tiles import picture_tiles
from safelight.model.clip import CLIP_GRID, CLIP_TILES, OF_KNOWN_CLIP, OF_QUERY_CLIP, Clip, ClipRequest
from safelight.model.errors import LimitExceededError
from safelight.model.local import LocalRequest
from safelight.model.media import VideoFrame

Pixels = NDArray[np.uint8]
Draw = Callable[[str, int, int, int], Pixels]
Made = tuple[Clip, tuple[ChosenFrame, ...]]
EXACT = replace(OF_KNOWN_CLIP, exact=True)


def grey(draw: Draw, seed: int, width: int = 160, height: int = 90) -> Pixels:
    return np.ascontiguousarray(draw("quilt", width, height, seed)[:, :, 1])


def made(frames: Iterable[tuple[float, Pixels]], request: ClipRequest = OF_KNOWN_CLIP, duration: float = 60.0) -> Made:
    maker = ClipMaker(request)
    for time, pixels in frames:
        maker.add(VideoFrame(time, pixels))
    return maker.finish(duration, 640, 360)


def check(clip: Clip, request: ClipRequest) -> None:
    """What every clip promises."""
    rows = len(clip.time)
    assert rows <= request.rows
    assert (np.diff(clip.time) > 0).all()
    assert (clip.span >= 0).all()
    assert (clip.time[:-1] + clip.span[:-1] <= clip.time[1:] + 1e-3).all()
    assert clip.codes.shape == (rows, 32)
    assert len(clip.quality) == len(clip.shot) == len(clip.span) == rows
    assert (np.diff(clip.shot.astype(int)) >= 0).all()
    assert len(clip.keyed) <= request.keyed
    assert (np.diff(clip.keyed) > 0).all()
    assert set(clip.keyed.tolist()) <= set(range(rows))
    assert clip.tiles.shape == (len(clip.keyed), CLIP_TILES, 32)
    assert clip.tile_quality.shape == (len(clip.keyed), CLIP_TILES)
    kinds = (clip.time, np.float32), (clip.codes, np.uint8), (clip.shot, np.uint16), (clip.keyed, np.int32)
    assert all(values.dtype == kind for values, kind in kinds)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(-0.5, 3, width=32), st.integers(0, 5), st.sampled_from([1.0, 0.9, 0.02])), max_size=110
    ),
    st.integers(1, 30),
    st.integers(0, 9),
    st.integers(0, 5),
    st.floats(0, 300),
)
def test_whatever_comes_a_clip_keeps_its_promises(
    draw: Draw, steps: list[tuple[float, int, float]], rows: int, keyed: int, key_frames: int, duration: float
) -> None:
    request = replace(OF_QUERY_CLIP, rows=rows, keyed=keyed, key_frames=key_frames)
    pictures = [grey(draw, seed, 48, 40) for seed in range(6)]
    times = np.cumsum([gap for gap, _, _ in steps])
    clip, chosen = made(
        [
            (float(time), (pictures[seed] * light).astype(np.uint8))
            for time, (_, seed, light) in zip(times, steps, strict=True)
        ],
        request,
        duration,
    )
    check(clip, request)
    assert len(chosen) <= key_frames
    assert all(before.time < after.time for before, after in pairwise(chosen))


def test_frames_that_no_row_tells_apart_make_one(draw: Draw) -> None:
    clip, _ = made([(1.0, grey(draw, 0)), (1.0 + 1e-9, grey(draw, 1)), (1.5, grey(draw, 2))], duration=2.0)
    assert clip.time.tolist() == [1.0, 1.5]


def test_rows_are_hashes_of_the_frames(draw: Draw) -> None:
    pictures = [grey(draw, seed) for seed in range(70)]
    clip, chosen = made([(n / 4, picture) for n, picture in enumerate(pictures)], duration=17.5)
    assert clip.time.tolist() == [n / 4 for n in range(70)]
    assert clip.span.tolist() == [0.25] * 70
    assert clip.keyed.tolist() == list(range(70))
    for n, picture in enumerate(pictures):
        luma = picture.astype(np.float32)
        np.testing.assert_array_equal(clip.codes[n], frame_hashes(luma).codes[0])
        np.testing.assert_array_equal(clip.tiles[n], frame_hashes(luma, CLIP_GRID).codes)
        np.testing.assert_array_equal(clip.tile_quality[n], frame_hashes(luma, CLIP_GRID).quality)
    assert [frame.time for frame in chosen] == clip.time.tolist()
    assert all(frame.grey is picture for frame, picture in zip(chosen, pictures, strict=True))


def test_duplicates_and_blank_frames_are_left_out_with_their_spans_kept(draw: Draw) -> None:
    first, second, blank = grey(draw, 1), grey(draw, 2), np.full((90, 160), 3, np.uint8)
    shown = [first] * 8 + [blank] * 4 + [second] * 12 + [(second * 0.7).astype(np.uint8)] * 4
    clip, _ = made([(n / 4, pixels) for n, pixels in enumerate(shown)], duration=7.5)
    assert clip.time.tolist() == [0, 3, 6]  # the last is the same picture, but darker
    assert clip.span.tolist() == [2, 3, 1.5]
    assert clip.keyed.tolist() == [0, 1, 2]


def test_rows_have_tiles_where_the_picture_changed_or_time_has_passed(draw: Draw) -> None:
    still, moving = grey(draw, 1, 480, 270), grey(draw, 2, 60, 60)
    frames = []
    for n in range(24):  # a small thing moves: a few bits a frame
        frame = still.copy()
        frame[8 * n : 8 * n + 24, 100:124] = moving[:24, :24]
        frames.append((n / 4, frame))
    clip, _ = made(frames, duration=6)
    gaps = np.diff(clip.time[clip.keyed])
    assert len(clip.keyed) < len(clip.time)
    assert gaps.max() <= 2.25
    for before, after in pairwise(clip.keyed.tolist()):
        between = clip.codes[before + 1 : after]
        assert (np.bitwise_count(between ^ clip.codes[before]).sum(axis=1) <= 16).all()


def test_cuts_begin_shots_and_pans_do_not(draw: Draw) -> None:
    frames, time = [], 0.0
    for level in (0.35, 1.0, 0.6):
        wide = grey(draw, int(level * 10), 900, 300)
        for n in range(12):
            part = wide[20:110, 30 * n : 30 * n + 160]  # a fifth of the picture each quarter of a second
            frames.append((time, np.ascontiguousarray(part * level).astype(np.uint8)))
            time += 0.25
    clip, _ = made(frames, duration=9)
    assert clip.shot.tolist() == [0] * 12 + [1] * 12 + [2] * 12


def test_bars_are_cut_off_and_told_as_displayed(draw: Draw) -> None:
    pictures = [grey(draw, seed, 160, 60) for seed in range(HELD_BACK + 6)]
    barred = [np.pad(picture, ((15, 15), (0, 0))) for picture in pictures]
    clip, chosen = made([(n / 4, pixels) for n, pixels in enumerate(barred)])
    assert clip.box == (0, 60, 640, 300)
    np.testing.assert_array_equal(clip.codes[-1], frame_hashes(pictures[-1].astype(np.float32)).codes[0])
    assert chosen[0].grey.shape == (90, 160)


def test_a_frame_that_is_not_later_is_passed_over(draw: Draw) -> None:
    order = [0.0, 1.0, 1.0, 0.5, float("nan"), float("inf"), 2.0]
    clip, _ = made([(time, grey(draw, n)) for n, time in enumerate(order)], duration=3)
    assert clip.time.tolist() == [0, 1, 2]


def test_no_frame_gives_an_empty_clip() -> None:
    clip, chosen = made([], duration=0)
    check(clip, OF_KNOWN_CLIP)
    assert not len(clip.time)
    assert chosen == ()


def test_key_frames_are_taken_when_asked_for(draw: Draw) -> None:
    frames = [(n / 4, grey(draw, n % 9)) for n in range(80)]
    at = replace(OF_QUERY_CLIP, at=(3.1, 3.2, 11.9, 500.0))
    _, chosen = made(frames, at)
    assert [frame.time for frame in chosen] == [3.0, 3.25, 12.0, 19.75]
    for none in (replace(OF_QUERY_CLIP, key_frames=0), replace(OF_QUERY_CLIP, local=None), replace(at, key_frames=0)):
        assert made(frames, none)[1] == ()


def test_key_frames_are_whole_and_settled(draw: Draw) -> None:
    pictures = [grey(draw, seed) for seed in range(40)]
    frames = [(n / 4, pictures[n % 40]) for n in range(400)]
    _, chosen = made(frames, replace(OF_KNOWN_CLIP, key_frames=7), 100)
    assert len(chosen) == 7
    assert np.diff([frame.time for frame in chosen]).max() <= 30
    assert all(frame.grey is frames[int(frame.time * 4)][1] for frame in chosen)


def test_a_key_frame_has_what_pictures_are_traced_by(draw: Draw) -> None:
    picture = grey(draw, 3, 480, 270)
    seen = key_frame(ChosenFrame(2.5, picture), 1920, 1080, LocalRequest(400, 100))
    working = cv2.resize(picture, (400, 225), interpolation=cv2.INTER_AREA)
    assert seen.time == 2.5
    assert seen.pixels is None
    assert (seen.local.working.width, seen.local.working.height) == (1920, 1080)
    np.testing.assert_array_equal(seen.local.working.grey, working)
    np.testing.assert_array_equal(seen.local.tiles.codes, picture_tiles(seen.local.working.grey).codes)
    expected = local_features(seen.local.working.grey, 100)
    np.testing.assert_array_equal(seen.local.features.descriptors, expected.descriptors)


def test_exact_rows_are_pdq_of_every_frame(draw: Draw) -> None:
    pictures = [draw("quilt", 160, 90, n // 2) for n in range(6)]
    pictures[4] = np.full((90, 160, 3), 40, np.uint8)
    clip, chosen = made([(n / 30, pixels) for n, pixels in enumerate(pictures)], EXACT, 0.2)
    assert chosen == ()
    assert clip.box is None
    assert not len(clip.keyed)
    np.testing.assert_allclose(clip.time, np.arange(6) / 30, rtol=1e-6)
    np.testing.assert_allclose(clip.span, 1 / 30, rtol=1e-4)
    for n, pixels in enumerate(pictures):
        expected = pdq(pixels)
        assert clip.codes[n].tobytes().hex() == (expected.hash if expected else "00" * 32)
        assert clip.quality[n] == (expected.quality if expected else 0)


def test_too_many_exact_rows_are_an_error(draw: Draw) -> None:
    frame = VideoFrame(0, draw("quilt", 40, 40, 1))
    maker = ClipMaker(replace(EXACT, rows=2))
    maker.add(frame)
    maker.add(frame)
    with pytest.raises(LimitExceededError, match="more than 2 frames"):
        maker.add(frame)


@pytest.mark.parametrize(
    "pixels", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8)]
)
def test_other_pixels_are_refused(pixels: Pixels) -> None:
    with pytest.raises(ValueError, match="uint8 luma"):
        ClipMaker(OF_KNOWN_CLIP).add(VideoFrame(0, pixels))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["bottle.mp4", "car.mp4"])
def test_footage_is_covered_in_time(shared: Path, name: str) -> None:
    frames: list[tuple[float, Pixels]] = []
    with av.open(str(shared / "corpus" / "video" / name)) as container:
        for frame in container.decode(video=0):
            if frame.time >= len(frames) / 4:
                whole = frame.to_ndarray(format="gray")
                small = cv2.resize(whole, (480, 270), interpolation=cv2.INTER_AREA)
                frames.append((frame.time, np.asarray(small, np.uint8)))
    duration = frames[-1][0] + 0.25
    clip, chosen = made(frames, duration=duration)
    check(clip, OF_KNOWN_CLIP)
    assert clip.box is None
    assert clip.span.sum() >= 0.95 * duration
    assert np.diff([0, *(frame.time for frame in chosen), duration]).max() <= 2.5
