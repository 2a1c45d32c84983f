"""What the lines of a pair say."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from safelight.match.clip.consensus import find_lines
from safelight.match.clip.hits import FrameHits, KeypointHit, frame_hits, keypoint_hits
from safelight.match.clip.verdict import ClipFinding, judge_clip
from safelight.model.clip import Clip
from safelight.model.derivation import Verdict
from tests.match.clip.films import At, Film, clip, known, mirrored, noisy, query, replaced

FILM = Film(seed=1, seconds=40)
SOURCE = known(FILM)
KEYS = np.arange(0, 40, 2.0).tolist()


def judged(
    asked: Clip,
    source: Clip = SOURCE,
    keypoints: Sequence[KeypointHit] = (),
    looked: Sequence[float] = (),
    searched: int = 1000,
) -> ClipFinding | None:
    hits = FrameHits.join([frame_hits(asked, source), keypoint_hits(asked, keypoints, KEYS)])
    return judge_clip(asked, source, hits, find_lines(asked, hits, looked), searched, looked)


def within(inserted: Film, start: float, end: float, at: float = 0.0) -> At:
    """Another film, with a stretch of this one in it."""
    other = Film(seed=500)
    return lambda t: inserted.at(t - start + at) if start <= t < end else other.at(t)


def test_a_copy_is_a_derivative_from_start_to_end() -> None:
    found = judged(noisy(query(FILM.at, 40), 14))
    assert found is not None
    assert found.verdict is Verdict.DERIVATIVE
    (segment,) = found.segments
    assert segment.query_start == pytest.approx(0, abs=0.2)
    assert segment.query_end == pytest.approx(40, abs=0.2)
    assert found.share > 0.98
    assert found.source_share > 0.98
    assert segment.evidence == ("frames",)
    assert found.distance is not None
    assert 10 <= found.distance <= 20
    assert (segment.frames, segment.agreeing, segment.mirrored) == (20, 20, False)
    assert found.p_false_match is not None
    assert found.p_false_match < 1e-12


def test_a_stretch_in_another_film_is_timed_within_half_the_sampling_gap() -> None:
    found = judged(noisy(query(within(FILM, 10, 30, at=12), 60), 14))
    assert found is not None
    assert found.verdict is Verdict.DERIVATIVE
    (segment,) = found.segments
    assert segment.query_start == pytest.approx(10, abs=1.1)
    assert segment.query_end == pytest.approx(30, abs=1.1)
    assert segment.source_start == pytest.approx(segment.query_start + 2, abs=0.5)
    assert found.share == pytest.approx(20 / 60, abs=0.04)


def test_a_segment_ends_where_the_source_does() -> None:
    found = judged(query(within(FILM, 10, 50), 60))
    assert found is not None
    (segment,) = found.segments
    assert 0 <= segment.source_start < segment.source_end <= 40
    assert segment.query_start >= 9.5


def test_tiles_and_a_mirror_image_are_named_as_such() -> None:
    found = judged(mirrored(replaced(noisy(query(FILM.at, 40), 14), 8)))
    assert found is not None
    assert found.verdict is Verdict.DERIVATIVE
    (segment,) = found.segments
    assert segment.evidence == ("tiles",)
    assert segment.mirrored
    assert found.distance is segment.distance is None


def test_a_single_agreeing_frame_of_a_long_query_is_no_derivative() -> None:
    found = judged(query(within(FILM, 10, 11.5, at=3), 60))
    assert found is not None
    assert found.verdict is Verdict.NOT_DERIVED
    assert found.segments[0].agreeing == 1


@pytest.mark.parametrize(("bits", "quality", "verdict"), [(20, 100, True), (40, 100, False), (20, 30, False)])
def test_a_very_short_query_needs_one_strong_frame(bits: int, quality: int, verdict: bool) -> None:
    asked = noisy(clip(lambda t: FILM.at(t + 3), [0.1], 0.4), bits)
    found = judged(replace(asked, quality=np.array([quality], np.uint8)))
    assert found is not None
    assert (found.verdict is Verdict.DERIVATIVE) == verdict


def test_keypoints_alone_make_a_derivative_and_scenes_only_a_lead() -> None:
    asked = query(Film(seed=600).at, 20)
    times = asked.time.tolist()
    hits = [KeypointHit(t, t + 10, 5.0, mirrored=False, derivative=True) for t in times]
    found = judged(asked, keypoints=hits, looked=times)
    assert found is not None
    assert found.verdict is Verdict.DERIVATIVE
    assert found.segments[0].evidence == ("keypoints",)
    assert found.distance is None
    assert found.share > 0.9
    scenes = judged(asked, keypoints=[replace(hit, derivative=False) for hit in hits], looked=times)
    assert scenes is not None
    assert scenes.verdict is Verdict.SHARED_SCENE
    assert scenes.p_false_match is None


def test_what_agrees_nowhere_has_no_finding() -> None:
    assert judged(query(Film(seed=77).at, 40)) is None


def test_parts_add_up_and_say_in_words_what_they_are() -> None:
    found = judged(noisy(query(lambda t: FILM.at(1.1 * t), 36), 14))
    assert found is not None
    assert sum(part.nats for part in found.parts) == pytest.approx(found.log_ratio)
    assert {part.name for part in found.parts} >= {"frames", "places", "speed"}
    assert all(part.text for part in found.parts)


def test_a_larger_bank_makes_chance_likelier() -> None:
    asked = replaced(noisy(clip(FILM.at, [0.1, 2.1, 4.1], 6), 20), 12)
    small, large = (judged(asked, searched=rows) for rows in (1000, 10**9))
    assert small is not None
    assert large is not None
    assert small.expected_false_matches is not None
    assert large.expected_false_matches == pytest.approx(1e6 * small.expected_false_matches)
    assert large.p_false_match == pytest.approx(-math.expm1(-(large.expected_false_matches or 0)))


def test_many_rows_of_one_picture_say_little_more_than_one() -> None:
    still = Film(seed=8, seconds=60, shot=60, pace=0)
    found = judged(noisy(query(still.at, 60), 6), known(still))
    moving = judged(noisy(query(FILM.at, 40), 6))
    assert found is not None
    assert moving is not None
    assert found.log_ratio < 40
    assert moving.log_ratio > 100


def test_unrelated_films_give_no_wrong_clip() -> None:
    for seed in range(1000, 1040):
        assert judged(query(Film(seed).at, 40)) is None


def test_a_title_that_two_films_share_is_no_derivative_but_a_longer_still_is() -> None:
    title = Film(seed=900, pace=0)

    def opened_by(film: Film, seconds: float) -> At:
        return lambda t: title.at(0) if t < seconds else film.at(t)

    for seconds, verdict in ((3.5, Verdict.NOT_DERIVED), (9.0, Verdict.DERIVATIVE)):
        source = clip(opened_by(FILM, seconds), np.arange(0, 40, 0.25).tolist(), 40)
        found = judged(query(opened_by(Film(seed=901), seconds), 40), source)
        assert found is not None
        assert found.verdict is verdict
