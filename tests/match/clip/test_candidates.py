"""Which known clips are worth comparing with a query."""

from dataclasses import replace

import numpy as np

from safelight.match.clip.candidates import SHORTLIST, candidates, compiled, row_votes, tile_words
from safelight.match.clip.forms import dihedral_forms
from safelight.match.clip.worth import LEAST_TILES, MIN_QUALITY
from safelight.match.hamming import frozen
from safelight.match.tiles import LOOSE
from safelight.model.clip import ClipRows
from tests.match.clip.films import At, Film, bank, clip, known, mirrored, noisy, query, replaced
from tests.match.clip.oracle import distance

FILMS = {entry: Film(seed=entry, seconds=12) for entry in range(3, 23)}
CLIPS = {entry: known(film) for entry, film in FILMS.items()}


def test_the_clip_that_a_query_was_cut_from_is_the_only_candidate() -> None:
    asked = noisy(query(lambda t: FILMS[7].at(t + 3), 8), 20)
    assert candidates(asked, bank(CLIPS)) == [7]


def test_all_eight_forms_are_found() -> None:
    asked = query(FILMS[9].at, 12)
    for codes in dihedral_forms(asked.codes):
        assert candidates(replace(asked, codes=codes, keyed=asked.keyed[:0]), bank(CLIPS)) == [9]


def test_a_few_tiles_in_place_are_enough_mirrored_too() -> None:
    altered = replaced(noisy(query(FILMS[4].at, 12), 20), 16 - LEAST_TILES)
    assert candidates(altered, bank(CLIPS)) == [4]
    assert candidates(mirrored(altered), bank(CLIPS)) == [4]
    assert candidates(replaced(altered, 16 - LEAST_TILES + 1), bank(CLIPS)) == []
    moved = replace(altered, tiles=np.roll(altered.tiles, 1, axis=1))
    assert candidates(moved, bank(CLIPS)) == []


def test_tiles_that_agree_are_counted_as_the_obvious_loop_counts_them() -> None:
    rng = np.random.default_rng(8)
    seen, clips, least, fewest = 6, 3, 5, 2
    asked = rng.integers(0, 256, (seen, 16, 32), dtype=np.uint8)
    held = np.concatenate([asked, rng.integers(0, 256, (200, 16, 32), dtype=np.uint8)])[rng.integers(0, 30, 150)]
    other = rng.random((150, 16)) < 0.8
    held[other] = rng.integers(0, 256, (int(other.sum()), 32), dtype=np.uint8)
    held[:, :, 0] ^= rng.integers(0, 256, (150, 16), dtype=np.uint8)
    quality, asked_quality = (rng.integers(0, 30, (rows, 16), dtype=np.uint8) for rows in (150, seen))
    clip_of = rng.integers(0, clips, 150).astype(np.int32)
    most = np.zeros((seen, clips), np.uint8)
    mine, theirs = (frozen(tile_words(asked)), frozen(asked_quality)), (frozen(tile_words(held)), frozen(quality))
    compiled().tiles_of_clips(*mine, *theirs, frozen(clip_of), (LOOSE, least, fewest), most)
    expected = np.zeros_like(most)
    for row, tiles in enumerate(held):
        for number, own in enumerate(asked):
            sound = np.minimum(quality[row], asked_quality[number]) >= least
            near = sum(sound[place] and distance(tiles[place], own[place]) <= LOOSE for place in range(16))
            expected[number, clip_of[row]] = max(expected[number, clip_of[row]], near if near >= fewest else 0)
    assert most.tolist() == expected.tolist()
    assert (most >= fewest).any()


def test_the_order_of_the_bank_makes_no_difference() -> None:
    def at(time: float) -> tuple[np.ndarray, np.ndarray, int]:
        return FILMS[5].at(time) if time < 6 else FILMS[6].at(time)

    asked, rows = query(at, 12), bank(CLIPS)
    shuffled = np.random.default_rng(1).permutation(len(rows.entry))
    other = ClipRows(*(getattr(rows, name)[shuffled] for name in ClipRows.__slots__))
    assert set(candidates(asked, rows)) == {5, 6}
    assert candidates(asked, rows) == candidates(asked, other)


def test_frames_that_show_next_to_nothing_are_not_asked_for() -> None:
    asked = query(FILMS[7].at, 12)
    dull = replace(asked, quality=np.full_like(asked.quality, MIN_QUALITY - 1), keyed=asked.keyed[:0])
    assert candidates(dull, bank(CLIPS)) == []


def test_a_frame_that_hundreds_of_clips_share_does_not_crowd_out_the_right_one() -> None:
    title = Film(seed=99, seconds=12, pace=0)

    def with_title(film: Film) -> At:
        return lambda t: title.at(0) if t < 4 else film.at(t)

    many = {entry: clip(with_title(Film(entry, 12)), np.arange(0, 6, 0.5).tolist(), 6.0) for entry in range(100, 400)}
    asked = query(with_title(FILMS[7]), 12, every=1.0)
    found = candidates(asked, bank({**many, 7: CLIPS[7]}))
    assert found[0] == 7
    assert len(found) == SHORTLIST


def test_votes_are_divided_among_the_clips_of_a_row() -> None:
    nearest = np.array([[10, 10, 10, 10], [LOOSE + 1, 10, LOOSE + 1, LOOSE + 1]], np.uint8)
    votes = row_votes(nearest, np.zeros((2, 4), np.uint8))
    assert votes[0] == votes[2] == votes[3]
    assert votes[1] - votes[0] > 2 * votes[0]


def test_candidates_agree_with_comparing_all_with_all() -> None:
    asked = noisy(query(FILMS[11].at, 12), 45)
    near = {
        int(entry)
        for form in dihedral_forms(asked.codes)
        for code in form
        for entry, held in CLIPS.items()
        if min(distance(code, row) for row in held.codes) <= LOOSE
    }
    assert set(candidates(replace(asked, keyed=asked.keyed[:0]), bank(CLIPS))) == near == {11}


def test_nothing_asked_or_held_gives_nothing() -> None:
    empty = query(FILMS[7].at, 0.05)
    assert candidates(empty, bank(CLIPS)) == []
    assert candidates(query(FILMS[7].at, 12), bank({7: empty})) == []
