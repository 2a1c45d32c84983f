"""The product as a contestant, on clips too few to mean anything."""

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction

import numpy as np
import pytest

from safelight.bench.derivative.draft import Rgb
from safelight.bench.video.edits import apply
from safelight.bench.video.footage import Coding, Footage, encode
from safelight.bench.video.ours import SafelightTracker
from safelight.bench.video.score import FOUND_SHARE, claims, placed_share
from safelight.demo.draw import draw
from safelight.model.errors import InputError


def panned(number: int) -> Footage:
    """Six seconds along a drawn picture, then six along another."""
    wide = [np.array(draw(one, 640, 240)) for one in (number, number + 1)]

    def frames() -> Iterator[Rgb]:
        for picture in wide:
            for step in range(60):
                left = round(step * 320 / 60)
                yield np.ascontiguousarray(picture[:, left : left + 320])

    return Footage(320, 240, Fraction(10), 120, frames)


@pytest.fixture
def tracker() -> Iterator[SafelightTracker]:
    with closing(SafelightTracker()) as opened:
        yield opened


def test_a_grey_copy_is_found_in_time_and_another_clip_is_not(tracker: SafelightTracker) -> None:
    known, other = panned(0), panned(5)
    tracker.add("known", encode(known, Coding()))
    assert tracker.bytes_stored() > 0
    edited = apply("grey", known, [], 1)
    found = claims(tracker.find(encode(edited.footage, edited.coding)))
    assert list(found) == ["known"]
    assert placed_share(edited.truth, found["known"]) >= FOUND_SHARE
    tracker.add("other", encode(other, Coding()))
    found = claims(tracker.find(encode(apply("mirror", other, [], 1).footage, Coding())))
    assert list(found) == ["other"]


def test_what_is_no_video_is_refused(tracker: SafelightTracker) -> None:
    with pytest.raises(InputError, match="not added"):
        tracker.add("broken", b"\0\0\0\x18ftypisom" + bytes(100))
    with pytest.raises(InputError, match="query"):
        tracker.find(b"\0\0\0\x18ftypisom" + bytes(100))
