"""Videos against banks of videos and of pictures: what is found, when in time, and what is not."""

import io
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from safelight.demo.draw import draw
from safelight.flow.clips import FRAMES_ASKED, ClipMatcher, frame_queries
from safelight.flow.lookup import Lookup
from safelight.flow.matching import Matcher
from safelight.match.clip.verdict import ClipFinding, judge_clip
from safelight.model.bank import Bank
from safelight.model.clip import DENSE_QUERY, OF_QUERY_CLIP
from safelight.model.derivation import Verdict
from safelight.model.errors import IndexCorruptError
from safelight.model.fingerprint import DIHEDRAL
from safelight.model.local import Want
from safelight.model.match import Match, MatchKind
from safelight.model.scan import Depth, Status
from tests.clips import clip as made_clip
from tests.fakes import MemoryClips
from tests.material.clips import encode
from tests.shots import (
    FPS,
    HEIGHT,
    KNOWN,
    OTHER,
    PATCH,
    WIDTH,
    altered,
    card,
    known,
    other,
    packed,
    seconds,
    shots,
    still,
)
from tests.video_banks import VideoBanks, ask, looked_at, matched


def bank_of(*names: str) -> VideoBanks:
    banks = VideoBanks()
    for name in names:
        banks.know(name, known(name))
    return banks


@pytest.fixture
def banks() -> VideoBanks:
    return bank_of(*KNOWN)


def only(matches: tuple[Match, ...], entry: str) -> Match:
    found = [match for match in matches if match.kind is not MatchKind.SHARED_SCENE]
    assert [match.entry for match in found] == [entry]
    return found[0]


def stretches(match: Match) -> list[float]:
    """Start and end in the query and in the source, of each segment."""
    return [v for s in match.segments for v in (s.query_start, s.query_end, s.source_start, s.source_end)]


def test_the_very_bytes_are_not_looked_into(banks: VideoBanks) -> None:
    with banks.matching() as matcher:
        found = looked_at(matcher, known("one.mp4"))
        assert found.key_frames == ()
        match = only(matched(matcher, found), "one.mp4")
        assert (match.kind, match.algorithm, match.segments) == (MatchKind.EXACT, "sha256", ())
        assert matcher.pictures == {"hashes": 1, "keypoints": 0}


def test_a_copy_is_near_in_all_its_time(banks: VideoBanks) -> None:
    with banks.matching() as matcher:
        found = looked_at(matcher, packed(shots(*KNOWN["one.mp4"])))
        assert found.key_frames == ()
        match = only(matched(matcher, found), "one.mp4")
    assert (match.kind, match.algorithm, match.mirrored) == (MatchKind.NEAR, "clip", False)
    assert match.distance in range(32)
    assert match.p_false_match is not None
    assert match.p_false_match < 1e-9
    assert (match.share, match.source_share) == pytest.approx((1, 1), abs=0.05)
    assert stretches(match) == pytest.approx([0, 12, 0, 12], abs=0.5)
    assert match.segments[0].track == ()
    assert banks.masks.kept == {}


def test_a_mirrored_part_is_found_where_it_lies(banks: VideoBanks) -> None:
    part = [np.ascontiguousarray(frame[:, ::-1]) for frame in seconds(shots(*KNOWN["one.mp4"]), 2.5, 11)]
    with banks.matching() as matcher:
        match = only(ask(matcher, packed(part)), "one.mp4")
    assert match.mirrored
    assert stretches(match) == pytest.approx([0, 8.5, 2.5, 11], abs=0.75)
    assert match.segments[0].track == ()
    assert match.source_share == pytest.approx(8.5 / 12, abs=0.1)


def test_a_replaced_region_is_told_over_time(banks: VideoBanks) -> None:
    with banks.matching() as matcher:
        match = only(ask(matcher, altered()), "two.mp4")
    assert (match.kind, match.distance is None or match.distance > 31) == (MatchKind.DERIVATIVE, True)
    assert stretches(match) == pytest.approx([0, 12, 0, 12], abs=0.75)
    track = [at for segment in match.segments for at in segment.track]
    assert 4 <= len(track) <= 8 * len(match.segments)
    assert np.mean([at.region.area for at in track]) == pytest.approx(0.2, abs=0.06)
    assert len(banks.masks.kept) == len(track)
    share = np.mean([mask[PATCH].mean() for mask in banks.masks.kept.values()])
    assert share > 0.7
    assert np.mean([mask[:50].mean() for mask in banks.masks.kept.values()]) < 0.1


def test_of_a_video_read_in_part_no_region_is_told(banks: VideoBanks) -> None:
    data = encode([frame.copy() for frame in shots(*KNOWN["two.mp4"])], "matroska", fps=FPS, gop=FPS)
    with banks.matching() as matcher:
        found = looked_at(matcher, data[: len(data) * 3 // 4])
        assert found.status is Status.DEGRADED
        match = only(matched(matcher, found), "two.mp4")
    assert match.segments[0].query_end < 10.5
    assert match.altered_region is None
    assert all(segment.track == () for segment in match.segments)


def test_a_video_cut_from_two_known_ones_has_two_sources(banks: VideoBanks) -> None:
    one, two = shots(*KNOWN["one.mp4"]), shots(*KNOWN["two.mp4"])
    with banks.matching() as matcher:
        matches = ask(matcher, packed([*seconds(one, 4, 11), *seconds(two, 1, 8)]))
    assert sorted(match.entry for match in matches) == ["one.mp4", "two.mp4"]
    first, second = sorted(matches, key=lambda match: match.entry)
    assert first.kind is second.kind is MatchKind.DERIVATIVE
    assert stretches(first) == pytest.approx([0, 7, 4, 11], abs=1)
    assert stretches(second) == pytest.approx([7, 14, 1, 8], abs=1)
    assert (first.share, second.share) == pytest.approx((0.5, 0.5), abs=0.1)


def test_a_video_inside_another_is_found_by_keypoints(banks: VideoBanks) -> None:
    framed = [frame.copy() for frame in shots(*OTHER)]
    for around, frame in zip(framed, shots(*KNOWN["one.mp4"]), strict=True):
        small = Image.fromarray(frame).resize((WIDTH * 6 // 10, HEIGHT * 6 // 10), Image.Resampling.LANCZOS)
        around[20 : 20 + small.height, 100 : 100 + small.width] = np.asarray(small)
    data = packed(framed, 22)
    with banks.matching(Depth.HASHES) as matcher:
        assert looked_at(matcher, data).key_frames == ()
        assert [m for m in ask(matcher, data) if m.kind is not MatchKind.SHARED_SCENE] == []
    with banks.matching() as matcher:
        match = only(ask(matcher, data), "one.mp4")
        assert matcher.pictures["keypoints"] == 1
        assert matcher.seconds["keypoints"] > 0
    assert (match.kind, match.distance) == (MatchKind.DERIVATIVE, None)
    assert {name for segment in match.segments for name in segment.evidence} == {"keypoints"}
    for segment in match.segments:
        assert segment.source_start - segment.query_start == pytest.approx(0, abs=1)
    assert match.share is not None
    assert match.share > 0.5


@cache
def showing(zoom: float = 1.0) -> bytes:
    """Three seconds of a drawing, or of the middle of it, in a video of something else."""
    picture = draw(3, WIDTH, HEIGHT)
    width, height = WIDTH / zoom, HEIGHT / zoom
    box = ((WIDTH - width) / 2, (HEIGHT - height) / 2, (WIDTH + width) / 2, (HEIGHT + height) / 2)
    shown = np.asarray(picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box))
    rest = shots(*OTHER)
    return packed([*seconds(rest, 0, 4), *[shown] * (3 * FPS), *seconds(rest, 4, 9)], 20)


def test_a_frame_that_shows_a_known_picture_is_told_with_its_moment(banks: VideoBanks) -> None:
    banks.know("item.jpg", still(np.asarray(draw(3, WIDTH, HEIGHT))), "pictures")
    with banks.matching() as matcher:
        match = only(ask(matcher, showing()), "item.jpg")
    assert (match.bank, match.kind, match.algorithm, match.frame) == ("pictures", MatchKind.NEAR, "pdq", 0)
    assert match.time is not None
    assert 4 <= match.time < 7
    assert (match.source_time, match.segments) == (None, ())


def test_a_frame_that_shows_a_part_of_a_known_picture_is_traced(banks: VideoBanks) -> None:
    banks.know("item.jpg", still(np.asarray(draw(3, WIDTH, HEIGHT))), "pictures")
    with banks.matching() as matcher:
        match = only(ask(matcher, showing(1.5)), "item.jpg")
    assert (match.bank, match.kind, match.algorithm) == ("pictures", MatchKind.DERIVATIVE, "local")
    assert match.time is not None
    assert 4 <= match.time < 7


def test_a_still_is_found_in_a_known_video(banks: VideoBanks) -> None:
    (number,) = banks.store.entry_ids(banks.bank("known"), ["two.mp4"]).values()
    clip = banks.clips.open(banks.bank("known")).clip(number)
    second = float(clip.time[clip.keyed[len(clip.keyed) // 2]])
    frame = shots(*KNOWN["two.mp4"])[round(second * FPS)]
    part = np.ascontiguousarray(frame[40:220, 50:290])
    with banks.matching() as matcher:
        whole, cut = ask(matcher, still(frame)), ask(matcher, still(part), "part")
    for matches, kind in ((whole, MatchKind.NEAR), (cut, MatchKind.DERIVATIVE)):
        match = only(matches, "two.mp4")
        assert (match.kind, match.time, match.segments) == (kind, None, ())
        assert match.source_time == pytest.approx(second, abs=1)
    assert whole[0].source_time == pytest.approx(second, abs=0.1)
    assert whole[0].altered_region is None


def test_an_animation_is_matched_in_time(banks: VideoBanks) -> None:
    part = [Image.fromarray(frame) for frame in seconds(shots(*KNOWN["one.mp4"]), 2, 11)[::4]]
    out = io.BytesIO()
    part[0].save(out, "WEBP", save_all=True, append_images=part[1:], duration=500, quality=60)
    with banks.matching() as matcher:
        match = only(ask(matcher, out.getvalue()), "one.mp4")
    assert match.kind is MatchKind.NEAR


def test_black_and_cards_find_nothing_in_a_bank_of_black_videos(banks: VideoBanks) -> None:
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    banks.know("black.mp4", packed([black] * (8 * FPS)))
    banks.know("black first.mp4", packed([*[black] * (4 * FPS), *shots(340, 341)]))
    queries = {
        "black": [black] * (5 * FPS),
        "card": [card("Part One")] * (5 * FPS),
        "black, then a card": [*[black] * (3 * FPS), *[card("The End")] * (4 * FPS)],
        "other": shots(*OTHER),
    }
    with banks.matching() as matcher:
        found = {name: ask(matcher, packed(frames), name) for name, frames in queries.items()}
    assert found == dict.fromkeys(queries, ())


def test_a_video_that_is_known_to_be_benign_explains_its_copies(banks: VideoBanks) -> None:
    banks.know("a film.mp4", known("one.mp4"), "benign", negative=True)
    with banks.matching() as matcher:
        found = looked_at(matcher, packed(seconds(shots(*KNOWN["one.mp4"]), 0, 6), 22))
        assert found.key_frames  # it may show something else besides
        matches = matched(matcher, found)
    assert {(match.bank, match.kind) for match in matches} == {("benign", MatchKind.NEAR), ("known", MatchKind.NEAR)}
    assert [match.suppressed_by for match in matches if not match.negative] == ["benign/a film.mp4"]


@pytest.mark.parametrize("benign", ["a card", "what is around it"])
def test_harmless_frames_do_not_hide_a_known_video(banks: VideoBanks, benign: str) -> None:
    card = draw(3, WIDTH, HEIGHT)
    rest = shots(334, 335, 336, 337, 338)
    if benign == "a card":
        banks.know("card.png", still(np.asarray(card)), "benign", negative=True)
    else:
        banks.know("film.mp4", packed(rest, 20), "benign", negative=True)
    frames = [*shots(*KNOWN["one.mp4"]), *([np.asarray(card)] * FPS if benign == "a card" else rest)]
    with banks.matching() as matcher:
        matches = ask(matcher, packed(frames, 22))
    assert [match.suppressed_by for match in matches if not match.negative] == [None]
    assert {match.bank for match in matches} == {"benign", "known"}


def test_entries_that_are_gone_from_the_store_are_not_told(banks: VideoBanks) -> None:
    banks.store.remove(banks.bank("known"), ["one.mp4"])
    frame = shots(*KNOWN["one.mp4"])[20]
    with banks.matching() as matcher:
        assert ask(matcher, packed(seconds(shots(*KNOWN["one.mp4"]), 1, 5))) == ()
        assert ask(matcher, still(frame), "still") == ()


def test_a_disabled_bank_is_not_asked(banks: VideoBanks) -> None:
    banks.store.update(replace(banks.bank("known"), enabled=False))
    with banks.matching() as matcher:
        assert matcher.clips is not None
        assert (matcher.clips.sizes(), matcher.request) == ({}, None)
        assert ask(matcher, known("one.mp4")) == ()


def test_against_a_bank_of_pictures_alone(banks: VideoBanks) -> None:
    banks = VideoBanks()
    banks.know("item.jpg", still(np.asarray(draw(3, WIDTH, HEIGHT))), "pictures")
    with banks.matching() as matcher:
        assert matcher.clips is not None
        assert matcher.clips.sizes() == {}
        assert only(ask(matcher, showing()), "item.jpg").time is not None


def test_without_keypoints_none_are_asked_for(banks: VideoBanks) -> None:
    with banks.matching(Depth.HASHES) as matcher:
        assert matcher.clip_request == replace(OF_QUERY_CLIP, key_frames=0, local=None)
    with banks.matching() as matcher:
        assert matcher.clips is not None
        assert matcher.clip_request is not None
        assert matcher.clip_request.key_frames == OF_QUERY_CLIP.key_frames
        assert matcher.clips.sizes() == {"known": 3}


def test_broken_clips_stop_the_scan(banks: VideoBanks, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_index: MemoryClips) -> None:
        raise IndexCorruptError(path="clips", cause="a torn record")

    monkeypatch.setattr(MemoryClips, "rows", fail)
    with banks.matching() as matcher, pytest.raises(IndexCorruptError):
        ask(matcher, other())


def test_the_same_is_told_again(banks: VideoBanks) -> None:
    banks.know("item.jpg", still(np.asarray(draw(3, WIDTH, HEIGHT))), "pictures")
    told = []
    for _ in range(2):
        with banks.matching() as matcher:
            told.append([ask(matcher, altered()), ask(matcher, showing(1.5), "b"), ask(matcher, altered())])
    assert told[0] == told[1]
    assert told[0][0] == told[0][2]
    assert all(told[0])


@pytest.mark.parametrize("broken", ["find_lines", "candidates", "judge_clip"])
def test_what_cannot_be_matched_in_time_keeps_its_digests_and_says_so(
    banks: VideoBanks, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise ValueError

    monkeypatch.setattr(f"safelight.flow.clips.{broken}", fail)
    with banks.matching() as matcher:
        match = only(ask(matcher, known("one.mp4")), "one.mp4")
        assert match.kind is MatchKind.EXACT
        assert matcher.untraced == {(1, "suspect"): "it could not be traced (ValueError)"}
        assert ask(matcher, packed(shots(*KNOWN["one.mp4"]))) == ()


def test_what_cannot_be_traced_keeps_what_frames_said(banks: VideoBanks, monkeypatch: pytest.MonkeyPatch) -> None:
    banks.know("item.jpg", still(np.asarray(draw(3, WIDTH, HEIGHT))), "pictures")

    def fail(*_arguments: object) -> list[object]:
        raise MemoryError

    with banks.matching() as matcher:
        monkeypatch.setattr("safelight.flow.trace.trace", fail)
        monkeypatch.setattr(matcher, "wanted", lambda _key, _found: Want.KEYPOINTS)
        found = looked_at(matcher, showing())
        assert found.key_frames
        assert only(matched(matcher, found), "item.jpg").kind is MatchKind.NEAR
        assert matcher.untraced == {(1, "suspect"): "it could not be traced (MemoryError)"}


def test_a_trace_of_something_is_looked_at_densely(banks: VideoBanks, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_little(*arguments: object) -> ClipFinding | None:
        found = judge_clip(*arguments)  # type: ignore[arg-type]  # as it is called
        return replace(found, verdict=Verdict.NOT_DERIVED) if found else None

    with banks.matching() as matcher:
        sparse = looked_at(matcher, other())
        monkeypatch.setattr("safelight.flow.clips.judge_clip", too_little)
        dense = looked_at(matcher, packed(shots(*KNOWN["one.mp4"])))
        monkeypatch.undo()
        assert sparse.clip is not None
        assert dense.clip is not None
        assert len(sparse.clip.time) <= OF_QUERY_CLIP.sampling.least + 4
        assert len(dense.clip.time) > 0.8 * 12 / DENSE_QUERY.every
        assert all((sparse.key_frames, dense.key_frames))
        assert only(matched(matcher, dense), "one.mp4").share == pytest.approx(1, abs=0.05)


def test_a_video_that_nobody_asked_about_is_matched_all_the_same(banks: VideoBanks) -> None:
    """As after a worker's crash: the clip came, the question did not."""
    with banks.matching() as matcher:
        found = looked_at(matcher, packed(shots(*KNOWN["one.mp4"])))
        matcher.forget(1)
        assert only(matched(matcher, found), "one.mp4").kind is MatchKind.NEAR


def test_frames_are_looked_up_in_eight_forms_and_bounded_in_number() -> None:
    clip = made_clip(1, rows=4 * (FRAMES_ASKED + 90))
    queries = frame_queries(clip)
    rows = sorted({query.frame for query in queries})
    assert len(rows) == FRAMES_ASKED
    assert set(rows) <= set(clip.keyed.tolist())
    assert (rows[0], rows[-1]) == (clip.keyed[0], clip.keyed[-1])
    assert len(queries) == 8 * FRAMES_ASKED
    own = [query for query in queries if query.frame == rows[5]]
    assert own[0].code == clip.codes[rows[5]].tobytes().hex()
    assert {(query.dihedral, query.quality) for query in own} == {(form, clip.quality[rows[5]]) for form in DIHEDRAL}


def test_empty_rooms_and_closed_ones(banks: VideoBanks) -> None:
    closed: list[int] = []

    class Closing(MemoryClips):
        def close(self) -> None:
            closed.append(len(self))

    class Room:
        def open(self, bank: Bank) -> Closing:
            return Closing(banks.clips.open(bank).held)

    banks.bank("empty")
    names = [bank.name for bank in banks.store.banks()]
    with (
        Lookup(banks.store, banks.room, names) as lookup,
        ClipMatcher(banks.store, Room(), lookup, None) as clips,  # type: ignore[arg-type]  # only opened
        Matcher(lookup, clips=clips),
    ):
        assert closed == [0]
        assert clips.sizes() == {"known": 3}
    assert closed == [0, 3]
