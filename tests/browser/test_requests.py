"""A request of a person depicted in a real browser: taken down, completed, read and erased."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.axe import axe_finds_nothing
from tests.browser.conftest import OpenPage, Seen, Service
from tests.browser.test_console import nothing_odd


def test_a_request_is_taken_down_completed_read_and_erased(service: Service, open_page: OpenPage, seen: Seen) -> None:
    lena = open_page("lena")
    case = f"/cases/{service.closing['case']}"
    lena.goto(case)
    requests = lena.locator("#requests")
    requests.get_by_text("A depicted person asks for removal").click()
    requests.get_by_label("What is to be removed, and where it is").fill("the drawing of a lighthouse")
    requests.get_by_label("Why it was not consented to").fill("nobody asked me")
    requests.get_by_label("How they are reached").fill("ada@example.org")
    came = datetime.now(UTC) - timedelta(hours=2)
    requests.get_by_label("Received, in UTC").fill(f"{came:%Y-%m-%dT%H:%M}")
    requests.get_by_role("button", name="Take it down in writing").click()
    expect(lena.get_by_role("status")).to_contain_text("No clock runs yet: ask the person for this: signature.")
    expect(requests).to_contain_text("Missing: signature")

    requests.get_by_text(re.compile("^Add what was missing")).click()
    requests.get_by_label("Signature", exact=True).first.fill("/s/ Ada Example")
    requests.get_by_role("button", name="Add it").click()
    expect(lena.get_by_role("status")).to_contain_text("The request is valid. It is to be removed by")
    expect(requests).to_contain_text("Due, in UTC: ")
    assert "ada@example.org" not in lena.content()
    axe_finds_nothing(lena)

    requests.get_by_role("link", name=re.compile("^Read or erase request")).click()
    expect(lena.locator("main")).to_contain_text("ada@example.org")
    axe_finds_nothing(lena)
    lena.get_by_role("radio", name="Who asked has withdrawn it").check()
    lena.get_by_role("button", name="Erase").click()
    expect(lena.get_by_role("status")).to_contain_text("Erased.")
    expect(requests).to_contain_text(re.compile(r"erased \d{4}-\d\d-\d\d \d\d:\d\d UTC"))
    nothing_odd(seen)
