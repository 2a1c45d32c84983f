"""Scores of a query, against the obvious loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.bench.video import score
from safelight.model.match import MatchKind
from safelight.model.segment import Segment
from tests.bench.video.fakes import match, segment

SECONDS = st.floats(0, 20)
SEGMENTS = st.builds(
    lambda start, length, source, speed: segment((start, start + length), (source, source + length * speed), speed),
    SECONDS,
    SECONDS,
    SECONDS,
    st.floats(0.8, 1.25),
)


def slow_placed(truth: list[float], segments: list[Segment]) -> float:
    shown = right = 0
    for second, true in enumerate(truth):
        if true != true:  # noqa: PLR0124 - NaN
            continue
        shown += 1
        for one in segments:
            passed = second + 0.5 - one.query_start
            if passed >= 0 and second + 0.5 <= one.query_end and abs(one.source_start + passed * one.speed - true) <= 1:
                right += 1
                break
    return right / shown if shown else 0.0


@given(st.lists(st.one_of(st.just(float("nan")), SECONDS), max_size=30), st.lists(SEGMENTS, max_size=4))
def test_placed_share_equals_the_loop(truth: list[float], segments: list[Segment]) -> None:
    assert score.placed_share(np.array(truth), segments) == pytest.approx(slow_placed(truth, segments))


@given(st.integers(0, 30), st.lists(SEGMENTS, max_size=4))
def test_covered_share_equals_the_loop(seconds: int, segments: list[Segment]) -> None:
    middles = [second + 0.5 for second in range(seconds)]
    covered = [any(one.query_start <= middle <= one.query_end for one in segments) for middle in middles]
    assert score.covered_share(seconds, segments) == pytest.approx(sum(covered) / seconds if seconds else 0)


def test_seconds_that_do_not_show_the_source_do_not_count() -> None:
    truth = np.array([np.nan, np.nan, 0.5, 1.5, 2.5, 3.5])
    assert score.placed_share(truth, [segment((2, 4), (0, 2))]) == 0.5
    assert score.placed_share(truth, [segment((2, 6), (1, 5))]) == 1
    assert score.placed_share(truth, [segment((2, 6), (1.2, 5.2))]) == 0
    assert score.placed_share(np.array([np.nan]), [segment((0, 1), (0, 1))]) == 0


def test_only_claims_in_time_count() -> None:
    matches = [
        match("a", segment((0, 2), (0, 2))),
        match("a", segment((4, 6), (4, 6)), kind=MatchKind.NEAR),
        match("b", segment((0, 9), (0, 9)), kind=MatchKind.SHARED_SCENE),
        match("c", kind=MatchKind.NEAR, algorithm="pdq"),
        match("d", segment((0, 3), (0, 3))),
    ]
    assert {key: len(found) for key, found in score.claims(matches).items()} == {"a": 2, "d": 1}
    assert score.wrong_shares(matches, 10, ["b", "c", "d", "e"]) == {"d": pytest.approx(0.3)}


def test_areas_come_from_all_segments() -> None:
    found = [segment((0, 2), (0, 2), areas=(0.2, 0.1)), segment((3, 4), (3, 4)), segment((5, 6), (5, 6), areas=(0.3,))]
    assert score.told_areas(found) == [0.2, 0.1, 0.3]
