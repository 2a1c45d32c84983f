"""Clips made of frame lists, and frame lists made of clips."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.clips.records import check
from safelight.fingerprint.vpdq import clip_of_frames, frames_of_clip
from safelight.model.clip import OF_KNOWN_CLIP, Clip, Sampling
from safelight.model.vpdq import VpdqFrame

EVERY_FRAME = replace(OF_KNOWN_CLIP, sampling=Sampling(0.0))


def code(seed: int, flipped: int = 0) -> str:
    """A random hash of `seed`, with the first so many bits flipped."""
    bits = int.from_bytes(np.random.default_rng(seed).bytes(32))
    return f"{bits ^ (((1 << flipped) - 1) << (256 - flipped)):064x}"


def frames(*codes: str, step: float = 0.5, quality: int = 100) -> list[VpdqFrame]:
    return [VpdqFrame(n, quality, one, n * step) for n, one in enumerate(codes)]


def rows(clip: Clip) -> list[tuple[float, float, str]]:
    return [(float(t), float(s), c.tobytes().hex()) for t, s, c in zip(clip.time, clip.span, clip.codes, strict=True)]


def test_duplicates_go_and_leave_their_span() -> None:
    clip = clip_of_frames(frames(code(1), code(1, 2), code(1, 3), code(2)), EVERY_FRAME)
    assert rows(clip) == [(0.0, 1.0, code(1)), (1.0, 0.5, code(1, 3)), (1.5, 0.5, code(2))]
    assert clip.duration == 2.0
    assert (clip.width, clip.height, clip.box) == (0, 0, None)


def test_frames_that_tell_nothing_go_and_their_span_with_them() -> None:
    listed = frames(code(1), code(2), code(1), code(1))
    listed[1] = replace(listed[1], quality=0)
    assert rows(clip_of_frames(listed, EVERY_FRAME)) == [(0.0, 0.5, code(1)), (1.0, 1.0, code(1))]


def test_keyed_rows_are_those_that_changed_or_come_two_seconds_later() -> None:
    still = [code(1, 3 * n) for n in range(6)]  # 3 bits a frame: 18 after six
    clip = clip_of_frames(frames(*still, code(2), step=0.1), EVERY_FRAME)
    assert clip.keyed.tolist() == [0, 6]
    slow = clip_of_frames(frames(*still, code(1, 18), step=1.0), EVERY_FRAME)
    assert slow.keyed.tolist() == [0, 2, 4, 6]
    assert not slow.tiles.any()
    assert not slow.tile_quality.any()
    assert slow.tiles.shape == (4, 16, 32)


def test_a_dense_list_is_looked_at_four_times_a_second() -> None:
    listed = [VpdqFrame(n, 100, code(n), round(n / 30, 3)) for n in range(90)]
    clip = clip_of_frames(listed)
    assert len(clip.time) == 12
    assert clip.time[:3] == pytest.approx([0.0, 0.267, 0.5])
    assert clip.span.sum() == pytest.approx(3.0, abs=0.01)


def test_a_long_list_keeps_to_the_number_of_rows() -> None:
    request = replace(EVERY_FRAME, rows=10, keyed=3)
    clip = clip_of_frames(frames(*(code(n) for n in range(100))), request)
    assert 5 <= len(clip.time) <= 10
    assert 1 <= len(clip.keyed) <= 3
    assert clip.time[-1] > 35.0


def test_times_that_stay_the_same_are_one_frame() -> None:
    listed = [VpdqFrame(n, 100, code(n), at) for n, at in enumerate([1230.0, 1230.0, 1240.0])]
    assert rows(clip_of_frames(listed, EVERY_FRAME))[0] == (1230.0, 10.0, code(0))


def test_a_frame_alone_is_shown_for_a_second() -> None:
    assert rows(clip_of_frames(frames(code(1)))) == [(0.0, 1.0, code(1))]


def test_an_empty_list_is_an_empty_clip() -> None:
    clip = clip_of_frames([])
    assert (len(clip.time), clip.duration) == (0, 0.0)
    assert frames_of_clip(clip, 1.0) == ()


def test_frames_are_the_rows_shown_at_each_moment() -> None:
    listed = frames(code(1), code(1), code(2), code(3), code(3))
    listed[2] = replace(listed[2], quality=0)
    clip = clip_of_frames(listed, EVERY_FRAME)
    assert frames_of_clip(clip, 0.5) == (
        VpdqFrame(0, 100, code(1), 0.0),
        VpdqFrame(1, 100, code(1), 0.5),
        VpdqFrame(3, 100, code(3), 1.5),
        VpdqFrame(4, 100, code(3), 2.0),
    )
    assert [one.time for one in frames_of_clip(clip, 1.0)] == [0.0, 1.5, 2.0]


def test_a_row_is_given_out_at_its_own_time() -> None:
    """Known videos have a row at the first frame behind each quarter of a second: 0.25 shows what began at 0."""
    clip = clip_of_frames([VpdqFrame(n, 100, code(n), round(n / 30, 3)) for n in range(30)])
    given = frames_of_clip(clip, 0.25)
    assert [one.frame for one in given] == [0, 1, 2, 3]
    assert [one.time for one in given] == pytest.approx([0.0, 0.267, 0.5, 0.767])
    assert [one.code for one in given] == [code(0), code(8), code(15), code(23)]


@pytest.mark.parametrize("every", [0.0, -1.0, float("nan")])
def test_seconds_between_exported_frames_are_above_zero(every: float) -> None:
    with pytest.raises(ValueError, match="every"):
        frames_of_clip(clip_of_frames(frames(code(1))), every)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30).map(sorted))
def test_any_list_gives_a_clip_that_can_be_kept(milliseconds: list[int]) -> None:
    check(clip_of_frames([VpdqFrame(n, 100, code(n), at / 1000) for n, at in enumerate(milliseconds)]))


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 50, 100])), min_size=2, max_size=30))
def test_there_and_back_says_the_same_of_each_moment(shown: list[tuple[int, int]]) -> None:
    listed = [VpdqFrame(n, quality, code(seed), n * 0.25) for n, (seed, quality) in enumerate(shown)]
    back = frames_of_clip(clip_of_frames(listed, EVERY_FRAME), 0.25)
    assert [(one.frame, one.code) for one in back] == [(one.frame, one.code) for one in listed if one.quality]
