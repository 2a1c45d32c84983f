"""The demo's videos against its known clips: through the real flows, in one process."""

import pytest

from safelight.demo.folder import known_bytes, known_name, picture
from safelight.demo.videos import known_videos, videos
from safelight.model.decision import Outcome
from safelight.model.match import Match
from safelight.policy.decide import decide
from tests.video_banks import VideoBanks, looked_at, matched


@pytest.mark.timeout(120)
def test_videos_are_found_as_expected() -> None:
    banks = VideoBanks()
    for path, data in known_videos():
        banks.know(path, data)
    for number in (2, 5):
        banks.know(known_name(number), known_bytes(number))
    expected: dict[str, Outcome] = {}
    outcomes: dict[str, Outcome] = {}
    best: dict[str, Match] = {}
    with banks.matching() as matcher:
        for made in videos(picture):
            found = looked_at(matcher, made.data, made.path)
            matches = matched(matcher, found)
            name = made.path.removeprefix("videos/")
            expected[name] = made.expect
            outcomes[name] = decide(found.status, matches, found.error).outcome
            if matches:
                best[name] = matches[0]
    assert outcomes == expected
    (part,) = best["part-of-coast.avi"].segments
    assert part.source_start - part.query_start == pytest.approx(41 / 12, abs=0.25)
    assert best["town-mirrored.mp4"].mirrored
    (fast,) = best["rooms-faster.webm"].segments
    assert (fast.source_start, fast.source_end) == pytest.approx((0, 1.1 * fast.query_end), abs=0.6)
    (altered,) = best["town-altered.mp4"].segments
    assert [at.region.area for at in altered.track] == pytest.approx([0.2] * len(altered.track), abs=0.08)
    assert best["shows-a-picture.mp4"].time == pytest.approx(3, abs=0.5)
    still = best["still-of-coast.jpg"]
    assert still.entry == "clips/coast.mp4"
    assert still.source_time == pytest.approx(5, abs=0.25)
    assert still.altered_region is None
