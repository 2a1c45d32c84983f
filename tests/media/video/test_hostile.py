"""Odd, damaged and hostile videos: what can be read is used, the rest is named, limits hold."""

import gc
import io
import math
import mmap
import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from safelight.media import formats
from safelight.media.video import DECODED_VIDEO, open_video
from safelight.model.clip import Sampling
from safelight.model.errors import LimitExceededError, MediaError, UnsupportedMediaError
from safelight.model.media import MediaKind, MediaType
from tests.material.clips import CONTAINERS, clip, encode, sample
from tests.media.video.read import LIMITS, Read, likeness, luma, read

KEYS = Sampling(2.0, keys=True, least=12)


def cause(data: bytes, media_type: MediaType = formats.MP4, **limits: int) -> str:
    with pytest.raises(MediaError) as caught, open_video(data, media_type, replace(LIMITS, **limits)) as video:
        list(video.frames(KEYS))
    return caught.value.cause


def remux(data: bytes, container: str, change: Callable[[int, Any], None]) -> bytes:
    """The same stream with changed packets, in a container that keeps times as they are."""
    sink = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(sink, "w", format=container) as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(source.streams.video[0])):
            if packet.size:
                change(number, packet)
                packet.stream = stream
                output.mux_one(packet)
    return sink.getvalue()


def several(
    sizes: Iterable[tuple[int, int]], *, cover: bool = False, sound: bool = False, usual: int | None = None
) -> bytes:
    """Video streams of these (width, height), and perhaps a cover picture, or a second of silence."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as output:
        streams: list[Any] = []
        for width, height in sizes:
            stream = output.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            if len(streams) == usual:
                stream.disposition = Disposition.default
            streams.append(stream)
        if cover:
            picture = output.add_stream("mjpeg", rate=25)
            picture.width, picture.height, picture.pix_fmt = 640, 480, "yuvj420p"
            picture.disposition = Disposition.attached_pic
            streams.append(picture)
        silence = output.add_stream("aac", rate=48_000) if sound else None
        for number in range(25 if streams else 0):
            for stream in streams[: len(streams) if number == 0 else len(streams) - cover]:
                drawn = next(iter(clip(number, 0.1, 10, stream.width, stream.height)))
                output.mux(stream.encode(av.VideoFrame.from_ndarray(drawn, format="rgb24")))
        for stream in streams:
            output.mux(stream.encode(None))
        if silence:
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 48_000), np.float32), format="fltp", layout="stereo")
            frame.rate = 48_000
            output.mux(silence.encode(frame))
            output.mux(silence.encode(None))
    return sink.getvalue()


@pytest.mark.parametrize("container", sorted(CONTAINERS))
def test_cut_short(container: str) -> None:
    if container == "mp4":
        data = encode(clip(1, 4, 25, 96, 64), "mp4", gop=12, muxing={"movflags": "frag_keyframe+empty_moov"})
    else:
        data = sample(container)
    half = data[: int(len(data) * 0.55)]
    if container in {"mov", "3gp"}:  # their index comes last
        assert cause(half, formats.QUICKTIME) == "cut short before any frame"
        return
    seen = read(half)
    assert 25 < len(seen.frames) < 75
    if container not in {"mpegts", "mpeg", "ogg", "rm", "mxf"}:  # these do not say how long they are
        assert seen.facts.truncated
        word = "damaged" if container == "asf" else "cut short"
        assert f"{word}: what could be read is used" in seen.facts.warnings
    assert seen.facts.duration == pytest.approx(2.2, abs=0.6)


def test_damage_in_the_middle() -> None:
    data = bytearray(sample("matroska", "libx264"))
    for at in range(len(data) // 3, len(data) // 2, 97):
        data[at] ^= 0x55
    seen = read(bytes(data))
    assert 50 < len(seen.frames) <= 100
    assert seen.facts.truncated
    assert [text for text in seen.facts.warnings if text.startswith("damaged")]


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi", "mpegts"])
@pytest.mark.parametrize("tail", [bytes(100), b"PK\x03\x04 and so on", b"\xff\xd8\xff\xe0" * 50])
def test_what_is_put_behind_a_video_does_not_make_it_cut_short(container: str, tail: bytes) -> None:
    seen = read(sample(container) + tail)
    assert len(seen.frames) == 100
    assert not seen.facts.truncated


def test_a_wrong_length_does_not_cost_the_index() -> None:
    data = bytearray(sample("mov"))
    at = data.index(b"mdat") - 4
    data[at : at + 4] = (0x7FFFFFFF).to_bytes(4, "big")
    seen = read(bytes(data))
    assert len(seen.frames) == 100
    assert seen.facts.truncated


@pytest.mark.parametrize("mime", sorted(DECODED_VIDEO))
def test_nothing_and_noise(mime: str) -> None:
    noise = np.random.default_rng(5).bytes(20_000)
    for data in (b"", b"\0", bytes(5000), noise, b"#EXTM3U\nfile:///etc/hostname\n", b"ffconcat version 1.0\nfile x\n"):
        assert cause(data, MediaType(MediaKind.VIDEO, mime))


def test_types_that_are_not_videos() -> None:
    assert cause(b"GIF89a", formats.GIF) == "image/gif is not decoded"
    with pytest.raises(UnsupportedMediaError):
        open_video(b"", formats.ZIP, LIMITS)


def test_a_reference_to_another_file_is_not_followed(tmp_path: Path) -> None:
    """The index says that the frames lie in another file, and `dref` names that: they do not come from there."""
    data = sample("mov", "mjpeg")
    (tmp_path / "other.mov").write_bytes(data)
    name = str(tmp_path / "other.mov").encode()
    at = data.index(b"url \0\0\0\x01") - 4
    assert data[at : at + 4] == (12).to_bytes(4, "big")
    entry = (13 + len(name)).to_bytes(4, "big") + b"url \0\0\0\0" + name + b"\0"
    grown = len(entry) - 12
    patched = bytearray(data[:at] + entry + data[at + 12 :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        place = patched.index(box, data.index(b"moov")) - 4
        size = int.from_bytes(patched[place : place + 4], "big")
        patched[place : place + 4] = (size + grown).to_bytes(4, "big")
    start = patched.index(b"mdat") + 4
    patched[start : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - start)  # nothing is left in this file
    assert "not one frame" in cause(bytes(patched), formats.QUICKTIME)


def test_encrypted() -> None:
    data = sample("mp4").replace(b"avc1\0\0\0\0\0\0\0\1", b"encv\0\0\0\0\0\0\0\1")
    assert "codec is not decoded" in cause(data) or cause(data).startswith("encrypted")
    drm = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e") + (24).to_bytes(8, "little")
    film = sample("asf")
    size, objects = int.from_bytes(film[16:24], "little"), int.from_bytes(film[24:28], "little")
    head = film[:16] + (size + 24).to_bytes(8, "little") + (objects + 1).to_bytes(4, "little") + film[28:30]
    assert cause(head + drm + film[30:], formats.ASF).startswith("encrypted")


def test_sound_alone() -> None:
    assert cause(several([], sound=True)) == "has no video stream"


@pytest.mark.parametrize("usual", [None, 0, 1])
def test_of_several_streams_the_one_that_players_show(usual: int | None) -> None:
    """However large the others are."""
    seen = read(several([(64, 48), (128, 96), (96, 64)], sound=True, usual=usual))
    assert (seen.facts.width, seen.facts.height) == ((128, 96) if usual == 1 else (64, 48))
    assert seen.facts.warnings == ("has 3 video streams; only one was looked at",)


def test_a_cover_is_no_video() -> None:
    seen = read(several([(64, 48)], cover=True))
    assert (seen.facts.width, len(seen.frames), seen.facts.warnings) == (64, 25, ())


def test_limits() -> None:
    data = sample("mp4")
    assert cause(data, max_pixels=25_343).startswith("needs 176 x 144 pixels")
    with pytest.raises(LimitExceededError):
        open_video(data, formats.MP4, replace(LIMITS, max_pixels=1000))
    with pytest.raises(LimitExceededError):
        open_video(data, formats.MP4, replace(LIMITS, max_file_bytes=1000))
    seen = read(data, limits=replace(LIMITS, video_frames=10))
    assert 8 <= len(seen.frames) <= 12
    assert seen.facts.truncated
    assert seen.facts.warnings == ("more than 10 frames to decode: the rest is not examined",)
    seen = read(data, limits=replace(LIMITS, video_seconds=2))
    assert seen.times[-1] == pytest.approx(2, abs=0.1)
    assert seen.facts.truncated
    assert seen.facts.warnings == ("longer than 2 seconds: the rest is not examined",)


def test_a_picture_that_grows_beyond_the_limit_is_not_decoded() -> None:
    small, large = (encode(clip(1, 1, 25, *size), "mpegts", "mpeg2video") for size in ((64, 48), (256, 192)))
    seen = read(small + large, limits=replace(LIMITS, max_pixels=64 * 48))
    assert {frame.pixels.shape for frame in seen.frames} == {(48, 64)}
    assert seen.facts.truncated


def test_a_picture_size_that_changes() -> None:
    parts = [encode(clip(1, 1, 25, *size), "mpegts", "mpeg2video") for size in ((128, 96), (64, 48))]
    seen = read(b"".join(parts))
    assert {frame.pixels.shape for frame in seen.frames} == {(96, 128), (48, 64)}
    assert (seen.facts.width, seen.facts.height) == (128, 96)
    assert "its picture size changes: the first one is told" in seen.facts.warnings
    assert seen.facts.duration == pytest.approx(2, abs=0.2)


def ascends(seen: Read) -> bool:
    return all(earlier < later for earlier, later in pairwise(seen.times)) and seen.times[0] == 0


def test_timestamps_that_jump() -> None:
    def jump(number: int, packet: Any) -> None:
        unit = packet.time_base or Fraction(1)
        packet.pts = packet.dts = number + int((7200 if number >= 50 else 0) / unit)

    seen = read(remux(sample("avi"), "matroska", jump))
    assert ascends(seen)
    assert len(seen.frames) == 100
    assert seen.facts.duration is not None
    assert seen.facts.duration < 10
    assert "its timestamps jump: times are made to go on steadily" in seen.facts.warnings


def test_a_start_long_after_zero() -> None:
    def later(_number: int, packet: Any) -> None:
        packet.pts = packet.dts = (packet.dts or 0) + 1_000_000

    seen = read(remux(sample("avi"), "mpegts", later))
    assert ascends(seen)
    assert seen.facts.duration == pytest.approx(4, abs=0.1)


def test_uneven_rate() -> None:
    moments = [0, 0.04, 0.5, 0.54, 3.0, 7.5, 7.52]
    data = encode(clip(1, 0.28, 25, 96, 64), "matroska", "libx264", gop=4, times=moments)
    assert read(data).times == pytest.approx(moments, abs=0.002)
    assert read(data, Sampling(1.0)).times == pytest.approx([0, 3.0, 7.5], abs=0.002)
    assert read(data, at=[2.9, 100, 0.5]).times == pytest.approx([0.5, 0.54, 7.52], abs=0.002)


def test_claims() -> None:
    data = sample("matroska")
    assert read(data).claimed == pytest.approx(4)
    at = data.index(b"\x44\x89\x88") + 3
    for claim in (-5.0, 0.0, 1e15, math.inf, math.nan):
        seen = read(data[:at] + struct.pack(">d", claim) + data[at + 8 :])
        assert seen.claimed == 0
        assert seen.facts.duration == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("claim", [300.0, 5e7])
def test_a_wrong_claim_is_told(claim: float) -> None:
    data = sample("matroska")
    at = data.index(b"\x44\x89\x88") + 3
    seen = read(data[:at] + struct.pack(">d", claim * 1000) + data[at + 8 :])
    assert len(seen.frames) == 100
    assert seen.facts.warnings == (f"says that it lasts {claim:,.0f} s; its frames last 4 s",)
    assert not seen.facts.truncated


def test_reading_ends_when_it_is_told_to() -> None:
    left = iter([True] * 150 + [False] * 1000)
    with open_video(sample("mp4"), formats.MP4, LIMITS) as video:
        frames = list(video.frames(Sampling(0.0), goes_on=lambda: next(left)))
        facts = video.facts
        assert 20 < len(frames) < 90
        assert facts.truncated
        assert facts.duration == pytest.approx(frames[-1].time + 0.04, abs=0.01)
        assert facts.warnings == (f"only the first {facts.duration:.0f} s were looked at: it takes too long to decode",)
        with pytest.raises(MediaError, match="too long"):
            list(video.frames(Sampling(0.0), goes_on=lambda: False))


def test_a_stream_cut_in_the_middle_of_its_frames_starts_at_a_key_frame() -> None:
    whole = sample("mpegts", "libx264")
    data = whole[len(whole) // 3 // 188 * 188 :]
    seen = read(data)
    assert ascends(seen)
    drawn = list(clip(1, 4.0, 25, 176, 144, shot=1.5))
    best = max(likeness(luma(frame), seen.frames[0].pixels) for frame in drawn)
    assert best > 0.97
    assert read(data, KEYS).times[0] == 0


def test_a_mapped_file_is_not_copied_and_can_be_closed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(sample("mp4"))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapping:
        view = memoryview(mapping)
        with open_video(view, formats.MP4, LIMITS) as video:
            for _ in range(2):
                assert len(list(video.frames(KEYS))) > 7
            next(iter(video.frames(KEYS)))  # left in the middle
        with pytest.raises(MediaError), open_video(view[:900], formats.MP4, LIMITS):
            pass
        gc.collect()
        view.release()
    with pytest.raises(MediaError):
        list(video.frames(KEYS))


def test_facts_are_there_before_frames() -> None:
    with open_video(sample("mov"), formats.QUICKTIME, LIMITS) as video:
        assert (video.facts.width, video.facts.height, video.facts.codec) == (176, 144, "prores")
        assert (video.facts.duration, video.facts.frames) == (0, 0)
        assert video.claimed == pytest.approx(4)


@pytest.mark.parametrize("cut", [False, True])
def test_a_stream_refreshed_bit_by_bit(cut: bool) -> None:
    """Its key packets hold no whole picture (x264's intra refresh): frames come as soon as one is complete."""
    drawn = list(clip(2, 6, 25, 160, 128, shot=3))
    data = encode(drawn, "mpegts", "libx264", gop=25, options={"x264-params": "intra-refresh=1"})
    seen = read(data[len(data) // 3 // 188 * 188 :] if cut else data, KEYS)
    assert len(seen.frames) >= 3
    for frame in seen.frames:
        assert max(likeness(luma(picture), frame.pixels) for picture in drawn) > 0.98
