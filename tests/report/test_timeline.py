"""The chart of a video: bars in proportion, labels that keep clear of each other, all of it in words as well."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.match import MatchKind
from safelight.model.segment import Segment
from safelight.report.timeline import MAX_LANES, draw, segment_bars, ticks, timeline, track
from tests.report.clips import DURATION, FERRY, FRAME, HARBOUR, STILL, clip_match, region_at, segment

MOMENTS = st.tuples(st.floats(0, 90), st.floats(0.1, 60))
SEGMENTS = st.lists(st.builds(lambda span: segment((span[0], span[0] + span[1]), 5.0), MOMENTS), max_size=12)


def test_each_known_item_has_a_lane() -> None:
    chart = timeline([HARBOUR, FERRY, FRAME], DURATION)
    assert chart is not None
    assert [(lane.name, lane.colour) for lane in chart.lanes] == [
        ("partner-list / harbour at dawn.mp4", "derivative"),
        ("benign-drawings / boats/ferry.webm", "derivative"),
        ("benign-drawings / rose-003.png", "near"),
    ]
    first, second = chart.lanes[0].bars
    assert [first.left, first.width] == pytest.approx([100 * 3 / 92, 100 * 36 / 92])
    assert (first.text, first.said) == ("0:12-0:48", "0:12-0:48 of it at 0:03-0:39")
    assert (second.text, second.said) == ("2:10-2:22", "2:10-2:22 of it at 1:00-1:11, mirrored")
    (moment,) = chart.lanes[2].bars
    assert moment.left == pytest.approx(100 * 82 / 92)
    assert (moment.width, moment.said) == (0.0, "at 1:22")


def test_pictures_and_unmatched_videos_have_no_chart() -> None:
    assert timeline([STILL], None) is None
    assert timeline([], DURATION) is None


def test_benign_and_suppressed_items_have_a_colour_of_their_own() -> None:
    benign = clip_match("logos/intro.mp4", segment((0, 4), 0), negative=True)
    scene = clip_match("a/b", segment((5, 9), 0), kind=MatchKind.SHARED_SCENE)
    chart = timeline([replace(HARBOUR, suppressed_by="logos/intro.mp4"), benign, scene], None)
    assert chart is not None
    assert [lane.colour for lane in chart.lanes] == ["suppressed", "suppressed", "shared_scene"]


def test_lanes_beyond_the_most_are_counted() -> None:
    chart = timeline([clip_match(f"a/{n}", segment((n, n + 2), 0)) for n in range(MAX_LANES + 3)], DURATION)
    assert chart is not None
    assert (len(chart.lanes), chart.left_out) == (MAX_LANES, 3)
    assert "3 more known items are not drawn" in draw(chart)


def test_the_track_is_drawn_and_told() -> None:
    told = track(HARBOUR.segments, DURATION)
    assert told is not None
    assert told.top == "25 %"
    assert told.said == "Share of the frame that was replaced, in 9 frames: from 9.0 % at 1:06 to 24.5 % at 0:17"
    assert [len(points) for points in told.areas] == [8, 1]
    assert list(told.areas[0][0]) == pytest.approx([100 * 5 / 92, 0.8])
    assert track(FERRY.segments, DURATION) is None
    nothing = track([segment((0, 9), 0, track=(region_at(3, 0.0),))], 9.0)
    assert nothing is not None
    assert list(nothing.areas[0][0]) == pytest.approx([100 / 3, 0.0])


@given(SEGMENTS)
def test_bars_lie_on_the_axis_and_labels_keep_clear(segments: list[Segment]) -> None:
    seconds = max([30.0, *(one.query_end for one in segments)])
    bars = segment_bars(segments, seconds)
    assert len(bars) == len(segments)
    assert all(0 <= bar.left <= bar.left + bar.width <= 100.61 for bar in bars)
    labels = [min(bar.left, 75.0) for bar in bars if bar.text]
    assert all(after - before >= 25 for before, after in pairwise(labels))
    assert not bars or bars[0].text


@given(st.floats(0.01, 500_000))
def test_ticks_are_round_few_and_in_order(seconds: float) -> None:
    marks = ticks(seconds)
    assert 1 <= len(marks) <= 6
    assert marks[0].text == "0:00"
    assert [mark.left for mark in marks] == sorted({mark.left for mark in marks})
    assert all(0 <= mark.left <= 100 for mark in marks)


def test_the_drawing_says_in_words_what_it_shows() -> None:
    hostile = clip_match("a/<b>\u202e", segment((1, 5), 9))
    chart = timeline([HARBOUR, FERRY, FRAME, hostile], DURATION)
    assert chart is not None
    drawn = draw(chart, what="a <chart>")
    root = ET.fromstring(str(drawn))
    assert root.attrib["aria-label"] == "a <chart>"
    pictures = [one for one in root.iter("svg") if one.attrib.get("role") == "img"]
    assert len(pictures) == 5  # four lanes and a track
    assert all(picture.attrib["aria-label"] for picture in pictures)
    assert [one.text for one in pictures[0].iter("title")] == [
        "0:12-0:48 of it at 0:03-0:39",
        "2:10-2:22 of it at 1:00-1:11, mirrored",
    ]
    assert "U+202E" in drawn
    assert "style=" not in drawn
    assert not re.search(r"\bon\w+=", drawn)
