"""How files were made, in a real browser. Skipped, saying so, where no Chromium is installed."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from safelight.model.decision import Outcome
from safelight.model.scan import ScanRow
from tests.report import told
from tests.report.samples import row
from tests.report.test_browser import Open, browser, listed, opened  # noqa: F401 - fixtures, found by their names
from tests.report.test_html import HOSTILE


def clear(name: str, **other: object) -> ScanRow:
    values: dict[str, object] = {"signals": (), "provenance": None, "hint": None, "path": name}
    return row(len(name), Outcome.CLEAR, **(values | other))


ROWS = [
    clear("signed.png", provenance=told.SIGNED),
    clear("conflict.png", signals=(told.COMFY,), provenance=told.CAPTURE),
    clear("nothing.png"),
    clear("hinted.png", hint=told.LEANS),
    clear("comfy.png", signals=(told.COMFY,)),
]


def test_files_are_chosen_by_how_they_were_made(opened: Open) -> None:  # noqa: F811 - the fixture's value
    page = opened(ROWS)
    tally = page.get_by_role("status")
    expect(tally).to_have_text("5 of 5 files")
    page.get_by_label("How made").select_option("fully_synthetic")
    assert listed(page, "data-made") == ["fully_synthetic"] * 2
    page.get_by_label("Text").fill("comfyui")
    expect(tally).to_have_text("1 of 5 files")
    page.get_by_label("Text").fill("")
    page.get_by_label("How made").select_option("unknown")
    expect(tally).to_have_text("2 of 5 files")


def test_the_order_is_that_of_the_scan_whatever_a_file_tells(opened: Open) -> None:  # noqa: F811 - as above
    page = opened(ROWS)
    shown = page.eval_on_selector_all("tbody.file > tr:first-child > th", "all => all.map(one => one.textContent)")
    assert shown == [one.path for one in ROWS]


def test_badges_are_for_what_is_more_than_a_hint(opened: Open) -> None:  # noqa: F811 - as above
    page = opened(ROWS)
    badges = page.locator("tbody.file .made").all_inner_texts()
    assert badges == ["Fully synthetic\nsigned", "Camera original\nsigned\nconflict", "Fully synthetic\ndeclared"]


@pytest.mark.parametrize("script", [True, False])
def test_both_panels_open_one_in_the_other(opened: Open, script: bool) -> None:  # noqa: F811 - as above
    page = opened(ROWS, script=script)
    file = page.locator("tbody.file").filter(has_text="comfy.png")
    plain = file.get_by_role("heading", name="How do we know?")
    examiner = file.get_by_text("bytes 41 to 2,310")
    expect(plain).to_be_hidden()
    file.locator("summary").first.click()
    expect(plain).to_be_visible()
    expect(file.get_by_text("A prompt of 1,204 characters was found and is kept apart.")).to_be_visible()
    expect(examiner).to_be_hidden()
    file.get_by_text("For the examiner: 1 signal").click()
    expect(examiner).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_and_nothing_runs(opened: Open, width: int) -> None:  # noqa: F811 - as above
    hostile = [clear(f"{number}.png", **told.named(name)) for number, name in enumerate(HOSTILE)]
    page = opened([*ROWS, *hostile], width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("tbody.file svg[onload], tbody.file script, tbody.file img").count() == 0


def test_headings_go_down_by_one(opened: Open) -> None:  # noqa: F811 - as above
    page = opened(ROWS)
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
