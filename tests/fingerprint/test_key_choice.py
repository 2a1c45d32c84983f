"""Key frames are spread over a video's time, lie past the cuts and have detail; few are held meanwhile."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.fingerprint.key_choice import DETAILED, Candidate, ChosenFrame, KeyChoice, NearestChoice, spread

BLANK = np.zeros((2, 2), np.uint8)


def candidate(time: float, quality: int = 100, shot: int = 0, *, settled: bool = True) -> Candidate:
    return Candidate(ChosenFrame(time, BLANK), quality, shot, settled)


def times(choice: KeyChoice | NearestChoice) -> list[float]:
    return [frame.time for frame in choice.chosen()]


@given(
    st.lists(st.tuples(st.floats(0.01, 30), st.integers(0, 100), st.booleans(), st.booleans()), max_size=150),
    st.integers(1, 20),
)
def test_few_are_held_and_as_many_chosen_as_there_are(steps: list[tuple[float, int, bool, bool]], count: int) -> None:
    choice, time, shot = KeyChoice(count), 0.0, 0
    for gap, quality, cut, settled in steps:
        time, shot = time + gap, shot + cut
        choice.add(candidate(time, quality, shot, settled=settled))
        assert len(choice) <= 2 * count
    found = times(choice)
    assert found == sorted(set(found))
    assert len(found) == min(count, len(choice))


def test_all_are_taken_while_there_is_room() -> None:
    choice = KeyChoice(16)
    for number in range(16):
        choice.add(candidate(number / 4))
    assert times(choice) == [number / 4 for number in range(16)]


@pytest.mark.parametrize(("seconds", "every", "count"), [(600, 2.0, 16), (240, 0.25, 128), (3600, 0.25, 128)])
def test_they_are_spread_evenly(seconds: int, every: float, count: int) -> None:
    choice = KeyChoice(count)
    for number in range(int(seconds / every)):
        choice.add(candidate(number * every))
    found = times(choice)
    assert len(found) == count
    gaps = np.diff([0, *found, seconds])
    assert gaps.max() <= 2.5 * seconds / count


def test_those_with_detail_past_the_cut_come_first() -> None:
    choice = KeyChoice(10)
    for number in range(2000):
        time = number / 4
        quality = DETAILED if number % 3 else DETAILED - 1
        choice.add(candidate(time, quality, number // 20, settled=number % 20 > 1))
    numbers = [int(time * 4) for time in times(choice)]
    assert len(numbers) == 10
    assert all(number % 3 and number % 20 > 1 for number in numbers)


def test_the_only_frame_of_a_shot_outlasts_others() -> None:
    kept = spread([candidate(n, shot=1 if n == 5 else 0) for n in range(12)], 4)
    assert 5 in [one.frame.time for one in kept]


@given(st.integers(2, 60), st.integers(1, 12))
def test_spread_keeps_the_order_and_nothing_else(number: int, count: int) -> None:
    found = spread([candidate(n) for n in range(number)], count)
    taken = [one.frame.time for one in found]
    assert taken == sorted(set(taken))
    assert len(taken) == min(number, count)


def test_a_longer_tail_moves_few_of_the_cells() -> None:
    seen = []
    for seconds in (700, 760):
        choice = KeyChoice(40)
        for number in range(seconds):
            choice.add(candidate(float(number), quality=(number * 37) % 101))
        seen.append({time for time in times(choice) if time < 600})
    assert len(seen[0] & seen[1]) >= 0.6 * len(seen[0])


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=60, unique=True),
    st.lists(st.floats(-10, 1100), min_size=1, max_size=8),
)
def test_the_nearest_frames_are_those_of_the_slow_way(frames: list[int], asked: list[float]) -> None:
    choice = NearestChoice(asked)
    for time in sorted(frames):
        choice.add(ChosenFrame(float(time), BLANK))
    assert times(choice) == sorted({float(min(sorted(frames), key=lambda f: abs(f - time))) for time in asked})


def test_no_frame_gives_none() -> None:
    assert NearestChoice((1.0,)).chosen() == ()
    assert KeyChoice(3).chosen() == ()
