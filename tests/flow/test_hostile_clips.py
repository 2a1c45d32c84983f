"""What a worker says of a video may be a lie: it costs that one file, and no more time than this file has."""

from dataclasses import replace

import numpy as np
import pytest

from safelight.flow import allowance, clips
from safelight.flow.allowance import TOO_LONG
from safelight.flow.clips import ClipMatcher, SearchedFrames, asked_of
from safelight.flow.matching import Matcher
from safelight.flow.track import FRAMES, Track
from safelight.model.clip import Clip
from safelight.model.errors import TraceError
from safelight.model.local import Want
from safelight.model.match import MatchKind
from safelight.model.scan import Examination
from tests.clips import clip as made_clip
from tests.clips import same_clip
from tests.fakes import MemoryClips
from tests.shots import KNOWN, altered, known, other, packed, seconds, shots, still
from tests.video_banks import VideoBanks, ask, looked_at, matched


@pytest.fixture
def banks() -> VideoBanks:
    made = VideoBanks()
    for name in KNOWN:
        made.know(name, known(name))
    return made


def of(matcher: Matcher) -> ClipMatcher:
    assert matcher.clips is not None
    return matcher.clips


def kinds(matches: tuple[object, ...]) -> list[object]:
    return [match.kind for match in matches]  # type: ignore[attr-defined]  # matches


@pytest.mark.parametrize("lost", ["clip", "fingerprint"])
def test_key_frames_of_what_is_no_video_are_left_alone(banks: VideoBanks, lost: str) -> None:
    with banks.matching() as matcher:
        found = looked_at(matcher, other())
        found = replace(found, clip=None) if lost == "clip" else replace(found, fingerprint=None)
        assert found.key_frames
        assert matched(matcher, found) == ()
        for work in (of(matcher).by_hashes, lambda it: of(matcher).told(it, SearchedFrames(()), ())):
            with pytest.raises(TraceError):
                work(found)


@pytest.mark.parametrize("error", [AssertionError, KeyError, OverflowError])
def test_whatever_fails_for_a_videos_sake_is_its_own_result(
    banks: VideoBanks, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    with banks.matching() as matcher:
        found = looked_at(matcher, other())
        monkeypatch.setattr(clips, "candidates", fail)
        matcher.forget(1)
        assert matched(matcher, found) == ()
        assert matcher.untraced == {(1, "suspect"): f"it could not be traced ({error.__name__})"}


def test_a_clip_that_cannot_be_read_costs_a_still_its_moment_alone(
    banks: VideoBanks, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = still(shots(*KNOWN["two.mp4"])[0])

    def gone(_index: MemoryClips, entry: int) -> Clip:
        raise KeyError(entry)

    with banks.matching() as matcher:
        assert ask(matcher, data)[0].source_time is not None
        monkeypatch.setattr(MemoryClips, "clip", lambda _index, _entry: made_clip(1, rows=0))
        empty = ask(matcher, data)
        monkeypatch.setattr(MemoryClips, "clip", gone)
        without = ask(matcher, data)
    for matches in (empty, without):
        assert [(match.kind, match.source_time) for match in matches] == [(MatchKind.NEAR, None)]
    assert matcher.untraced == {(1, "suspect"): "it could not be traced (KeyError)"}


def test_no_time_leaves_what_digests_say_and_tells_so(banks: VideoBanks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "SECONDS", 0.0)
    copy = packed(shots(*KNOWN["one.mp4"]))
    with banks.matching() as matcher:
        assert kinds(ask(matcher, known("one.mp4"))) == [MatchKind.EXACT]
        assert matcher.untraced.pop((1, "suspect")) == TOO_LONG
        assert looked_at(matcher, other()).key_frames == ()
        assert ask(matcher, copy) == ()
        assert matcher.untraced.pop((1, "suspect")) == TOO_LONG
        matcher.expect(1, 1 << 30)
        assert kinds(ask(matcher, copy)) == [MatchKind.NEAR]
        assert matcher.untraced == {}


def test_what_was_found_before_time_was_up_is_kept(banks: VideoBanks) -> None:
    one, two = shots(*KNOWN["one.mp4"]), shots(*KNOWN["two.mp4"])
    with banks.matching() as matcher:
        found = looked_at(matcher, packed([*seconds(one, 0, 6), *seconds(two, 0, 6)], 20))
        answers = iter([True] * 3)
        looked_up = of(matcher).by_hashes(found, lambda: next(answers, False))
        whole = of(matcher).by_hashes(found)
        assert len(whole.matches) == 2
        assert len(looked_up.matches) == 1
        assert looked_up.want is Want.NOTHING
        assert of(matcher).told(found, SearchedFrames(()), whole.matches, whole, lambda: False) == whole.matches
        assert (
            of(matcher).search(found.key_frames or looked_at(matcher, other()).key_frames, lambda: False).frames == ()
        )


def test_the_time_of_all_that_a_file_holds_is_counted_until_it_is_done(banks: VideoBanks) -> None:
    with banks.matching() as matcher:
        left = [allowance.SECONDS]
        for name in ("a.zip!/a", "a.zip!/b"):
            found = looked_at(matcher, other(), name)
            assert matcher.matches([(1, matcher.start(1, found))]) == [()]
            left.append(matcher._allowances[1].left)
        assert left == sorted(set(left), reverse=True)
        matcher.forget(1)
        assert matcher._allowances == {}


@pytest.mark.parametrize("query", ["altered", "other", "part"])
def test_what_hashes_have_told_of_the_same_clip_is_not_found_out_again(
    banks: VideoBanks, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    part = packed(seconds(shots(*KNOWN["one.mp4"]), 0, 4), 20)
    data = {"altered": altered(), "other": other(), "part": part}
    calls: list[Clip] = []

    def choose(clip: Clip, _rows: object) -> list[int]:
        calls.append(clip)
        return []

    with banks.matching() as matcher:
        monkeypatch.setattr(matcher, "wanted", lambda _key, _found: Want.KEYPOINTS)
        found = looked_at(matcher, data[query])
        looked_up = of(matcher).by_hashes(found)
        searched = of(matcher).search(found.key_frames)
        anew = of(matcher).told(found, searched, looked_up.matches)
        monkeypatch.setattr(clips, "candidates", choose)
        again = of(matcher).told(found, searched, looked_up.matches, looked_up)
        assert again == anew
        assert calls == []
        assert found.clip is not None
        less = replace(found, clip=replace(found.clip, duration=found.clip.duration - 1))
        of(matcher).told(less, searched, looked_up.matches, looked_up)
        assert calls


def test_long_clips_are_compared_with_few_others(banks: VideoBanks, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    monkeypatch.setattr(clips, "candidates", lambda _clip, rows: list(dict.fromkeys(rows.entry.tolist())))
    monkeypatch.setattr(clips, "judge_clip", lambda _clip, source, *_rest: compared.append(len(source.time)))
    with banks.matching() as matcher:
        found = looked_at(matcher, other())
        for pairs, least, count in ((10**9, 1, 3), (0, 1, 1), (0, 2, 2)):
            monkeypatch.setattr(clips, "PAIRS", pairs)
            monkeypatch.setattr(clips, "LEAST_COMPARED", least)
            compared.clear()
            of(matcher).by_hashes(found)
            assert len(compared) == count


def test_a_long_clip_asks_a_large_bank_by_some_of_its_rows() -> None:
    clip = made_clip(3, rows=6000, every=3)
    assert asked_of(clip, 1) is clip
    for bank, most in ((10**9, 512), (100_000, 2000), (50_000, 4000)):
        asked = asked_of(clip, bank)
        assert min(most, len(clip.keyed)) <= len(asked.time) <= most
        rows = np.searchsorted(clip.time, asked.time)
        assert (asked.codes == clip.codes[rows]).all()
        assert np.diff(rows).max() <= 6000 // most + 3
        places = np.searchsorted(clip.keyed, rows[asked.keyed])
        assert (clip.keyed[places] == rows[asked.keyed]).all()
        assert (asked.tiles == clip.tiles[places]).all()
        assert (asked.tile_quality == clip.tile_quality[places]).all()
        assert len(asked.keyed) >= min(most, len(clip.keyed))
    assert same_clip(clip, made_clip(3, rows=6000, every=3))


def test_no_more_frames_are_told_of_than_there_is_room_for(banks: VideoBanks, monkeypatch: pytest.MonkeyPatch) -> None:
    with banks.matching() as matcher:
        found = looked_at(matcher, altered())
        (match,) = [m for m in matched(matcher, found) if m.entry == "two.mp4"]
        (number,) = banks.store.entry_ids(banks.bank("known"), ["two.mp4"]).values()
        source = banks.clips.open(banks.bank("known")).clip(number)
        assert found.clip is not None
        best = max(match.segments, key=lambda segment: segment.agreeing)
        worse = replace(best, agreeing=1, track=())
        many = replace(match, segments=(worse, worse, best, worse))
        told = Track().of(many, "item", found.clip, source, most=FRAMES)
        assert [bool(segment.track) for segment in told.segments] == [False, False, True, False]
        told = Track().of(many, "item", found.clip, source, most=2 * FRAMES)
        assert sum(len(segment.track) for segment in told.segments) <= 2 * FRAMES
        assert told.segments[0].track
        assert told.segments[2].track
        monkeypatch.setattr(clips, "MOST_REGIONS", FRAMES - 1)
        none = of(matcher).by_hashes(found).matches
        assert [segment.track for match in none for segment in match.segments] == [()]


def test_of_a_still_with_other_contents_no_region_is_guessed(banks: VideoBanks) -> None:
    """The frames that tiles are kept of show other moments; keypoints tell what moved from what was replaced."""
    frame = shots(*KNOWN["two.mp4"])[21].copy()
    frame[100:240, :160] = shots(*KNOWN["one.mp4"])[30][100:240, :160]
    with banks.matching() as matcher:
        matches = [m for m in ask(matcher, still(frame)) if m.kind is not MatchKind.SHARED_SCENE]
    assert [match.entry for match in matches] == ["two.mp4"]
    assert matches[0].source_time is not None
    assert matches[0].altered_region is None or matches[0].algorithm == "local"


def test_what_was_started_is_never_taken_for_another(banks: VideoBanks) -> None:
    with banks.matching() as matcher:
        found = looked_at(matcher, other())
        light = matcher.start(1, found)
        assert light.key_frames == ()
        assert matcher.matches([(1, light)])[0] == matched(matcher, found)
        plain: Examination = replace(light, clip=None)
        assert matcher.start(1, plain) is plain
