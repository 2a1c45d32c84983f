"""The families in a real browser. Skipped, saying so, where no Chromium is installed."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from safelight.report.html import render
from tests.report.kindred import KINDRED, families, labelled
from tests.report.samples import summary
from tests.report.test_browser import browser  # noqa: F401 - a fixture, found by its name

ROWS = labelled(KINDRED)


def opened(browser: Browser, tmp_path: Path, *, width: int = 1280, anchor: str = "", script: bool = True) -> Page:  # noqa: F811 - the fixture's value
    file = tmp_path / "report.html"
    file.write_text("".join(render(summary(ROWS), ROWS, families(ROWS))), encoding="utf-8")
    context = browser.new_context(java_script_enabled=script, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(file.as_uri() + anchor)
    return page


@pytest.mark.parametrize("script", [True, False])
def test_groups_open_and_close(browser: Browser, tmp_path: Path, script: bool) -> None:  # noqa: F811 - as above
    page = opened(browser, tmp_path, script=script)
    kettle, ferry, _ = page.locator("details.family").all()
    expect(kettle.locator("li").first).to_be_visible()
    expect(ferry.locator("li").first).to_be_hidden()
    ferry.locator("summary").click()
    expect(ferry.get_by_text("maps and plans/collage.png")).to_be_visible()
    expect(ferry.get_by_text("See also.")).to_be_visible()
    page.context.close()


def test_a_row_leads_to_its_family_and_opens_it(browser: Browser, tmp_path: Path) -> None:  # noqa: F811 - as above
    page = opened(browser, tmp_path)
    family = page.locator("details.family").nth(1)
    row = page.locator("tbody.file").filter(has_text="edit-1.png")
    row.locator("summary").click()
    row.get_by_role("link", name=ROWS[4].family or "").click()
    expect(family.locator("li").first).to_be_visible()
    page.context.close()
    linked = opened(browser, tmp_path, anchor=f"#family-{ROWS[4].family}")
    expect(linked.locator("details.family").nth(1).locator("li").first).to_be_visible()
    linked.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows(browser: Browser, tmp_path: Path, width: int) -> None:  # noqa: F811 - as above
    page = opened(browser, tmp_path, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.close()
