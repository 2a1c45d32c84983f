"""Rows of a clip: as many as there is room for, evenly; thinning against the slow way."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.fingerprint.clip_rows import Row, RowTable
from safelight.model.clip import CLIP_TILES, Clip
from safelight.model.tiles import TileHashes

TILES = TileHashes(np.ones((CLIP_TILES, 32), np.uint8), np.ones(CLIP_TILES, np.uint8))


@dataclass
class Step:
    """A row that comes in: whether it deserves tiles, and whether the picture stays until the next one comes."""

    keyed: bool
    stays: bool


STEPS = st.lists(st.builds(Step, st.booleans(), st.booleans()), max_size=120)


def filled(steps: list[Step], rows: int, keyed: int) -> Clip:
    table = RowTable(rows, keyed)
    for number, step in enumerate(steps):
        if table.takes_next():
            tiles = TILES if step.keyed and table.takes_next_keyed() else None
            code = np.full(32, number, np.uint8)
            table.add(Row(float(number), float(number), code, 50, number // 3, tiles))
        table.extend(float(number), number + (1.0 if step.stays else 0.5))
        assert len(table) <= rows
    return table.clip(float(len(steps)), 640, 480, None)


def slow(steps: list[Step], rows: int) -> list[int]:
    """Numbers of the rows that stay where all keep their tiles: neighbours are paired again at each overflow."""
    every, kept = 1, []
    for number, step in enumerate(steps):
        if number % every:
            continue
        kept.append((number, step.keyed))
        if len(kept) > rows:
            pairs = [kept[at : at + 2] for at in range(0, len(kept), 2)]
            kept = [next((one for one in pair if one[1]), pair[0]) for pair in pairs]
            every *= 2
    return [number for number, _ in kept]


@given(STEPS, st.integers(1, 40))
def test_thinning_is_that_of_the_slow_way(steps: list[Step], rows: int) -> None:
    clip = filled(steps, rows, 1000)
    kept = slow(steps, rows)
    assert clip.time.tolist() == kept
    assert clip.codes[:, 0].tolist() == kept
    assert clip.keyed.tolist() == [at for at, number in enumerate(kept) if steps[number].keyed]


@given(STEPS, st.integers(1, 40), st.integers(0, 12))
def test_spans_reach_to_the_next_row_unless_there_was_a_gap(steps: list[Step], rows: int, keyed: int) -> None:
    clip = filled(steps, rows, keyed)
    ends = [*clip.time.tolist(), float(len(steps))]
    for at, (time, span) in enumerate(zip(clip.time.tolist(), clip.span.tolist(), strict=True)):
        broken = [number for number in range(int(time), int(ends[at + 1])) if not steps[number].stays]
        assert time + span == (broken[0] + 0.5 if broken else ends[at + 1])


@given(STEPS, st.integers(1, 40), st.integers(0, 12))
def test_there_are_never_more_than_there_is_room_for(steps: list[Step], rows: int, keyed: int) -> None:
    clip = filled(steps, rows, keyed)
    assert len(clip.time) <= rows
    assert len(clip.time) >= min(len(steps), (rows + 1) // 2)
    assert len(clip.keyed) <= keyed
    assert clip.tiles.shape == (len(clip.keyed), CLIP_TILES, 32)
    assert clip.tile_quality.shape == (len(clip.keyed), CLIP_TILES)
    assert set(clip.keyed.tolist()) <= set(range(len(clip.time)))
    assert clip.shot.tolist() == [int(time) // 3 for time in clip.time]


def test_every_second_row_with_tiles_loses_them() -> None:
    clip = filled([Step(keyed=True, stays=True)] * 20, 100, 6)
    assert clip.time.tolist() == list(range(20))
    assert clip.keyed.tolist() == [0, 4, 8, 12, 16]


def test_what_comes_first_stays_the_same_whatever_comes_last() -> None:
    short, long = (filled([Step(keyed=True, stays=True)] * count, 16, 8) for count in (20, 30))
    assert long.time[: len(short.time)].tolist() == short.time.tolist()


def test_shots_beyond_the_last_number_share_it() -> None:
    table = RowTable(2, 0)
    for time in (0.0, 1.0):
        table.add(Row(time, time, np.zeros(32, np.uint8), 50, 65_535 + int(time)))
    assert table.clip(2.0, 1, 1, None).shot.tolist() == [65_535, 65_535]


@pytest.mark.parametrize(("rows", "keyed"), [(0, 1), (-1, 0), (4, -1)])
def test_no_room_at_all_is_refused(rows: int, keyed: int) -> None:
    with pytest.raises(ValueError, match="at least 1 row"):
        RowTable(rows, keyed)
