"""The page in a real browser. Skipped, saying so, where no Chromium is installed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from safelight.model.decision import Outcome
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow
from safelight.report.html import render
from tests.browsers import chromium
from tests.report.samples import mosaic, row, summary
from tests.rows import derivative_of

ROWS = [row(number, thumbnail=mosaic(number)) for number in range(60)]

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of some rows from disk; at the end it must not have complained or asked for anything."""
    complaints: list[str] = []
    requests: list[str] = []
    file = tmp_path / "report.html"
    contexts = []

    def open_page(rows: Sequence[ScanRow] = ROWS, *, script: bool = True, width: int = 1280) -> Page:
        file.write_text("".join(render(summary(rows), rows)), encoding="utf-8")
        context = browser.new_context(java_script_enabled=script, viewport={"width": width, "height": 900})
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


def listed(page: Page, attribute: str) -> list[str | None]:
    """An attribute of the files that are to be seen, from top to bottom."""
    found: list[str | None] = page.eval_on_selector_all(
        "tbody.file", "(all, name) => all.filter(b => b.offsetHeight).map(b => b.getAttribute(name))", attribute
    )
    return found


def paths(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "tbody.file", "all => all.filter(b => b.offsetHeight).map(b => b.querySelector('th').textContent)"
    )
    return found


def test_headers_sort_by_mouse_and_by_keyboard(opened: Open) -> None:
    page = opened()
    found_first = paths(page)
    assert page.get_attribute("th[data-key=rank]", "aria-sort") == "ascending"
    page.get_by_role("button", name="Path").click()
    assert paths(page) == sorted(r.path for r in ROWS)
    assert page.get_attribute("th[data-key=path]", "aria-sort") == "ascending"
    assert page.get_attribute("th[data-key=rank]", "aria-sort") is None
    page.get_by_role("button", name="Best match").focus()
    page.keyboard.press("Enter")
    distances = listed(page, "data-distance")
    with_match = [int(distance) for distance in distances if distance is not None]
    assert with_match == sorted(with_match)
    assert distances[len(with_match) :] == [None] * (len(ROWS) - len(with_match))
    page.keyboard.press("Enter")
    assert page.get_attribute("th[data-key=distance]", "aria-sort") == "descending"
    assert listed(page, "data-distance")[: len(with_match)] == [str(d) for d in sorted(with_match, reverse=True)]
    page.get_by_role("button", name="Outcome").click()
    assert paths(page) == found_first


def test_filters_by_outcome_status_and_text(opened: Open) -> None:
    page = opened()
    tally = page.get_by_role("status")
    expect(tally).to_have_text("60 of 60 files")
    near = [r for r in ROWS if r.decision.outcome is Outcome.NEAR]
    page.get_by_label("Outcome").select_option("near")
    assert listed(page, "data-outcome") == ["near"] * len(near)
    expect(tally).to_have_text(f"{len(near)} of 60 files")
    page.get_by_label("Outcome").select_option("")
    page.get_by_label("Status").select_option("degraded")
    assert set(listed(page, "data-status")) == {"degraded"}
    page.get_by_label("Status").select_option("")
    page.get_by_label("Text").fill(f" {(near[0].sha256 or '')[:20].upper()}  evidence ")
    expect(tally).to_have_text("1 of 60 files")
    assert paths(page) == [near[0].path]
    page.get_by_label("Text").fill("no such text anywhere")
    expect(page.get_by_text("No file fits these filters.")).to_be_visible()
    assert paths(page) == []


def test_mosaics_are_off_until_asked_for_and_off_again_after(opened: Open) -> None:
    page = opened()
    mosaic_ = page.locator("img.mosaic").first
    switch = page.get_by_role("checkbox", name="Show mosaics")
    expect(switch).not_to_be_checked()
    expect(mosaic_).to_be_hidden()
    switch.check()
    expect(mosaic_).to_be_visible()
    assert "blur" in mosaic_.evaluate("img => getComputedStyle(img).filter")
    assert mosaic_.evaluate("img => img.naturalWidth") == 16
    page.reload()
    expect(switch).not_to_be_checked()
    expect(mosaic_).to_be_hidden()


def test_details_open_by_keyboard_and_all_at_once(opened: Open) -> None:
    page = opened()
    details = page.locator("tbody.file details")
    proof = details.first.get_by_text("Rules evaluated")
    expect(proof).to_be_hidden()
    details.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(proof).to_be_visible()
    everything = page.get_by_role("button", name="All details")
    everything.click()
    assert everything.get_attribute("aria-pressed") == "true"
    assert page.locator("details[open]").count() == len(ROWS)
    everything.click()
    assert page.locator("details[open]").count() == 0


def test_the_altered_region_is_drawn_inside_its_frame(opened: Open) -> None:
    region = AlteredRegion(0.12, (100, 50, 300, 150), RegionBasis.PIXELS, confidence=0.9, mask="masks/a b.png")
    match = derivative_of("b", "e", altered_region=region)
    page = opened([row(1, Outcome.DERIVED, width=400, height=300, matches=(match,)), row(2, Outcome.LEAD)])
    frame, box = page.locator(".outline .frame"), page.locator(".outline .altered")
    expect(box).to_be_hidden()
    page.get_by_role("button", name="All details").click()
    expect(box).to_be_visible()
    outer, inner = frame.bounding_box(), box.bounding_box()
    assert outer is not None
    assert inner is not None
    line = 2  # pixels that the lines' own widths may add
    assert outer["x"] - line < inner["x"] < inner["x"] + inner["width"] < outer["x"] + outer["width"] + line
    assert inner["width"] / outer["width"] == pytest.approx(0.5, abs=0.05)
    assert page.get_by_role("link", name="mask, white where replaced").get_attribute("href") == "./masks/a%20b.png"
    find, lead = page.locator("tbody.file .outcome").all()
    colour = "one => getComputedStyle(one).backgroundColor"
    assert find.evaluate(colour) != lead.evaluate(colour) == "rgba(0, 0, 0, 0)"


def test_long_lists_are_laid_out_in_steps(opened: Open) -> None:
    rows = [row(number, Outcome.CLEAR, path=f"file-{number:04}") for number in range(1100)]
    page = opened(rows)
    expect(page.get_by_role("status")).to_have_text("1,100 of 1,100 files, the first 500 shown")
    assert len(paths(page)) == 500
    page.get_by_role("button", name="Path").click()
    page.get_by_role("button", name="Path").click()
    assert paths(page)[0] == "file-1099"
    page.get_by_role("button", name="Show 500 more").click()
    page.get_by_role("button", name="Show 100 more").click()
    assert len(paths(page)) == 1100
    expect(page.locator("#more")).to_be_hidden()


def test_everything_is_there_without_script_and_on_paper(opened: Open) -> None:
    page = opened([row(number) for number in range(600)], script=False)
    assert page.locator("tbody.file").count() == 600
    expect(page.locator("tbody.file").last).to_be_visible()
    expect(page.locator("#controls")).to_be_hidden()
    printed = opened()
    printed.emulate_media(media="print")
    expect(printed.locator("#controls")).to_be_hidden()
    assert printed.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_names_do_nothing_and_nothing_overflows(opened: Open, width: int) -> None:
    names = ["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "a\u202egpj.exe", "w" * 9000]
    rows = [replace(r, path=name, error=name) for name, r in zip(names, ROWS, strict=False)]
    page = opened(rows, width=width)
    page.get_by_role("button", name="All details").click()
    assert {*names[:2], "aU+202Egpj.exe"} < set(paths(page))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_policy_stops_what_escaping_would_have_missed(browser: Browser, tmp_path: Path) -> None:
    planted = (
        "<script>document.title = 'taken'</script><img src='https://example.invalid/x' onerror='document.title = 1'>"
    )
    source = "".join(render(summary(ROWS), ROWS)).replace("</main>", planted + "</main>")
    file = tmp_path / "report.html"
    file.write_text(source, encoding="utf-8")
    page = browser.new_page()
    complaints: list[str] = []
    sent: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfinished", lambda request: sent.append(request.url))
    page.goto(file.as_uri())
    assert page.title() == "Safelight: report of a scan"
    assert sum("Content Security Policy" in complaint for complaint in complaints) == 3
    assert [url for url in sent if url.startswith("http")] == []
    page.close()
