"""From found to gone in a real browser: a deadline, a report that is sent, a URL, a policy for two people."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser.axe import axe_finds_nothing
from tests.browser.conftest import OpenPage, Seen, Service
from tests.browser.serve import LATER
from tests.browser.test_console import nothing_odd

Shoot = Callable[[Page, str], None]


def test_from_a_deadline_to_a_report_that_is_finished(
    service: Service, open_page: OpenPage, seen: Seen, shoot: Shoot
) -> None:
    lena = open_page("lena")
    lena.goto("/deadlines")
    expect(lena.get_by_role("heading", name="Overdue")).to_be_visible()
    shoot(lena, "deadlines")
    row = lena.get_by_role("row").filter(has_text="Report to NCMEC's CyberTipline")
    row.get_by_role("link", name=re.compile("^Case")).click()

    lena.get_by_text("Record a request, notice or order").click()
    lena.get_by_label("Under which rule").select_option("us/take-it-down")
    lena.get_by_label("From whom, and how it came").fill("request 17, by mail")
    lena.get_by_role("button", name="Record it").click()
    expect(lena.get_by_role("status")).to_contain_text("Noted. Remove within 48 hours of a valid request: due")

    lena.get_by_label("Who takes it").select_option("ncmec")
    lena.get_by_role("button", name="Prepare a report").click()
    expect(lena.locator(".place")).to_contain_text("TEST")
    expect(lena.locator("#files")).to_have_text("1 file")
    assert "by nobody here" in lena.locator(".file").inner_text()
    generative = lena.get_by_role("checkbox", name=re.compile("generativeAi"))
    expect(generative).to_be_disabled()
    expect(generative).to_be_checked()  # for so it was found to be made
    lena.get_by_role("checkbox", name="viral").check()
    first = lena.get_by_role("group", name="Account 1")
    first.get_by_label("Its id, as the service names it").fill("u-4")
    first.get_by_label("IP addresses it used").fill("203.0.113.7, soon")
    lena.get_by_role("button", name="Add another account").click()
    expect(lena.get_by_role("group", name="Account 2")).to_be_visible()
    expect(lena.get_by_role("checkbox", name="viral")).to_be_checked()
    lena.get_by_role("button", name="Keep it all").click()
    lena.get_by_role("alert").get_by_role("link").click()
    expect(first.get_by_label("IP addresses it used")).to_be_focused()
    expect(first.get_by_label("IP addresses it used")).to_have_value("203.0.113.7, soon")
    axe_finds_nothing(lena)
    shoot(lena, "report-form")
    first.get_by_label("IP addresses it used").fill("203.0.113.7, Upload, 2026-01-01 10:00, 51820")
    lena.get_by_role("button", name="Keep, and show the report again").click()
    expect(lena.get_by_role("status")).to_contain_text("Kept.")  # only then the page is the next one
    shown = lena.locator(".document").all_inner_texts()
    assert any("<viral/>" in text for text in shown)
    assert any("<fileViewedByEsp>false</fileViewedByEsp>" in text for text in shown)
    assert any("<dateTime>2026-01-01T10:00:00Z</dateTime>" in text for text in shown)
    axe_finds_nothing(lena)
    lena.get_by_role("checkbox", name="I have read it").check()
    lena.get_by_role("button", name="Send the report").click()
    expect(lena.get_by_role("heading", name="Finished: the receiver has it")).to_be_visible()  # without a reload
    expect(lena.locator(".progress")).to_contain_text("Number there")
    lena.goto(f"/cases/{service.closing['case']}")
    expect(lena.locator("#law")).to_contain_text("NCMEC CyberTipline")
    expect(lena.locator(".history")).to_contain_text("finished a report to NCMEC CyberTipline, number")
    nothing_odd(seen)


def test_a_url_is_worked_on(service: Service, open_page: OpenPage, seen: Seen, shoot: Shoot) -> None:
    sami = open_page("sami")
    sami.goto(f"/takedowns/{service.closing['place']}")
    expect(sami.locator(".timeline")).to_contain_text("It came back: there, altered")
    shoot(sami, "takedown")
    sami.goto(f"/cases/{service.closing['case']}")
    sami.get_by_label("URLs where item").fill("https://cdn.pictures.example/b/77.jpg")
    sami.get_by_role("button", name="Add them").click()
    expect(sami.locator("h1")).to_contain_text("hxxps://cdn[.]pictures[.]example/b/77.jpg")
    expect(sami.get_by_role("button", name="Begin")).to_have_count(0)  # before anybody knows whom to tell
    sami.get_by_role("button", name="Find who can act").click()
    expect(sami.get_by_text("abuse@pictures.example", exact=True)).to_be_visible()
    letter = sami.locator(".letter").inner_text()
    assert "hxxps://cdn[.]pictures[.]example/b/77.jpg" in letter
    assert "https://cdn" not in sami.content()
    sami.get_by_role("checkbox", name="I have read what will be sent").check()
    sami.get_by_role("button", name="Begin").click()
    expect(sami.locator(".timeline")).to_contain_text("The takedown was begun by you")
    for _ in range(40):
        sami.reload()
        if "Notice to the site sent" in sami.locator(".timeline").inner_text():
            break
        sami.wait_for_timeout(250)
    expect(sami.locator(".timeline")).to_contain_text("Notice to the site sent")
    sami.get_by_label("What they say").select_option("acknowledged")
    sami.get_by_label("In short").fill("ticket 12")
    sami.get_by_role("button", name="Record it").click()
    expect(sami.locator(".timeline")).to_contain_text("ticket 12")
    assert sami.locator("main a[href*='example']").count() == 0
    nothing_odd(seen)


def test_a_person_says_that_it_is_gone(service: Service, open_page: OpenPage, seen: Seen) -> None:
    sami = open_page("sami")
    sami.goto(f"/takedowns/{service.closing['unclear']}")
    how = sami.get_by_label("How you know")
    expect(how).to_be_visible()  # open already: only a person can tell
    then = sami.locator("#gone-then")
    expect(then).to_contain_text("the URL is watched")
    expect(how).to_have_accessible_description(then.inner_text())
    axe_finds_nothing(sami)
    how.fill("the page says that it was removed")
    sami.get_by_role("button", name="It is gone").click()
    expect(sami.get_by_role("status")).to_contain_text("It is watched from here on.")
    expect(sami.locator("h1")).to_contain_text("gone")
    expect(sami.locator(".timeline")).to_contain_text("The next look (to come)")
    expect(sami.get_by_role("button", name="It is gone")).to_have_count(0)
    axe_finds_nothing(sami)
    sami.goto(f"/cases/{service.closing['case']}")
    expect(sami.locator(".history")).to_contain_text("the page says that it was removed")
    nothing_odd(seen)


@contextmanager
def an_hour_later(service: Service) -> Iterator[None]:
    """For everybody's second factor, and for as long as this lasts."""
    later = service.home / LATER
    later.touch()
    try:
        yield
    finally:
        later.unlink()


def test_what_was_typed_survives_the_second_factor(service: Service, open_page: OpenPage, seen: Seen) -> None:
    lena = open_page("lena")
    lena.goto(f"/cases/{service.cases['other']}")
    lena.get_by_text("Evidence", exact=True).click()
    said = lena.locator(".evidence .again")
    expect(said).to_have_count(0)
    lena.get_by_label("Order or duty").fill("order 12")
    lena.get_by_role("button", name="Place a hold").click()
    expect(lena.locator(".evidence")).to_contain_text("order 12")
    with an_hour_later(service):
        lena.reload()
        expect(said.first).to_contain_text("You will be asked first to prove again that it is you.")
        axe_finds_nothing(lena)
        reason = 'the order was lifted: "no. 12" <b>& 13</b>'
        lena.get_by_label("Why can it be lifted?").fill(reason)
        lena.get_by_role("button", name="Ask to lift it").click()
        expect(lena.get_by_role("heading", name="Is it still you?")).to_be_visible()
    lena.get_by_label("Code").fill(service.code("lena"))
    lena.get_by_role("button", name="Confirm").click()
    expect(lena.get_by_role("heading", name="Go on: Ask to lift a hold")).to_be_visible()
    expect(lena.get_by_role("row", name="Reason")).to_contain_text(reason)
    axe_finds_nothing(lena)
    lena.locator("main").get_by_role("button").click()
    expect(lena.get_by_role("status")).to_contain_text("Asked. Another person has to agree.")
    expect(lena.locator(".history")).to_contain_text(reason)
    nothing_odd(seen)


def test_a_policy_takes_two_people(service: Service, open_page: OpenPage, seen: Seen) -> None:
    lena = open_page("lena")
    lena.goto("/policy")
    lena.get_by_role("link", name="Propose a new version").click()
    editor = lena.get_by_label("The policy")
    good = editor.input_value()
    editor.fill(good.replace('outcome == "known"', 'outcom == "known"', 1))
    lena.get_by_role("button", name="Check it").click()
    expect(lena.locator("mark")).to_have_text("outcom")
    expect(lena.locator(".flaws")).to_contain_text("Hint")
    axe_finds_nothing(lena)
    editor.fill(good.replace('why = "the very bytes of a known item"', 'why = "known bytes"', 1))
    lena.get_by_role("button", name="Try it on past cases").click()
    expect(lena.get_by_role("heading", name=re.compile("Tried on"))).to_be_visible()
    lena.get_by_label("What changes, and why").fill("shorter words")
    lena.get_by_role("button", name="Propose it").click()
    expect(lena.get_by_role("status")).to_contain_text("Another person has to agree")
    expect(lena.get_by_role("button", name="Agree")).to_have_count(0)
    path = lena.url

    otto = open_page("otto", color_scheme="dark")
    otto.goto(path)
    expect(otto.locator(".diff ins")).to_contain_text("known bytes")
    axe_finds_nothing(otto)
    otto.get_by_role("button", name="Agree: it is in force").click()
    expect(otto.get_by_role("status")).to_contain_text("It is used from now on.")
    otto.goto("/policy")
    expect(otto.locator("#current")).to_contain_text("In force: version 1")
    nothing_odd(seen)


def test_the_board_by_keyboard_alone(service: Service, open_page: OpenPage, seen: Seen) -> None:
    page = open_page("otto")
    page.goto("/deadlines?kind=remove")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "[document.activeElement.textContent.trim() || document.activeElement.name, "
            "getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert outline != "none", name
        reached.append(name)
        if name == f"Case {service.closing['case'][-8:]}":
            break
    assert {"Go to the content", "Deadlines", "Law packs", "Show"} <= set(reached)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    expect(page.locator("#law")).to_be_visible()
    nothing_odd(seen)
