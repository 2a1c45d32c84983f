"""vPDQ's rule, against the obvious loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.match import vpdq
from safelight.match.vpdq import match_codes, vpdq_match
from safelight.model.errors import UsageError
from safelight.model.vpdq import VpdqFrame

CODES = st.builds(lambda bits: sum(1 << bit for bit in bits), st.sets(st.integers(0, 255), max_size=40))
FRAMES = st.lists(
    st.builds(
        lambda code, quality: VpdqFrame(0, quality, f"{code:064x}", 0.0), CODES, st.sampled_from([0, 49, 50, 51, 100])
    ),
    max_size=12,
)


def obvious(query: list[VpdqFrame], known: list[VpdqFrame], distance: int, quality: int) -> float:
    """Percent of the query's good frames that have any good frame of the known within the distance."""
    mine = [int(frame.code, 16) for frame in query if frame.quality >= quality]
    theirs = [int(frame.code, 16) for frame in known if frame.quality >= quality]
    agree = sum(any((one ^ other).bit_count() <= distance for other in theirs) for one in mine)
    return 100.0 * agree / len(mine) if mine else 0.0


def without_doubles(frames: list[VpdqFrame], quality: int) -> list[VpdqFrame]:
    kept: dict[str, VpdqFrame] = {}
    for frame in frames:
        if frame.quality >= quality:
            kept.setdefault(frame.code, frame)
    return list(kept.values())


@given(FRAMES, FRAMES, st.sampled_from([0, 10, 31, 60]))
def test_percentages_are_those_of_the_obvious_loop(
    query: list[VpdqFrame], known: list[VpdqFrame], distance: int
) -> None:
    expected = obvious(query, known, distance, 50), obvious(known, query, distance, 50)
    assert vpdq_match(query, known, distance, 50, distinct=False) == pytest.approx(expected)


@given(FRAMES, FRAMES)
def test_equal_hashes_count_once_by_default(query: list[VpdqFrame], known: list[VpdqFrame]) -> None:
    mine, theirs = without_doubles(query, 50), without_doubles(known, 50)
    assert vpdq_match(query, known) == pytest.approx((obvious(mine, theirs, 31, 50), obvious(theirs, mine, 31, 50)))


@pytest.mark.parametrize(("bits", "percent"), [(0, 100.0), (31, 100.0), (32, 0.0)])
def test_a_distance_of_31_still_agrees(bits: int, percent: float) -> None:
    known = [VpdqFrame(0, 100, "0" * 64, 0.0)]
    query = [VpdqFrame(0, 50, f"{(1 << bits) - 1:064x}", 0.0)]
    assert vpdq_match(query, known) == (percent, percent)


@pytest.mark.parametrize("compiled", [False, True])
@given(st.lists(st.integers(0, 40), max_size=9), st.lists(st.integers(0, 40), max_size=9), st.integers(0, 20))
def test_compiled_or_not_the_same_frames_agree(
    compiled: bool, mine: list[int], theirs: list[int], distance: int
) -> None:
    """Codes of so many ones: as many bits apart as the numbers."""
    query, known = (
        np.array([list(((1 << ones) - 1).to_bytes(32, "big")) for ones in side], np.uint8).reshape(-1, 32)
        for side in (mine, theirs)
    )

    def share(side: list[int], other: list[int]) -> float:
        return 100.0 * sum(any(abs(a - b) <= distance for b in other) for a in side) / max(len(side), 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vpdq, "needs_compiled", lambda _work: compiled)
        assert match_codes(query, known, distance) == pytest.approx((share(mine, theirs), share(theirs, mine)))


def test_too_many_frames_to_compare_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [VpdqFrame(n, 100, f"{n:064x}", n) for n in range(4)]
    monkeypatch.setattr(vpdq, "MAX_PAIRS", 12)
    assert vpdq_match(frames, frames[:3]) == (100.0, 100.0)
    assert vpdq_match(frames, [*frames[:3], *frames[:3]]) == (100.0, 100.0)  # those that are the same count once
    with pytest.raises(UsageError, match="4 frames against 4 are too many to compare"):
        vpdq_match(frames, frames)


def test_many_frames() -> None:
    rng = np.random.default_rng(5)
    known = rng.integers(0, 256, (1500, 32), dtype=np.uint8)
    query = np.concatenate([rng.integers(0, 256, (1500, 32), dtype=np.uint8), known[:500]])
    assert match_codes(query, known) == pytest.approx((25.0, 100.0 / 3))


def test_nothing_agrees_with_nothing() -> None:
    assert vpdq_match([], [VpdqFrame(0, 100, "0" * 64, 0.0)]) == (0.0, 0.0)
    assert vpdq_match([VpdqFrame(0, 49, "0" * 64, 0.0)], []) == (0.0, 0.0)
