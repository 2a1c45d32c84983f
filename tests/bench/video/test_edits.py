"""The benchmark's edits do what they say, and tell the truth about it."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.bench.derivative.draft import Rgb
from safelight.bench.video.cut import ellipse
from safelight.bench.video.edits import EDITS, REGION_EDITS, Edited, apply
from safelight.bench.video.footage import Coding, Footage
from tests.bench.video.fakes import OTHER, levels, plain

FPS = 10
SHOWN = {"pip50": 0.25, "screen": 0.42, "letterbox": 0.7, "text": 0.8, "region35": 0.6}
"""Least share of a frame that the source's own pixels have; of all other edits, this: """
SHOWN_ELSE = 0.75


def edited(name: str, seed: int = 1, source: Footage | None = None) -> Edited:
    return apply(name, source or levels(), [plain()], seed)


@pytest.mark.parametrize("name", EDITS)
def test_each_second_shows_the_second_of_the_source_that_the_truth_says(name: str) -> None:
    result = edited(name)
    frames = list(result.footage.frames())
    assert len(frames) == result.footage.count
    assert {frame.shape for frame in frames} == {(result.footage.height, result.footage.width, 3)}
    assert len(result.truth) == round(len(frames) / FPS)
    for second, shown in enumerate(result.truth):
        frame = frames[min(int((second + 0.5) * FPS), len(frames) - 1)]
        if np.isnan(shown):
            assert (frame == OTHER).all()
        else:
            level = 20 + shown * FPS
            assert (np.abs(frame - level) <= 1.5).mean() >= SHOWN.get(name, SHOWN_ELSE)


@pytest.mark.parametrize("name", REGION_EDITS)
def test_regions_have_their_share_in_every_frame(name: str) -> None:
    share = int(name[6:8]) / 100
    source = levels(60, 320, 240)
    result = edited(name, source=source)
    assert result.replaced == pytest.approx(share, abs=0.005)
    for number, frame in enumerate(result.footage.frames()):
        level = 20 + float(result.truth[0]) * FPS + number - FPS / 2
        pasted = np.abs(frame[..., 0].astype(float) - level) > (OTHER - level) / 2
        assert pasted.mean() == pytest.approx(share, abs=0.01)


def places(name: str) -> set[tuple[int, ...]]:
    found: set[tuple[int, ...]] = set()
    for frame in edited(name, source=levels(60, 160, 120)).footage.frames():
        rows, columns = np.nonzero(frame[..., 0] == OTHER)
        found.add((rows.min().item(), columns.min().item()))
    return found


def test_a_region_stays_or_moves() -> None:
    assert len(places("region20")) == 1
    assert len(places("region20 moving")) > 10


def test_trimming_shifts_the_phase_of_sampling() -> None:
    result = edited("trim40", source=levels(200, fps=20))
    assert result.footage.seconds == pytest.approx(6)
    assert (result.truth[0] - 0.5) % 1 == pytest.approx(0.25)


def test_speed_changes_how_long_it_plays() -> None:
    assert edited("speed+10").footage.seconds == pytest.approx(18 / 1.1, abs=0.11)
    assert edited("speed-10").footage.seconds == pytest.approx(18 / 0.9, abs=0.11)
    assert np.diff(edited("speed+10").truth) == pytest.approx(1.1, abs=0.2)


def test_an_inserted_clip_is_a_stretch_of_the_other() -> None:
    truth = edited("inserted").truth
    shown = np.flatnonzero(~np.isnan(truth))
    assert shown.tolist() == list(range(6, 24))
    assert len(truth) == 30


def test_mirrored_says_so_and_swaps_sides() -> None:
    def frames() -> Iterator[Rgb]:
        yield np.tile(np.arange(64, dtype=np.uint8)[None, :, None], (48, 1, 3))

    source = Footage(64, 48, levels().fps, 1, frames)
    result = edited("mirror", source=source)
    assert result.mirrored
    assert np.array_equal(next(result.footage.frames()), next(frames())[:, ::-1])
    assert not edited("grey").mirrored
    assert edited("region20+trim40+mirror").mirrored


def test_how_it_is_encoded_is_the_sources_way_unless_the_edit_says() -> None:
    own = Coding(key_seconds=None)
    assert apply("grey", levels(20), [], 1, own).coding == own
    assert apply("re-encode mpeg4", levels(20), [], 1, own).coding.codec == "mpeg4"
    assert apply("re-encode crf35", levels(20), [], 1).coding.options[-1] == ("crf", "35")


def test_seeds_decide_everything() -> None:
    first, again, other = (list(edited("region20", seed).footage.frames()) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_cannot_be_edited_is_refused() -> None:
    with pytest.raises(KeyError):
        apply("swirl", levels(), [plain()], 1)
    with pytest.raises(ValueError, match="needs another clip"):
        apply("pip50", levels(), [], 1)


@given(
    share=st.floats(0.02, 0.4), width=st.integers(60, 400), height=st.integers(60, 400), proportion=st.floats(0.7, 1.4)
)
def test_ellipses_fit_and_have_their_area(share: float, width: int, height: int, proportion: float) -> None:
    alpha = ellipse(share, width, height, proportion)
    assert alpha.shape[0] <= height
    assert alpha.shape[1] <= width
    assert alpha[[0, -1]].max() < 0.5
    assert alpha[:, [0, -1]].max() < 0.5
    assert (alpha >= 0.5).sum() == pytest.approx(share * width * height, rel=0.05, abs=40)
