"""One video in the worker: what is told of it, by what is asked for."""

import base64
import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from safelight.flow.clip import HINT_FRAMES, STRIP, examine_animation
from safelight.flow.examine import examine
from safelight.flow.mosaic import MOSAIC
from safelight.flow.signals import SignalTools
from safelight.media.video import VideoReader
from safelight.model.clip import DENSE_QUERY, OF_KNOWN_CLIP, OF_QUERY_CLIP, Clip, ClipRequest, Sampling
from safelight.model.errors import LimitExceededError
from safelight.model.hint import Hint, HintVerdict
from safelight.model.local import OF_QUERY, Want
from safelight.model.media import DecodedImage, Frame, Limits, MediaFacts, VideoFrame
from safelight.model.provenance import Provenance
from safelight.model.scan import Examination, Status
from safelight.model.signal import Signal, SignalRequest
from tests.clips import same_clip
from tests.detect.metadata.build import box, packet
from tests.detect.provenance.signing import action, authority, maker, sign
from tests.material.clips import clip, encode
from tests.media.video.test_hostile import several

WIDTH, HEIGHT, FPS, SECONDS = 160, 120, 10, 12
SPARSE = replace(OF_QUERY_CLIP, sampling=Sampling(2.0, keys=True), key_frames=4)


@cache
def video(number: int = 1, container: str = "mp4", codec: str = "libx264", seconds: float = SECONDS) -> bytes:
    return encode(clip(number, seconds, FPS, WIDTH, HEIGHT), container, codec, FPS, gop=2 * FPS)


def look(data: bytes, request: ClipRequest = SPARSE, **options: object) -> Examination:
    limits = options.pop("limits", Limits())
    (found,) = examine("video.mp4", io.BytesIO(data), limits, clip=request, **options)  # type: ignore[arg-type]
    return found


def wants(want: Want) -> Callable[[Examination], Want]:
    return lambda _found: want


def clip_of(found: Examination) -> Clip:
    assert found.clip is not None
    return found.clip


def facts_of(found: Examination) -> MediaFacts:
    assert found.facts is not None
    return found.facts


def oddities(found: Examination) -> list[str]:
    return [signal.detail for signal in found.signals if signal.name == "file_oddity"]


def test_a_video_with_all_that_is_told_of_it() -> None:
    told: list[Examination] = []

    def wanted(found: Examination) -> Want:
        told.append(found)
        return Want.NOTHING

    found = look(video(), wanted=wanted)
    assert (found.status, found.mime, found.error, found.signals) == (Status.OK, "video/mp4", None, ())
    facts = facts_of(found)
    assert (facts.width, facts.height, facts.codec, facts.truncated) == (WIDTH, HEIGHT, "h264", False)
    assert facts.duration == pytest.approx(SECONDS, abs=0.05)
    rows = clip_of(found)
    assert rows.time.tolist() == [0, 2, 4, 6, 8, 10]
    assert rows.duration == facts.duration
    assert (rows.width, rows.height, rows.box) == (WIDTH, HEIGHT, None)
    assert len(rows.tiles) == len(rows.keyed) == 6
    assert found.fingerprint is not None
    assert found.fingerprint.prints == ()
    assert (found.key_frames, found.strip, found.thumbnail, found.local, found.pixels) == ((), (), None, None, None)
    assert [one.clip is not None and same_clip(one.clip, rows) for one in told] == [True]


def test_without_being_asked_a_video_is_known_by_its_digests() -> None:
    (found,) = examine("video.mp4", io.BytesIO(video()), Limits())
    assert (found.status, found.clip, found.facts) == (Status.UNSUPPORTED, None, None)


def test_a_video_whose_digests_are_known_is_not_decoded() -> None:
    found = look(video(), known=lambda _digests: True)
    assert (found.status, found.clip, found.facts) == (Status.OK, None, None)


@pytest.mark.parametrize(("container", "codec"), [("matroska", "libx264"), ("avi", "mpeg4")])
def test_what_is_left_of_a_video_that_was_cut_short_is_used(container: str, codec: str) -> None:
    whole = video(1, container, codec)
    found = look(whole[: len(whole) * 2 // 3])
    assert found.status is Status.DEGRADED
    assert any("cut short" in text for text in oddities(found))
    assert 0.4 * SECONDS < clip_of(found).duration < 0.9 * SECONDS
    full = clip_of(look(whole))
    rows = clip_of(found)
    assert len(rows.time) < len(full.time)
    assert np.array_equal(rows.codes[:3], full.codes[:3])


def test_frames_at_given_seconds_in_place_of_a_clip() -> None:
    request = replace(OF_QUERY_CLIP, at=(1.0, 3.25, 7.5))
    found = look(video(), request, pixels=80)
    assert (found.status, found.clip, found.strip) == (Status.OK, None, ())
    assert [frame.time for frame in found.key_frames] == pytest.approx([1, 3.2, 7.5])
    pixels = [frame.pixels for frame in found.key_frames]
    assert [one.shape for one in pixels if one is not None] == [(60, 80, 3)] * 3
    assert all(frame.local.working.grey.shape == (HEIGHT, WIDTH) for frame in found.key_frames)
    drawn = list(clip(1, SECONDS, FPS, WIDTH, HEIGHT))
    for number, frame in zip((10, 32, 75), found.key_frames, strict=True):
        grey = np.asarray(Image.fromarray(drawn[number]).convert("L"), np.int16)
        assert np.abs(frame.local.working.grey - grey).mean() < 8


def test_an_exact_request_gives_a_row_for_each_second() -> None:
    still = [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * (4 * FPS)
    data = encode([*clip(1, 4, FPS, WIDTH, HEIGHT), *still], "mp4", fps=FPS)
    request = ClipRequest(Sampling(1.0), rows=100, keyed=0, key_frames=0, local=None, exact=True)
    rows = clip_of(look(data, request))
    assert rows.time.tolist() == list(range(8))
    assert (rows.quality[:4] > 50).all()
    assert (rows.quality[4:] == 0).all()
    assert (len(rows.keyed), len(rows.tiles)) == (0, 0)
    few = look(data, replace(request, rows=5))
    assert (few.status, few.clip) == (Status.UNREADABLE, None)
    assert "more than 5 frames" in (few.error or "")


@pytest.mark.parametrize("want", list(Want))
def test_the_answer_says_how_closely_it_is_looked_at(want: Want) -> None:
    found, plain = look(video(), wanted=wants(want)), look(video(), wanted=wants(Want.NOTHING))
    assert found.status is Status.OK
    assert found.signals == plain.signals
    rows = clip_of(found)
    assert len(found.key_frames) == (0 if want is Want.NOTHING else 4)
    assert all(len(frame.local.features.x) > 20 for frame in found.key_frames)
    assert {frame.time for frame in found.key_frames} <= {round(float(time), 6) for time in rows.time}
    if want is Want.DENSE:
        assert len(rows.time) == pytest.approx(SECONDS / DENSE_QUERY.every, abs=3)
    else:
        assert same_clip(rows, clip_of(plain))


@pytest.mark.parametrize("request_", [replace(SPARSE, key_frames=0), replace(SPARSE, local=None)])
def test_where_no_keypoints_are_asked_for_nobody_is_asked(request_: ClipRequest) -> None:
    def fail(_found: Examination) -> Want:
        raise AssertionError

    assert look(video(), request_, wanted=fail).clip is not None


def test_known_videos_are_not_looked_into_again() -> None:
    request = replace(OF_KNOWN_CLIP, key_frames=3)
    found = look(video(), request)
    assert [frame.local.working.grey.size for frame in found.key_frames] == [0, 0, 0]
    assert all(frame.local.working.width == WIDTH for frame in found.key_frames)
    seen = look(video(), replace(request, look=True))
    for bare, whole in zip(found.key_frames, seen.key_frames, strict=True):
        assert whole.local.working.grey.shape == (HEIGHT, WIDTH)
        assert np.array_equal(bare.local.features.descriptors, whole.local.features.descriptors)
        assert np.array_equal(bare.local.tiles.codes, whole.local.tiles.codes)


def test_pixels_of_key_frames_come_only_when_asked_for() -> None:
    assert [frame.pixels for frame in look(video()).key_frames] == [None] * 4
    shapes = [frame.pixels.shape for frame in look(video(), pixels=40).key_frames if frame.pixels is not None]
    assert shapes == [(30, 40, 3)] * 4


@pytest.mark.parametrize(("count", "least"), [(4, 4), (16, 6)])
def test_a_strip_of_mosaics_only_when_asked_for(count: int, least: int) -> None:
    request = replace(SPARSE, key_frames=count)
    assert look(video(), request).strip == ()
    found = look(video(), request, thumbnail=True, wanted=wants(Want.NOTHING))
    strip = found.strip
    assert found.thumbnail == strip[0].mosaic
    assert least <= len(strip) <= STRIP
    times = [still.time for still in strip]
    assert times == sorted(times)
    assert times[-1] >= SECONDS / 2
    for still in strip:
        cells = np.frombuffer(base64.b64decode(still.mosaic), np.uint8).reshape(MOSAIC, MOSAIC, 3)
        assert np.array_equal(cells[..., 0], cells[..., 2])
        assert cells.std() > 5


def test_a_long_strip_is_spread_over_the_video() -> None:
    strip = look(video(), replace(OF_KNOWN_CLIP, key_frames=40), thumbnail=True).strip
    assert len(strip) == STRIP
    assert np.diff([still.time for still in strip]).max() < 2 * SECONDS / STRIP


class _Ticking:
    """CPU time that goes by with each look at it."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds

    def process_time(self) -> float:
        self.now += self.seconds
        return self.now


def test_a_video_that_takes_too_long_is_told_as_far_as_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.flow.clip.time", _Ticking(0.1))
    limits = Limits(cpu_seconds=20)  # of which 8 are for reading, and a few that the video earns
    found = look(video(), replace(SPARSE, sampling=Sampling(0.25)), limits=limits)
    assert found.status is Status.DEGRADED
    (oddity,) = oddities(found)
    reached = clip_of(found).time[-1]
    assert 1 < reached < 5
    assert oddity == f"only the first {clip_of(found).duration:.0f} s were looked at: it takes too long to decode"
    assert facts_of(found).truncated
    assert clip_of(found).duration == facts_of(found).duration
    assert found.key_frames


def test_what_was_seen_sparsely_is_kept_when_there_is_no_time_to_look_densely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.flow.clip.time", _Ticking(0.055))
    found = look(video(), limits=Limits(cpu_seconds=20), wanted=wants(Want.DENSE))
    assert (found.status, oddities(found)) == (Status.OK, [])
    assert clip_of(found).time.tolist() == [0, 2, 4, 6, 8, 10]
    assert len(found.key_frames) == 4


@pytest.mark.parametrize("seconds", [1.0, SECONDS])
def test_time_is_asked_for_by_the_length_of_the_video(seconds: float) -> None:
    asked: list[int] = []

    def more(seconds: int) -> int:
        asked.append(seconds)
        return seconds

    data = video(1, seconds=seconds)
    found = look(data, more=more)
    duration = facts_of(found).duration
    assert duration is not None
    earned = Limits().video_cpu_seconds(duration, len(data))
    assert asked == ([earned] if earned else [])
    assert bool(earned) is (seconds == SECONDS)


def test_what_was_read_is_kept_when_reading_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = VideoReader.frames

    def fail(after: int) -> None:
        def failing(*args: Any, **options: Any) -> Iterator[VideoFrame]:
            yield from islice(frames(*args, **options), after)
            raise LimitExceededError("needs more memory than the limit allows")

        monkeypatch.setattr(VideoReader, "frames", failing)

    fail(3)
    found = look(video(), wanted=wants(Want.DENSE), pixels=40)
    assert found.status is Status.DEGRADED
    assert oddities(found) == ["read no further than 4 s: needs more memory than the limit allows"]
    assert clip_of(found).time.tolist() == [0, 2, 4]
    fail(0)
    found = look(video())
    assert (found.status, found.clip) == (Status.UNREADABLE, None)


def test_a_claim_thins_nothing_out() -> None:
    data = video(1, "matroska")
    at = data.index(b"\x44\x89\x88") + 3
    claims = data[:at] + struct.pack(">d", 14_000 * 1000.0) + data[at + 8 :] + bytes(1 << 20)
    found = look(claims, replace(OF_KNOWN_CLIP, rows=60, key_frames=0))
    assert len(clip_of(found).time) == len(clip_of(look(data, replace(OF_KNOWN_CLIP, rows=60, key_frames=0))).time) > 30
    assert "says that it lasts 14,000 s; its frames last 12 s" in oddities(found)


@pytest.mark.parametrize("want", [Want.NOTHING, Want.DENSE])
def test_frames_that_only_players_see_are_looked_at(want: Want) -> None:
    drawn = list(clip(1, SECONDS, FPS, WIDTH, HEIGHT))
    hidden = [np.zeros_like(frame) if number % FPS == 0 else frame for number, frame in enumerate(drawn)]
    data = encode(hidden, "mp4", fps=FPS, gop=FPS, options={"sc_threshold": "0"})
    found = look(data, OF_QUERY_CLIP, wanted=wants(want))
    assert oddities(found) == ["its key frames do not show what is played: other frames were looked at"]
    rows = clip_of(found)
    assert len(rows.time) >= (4 if want is Want.NOTHING else 16)
    honest = clip_of(look(encode(drawn, "mp4", fps=FPS, gop=FPS), replace(OF_KNOWN_CLIP, sampling=Sampling(0))))
    for time, code in zip(rows.time, rows.codes, strict=True):
        row = honest.codes[int(np.argmin(np.abs(honest.time - time)))]
        assert int(np.bitwise_count(row ^ code).sum()) <= 40


def test_of_several_streams_only_one_is_vouched_for() -> None:
    found = look(several([(64, 48), (96, 64)]))
    assert (found.status, found.error) == (Status.DEGRADED, None)
    assert oddities(found) == ["has 2 video streams; only one was looked at"]


def test_an_animation_of_absurd_delays_stays_within_a_minute_a_frame() -> None:
    pictures = tuple(
        Frame(number, frame, time=number * 65_535.0) for number, frame in enumerate(clip(3, 1, 5, WIDTH, HEIGHT))
    )
    rows = examine_animation(DecodedImage(MediaFacts("image/apng", WIDTH, HEIGHT), pictures), SPARSE)
    assert rows is not None
    assert set(rows.time.tolist()) <= {0, 60, 120, 180, 240}
    assert rows.duration == 300


def test_rows_are_thinned_to_their_number() -> None:
    rows = clip_of(look(video(), replace(OF_KNOWN_CLIP, rows=10, keyed=4, key_frames=0)))
    assert len(rows.time) <= 10
    assert len(rows.keyed) <= 4
    assert rows.time[-1] > 0.75 * SECONDS


def test_a_video_in_an_archive() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("in/video.mp4", video())
        archive.writestr("words.txt", b"words")
    found = list(examine("a.zip", io.BytesIO(out.getvalue()), Limits(), clip=SPARSE))
    assert [(e.path, e.status) for e in found] == [
        ("a.zip!/in/video.mp4", Status.OK),
        ("a.zip!/words.txt", Status.UNSUPPORTED),
        ("a.zip", Status.OK),
    ]
    assert same_clip(clip_of(found[0]), clip_of(look(video())))


@pytest.mark.parametrize(("form", "options"), [("GIF", {}), ("WEBP", {"quality": 80})])
def test_an_animation_is_a_picture_with_a_clip(form: str, options: dict[str, int]) -> None:
    pictures = [Image.fromarray(frame) for frame in list(clip(3, 8, 5, WIDTH, HEIGHT))[::5]]
    out = io.BytesIO()
    pictures[0].save(out, form, save_all=True, append_images=pictures[1:], duration=500, **options)
    found = look(out.getvalue(), SPARSE, local=OF_QUERY)
    assert found.fingerprint is not None
    assert found.fingerprint.prints
    assert found.local is not None
    rows = clip_of(found)
    assert rows.duration == pytest.approx(4, abs=0.1)
    assert len(rows.time) > 4
    assert (np.diff(rows.time) >= 0.5).all()
    assert found.key_frames == ()
    assert look(out.getvalue(), replace(SPARSE, exact=True)).clip is None
    out = io.BytesIO()
    pictures[0].save(out, form)
    assert look(out.getvalue()).clip is None


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (video()[:600], "cut short before any frame"),
        (box(b"ftyp", b"isom\0\0\2\0isomiso2") + box(b"moov", box(b"mvhd", bytes(100))), ""),
    ],
)
def test_an_unreadable_video_keeps_its_digests_and_says_why(data: bytes, cause: str) -> None:
    found = look(data)
    assert (found.status, found.clip, found.facts) == (Status.UNREADABLE, None, None)
    assert found.fingerprint is not None
    assert found.fingerprint.digests.size == len(data)
    assert found.error is not None
    assert found.error.startswith("video/mp4: ")
    assert cause in found.error


def test_a_video_of_nothing_but_black_has_no_rows() -> None:
    data = encode([np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 20, "mp4", fps=FPS)
    found = look(data)
    assert found.status is Status.OK
    assert (len(clip_of(found).time), found.key_frames) == (0, ())
    assert clip_of(found).duration == pytest.approx(2, abs=0.1)


def _declared() -> bytes:
    """A video whose XMP names the digital source type of what models make, and whose manifest says so, too."""
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    field = f'<e:DigitalSourceType xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">{kind}</e:DigitalSourceType>'
    return video() + box(b"uuid", uuid, packet(field))


def test_how_a_video_was_made_is_read() -> None:
    root = authority()
    data = sign(maker(root), _declared(), action("created", "trainedAlgorithmicMedia"), mime="video/mp4")
    request, tools = SignalRequest(), SignalTools(root.trust)
    found = look(data, signals=request, tools=tools)
    assert found.status is Status.OK
    assert same_clip(clip_of(found), clip_of(look(video())))
    assert isinstance(found.provenance, Provenance)
    assert found.provenance.valid
    assert any("trainedAlgorithmicMedia" in f"{signal.detail} {signal.name}" for signal in found.signals), found.signals
    plain = look(data)
    assert (plain.provenance, plain.signals) == (None, ())
    broken = look(data[: len(data) // 2], signals=request, tools=tools)
    assert broken.fingerprint is not None


class _Counting:
    """A detector that notes what it is shown."""

    name, card = "counting 1", "0" * 64

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def judge(self, frames: Sequence[NDArray[np.uint8]], mime: str) -> Hint:
        self.shapes += [frame.shape for frame in frames]
        return Hint(self.name, self.card, HintVerdict.INCONCLUSIVE, None, mime)


def test_a_detector_is_shown_frames_only_when_it_is_asked() -> None:
    detector = _Counting()
    tools = SignalTools(detector=detector, lacking=(Signal("marker_failed", "x"),))
    assert look(video(), signals=SignalRequest(), tools=tools).hint is None
    assert detector.shapes == []
    request = replace(SPARSE, key_frames=16)
    found = look(video(), request, signals=SignalRequest(hint=True), tools=tools, wanted=wants(Want.NOTHING))
    assert found.hint is not None
    assert found.hint.reason == "video/mp4"
    assert 1 < len(detector.shapes) <= HINT_FRAMES
    assert set(detector.shapes) == {(HEIGHT, WIDTH, 3)}
    assert found.key_frames == ()
