"""Rows of videos in a real browser. Skipped, saying so, where no Chromium is installed."""

import pytest
from playwright.sync_api import expect

from tests.report.clips import VIDEOS
from tests.report.test_browser import Open, browser, opened  # noqa: F401 - fixtures, found by their names


@pytest.mark.parametrize("width", [1280, 390])
def test_the_timeline_is_drawn_to_scale_and_fits(opened: Open, width: int) -> None:  # noqa: F811 - the fixture's value
    page = opened(VIDEOS, width=width)
    row = page.locator("tbody.file").filter(has_text="compilation.mp4")
    row.locator("details > summary").first.click()
    lanes = row.locator(".bars-in-time")
    assert lanes.count() == 3
    ground, first = (
        lanes.first.locator(".track").bounding_box(),
        lanes.first.locator(".o-derivative").first.bounding_box(),
    )
    assert ground is not None
    assert first is not None
    assert (first["x"] - ground["x"]) / ground["width"] == pytest.approx(3 / 92, abs=0.01)
    assert first["width"] / ground["width"] == pytest.approx(36 / 92, abs=0.01)
    labels = [one.bounding_box() for one in row.locator(".timeline text").all()]
    assert len(labels) == 4 + 3 + 1  # the axis, three bars, the track
    for box in labels:
        assert box is not None
        assert ground["x"] - 2 <= box["x"]
        assert box["x"] + box["width"] <= ground["x"] + ground["width"] + 2
    expect(row.locator(".replaced-in-time .area").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_frames_are_off_until_asked_for(opened: Open) -> None:  # noqa: F811 - as above
    page = opened(VIDEOS)
    row = page.locator("tbody.file").filter(has_text="compilation.mp4")
    row.locator("details > summary").first.click()
    strip = row.locator(".strip")
    expect(strip).to_be_hidden()
    page.get_by_role("checkbox", name="Show mosaics").check()
    expect(strip).to_be_visible()
    expect(strip.get_by_text("0:08")).to_be_visible()
    assert "blur" in strip.locator("img").first.evaluate("img => getComputedStyle(img).filter")
