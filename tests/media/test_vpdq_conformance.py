"""vPDQ's published frame lists: see the manifest in the shared material.

Their test asks for less than 31 bits of 256 where both qualities are 50 or more; this one for at most 10, which is what
ThreatExchange asks of two implementations of PDQ.
"""

from pathlib import Path

import pytest

from safelight.adapter.lists.vpdq import read_vpdq
from safelight.fingerprint.pdq import pdq
from safelight.media.sniff import sniff
from safelight.media.video import open_video
from safelight.model.clip import Sampling
from safelight.model.media import Limits
from safelight.model.vpdq import VpdqFrame

pytestmark = pytest.mark.shared

VIDEOS = (
    "chair-19-sd-bar",
    "chair-20-sd-bar",
    "chair-22-sd-grey-bar",
    "chair-22-sd-sepia-bar",
    "chair-22-with-large-logo-bar",
    "chair-22-with-small-logo-bar",
    "chair-orig-22-sd-bar",
    "doorknob-hd-no-bar",
    "pattern-hd-no-bar",
    "pattern-longer-no-bar",
    "pattern-sd-grey-bar",
    "pattern-sd-with-large-logo-bar",
    "pattern-sd-with-small-logo-bar",
    "test-padded-dimensions",
)
GOOD = 50
"""PDQ quality from which on hashes are compared."""
MOST_BITS = 6
"""Over all frames of all videos 5,494 of 5,810 are exact; the bar is 10."""


def published(shared: Path, name: str) -> tuple[VpdqFrame, ...]:
    path = shared / "conformance" / "vpdq" / "sample-hashes" / f"{name}.txt"
    with path.open("rb") as stream:
        return read_vpdq(stream, path.name)


def check(shared: Path, name: str, stride: int) -> None:
    """Decode every frame, and hash each of so many."""
    expected = published(shared, name)
    data = (shared / "conformance" / "vpdq" / "sample-videos" / f"{name}.mp4").read_bytes()
    media_type = sniff(data)
    assert media_type is not None
    wrong: list[tuple[int, int]] = []
    count = compared = 0
    with open_video(data, media_type, Limits()) as video:
        for frame, known in zip(video.frames(Sampling(0.0), side=0, colour=True, exact=True), expected, strict=True):
            assert known.frame == count
            assert frame.time == pytest.approx(known.time, abs=0.0005)
            if known.quality >= GOOD and count % stride == 0:
                found = pdq(frame.pixels)
                assert found is not None
                assert abs(found.quality - known.quality) <= 1
                bits = (int(found.hash, 16) ^ int(known.code, 16)).bit_count()
                compared += 1
                if bits > MOST_BITS:
                    wrong.append((count, bits))
            count += 1
    assert wrong == []
    assert compared >= len(expected) // (4 * stride)


@pytest.mark.parametrize("name", VIDEOS)
def test_every_frame_is_there_and_each_tenth_has_its_hash(shared: Path, name: str) -> None:
    check(shared, name, 10)


@pytest.mark.soak
@pytest.mark.parametrize("name", VIDEOS)
def test_every_frame_has_its_hash(shared: Path, name: str) -> None:
    check(shared, name, 1)


def test_all_published_lists_are_read(shared: Path) -> None:
    folder = shared / "conformance" / "vpdq" / "sample-hashes"
    names = sorted(path.stem for path in folder.glob("*.txt"))
    assert len(names) == 31
    assert {len(published(shared, name)) > 100 for name in names} == {True}
