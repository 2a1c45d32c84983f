"""The page of a comparison in a real browser. Skipped, saying so, where no Chromium is installed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from safelight.model.comparison import Blur, Compared, Comparison
from safelight.report.compare_html import render
from tests.browsers import chromium
from tests.report.comparisons import ORIGINAL, SUSPECT, derivative, frames, of_videos, pictures

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a comparison from disk; it must not complain nor ask for anything."""
    complaints: list[str] = []
    requests: list[str] = []
    file = tmp_path / "report.html"
    contexts = []

    def open_page(comparison: Comparison, *, shown: Compared | None = None, width: int = 1280) -> Page:
        file.write_text(render(comparison, shown or pictures()), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("data:")} == {file.as_uri()}


def test_pictures_stand_side_by_side_with_their_outlines(opened: Open) -> None:
    page = opened(derivative(Blur.OUTSIDE))
    expect(page.get_by_role("heading", level=1)).to_contain_text("derives from the original")
    drawings = page.locator(".drawing > svg")
    assert drawings.count() == 3
    boxes = [drawings.nth(number).bounding_box() for number in range(3)]
    suspect, original = boxes[0], boxes[1]
    assert suspect is not None
    assert original is not None
    assert suspect["y"] == original["y"]
    assert suspect["x"] + suspect["width"] < original["x"]
    assert (suspect["width"], suspect["height"]) == (original["width"], original["height"])
    for number in range(3):
        outlines = drawings.nth(number).locator("path[stroke='#c2410c']")
        assert outlines.count() == 1
        expect(outlines).to_be_visible()


def test_the_picture_data_is_drawn(opened: Open) -> None:
    """A policy that forbade it, or a broken picture, would leave the place blank."""
    page = opened(derivative(Blur.NONE))
    shots = [page.locator(".drawing").nth(number).screenshot() for number in range(3)]
    assert len(set(shots)) == 3
    assert all(len(shot) > 20_000 for shot in shots[:2])


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_names_do_nothing_and_nothing_overflows(opened: Open, width: int) -> None:
    names = ["<img src=x onerror=alert(1)>", "</style><script>alert(1)</script>" + "w" * 900]
    suspect, original = (
        replace(f, name=name, notes=(name,)) for f, name in zip((SUSPECT, ORIGINAL), names, strict=True)
    )
    page = opened(derivative(suspect=suspect, original=original), width=width)
    expect(page.get_by_text(names[0], exact=True).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_frames_of_videos_stand_side_by_side_under_their_chart(opened: Open, width: int) -> None:
    page = opened(of_videos(), shown=frames(), width=width)
    bars = page.locator(".bars-in-time").first
    ground, first = bars.locator(".track").bounding_box(), bars.locator(".o-near").first.bounding_box()
    assert ground is not None
    assert first is not None
    assert first["width"] / ground["width"] == pytest.approx(36 / 92, abs=0.01)
    one, other, differs = (drawing.bounding_box() for drawing in page.locator(".drawing > svg").all()[:3])
    assert one is not None
    assert other is not None
    assert differs is not None
    assert (one["y"] == other["y"] == differs["y"]) == (width > 1000)
    assert one["width"] == pytest.approx(other["width"], abs=1)
    for label in (box for text in page.locator(".timeline text").all() if (box := text.bounding_box())):
        assert ground["x"] - 2 <= label["x"]
        assert label["x"] + label["width"] <= ground["x"] + ground["width"] + 2
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_it_prints(opened: Open) -> None:
    page = opened(derivative())
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="What cannot be concluded")).to_be_visible()
    assert page.pdf()[:5] == b"%PDF-"
