"""Every page of the console by axe, in light and dark, wide and narrow; nothing is cut off at the side."""

from typing import Any

from tests.browser.axe import found_by_axe
from tests.browser.conftest import OpenPage, Seen, Service

PAGES = (
    *("/queue", "/second", "/appeals", "/cases", "/quality", "/log", "/my-day", "/wellness", "/keys"),
    *(
        "/deadlines",
        "/law",
        "/filings",
        "/takedowns",
        "/takedowns/hosts",
        "/transparency",
        "/policy",
        "/policy/write",
    ),
    *("/accounts/", "/accounts/2fa/"),
)


def test_axe_finds_nothing_serious(service: Service, open_page: OpenPage, seen: Seen) -> None:
    page = open_page("otto", reduced_motion="reduce")
    found: list[Any] = []
    cases = (*(service.cases[name] for name in ("known", "claimed")), service.closing["case"])
    places = (service.closing[name] for name in ("place", "fresh", "unclear"))
    for path in (*PAGES, *(f"/cases/{case}" for case in cases), *(f"/takedowns/{place}" for place in places)):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        claim = page.get_by_role("button", name="Take this case")
        if claim.count():
            claim.click()
        page.wait_for_load_state("networkidle")
        found += found_by_axe(page)
    assert not found, "\n".join(map(str, found))
    assert seen.elsewhere == []
    assert seen.cached == []
