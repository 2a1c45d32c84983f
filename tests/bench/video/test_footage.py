"""Footage is encoded and comes back frame by frame."""

import io
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.bench.derivative.pictures import Picture
from safelight.bench.video.draw import LEAST_SECONDS, MOST_SECONDS, drawn, shots_for
from safelight.bench.video.edits import MPEG4, VP9
from safelight.bench.video.footage import Coding, Footage, encode, filled, mapped, picked, recorded
from safelight.model.errors import InputError
from tests.bench.video.fakes import levels, plain


def key_frames(data: bytes) -> list[float]:
    with av.open(io.BytesIO(data), "r") as container:
        return [float(packet.pts * packet.time_base) for packet in container.demux(video=0) if packet.is_keyframe]  # type: ignore[operator]


@pytest.mark.parametrize("coding", [Coding(), MPEG4, VP9])
def test_what_is_encoded_comes_back(coding: Coding) -> None:
    source = levels(45)
    back = recorded(encode(source, coding), "x")
    assert (back.width, back.height, back.fps, back.count) == (96, 64, Fraction(10), 45)
    means = [frame.mean() for frame in back.frames()]
    assert means == pytest.approx([20 + number for number in range(45)], abs=3)
    assert means == [frame.mean() for frame in back.frames()]


def test_the_same_frames_give_the_same_bytes() -> None:
    assert encode(levels(20), Coding()) == encode(levels(20), Coding())


def test_key_frames_are_as_far_apart_as_asked_for() -> None:
    assert key_frames(encode(levels(70), Coding())) == pytest.approx([0, 2, 4, 6])
    assert key_frames(encode(levels(70), Coding(key_seconds=None))) == [0]


def test_large_footage_is_reduced_and_long_footage_cut_short() -> None:
    data = encode(levels(30, 960, 720), Coding())
    back = recorded(data, "x", seconds=1.25)
    assert (back.width, back.height, back.count) == (640, 480, 12)
    assert [frame.shape for frame in back.frames()] == [(480, 640, 3)] * 12


def test_what_is_no_video_is_refused() -> None:
    with pytest.raises(InputError, match="not a video"):
        recorded(b"no video at all", "x.mp4")


@given(st.lists(st.integers(0, 19), max_size=30).map(sorted))
def test_picked_frames_are_those_of_a_list(numbers: list[int]) -> None:
    source = levels(20, 8, 8)
    frames = list(source.frames())
    assert np.array_equal(list(picked(source, numbers).frames()), [frames[number] for number in numbers])


def test_other_footage_fills_any_size_for_ever() -> None:
    frames = filled(plain(200), 64, 32)
    assert all(next(frames).shape == (32, 64, 3) for _ in range(20))


def test_mapped_frames_know_their_number() -> None:
    footage = mapped(levels(5, 8, 8), lambda pixels, number: pixels + number)
    assert [frame.flat[0] for frame in footage.frames()] == [20, 22, 24, 26, 28]


def pictures(first: int, count: int) -> list[Picture]:
    return [Picture(f"drawn-{number}", "", drawn=number) for number in range(first, first + count)]


def some(footage: Footage, every: int = 50) -> list[np.ndarray]:
    return [frame.copy() for number, frame in enumerate(footage.frames()) if number % every == 0]


def test_drawn_clips_are_decided_by_their_seed_and_move() -> None:
    first, again, other = (drawn(pictures(0, 4), seed, (160, 120)) for seed in (1, 1, 2))
    assert LEAST_SECONDS <= first.seconds <= MOST_SECONDS
    assert first.count == again.count == sum(1 for _ in first.frames())
    assert np.array_equal(some(first), some(again))
    assert not np.array_equal(some(first)[0], some(other)[0])
    frames = some(first, 10)
    assert all(np.abs(a.astype(int) - b).mean() > 0.5 for a, b in pairwise(frames))


def test_clips_are_neither_too_short_nor_too_long() -> None:
    for number in range(6):
        seconds = drawn(pictures(0, shots_for(number)), number, (16, 12)).seconds
        assert LEAST_SECONDS <= seconds <= MOST_SECONDS
