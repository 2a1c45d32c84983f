"""Every page of the console by axe, in light and dark, wide and narrow; nothing is cut off at the side."""

from itertools import product
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import OpenPage, Seen, Service

PAGES = (
    *("/queue", "/second", "/appeals", "/cases", "/quality", "/log", "/my-day", "/wellness", "/keys"),
    *("/accounts/", "/accounts/2fa/"),
)
WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GRAVE = {"serious", "critical"}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def test_axe_finds_nothing_serious(service: Service, open_page: OpenPage, seen: Seen) -> None:
    page = open_page("otto", reduced_motion="reduce")
    found: list[Any] = []
    axe = Axe().axe_script
    for path in (*PAGES, *(f"/cases/{service.cases[name]}" for name in ("known", "claimed"))):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        claim = page.get_by_role("button", name="Take this case")
        if claim.count():
            claim.click()
        page.wait_for_load_state("networkidle")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate(axe)
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            violations = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", RULES)
            found += [
                (path, width, scheme, one["id"], one["nodes"][0]["html"])
                for one in violations
                if one["impact"] in GRAVE
            ]
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    assert not found, "\n".join(map(str, found))
    assert seen.elsewhere == []
    assert seen.cached == []
