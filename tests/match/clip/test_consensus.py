"""Lines through hits: made-up films cut, sped up, put together and disturbed."""

import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.match.clip.consensus import LEAST_SCORE, Line, find_lines
from safelight.match.clip.hits import FrameHits, HitKind, KeypointHit, frame_hits, keypoint_hits
from safelight.model.clip import Clip
from tests.match.clip.films import At, Film, clip, known, mirrored, noisy, query, replaced
from tests.match.clip.oracle import best_score, score

FILM = Film(seed=1, seconds=40)
SOURCE = known(FILM)


def lines_of(asked: Clip, source: Clip = SOURCE) -> list[Line]:
    return find_lines(asked, frame_hits(asked, source))


def error(line: Line, asked: Clip, meant: tuple[float, float]) -> float:
    """Most seconds by which a line misses the meant (speed, offset) over its rows."""
    times = asked.time[line.first : line.last + 1].astype(float)
    return float(np.abs(line.speed * times + line.offset - (meant[0] * times + meant[1])).max())


@pytest.mark.parametrize("phase", [0.0, 0.1, 0.37, 1.9])
def test_a_cut_is_found_at_its_time(phase: float) -> None:
    asked = noisy(query(lambda t: FILM.at(t + 11.3), 20, phase=phase), 12)
    (line,) = lines_of(asked)
    assert line.speed == 1.0
    assert error(line, asked, (1.0, 11.3)) < 0.3
    assert (line.first, line.last, len(line.rows)) == (0, len(asked.time) - 1, len(asked.time))


@pytest.mark.parametrize("speed", [0.8, 0.9, 0.95, 1.1, 1.25])
def test_a_changed_speed_is_found(speed: float) -> None:
    asked = noisy(query(lambda t: FILM.at(speed * t), 40 / speed - 1), 12)
    (line,) = lines_of(asked)
    assert line.speed == pytest.approx(speed, abs=0.02)
    assert error(line, asked, (speed, 0.0)) < 0.5


def test_mirrored_and_partly_replaced_queries_are_placed() -> None:
    altered = replaced(noisy(query(lambda t: FILM.at(t + 7), 24), 12), 10)
    for asked in (altered, mirrored(altered)):
        (line,) = lines_of(asked)
        assert error(line, asked, (1.0, 7.0)) < 0.5
        assert len(line.rows) == len(asked.time)


def montage(*parts: tuple[Film, float]) -> At:
    """Ten seconds of each film from some second on."""
    return lambda t: parts[int(t // 10)][0].at(t % 10 + parts[int(t // 10)][1])


def test_a_montage_gives_a_line_for_each_piece_and_source() -> None:
    other = Film(seed=2)
    asked = noisy(query(montage((FILM, 20), (other, 3), (FILM, 1)), 30, every=1.0), 12)
    mine = sorted(lines_of(asked), key=lambda line: line.first)
    assert [(line.first, line.last) for line in mine] == [(0, 9), (20, 29)]
    assert error(mine[0], asked, (1.0, 20.0)) < 0.4
    assert error(mine[1], asked, (1.0, -19.0)) < 0.4
    (theirs,) = lines_of(asked, known(other))
    assert (theirs.first, theirs.last) == (10, 19)


def test_the_same_piece_twice_gives_two_lines() -> None:
    asked = query(montage((FILM, 15), (FILM, 15)), 20, every=1.0)
    lines = sorted(lines_of(asked), key=lambda line: line.first)
    assert [round(line.offset) for line in lines] == [15, 5]


def test_dropped_rows_and_false_hits_do_not_break_a_line() -> None:
    rng = np.random.default_rng(4)
    asked = noisy(query(lambda t: FILM.at(t + 5), 30, every=1.0), 12)
    hits = frame_hits(asked, SOURCE)
    kept = hits.take(~np.isin(hits.row, [3, 4, 11, 12, 20]))
    false = replace(
        kept,
        start=rng.uniform(0, 39, len(kept)).astype(np.float32),
        nats=np.full(len(kept), 9, np.float32),
    )
    false = replace(false, end=false.start + np.float32(0.25))
    (line, *rest) = find_lines(asked, FrameHits.join([kept, false]))
    assert error(line, asked, (1.0, 5.0)) < 0.4
    assert (line.first, line.last) == (0, 29)
    assert line.looked == 30
    assert all(other.score < line.score / 5 for other in rest)


@pytest.mark.parametrize("later", [100.0, 4_000.0, 100_000.0])
def test_where_in_a_query_a_piece_stands_makes_no_difference(later: float) -> None:
    asked = noisy(query(lambda t: FILM.at(0.9 * t + 3), 20), 12)
    (line,) = lines_of(asked)
    (moved,) = lines_of(replace(asked, time=asked.time + np.float32(later), duration=asked.duration + later))
    assert moved.speed == pytest.approx(line.speed, abs=1e-3)
    assert moved.offset == pytest.approx(line.offset - line.speed * later, abs=0.1 + 1e-3 * later)
    assert moved.rows.tolist() == line.rows.tolist()


def test_what_times_a_file_claims_does_not_size_memory() -> None:
    asked = query(FILM.at, 20, every=1.0)
    hits = frame_hits(asked, SOURCE)
    far = replace(asked, time=asked.time + np.where(np.arange(len(asked.time)) < 10, 0, 9e6).astype(np.float32))
    late = replace(hits, time=far.time[hits.row])
    find_lines(asked, hits)  # compiled by now
    tracemalloc.start()
    lines = find_lines(far, late)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert any(line.first == 0 and abs(line.offset) < 0.3 for line in lines)
    assert most < 20e6


def test_hits_too_far_apart_are_left_out() -> None:
    """A line through what comes first in the source is found, and no more is counted than there is room for."""
    asked = query(FILM.at, 30, every=1.0)
    hits = frame_hits(asked, SOURCE)
    far = replace(hits, start=hits.start + np.float32(9e6), end=hits.end + np.float32(9e6))
    longer = replace(far, end=far.end + np.float32(100))
    tracemalloc.start()
    (line, *_rest) = find_lines(asked, FrameHits.join([hits, far, longer]))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert abs(line.offset) < 0.3
    assert most < 60e6


def test_a_long_break_ends_a_line() -> None:
    asked = query(FILM.at, 40, every=1.0)
    hits = frame_hits(asked, SOURCE)
    lines = find_lines(asked, hits.take((hits.row < 10) | (hits.row >= 30)))
    assert sorted((line.first, line.last) for line in lines) == [(0, 9), (30, 39)]


def test_a_still_scene_is_placed_where_it_fits_without_a_change_of_speed() -> None:
    def at(t: float) -> tuple[np.ndarray, np.ndarray, int]:
        return Film(seed=3, pace=0).at(0) if 10 <= t < 30 else FILM.at(t)

    source = clip(at, np.arange(0, 40, 0.25).tolist(), 40)
    asked = query(lambda t: at(t + 14), 12)
    (line,) = lines_of(asked, source)
    assert line.speed == 1.0
    assert len(line.rows) == len(asked.time)
    assert abs(line.offset - 14) <= 4.5  # anywhere within; the middle errs least


def test_slow_scenes_are_placed_by_a_few_bits() -> None:
    slow = Film(seed=6, seconds=60, shot=60, pace=2)
    asked = query(lambda t: slow.at(t + 23), 20, every=1.0)
    (line,) = lines_of(asked, known(slow))
    assert error(line, asked, (1.0, 23.0)) < 1.0


def test_rows_that_could_not_show_keypoints_are_no_misses() -> None:
    asked = query(lambda t: FILM.at(t + 10), 30, every=1.0)
    seen = [0.1, 9.1, 19.1, 29.1]
    hits = keypoint_hits(
        asked, [KeypointHit(t, t + 10, 5.0, False, True) for t in seen], np.arange(0, 40, 2.0).tolist()
    )
    (line,) = find_lines(asked, hits, looked=seen)
    assert (line.first, line.last, line.looked, len(line.rows)) == (0, 29, 4, 4)
    assert set(hits.kind[line.hits].tolist()) == {HitKind.KEYPOINTS}
    looked_everywhere = find_lines(asked, hits, looked=asked.time.tolist())
    assert all(line.first == line.last for line in looked_everywhere)


def test_no_hits_give_no_line() -> None:
    assert lines_of(query(Film(seed=77).at, 40)) == []


@settings(max_examples=4)
@given(st.integers(0, 1000), st.sampled_from([0.8, 0.9, 1.0, 1.0, 1.15]), st.floats(0, 8))
def test_lines_are_as_good_as_those_of_an_exhaustive_search(seed: int, speed: float, start: float) -> None:
    film = Film(seed, seconds=24, shot=4.0, pace=20)
    asked = noisy(query(lambda t: film.at(speed * t + start), (24 - start) / speed, every=1.5), 25, seed)
    hits = frame_hits(asked, known(film))
    hits = hits.take(hits.form == 0)
    lines = find_lines(asked, hits)
    exhaustive = best_score(asked, hits, 24)
    assert lines[0].score >= 0.97 * exhaustive - 1
    assert lines[0].score == pytest.approx(score(asked, hits, lines[0].speed, lines[0].offset), abs=0.01)


@settings(max_examples=6)
@given(st.integers(0, 1000))
def test_the_order_of_hits_makes_no_difference_and_lines_share_no_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked = noisy(query(montage((FILM, 20), (FILM, 5), (FILM, 28)), 30, every=1.0), 30, seed)
    hits = frame_hits(asked, SOURCE)
    shuffled = FrameHits.join([hits.take(rng.permutation(len(hits)))])
    lines, again = find_lines(asked, hits), find_lines(asked, shuffled)
    assert [(one.speed, one.offset, one.rows.tolist()) for one in lines] == [
        (one.speed, one.offset, one.rows.tolist()) for one in again
    ]
    rows = np.concatenate([line.rows for line in lines])
    assert len(rows) == len(np.unique(rows))
    assert all(line.score >= LEAST_SCORE for line in lines)


def test_thousands_of_rows_all_alike_take_little_time_and_memory() -> None:
    same = Film(seed=5, seconds=8192, shot=10_000, pace=0)
    code, tiles, _ = same.at(0)

    def alike(rows: int, gap: float) -> Clip:
        one = clip(lambda _: (code, tiles, 0), [0.0], rows * gap)
        time = np.arange(rows, dtype=np.float32) * np.float32(gap)
        keyed = np.arange(0, rows, 4, dtype=np.int32)
        return replace(
            one,
            time=time,
            span=np.full(rows, gap, np.float32),
            codes=np.repeat(one.codes, rows, axis=0),
            quality=np.full(rows, 100, np.uint8),
            shot=np.zeros(rows, np.uint16),
            keyed=keyed,
            tiles=np.repeat(one.tiles, len(keyed), axis=0),
            tile_quality=np.full((len(keyed), 16), 100, np.uint8),
        )

    asked, source = alike(4096, 2.0), alike(16_384, 0.25)
    lines_of(query(FILM.at, 10))  # compiled
    began = time.process_time()
    hits = frame_hits(asked, source)
    lines = find_lines(asked, hits)
    assert time.process_time() - began < 8  # some 1 s; a busy machine is no failure
    assert len(hits) == 4096
    assert [line.speed for line in lines] == [1.0, 1.0]
