"""Sampling against slow oracles: on times alone, and on encoded clips against decoding all and picking."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.media.video.probe import spread
from safelight.media.video.sampling import KeyFrames, Run, Scattered, Shown, Steady, sampler_for
from safelight.model.clip import Sampling
from tests.material.clips import clip, encode
from tests.media.video.read import Read, read

SECOND = 1_000_000
CODECS = ("libx264", "libx265", "mpeg4", "libvpx-vp9")

runs = st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=30), min_size=1, max_size=12)


def timeline(gaps: list[list[int]]) -> list[Run]:
    """Runs of frames that lie so many hundredths of a second apart, the first at 0."""
    made, now = [], 0
    for number, run in enumerate(gaps):
        times = [now]
        for gap in run[:-1]:
            times.append(times[-1] + gap * SECOND // 100)
        now = times[-1] + run[-1] * SECOND // 100
        made.append(Run(times, now, keyed=True, last=number == len(gaps) - 1))
    return made


def choose(sampler: Steady | KeyFrames | Shown | Scattered, made: list[Run]) -> list[int]:
    return [time for run in made for time in sampler.wanted(run)]


@given(runs, st.floats(0, 5))
def test_steady(gaps: list[list[int]], every: float) -> None:
    made = timeline(gaps)
    unit = max(1, round(every * SECOND))
    seen, expected = -1, []
    for time in (time for run in made for time in run.times):
        if time // unit > seen:
            expected.append(time)
            seen = time // unit
    assert choose(Steady(every), made) == [
        time for time, before in zip(expected, [-unit, *expected], strict=False) if time // unit != before // unit
    ]


def first_seen(times: Sequence[int]) -> int:
    gaps = np.sort(np.diff(times))
    flashes = len(times) > 2 and times[1] - times[0] < gaps[len(gaps) // 2] / 4
    return times[1] if flashes else times[0]


@given(runs, st.floats(0.1, 5), st.integers(0, 2**32 - 1))
def test_scattered(gaps: list[list[int]], every: float, seed: int) -> None:
    made = timeline(gaps)
    chosen = choose(Scattered(every, lambda stretch: spread(seed, stretch)), made)
    assert chosen == sorted(set(chosen))
    others = {time for run in made for time in (run.times[1:] or run.times)}
    assert set(chosen) <= others
    unit = round(every * SECOND)
    assert len({time // unit for time in chosen}) == len(chosen)
    for stretch in range(made[-1].times[-1] // unit):
        place = round((stretch + spread(seed, stretch)) * unit)
        behind = [time for time in sorted(others) if place <= time < (stretch + 1) * unit]
        assert not behind or any(time // unit == stretch for time in chosen)
    assert chosen or made[-1].times[-1] < unit


def test_a_key_frame_that_is_gone_at_once_is_not_taken() -> None:
    made = [
        Run([start, start + 11, start + 40_000, start + 80_000], start + SECOND, keyed=True, last=False)
        for start in range(0, 10 * SECOND, SECOND)
    ]
    assert choose(KeyFrames(1.9), made) == [start + 11 for start in range(0, 10 * SECOND, SECOND)]


@given(runs, st.floats(0.1, 5))
def test_key_frames(gaps: list[list[int]], every: float) -> None:
    made = timeline(gaps)
    chosen = choose(KeyFrames(every), made)
    every, reach = every * SECOND, every * SECOND * 1.25
    assert chosen[0] == first_seen(made[0].times)
    assert chosen == sorted(set(chosen))
    times = [time for run in made for time in run.times]
    assert set(chosen) <= set(times)
    keys = {first_seen(run.times) for run in made}
    longest = max(np.diff([*times, made[-1].until]))
    for time, later in zip(chosen, [*chosen[1:], made[-1].until], strict=True):
        assert later is not None
        assert later - time <= reach + 2 * longest
        passed_over = [key for key in keys if time < key < later]
        assert all(key - time < every / 2 for key in passed_over)
    wide = [run for run in made if run.until and run.until - run.times[0] > reach]
    if not wide and not [run for run in made if run.until and run.until - run.times[0] < every / 2]:
        assert set(chosen) == keys  # nothing else is decoded


@given(runs, st.lists(st.floats(0, 400), min_size=1, max_size=6))
def test_shown(gaps: list[list[int]], at: list[float]) -> None:
    made = timeline(gaps)
    times = [time for run in made for time in run.times]
    expected = sorted({times[bisect_right(times, round(moment * SECOND)) - 1] for moment in at})
    sampler = Shown(at)
    assert choose(sampler, made) == expected
    assert sampler.done()


def test_a_run_that_goes_on_is_filled_all_the_same() -> None:
    sampler = KeyFrames(2.0)
    times = [index * SECOND // 10 for index in range(100)]
    first = sampler.wanted(Run(times[:53], None, keyed=True, last=False))
    rest = sampler.wanted(Run(times[53:], 10 * SECOND, keyed=False, last=True))
    assert [time / SECOND for time in first + rest] == pytest.approx([0, 2, 4, 6, 8])


@pytest.mark.parametrize(("seconds", "every"), [(None, 2.0), (100, 2.0), (12, 1.25), (1, 0.25), (0, 0.25)])
def test_a_short_video_is_looked_at_more_closely(seconds: float | None, every: float) -> None:
    sampler = sampler_for(Sampling(2.0, keys=True, least=12), seconds)
    assert isinstance(sampler, KeyFrames)
    assert choose(sampler, timeline([[10] * 400])) == choose(KeyFrames(every), timeline([[10] * 400]))


@lru_cache(maxsize=4)
def long_clip(codec: str) -> bytes:
    container = {"mpeg4": "avi", "libvpx-vp9": "webm", "libx265": "matroska"}.get(codec, "mp4")
    return encode(clip(8, 12, 20, 96, 64, shot=2.7), container, codec, fps=20, gop=70)


@lru_cache(maxsize=4)
def everything(codec: str) -> Read:
    return read(long_clip(codec))


def same(codec: str, seen: Read, times: list[float], within: float = 0.001) -> None:
    assert seen.times == pytest.approx(times, abs=within)
    whole = everything(codec)
    for frame in seen.frames:
        twin = whole.frames[int(np.argmin(np.abs(np.array(whole.times) - frame.time)))]
        assert np.abs(frame.pixels.astype(int) - twin.pixels).mean() < 0.5


@settings(max_examples=6)
@given(st.sampled_from(CODECS), st.floats(0.06, 4))
def test_steady_on_a_clip(codec: str, every: float) -> None:
    expected: list[float] = []
    for time in everything(codec).times:
        if not expected or np.floor(time / every + 1e-9) > np.floor(expected[-1] / every + 1e-9):
            expected.append(time)
    same(codec, read(long_clip(codec), Sampling(every)), expected)


@settings(max_examples=6)
@given(st.sampled_from(CODECS), st.lists(st.floats(0, 14), min_size=1, max_size=5))
def test_shown_on_a_clip(codec: str, at: list[float]) -> None:
    times = np.array(everything(codec).times)
    expected = sorted({float(times[times <= moment + 1e-6].max()) for moment in at})
    # x265 codes frames that are shown before a key frame behind it; of these, the frame before them is given.
    same(codec, read(long_clip(codec), at=at), expected, within=0.21 if codec == "libx265" else 0.001)


@settings(max_examples=6)
@given(st.sampled_from(CODECS), st.floats(0.3, 6))
def test_key_frames_on_a_clip(codec: str, every: float) -> None:
    seen = read(long_clip(codec), Sampling(every, keys=True))
    same(codec, seen, seen.times)
    assert seen.times[0] == 0
    assert max(np.diff([*seen.times, 12.0])) <= every * 1.25 + 0.11


def test_reading_again_gives_the_same() -> None:
    sampling = Sampling(1.0, keys=True, least=12)
    once, again = read(long_clip("libx264"), sampling), read(long_clip("libx264"), sampling)
    assert once.times == again.times
    assert len(once.frames) >= 9
