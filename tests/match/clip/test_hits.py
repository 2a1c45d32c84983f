"""Where rows of a query look like rows of a source."""

from dataclasses import replace

import numpy as np
import pytest

from safelight.match.clip import hits as clip_hits
from safelight.match.clip.forms import dihedral_forms
from safelight.match.clip.hits import (
    LEAST_HITS,
    MIRROR,
    MOST_HITS,
    ORIGINAL,
    FrameHits,
    HitKind,
    KeypointHit,
    frame_hits,
    keypoint_hits,
)
from safelight.match.clip.worth import FRAME_BITS, MOST_WORTH, frame_chance, keypoint_chance, tile_chance
from safelight.model.fingerprint import DIHEDRAL
from tests.match.clip.films import Film, clip, known, mirrored, noisy, query, replaced
from tests.match.clip.oracle import distance

FILM = Film(seed=1, seconds=20)
SOURCE = known(FILM)


def test_rows_within_the_radius_and_no_others_are_hits() -> None:
    asked = noisy(query(FILM.at, 20), 30)
    hits = frame_hits(asked, SOURCE)
    frames = hits.take(hits.kind == HitKind.FRAMES)
    for row, code in enumerate(asked.codes):
        near = {number for number, held in enumerate(SOURCE.codes) if distance(code, held) <= FRAME_BITS}
        mine = frames.take(frames.row == row)
        covered = {
            number for number, time in enumerate(SOURCE.time) if ((mine.start <= time) & (time < mine.end)).any()
        }
        assert covered == near


def test_hits_are_in_the_order_of_form_row_and_start() -> None:
    hits = frame_hits(noisy(query(FILM.at, 20), 10), SOURCE)
    keys = list(zip(hits.form.tolist(), hits.row.tolist(), hits.start.tolist(), strict=True))
    assert keys == sorted(keys)
    assert ((hits.nats > 0) & (hits.nats <= MOST_WORTH)).all()
    assert (hits.chance < 0).all()


@pytest.mark.parametrize("form", range(8))
def test_turned_and_mirrored_queries_hit_in_their_form(form: int) -> None:
    asked = query(FILM.at, 20)
    hits = frame_hits(replace(asked, codes=dihedral_forms(asked.codes)[form]), SOURCE)
    best = hits.take(hits.kind == HitKind.FRAMES)
    # A code turned three quarters comes back by one more quarter.
    back = {"rotate90": "rotate270", "rotate270": "rotate90"}.get(DIHEDRAL[form], DIHEDRAL[form])
    assert set(best.form.tolist()) == {DIHEDRAL.index(back)}
    assert set(best.row.tolist()) == set(range(len(asked.time)))
    assert (best.mirrored == DIHEDRAL[form].startswith("flip")).all()


def test_tiles_hit_where_frames_do_not_as_they_stand_and_mirrored() -> None:
    asked = replaced(noisy(query(FILM.at, 20), 20), 9)
    for altered, form in ((asked, 0), (mirrored(asked), MIRROR)):
        hits = frame_hits(altered, SOURCE)
        assert set(hits.kind.tolist()) == {HitKind.TILES}
        assert set(hits.form.tolist()) == {form}
        right = (hits.start <= hits.time + 0.25) & (hits.time <= hits.end + 0.25)
        assert set(hits.row[right].tolist()) == set(range(len(asked.time)))


def test_a_still_scene_is_one_hit_and_a_restless_one_has_no_more_than_there_is_room_for() -> None:
    still = known(Film(seed=2, seconds=200, shot=200, pace=0))
    asked = query(Film(seed=2, seconds=200, shot=200, pace=0).at, 10)
    hits = frame_hits(asked, still)
    assert len(hits) == len(asked.time)
    assert hits.end[0] - hits.start[0] == pytest.approx(200)
    restless = frame_hits(noisy(asked, 8), noisy(still, 16))
    assert np.bincount(restless.row).max() < 2 * MOST_HITS
    longest = (restless.end - restless.start).max()
    assert longest == pytest.approx(200)


def test_the_more_rows_the_fewer_hits_of_each_but_the_nearest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    still = Film(seed=2, seconds=200, shot=200, pace=0)
    asked, source = noisy(query(still.at, 20), 8), noisy(known(still), 16)
    all_ = frame_hits(asked, source)
    monkeypatch.setattr(clip_hits, "HITS_OF_ALL", 1)
    few = frame_hits(asked, source)
    assert np.bincount(few.row).max() <= LEAST_HITS + 2 < np.bincount(all_.row).max()
    for row in range(len(asked.time)):
        assert few.nats[few.row == row].max() == all_.nats[all_.row == row].max()


def test_a_pair_is_compared_in_few_turned_forms() -> None:
    rng = np.random.default_rng(3)
    asked = query(Film(seed=4).at, 20, every=0.5)
    codes = asked.codes.copy()
    quarter, half = DIHEDRAL.index("rotate90"), DIHEDRAL.index("rotate180")
    forms = dihedral_forms(asked.codes)
    for row, form in enumerate(rng.permutation([quarter] * 12 + [half] * 10 + [6] * 3 + [7] * 2 + [0] * 13).tolist()):
        codes[row] = forms[form][row]
    found = clip_hits._forms_shown(replace(asked, codes=codes), asked)
    assert found == sorted({ORIGINAL, MIRROR, DIHEDRAL.index("rotate270"), half})


def test_unrelated_films_have_no_hits() -> None:
    for seed in range(10, 30):
        assert len(frame_hits(query(Film(seed).at, 40), SOURCE)) == 0


def test_a_key_frame_stands_for_the_stretch_up_to_its_neighbours() -> None:
    asked = query(FILM.at, 20)
    hits = keypoint_hits(
        asked,
        [KeypointHit(4.2, 6.0, 5.0, mirrored=False, derivative=True), KeypointHit(9.0, 12.0, 2.0, True, False)],
        key_times=[0.0, 5.0, 6.0, 12.0],
    )
    assert hits.row.tolist() == [2, 4]
    assert hits.start.tolist() == [5.5, 11.0]
    assert hits.end.tolist() == [7.0, 13.0]
    assert hits.kind.tolist() == [HitKind.KEYPOINTS, HitKind.SCENE]
    assert hits.mirrored.tolist() == [False, True]
    assert hits.time.tolist() == pytest.approx([4.2, 9.0])
    assert hits.distance.tolist() == [-1, -1]


def test_no_keypoints_and_no_rows_give_no_hits() -> None:
    assert len(keypoint_hits(query(FILM.at, 20), [], [0.0])) == 0
    empty = clip(FILM.at, [], 20)
    assert len(keypoint_hits(empty, [KeypointHit(0, 0, 1, False, True)], [0.0])) == 0
    assert len(frame_hits(empty, SOURCE)) == len(frame_hits(query(FILM.at, 20), empty)) == 0


def test_joined_hits_are_all_there() -> None:
    hits = frame_hits(query(FILM.at, 20), SOURCE)
    half = len(hits) // 2
    joined = FrameHits.join([hits.take(np.arange(half, len(hits))), hits.take(np.arange(half))])
    assert (joined.start == hits.start).all()
    assert (joined.chance == hits.chance).all()


def test_chance_falls_with_closeness_quality_tiles_and_the_log_ratio() -> None:
    by_distance = frame_chance(np.arange(FRAME_BITS + 1, dtype=np.int16), np.full(FRAME_BITS + 1, 100, np.uint8))
    assert (np.diff(by_distance) > 0).all()
    assert by_distance[-1] < -12
    tiles = tile_chance(np.arange(2, 17, dtype=np.int16))
    assert (np.diff(tiles) <= 0).all()
    assert keypoint_chance(5.0) < keypoint_chance(1.0) < 0
