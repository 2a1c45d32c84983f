"""The examiner's page in a real browser. Skipped, saying so, where no Chromium is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from safelight.report.maps import PAGE, render
from tests.browsers import chromium
from tests.report.examined import MADE, maps, signal


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_the_page_is_drawn_and_fits(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    file = tmp_path / PAGE
    file.write_bytes(render(maps(), [signal("word " * 60)], name="n" * 300 + ".jpg", made=MADE)[PAGE])
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("stored, place by place")
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth === 240)")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator(".map").count() == 5
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in background[4:-1].split(",")) < 200) == (scheme == "dark")
    filled = page.locator(".scale rect").first.screenshot()
    assert len(filled) > 200
    assert page.pdf()[:5] == b"%PDF-"
    context.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("data:")} == {file.as_uri()}
