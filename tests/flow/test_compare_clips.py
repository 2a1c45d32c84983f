"""Comparing two videos: what is looked at, at which moments, and what is told of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.demo.draw import draw
from safelight.flow.compare import compare
from safelight.flow.compare_clips import FRAME_SIDE, ORIGINAL_CLIP, SUSPECT_CLIP, choose_instants
from safelight.flow.compare_methods import Methods, Placement
from safelight.model.clip import CLIP_TILES, Clip, KeyFrame
from safelight.model.comparison import MAX_INSTANTS, Blur, ComparedFrames, Comparison
from safelight.model.derivation import Derivation, Verdict
from safelight.model.errors import InputError
from safelight.model.local import TILES, LocalExamination, LocalFeatures, WorkingPicture
from safelight.model.media import MediaFacts
from safelight.model.region import RegionBasis, RegionMap
from safelight.model.scan import Examination, Status
from safelight.model.segment import Segment
from safelight.model.signal import Signal
from safelight.model.tiles import TileHashes
from safelight.ports import Examined, ExamineJob, Known, Wanted
from tests.fakes import FakeClock
from tests.report.clips import segment
from tests.rows import digests_of, examination_of

SIZE = (160, 90)
FULL = (640, 360)
RATE = 10
"""Frames a second of the drawn videos."""
LATE = 0.35
"""Seconds by which the original's line is off: its frames lie that much later than the segments say."""
SEGMENTS = (segment((2, 12), 30), segment((20, 24), 60, speed=1.25))
PATCH = (slice(20, 50), slice(40, 90))


@cache
def picture(number: int) -> NDArray[np.uint8]:
    return np.asarray(draw(number, *SIZE))


def original_frame(time: float) -> NDArray[np.uint8]:
    """A drawn picture whose brightness tells the tenth of a second."""
    return np.asarray((picture(1) // 2 + 3 * abs(round(time * RATE) % 80 - 40)), np.uint8)


def suspect_frame(time: float) -> NDArray[np.uint8]:
    """The frame of the original that belongs there, a patch of it replaced."""
    source = next(
        (s.source_start + s.speed * (time - s.query_start) for s in SEGMENTS if s.query_start <= time <= s.query_end),
        0.0,
    )
    frame = original_frame(source + LATE).copy()
    frame[PATCH] += 128  # wraps around: it differs everywhere
    return frame


def key_frame(time: float, pixels: NDArray[np.uint8], *, coloured: bool) -> KeyFrame:
    none = np.zeros(0, np.float32)
    local = LocalExamination(
        WorkingPicture(pixels[..., 0].copy(), *FULL),
        LocalFeatures(*SIZE, none, none, none, none, np.zeros((0, 128), np.uint8)),
        TileHashes(np.zeros((TILES, 32), np.uint8), np.zeros(TILES, np.uint8)),
    )
    return KeyFrame(time, local, pixels if coloured else None)


def clip(duration: float) -> Clip:
    none = np.zeros(0, np.float32)
    keyed, shot = np.zeros(0, np.int32), np.zeros(0, np.uint16)
    bits, quality = np.zeros((0, 32), np.uint8), np.zeros(0, np.uint8)
    tiles = np.zeros((0, CLIP_TILES, 32), np.uint8)
    return Clip(*FULL, duration, None, none, none, bits, quality, shot, keyed, tiles, tiles[:, :, 0])


class Videos:
    """An examiner of two made-up videos: first what they are, then their clips, then frames at some seconds."""

    confinement = {"rlimits": "none: this is a test"}  # noqa: RUF012 - a constant
    spent = {"hashes": 1.0}  # noqa: RUF012 - a constant

    def __init__(self, **change: Any) -> None:
        self.change = change
        self.jobs: list[ExamineJob] = []

    @contextmanager
    def run(
        self, jobs: Iterable[ExamineJob], known: Known | None = None, wanted: Wanted | None = None
    ) -> Iterator[Iterator[Examined]]:
        del known, wanted
        asked = list(jobs)
        self.jobs += asked
        yield (Examined(job.key, 0, self.examine(job), last=True) for job in reversed(asked))

    def examine(self, job: ExamineJob) -> Examination:
        suspect = "suspect" in job.name
        bare = replace(examination_of(job.path, 1 if suspect else 2), mime="video/mp4")
        if job.clip is None:
            return replace(bare, status=Status.UNSUPPORTED)
        duration = 28.0 if suspect else 100.0
        facts = MediaFacts("video/mp4", *FULL, duration=duration, codec="h264")
        draw_frame: Callable[[float], NDArray[np.uint8]] = suspect_frame if suspect else original_frame
        times = sorted({round(time * RATE) / RATE for time in job.clip.at})
        frames = tuple(key_frame(time, draw_frame(time), coloured=job.pixels > 0) for time in times)
        seen = replace(bare, facts=facts, clip=None if job.clip.at else clip(duration), key_frames=frames)
        return replace(seen, **self.change) if suspect else seen


def align(suspect: LocalExamination, original: LocalExamination) -> Derivation | None:
    """They always lie on each other as they are."""
    assert (suspect.working.width, original.working.width) == (FULL[0], FULL[0])
    return Derivation(Verdict.DERIVATIVE, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), inliers=50)


def find_region(suspect: NDArray[np.uint8], original: NDArray[np.uint8], matrix: NDArray[np.float64]) -> RegionMap:
    """More rows are replaced the more the brightness differs, none when it is the same."""
    np.testing.assert_allclose(matrix, [[1, 0, 0], [0, 1, 0]], atol=1e-9)
    allowed = np.linspace(1.5, 60.0, len(suspect))[:, np.newaxis]
    replaced = np.abs(suspect.astype(int) - original).max(axis=2) > allowed
    y, x = np.nonzero(replaced)
    box = (int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1) if len(x) else None
    nothing = np.zeros_like(replaced)
    return RegionMap(RegionBasis.PIXELS, replaced, nothing, nothing, np.full(replaced.shape, 204, np.uint8), box)


def placed(verdict: Verdict = Verdict.DERIVATIVE, segments: Sequence[Segment] = SEGMENTS) -> Placement:
    return Placement(Derivation(verdict, p_false_match=1e-9), tuple(segments))


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "suspect.mp4", tmp_path / "original.mkv"
    for path in found:
        path.touch()
    return found


def run(
    paths: Sequence[Path], place: Placement | None, examiner: Videos | None = None, align_: Any = align
) -> tuple[Comparison, ComparedFrames]:
    def answer(suspect: Examination, original: Examination) -> Placement:
        assert place is not None, "nobody has to ask"
        assert suspect.clip is not None
        assert original.clip is not None
        assert (suspect.clip.duration, original.clip.duration) == (28.0, 100.0)
        return place

    methods = Methods(align_, find_region, answer)
    comparison, shown = compare(str(paths[0]), str(paths[1]), examiner or Videos(), methods, FakeClock(), Blur.ALL)
    assert isinstance(shown, ComparedFrames)
    return comparison, shown


def test_stretches_and_what_was_replaced_in_them(paths: tuple[Path, Path]) -> None:
    comparison, shown = run(paths, placed())
    clips = comparison.clips
    assert clips is not None
    assert clips.share == pytest.approx(14 / 28)
    assert clips.source_share == pytest.approx(15 / 100)
    assert len(clips.instants) == len(shown.instants) == 6
    for number, (instant, pictures) in enumerate(zip(clips.instants, shown.instants, strict=True), start=1):
        assert instant.region is not None
        assert instant.region.area == pytest.approx(30 * 50 / (160 * 90))
        assert instant.region.bbox == (160, 80, 360, 200)  # of the video's own pixels
        assert instant.region.mask == f"mask-{number}.png"
        assert pictures.region is not None
    assert [len(one.track) for one in clips.segments] == [5, 1]
    assert comparison.statement.startswith(
        "The suspect video derives from the original: 50.0 % of it, 14 s in 2 stretches, shows the original. "
        "In 6 of 6 frames that were compared pixel by pixel, 10.4 % of the picture"
    )
    assert (comparison.pdq_distance, comparison.shares, comparison.region) == (None, None, None)
    assert comparison.derivation.p_false_match == 1e-9
    assert (comparison.suspect.duration, comparison.original.duration) == (28.0, 100.0)
    assert (comparison.suspect.name, comparison.original.mime) == ("suspect.mp4", "video/mp4")


def test_the_frame_that_fits_best_is_taken(paths: tuple[Path, Path]) -> None:
    """The line was off by a third of a second: the frames around it tell."""
    comparison, _shown = run(paths, placed())
    assert comparison.clips is not None
    for instant in comparison.clips.instants:
        owner = next(s for s in SEGMENTS if s.query_start <= instant.time <= s.query_end)
        expected = owner.source_start + owner.speed * (instant.time - owner.query_start) + LATE
        assert instant.source_time == pytest.approx(expected, abs=0.11)
        assert instant.shares is not None
        assert instant.shares.replaced == pytest.approx(30 * 50 / (160 * 90))


def test_pixels_are_asked_for_only_of_the_frames_that_are_shown(paths: tuple[Path, Path]) -> None:
    examiner = Videos()
    run(paths, placed(), examiner)
    first, second, rest = examiner.jobs[:2], examiner.jobs[2:4], examiner.jobs[4:]
    assert [job.clip for job in first] == [None, None]
    assert [(job.clip, job.pixels) for job in second] == [(SUSPECT_CLIP, 0), (ORIGINAL_CLIP, 0)]
    told = [(Path(job.path).stem, job.pixels, len(job.clip.at) if job.clip else 0) for job in rest]
    assert told[0] == ("suspect", FRAME_SIDE, 6)
    assert told[-1] == ("original", FRAME_SIDE, 6)
    assert all((name, pixels) == ("original", 0) and 6 < count <= 30 for name, pixels, count in told[1:-1])
    for job in rest:
        assert job.clip is not None
        assert list(job.clip.at) == sorted(set(job.clip.at))
        assert min(job.clip.at) >= 0


@pytest.mark.parametrize("verdict", [Verdict.SHARED_SCENE, Verdict.NOT_DERIVED, Verdict.UNDECIDED])
def test_only_a_derivative_is_looked_at_closely(verdict: Verdict, paths: tuple[Path, Path]) -> None:
    examiner = Videos()
    comparison, shown = run(paths, placed(verdict, ()), examiner)
    assert len(examiner.jobs) == 4
    assert shown.instants == ()
    assert comparison.clips is not None
    assert (comparison.clips.segments, comparison.clips.share) == ((), None)
    assert comparison.derivation.verdict is verdict
    assert comparison.cannot_conclude


def test_the_same_bytes_need_no_evidence(paths: tuple[Path, Path]) -> None:
    fingerprint = replace(examination_of("", 2)).fingerprint
    assert fingerprint is not None
    comparison, shown = run(paths, None, Videos(fingerprint=fingerprint))
    assert comparison.same_bytes
    assert shown.instants == ()
    assert comparison.clips is not None
    assert (comparison.clips.share, comparison.clips.source_share) == (1.0, 1.0)
    assert "very same bytes" in comparison.statement
    assert comparison.suspect.sha256 == digests_of(2).sha256


@pytest.mark.parametrize("answer", [None, Derivation(Verdict.UNDECIDED), Derivation(Verdict.DERIVATIVE)])
def test_frames_that_cannot_be_laid_over_each_other_are_shown_as_they_are(
    answer: Derivation | None, paths: tuple[Path, Path]
) -> None:
    comparison, shown = run(paths, placed(), align_=lambda _suspect, _original: answer)
    assert comparison.clips is not None
    assert [instant.region for instant in comparison.clips.instants] == [None] * 6
    assert all(pictures.region is None for pictures in shown.instants)
    assert "Whether parts of its frames were replaced could not be told." in comparison.statement
    times = [instant.source_time for instant in comparison.clips.instants]
    assert times == pytest.approx([source for _, source in choose_instants(SEGMENTS)], abs=0.06)


def test_frames_that_cannot_be_read_again_are_left_out(paths: tuple[Path, Path]) -> None:
    comparison, shown = run(paths, placed(), Videos(key_frames=()))
    assert shown.instants == ()
    assert comparison.clips is not None
    assert (comparison.clips.instants, len(comparison.clips.segments)) == ((), 2)


def test_what_is_odd_or_unreadable_is_told(paths: tuple[Path, Path]) -> None:
    odd = Videos(signals=(Signal("file_oddity", "the last 3 s are missing"),), error="cut short")
    comparison, _shown = run(paths, placed(), odd)
    assert comparison.suspect.notes == ("cut short", "the last 3 s are missing")
    with pytest.raises(InputError, match=r"suspect\.mp4: video/mp4: no frame could be decoded"):
        run(paths, None, Videos(clip=None, facts=None, error="video/mp4: no frame could be decoded"))
    with pytest.raises(InputError, match=r"suspect\.mp4: video/mp4 is not a video that can be compared"):
        run(paths, None, Videos(clip=None))


@pytest.mark.parametrize("other", ["image/png", "application/zip", ""])
def test_a_video_and_something_else_are_refused(other: str, paths: tuple[Path, Path]) -> None:
    class Mixed(Videos):
        def examine(self, job: ExamineJob) -> Examination:
            found = super().examine(job)
            return replace(found, mime=other) if "original" in job.name else found

    with pytest.raises(
        InputError, match=r"suspect\.mp4: is a video, and the other .* takes two pictures or two videos"
    ):
        run(paths, None, Mixed())


SPANS = st.lists(st.tuples(st.floats(0, 500), st.floats(0.1, 200), st.floats(0.8, 1.25)), max_size=10)


@given(SPANS)
def test_instants_lie_in_the_segments_evenly(spans: list[tuple[float, float, float]]) -> None:
    segments = [segment((start, start + length), 7.0, speed=speed) for start, length, speed in spans]
    found = choose_instants(segments)
    assert min(len(segments), MAX_INSTANTS) <= len(found) <= MAX_INSTANTS
    assert found == sorted(found)
    for time, source_time in found:
        assert any(
            one.query_start <= time <= one.query_end
            and source_time == pytest.approx(7.0 + one.speed * (time - one.query_start))
            for one in segments
        )


def test_a_long_segment_gets_more_and_a_short_one_a_single_instant() -> None:
    assert choose_instants([segment((0, 1), 9)]) == [(0.5, 9.5)]
    times = [time for time, _ in choose_instants([segment((0, 100), 0), segment((200, 202), 300)])]
    assert times == [10.0, 30.0, 50.0, 70.0, 90.0, 201.0]
