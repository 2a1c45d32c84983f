"""A page by axe, in light and dark, wide and narrow; and that nothing of it is cut off at the side."""

from itertools import cycle
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Shape = tuple[int, Literal["dark", "light"]]
SHAPES: tuple[tuple[Shape, Shape], ...] = (((390, "dark"), (1280, "light")), ((390, "light"), (1280, "dark")))
"""Narrow, then wide, so that the page is wide again in the end; the other way for every other page."""
TURNS = cycle(SHAPES)
GRAVE = {"serious", "critical"}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def found_by_axe(page: Page) -> list[tuple[str, int, str, str, str]]:
    """What is serious: path, width, scheme, rule, and the first place."""
    found: list[tuple[str, int, str, str, str]] = []
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.evaluate(Axe().axe_script)
    for width, scheme in next(TURNS):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # else colours are still on their way
        violations = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", RULES)
        found += [
            (page.url, width, scheme, one["id"], one["nodes"][0]["html"])
            for one in violations
            if one["impact"] in GRAVE
        ]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
    return found


def axe_finds_nothing(page: Page) -> None:
    """Assert that nothing serious is found."""
    found = found_by_axe(page)
    assert not found, "\n".join(map(str, found))
