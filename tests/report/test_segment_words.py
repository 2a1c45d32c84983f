import pytest

from safelight.model.match import Match, MatchKind
from safelight.report.evidence import brief, figures
from safelight.report.segment_words import segment_line
from safelight.report.text import variant
from tests.report.clips import FERRY, FRAME, HARBOUR, STILL, WHOLE, clip_match, region_at, segment


def test_a_segment_in_one_line() -> None:
    first, second = HARBOUR.segments
    assert segment_line(first) == (
        "0:12-0:48 of it at 0:03-0:39, 18 of 18 frames agree (whole frames), 24 of 256 bits differ at the median, "
        "up to 24.5 % replaced"
    )
    assert segment_line(second) == (
        "2:10-2:22 of it at 1:00-1:11, mirrored, 6 of 6 frames agree (parts of frames, keypoints), up to 9.0 % replaced"
    )
    assert ", 1.10 times as fast, 7 of 7 frames agree (keypoints)" in segment_line(FERRY.segments[0])
    kept = segment((0, 8), 0, speed=1.019, evidence=(), track=(region_at(4, 0.0),))
    assert segment_line(kept) == (
        "0:00-0:08 of it at 0:00-0:08, 4 of 4 frames agree, 24 of 256 bits differ at the median, "
        "no replaced part was found"
    )


@pytest.mark.parametrize(
    ("match", "line"),
    [
        (
            HARBOUR,
            (
                "derivative, 0:12-0:48 of it at 0:03-0:39, 1 more stretch, 51.1 % of the video, up to 24.5 % replaced, "
                "mirrored in part, chance of a false match 2.0 \u00d7 10⁻⁸"
            ),
        ),
        (
            clip_match("a/b", segment((1, 5), 9, mirrored=True), p_false_match=None, share=None),
            "derivative, 0:09-0:13 of it at 0:01-0:05, mirrored",
        ),
        (FRAME, "near, 8 bits, at 1:22, mirrored left to right, chance of a false match 1.0 \u00d7 10⁻⁹"),
        (STILL, "near, 12 bits, second 0:31 of it, as displayed, chance of a false match 1.0 \u00d7 10⁻⁹"),
    ],
)
def test_a_match_in_one_line(match: Match, line: str) -> None:
    assert brief(match) == line


def test_what_agrees_and_in_which_form() -> None:
    assert figures(HARBOUR) == (
        "24 of 24 frames agree, in 2 stretches",
        "24 of 256 bits differ at the median",
        "51.1 % of the video",
        "40.0 % of the known video",
    )
    assert figures(STILL) == ("12 of 256 bits differ", "with second 0:31 of it")
    assert (variant(WHOLE), variant(FERRY)) == ("as it plays", "1.10 times as fast")
    assert variant(FRAME) == "at 1:22, mirrored left to right"
    assert figures(clip_match("a/b", segment((0, 1), 0), kind=MatchKind.SHARED_SCENE, distance=None, share=None))[
        0
    ] == ("1 of 1 frames agree, in 1 stretch")
