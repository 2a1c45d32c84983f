"""Times of packets: sound ones stay, others are repaired."""

from hypothesis import given
from hypothesis import strategies as st

from safelight.media.video.clock import Clock

stamp = st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-10, 100_000)


def times(clock: Clock, stamps: list[tuple[int | None, int | None]]) -> list[float]:
    return [clock.time(*pair) / 1e6 for pair in stamps]


def test_sound_stamps_stay() -> None:
    clock = Clock(0.01, 0.04)
    assert times(clock, [(108, 100), (124, 104), (116, 108), (112, 112)]) == [0.08, 0.24, 0.16, 0.12]
    assert not clock.jumped


def test_missing_stamps_go_on() -> None:
    clock = Clock(0.01, 0.04)
    assert times(clock, [(None, None), (None, None), (None, 12), (20, None)]) == [0, 0.04, 0.12, 0.2]
    assert times(Clock(0.0, 0.04), [(7, 7), (7, 7)]) == [0, 0.04]


def test_jumps_are_closed() -> None:
    clock = Clock(1.0, 0.5)
    assert times(clock, [(0, 0), (1, 1), (90_000, 90_000), (90_001, 90_001), (3, 3), (4, 4)]) == [0, 1, 1.5, 2.5, 3, 4]
    assert clock.jumped


def test_a_frame_shown_ages_after_it_is_decoded_is_not_believed() -> None:
    clock = Clock(1.0, 0.5)
    assert times(clock, [(0, 0), (10**9, 1), (2, 2)]) == [0, 1, 2]
    assert clock.jumped


@given(st.lists(st.tuples(stamp, stamp), max_size=50), st.sampled_from([0.0, 1e-9, 1 / 90_000, 0.04, 1.0, 1e6]))
def test_any_stamps_give_times_that_go_on(stamps: list[tuple[int | None, int | None]], unit: float) -> None:
    clock = Clock(unit, 0.04)
    made = times(clock, stamps)
    for number, time in enumerate(made):
        assert -601 * (number + 2) <= time <= 601 * (number + 2)
    for units in (None, -5, 0, 10**18):
        assert 0 < clock.span(units) <= 600 * 1e6
