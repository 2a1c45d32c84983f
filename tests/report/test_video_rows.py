"""Rows of videos on the page of a scan: stretches, frames and durations."""

from dataclasses import replace

from safelight.model.clip import Still
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.segment import RegionAt
from safelight.report.html import MAX_SEGMENTS, MAX_STILLS, STEP
from safelight.report.segment_words import segment_line
from tests.report.clips import FERRY, HARBOUR, VIDEOS, clip_match, segment
from tests.report.samples import mosaic
from tests.report.test_html import page


def test_a_video_is_told_with_its_stretches_frames_and_duration() -> None:
    shown = page(list(VIDEOS))
    assert all(shown.texts[segment_line(one)] == 1 for one in (*HARBOUR.segments, *FERRY.segments))
    assert shown.texts["Where in this video"] == 2
    assert shown.texts["1:32"] == 3
    strips = [attrs for tag, attrs in shown.tags if attrs.get("class") == "strip"]
    assert len(strips) == 3
    stills = sum(len(shown_row.strip) for shown_row in VIDEOS)
    mosaics = sum(shown_row.thumbnail is not None for shown_row in VIDEOS)
    assert sum(attrs.get("class") == "mosaic" for _, attrs in shown.tags) == stills + mosaics
    assert shown.texts["0:08"] == 3
    assert "What was altered could not be told." not in shown.texts


def test_long_videos_do_not_swell_the_page() -> None:
    many = clip_match("a/b", *(segment((n, n + 0.5), n) for n in range(MAX_SEGMENTS + 7)))
    strip = tuple(Still(float(n), mosaic(n)) for n in range(MAX_STILLS + 5))
    shown = page([replace(VIDEOS[0], matches=(many,), strip=strip, thumbnail=None)])
    assert shown.texts["and 7 more, in"] == 1
    assert sum(attrs.get("class") == "mosaic" for _, attrs in shown.tags) == MAX_STILLS
    later = [replace(VIDEOS[3], path=f"{number}") for number in range(STEP + 4)]
    assert sum(attrs.get("class") == "strip" for _, attrs in page(later).tags) == STEP


def test_masks_of_frames_are_linked_by_their_second() -> None:
    masked = AlteredRegion(0.2, (0, 0, 9, 9), RegionBasis.TILES, mask="masks/a b.png")
    masks = {5.0: masked.mask, 12.0: "../b.png", 20.0: None}
    track = tuple(RegionAt(time, replace(masked, mask=mask)) for time, mask in masks.items())
    shown = page([replace(VIDEOS[0], matches=(clip_match("a/b", segment((3, 30), 9, track=track)),), strip=())])
    links = [attrs["href"] for tag, attrs in shown.tags if tag == "a" and attrs["href"] != "#files"]
    assert links == ["./masks/a%20b.png"]
    assert shown.texts["0:05"]
    assert "../b.png" in shown.text
