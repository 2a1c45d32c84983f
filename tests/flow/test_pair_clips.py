"""Two clips of made-up frames held against each other: what is where in time, and what cannot be told."""

import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.adapter.codebook import load_codebook
from safelight.flow.pair_clips import placement_of_pair
from safelight.match.local.quantise import Quantiser
from safelight.model.clip import CLIP_TILES, Clip, KeyFrame
from safelight.model.derivation import Verdict
from safelight.model.local import TILES, LocalExamination, LocalFeatures, WorkingPicture
from safelight.model.scan import Examination, Status
from safelight.model.tiles import TileHashes

SIZE = (320, 240)
FRAMES = np.random.default_rng(7).integers(0, 256, (400, 32), np.uint8)
"""PDQ of 100 seconds of a made-up video, four frames a second, each frame another picture."""


@pytest.fixture(scope="module")
def quantiser() -> Quantiser:
    return Quantiser(load_codebook())


def video(codes: NDArray[np.uint8], every: float, quality: int = 100, *key_frames: KeyFrame) -> Examination:
    """A video of frames with these hashes, one each `every` seconds."""
    rows = len(codes)
    time, span = np.arange(rows, dtype=np.float32) * np.float32(every), np.zeros(rows, np.float32)
    shot = np.arange(rows, dtype=np.uint16)
    tiles = np.zeros((0, CLIP_TILES, 32), np.uint8)
    grade = np.full(rows, quality, np.uint8)
    clip = Clip(*SIZE, rows * every, None, time, span, codes, grade, shot, np.zeros(0, np.int32), tiles, tiles[:, :, 0])
    return Examination("a", Status.OK, "video/mp4", clip=clip, key_frames=key_frames)


def noisy(codes: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """The hashes with so many bits of each turned."""
    rng = np.random.default_rng(8)
    unpacked = np.unpackbits(codes, axis=1)
    for row in unpacked:
        row[rng.choice(256, bits, replace=False)] ^= 1
    return np.packbits(unpacked, axis=1)


def test_a_stretch_is_placed(quantiser: Quantiser) -> None:
    """Two frames a second of seconds 20 to 60, each changed by a sixth of its bits."""
    placed = placement_of_pair(video(noisy(FRAMES[80:240:2], 40), 0.5), video(FRAMES, 0.25), quantiser)
    assert placed.derivation.verdict is Verdict.DERIVATIVE
    assert placed.derivation.p_false_match is not None
    assert placed.derivation.p_false_match < 1e-6
    assert placed.derivation.log_ratio == pytest.approx(sum(part.nats for part in placed.derivation.parts))
    (segment,) = placed.segments
    assert segment.source_start - segment.query_start == pytest.approx(20, abs=0.5)
    assert [segment.query_start, segment.query_end] == pytest.approx([0, 40], abs=1)
    assert not placed.derivation.mirrored


def test_strangers_have_no_segments(quantiser: Quantiser) -> None:
    other = np.random.default_rng(9).integers(0, 256, (80, 32), np.uint8)
    placed = placement_of_pair(video(other, 0.5), video(FRAMES, 0.25), quantiser)
    assert (placed.derivation.verdict, placed.segments) == (Verdict.NOT_DERIVED, ())


def test_without_detail_it_is_left_open(quantiser: Quantiser) -> None:
    other = np.random.default_rng(9).integers(0, 256, (80, 32), np.uint8)
    poor = video(other, 0.5, 10)
    assert placement_of_pair(poor, video(FRAMES, 0.25), quantiser).derivation.verdict is Verdict.UNDECIDED
    assert placement_of_pair(video(other, 0.5), video(FRAMES, 0.25, 10), quantiser).derivation.verdict is (
        Verdict.UNDECIDED
    )
    detailed = video(other, 0.5, 10, key_frame(1.0))
    assert placement_of_pair(detailed, video(FRAMES, 0.25), quantiser).derivation.verdict is Verdict.NOT_DERIVED


def key_frame(time: float) -> KeyFrame:
    """A frame with keypoints that are found nowhere else."""
    rng = np.random.default_rng(3)
    x, y = (rng.uniform(20, 200, 60).astype(np.float32) for _ in range(2))
    features = LocalFeatures(
        *SIZE, x, y, np.full(60, 8, np.float32), np.zeros(60, np.float32), rng.integers(0, 90, (60, 128), np.uint8)
    )
    grey = rng.integers(0, 256, SIZE[::-1], np.uint8)
    tiles = TileHashes(np.zeros((TILES, 32), np.uint8), np.zeros(TILES, np.uint8))
    return KeyFrame(time, LocalExamination(WorkingPicture(grey, *SIZE), features, tiles))
