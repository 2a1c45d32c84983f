"""Reads mutated videos in a process of its own, for FFmpeg could take that with it: one line out for each.

Run as `python -m tests.robustness.video_mutants NAME SEED FIRST COUNT`. Before a file is read, its number is written;
then, on the same line, what came of it.
"""

import resource
import signal
import sys

import numpy as np

from safelight.media import formats
from safelight.media.video import open_video
from safelight.model.clip import Sampling
from safelight.model.errors import MediaError
from safelight.model.media import Limits, MediaType
from tests.material.clips import CONTAINERS, clip, encode
from tests.material.mutate import MUTATIONS

TYPES: dict[str, MediaType] = {
    "mp4": formats.MP4,
    "mov": formats.QUICKTIME,
    "3gp": formats.THREEGPP,
    "matroska": formats.MATROSKA,
    "webm": formats.WEBM,
    "avi": formats.AVI,
    "mpegts": formats.MPEG_TS,
    "mpeg": formats.MPEG_PS,
    "flv": formats.FLV,
    "asf": formats.ASF,
    "ogg": formats.OGG_VIDEO,
    "rm": formats.REALMEDIA,
    "mxf": formats.MXF,
}
"""The type of each container of `tests.material.clips`."""

SECONDS = 20
"""For one file, by the clock and by CPU time; a sound one takes a fiftieth of one."""
_MEMORY = 2 << 30
_LIMITS = Limits(max_pixels=1 << 22, video_frames=3000, video_seconds=3600)
_SAMPLINGS = (Sampling(2.0, keys=True, least=12), Sampling(0.25), Sampling(0.0))


def seed_file(container: str) -> bytes:
    """A small valid file."""
    muxing = {"movflags": "frag_keyframe+empty_moov"} if container == "mp4" else {}  # in a mov, the index is behind
    return encode(clip(5, 1.2, 25, 128, 96, shot=0.5), container, CONTAINERS[container], gop=10, muxing=muxing)


def mutant(data: bytes, other: bytes, seed: int, number: int) -> bytes:
    """`data`, bent one to three times."""
    rng = np.random.default_rng([seed, number])
    kinds = list(MUTATIONS.values())
    for again in range(1 + number % 3):
        data = kinds[(number + again * 5) % len(kinds)](rng, data, other) or b"\0"
    return data


def outcome(data: bytes, media_type: MediaType, number: int) -> str:
    """Read it in one of several ways: `frames` or the cause of its error."""
    try:
        return _frames_of(data, media_type, number)
    except MediaError as error:
        return error.cause or "named nothing"


def _frames_of(data: bytes, media_type: MediaType, number: int) -> str:
    with open_video(data, media_type, _LIMITS) as reader:
        at = (0.1, 0.7, 5.0) if number % 4 == 3 else ()
        frames = reader.frames(_SAMPLINGS[number % 3], side=(0, 64)[number % 2], colour=number % 5 == 0, at=at)
        times = [frame.time for frame in frames]
        assert times == sorted(set(times))
        assert np.isfinite(times).all()
        assert 0 <= reader.claimed < 1e9
        facts = reader.facts
        assert facts.width > 0
        assert facts.height > 0
        assert all("\n" not in warning for warning in facts.warnings)
        return "frames"


def main(name: str, seed: int, first: int, count: int) -> None:
    """Read `count` mutants from number `first` on."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    data, other = seed_file(name), seed_file("avi" if name == "mp4" else "mp4")
    for number in range(first, first + count):
        sys.stdout.write(f"{number} ")
        sys.stdout.flush()
        broken = mutant(data, other, seed, number)
        signal.alarm(SECONDS)
        text = outcome(broken, TYPES[name], number)
        signal.alarm(0)
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], *(int(text) for text in sys.argv[2:5]))
