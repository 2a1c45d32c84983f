"""Videos whose key frames do not show what is played are noticed, and others are not."""

import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.media.video import open_video
from safelight.media.video.probe import Probes, seed_of, spread
from safelight.media.video.sampling import Run
from safelight.model.clip import OF_QUERY_CLIP
from safelight.model.media import Limits
from tests.material.clips import Frame, clip, encode

FPS, SECONDS = 20, 12
STRICT = {"sc_threshold": "0"}


def drawn(kind: str) -> Iterator[Frame]:
    """Two shots; "black" and "other": the first frame of each second is another."""
    others = clip(9, SECONDS, FPS, 160, 120, shot=1)
    for number, (frame, other) in enumerate(zip(clip(1, SECONDS, FPS, 160, 120, shot=6), others, strict=True)):
        hidden = kind != "honest" and number % FPS == 0
        yield (np.zeros_like(frame) if kind == "black" else other) if hidden else frame


@pytest.mark.parametrize(("kind", "expected"), [("honest", False), ("black", True), ("other", True)])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_key_frames_that_show_something_else(kind: str, codec: str, *, expected: bool) -> None:
    data = encode(drawn(kind), "matroska", codec, FPS, gop=FPS, options=STRICT)
    with open_video(data, sniff(data[:HEAD_BYTES]), Limits()) as video:
        keys = list(video.frames(OF_QUERY_CLIP.sampling))
        assert (video.misleading, video.misleads) == (expected, expected)
        assert all(round(frame.time * FPS) % FPS == 0 for frame in keys)  # what is probed is not given
        frames = list(video.frames(OF_QUERY_CLIP.sampling, scattered=True))
        assert not video.misleading
    assert len(frames) >= SECONDS / 2 - 1
    assert all(round(frame.time * FPS) % FPS for frame in frames)
    assert all(later.time - frame.time < 4 for frame, later in pairwise(frames))


@pytest.mark.shared
def test_real_footage_is_not_suspected(shared: Path) -> None:
    paths = sorted((shared / "conformance" / "vpdq" / "sample-videos").glob("*.mp4"))
    assert paths
    for path in paths[:6]:
        data = path.read_bytes()
        with open_video(data, sniff(data[:HEAD_BYTES]), Limits()) as video:
            assert list(video.frames(OF_QUERY_CLIP.sampling, side=64))
            assert not video.misleads, path.name


def picture(number: int) -> NDArray[np.uint8]:
    return np.random.default_rng(number).integers(0, 256, (8, 8), np.uint8).repeat(8, 0).repeat(8, 1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_few_runs_are_probed(seed: int, count: int) -> None:
    probes, probed = Probes(seed), []
    for number in range(count):
        times = [number * 2_000_000 + step * 100_000 for step in range(20)]
        other = probes.one_more(Run(times, times[0] + 2_000_000, keyed=True, last=False), times[:1])
        probes.see(times[0], picture(number))
        if other is not None:
            assert other == times[2]
            probes.see(other, picture(number))
            probed.append(number)
    bounds = [0, 2, 8, 32, 128, 512]
    for start, end in pairwise(bounds):
        inside = sum(start <= number < end for number in probed)
        assert inside == 1 if count >= end else inside <= 1
    assert not probes.misleading


def test_frames_that_are_key_frames_all_of_them() -> None:
    probes = Probes(7)
    for number in range(40):
        run = Run([number * 100_000], (number + 1) * 100_000, keyed=True, last=False)
        wanted = run.times if number % 10 == 0 else []
        if probes.one_more(run, wanted) is not None or wanted:
            probes.see(run.times[0], picture(0 if wanted else 1))
    assert probes.misleading


def test_key_frames_that_show_nothing() -> None:
    probes = Probes(7)
    for number in range(4):
        probes.see(number, picture(1) if number == 3 else np.full((8, 8), 17, np.uint8))
    assert probes.misleading
    assert not probes.certain


def test_seed() -> None:
    data = bytes(range(256)) * 1000
    assert seed_of(memoryview(data)) != seed_of(memoryview(data[:-1]))
    assert seed_of(memoryview(b"")) == zlib.crc32(b"")
    places = [spread(3, number) for number in range(1000)]
    assert all(0 <= place < 1 for place in places)
    assert np.histogram(places, 10, (0, 1))[0].min() > 50
